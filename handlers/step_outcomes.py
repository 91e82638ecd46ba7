"""How each step of a case stands, in a line: nothing is called done before it is."""

from handlers.case_wording import STEPS, counted, mailbox
from handlers.step_failures import changed, is_ours, what_to_do, why
from handlers.step_words import MAILED_LATER
from handlers.wording import safe, when
from services.cases.model import Case
from services.cases.steps import Step, StepKind, StepState

_MARKS = {
    StepState.WAITING: "⏸",
    StepState.HELD: "⏸",
    StepState.QUEUED: "⏳",
    StepState.RUNNING: "⏳",
    StepState.DONE: "✅",
    StepState.FAILED: "❌",
    StepState.UNKNOWN: "❓",
    StepState.SKIPPED: "\u2013",
}
"""Each goes with its words: a mark alone says too little."""

_RAN = frozenset({StepState.DONE, StepState.UNKNOWN})

_FREEZING = frozenset({StepKind.FREEZE, StepKind.UNFREEZE})

_SHORT = {
    StepState.WAITING: "waits for another approver",
    StepState.HELD: "waits until the mail address is confirmed",
    StepState.QUEUED: "about to begin",
    StepState.RUNNING: "running; how it ends isn't known yet",
    StepState.DONE: "done",
    StepState.FAILED: "not done",
    StepState.UNKNOWN: "unknown whether it was done",
    StepState.SKIPPED: "left out",
}


def line(case: Case, step: Step) -> str:
    """Describe a step with all that is known of how it stands."""
    return f"{_MARKS[step.state]} *{title(step)}:* {_state(case, step)}"


def short_line(step: Step) -> str:
    """Describe a step in a few words, where there is no room for more."""
    return f"{_MARKS[step.state]} {in_short(step)}"


def in_short(step: Step) -> str:
    """Say in a few words how a step stands."""
    partly = step.state is StepState.FAILED and (step.taken_over or (step.count or 0) > 0)
    return f"{title(step)}: {'not all of it done' if partly else _SHORT[step.state]}"


def title(step: Step) -> str:
    """Name a step at the beginning of a line."""
    return STEPS[step.kind][0].upper() + STEPS[step.kind][1:]


def _state(case: Case, step: Step) -> str:
    match step.state:
        case StepState.HELD:
            changed_since = (
                " It isn't the address that was there when the card was written."
                if step.code == "address_changed"
                else ""
            )
            return (
                f"waits until an approver has confirmed {mailbox(case)} by phone or in person. "
                f"Salesforce mails the link there, and an attacker may read it.{changed_since}"
            )
        case StepState.RUNNING:
            since = f" since {when(step.intent_at)}" if step.intent_at else ""
            return f"running{since}; how it ends isn't known yet."
        case StepState.DONE:
            return _done(case, step)
        case StepState.FAILED:
            ended = "not all of it done" if step.count or step.taken_over else "not done"
            unread = step.count is not None and step.left is None
            return _joined(f"{ended}, as far as I know" if unread else ended, why(step), step)
        case StepState.UNKNOWN:
            return f"{_unknown(step)} {_evidence(case, step)}".strip()
        case _:
            return f"{_SHORT[step.state]}."


def _joined(ended: str, because: str, step: Step) -> str:
    first = f"{ended}: {because}." if because else f"{ended}."
    return " ".join(part for part in (first, changed(step), what_to_do(step)) if part)


def _unknown(step: Step) -> str:
    because = why(step)
    if because and not is_ours(step):
        return f"unknown whether it was done. The request left, then: {because}."
    return f"unknown whether it was done{f': {because}' if because else ''}."


def _evidence(case: Case, step: Step) -> str:
    """Say what speaks for and against an effect that nobody saw."""
    truth, asked = case.truth, step.intent_at
    later = truth is not None and (asked is None or truth.at >= asked)
    if step.kind.resets_password and truth is not None and later and asked is not None:
        changed_at = truth.last_password_change
        if changed_at is not None and changed_at >= asked:
            return (
                "*For it:* Salesforce shows a password change "
                f"{when(changed_at, 'date_time')}, after the request."
            )
        if changed_at is not None:
            return (
                f"*Against it:* the last password change that Salesforce shows is from "
                f"{when(changed_at, 'date_time')}, before the request. It may come late."
            )
    if step.kind in _FREEZING and truth is not None and later and truth.is_frozen is not None:
        shown = "frozen" if truth.is_frozen else "not frozen"
        for_it = truth.is_frozen is (step.kind is StepKind.FREEZE)
        side, late = ("For it", "") if for_it else ("Against it", " It may come late.")
        read = when(truth.at, "date_time")
        return f"*{side}:* Salesforce shows the user {shown}, read {read}.{late}"
    if step.proof == "unreadable":
        return "*For or against it:* nothing. I couldn't read back."
    if step.proof == "not_seen":
        left = "may have left" if step.code == "interrupted" else "did leave"
        return (
            "*Against it:* I looked in Salesforce right afterwards and saw no sign of it. "
            f"*For it:* the request {left}, and signs may come late."
        )
    if step.proof in {"read_back", "audit_trail"}:
        return "*For it:* Salesforce shows it."
    return "I haven't found out more."


def _done(case: Case, step: Step) -> str:
    match step.kind:
        case StepKind.EVIDENCE:
            return _kept(step)
        case StepKind.FREEZE:
            if any(one.kind is StepKind.UNFREEZE and one.state in _RAN for one in case.steps):
                return f"the user was frozen{_since(step)}. What became of that is said below."
            return _seen(step, "the user is frozen: Salesforce refuses new logins")
        case StepKind.UNFREEZE:
            return _seen(step, "the user is no longer frozen and can log in again")
        case StepKind.SESSIONS:
            return _gone(step, "session", "sessions", "ended")
        case StepKind.GRANTS:
            return _gone(step, "OAuth grant", "OAuth grants", "revoked")
        case StepKind.PASSWORD | StepKind.RENEW_PASSWORD:
            return (
                f"the old ones no longer work{_since(step)}. Salesforce mails a link for a new "
                f"password to {mailbox(case)}. {MAILED_LATER}"
            )
        case StepKind.CHECK:
            lacking = f" Some of it not: I lack *{safe(step.needs, 100)}*." if step.needs else ""
            return f"done{_since(step)}. What it shows is below.{lacking}"


def _kept(step: Step) -> str:
    rows = f": {counted(step.count, 'row', 'rows')}" if step.count is not None else ""
    if step.code == "partly":
        lacking = f" I lack *{safe(step.needs, 100)}*." if step.needs else ""
        return f"kept in part{rows}; the rest couldn't be read.{lacking}"
    return f"kept{rows}."


def _seen(step: Step, what: str) -> str:
    if step.proof == "unreadable":
        return f"Salesforce took the request. I couldn't read back whether {what}."
    if step.proof in {"read_back", "audit_trail"}:
        return f"{what}. Read back{_since(step)}."
    return f"Salesforce took the request{_since(step)}: {what}."


def _gone(step: Step, one: str, many: str, verb: str) -> str:
    if step.taken_over:
        ended = f"{verb}; how many I can't say, as I was stopped in the middle of it"
    elif step.count == 0:
        ended = "there was none that I could see"
    elif step.count is None:
        ended = verb
    else:
        ended = f"{counted(step.count, one, many)} {verb}"
    if step.left is None:
        return f"{ended}. How many are left couldn't be read."
    return f"{ended}. Read back: {'none left' if step.left == 0 else f'{step.left:,} left'}."


def _since(step: Step) -> str:
    at = step.intent_at if step.kind.resets_password else step.ended_at
    if at is None:
        return ""
    return f" since {when(at, 'date_time')}" if step.kind.resets_password else f" at {when(at)}"
