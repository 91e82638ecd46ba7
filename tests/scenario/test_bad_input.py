"""Commands and requests that can't be taken: each gets an answer, and nothing is saved of them."""

import time
from collections.abc import Callable

import pytest

from sandbox.slack import payloads
from sandbox.slack.dispatcher import Kind
from sandbox.slack.seed import SIGNING_SECRET
from sandbox.slack.signing import signature_headers
from services.cases.states import CaseState
from services.resets.model import Reset
from services.store.errors import Hindrance
from tests.scenario.breach_steps import card, case_in, denies, form, the_case
from tests.scenario.steps import (
    UNCHANGED,
    answered,
    audit,
    audited,
    done,
    ended,
    eventually,
    offered,
    on_screen,
    refused,
    restarted,
)
from tests.scenario.traces import everything_in, lines, logged
from tests.scenario.world import World, a_world

REASON = "Salesforce is being upgraded"
TYPED = "hunter2hunter2"
"""Stands for whatever somebody sends; it must not be in the log."""


async def newest(world: World, name: str) -> list[Reset]:
    return await world.web.stores.resets.newest_of(world.slack.person(name).id, 10)


async def test_a_token_typed_as_an_org_is_not_repeated(world: World) -> None:
    ada, token = world.person("ada"), "Kd9fTq2LmXw7RbYz4HsVnC3eP"
    for typed in (token, f"hunter2{token}", f"`{token}`"):
        await ada.types(f"/reset-token {typed}")
        shown = ada.sees("general")[-1]
        assert "That looks like a security token" in shown.plain
        assert token.casefold() not in shown.plain.casefold()
        assert UNCHANGED in shown.plain
        assert shown.ephemeral
    assert await newest(world, "ada") == []


async def test_an_unknown_org_is_named_with_those_that_exist(world: World) -> None:
    ada = world.person("ada")
    for word in ("nowhere", "Produktion", "production2", "payload=x"):
        assert (await ada.types(f"/reset-token {word}")).status == 200
        shown = ada.sees("general")[-1]
        assert "I know no org called" in shown.plain
        assert word.casefold() in shown.plain
        assert UNCHANGED in shown.plain
        assert "/reset-token production" in shown.plain
        assert shown.ephemeral
    assert await newest(world, "ada") == []
    assert await audit(world) == []


async def test_a_hostile_word_is_shown_as_it_was_typed(world: World) -> None:
    ada = world.person("ada")
    await ada.types("/reset-token <!channel> *bold* <https://evil.example|here>")
    shown = ada.sees("general")[-1]
    assert "I know no org called" in shown.plain
    assert "<!channel>" not in str(shown.blocks)
    assert "evil.example|" not in str(shown.blocks)


async def test_a_word_of_any_length_and_kind_is_answered(world: World) -> None:
    ada = world.person("ada")
    for word in ("x" * 3900, "\u202e\u0000\u2603" * 50, "'; DROP TABLE", "%s%n{0}", "\\"):
        assert (await ada.types(f"/reset-token {word}")).error is None
        assert "I know no org called" in ada.sees("general")[-1].plain
    assert await newest(world, "ada") == []


COMMAND = f"command=%2Freset-token&user_id=U1&text={TYPED}".encode()
FORM = "application/x-www-form-urlencoded"
UNSIGNED: dict[str, Callable[[], dict[str, str]]] = {
    "not at all": dict,
    "by another": lambda: signature_headers("another secret", int(time.time()), COMMAND),
    "long ago": lambda: signature_headers(SIGNING_SECRET, int(time.time()) - 301, COMMAND),
    "at no time": lambda: {
        **signature_headers(SIGNING_SECRET, int(time.time()), COMMAND),
        "X-Slack-Request-Timestamp": "now",
    },
}


@pytest.mark.parametrize("how", UNSIGNED)
async def test_a_request_that_slack_didnt_sign_leaves_nothing(redis_url: str, how: str) -> None:
    async with a_world(redis_url, worker=False) as world:
        body, headers = COMMAND, {**UNSIGNED[how](), "Content-Type": FORM}
        with logged() as log:
            answer = await world.client.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == 401
        assert await everything_in(redis_url) == {}
        assert TYPED not in log.getvalue()
        assert lines(log), "but it is told that somebody tried"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"payload=%5B%5D", FORM, 400),
        (b"payload={" + TYPED.encode(), FORM, 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"type":"block_actions"}', "application/json", 400),
        # What isn't text can't be checked, so it counts as unsigned.
        (b"\xff\xfe" + TYPED.encode(), "application/json", 401),
        (b"", FORM, 400),
        (b"x" * 1_000_001, FORM, 413),
    ],
    ids=["list", "cut", "deep", "empty-press", "bytes", "nothing", "1MB"],
)
async def test_a_signed_request_that_is_rubbish_is_a_4xx(
    redis_url: str, body: bytes, content_type: str, status: int
) -> None:
    async with a_world(redis_url, worker=False) as world:
        headers = signature_headers(SIGNING_SECRET, int(time.time()), body)
        headers["Content-Type"] = content_type
        with logged() as log:
            answer = await world.client.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == status
        assert await everything_in(redis_url) == {}
        assert TYPED not in log.getvalue()


async def test_an_unknown_command_is_answered_with_help(world: World) -> None:
    ada = world.person("ada")
    world.slack.commands.add("/unknown")
    assert (await ada.types("/unknown thing")).error is None
    assert "/reset-token status" in ada.sees("general")[-1].plain
    assert await newest(world, "ada") == []


async def test_an_unknown_form_says_so_and_changes_nothing(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    await ada.presses("reset.ask_it", warning)
    opened = world.slack.modals.of(ada.person.id)
    assert opened is not None
    opened.view["callback_id"] = "of.another.age"
    assert (await ada.submits({"question": "Anything"})).error is None
    assert ada.modal is not None
    assert "I don't know this form" in ada.modal.plain
    assert (await world.newest("ada")).state == "awaiting_user"
    rows = [row async for row in world.web.stores.audit_log.since(None)]
    assert [row.why for row in rows if row.what == "refused:of.another.age"] == ["unknown_form"]


@pytest.mark.parametrize("whose", ["somebody else's", "nobody's", "no"])
async def test_a_form_about_another_reset_says_so_and_stays(world: World, whose: str) -> None:
    ada, eve = world.person("ada"), world.person("eve")
    warning = await offered(world)
    await offered(world, "eve")
    await ada.presses("reset.ask_it", warning)
    opened = world.slack.modals.of(ada.person.id)
    assert opened is not None
    theirs = (await world.newest("eve")).id
    opened.view["private_metadata"] = {"somebody else's": theirs, "nobody's": "f" * 32, "no": ""}[
        whose
    ]
    result = await ada.submits({"question": "Anything"})
    assert result.error is None
    assert result.errors
    assert (await world.newest("ada")).state == "awaiting_user"
    assert (await world.newest("eve")).state == "awaiting_user"
    assert eve.modal is None


async def test_an_event_of_no_interest_is_taken_and_forgotten(redis_url: str) -> None:
    async with a_world(redis_url, worker=False) as world:
        event = {"type": "message", "channel_type": "channel", "user": "U1", "text": TYPED}
        payload = {"type": "event_callback", "event": event, "team_id": "T1", "event_id": "E1"}
        delivery = await world.slack.dispatcher.deliver(Kind.EVENT, payload)
        assert delivery.status == 200
        assert await everything_in(redis_url) == {}


async def test_paused_at_the_command(redis_url: str) -> None:
    async with a_world(redis_url, PAUSED=REASON) as world:
        ada = world.person("ada")
        assert (await ada.types("/reset-token")).error is None
        shown = ada.sees("general")[-1]
        assert REASON in shown.plain
        assert UNCHANGED in shown.plain
        assert await newest(world, "ada") == []
        assert world.org.calls == []
        await ada.types("/reset-token status")
        assert "no resets" in ada.sees("general")[-1].plain, "reading is not paused"


async def test_paused_at_the_press(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    async with restarted(world, PAUSED=REASON):
        before = on_screen(ada)
        await ada.presses("reset.confirm", warning)
        shown = await answered(ada, REASON, before)
        assert "changed nothing" in shown.plain
        assert (await audited(world, "refused:reset.confirm")).why == "paused"
        assert (await world.newest("ada")).state == "awaiting_user"
        assert world.org.resets == []
        await ada.presses("reset.cancel", warning)
        await ada.sees_soon("Cancelled. Nothing has changed.")


async def test_the_press_goes_through_once_the_pause_is_over(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    async with restarted(world, PAUSED=REASON):
        before = on_screen(ada)
        await ada.presses("reset.confirm", warning)
        await answered(ada, REASON, before)
    await ada.presses("reset.confirm", warning)
    assert (await ended(world)).state == "done"


async def test_a_cool_down_follows_a_reset(world: World) -> None:
    ada = world.person("ada")
    await done(world)
    shown = await refused(world, "ada", "was reset a short while ago, or may have been")
    assert "Nothing has changed now" in shown.plain
    assert "Another reset is possible from" in shown.plain
    world.clock.forward(minutes=10, seconds=1)
    warning = await offered(world)
    await ada.presses("reset.confirm", warning)
    assert (await ended(world)).state == "done"
    assert len(world.org.resets) == 2


async def test_self_service_stops_while_it_looks_at_the_account(world: World) -> None:
    ada = world.person("ada")
    steps = await done(world)
    world.clock.forward(minutes=11)
    waiting = await offered(world)
    await ada.presses("reset.not_me", steps)
    seen = await card(world)

    await refused(world, "ada", "IT is looking at this account")
    before = on_screen(ada)
    await ada.presses("reset.confirm", waiting)
    await answered(ada, "IT is looking at this account", before)
    assert len(world.org.resets) == 1

    case = await the_case(world, seen)
    await denies(world, seen)
    await case_in(world, case.id, CaseState.DENIED)
    await ada.presses("reset.confirm", waiting)
    await world.org.until(lambda: len(world.org.resets) == 2)


async def test_only_an_approver_ends_that_and_not_about_their_own_account(world: World) -> None:
    ivan, iris = world.person("ivan"), world.person("iris")
    await ivan.presses("reset.not_me", await done(world, "ivan"))
    seen = await card(world)
    case = await the_case(world, seen)
    await ivan.presses("breach.deny", seen)
    await world.slack.until(lambda: ivan.modal and "may be yours" in ivan.modal.plain)
    assert (await audited(world, "refused:breach_deny")).why == "suspected"
    await iris.presses("breach.deny", seen)
    await form(iris, "breach.deny")
    opened = world.slack.modals.of(iris.person.id)
    assert opened is not None
    forged = payloads.view_submission(world.slack, world.slack.person("eve"), opened)
    forged["view"]["state"]["values"]["reason"]["text"]["value"] = "It was me"
    await iris.presses_raw(forged)

    async def is_refused() -> bool:
        return "not_approver" in {row.why for row in await audit(world)}

    await eventually(is_refused)
    assert (await case_in(world, case.id, CaseState.AWAITING_APPROVAL)).denial is None
    reset = await world.newest("ivan")
    assert reset.account is not None
    held = await world.web.stores.resets.hindrance(
        "production", reset.account.user_id, world.clock()
    )
    assert held is not None
    assert held[0] is Hindrance.UNDER_INVESTIGATION
