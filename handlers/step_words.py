"""What each step of a containment does, and what it can't: before anybody approves it."""

from handlers.case_wording import counted, is_planned, mailbox
from services.cases import policy
from services.cases.model import Case, Target
from services.cases.steps import StepKind, StepState

FREEZE_FIRST = (
    "Leave *Freeze* on unless you are sure: without it an attacker can log in again between the "
    "steps."
)

NOT_CONTAINMENT = (
    "*A reset of the token alone is not containment:* OAuth grants survive it, and open sessions "
    "may too. An attacker may hold one of those."
)

MAILED_LATER = "The new token is mailed only after a new password was set."

SSO = (
    "They log in by single sign-on alone, as far as I can see: a reset may not apply. Disable them "
    "at your identity provider."
)

_KEEP = (
    "*Keep evidence*, for approvers: sessions, OAuth grants, the logins of 90 days and the user "
    "record, as they are before anything changes."
)

BOXES = {
    StepKind.FREEZE: "Freeze the user. No new logins; what is open may go on.",
    StepKind.SESSIONS: "End open sessions. Whoever has a password or grant can return.",
    StepKind.GRANTS: "Revoke OAuth grants. Apps need a new approval; passwords still work.",
    StepKind.PASSWORD: "Reset password and token. Both die; SSO and OAuth grants go on.",
}
"""Labels of checkboxes: one line, at most 75 characters."""


def steps_in_words(case: Case) -> list[str]:
    """Say what approving does, in order, numbered. Empty where nothing can be done."""
    kinds = to_be_approved(case)
    if not kinds or case.target is None:
        return []
    evidence = [] if is_planned(case) or case.has_begun else [_KEEP]
    steps = [
        *evidence,
        *(_step(kind, case, case.target) for kind in kinds),
        "*Read back* what is true then, and say so in the thread.",
        _telling(case),
    ]
    return [f"{number}. {step}" for number, step in enumerate(steps, 1)]


def to_be_approved(case: Case) -> list[StepKind]:
    """List the steps that an approval now is about: what was begun by an override isn't."""
    waiting = {one.kind for one in case.steps if one.state is StepState.WAITING}
    return [one for one in policy.steps_for(case) if not case.has_begun or one in waiting]


def _step(kind: StepKind, case: Case, target: Target) -> str:
    match kind:
        case StepKind.FREEZE:
            return (
                "*Freeze the user:* Salesforce refuses new logins. That isn't known to end open "
                "sessions or OAuth grants."
            )
        case StepKind.SESSIONS:
            return (
                f"*End open sessions*{_count(target.sessions)}: whoever uses one has to log in "
                "again, programs too."
            )
        case StepKind.GRANTS:
            return (
                f"*Revoke OAuth grants*{_count(target.grants)}: whatever logs in with one stops "
                "until the app is approved again."
            )
        case _:
            return (
                "*Reset password and token:* both stop working at once. Salesforce mails a link "
                f"for a new password to {mailbox(case)}. {MAILED_LATER}{_doubts(case, target)}"
            )


def _count(number: int | None) -> str:
    return "" if number is None else f" ({counted(number, 'was', 'were')} there)"


def _doubts(case: Case, target: Target) -> str:
    waits = (
        " *This waits* until an approver has confirmed that address."
        if policy.must_confirm_address(case)
        else ""
    )
    return f"{waits} {SSO}" if target.is_sso else waits


def _telling(case: Case) -> str:
    if is_planned(case):
        return "*Tell the owner* in a direct message where the new token has to go."
    if case.slack_suspected:
        return "*Put into the thread* the text for the person, for you to tell them by phone."
    if case.suspect is None:
        return "*Put into the thread* the text for the person, who isn't in Slack that I know of."
    return "*Tell the person* in a direct message what happened and what to do."
