"""Signed payloads with a field that is missing or of another kind: a 4xx or an answer, no 500."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.slack import payloads, seed
from sandbox.slack.dispatcher import Kind
from tests.scenario.steps import offered
from tests.scenario.world import World, a_world

NOBODYS = "0" * 32
ABOUT_A_BREACH = ("report", "decision", "other form", "shortcut", "report by command")
MISSING = object()
ODD: tuple[object, ...] = (MISSING, None, [], {}, "x", 7, [[]])

Path = tuple[str | int, ...]


def paths(value: object, at: Path = ()) -> Iterator[Path]:
    """The way to each field of a payload, at any depth."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, held in inner:
        yield (*at, key)
        yield from paths(held, (*at, key))


def spoilt(payload: dict[str, Any], path: Path, odd: object) -> dict[str, Any]:
    """A copy in which one field is missing or odd."""
    copied = copy.deepcopy(payload)
    holder: Any = copied
    for key in path[:-1]:
        holder = holder[key]
    if odd is MISSING:
        del holder[path[-1]]
    else:
        holder[path[-1]] = odd
    return copied


async def sound(world: World) -> dict[str, tuple[Kind, dict[str, Any]]]:
    """One payload of each kind, as Slack would send it, about a reset that nobody has."""
    ada, slack = world.person("ada"), world.slack
    warning = await offered(world)
    press = ada.press_payload("reset.cancel", warning)
    press["actions"][0]["value"] = NOBODYS
    choice = copy.deepcopy(press)
    del choice["actions"][0]["value"]
    choice["actions"][0] |= {"action_id": "reset.choose", "selected_option": {"value": NOBODYS}}
    await ada.presses("reset.ask_it", warning)
    modal = slack.modals.of(ada.person.id)
    assert modal is not None
    modal.view["private_metadata"] = NOBODYS
    general = slack.channel("general")
    message = {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "ts": "1.2"}
    return {
        "press": (Kind.INTERACTION, press),
        "choice": (Kind.INTERACTION, choice),
        "form": (Kind.INTERACTION, payloads.view_submission(slack, ada.person, modal)),
        "closed": (Kind.INTERACTION, payloads.view_closed(slack, ada.person, modal)),
        "command": (
            Kind.COMMAND,
            payloads.slash_command(slack, ada.person, general, "/reset-token", "status"),
        ),
        "event": (Kind.EVENT, payloads.event_callback(slack, message | {"text": "Hello"})),
        **await about_a_breach(world),
    }


async def about_a_breach(world: World) -> dict[str, tuple[Kind, dict[str, Any]]]:
    """The same, of those with which people report and decide."""
    eve, slack = world.person("eve"), world.slack
    said = slack.timeline.find(seed.GENERAL, (await eve.posts("Is this mail from you?")).ts)
    assert said is not None
    await eve.types("/reset-token breach")
    modal = slack.modals.of(eve.person.id)
    assert modal is not None
    modal.view["blocks"] = modal.view["blocks"][:3]  # what its fields hold is in its state
    modal.state["person"]["user"]["selected_user"] = slack.person("ada").id
    modal.state["reason"]["text"]["value"] = "A login at night"
    report = payloads.view_submission(slack, eve.person, modal)
    decision = copy.deepcopy(report)
    decision["view"] |= {"callback_id": "breach.review", "private_metadata": ""}
    option = {"text": {"type": "plain_text", "text": "One"}}
    decision["view"]["state"]["values"] = {
        "steps": {"many": {"selected_options": [option | {"value": "freeze"}]}},
        "cases": {"many": {"selected_options": [option | {"value": NOBODYS}]}},
        "decision": {"choice": {"selected_option": option | {"value": "approve"}}},
        "reason": {"text": {"value": "A login at night"}},
    }
    instead = {"type": "button", "block_id": "b", "action_id": "breach.plan_instead"}
    instead["value"] = NOBODYS
    return {
        "report": (Kind.INTERACTION, report),
        "decision": (Kind.INTERACTION, decision),
        "other form": (
            Kind.INTERACTION,
            payloads.modal_action(slack, eve.person, modal, instead),
        ),
        "shortcut": (
            Kind.INTERACTION,
            payloads.message_shortcut(slack, eve.person, said, "breach.suspect"),
        ),
        "report by command": (
            Kind.COMMAND,
            payloads.slash_command(
                slack,
                eve.person,
                slack.channel("general"),
                "/reset-token",
                "breach <@U0ADA00001|ada> A login at night",
            ),
        ),
    }


@pytest.mark.parametrize(
    "name", ["press", "choice", "form", "closed", "command", "event", *ABOUT_A_BREACH]
)
async def test_no_field_that_is_missing_or_odd_is_a_500(redis_url: str, name: str) -> None:
    async with a_world(redis_url) as world:
        kind, payload = (await sound(world))[name]
    async with a_world(redis_url, worker=False) as world:
        assert (await world.slack.dispatcher.deliver(kind, payload)).status == 200
        failed = []
        for path in paths(payload):
            for odd in ODD:
                if kind is Kind.COMMAND and not (odd is MISSING or isinstance(odd, str)):
                    continue  # a form's fields are texts
                what = "missing" if odd is MISSING else repr(odd)
                try:
                    delivery = await world.slack.dispatcher.deliver(
                        kind, spoilt(payload, path, odd)
                    )
                except (AttributeError, KeyError, TypeError, ValueError) as error:
                    failed.append((path, what, type(error).__name__))
                else:
                    if not 200 <= delivery.status < 500:
                        failed.append((path, what, str(delivery.status)))
        assert failed == []


async def test_a_form_with_several_response_urls_is_no_500(redis_url: str) -> None:
    """Slack sends one for each field that asks for it; Bolt wants to log that there are more."""
    async with a_world(redis_url) as world:
        kind, form = (await sound(world))["report"]
        url = {"block_id": "b", "action_id": "a", "channel_id": "C1", "response_url": "https://x"}
        ack = await world.slack.dispatcher.deliver(kind, form | {"response_urls": [url, url]})
        assert ack.status == 200
