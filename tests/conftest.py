"""What tests share: one torch thread a worker, and an order in which the longest come first.

Tests of one file stay on one worker, as they share fixtures; those in `ALONE` are long and share none. How long each
took lies in `durations.json`; `COURSE_DURATIONS=1 make test` writes it anew.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

DURATIONS = Path(__file__).with_name("durations.json")
ALONE = ("tests/labs/", "tests/autograder/audit/test_audit.py", "tests/models/test_zoo.py")
LEAST = 2.0  # seconds; what is shorter is not worth a line


def _group(nodeid: str) -> str:
    return nodeid if nodeid.startswith(ALONE) else nodeid.split("::")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest groups first; within a group the order of the file."""
    seconds = json.loads(DURATIONS.read_text(encoding="utf-8")) if DURATIONS.exists() else {}
    items.sort(key=lambda item: (-seconds.get(_group(item.nodeid), 0), _group(item.nodeid)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Hand groups to workers; xdist's own marks of groups say nothing to pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Groups(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return Groups(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the groups' durations when asked to."""
    if "COURSE_DURATIONS" not in os.environ:
        return
    spent: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                spent[_group(report.nodeid)] += report.duration
    table = {group: round(seconds, 1) for group, seconds in spent.most_common() if seconds >= LEAST}
    DURATIONS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
