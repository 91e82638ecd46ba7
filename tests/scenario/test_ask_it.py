"""*Ask IT first*: the question, the card, who may answer, and what comes back."""

import asyncio

import pytest

from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.store.changes import JobName
from tests.scenario.test_reset import MAIL, offered
from tests.scenario.world import World, a_world

QUESTION = "May I reset it before the quarter closes?"


async def asked(world: World, name: str = "ada") -> Shown:
    """Ask, and return the card that IT sees."""
    person = world.person(name)
    await offered(world, name)
    await person.presses("reset.ask_it")
    assert person.modal is not None
    assert not (await person.submits({"question": QUESTION})).errors
    return await card(world)


async def card(world: World, who: str = "ivan") -> Shown:
    return await world.person(who).sees_soon(
        lambda shown: "ask_it.go_ahead" in str(shown.blocks), channel=seed.IT_CHANNEL
    )


async def test_the_card_says_who_asks_why_and_what_would_break(world: World) -> None:
    seen = await asked(world)
    for words in ("Ada Lovelace", QUESTION, "ada@acme.example", "Data Loader", "Production"):
        assert words in seen.plain
    assert [button.text for button in seen.buttons] == ["Go ahead", "Please wait"]
    # The offer's clock has stopped, so what would reset is gone from the screen.
    await world.slack.until(
        lambda: all("reset.confirm" not in str(s.blocks) for s in world.person("ada").sees())
    )
    assert world.org.resets == []


async def test_go_ahead_comes_back_by_dm_with_a_fresh_button(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    seen = await asked(world)
    world.clock.forward(hours=3)
    await ivan.presses("Go ahead", seen)
    offer = await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), channel="dm")
    assert "says go ahead" in offer.plain
    assert "Ask IT first" not in [button.text for button in offer.buttons], "IT has answered"
    closed = await ivan.sees_soon("*Go ahead*, says", channel=seed.IT_CHANNEL)
    assert closed.ts == seen.ts
    assert closed.buttons == []
    await ada.presses("reset.confirm", offer)
    await ada.sees_soon(MAIL, channel="dm")
    assert len(world.org.resets) == 1


async def test_please_wait_comes_back_with_the_reason_and_can_still_become_go_ahead(
    world: World,
) -> None:
    ada, iris = world.person("ada"), world.person("iris")
    seen = await asked(world)
    await iris.presses("Please wait", seen)
    await world.slack.until(lambda: iris.modal is not None and "wait" in str(iris.modal.blocks))
    await iris.submits({"wait": "The nightly load runs until noon."})
    told = await ada.sees_soon("The nightly load runs until noon.", channel="dm")
    assert "Nothing has changed" in told.plain
    assert [button.text for button in told.buttons] == ["Cancel"]
    again = await card(world)
    assert "The nightly load runs until noon." in again.plain
    await world.person("ivan").presses("Go ahead", again)
    await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), channel="dm")


async def test_nobody_but_an_approver_decides(world: World) -> None:
    eve, ivan = world.person("eve"), world.person("ivan")
    seen = await asked(world)
    world.slack.channel(seed.IT_CHANNEL).members.append(eve.person.id)
    await eve.presses("Go ahead", seen)
    refused = await eve.sees_soon(lambda shown: shown.ephemeral, channel=seed.IT_CHANNEL)
    assert "approver" in refused.plain.casefold()
    assert not [shown for shown in ivan.sees(seed.IT_CHANNEL) if shown.ephemeral], "not in public"
    await eve.presses("Please wait", seen)
    await world.slack.until(
        lambda: eve.modal is not None and "approver" in eve.modal.plain.casefold()
    )
    assert (await world.newest("ada")).state == "awaiting_it"
    rows = [row async for row in world.web.stores.audit_log.since(None)]
    refusals = [row.what for row in rows if row.slack_user == eve.person.id]
    assert refusals == ["refused:go_ahead", "refused:wait"]


async def test_nobody_answers_their_own_question(world: World) -> None:
    ivan = world.person("ivan")
    seen = await asked(world, "ivan")
    await ivan.presses("Go ahead", seen)
    refused = await ivan.sees_soon(lambda shown: shown.ephemeral, channel=seed.IT_CHANNEL)
    assert "your own" in refused.plain
    assert (await world.newest("ivan")).state == "awaiting_it"


async def test_an_unreadable_user_group_lets_nobody_decide(world: World) -> None:
    ivan = world.person("ivan")
    seen = await asked(world)
    world.slack.paid_plan = False
    await ivan.presses("Go ahead", seen)
    await ivan.sees_soon(lambda shown: shown.ephemeral, channel=seed.IT_CHANNEL)
    assert (await world.newest("ada")).state == "awaiting_it"


async def test_an_empty_list_of_approvers_means_nobody_and_the_card_says_so(
    redis_url: str,
) -> None:
    async with a_world(redis_url, IT_APPROVERS="") as world:
        seen = await asked(world)
        assert "IT_APPROVERS" in seen.plain
        await world.person("ivan").presses("Go ahead", seen)
        await world.person("ivan").sees_soon(lambda shown: shown.ephemeral, channel=seed.IT_CHANNEL)
        assert (await world.newest("ada")).state == "awaiting_it"


async def test_two_approvers_at_once_are_one_decision(world: World) -> None:
    ivan, iris = world.person("ivan"), world.person("iris")
    seen = await asked(world)
    payloads = [one.press_payload("Go ahead", seen) for one in (ivan, iris)]
    await asyncio.gather(*(ivan.presses_raw(payload) for payload in payloads))
    await world.person("ada").sees_soon(
        lambda shown: "reset.confirm" in str(shown.blocks), channel="dm"
    )

    def told_otherwise() -> bool:
        return any(shown.ephemeral for one in (ivan, iris) for shown in one.sees(seed.IT_CHANNEL))

    await world.slack.until(told_otherwise)
    what = [row.what async for row in world.web.stores.audit_log.since(None)]
    assert what.count("go_ahead") == 1
    assert what.count("refused:go_ahead") == 1


async def test_a_question_that_nobody_answers_ends_and_is_told(world: World) -> None:
    ada = world.person("ada")
    seen = await asked(world)
    reset = await world.newest("ada")
    await world.run_job(JobName.REMIND_IT, reset.id)
    reminder = await world.person("ivan").sees_soon(
        lambda shown: shown.thread_ts == seen.ts and shown.ts != seen.ts, channel=seed.IT_CHANNEL
    )
    assert "Ada Lovelace" in reminder.plain
    world.clock.forward(hours=25)
    await world.run_job(JobName.EXPIRE, reset.id)
    told = await ada.sees_soon("IT hasn't answered")
    assert "Nothing has changed" in told.plain
    await world.slack.until(
        lambda: not any(shown.buttons for shown in world.person("ivan").sees(seed.IT_CHANNEL))
    )


async def test_a_username_alone_is_vouched_for_by_it(world: World) -> None:
    dana = world.person("dana")
    await dana.types("/reset-token")
    offer = await dana.sees_soon(lambda shown: "reset.ask_it" in str(shown.blocks))
    assert [button.text for button in offer.buttons] == ["Ask IT first", "Cancel"]
    assert "logins" not in offer.plain
    await dana.presses("reset.ask_it", offer)
    await dana.submits({"question": "It is me, I married."})
    seen = await card(world)
    assert "vouch" in seen.plain or "confirm" in seen.plain
    await world.person("ivan").presses("Go ahead", seen)
    warning = await dana.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), channel="dm")
    await dana.presses("reset.confirm", warning)
    await dana.sees_soon(MAIL, channel="dm")
    assert len(world.org.resets) == 1


async def test_an_it_channel_that_refuses_is_told_to_the_asker(world: World) -> None:
    ada = world.person("ada")
    await offered(world)
    world.slack.faults.add(
        "chat.postMessage",
        Fault(error="not_in_channel", when=lambda call: call.channel == seed.IT_CHANNEL),
    )
    await ada.presses("reset.ask_it")
    await ada.submits({"question": QUESTION})
    told = await ada.sees_soon("Nothing has changed", channel="general")
    assert told.buttons == []
    assert (await world.settled("ada", "failed")).reason == "it_unreachable"


@pytest.mark.parametrize("text", ["", "   ", "\n"])
async def test_an_empty_question_stays_in_the_form(world: World, text: str) -> None:
    ada = world.person("ada")
    await offered(world)
    payload = await _submission(world, text)
    answer = await ada.presses_raw(payload)
    assert answer.status == 200
    assert (await world.newest("ada")).state == "awaiting_user"


async def _submission(world: World, text: str) -> dict[str, object]:
    reset = await world.newest("ada")
    return {
        "type": "view_submission",
        "user": {"id": reset.requester.user_id, "team_id": world.slack.team_id},
        "team": {"id": world.slack.team_id},
        "view": {
            "id": "V0FORGED",
            "type": "modal",
            "callback_id": "reset.ask_it",
            "private_metadata": reset.id,
            "state": {"values": {"question": {"text": {"value": text}}}},
        },
    }


async def test_an_offer_that_is_gone_from_the_dm_holds_up_neither_outcome_nor_steps(
    world: World,
) -> None:
    ada = world.person("ada")
    await world.person("ivan").presses("Go ahead", await asked(world))
    offer = await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), channel="dm")
    world.slack.faults.add("chat.update", Fault(error="message_not_found"))
    await ada.presses("reset.confirm", offer)
    await ada.sees_soon(lambda shown: shown.plain.startswith("Done."), channel="dm")
    await ada.sees_soon(lambda shown: "reset.not_me" in str(shown.blocks), channel="dm")
    await world.slack.until(lambda: len(world.org.resets) == 1)
    steps = [shown for shown in ada.sees("dm") if "reset.not_me" in str(shown.blocks)]
    assert len(steps) == 1
