"""What follows a reset: *No email yet?*, *Reset again*, *This wasn't me*, a token in the DM."""

from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.store.changes import JobName
from tests.scenario.test_reset import MAIL, offered
from tests.scenario.traces import everything_in
from tests.scenario.world import World

TOKEN = "aB3dE5fG7hI9jK1lM3nO5pQ7"


async def reset(world: World) -> Shown:
    """Reset Ada's token, and return the next steps."""
    ada = world.person("ada")
    await offered(world)
    await ada.presses("reset.confirm")
    steps = await ada.sees_soon(lambda shown: "reset.not_me" in str(shown.blocks), channel="dm")
    await world.settled("ada", "done")
    return steps


async def test_no_email_yet_says_what_to_check_and_when_to_try_again(world: World) -> None:
    ada = world.person("ada")
    steps = await reset(world)
    await ada.presses("reset.no_email", steps)
    check = await ada.sees_soon(lambda shown: shown.thread_ts == steps.ts, channel="dm")
    assert "spam" in check.plain
    assert MAIL in check.plain
    assert "a…@acme.example" in check.plain
    assert check.buttons == [], "the cool-down isn't over"
    await ada.presses("reset.no_email", steps)
    again = await ada.sees_soon(lambda shown: shown.ephemeral, channel="dm")
    assert again.ts != check.ts


async def test_after_the_cool_down_another_reset_is_offered(world: World) -> None:
    ada = world.person("ada")
    steps = await reset(world)
    await ada.presses("reset.no_email", steps)
    await ada.sees_soon(lambda shown: shown.thread_ts == steps.ts, channel="dm")
    world.clock.forward(minutes=11)
    await world.run_job(JobName.OFFER_AGAIN, (await world.newest("ada")).id)
    offer = await ada.sees_soon(lambda shown: "reset.again" in str(shown.blocks), channel="dm")
    await ada.presses("reset.again", offer)
    warning = await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks), channel="dm")
    await ada.presses("reset.confirm", warning)
    await world.org.until(lambda: len(world.org.resets) == 2)
    again = await ada.sees_soon(
        lambda shown: "reset.not_me" in str(shown.blocks) and shown.ts > warning.ts, channel="dm"
    )
    assert again.ts != steps.ts


async def test_this_wasnt_me_tells_it_at_once_and_stops_self_service(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    steps = await reset(world)
    done = await world.newest("ada")
    await ada.presses("reset.not_me", steps)
    alert = await ivan.sees_soon(
        lambda shown: "alert.close" in str(shown.blocks), channel=seed.IT_CHANNEL
    )
    for words in (done.id, "Ada Lovelace", "ada@acme.example", "Slack"):
        assert words in alert.plain
    told = await ada.sees_soon(lambda shown: shown.thread_ts == steps.ts, channel="dm")
    assert "IT" in told.plain

    world.clock.forward(hours=1)
    await ada.types("/reset-token")
    refused = await ada.sees_soon("IT is looking at this account", channel="general")
    assert "Nothing has changed" in refused.plain

    await ivan.presses("alert.close", alert)
    closed = await ivan.sees_soon("*Looked into* by", channel=seed.IT_CHANNEL)
    assert closed.buttons == []
    await offered(world)


async def test_the_person_themselves_cannot_close_the_alert(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    world.slack.channel(seed.IT_CHANNEL).members.append(ada.person.id)
    world.slack.groups[seed.APPROVERS].members.append(ada.person.id)
    await ada.presses("reset.not_me", await reset(world))
    alert = await ivan.sees_soon(
        lambda shown: "alert.close" in str(shown.blocks), channel=seed.IT_CHANNEL
    )
    await ada.presses("alert.close", alert)
    await ada.sees_soon(lambda shown: shown.ephemeral, channel=seed.IT_CHANNEL)
    assert (await world.newest("ada")).alert_closed_by is None


async def test_a_second_not_me_is_answered_and_makes_no_second_alert(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    steps = await reset(world)
    await ada.presses("reset.not_me", steps)
    await ivan.sees_soon("reset", channel=seed.IT_CHANNEL)
    await ada.presses("reset.not_me", steps)
    await ada.sees_soon(lambda shown: shown.ephemeral, channel="dm")
    alerts = [s for s in ivan.sees(seed.IT_CHANNEL) if "alert.close" in str(s.blocks)]
    assert len(alerts) == 1


async def test_an_alert_that_the_channel_refuses_is_told_and_tried_again(world: World) -> None:
    ada = world.person("ada")
    steps = await reset(world)
    fault = world.slack.faults.add(
        "chat.postMessage",
        Fault(error="not_in_channel", when=lambda call: call.channel == seed.IT_CHANNEL),
    )
    await ada.presses("reset.not_me", steps)
    told = await ada.sees_soon(lambda shown: shown.thread_ts == steps.ts, channel="dm")
    assert "phone" in told.plain.casefold() or "call" in told.plain.casefold()
    world.slack.faults.remove(fault)
    await world.run_job(JobName.ALERT, (await world.newest("ada")).id)
    await world.person("ivan").sees_soon(
        lambda shown: "alert.close" in str(shown.blocks), channel=seed.IT_CHANNEL
    )


async def test_a_token_in_the_dm_is_warned_about_and_never_kept(world: World) -> None:
    ada = world.person("ada")
    said = await ada.says(f"my login is hunter2!{TOKEN}, why?")
    warning = await ada.sees_soon("I can't delete it; please do.", channel="dm")
    assert warning.thread_ts == said.ts
    assert "Change your password too if it was in there" in warning.plain
    assert TOKEN not in warning.plain
    await ada.presses("reset.start", warning)
    await ada.sees_soon(lambda shown: "reset." in str(shown.blocks), channel="dm")
    assert TOKEN not in str(await everything_in(world.redis_url))


async def test_a_token_pasted_by_an_edit_is_seen_too(world: World) -> None:
    ada = world.person("ada")
    said = await ada.says("my token is …")
    await ada.edits(said.ts, f"my token is {TOKEN}")
    warning = await ada.sees_soon("I can't delete it; please do.", channel="dm")
    assert warning.thread_ts == said.ts


async def test_other_words_in_the_dm_get_help_and_no_warning(world: World) -> None:
    ada = world.person("ada")
    asked = await ada.says("how do I get a new token?")
    help_text = await ada.sees_soon("/reset-token status", channel="dm")
    assert help_text.thread_ts == asked.ts
    await ada.says(f"https://acme.example/{TOKEN}")
    said = await ada.says(TOKEN)
    await ada.sees_soon("I can't delete it", channel="dm")
    warnings = [s for s in ada.sees("dm") if "I can't delete it" in s.plain]
    assert [warning.thread_ts for warning in warnings] == [said.ts]
    assert len([s for s in ada.sees("dm") if "/reset-token status" in s.plain]) == 1


async def test_two_alerts_on_one_user_are_both_looked_into(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    first = await reset(world)
    world.clock.forward(minutes=11)
    await ada.types("/reset-token")
    warning = await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks))
    await ada.presses("reset.confirm", warning)
    second = await ada.sees_soon(
        lambda shown: "reset.not_me" in str(shown.blocks) and shown.ts != first.ts, channel="dm"
    )
    await world.settled("ada", "done")
    cards: list[Shown] = []
    for steps in (second, first):
        await ada.presses("reset.not_me", steps)
        cards.append(
            await ivan.sees_soon(
                lambda shown: (
                    "alert.close" in str(shown.blocks)
                    and shown.ts not in {card.ts for card in cards}
                ),
                channel=seed.IT_CHANNEL,
            )
        )
    world.clock.forward(hours=1)
    await ivan.presses("alert.close", cards[1])
    await ivan.sees_soon("*Looked into* by", channel=seed.IT_CHANNEL)
    await ada.types("/reset-token")
    await ada.sees_soon("IT is looking at this account", channel="general")
    await ivan.presses("alert.close", cards[0])
    await world.slack.until(
        lambda: sum("*Looked into* by" in s.plain for s in ivan.sees(seed.IT_CHANNEL)) == 2
    )
    await offered(world)


async def test_nobody_else_starts_a_reset_from_somebodys_warning(world: World) -> None:
    ada, eve = world.person("ada"), world.person("eve")
    await ada.says(TOKEN)
    warning = await ada.sees_soon("I can't delete it", channel="dm")
    payload = ada.press_payload("reset.start", warning)
    payload["user"] = {**payload["user"], "id": eve.person.id}
    await eve.presses_raw(payload)
    await ada.sees_soon(lambda shown: shown.ephemeral, channel="dm", timeout=5)
    assert await world.web.stores.resets.newest_of(eve.person.id, 1) == []
