"""What IT's card says about the account itself: whose it is, what is open, where mail would go."""

from handlers.account_notes import notes
from handlers.case_wording import counted, is_planned, mailbox, place
from handlers.integration_words import name
from handlers.wording import code, person, safe, when
from services.cases import policy
from services.cases.model import Case, LastLogin, SlackFact, Source, Target
from services.cases.steps import StepKind
from services.impact.model import FailedLately, Note

_SLACK = {
    SlackFact.NOT_LOOKED_UP: (
        "*Slack:* I couldn't yet look up who has this address in Slack. I ask again once "
        "somebody presses *Approve…* here."
    ),
    SlackFact.NOT_FOUND: "*Slack:* nobody here has the address of this Salesforce user.",
    SlackFact.SEVERAL: (
        "*Slack:* the addresses of this Salesforce user lead to different people here, so I can't "
        "tell whose account it is."
    ),
    SlackFact.GUEST: "*Slack:* this person is a guest in this workspace.",
    SlackFact.STRANGER: "*Slack:* this person belongs to another organisation.",
    SlackFact.DELETED: "*Slack:* this person's Slack account is deactivated.",
}

SLACK_SUSPECTED = (
    "*Their Slack account may be in other hands too.* I write nothing to it. Phone them."
)


def facts(case: Case) -> list[str]:
    """Say what is known of the account. Without one there is nothing but the name given."""
    slack = [*_misnamed(case), *([_SLACK[case.slack_fact]] if case.slack_fact else [])]
    target = case.target
    if target is None:
        return [*slack, *_slack_suspected(case)]
    return [
        f"*Salesforce:* {place(case)}, {_named(target)}, id {code(target.user_id, 60)}",
        *_beside(case),
        *_earlier(case),
        f"*Profile:* {_rights(target)}",
        f"*Last login:* {_last_login(target)}",
        *([] if is_planned(case) else [f"*Open now:* {_open(target)}"]),
        *_state(target),
        *slack,
        *_slack_suspected(case),
        *_failing(target, planned=is_planned(case)),
    ]


def address(case: Case) -> list[str]:
    """Say where Salesforce would mail, and warn where an attacker may read that."""
    target = case.target
    if target is None or StepKind.PASSWORD not in policy.steps_for(case):
        return []
    goes = f"*Salesforce would mail the link for a new password to* {mailbox(case)}."
    if target.address_differs is False:
        return [f"{goes} Slack has the same address."]
    if is_planned(case):
        return [f"{goes} Check that somebody who should have it reads that mailbox."]
    if target.address_differs is None:
        doubt = (
            f"*I can't compare that address:* {_nothing_to_compare(case)} An attacker may have "
            "changed it."
        )
    elif case.slack_fact is SlackFact.SEVERAL:
        doubt = (
            "*That address isn't of one person with the others* on this Salesforce user. An "
            "attacker may have changed it, and would get the link."
        )
    else:
        doubt = (
            "*That isn't the address that Slack has for this person.* An attacker may have "
            "changed it, and would get the link."
        )
    return [goes, f"{doubt} {_confirmed(case)}"]


def _nothing_to_compare(case: Case) -> str:
    if case.suspect is None:
        return "I know nobody in Slack for this account."
    if case.slack_fact is SlackFact.NOT_LOOKED_UP or case.origin.source is Source.NOT_ME:
        return "I know no address of theirs in Slack."
    return (
        "somebody in Slack has it, but nothing else on this Salesforce user shows that it is "
        "theirs."
    )


def _beside(case: Case) -> list[str]:
    if not case.beside:
        return []
    users = counted(case.beside, "other Salesforce user", "other Salesforce users")
    return [
        (
            f"*They have {users}*, on a card of their own each. What you approve here is about "
            "this one alone."
        )
    ]


def _earlier(case: Case) -> list[str]:
    if case.earlier is None:
        return []
    at, reference = when(case.earlier.at, "date_time"), code(case.earlier.case_id, 60)
    look = "" if is_planned(case) else " Search this channel for that: it may be about the same."
    return [f"*IT acted on this user before:* {at}, reference {reference}.{look}"]


def _misnamed(case: Case) -> list[str]:
    if case.misnamed is None:
        return []
    return [
        (
            f"*A report names {person(case.misnamed)}* beside the username, but in Slack they "
            "have none of this account's addresses. I go by the account."
        )
    ]


def _confirmed(case: Case) -> str:
    if case.address_confirmed is not None:
        return "An approver has confirmed it."
    return (
        "So the password is reset only once an approver has confirmed the address by phone or in "
        "person."
    )


def _named(target: Target) -> str:
    called = safe(target.name, 80)
    return f"{called}, {code(target.username)}" if called else code(target.username)


def _rights(target: Target) -> str:
    parts = [
        safe(target.profile, 80) if target.profile else "not known",
        "*admin rights*" if target.is_admin else "no admin rights",
        "API Only: programs log in as this user, people can't" if target.is_api_only else "",
        "single sign-on only, as far as I can see" if target.is_sso else "",
    ]
    return ", ".join(part for part in parts if part)


def _last_login(target: Target) -> str:
    if target.last_login is not None:
        return _login(target.last_login)
    if not target.impact.readable:
        return "I couldn't read the login history"
    return f"none seen in {target.impact.days} days"


def _login(login: LastLogin) -> str:
    by = f", {name(login.application)}" if login.application else ""
    where = f", from {code(login.address, 50)}" if login.address else ", from an unknown address"
    return f"{when(login.at, 'date_time')}{by}{where}"


def _open(target: Target) -> str:
    sessions = (
        "sessions can't be seen"
        if target.sessions is None
        else counted(target.sessions, "session", "sessions")
    )
    grants = (
        "OAuth grants can't be seen"
        if target.grants is None
        else counted(target.grants, "OAuth grant", "OAuth grants")
    )
    return f"{sessions}, {grants} (read {when(target.read_at, 'date_time')})"


def _state(target: Target) -> list[str]:
    lines = []
    if not target.is_active:
        lines.append("*Inactive in Salesforce:* it can't log in. What is open may still be in use.")
    if target.is_frozen:
        lines.append(f"*Already frozen* when I looked, {when(target.read_at, 'date_time')}.")
    if Note.LOCKED in target.impact.notes:
        lines.append(
            "*Locked* after too many failed logins. A reset of the password is reported to unlock "
            "it."
        )
    return lines


def _slack_suspected(case: Case) -> list[str]:
    return [SLACK_SUSPECTED] if case.slack_suspected else []


def _failing(target: Target, *, planned: bool) -> list[str]:
    if planned:
        return notes(target.impact)
    lately = target.impact.failed_lately
    return [_guessing(lately)] if lately is not None else []


def _guessing(lately: FailedLately) -> str:
    where = f" from {code(lately.address, 50)}" if lately.address else ""
    return (
        f"*The last {lately.count:,} logins with a password failed*, the latest "
        f"{when(lately.last_at, 'date_time')} by {name(lately.application)}{where}. That may be "
        "somebody guessing, or a program with an old password."
    )
