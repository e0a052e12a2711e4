"""Run a notebook in a clean kernel, whatever its cells do."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Callable
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

from course.page.cells import SKIP, is_run

START = 900  # seconds that a kernel may take to start, and a hidden check to be read, on however slow a disk
IMPORTS = 900  # seconds that the first cell may run
DIED, ENDED = "The kernel died while this cell ran.", "This cell ends the kernel: take exit() or quit() out of it."


class NotRunError(RuntimeError):
    """Nothing was learned of the answers: the kernel did not start, or the lab's own imports did not end well."""


def run(
    nb: NotebookNode, folder: Path, *, timeout: int, prepare: str = "", tick: Callable[[], None] = lambda: None
) -> None:
    """Run every code cell in place; one that kills the kernel or never ends is marked and left out.

    Args:
        nb: its first code cell is the lab's imports.
        folder: where it runs.
        timeout: seconds that a cell may run, from its own start; the imports have a generous limit of their own.
        prepare: code that runs before the first cell, and whose time counts for nobody.
        tick: called as each code cell starts for the first time.

    Raises:
        NotRunError: the kernel did not start, or the first cell failed: run it again, or look at the installation.
        KeyboardInterrupt: Ctrl-C; the kernel is gone by then.
    """
    course = _Run(nb, folder, timeout, prepare, tick)
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:  # zmq wants a selector, Windows has another
        while not runner.run(course.once()):
            pass


class _Run:
    def __init__(self, nb: NotebookNode, folder: Path, timeout: int, prepare: str, tick: Callable[[], None]):
        self.nb, self.folder, self.timeout, self.prepare, self.tick = nb, folder, timeout, prepare, tick
        self.imports = next((cell for cell in nb.cells if cell.cell_type == "code"), None)
        self.started = -1

    async def once(self) -> bool:
        """Run all cells in a new kernel; False when one had to be left out, and the others are to run again."""
        self.client = NotebookClient(
            self.nb,
            timeout_func=self._limit,
            startup_timeout=START,
            allow_errors=True,
            shutdown_kernel="immediate",
            store_widget_state=False,  # a page that held it would ask another host for the widgets' scripts
            kernel_name="python3",
            resources={"metadata": {"path": str(self.folder)}},
            on_cell_executed=self._note,
        )
        self.kernel, self.ends = self.client.create_kernel_manager(), False
        try:
            await self._start()
            for index, cell in enumerate(self.nb.cells):
                if is_run(cell) and not await self._run(cell, index):
                    return False
            return True
        finally:
            await self._stop()

    def _limit(self, cell: NotebookNode) -> int:
        return IMPORTS if cell is self.imports else self.timeout

    async def _start(self) -> None:
        try:  # what a kernel says when it is stopped half-way is of use to nobody
            await self.client.async_start_new_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            await self.client.async_start_new_kernel_client()
        except Exception as error:
            raise NotRunError(f"The kernel did not start: {error or type(error).__name__}") from error
        if self.prepare:
            reply = await self.client.kc.execute_interactive(
                self.prepare, store_history=False, allow_stdin=False, timeout=START, output_hook=lambda message: None
            )
            if reply["content"]["status"] != "ok":
                raise NotRunError(f"The checks cannot be loaded: {reply['content'].get('evalue', 'no reason given')}")

    async def _run(self, cell: NotebookNode, index: int) -> bool:
        """Run one cell; False when it took the kernel with it."""
        if index > self.started:
            self.started = index
            self.tick()
        try:
            await self.client.async_execute_cell(cell, index)
        except (DeadKernelError, CellTimeoutError) as error:
            if asyncio.current_task().cancelling():  # nbclient takes Ctrl-C for a kernel that died
                raise asyncio.CancelledError from None
            late = f"This cell ran for more than {self._limit(cell)} s."
            return self._leave_out(cell, type(error).__name__, DIED if isinstance(error, DeadKernelError) else late)
        if self.ends:  # the kernel goes on for a moment, so that which cell meets its end is a matter of luck
            return self._leave_out(cell, "DeadKernelError", ENDED)
        if cell is self.imports:
            self._must_have_worked(cell)
        return True

    def _note(self, execute_reply: dict, **_: object) -> None:
        """Whether a cell's reply asks for the kernel's end, as `exit()` does."""
        self.ends = any(part.get("source") == "ask_exit" for part in execute_reply["content"].get("payload", []))

    def _leave_out(self, cell: NotebookNode, name: str, says: str) -> bool:
        if cell is self.imports:
            raise NotRunError(f"The lab's imports did not end well: {says}")
        cell.outputs = [new_output("error", ename=name, evalue=says, traceback=[says])]
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), SKIP]
        return False

    @staticmethod
    def _must_have_worked(cell: NotebookNode) -> None:
        for output in cell.outputs:
            if output.output_type == "error":
                raise NotRunError(f"The lab's imports fail: {output.ename}: {output.evalue}")

    async def _stop(self) -> None:
        with contextlib.suppress(Exception):
            if self.client.kc is not None:
                self.client.kc.stop_channels()
            if self.kernel.has_kernel:
                await self.kernel.shutdown_kernel(now=True)
