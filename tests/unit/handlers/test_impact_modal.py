"""*Show all*: who may see the list, what is in it, and that every press is answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from handlers import impact_modal, permission_messages
from handlers.message import Message
from handlers.presses import Presses
from handlers.show_impact import ImpactListeners
from services.impact.model import Address, SurvivingGrant, Verdict, Why
from services.resets.model import Reset
from services.resets.policy import AnswerCode
from services.slack.errors import SlackRefusedError
from services.store.errors import StoreUnavailableError
from services.store.presses import Press
from tests.unit.handlers.examples import (
    BROWSER,
    IMPACT,
    IT_CHANNEL,
    LOADER,
    NOTHING_SEEN,
    NOW,
    RESET_ID,
    UNREADABLE,
    a_reset,
    read,
    strings,
)
from tests.unit.handlers.limits import check_view


def shown(reset: Reset) -> str:
    return "\n".join(strings(impact_modal.everything(reset)["blocks"]))


def test_it_lists_every_integration_with_its_addresses_and_every_grant() -> None:
    jobs = tuple(LOADER.model_copy(update={"name": f"Job {n}"}) for n in range(150))
    impact = IMPACT.model_copy(
        update={
            "integrations": (*jobs, BROWSER),
            "more": 12,
            "grants": (SurvivingGrant(app="Outlook", last_used=NOW, uses=1),),
            "more_grants": 4,
        }
    )
    text = shown(a_reset(impact=impact))
    assert all(f"• *Job {n}* " in text for n in range(150))
    assert "198.51.100.4" in text
    assert "And 12 more: there were too many to list" in text
    assert "*Apps that this user approved:*" in text
    assert "• *Outlook*: used once, last on <!date^" in text
    assert "And 4 more." in text
    assert "Logins of the last 90 days" in text


def test_the_person_is_spoken_to_and_it_is_told_of_them() -> None:
    own = BROWSER.model_copy(update={"verdict": Verdict.BREAKS, "why": Why.OWN_PASSWORD})
    impact = IMPACT.model_copy(
        update={"integrations": (own,), "grants": (SurvivingGrant(app="Outlook"),)}
    )
    reset = a_reset(impact=impact)
    yours = "\n".join(strings(impact_modal.everything(reset, yours=True)["blocks"]))
    assert "*Your own login* with a password" in yours
    assert "*Apps that you approved:*" in yours
    assert "*The person's own login* with a password" in shown(reset)
    assert "• *Outlook*" in yours.splitlines()


def test_a_list_that_is_gone_is_said_to_be_gone() -> None:
    text = shown(a_reset(impact=None))
    assert "I no longer have this list" in text
    assert "`/reset-token`" in text


def test_a_newer_reading_that_failed_is_not_shown_as_an_empty_list() -> None:
    assert "I couldn't read the login history." in shown(a_reset(impact=UNREADABLE))
    assert "None seen in 90 days" in shown(a_reset(impact=NOTHING_SEEN))


def test_a_missing_permission_is_told_with_what_it_costs_and_where_to_grant_it() -> None:
    message = permission_messages.missing_permission("production", "Manage Users")
    text = read(message)
    assert message.text == ("I can't read the login history in Production: I lack a permission.")
    assert "My Salesforce user lacks *Manage Users*." in text
    assert "my warnings can't name the programs" in text
    assert "Setup → *Permission Sets*" in text
    assert "*Monitor Login History* does in place of *Manage Users*" in text
    assert "`docs/salesforce-setup.md`, section 2" in text


def test_what_does_in_place_of_one_permission_is_not_said_of_another() -> None:
    text = read(permission_messages.missing_permission("production", "API Enabled"))
    assert "*API Enabled*" in text
    assert "Monitor Login History" not in text


@pytest.mark.parametrize("name", ["🚀" * 60, "&" * 80, "a" * 80])
def test_a_list_too_long_for_slack_is_cut_and_the_rest_counted(name: str) -> None:
    jobs = tuple(
        LOADER.model_copy(
            update={
                "name": name,
                "client_version": f"{n}",
                "addresses": tuple(Address(ip="🚀" * 64) for _ in range(5)),
            }
        )
        for n in range(200)
    )
    view = impact_modal.everything(
        a_reset(impact=IMPACT.model_copy(update={"integrations": jobs, "more": 7}))
    )
    check_view(view)
    text = "\n".join(strings(view["blocks"]))
    listed = text.count("• *")
    assert 0 < listed < 200
    assert f"And {207 - listed} more: there were too many to list" in text
    assert impact_modal.MOST_BYTES * 0.95 < len(json.dumps(view)) < 250_000


@dataclass
class FakeSlackAndStore:
    """What the listener needs of the store, the presses and Slack, and what it did with them."""

    reset: Reset | None
    refusal: str | None = None
    is_down: bool = False
    opened: list[Mapping[str, Any]] = field(default_factory=list)
    saved: list[Press] = field(default_factory=list)
    responded: list[Message] = field(default_factory=list)
    acked: int = 0

    async def get(self, reset_id: str) -> Reset | None:
        if self.is_down:
            raise StoreUnavailableError("down")
        return self.reset if self.reset and reset_id == self.reset.id else None

    async def save(self, press: Press, *_: object, **__: object) -> None:
        self.saved.append(press)

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        if self.refusal:
            raise SlackRefusedError(self.refusal)
        assert trigger_id == "trigger"
        self.opened.append(view)
        return "V1"

    async def respond(self, _url: str, message: Message, **__: object) -> None:
        self.responded.append(message)

    async def ack(self) -> None:
        self.acked += 1

    async def is_pressed(self, user: str, channel: str) -> None:
        me = cast("Any", self)
        presses = Presses(me, me, me, lambda: NOW, IT_CHANNEL)
        listeners = ImpactListeners(me, presses, IT_CHANNEL)
        body = {
            "user": {"id": user, "team_id": "T0ACME"},
            "actions": [{"action_id": "impact.show_all", "value": RESET_ID}],
            "container": {"channel_id": channel},
            "response_url": "https://hooks.slack.com/actions/1",
            "trigger_id": "trigger",
        }
        await listeners.show_all(me.ack, body)

    def refused(self) -> list[AnswerCode]:
        return [press.answer.code for press in self.saved if press.answer]


@pytest.mark.parametrize(
    ("user", "channel"), [("U0ADA", "C0SALES"), ("U0ADA", IT_CHANNEL), ("U0ANN", IT_CHANNEL)]
)
async def test_the_asker_and_whoever_is_in_its_channel_see_the_list(
    user: str, channel: str
) -> None:
    world = FakeSlackAndStore(a_reset())
    await world.is_pressed(user, channel)
    (view,) = world.opened
    assert "Data Loader" in "".join(strings(view["blocks"]))
    assert "submit" not in view
    assert world.saved == []
    assert world.acked == 1


async def test_nobody_else_sees_it() -> None:
    world = FakeSlackAndStore(a_reset())
    await world.is_pressed("U0EVE", "C0SALES")
    assert world.opened == []
    assert world.refused() == [AnswerCode.NOT_YOURS]
    assert world.acked == 1


async def test_a_reset_that_is_gone_is_answered() -> None:
    world = FakeSlackAndStore(None)
    await world.is_pressed("U0ANN", IT_CHANNEL)
    assert world.opened == []
    assert world.refused() == [AnswerCode.GONE]


async def test_a_view_that_slack_refuses_is_answered() -> None:
    world = FakeSlackAndStore(a_reset(), refusal="expired_trigger_id")
    await world.is_pressed("U0ADA", "C0SALES")
    assert world.refused() == [AnswerCode.FORM_FAILED]
    assert world.acked == 1


async def test_a_store_that_is_down_is_answered_at_once() -> None:
    world = FakeSlackAndStore(a_reset(), is_down=True)
    await world.is_pressed("U0ADA", "C0SALES")
    assert world.opened == []
    assert ["I couldn't save your press" in read(message) for message in world.responded] == [True]
