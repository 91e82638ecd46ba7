"""What the forms in which IT decides have in common."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from handlers.blocks import modal, section
from handlers.form_fields import many_field
from handlers.step_words import BOXES
from services.cases.model import Case
from services.cases.steps import StepKind

MOST_NOTE = 1000
"""Characters of a note or a reason."""

EVIDENCE_FIRST = "I keep evidence first, whatever you choose."

NEVER = "Never write a token or a password."


def step_boxes(label: str, kinds: Sequence[StepKind], *, optional: bool = False) -> Block:
    """Ask which steps, all of them on at first."""
    options = [(BOXES[kind], kind.value) for kind in kinds if kind in BOXES]
    return many_field(label, "steps", options, initial=[*kinds], optional=optional)


def card_id(case: Case) -> str:
    """Name the card that a form decides on."""
    return case.card.id if case.card else ""


def nothing_to_do(title: str) -> dict[str, object]:
    """Say that there is no choice to make."""
    return modal(title, [section("There is nothing here that can be done.")], close="Close")
