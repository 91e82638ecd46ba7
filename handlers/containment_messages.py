"""The thread below a card while its steps go on: one message, edited as each of them ends."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.after_containment import closed, next_steps, told_owner, told_person
from handlers.blocks import actions, button, confirmation, context, message, section, sections
from handlers.case_wording import STEPS, is_planned, place, suspect, user, who, who_and_when
from handlers.fitting import first_that_fits
from handlers.message import Message
from handlers.step_outcomes import line, short_line
from handlers.true_now import true_now
from handlers.wording import quoted
from services.cases import policy
from services.cases.model import Case, Decision
from services.cases.states import ENDED
from services.cases.steps import OVER, Step, StepKind, StepState

__all__ = ["closed", "next_steps", "progress", "told_owner", "told_person"]

_MOST_DECISIONS = 5

_MOST_BUTTONS = 10


class _Detail(NamedTuple):
    words: int
    """Characters of each approver's note."""
    steps: int
    """Steps that are described, the last ones; the others are named in a few words."""


_LEVELS = (_Detail(600, 20), _Detail(200, 20), _Detail(60, 8), _Detail(60, 4), _Detail(60, 0))

_MOST_STEPS = 40
"""Steps that are shown at all, the last ones: each *Unfreeze* may add two."""

_CONFIRMS = {
    StepKind.FREEZE: "I freeze the user again. Salesforce then refuses new logins.",
    StepKind.SESSIONS: "I end the sessions that are open now.",
    StepKind.GRANTS: "I revoke the OAuth grants that are there now.",
    StepKind.UNFREEZE: "I unfreeze the user. Whoever has the password can then log in.",
}

_RESET_AGAIN = (
    "If the first one took effect, the person gets a second link, and the first may no longer work."
)

_ONLY_READS = "I only read; nothing changes."


def progress(case: Case) -> Message:
    """Show each step and how it stands."""
    return first_that_fits(lambda detail: _progress(case, detail), _LEVELS)


def _progress(case: Case, detail: _Detail) -> Message:
    what = "Planned reset" if is_planned(case) else "Containment"
    about = user(case) if is_planned(case) else f"{suspect(case)} in {place(case)}"
    settled = policy.is_settled(case)
    return message(
        f"{what} of {about}: {_tally(case.steps)}.",
        section(f"*{what}* of {about}", f"{_bar(case.steps)} {_tally(case.steps)}"),
        *sections(_decisions(case, detail.words)),
        *_lines(case, detail.steps),
        *(sections(true_now(case)) if settled and case.steps else []),
        *_evidence(case),
    )


def _bar(steps: Sequence[Step]) -> str:
    """Show how many have ended, well or not."""
    counting = [one for one in steps if one.state is not StepState.SKIPPED]
    ended = sum(one.state in OVER for one in counting)
    return f"{'▰' * ended}{'▱' * (len(counting) - ended)}"


def _tally(steps: Sequence[Step]) -> str:
    """Count them: a bar that is full mustn't pass for one that is well."""
    states = Counter(one.state for one in steps)
    counting = states.total() - states[StepState.SKIPPED]
    ended = states[StepState.DONE] + states[StepState.FAILED] + states[StepState.UNKNOWN]
    paused = states[StepState.HELD] + states[StepState.WAITING]
    beside = [
        f"{number} {words}"
        for number, words in (
            (states[StepState.FAILED], "not done"),
            (states[StepState.UNKNOWN], "unknown"),
            (paused, "waiting for somebody"),
        )
        if number
    ]
    return ", ".join([f"{ended} of {counting} steps have ended", *beside])


def _decisions(case: Case, words: int) -> list[str]:
    lines = []
    for one in case.approvals[-_MOST_DECISIONS:]:
        by = f"*Emergency override* by {who_and_when(one)}" if one.override else ""
        lines.append(f"{by or f'Approved by {who_and_when(one)}'}{_note(one, words)}")
    if case.denial is not None:
        lines.append(f"The rest denied by {who_and_when(case.denial)}{_note(case.denial, words)}")
    if case.address_confirmed is not None:
        confirmed = case.address_confirmed
        lines.append(f"Address confirmed by {who(confirmed)}{_note(confirmed, words)}")
    if case.unfrozen is not None:
        lines.append(f"*Unfreeze…* pressed by {who_and_when(case.unfrozen)}")
    return lines


def _note(decision: Decision, words: int) -> str:
    return f": {quoted(decision.note, words)}" if decision.note else ""


def _lines(case: Case, most: int) -> list[Block]:
    """List the steps, the last `most` in full, each button below the step that it is about."""
    described = case.steps[len(case.steps) - min(most, len(case.steps)) :]
    held = next((one for one in case.steps if one.state is StepState.HELD), None)
    retries = [one for one in case.steps if policy.refuse_retry(case, one.id) is None]
    blocks: list[Block] = []
    lines: list[str] = []
    for step in case.steps[-_MOST_STEPS:]:
        lines.append(line(case, step) if step in described else short_line(step))
        pressed = None
        if step in retries[-_MOST_BUTTONS:]:
            pressed = _try_again(step)
        elif step is held and case.state not in ENDED:
            pressed = button("Confirm the address…", "breach.address", case.id)
        if pressed is not None:
            blocks += [*sections(lines), actions(pressed)]
            lines = []
    return [*blocks, *sections(lines)]


def _try_again(step: Step) -> ButtonElement:
    text = _CONFIRMS.get(step.kind, _RESET_AGAIN if step.kind.resets_password else _ONLY_READS)
    return button(
        f"Try again: {STEPS[step.kind]}",
        "breach.retry",
        step.id,
        confirm=confirmation("Try this step again?", text, yes="Try again", no="Go back"),
    )


def _evidence(case: Case) -> list[Block]:
    kept = [context("The evidence is for approvers only.")] if case.evidence_kept else []
    shown = [actions(button("Show evidence", "breach.evidence", case.id))] if kept else []
    return [*shown, *kept]
