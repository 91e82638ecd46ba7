"""Puts what was found into docs/benchmarks.md, between marks, and its plots beside it."""

import re
from pathlib import Path

from bench.plots import drawn
from bench.report import Report

DOCS = Path(__file__).resolve().parents[1] / "docs"
GUIDE = "benchmarks.md"
PLOTS = "plots"


def marks(name: str) -> tuple[str, str]:
    """Give the comments between which a benchmark's tables stand."""
    return f"<!-- {name}: written by make bench -->", f"<!-- {name}: end -->"


def write(name: str, reports: list[Report], machine: str, docs: Path = DOCS) -> None:
    """Replace a benchmark's tables and what the machine was worth then, and draw its plots.

    ValueError: the guide has no place for them.
    """
    (docs / PLOTS).mkdir(exist_ok=True)
    for plot in (plot for report in reports for plot in report.plots):
        (docs / PLOTS / f"{plot.name}.svg").write_text(drawn(plot), encoding="utf-8")
    guide = docs / GUIDE
    begin, end = marks(name)
    tables = "\n\n".join(report.as_markdown() for report in reports)
    text, count = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}",
        lambda _: f"{begin}\n\n{tables}\n\n{machine}.\n\n{end}",
        guide.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    if count != 1:
        raise ValueError(f"{GUIDE} has no place for {name}: {begin} … {end}")
    guide.write_text(text, encoding="utf-8")
