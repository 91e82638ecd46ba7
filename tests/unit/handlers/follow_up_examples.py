"""Believable follow-ups, and ones with anything in them that Salesforce could have put there."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from handlers.message import Message
from services.follow_ups.model import (
    Alert,
    AlertKind,
    Ended,
    Failing,
    FollowUp,
    Item,
    ItemState,
)
from services.impact.model import Place, Verdict, Way
from tests.unit.handlers.examples import ACCOUNT, ASKER, NOW, RESET_ID
from tests.unit.handlers.strategies import IDS, PEOPLE, TEXTS, TIMES

SOON = NOW + timedelta(minutes=15)
REFUSED = Failing(
    address="203.0.113.7", count=3, last_at=NOW + timedelta(minutes=9), status="Invalid Password"
)


def an_item(name: str = "Data Loader", **fields: object) -> Item:
    given: dict[str, object] = {
        "id": f"{name.casefold().encode().hex():0<32}"[:32],
        "dismiss_id": f"{name.casefold()[::-1].encode().hex():f<32}"[:32],
        "name": name,
        "way": Way.SOAP_PASSWORD,
        "place": Place.DATA_LOADER,
        "verdict": Verdict.BREAKS,
    }
    return Item.model_validate(given | fields)


OPEN = an_item(client_version="61.0")
FAILS = an_item("Nightly sync", place=Place.API_CLIENT, state=ItemState.FAILS, failing=(REFUSED,))
WORKS = an_item(
    "Workbench",
    place=Place.WORKBENCH,
    state=ItemState.WORKS,
    worked_at=NOW + timedelta(minutes=10),
)
ASIDE = an_item("Old connector", place=Place.ETL, state=ItemState.NOT_MINE)


def a_follow_up(*items: Item, **fields: object) -> FollowUp:
    given: dict[str, object] = {
        "id": RESET_ID,
        "requester": ASKER,
        "org": ACCOUNT.org,
        "user_id": ACCOUNT.user_id,
        "began_at": NOW,
        "next_at": SOON,
        "read_to": NOW,
        "items": items,
    }
    return FollowUp.model_validate(given | fields)


def ended(follow_up: FollowUp, how: Ended) -> FollowUp:
    return follow_up.model_copy(update={"ended": how, "ended_at": SOON, "next_at": None})


def an_alert(kind: AlertKind = AlertKind.FAILING, number: int = 1, **fields: Any) -> Alert:  # noqa: ANN401
    return Alert(number=number, kind=kind, **({"at": SOON} | fields))


def menus(message: Message) -> dict[str, dict[str, Any]]:
    """The menus beside programs, by what their section says first."""
    found = {}
    for block in message.blocks:
        section: dict[str, Any] = block
        if "accessory" in section:
            found[section["text"]["text"].split(":")[0]] = section["accessory"]
    return found


FAILINGS = st.builds(
    Failing,
    address=st.none() | TEXTS,
    count=st.integers(1, 99_999),
    last_at=TIMES,
    status=TEXTS,
)
ITEMS = st.builds(
    Item,
    id=IDS,
    dismiss_id=IDS,
    name=TEXTS,
    way=st.sampled_from(Way),
    client_version=st.none() | TEXTS,
    api_type=st.none() | TEXTS,
    place=st.sampled_from(Place),
    verdict=st.sampled_from(Verdict),
    surprise=st.booleans(),
    state=st.sampled_from(ItemState),
    worked_at=st.none() | TIMES,
    failing=st.lists(FAILINGS, max_size=8).map(tuple),
    more_failing=st.integers(0, 50),
)
FOLLOW_UPS = st.builds(
    FollowUp,
    id=IDS,
    requester=PEOPLE,
    org=TEXTS,
    user_id=TEXTS,
    began_at=TIMES,
    until=st.none() | TIMES,
    next_at=st.none() | TIMES,
    read_to=TIMES,
    items=st.lists(ITEMS, max_size=40).map(tuple),
    more=st.integers(0, 500),
    history_known=st.booleans(),
    locked_since=st.none() | TIMES,
    lock_inferred=st.booleans(),
    unreadable_since=st.none() | TIMES,
    needs=st.none() | TEXTS,
    ended=st.none() | st.sampled_from(Ended),
    ended_at=st.none() | TIMES,
)
