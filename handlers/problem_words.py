"""Why a case has no account that could be contained or reset, and what to do about it."""

from dataclasses import dataclass

from handlers.case_wording import RUNBOOK, is_planned, suspect
from handlers.wording import code, safe
from services.cases.model import Case, Problem


@dataclass(frozen=True)
class _Words:
    """`{named}` is the person or username as given, `{org}` the org, `{again}` how to ask anew."""

    why: str
    do: str


_WORDS = {
    Problem.SLACK_BOT: _Words(
        "That is an app in Slack, not a person, so I can't find a Salesforce user for it.",
        "If it acts as a Salesforce user, {again} To stop the app itself, remove it in Slack and "
        "block it in Salesforce.",
    ),
    Problem.SLACK_NO_EMAIL: _Words(
        "Slack shows me no email address for this person, so I can't find their Salesforce user.",
        "Find the user in Salesforce and {again}",
    ),
    Problem.SLACK_UNREADABLE: _Words(
        "Slack didn't let me read this person's profile, so I can't find their Salesforce user.",
        "Find the user in Salesforce and {again}",
    ),
    Problem.UNKNOWN_USER: _Words(
        "I found no Salesforce user for {named}.",
        "Find the user in Salesforce and {again}",
    ),
    Problem.UNKNOWN_ORG: _Words(
        "I know no Salesforce org called {org}.",
        "Find the user in the right org and {again}",
    ),
    Problem.OWN_USER: _Words(
        "That is the Salesforce user that I work with myself. I never touch it: I would lock "
        "myself out in the middle.",
        "If the bot itself is suspected, do it by hand: block my app in Salesforce, freeze my "
        f"user, revoke my Slack tokens. {RUNBOOK}, *If the bot itself is suspected*, has the steps "
        "in order.",
    ),
    Problem.SALESFORCE_UNREADABLE: _Words(
        "I couldn't look this account up in Salesforce.",
        "I try again until Salesforce answers.",
    ),
    Problem.TOO_MANY_USERS: _Words(
        "More Salesforce users fit {named} than I look at.",
        "Find the right one in Salesforce and {again}",
    ),
    Problem.INTERNAL: _Words(
        "I failed while reading it. My log has the reference below.",
        "I try again every ten minutes. Tell whoever runs me.",
    ),
}

_INACTIVE = _Words(
    "This Salesforce user is inactive: it can't log in, so there is nothing to reset.",
    "Should it be active, activate it in Salesforce and {again}",
)

_NOT_LOOKED_UP = _Words("I haven't looked this account up.", "Find the user and {again}")

_BY_HAND = (
    "If it can't wait, contain the account by hand in Salesforce: freeze the user, end its "
    f"sessions, revoke its OAuth grants. {RUNBOOK} says how."
)


def why_not(case: Case) -> str:
    """Say what stands in the way."""
    known_as = f" ({code(case.detail, 60)})" if case.problem and case.detail else ""
    org = f"“{safe(case.org, 60)}”" if case.org else "that"
    return f"{_of(case).why.format(named=suspect(case), org=org).rstrip('.')}{known_as}."


def what_to_do(case: Case) -> str:
    """Say what IT can do now."""
    verb = "ask" if is_planned(case) else "report it"
    again = f"{verb} again with the Salesforce username: `/reset-token breach` opens a form."
    by_hand = "" if is_planned(case) or case.problem is Problem.OWN_USER else f" {_BY_HAND}"
    return f"{_of(case).do.format(again=again)}{by_hand}"


def _of(case: Case) -> _Words:
    if case.problem is not None:
        return _WORDS[case.problem]
    return _NOT_LOOKED_UP if case.target is None else _INACTIVE
