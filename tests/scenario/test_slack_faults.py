"""Slack fails or refuses: the outcome still reaches the person, and no reset is repeated."""

import httpx
import pytest

from sandbox.slack.faults import Fault
from tests.scenario.steps import (
    TOKEN_MAIL,
    UNCHANGED,
    answered,
    audit,
    done,
    ended,
    has,
    offered,
    on_screen,
    refused,
)
from tests.scenario.traces import lines, logged
from tests.scenario.world import World


def steps_in_dm(world: World) -> int:
    return len([one for one in world.person("ada").sees("dm") if has("reset.not_me")(one)])


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503, times=3),
        Fault(status=429, retry_after=1, times=1),
        Fault(error="ratelimited", times=1),
        Fault(error="internal_error", times=1),
        Fault(lost="before", times=2),
    ],
    ids=["503", "429", "ratelimited", "internal", "lost"],
)
async def test_a_profile_that_slack_gives_late_is_waited_for(world: World, fault: Fault) -> None:
    world.slack.faults.add("users.info", fault)
    await offered(world)
    assert [row.what for row in await audit(world)] == ["start", "offer"]


async def test_a_profile_that_slack_refuses_is_told(world: World) -> None:
    world.slack.faults.add("users.info", Fault(error="user_not_found"))
    shown = await refused(world, "ada", "Slack didn't let me read your profile")
    assert UNCHANGED in shown.plain
    assert world.org.calls == []


@pytest.mark.parametrize("code", ["cannot_dm_bot", "restricted_action", "channel_not_found"])
async def test_a_refused_dm_leaves_outcome_and_steps_in_the_channel(
    world: World, code: str
) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add("chat.postMessage", Fault(error=code))
    with logged("INFO") as log:
        await ada.presses("reset.confirm", warning)
        assert (await ended(world)).state == "done"
        shown = await ada.sees_soon("I couldn't send you a direct message", channel="general")
    assert shown.ts == warning.ts
    assert shown.plain.startswith("Done.")
    assert TOKEN_MAIL in shown.plain
    assert "Data Loader" in shown.plain
    assert {button.action_id for button in shown.buttons} == {"reset.no_email", "reset.not_me"}
    assert ada.sees("dm") == []
    assert len(world.slack.calls.to("chat.postMessage")) == 1, "a refusal is not repeated"
    assert [line["code"] for line in lines(log) if line["event"] == "slack.dm_refused"] == [code]
    assert (len(world.org.resets), world.org.count(0, "submit")) == (1, 1)

    await ada.types("/reset-token status")
    assert "done, your token was reset" in ada.sees("general")[-1].plain
    world.slack.faults.clear()
    await ada.presses("reset.not_me", shown)
    await world.person("ivan").sees_soon(has("breach.deny"), channel="it-approvals")


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault(status=429, retry_after=1, times=1), 10),
        (Fault(status=503, times=1), 10),
        (Fault(lost="before", times=1), 10),
        (Fault(lost="after", times=1), 10),
    ],
    ids=["rate-limit", "503", "never-came", "answer-lost"],
)
async def test_a_dm_that_failed_comes_once(world: World, fault: Fault, wait: float) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add("chat.postMessage", fault)
    await ada.presses("reset.confirm", warning)
    assert (await ended(world)).state == "done"
    await ada.sees_soon(has("reset.not_me"), wait, channel="dm")
    await ada.sees_soon("Done.", channel="general")
    assert steps_in_dm(world) == 1
    assert len(world.org.resets) == 1


async def test_a_dm_whose_place_got_lost_is_found_again_in_its_thread_too(world: World) -> None:
    ada = world.person("ada")
    steps = await done(world)
    world.slack.faults.add("chat.postMessage", Fault(lost="after", times=1))
    await ada.presses("reset.no_email", steps)
    await ada.sees_soon("Check these first", 10, channel="dm")
    await world.slack.until(lambda: world.slack.calls.to("conversations.replies"), 10)
    assert len(world.slack.calls.to("chat.postMessage")) == 2


async def use_up(url: str) -> None:
    """Answer through a `response_url` until it takes no more."""
    async with httpx.AsyncClient() as client:
        for _ in range(5):
            (await client.post(url, json={"text": "Noise"})).raise_for_status()


async def test_a_clicks_url_that_is_used_up_falls_back_to_the_commands(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    payload = ada.press_payload("reset.confirm", warning)
    await use_up(payload["response_url"])
    await ada.presses_raw(payload)
    assert (await ended(world)).state == "done"
    shown = await ada.sees_soon("Done.", channel="general")
    assert shown.ephemeral
    assert shown.ts != warning.ts
    assert steps_in_dm(world) == 1


async def test_without_any_url_the_outcome_comes_by_dm(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add("response_url", Fault(error="expired_url"))
    await ada.presses("reset.confirm", warning)
    assert (await ended(world)).state == "done"
    await ada.sees_soon("Done. Your old token no longer works", channel="dm")
    assert steps_in_dm(world) == 1
    assert len(world.org.resets) == 1


async def test_without_any_url_the_offer_comes_by_dm(world: World) -> None:
    ada = world.person("ada")
    world.slack.faults.add("response_url", Fault(error="expired_url"))
    await ada.types("/reset-token")
    offer = await ada.sees_soon(has("reset.confirm"), channel="dm")
    world.slack.faults.clear()
    await ada.presses("reset.confirm", offer)
    assert (await ended(world)).state == "done"
    await ada.sees_soon(has("reset.not_me"), channel="dm")


async def test_without_a_url_or_a_dm_status_still_tells(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add("response_url", Fault(error="expired_url"))
    world.slack.faults.add("chat.postMessage", Fault(error="restricted_action"))
    await ada.presses("reset.confirm", warning)
    await world.settled("ada", "done")
    await world.slack.until(lambda: world.slack.calls.to("chat.postMessage"), 10)
    await ada.types("/reset-token status")
    assert "done, your token was reset" in ada.sees("general")[-1].plain
    assert len(world.org.resets) == 1


async def test_an_outcome_whose_answer_was_lost_is_shown_again_in_its_place(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add(
        "response_url",
        Fault(lost="after", times=1, when=lambda call: "Done" in str(call.args)),
    )
    await ada.presses("reset.confirm", warning)
    assert (await ended(world)).state == "done"
    shown = [one for one in ada.sees("general") if one.plain.startswith("Done.")]
    assert [one.ts for one in shown] == [warning.ts]
    assert steps_in_dm(world) == 1
    assert len(world.org.resets) == 1


async def test_working_that_cant_be_shown_stops_nothing(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add(
        "response_url", Fault(status=500, when=lambda call: "Resetting" in str(call.args))
    )
    await ada.presses("reset.confirm", warning)
    assert (await ended(world)).state == "done"
    await ada.sees_soon("Done.", channel="general")


async def test_an_offer_that_came_twice_is_pressed_once(world: World) -> None:
    """Only an answer that replaces something is safe to give twice; an offer may come twice."""
    ada = world.person("ada")
    world.slack.faults.add("response_url", Fault(lost="after", times=1))
    await ada.types("/reset-token")
    await world.slack.until(
        lambda: len([one for one in ada.sees("general") if has("reset.confirm")(one)]) == 2, 10
    )
    first, second = (one for one in ada.sees("general") if has("reset.confirm")(one))
    await ada.presses("reset.confirm", first)
    await ended(world)
    before = on_screen(ada)
    await ada.presses("reset.confirm", second)
    await answered(ada, "This reset ended", before)
    assert len(world.org.resets) == 1


async def test_an_answer_to_a_press_without_its_url_comes_as_an_ephemeral(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    forged = ada.press_payload("reset.confirm", warning)
    forged["actions"][0]["value"] = "0" * 32
    await use_up(forged["response_url"])
    before = on_screen(ada)
    await ada.presses_raw(forged)
    await answered(ada, "I no longer have the reset", before)
    assert len(world.slack.calls.to("chat.postEphemeral")) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault(latency=2), Fault(status=500), Fault(error="expired_trigger_id"), Fault(lost="before")],
    ids=["slow", "500", "trigger", "lost"],
)
async def test_a_form_that_doesnt_open_is_told_in_time(world: World, fault: Fault) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add("views.open", fault)
    before = on_screen(ada)
    result = await ada.presses("reset.ask_it", warning)
    assert result.error is None
    assert result.ack_ms < 3000
    await answered(ada, "Slack didn't open the form", before)
    assert (await world.newest("ada")).state == "awaiting_user"
    world.slack.faults.clear()
    await ada.presses("reset.ask_it", warning)
    assert ada.modal is not None


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "is_archived"])
async def test_an_it_channel_that_refuses_the_question_is_told(world: World, code: str) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add("chat.postMessage", Fault(error=code))
    await ada.presses("reset.ask_it", warning)
    await ada.submits({"question": "Which job uses it?"})
    shown = await ada.sees_soon("I couldn't reach IT in Slack")
    assert shown.ts == warning.ts
    assert UNCHANGED in shown.plain
    assert code in shown.plain, "for IT"
    assert shown.buttons == []
    assert (await world.newest("ada")).state == "failed"
    world.slack.faults.clear()
    await offered(world)  # nothing is held


async def test_an_it_channel_that_is_limited_gets_the_question_later(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.slack.faults.add("chat.postMessage", Fault(status=429, retry_after=1, times=1))
    await ada.presses("reset.ask_it", warning)
    await ada.submits({"question": "Which job uses it?"})
    await world.person("ivan").sees_soon(has("ask_it.go_ahead"), 10, channel="it-approvals")
    await ada.sees_soon("has your question")
    assert len(world.person("ivan").sees("it-approvals")) == 1
