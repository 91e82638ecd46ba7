"""What follows a reset: *No email yet?*, *Reset again*, a token in the DM."""

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
    # Help comes once in a hundred seconds: all of it is said at the beginning of such a while.
    world.clock.forward(seconds=100 - world.clock.seconds() % 100)
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


async def test_nobody_else_starts_a_reset_from_somebodys_warning(world: World) -> None:
    ada, eve = world.person("ada"), world.person("eve")
    await ada.says(TOKEN)
    warning = await ada.sees_soon("I can't delete it", channel="dm")
    payload = ada.press_payload("reset.start", warning)
    payload["user"] = {**payload["user"], "id": eve.person.id}
    await eve.presses_raw(payload)
    await ada.sees_soon(lambda shown: shown.ephemeral, channel="dm", timeout=5)
    assert await world.web.stores.resets.newest_of(eve.person.id, 1) == []
