"""The tables of docs/impact.md."""

import re
from pathlib import Path

TEXT = (Path(__file__).resolve().parents[3] / "docs/impact.md").read_text(encoding="utf-8")


def table(*, below: str) -> list[list[str]]:
    """The cells of the first table below a heading, its head left out."""
    rows: list[list[str]] = []
    for line in TEXT.partition(f"\n{below}\n")[2].splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def codes(cell: str) -> list[str]:
    """The values in a cell, in the order written."""
    return re.findall(r"`([^`]+)`", cell)


def code(cell: str) -> str:
    (only,) = codes(cell)
    return only
