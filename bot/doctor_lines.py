"""What a check found: one line, with a mark and, for a fault, what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from rich.text import Text


class Mark(StrEnum):
    """How a check ended, as the sign that is printed."""

    OK = "✓"
    FAULT = "✗"
    NOT_CHECKED = "–"  # noqa: RUF001 - a dash, as a list of checks has it
    """It couldn't be told, or it is worth knowing and no fault."""


_STYLES = {Mark.OK: "green", Mark.FAULT: "bold red", Mark.NOT_CHECKED: "yellow"}


@dataclass(frozen=True, slots=True)
class Line:
    """One check: what was looked at, what was found, and the remedy of a fault."""

    mark: Mark
    subject: str
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (f"{self.subject}: {self.found}", self.remedy) if part)

    def rendered(self) -> Text:
        """As the terminal shows it."""
        return Text.assemble((self.mark.value, _STYLES[self.mark]), " ", str(self))


def ok(subject: str, found: str) -> Line:
    """All is well."""
    return Line(Mark.OK, subject, found)


def fault(subject: str, found: str, remedy: str) -> Line:
    """Something must be mended before the bot can be relied on."""
    return Line(Mark.FAULT, subject, found, remedy)


def not_checked(subject: str, found: str, remedy: str = "") -> Line:
    """It couldn't be told, or it is no fault but should be known."""
    return Line(Mark.NOT_CHECKED, subject, found, remedy)
