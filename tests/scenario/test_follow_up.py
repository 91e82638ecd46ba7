"""After a reset the bot stays until every program works again, on logins that really happen."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.seed import BOT_ACCESS
from sandbox.slack.shown import Shown
from services.follow_ups.model import Ended, FollowUp
from services.store.changes import JobName
from tests.scenario.programs import (
    SENDING_TOKEN,
    UNTOUCHED,
    checklist,
    dismisses,
    failed_logins,
    item_press,
    line_of,
    look,
    programs_of,
)
from tests.scenario.steps import PATIENCE, answered, audited, done, eventually, on_screen
from tests.scenario.world import World

FAILING = "to log in to Production"
LOCKED = "Your Salesforce user in Production is locked out"


async def followed(world: World, name: str = "ada") -> FollowUp:
    reset = await world.newest(name)
    found = await world.web.stores.follow_ups.get(reset.id)
    assert found is not None
    return found


def alerts(world: World, words: str = FAILING, name: str = "ada") -> list[Shown]:
    return [shown for shown in world.person(name).sees("dm") if is_headed(words)(shown)]


def is_headed(words: str) -> Callable[[Shown], bool]:
    """Whether a message begins with a line of these words: the steps only mention them."""
    return lambda shown: words in shown.plain.split("\n")[0]


def new_token(world: World, name: str = "ada") -> str:
    return world.org.person(name).security_token


async def test_the_next_steps_list_the_programs_that_need_the_token(world: World) -> None:
    programs = await programs_of(world)
    steps = await done(world)
    for name in programs.entries:
        assert (f"*{name}*" in steps.plain) is (name not in UNTOUCHED)
    for name in SENDING_TOKEN:
        assert "not seen yet" in line_of(steps, name)
    assert "I look within minutes at first" in steps.plain
    assert "*Browser*" not in steps.plain


async def test_the_checklist_ticks_itself_as_programs_are_mended(world: World) -> None:
    programs = await programs_of(world)
    steps = await done(world)
    world.clock.forward(seconds=40)
    results = await programs.all_log_in()
    assert {name for name, result in results.items() if not result.ok} == set(SENDING_TOKEN)

    await look(world, minutes=1)
    failing = await checklist(world, "❌")
    assert failing.ts == steps.ts, "edited in place"
    for name in SENDING_TOKEN:
        assert "fails" in line_of(failing, name)
        assert "Invalid Password" in failing.plain
    assert "logged in" in line_of(failing, "Payroll"), "it needs no token where it is"
    assert "192.0.2.44" in line_of(failing, "dataloader.io")
    alert = await world.person("ada").sees_soon(is_headed(FAILING), PATIENCE, channel="dm")
    assert alert.ts != steps.ts
    assert all(f"*{name}*" in alert.plain for name in SENDING_TOKEN)
    assert "3, 5 or 10" in alert.plain

    for name in SENDING_TOKEN:
        programs.paste_token(name, new_token(world))
    assert (await programs.log_in("Data Loader")).ok
    await look(world, minutes=2)
    half = await checklist(world, "✅ *Data Loader*")
    assert "fails" in line_of(half, "Acme ETL")

    await dismisses(world.person("ada"), half, "Unnamed application", "Not mine")
    await programs.all_log_in()
    await look(world, minutes=3)
    last = await world.person("ada").sees_soon(
        "Every program that I followed works again", PATIENCE, channel="dm"
    )
    assert last.ts == steps.ts
    assert last.menus == []
    over = await followed(world)
    assert (over.ended, over.next_at) == (Ended.ALL_DONE, None)
    assert len(alerts(world)) == 1
    await audited(world, "follow_up_ended")
    assert new_token(world) not in str([shown.blocks for shown in world.person("ada").sees()])


async def test_one_that_goes_on_failing_is_told_once_a_day(world: World) -> None:
    programs = await programs_of(world)
    await done(world)
    world.clock.forward(seconds=40)
    await programs.log_in("Data Loader")
    await look(world, minutes=1)
    await world.person("ada").sees_soon(is_headed(FAILING), PATIENCE, channel="dm")
    for minutes in (2, 2, 10, 45):
        await programs.log_in("Data Loader")
        await look(world, minutes=minutes)
    await checklist(world, "5 failed logins")
    assert len(alerts(world)) == 1

    world.org.person("ada").failed_logins = 0
    world.clock.forward(hours=30)
    await programs.log_in("Data Loader")
    await look(world)
    await eventually_two(world)


async def eventually_two(world: World) -> None:
    async def two() -> bool:
        return len(alerts(world)) == 2

    await eventually(two)


async def test_a_program_that_nobody_listed_is_named_when_it_fails(world: World) -> None:
    ada = world.org.person("ada")
    quarterly = world.org.acme_etl(ada, world.origin)
    quarterly.application, quarterly.address = "Quarter <End>", "2001:db8::7"
    await done(world)
    world.clock.forward(minutes=1)
    assert not (await quarterly.login()).ok
    await look(world, minutes=1)
    named = await checklist(world, "Quarter")
    line = next(line for line in named.plain.splitlines() if "Quarter" in line)
    assert line.startswith("❌")
    assert "2001:db8::7" in line
    assert "<End>" not in str(named.blocks)


async def test_a_lock_is_told_to_the_person_and_to_it_within_a_round(world: World) -> None:
    programs = await programs_of(world)
    await done(world)
    world.clock.forward(minutes=1)
    robot = world.org.invoice_robot(world.org.person("ada"), world.origin)
    robot.token = "TheOldTokenTheOldTokenOld"
    assert not (await robot.login()).ok
    assert world.org.person("ada").is_password_locked
    world.clock.forward(minutes=1)
    await look(world)

    told = await world.person("ada").sees_soon(is_headed(LOCKED), PATIENCE, channel="dm")
    assert "Unlock" in told.plain
    assert "Invoice Robot" in told.plain
    card = await world.person("ivan").sees_soon("Locked out", PATIENCE, channel="it-approvals")
    for words in ("ada@acme.example", "Invoice Robot", "Unlock"):
        assert words in card.plain
    assert "1 minute" in card.plain
    await checklist(world, "locked out")
    await audited(world, "account_locked")

    await look(world, minutes=3)
    assert len(alerts(world, LOCKED)) == 1, "the same lock is told once"

    world.org.person("ada").is_password_locked = False
    world.org.person("ada").failed_logins = 0
    programs.paste_token("Data Loader", new_token(world))
    assert (await programs.log_in("Data Loader")).ok
    await look(world, minutes=15)
    open_again = await checklist(world, "✅ *Data Loader*")
    assert "locked out" not in open_again.plain.split("*Your programs", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("option", "words"), [("Not mine", "not yours"), ("Don't follow this", "not followed")]
)
async def test_a_person_can_take_a_program_off(world: World, option: str, words: str) -> None:
    await programs_of(world)
    steps = await done(world)
    await dismisses(world.person("ada"), steps, "Acme ETL", option)
    after = await checklist(world, words)
    assert words in line_of(after, "Acme ETL")
    assert after.ts == steps.ts


async def test_nobody_else_takes_a_program_off(world: World) -> None:
    await programs_of(world)
    steps = await done(world)
    before, eve = await followed(world), world.person("eve")
    await eve.presses_raw(item_press(world, steps, before.items[0].id, by="eve"))
    await audited(world, "refused:follow.item")
    assert await followed(world) == before


async def test_a_newer_reset_takes_over(world: World) -> None:
    await programs_of(world)
    old_steps = await done(world)
    old = await world.newest("ada")
    world.clock.forward(minutes=30)
    new_steps = await done(world)
    taken = await world.person("ada").sees_soon(
        lambda shown: shown.ts == old_steps.ts and "A newer reset" in shown.plain,
        PATIENCE,
        channel="dm",
    )
    assert taken.menus == []
    assert new_steps.ts != old_steps.ts
    ended = await world.web.stores.follow_ups.get(old.id)
    assert ended is not None
    assert ended.ended is Ended.TAKEN_OVER
    assert (await followed(world)).ended is None


async def test_a_permission_lost_midway_is_said_once_and_the_lock_is_still_seen(
    world: World,
) -> None:
    programs = await programs_of(world)
    await done(world)
    world.org.hidden_objects.add("LoginHistory")
    await look(world, minutes=2)
    blind = await checklist(world, "I can't read the logins")
    assert blind.plain.count("I can't read the logins") == 1
    assert "Manage Users" in blind.plain
    world.org.person("ada").is_password_locked = True
    await look(world, minutes=2)
    await world.person("ada").sees_soon(is_headed(LOCKED), PATIENCE, channel="dm")

    world.org.person("ada").is_password_locked = False
    world.org.hidden_objects.clear()
    programs.paste_token("Acme ETL", new_token(world))
    assert (await programs.log_in("Acme ETL")).ok
    await look(world, minutes=2)
    sees = await checklist(world, "✅ *Acme ETL*")
    assert "I can't read the logins" not in sees.plain


async def test_without_the_permission_an_empty_answer_is_no_reading(world: World) -> None:
    await programs_of(world)
    await done(world)
    world.org.permission_sets[BOT_ACCESS].permissions -= {"ManageUsers"}
    await look(world, minutes=2)
    blind = await checklist(world, "I can't read the logins")
    assert "Manage Users" in blind.plain


async def test_it_stops_when_its_time_is_up_and_says_what_it_never_saw(world: World) -> None:
    programs = await programs_of(world)
    await done(world)
    programs.paste_token("Data Loader", new_token(world))
    world.clock.forward(minutes=1)
    assert (await programs.log_in("Data Loader")).ok
    await look(world, minutes=2)
    for _ in range(6):
        await look(world, days=1)
    assert (await followed(world)).ended is None
    await look(world, days=1)
    last = await world.person("ada").sees_soon("I stopped looking", PATIENCE, channel="dm")
    assert "Acme ETL" in last.plain
    assert (await followed(world)).ended is Ended.TIME_IS_UP
    assert alerts(world) == []


async def test_salesforce_away_loses_nothing(world: World) -> None:
    programs = await programs_of(world)
    await done(world)
    world.clock.forward(minutes=2)
    assert not (await programs.log_in("Data Loader")).ok
    calls = len(world.org.calls)
    world.org.faults.add("composite", faults.status(503), times=3)
    await world.run_job(JobName.FOLLOW_ROUND, f"production:{int(world.clock.seconds())}")
    await world.org.until(lambda: world.org.count(calls, "composite") >= 3, PATIENCE)
    await look(world, minutes=2)
    await world.person("ada").sees_soon(is_headed(FAILING), PATIENCE, channel="dm")


async def test_no_round_reads_a_login_twice(world: World) -> None:
    programs = await programs_of(world)
    await done(world)
    world.clock.forward(minutes=1)
    await programs.log_in("Data Loader")
    for _ in range(3):
        await look(world, minutes=2)
    shown = await checklist(world, "1 failed login")
    assert len(failed_logins(world)) == 1
    assert "2 failed" not in shown.plain


async def test_a_press_after_the_end_is_answered(world: World) -> None:
    await programs_of(world)
    steps = await done(world)
    item = next(iter((await followed(world)).items))
    for _ in range(9):
        await look(world, days=1)
        if (await followed(world)).ended:
            break
    ada = world.person("ada")
    before = on_screen(ada)
    await ada.presses_raw(item_press(world, steps, item.id, by="ada"))
    told = await answered(ada, "This follow-up is over", before)
    assert told.ephemeral


async def test_the_first_look_is_a_minute_after_the_reset(world: World) -> None:
    await done(world)
    first = await followed(world)
    assert first.next_at is not None
    wait = first.next_at - first.began_at
    assert timedelta(minutes=1) <= wait <= timedelta(seconds=75)
