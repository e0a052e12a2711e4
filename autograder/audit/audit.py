"""The tests of the tests: every wrong answer must fail where it should, every right one pass, mutants die, nobody
misbehaves unseen.

Answers run in worker processes under a time limit, so that a mutant that loops for ever counts as killed and not as
a hung audit. All labs share one pool.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from autograder.audit.answers import Answers, Wrong, answers_of
from autograder.audit.misbehaviors import MISBEHAVIORS
from autograder.audit.mutation import Mutant, mutants
from autograder.audit.trials import Job, Trial, run, start
from autograder.authoring.master import Exercise, Lab
from autograder.checking.score import checks_of

STUDENTS = ("", "ada", "bela", "chen", "dina")  # inputs differ from student to student; no answer may slip by on luck
NEEDED = 0.95  # share of an exercise's mechanical mutants that its checks must kill


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
    misbehaviors: dict[str, str] = field(default_factory=dict)  # name -> "caught", "allowed" or "missed"
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        """How many misbehaviors were "caught", "allowed" or "missed"."""
        return list(self.misbehaviors.values()).count(verdict)

    @property
    def sound(self) -> bool:
        """Whether the exercise's checks do all that they must."""
        return not self.faults and self.killed >= NEEDED * self.mutants


@contextmanager
def workers(count: int = 2) -> Iterator[Executor]:
    """Processes that run answers, for as many labs as one likes."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=start) as pool:
        yield pool


def audit(labs: list[Lab], pool: Executor, *, report: Callable[[], None] | None = None) -> dict[str, list[Row]]:
    """Audit labs.

    Args:
        labs: which.
        pool: of `workers`.
        report: called once for every exercise that is done.

    Returns:
        By short name of the lab, a row per exercise.
    """
    found = [_Audit(lab, exercise, pool) for lab in labs for exercise in lab.exercises.values()]
    for one in found:
        one.submit()
    rows: dict[str, list[Row]] = {lab.short: [] for lab in labs}
    for one in found:
        rows[one.lab.short].append(one.row())
        if report:
            report()
    return rows


class _Audit:
    """The audit of one exercise: the solution first, whose time sets the others' limit and whose calls say what
    applies to it."""

    def __init__(self, lab: Lab, exercise: Exercise, pool: Executor):
        self.lab, self.exercise, self.pool = lab, exercise, pool
        self.answers: Answers = answers_of(lab.short).to(exercise.name)
        self.slips: list[Mutant] = mutants(exercise.source)
        self.solution = self._run(exercise.source, record=True)

    def _run(self, source: str, **options: object) -> Future:
        return self.pool.submit(run, Job(self.lab.short, self.exercise.name, source, **options))

    def submit(self) -> None:
        """Send off everything that depends on how the solution did."""
        self.trial: Trial = self.solution.result()
        limit, answers, everyone = 5 + 10 * self.trial.seconds, self.answers, STUDENTS
        self.plain = self._run(self.exercise.source, visible=True)
        self.wrong = [
            [self._run(a.code(self.exercise), limit=12 * limit, only=_asked(a), student=who) for who in everyone]
            for a in answers.wrong
        ]
        self.right = [
            [self._run(a.source, limit=12 * limit, visible=True, student=who) for who in everyone]
            for a in answers.right
        ]
        self.mutated = [self._run(slip.source, limit=limit, until_it_fails=True) for slip in self.slips]
        applying = [m.name for m in MISBEHAVIORS if m.applies(self.trial.seen)]
        self.misbehaved = {
            name: [
                self._run(self.exercise.source, limit=12 * limit, until_it_fails=True, misbehavior=name, student=who)
                for who in everyone[:2]
            ]
            for name in applying
        }

    def row(self) -> Row:
        """Wait for all trials and say what they found."""
        row = Row(self.exercise.name, seconds=self.trial.seconds)
        for trial in (self.trial, self.plain.result()):
            row.faults += [f"the solution fails {r.name}: {r.says}" for r in trial.failed]
        row.faults += self._shape_faults()
        row.wrong, row.wrong_caught = self._count(self.answers.wrong, self.wrong, self._wrong_fault, row)
        row.right, row.right_passed = self._count(self.answers.right, self.right, _right_fault, row)
        self._count_slips(row)
        self._count_misbehaviors(row)
        return row

    def _shape_faults(self) -> list[str]:
        worth = sum(check.points for check in checks_of(self.lab.short, self.exercise.name))
        promised, right, faults = self.exercise.points, len(self.answers.right), []
        if worth != promised:
            faults.append(f"its properties are worth {worth:g} points, its check cell says {promised}")
        if right < 2:
            faults.append(f"{right} right answers beside the solution, wanted two or more")
        return faults + ([] if self.answers.wrong else ["no wrong answer is named"])

    @staticmethod
    def _count(answers: list, trials: list[list[Future]], fault_of: Callable, row: Row) -> tuple[int, int]:
        """How many answers there are, and how many do as they should for every student; the first fault is noted."""
        sound = 0
        for answer, jobs in zip(answers, trials, strict=True):
            faults = [fault for fault in (fault_of(answer, job.result()) for job in jobs) if fault]
            sound += not faults
            row.faults += faults[:1]
        return len(answers), sound

    def _wrong_fault(self, answer: Wrong, trial: Trial) -> str:
        hit = next((r for r in trial.results if r.name == answer.fails), None)
        if hit is None:
            if trial.failed:
                return f"wrong answer {answer.slip!r}: {trial.failed[0].says}"
            return f"wrong answer {answer.slip!r}: there is no property {answer.fails}"
        if hit.passed:
            caught = ", ".join(r.name for r in self._run(answer.code(self.exercise)).result().failed) or "nothing"
            return f"wrong answer {answer.slip!r} passes {answer.fails} (caught by: {caught})"
        if answer.says not in hit.says:
            return f"wrong answer {answer.slip!r}: the student reads {hit.says!r}, wanted words {answer.says!r}"
        others = [r.name for r in trial.failed if r is not hit]
        return f"wrong answer {answer.slip!r} fails {', '.join(others)} too" if answer.alone and others else ""

    def _count_slips(self, row: Row) -> None:
        used = set()
        for slip, job in zip(self.slips, self.mutated, strict=True):
            failed = [result.name for result in job.result().failed]
            excuse = next((e for e in self.answers.equivalent if e.change in slip.change), None)
            if not failed and excuse:
                row.equivalent += 1
                used.add(excuse)
                continue
            row.mutants += 1
            row.killed += bool(failed)
            row.survivors += [] if failed else [slip.change]
            row.faults += _only_visible(f"mutant {slip.change!r}", failed)
        unused = [e for e in self.answers.equivalent if e not in used]
        row.faults += [f"equivalent mutant {e.change!r} is killed or gone: drop it" for e in unused]

    def _count_misbehaviors(self, row: Row) -> None:
        allowed = {a.misbehavior: a for a in self.answers.allowed}
        for name, jobs in self.misbehaved.items():
            fault = next(filter(None, (_misbehavior_fault(name, job.result()) for job in jobs)), "")
            excused = bool(fault) and allowed.pop(name, None) is not None
            row.misbehaviors[name] = "allowed" if excused else "missed" if fault else "caught"
            row.faults += [fault] if fault and not excused else []
        row.faults += [f"misbehavior {name!r} is caught or does not apply: drop it from ALLOWED" for name in allowed]


def _asked(answer: Wrong) -> str:
    """The property that a wrong answer is held against; "" for all."""
    return "" if answer.alone else answer.fails


def _right_fault(answer: object, trial: Trial) -> str:
    failed = next(iter(trial.failed), None)
    return f"right answer {answer.idea!r} fails {failed.name}: {failed.says}" if failed else ""


def _misbehavior_fault(name: str, trial: Trial) -> str:
    if not trial.fired:
        return f"misbehavior {name!r} never fired: no check draws an input that would show it"
    return next(iter(_only_visible(f"misbehavior {name!r}", [r.name for r in trial.failed])), "") or (
        "" if trial.failed else f"misbehavior {name!r} gets full points"
    )


def _only_visible(what: str, failed: list[str]) -> list[str]:
    if failed != ["visible_check"]:
        return []
    return [f"{what} fails the visible check and gets full points: assert the same in a hidden property"]
