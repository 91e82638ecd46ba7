"""Believable resets, and what a message says once Slack's notation is taken off."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.message import Message
from services.impact.model import (
    Address,
    Impact,
    Integration,
    Place,
    Sureness,
    Verdict,
    Way,
    Why,
)
from services.orgs import ResetMethod
from services.resets.model import Account, Question, Reset, SlackUser
from services.resets.states import State

NOW = datetime(2026, 6, 3, 14, 5, tzinfo=UTC)
RESET_ID = "0123456789abcdef0123456789abcdef"
IT_CHANNEL = "C0IT"
LINK = "https://acme.my.salesforce.com/page?retURL=%2Fui&setupid=ResetApiToken"
APPROVERS = ("U0ANN", "S0HELPDESK")

ASKER = SlackUser(user_id="U0ADA", team_id="T0ACME")
ACCOUNT = Account(
    org="production",
    user_id="005000000000001AAA",
    username="ada@acme.example",
    mailed_to="a…@acme.example",
)
LOADER = Integration(
    name="Data Loader",
    way=Way.SOAP_PASSWORD,
    client_version="61.0",
    api_type="SOAP Partner",
    verdict=Verdict.BREAKS_UNLESS_TRUSTED,
    why=Why.SENDS_TOKEN_UNLESS_TRUSTED,
    sureness=Sureness.INFERRED,
    place=Place.DATA_LOADER,
    logins=31,
    failures=2,
    last_login=NOW - timedelta(days=2),
    addresses=(Address(ip="203.0.113.7"),),
)
BROWSER = Integration(
    name="Browser",
    way=Way.BROWSER,
    verdict=Verdict.NOT_AFFECTED,
    why=Why.PERSON_IN_BROWSER,
    sureness=Sureness.INFERRED,
    place=Place.BROWSER,
    logins=1,
    last_login=NOW - timedelta(days=1),
    addresses=(Address(ip="198.51.100.4"),),
)
IMPACT = Impact(integrations=(LOADER, BROWSER), days=90, read_at=NOW)
NOTHING_SEEN = Impact(days=90, read_at=NOW)
UNREADABLE = Impact(readable=False, needs="Manage Users", days=90, read_at=NOW)
QUESTION = Question(text="Does the nightly sync use my token?")


def a_reset(state: State = State.AWAITING_USER, **fields: object) -> Reset:
    given: dict[str, object] = {
        "id": RESET_ID,
        "state": state,
        "requester": ASKER,
        "channel": "C0SALES",
        "created_at": NOW - timedelta(minutes=3),
        "org": "production",
        "account": ACCOUNT,
        "method": ResetMethod.TOKEN,
        "impact": IMPACT,
    }
    return Reset.model_validate(given | fields)


def an_account(**fields: object) -> Account:
    return ACCOUNT.model_copy(update=fields)


def strings(value: object) -> Iterator[str]:
    """Every text that a reader sees, in order: not ids, values or types."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            if isinstance(inner, (dict, list, tuple)):
                yield from strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner)


def read(message: Message) -> str:
    """All of a message's blocks as one text."""
    return "\n".join(strings(list(message.blocks)))


def elements(message: Message) -> dict[str, dict[str, Any]]:
    """A message's buttons and menus by action id."""
    rows: list[dict[str, Any]] = [b for b in message.blocks if b["type"] == "actions"]
    return {one["action_id"]: one for row in rows for one in row["elements"]}
