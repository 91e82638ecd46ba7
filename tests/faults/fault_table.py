"""The tables of docs/faults.md: made from what was seen, and read back to compare.

`python -m tests.faults.fault_table` makes them anew, in some ten minutes.
"""

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from bot import logs
from tests.faults.fault_flows import FLOWS
from tests.faults.fault_kinds import SALESFORCE, of_slack
from tests.faults.fault_rows import Call, Row, clean, made_impatient, play_all, stages

GUIDE = Path(__file__).resolve().parents[2] / "docs/faults.md"
BEGIN = (
    "<!-- Made by `python -m tests.faults.fault_table`: what is below isn't written by hand. -->"
)
HEAD = (
    "| Call | Fault | What people saw of it | True | Done at Salesforce |",
    "|---|---|---|---|---|",
)
EVERY = "every one"

Key = tuple[str, str, str]
"""The flow, the call as the table names it, and the fault."""

Result = tuple[str, str]
"""What people saw of it, and what was done at Salesforce."""


def label(call: Call) -> str:
    """Name a call in a table."""
    name, _, place = call.name.partition(" ")
    place = f" {place}" if place else ""
    nth = f", number {call.nth}" if call.nth > 1 else ""
    return f"{call.service} `{name}`{place}{nth}"


def key(call: Call, fault: str) -> Key:
    return call.flow, label(call), fault


def rendered(rows: Sequence[Row]) -> str:
    """Make the tables: rows of one call that came to the same are one line."""
    lines: list[str] = []
    for flow in FLOWS:
        lines += ["", f"## {flow.name}", "", *HEAD]
        mine = [row for row in rows if row.call.flow == flow.name]
        for call in dict.fromkeys(row.call for row in mine):
            faults: defaultdict[Result, list[str]] = defaultdict(list)
            for row in mine:
                if row.call == call:
                    faults[row.saw, row.effects].append(row.fault)
            for (saw, effects), names in faults.items():
                cells = (label(call), _joined(names, call), saw, "yes", effects)
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _joined(names: list[str], call: Call) -> str:
    return EVERY if names == _all_faults(label(call)) else "; ".join(names)


def _all_faults(named: str) -> list[str]:
    service, _, method = named.partition(" ")
    return list(SALESFORCE if service == "Salesforce" else of_slack(method.strip("`")))


def read(text: str) -> dict[Key, Result]:
    """Read the tables back."""
    found: dict[Key, Result] = {}
    flow = ""
    for line in text.partition(BEGIN)[2].splitlines():
        if line.startswith("## "):
            flow = line.removeprefix("## ")
        if not line.startswith("| ") or line == HEAD[0]:
            continue
        named, faults, saw, truth, effects = line.strip("| ").split(" | ")
        assert truth == "yes"
        for fault in _all_faults(named) if faults == EVERY else faults.split("; "):
            assert (flow, named, fault) not in found, "one line for each"
            found[flow, named, fault] = saw, effects
    return found


def results(rows: Iterable[Row]) -> dict[Key, Result]:
    return {key(row.call, row.fault): (row.saw, row.effects) for row in rows}


async def _made() -> str:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        made_impatient(patch)
        async with stages(Path(folder)) as on:
            whole = [await clean(flow, on) for flow in FLOWS]
            pairs = [pair for one in whole for pair in one.pairs()]
            return rendered(await play_all(whole, pairs, on))


if __name__ == "__main__":
    logs.configure("CRITICAL", "json")
    tables = asyncio.run(_made())
    written = GUIDE.read_text(encoding="utf-8").partition(BEGIN)[0]
    GUIDE.write_text(f"{written}{BEGIN}\n{tables}", encoding="utf-8")
