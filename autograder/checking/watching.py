"""Which operators and modules really run while a student's code does, whatever it calls them.

Reading the text of an answer (`course.page.forbidden`) gives the friendly sentence; this is for certain. Three things
are watched: torch's operators, where every way of spelling a convolution ends (a dispatch mode); torch's functions that
are made of other operators (a function mode); and functions of forbidden modules that the student's code calls (the
interpreter's profiling hook). What remains for the text alone are numpy's functions that are written in C.
"""

from __future__ import annotations

import importlib
import re
import sys
import sysconfig
from pathlib import Path
from types import CodeType, FrameType, ModuleType

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

USUAL = {"F": "torch.nn.functional", "nn": "torch.nn", "np": "numpy", "tvF": "torchvision.transforms.v2.functional"}

# A name's last part, without underscores, capitals and dimensions -> beginnings of the operators that do its work.
OPERATORS = {
    "conv": ("convolution", "mkldnn_convolution"),
    "convtranspose": ("transposed convolution", "convolution_backward"),
    "maxpool": ("max_pool", "mkldnn_max_pool"),
    "adaptivemaxpool": ("adaptive_max_pool",),
    "maxunpool": ("max_unpool",),
    "unfold": ("unfold", "im2col"),
    "fold": ("col2im",),
    "asstrided": ("as_strided",),
    "interpolate": ("upsample", "_upsample"),
    "upsample": ("upsample", "_upsample"),
    "gridsample": ("grid_sampler",),
    "pixelshuffle": ("pixel_shuffle",),
    "logsoftmax": ("_log_softmax",),
    "logsumexp": ("logsumexp", "logcumsumexp", "_logcumsumexp"),
    "crossentropy": ("nll_loss", "cross_entropy_loss"),
    "crossentropyloss": ("nll_loss", "cross_entropy_loss"),
    "nllloss": ("nll_loss",),
    "sinc": ("sinc",),
}
_LIBRARIES = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
_OURS = tuple(str(Path(__file__).resolve().parents[2] / room) for room in ("course", "autograder"))


class Watch:
    """Stands around the calls of a student's code, as a `with` block, and notes what ran that may not.

    Args:
        forbid: names as in a master: `F.conv2d`, `.unfold`, `course.ops`, or one of the lab's own functions.
    """

    def __init__(self, forbid: str = ""):
        self.names = forbid.split()
        self.used: list[str] = []
        self._operators = {start: name for name in self.names for start in OPERATORS.get(_family(name), ())}
        self._functions = {id(function): name for name in self.names for function in _functions(name)}
        self._modules = {_expand(name): name for name in self.names if not name.startswith(".")}
        self._codes: dict[CodeType, str | None] = {c: name for name in self.names for c in _codes(_expand(name))}
        self._depth, self._open = 0, []

    def note(self, name: str) -> None:
        """Write a forbidden name down, once."""
        if name not in self.used:
            self.used.append(name)

    def __enter__(self) -> Watch:
        self._depth += 1
        if self.names and self._depth == 1:
            self._profile, self._open = sys.getprofile(), [_Operators(self), _Functions(self)]
            for mode in self._open:
                mode.__enter__()
            sys.setprofile(self._on_call)
        return self

    def __exit__(self, *error) -> None:
        self._depth -= 1
        if self._open and not self._depth:
            sys.setprofile(self._profile)
            while self._open:
                self._open.pop().__exit__(*error)

    def _on_call(self, frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_back is not None and _is_a_students(frame.f_back.f_code):
            code = frame.f_code
            if code not in self._codes:
                self._codes[code] = self._forbidden(frame.f_globals.get("__name__", ""), code.co_qualname)
            if self._codes[code]:
                self.note(self._codes[code])
        elif event == "c_call" and _is_a_students(frame.f_code):
            module = getattr(argument, "__module__", None)
            name = module and self._forbidden(module, getattr(argument, "__qualname__", ""))
            if name:
                self.note(name)

    def _forbidden(self, module: str, name: str) -> str | None:
        """The entry that forbids a function of this module, if any; a lab's own functions go by their bare name."""
        if module.startswith("torch.autograd.grad_mode"):
            return None  # torch.no_grad() computes nothing
        if name.endswith(".__call__"):
            return None  # an object that the lab hands over, such as a kernel; who makes one is seen making it
        full = f"{module}.{name}"
        for forbidden, entry in self._modules.items():
            if full == forbidden or full.startswith(forbidden + ".") or (name == entry and "." not in entry):
                return entry
        return None

    def operator(self, name: str) -> None:
        """An operator ran."""
        for start, entry in self._operators.items():
            if name.startswith(start):
                self.note(entry)

    def function(self, function: object) -> None:
        """One of torch's functions was called."""
        if id(function) in self._functions:
            self.note(self._functions[id(function)])


class _Operators(TorchDispatchMode):
    def __init__(self, watch: Watch):
        super().__init__()
        self.watch = watch

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name.split("::")[-1]
        transposed = name == "convolution" and args[6]
        self.watch.operator(f"transposed {name}" if transposed else name)
        return func(*args, **(kwargs or {}))


class _Functions(TorchFunctionMode):
    def __init__(self, watch: Watch):
        super().__init__()
        self.watch = watch

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.watch.function(func)
        return func(*args, **(kwargs or {}))


def _is_a_students(code: CodeType) -> bool:
    return not code.co_filename.startswith((*_LIBRARIES, *_OURS, "<frozen"))


def _family(name: str) -> str:
    last = name.split(".")[-1].replace("_", "").lower()
    return re.sub(r"\d?d$", "", last) if re.search(r"\dd$", last) else last


def _expand(name: str) -> str:
    head, _, rest = name.partition(".")
    return USUAL.get(head, head) + (f".{rest}" if rest else "")


def _codes(name: str) -> list[CodeType]:
    """The Python code behind a function, or behind all functions that a module offers, where it is imported already."""
    head, _, last = name.rpartition(".")
    found = sys.modules.get(name) or getattr(sys.modules.get(head), last, None)
    offered = [found]
    if isinstance(found, ModuleType):  # what it merely imports from elsewhere is not its own
        offered = [thing for thing in vars(found).values() if str(getattr(thing, "__module__", "")).startswith(name)]
    written = [getattr(getattr(thing, "__wrapped__", thing), "__code__", None) for thing in offered if callable(thing)]
    return [code for code in written if code is not None]


def _functions(name: str) -> list[object]:
    """The function objects that a name stands for in torch; nothing for a module and for other libraries."""
    if name.startswith("."):
        return [found for found in [getattr(torch.Tensor, name[1:], None)] if callable(found)]
    module, _, last = _expand(name).rpartition(".")
    if module.split(".")[0] != "torch":
        return []
    found = getattr(importlib.import_module(module), last, None)
    return [found] if callable(found) and not isinstance(found, ModuleType | type) else []
