"""The names that others rely on: each button, form and shortcut has a listener."""

import inspect
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.wiring_web import Web
from handlers import (
    after_containment,
    ask_it_messages,
    breach_call_messages,
    breach_card_messages,
    breach_decision_messages,
    breach_report_messages,
    breach_summary_messages,
    containment_messages,
    evidence_view,
    next_steps_messages,
    no_email_messages,
    not_me_messages,
    report_forms,
    reset_messages,
    review_messages,
    token_leak_messages,
)
from handlers.message import Message
from services.orgs import ResetMethod
from services.resets.model import Choice, Reset
from services.resets.states import State
from tests.unit.handlers.case_messages import case_messages, case_views, messages_about
from tests.unit.handlers.examples import (
    APPROVERS,
    IMPACT,
    IT_CHANNEL,
    LINK,
    NOW,
    QUESTION,
    a_reset,
    an_account,
)
from tests.unit.handlers.follow_up_examples import OPEN, a_follow_up
from tests.unit.listening import PROJECT, a_web, dispatched, manifest, press, said

MANY = IMPACT.model_copy(update={"integrations": IMPACT.integrations * 10})
"""More than are listed, so there is a button to see all."""
CONTRACT = {
    "reset.confirm",
    "reset.cancel",
    "reset.ask_it",
    "reset.not_me",
    "reset.no_email",
    "breach.approve",
    "breach.deny",
}
"""Promised to deployers and other systems."""
MODULES = (
    ask_it_messages,
    next_steps_messages,
    not_me_messages,
    token_leak_messages,
    breach_report_messages,
    report_forms,
    breach_card_messages,
    breach_call_messages,
    breach_summary_messages,
    breach_decision_messages,
    review_messages,
    evidence_view,
    containment_messages,
    after_containment,
)
"""Those with something to press, or a form."""
CHOICE = Choice(id="c" * 32, org="production", user_id="005000000000001", username="ada@acme")


def messages() -> Iterator[Message]:
    """Every message that has buttons, in each of its shapes."""
    resets = [
        a_reset(state, method=method, account=an_account(proven=proven), choices=(CHOICE,))
        for state in State
        for method in ResetMethod
        for proven in (True, False)
    ]
    for reset in resets:
        asked = reset.model_copy(update={"question": QUESTION, "not_me_at": NOW})
        yield reset_messages.choose(reset)
        yield reset_messages.warning(reset, NOW, LINK)
        yield reset_messages.warning(reset.model_copy(update={"impact": MANY}), NOW, LINK)
        yield reset_messages.guided(reset, LINK)
        yield reset_messages.working(reset)
        yield reset_messages.cancelled(reset)
        yield reset_messages.expired(reset)
        yield reset_messages.refused(reset, IT_CHANNEL)
        yield from outcomes(reset)
        yield next_steps_messages.next_steps(reset, None, NOW)
        yield next_steps_messages.next_steps(reset, a_follow_up(OPEN), NOW)
        yield no_email_messages.no_email(reset, NOW, NOW)
        yield no_email_messages.offer_again(reset)
        yield ask_it_messages.sent(asked, IT_CHANNEL)
        yield ask_it_messages.card(asked, APPROVERS)
        yield ask_it_messages.card_answered(asked)
        yield ask_it_messages.card_closed(asked)
        yield ask_it_messages.reminder(asked, APPROVERS)
        yield ask_it_messages.please_wait(asked)
        yield not_me_messages.not_me_told(asked, IT_CHANNEL)
        yield not_me_messages.not_me_failed(asked)
    yield token_leak_messages.leaked("a" * 32)
    yield from case_messages()


def outcomes(reset: Reset) -> Iterator[Message]:
    if reset.state in {State.DONE, State.UNKNOWN, State.REPORTED, State.FAILED}:
        yield reset_messages.outcome(reset, NOW)
        yield reset_messages.outcome(reset, NOW, dm_refused=True, link=LINK)


def views() -> list[dict[str, Any]]:
    return [
        ask_it_messages.form("a" * 32),
        ask_it_messages.wait_form("a" * 32),
        ask_it_messages.loading_view(),
        *case_views(),
    ]


def action_ids(value: object) -> Iterator[str]:
    """Every id of something that can be pressed or chosen; a form's fields are only read."""
    if isinstance(value, dict):
        if value.get("type") == "input":
            return
        if "action_id" in value:
            yield str(value["action_id"])
        for inner in value.values():
            yield from action_ids(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from action_ids(inner)


ACTIONS = sorted(
    {one for message in messages() for one in action_ids(message.blocks)}
    | {one for view in views() for one in action_ids(view["blocks"])}
)
FORMS = sorted({view["callback_id"] for view in views() if view.get("submit")})


SHORTCUTS = sorted(one["callback_id"] for one in manifest()["features"]["shortcuts"])


@pytest.fixture
async def web(redis_url: str) -> AsyncIterator[Web]:
    async with a_web(redis_url) as built:
        yield built


async def unknown(web: Web) -> int:
    """How many presses were answered as unknown."""
    rows = [row async for row in web.stores.audit_log.since(None)]
    return sum(row.why == "unknown_button" for row in rows)


def test_what_the_contract_promises_is_there_to_be_pressed() -> None:
    assert set(ACTIONS) >= CONTRACT


def test_every_button_in_the_source_was_seen_in_a_message() -> None:
    """A message that this test doesn't know would go unseen."""
    written = set()
    sources = (PROJECT / "handlers").glob("*.py")
    names = r'"((?:reset|ask_it|breach|impact|follow)\.\w+)"'
    for path in sources:
        written |= set(re.findall(names, path.read_text()))
    assert written == {*ACTIONS, *FORMS, *SHORTCUTS}


@pytest.mark.parametrize("action_id", ACTIONS)
async def test_every_button_has_a_listener(web: Web, action_id: str) -> None:
    assert await dispatched(web, press(action_id)) == 200
    assert await unknown(web) == 0


async def test_a_button_without_a_listener_would_be_seen(web: Web) -> None:
    assert await dispatched(web, press("reset.nobody_listens")) == 200
    assert await unknown(web) == 1


@pytest.mark.parametrize("callback_id", FORMS)
async def test_every_form_has_a_listener(web: Web, callback_id: str) -> None:
    """An empty form is refused by its listener; the one for unknown forms just closes them."""
    payload = press("x") | {
        "type": "view_submission",
        "view": {
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": "0" * 32,
            "state": {"values": {}},
        },
    }
    assert "errors" in await said(web, payload)
    payload["view"]["callback_id"] = "nobody.listens"
    assert "errors" not in await said(web, payload)


def test_a_button_carries_an_id_and_nothing_else() -> None:
    shown = [*(message.blocks for message in messages()), *(view["blocks"] for view in views())]
    for blocks in shown:
        for value in values(blocks):
            assert re.fullmatch(r"[0-9a-f]{32}", value)


def values(value: object) -> Iterator[str]:
    """What every button carries, and every choice in a message; a form's fields are only read."""
    if isinstance(value, dict):
        if value.get("type") == "input":
            return
        if isinstance(value.get("value"), str):
            yield value["value"]
        for inner in value.values():
            yield from values(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from values(inner)


def test_the_examples_cover_every_function_that_makes_a_message() -> None:
    makers = (messages, outcomes, views, messages_about, case_views)
    source = "".join(inspect.getsource(maker) for maker in makers)
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and name != "refused_view":
                assert f".{name}(" in source, f"{module.__name__}.{name}"
