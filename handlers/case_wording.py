"""How a case is named in a sentence: whose account, where, who decided, where Salesforce mails."""

from collections.abc import Iterable
from enum import StrEnum

from handlers.wording import code, org_label, person, plain, plain_ends, plain_org, safe, when
from services.cases.model import Case, CaseKind, Decision, Urgency
from services.cases.steps import StepKind

ALL_ZERO = "0" * 32
"""The value of a button that belongs to no case."""

RUNBOOK = "`docs/breach.md`"

URGENCIES = {
    Urgency.CRITICAL: "critical",
    Urgency.HIGH: "high urgency",
    Urgency.MEDIUM: "medium urgency",
    Urgency.LOW: "low urgency",
}

STEPS = {
    StepKind.EVIDENCE: "keep evidence",
    StepKind.FREEZE: "freeze the user",
    StepKind.SESSIONS: "end open sessions",
    StepKind.GRANTS: "revoke OAuth grants",
    StepKind.PASSWORD: "reset password and token",
    StepKind.UNFREEZE: "unfreeze the user",
    StepKind.RENEW_PASSWORD: "reset password and token once more",
    StepKind.CHECK: "read back what is true",
}


class Told(StrEnum):
    """How the person is told what happened, or why not in Slack."""

    BY_DM = "by_dm"
    SLACK_SUSPECTED = "slack_suspected"
    """Their Slack account may be in other hands too."""
    NOT_IN_SLACK = "not_in_slack"
    DM_REFUSED = "dm_refused"
    """Slack didn't take the direct message."""
    NOTHING_DONE = "nothing_done"
    """None of the steps took effect, so there is nothing to tell."""


def is_planned(case: Case) -> bool:
    """Whether nobody is suspected: the account's password and token are due."""
    return case.kind is CaseKind.PLANNED


def title(case: Case) -> str:
    """Say what it is at the beginning of a message: "Suspected breach, critical"."""
    return "Planned reset" if is_planned(case) else f"Suspected breach, {URGENCIES[case.urgency]}"


def title_in_sentence(case: Case) -> str:
    """Do the same inside a sentence."""
    return f"{title(case)[0].lower()}{title(case)[1:]}"


def place(case: Case) -> str:
    """Say where: "Production", or "Salesforce" while the org isn't known."""
    name = _org(case)
    return org_label(name) if name else "Salesforce"


def plain_place(case: Case) -> str:
    """Do the same for a `plain_text` object."""
    name = _org(case)
    return plain_org(name) if name else "Salesforce"


def suspect(case: Case) -> str:
    """Name the person inside a sentence, in Slack and in Salesforce as far as both are known."""
    mention = person(case.suspect) if case.suspect else ""
    name = _salesforce_name(case)
    if mention and name:
        return f"{mention} ({name})"
    return mention or name or "somebody whom I couldn't look up"


def named(case: Case) -> str:
    """Name the person for whoever reported them: by no more than they may know."""
    if case.suspect:
        return person(case.suspect)
    return code(case.asked_for) if case.asked_for else suspect(case)


def account(case: Case) -> str:
    """Name the org and the Salesforce username."""
    username = case.target.username if case.target else case.asked_for
    return f"*{place(case)}* · {code(username)}" if username else f"*{place(case)}*"


def user(case: Case) -> str:
    """Name the Salesforce user alone: "`ada@acme.example` in Production"."""
    username = case.target.username if case.target else case.asked_for
    return f"{code(username) if username else 'a user that I could not look up'} in {place(case)}"


def plain_label(case: Case, limit: int) -> str:
    """Name the account in a `plain_text` object, cut in the middle where it is too long."""
    username = case.target.username if case.target else case.asked_for
    named = username or (case.suspect and plain(case.suspect, 30)) or "not looked up"
    return plain_ends(f"{plain_place(case)} · {named}", limit)


def mailbox(case: Case) -> str:
    """Name the masked address to which Salesforce would mail."""
    if case.target is None or not case.target.mailed_to:
        return "the address on that Salesforce user"
    return code(case.target.mailed_to)


def who(decision: Decision) -> str:
    """Name who decided."""
    return person(decision.by.user_id)


def who_and_when(decision: Decision) -> str:
    """Name who decided, and when."""
    return f"{who(decision)}, {when(decision.at, 'date_time')}"


def listed(kinds: Iterable[StepKind]) -> str:
    """List steps inside a sentence: "freeze the user, end open sessions"."""
    return ", ".join(STEPS[kind] for kind in kinds) or "no step"


def counted(number: int, one: str, many: str) -> str:
    """Write a number with its word: "1 open session", "2 open sessions"."""
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def reference(case_id: str) -> str:
    """Write what IT needs to find a case in the log and the audit."""
    return f"Reference: {code(case_id, 60)}"


def _salesforce_name(case: Case) -> str:
    if case.target is None:
        return code(case.asked_for) if case.asked_for else ""
    name = safe(case.target.name, 80)
    username = code(case.target.username)
    return f"{name}, {username}" if name else username


def _org(case: Case) -> str | None:
    return case.target.org if case.target else case.org
