"""Run one answer against an exercise's checks, in a worker process and under a time limit."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from functools import cache

from autograder.audit.calls import Log, Seen, misbehaving, recording
from autograder.audit.misbehaviors import MISBEHAVIORS
from autograder.authoring.master import find_lab
from autograder.checking.draws import seeded
from autograder.checking.outside import FromOutside, Side
from autograder.checking.score import Result, checks_of, run_check, score
from autograder.checking.watching import Watch


@dataclass(frozen=True)
class Job:
    """One answer to try.

    source: as a student would hand it in. student: whose inputs. limit: seconds. only: the property to ask, "" for
    all. until_it_fails: stop at the first property that fails, and ask the visible check where none does.
    visible: the visible check too. misbehavior: the way in which the answer misbehaves, "" for none.
    """

    lab: str
    exercise: str
    source: str
    student: str = ""
    limit: float = 120.0
    only: str = ""
    until_it_fails: bool = False
    visible: bool = False
    misbehavior: str = ""
    record: bool = False


@dataclass(frozen=True)
class Trial:
    """What an answer's properties said, the time taken, whether its misbehavior fired, what its calls were like."""

    results: list[Result]
    seconds: float = 0.0
    fired: bool = False
    seen: Seen = field(default_factory=Seen)

    @property
    def failed(self) -> list[Result]:
        """The properties that do not hold."""
        return [result for result in self.results if not result.passed]


class _TooLongError(BaseException):
    pass


def start() -> None:
    """Prepare a worker: one thread, no window."""
    import matplotlib
    import torch

    matplotlib.use("Agg")
    torch.set_num_threads(1)


_lab = cache(find_lab)


@cache
def _namespace(short: str) -> dict:
    """A lab's imports, set-up cells and solutions."""
    lab = _lab(short)
    space: dict = {"__name__": "lab"}
    exec(compile(lab.setup, f"{short} setup", "exec"), space)
    for exercise in lab.exercises.values():
        exec(compile(exercise.source, f"{short} {exercise.name}", "exec"), space)
    return space


def run(job: Job) -> Trial:
    """Try one answer."""
    started, space, log = time.perf_counter(), dict(_namespace(job.lab)), Log()
    results = [Result("it_ends_in_time", 0, "It did not end in time.")]
    try:
        with _Limit(job.limit):
            results = _results(job, space, log)
    except _TooLongError:
        pass
    return Trial(results, time.perf_counter() - started, log.fired, log.seen)


def _results(job: Job, space: dict, log: Log) -> list[Result]:
    checks = checks_of(job.lab, job.exercise)
    try:
        exec(compile(job.source, "answer", "exec"), space)
    except Exception as error:
        return [Result(check.__name__, check.points, f"{error}") for check in checks]
    answer = space.get(job.exercise)
    if job.record:
        answer = recording(answer, log)
    if job.misbehavior:
        answer = misbehaving(answer, next(m.run for m in MISBEHAVIORS if m.name == job.misbehavior), log)
        space[job.exercise] = answer
    exercise = _lab(job.lab).exercises[job.exercise]
    if not (job.until_it_fails or job.only):
        forbid = "" if job.record else " ".join(exercise.forbid)
        results = list(score(job.lab, job.exercise, answer, student=job.student, forbid=forbid).results)
    else:
        results = _one_by_one(job, checks, answer)
    if job.visible or (job.until_it_fails and all(result.passed for result in results)):
        results.append(_visible(exercise.check, space))
    return results


def _one_by_one(job: Job, checks: list, answer: object) -> list[Result]:
    """The one property that is asked for; or one after the other, those shared by all exercises first, to a fault."""
    outside, results = FromOutside(answer, Side(guard=Watch())), []
    shared = sorted(checks, key=lambda check: not check.shared)
    for check in shared if job.until_it_fails else [c for c in checks if c.__name__ == job.only]:
        results.append(run_check(check, outside, seeded(job.student, job.lab, check.__name__)))
        if job.until_it_fails and not results[-1].passed:
            break
    return results


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
