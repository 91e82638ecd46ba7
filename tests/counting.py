"""Counts that tests make of what they tried, added up and printed at the end of a run.

A figure that a document states stands in the run's own output, whatever the number of processes.
"""

from collections import Counter
from collections.abc import Callable

import pytest

Count = Callable[[str, int], None]
"""Adds to a figure of the run: what was counted, in the words to print, and how many."""

PREFIX = "counted: "


@pytest.fixture
def count(record_property: Callable[[str, object], None]) -> Count:
    """Count what a test or its fixtures tried. A failed test's counts aren't printed."""

    def add(what: str, number: int) -> None:
        record_property(f"{PREFIX}{what}", number)

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each figure, summed over all tests that passed."""
    figures: Counter[str] = Counter()
    passed = {one.nodeid for one in terminalreporter.getreports("passed") if one.when == "call"}
    # A passed teardown is told with an empty word; by then all has been counted.
    for report in terminalreporter.getreports(""):
        if report.when != "teardown" or report.nodeid not in passed:
            continue
        for name, value in report.user_properties:
            if name.startswith(PREFIX) and isinstance(value, int):
                figures[name.removeprefix(PREFIX)] += value
    if figures:
        terminalreporter.section("What was tried")
    for what, number in sorted(figures.items()):
        terminalreporter.write_line(f"{number:>9,}  {what}")
