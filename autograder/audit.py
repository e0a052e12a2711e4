"""The tests of the tests: every wrong answer must fail where it should, every right one pass, mutants die.

Answers run in worker processes under a time limit, so that a mutant that loops for ever counts as killed and not as
a hung audit.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field

from autograder.answers import answers_of
from autograder.checking import Result
from autograder.labs import Lab, find_lab
from autograder.mutation import mutants
from autograder.scoring import checks_of, score

STUDENTS = ("", "ada", "bela", "chen", "dina")  # inputs differ from student to student; no answer may slip by on luck
NEEDED = 0.95  # share of an exercise's mechanical mutants that its checks must kill
_namespaces: dict[str, dict] = {}


@dataclass
class Row:
    """What the audit found for one exercise."""

    exercise: str
    wrong: int = 0
    wrong_caught: int = 0
    right: int = 0
    right_passed: int = 0
    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether the exercise's checks do all that they must."""
        return not self.faults and self.killed >= NEEDED * self.mutants


def audit(lab: Lab, *, workers: int = 2, report: Callable[[], None] | None = None) -> list[Row]:
    """Audit one lab.

    Args:
        lab: the lab.
        workers: processes that run answers.
        report: called once for every exercise that is done.

    Returns:
        A row per exercise.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(lab.short,)) as pool:
        rows = []
        for name in lab.exercises:
            rows.append(_audit_exercise(lab, name, pool))
            if report:
                report()
    return rows


def _audit_exercise(lab: Lab, name: str, pool: ProcessPoolExecutor) -> Row:
    exercise, row, started = lab.exercises[name], Row(name), time.perf_counter()
    wrong, right, equivalent = ([a for a in answers if a.exercise == name] for answers in answers_of(lab.short))
    solution = pool.submit(_try, lab.short, name, exercise.source, 120.0, True).result()
    limit = 5 + 10 * solution.seconds
    slips = mutants(exercise.source)

    def trials(source: str, *, visible: bool) -> list[Future]:
        return [pool.submit(_try, lab.short, name, source, 12 * limit, visible, student) for student in STUDENTS]

    wrong_trials = [trials(answer.code(exercise), visible=False) for answer in wrong]
    right_trials = [trials(answer.source, visible=True) for answer in right]
    slip_trials = [pool.submit(_try, lab.short, name, slip.source, limit, False) for slip in slips]
    row.faults += [f"the solution fails {r.name}: {r.says}" for r in solution.results if not r.passed]
    row.faults += _shape_faults(lab, name, len(wrong), len(right))
    row.wrong, row.wrong_caught = _count(wrong, wrong_trials, _wrong_fault, row)
    row.right, row.right_passed = _count(right, right_trials, _right_fault, row)
    _count_slips(row, slips, slip_trials, equivalent)
    row.seconds = time.perf_counter() - started
    return row


def _shape_faults(lab: Lab, name: str, wrong: int, right: int) -> list[str]:
    worth, promised = sum(check.points for check in checks_of(lab.short, name)), lab.exercises[name].points
    faults = [f"its properties are worth {worth:g} points, its check cell says {promised}"] if worth != promised else []
    faults += [f"{right} right answers beside the solution, wanted two or more"] if right < 2 else []
    return faults + (["no wrong answer is named"] if not wrong else [])


def _count(answers: list, trials: list[list[Future]], fault_of: Callable, row: Row) -> tuple[int, int]:
    """How many answers there are, and how many do as they should for every student; the first fault is noted."""
    sound = 0
    for answer, jobs in zip(answers, trials, strict=True):
        faults = [fault for fault in (fault_of(answer, job.result().results) for job in jobs) if fault]
        sound += not faults
        row.faults += faults[:1]
    return len(answers), sound


def _right_fault(answer, results: list[Result]) -> str:
    failed = next((r for r in results if not r.passed), None)
    return f"right answer {answer.idea!r} fails {failed.name}: {failed.says}" if failed else ""


def _wrong_fault(answer, results: list[Result]) -> str:
    hit = next((r for r in results if r.name == answer.fails), None)
    if hit is None:
        return f"wrong answer {answer.slip!r}: there is no property {answer.fails}"
    if hit.passed:
        caught = ", ".join(r.name for r in results if not r.passed) or "nothing"
        return f"wrong answer {answer.slip!r} passes {answer.fails} (caught by: {caught})"
    if answer.says not in hit.says:
        return f"wrong answer {answer.slip!r}: the student reads {hit.says!r}, wanted words {answer.says!r}"
    return ""


def _count_slips(row: Row, slips: list, jobs: list, equivalent: list) -> None:
    used = set()
    for slip, job in zip(slips, jobs, strict=True):
        survived = all(result.passed for result in job.result().results)
        excuse = next((e for e in equivalent if e.change in slip.change), None)
        if survived and excuse:
            row.equivalent += 1
            used.add(excuse)
            continue
        row.mutants += 1
        row.killed += not survived
        row.survivors += [slip.change] if survived else []
    row.faults += [f"equivalent mutant {e.change!r} is killed or gone: drop it" for e in equivalent if e not in used]


@dataclass(frozen=True)
class Trial:
    """What an answer's properties said, and how long they took."""

    results: list[Result]
    seconds: float


class _TooLongError(BaseException):
    pass


def _start(short: str) -> None:
    """Prepare a worker: one thread, and the lab's imports and solutions in a namespace."""
    import matplotlib
    import torch

    matplotlib.use("Agg")
    torch.set_num_threads(1)
    lab = find_lab(short)
    space: dict = {"__name__": "lab"}
    exec(compile(lab.setup, f"{short} setup", "exec"), space)
    for exercise in lab.exercises.values():
        exec(compile(exercise.source, f"{short} {exercise.name}", "exec"), space)
    _namespaces[short] = space


def _try(short: str, name: str, source: str, limit: float, visible: bool, student: str = "") -> Trial:
    """Run one answer's checks with a student's inputs; with `visible`, the visible check too, worth no points."""
    started = time.perf_counter()
    space = dict(_namespaces[short])
    results = [Result("it_ends_in_time", 0, "It did not end in time.")]
    try:
        with _Limit(limit):
            try:
                exec(compile(source, "answer", "exec"), space)
            except Exception as error:
                return Trial([Result(c.__name__, c.points, f"{error}") for c in checks_of(short, name)], 0.0)
            results = list(score(short, name, space.get(name), student=student).results)
            if visible:
                results.append(_visible(find_lab(short).exercises[name].check, space))
    except _TooLongError:
        pass
    return Trial(results, time.perf_counter() - started)


def _visible(check: str, space: dict) -> Result:
    try:
        exec(compile(check, "visible check", "exec"), space)
    except Exception as error:
        return Result("visible_check", 0, f"{type(error).__name__}: {error}")
    return Result("visible_check", 0)


class _Limit:
    """A time limit on a block; does nothing where the system has no interval timer (Windows)."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def __enter__(self):
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._ring)
            signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *error):
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)

    @staticmethod
    def _ring(*_):
        raise _TooLongError
