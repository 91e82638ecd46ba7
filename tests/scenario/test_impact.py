"""The warning names what will break, from logins that programs really made."""

from datetime import timedelta
from ipaddress import ip_network

import pytest

from sandbox.salesforce.records import Client
from sandbox.salesforce.seed import BOT_ACCESS
from sandbox.slack import seed
from sandbox.slack.shown import Shown
from tests.scenario.programs import (
    SENDING_TOKEN,
    TRUSTED,
    UNTOUCHED,
    below,
    programs_of,
)
from tests.scenario.steps import PATIENCE, done, has, newcomer, offered
from tests.scenario.world import World, a_world

BREAK, UNLESS, CANT_TELL, NOT_AFFECTED = (
    "*These will break*",
    "*These will break unless they log in from a trusted network*",
    "*I can't tell whether these break:*",
    "*Not affected*",
)
HEADINGS = (BREAK, UNLESS, CANT_TELL, NOT_AFFECTED)
UNNAMED = "Unnamed application"


def listed(warning: Shown) -> dict[str, str]:
    text = warning.plain
    return {heading: below(text, heading, HEADINGS) for heading in HEADINGS if heading in text}


@pytest.mark.parametrize("method", ["token", "password"])
async def test_each_verdict_is_right_before_and_after(redis_url: str, method: str) -> None:
    async with a_world(
        redis_url, SALESFORCE_RESET_METHOD=method, SALESFORCE_TRUSTED_NETWORKS=TRUSTED
    ) as world:
        programs = await programs_of(world)
        lists = listed(await offered(world))

        breaking = [*SENDING_TOKEN, *(["Payroll", "Browser"] if method == "password" else [])]
        spared = [*UNTOUCHED, *([] if method == "password" else ["Payroll", "Browser"])]
        for name in breaking:
            assert f"*{'Your own login' if name == 'Browser' else name}*" in lists[BREAK]
        for name in spared:
            assert f"*{name}*" in lists[NOT_AFFECTED]
        assert UNNAMED in lists[CANT_TELL]
        assert UNLESS not in lists

        await done(world)
        results = await programs.all_log_in()
        assert {name for name, result in results.items() if not result.ok} == (
            set(breaking) - {"Browser"}
        )
        assert world.org.violations == []


async def test_without_known_networks_it_is_said_that_a_trusted_one_needs_no_token(
    world: World,
) -> None:
    await programs_of(world)
    lists = listed(await offered(world))
    assert BREAK not in lists
    for name in (*SENDING_TOKEN, "Payroll"):
        assert f"*{name}*" in lists[UNLESS]
    assert "10.20.0.5" in lists[UNLESS]
    assert "trusted)" not in lists[UNLESS]


async def test_each_line_says_how_often_when_last_from_where_and_how_sure(world: World) -> None:
    warning = await offered(world)
    line = next(line for line in warning.plain.splitlines() if "*Data Loader*" in line)
    assert "90 logins" in line
    assert "last on" in line
    assert "203.0.113.20" in line
    assert "probably breaks" in line
    assert "Logins of the last 90 days, read" in warning.plain


async def test_the_bots_own_logins_as_the_person_are_left_out(world: World) -> None:
    await done(world)
    own = [row for row in world.org.logins if row.client.application.startswith("Reset Token")]
    assert any(row.user_id == world.org.person("ada").id for row in own)
    world.clock.forward(minutes=30)
    warning = await offered(world)
    assert "Reset Token" not in warning.plain


async def test_an_account_is_read_in_one_request_and_not_again_for_five_minutes(
    world: World,
) -> None:
    await offered(world)
    assert world.org.count(endpoint="composite") == 1
    again = await offered(world)
    assert world.org.count(endpoint="composite") == 1
    assert "*Data Loader*" in again.plain
    world.clock.forward(minutes=6)
    calls = len(world.org.calls)
    await offered(world, "eve")
    assert world.org.count(calls) <= 3


async def test_apps_that_go_on_are_named_where_the_bot_may_see_them(world: World) -> None:
    world.org.permission_sets[BOT_ACCESS].permissions |= {"CustomizeApplication"}
    warning = await offered(world)
    assert "apps that you approved: Outlook, dataloader.io" in warning.plain
    assert world.org.violations == []


async def test_ten_are_listed_and_the_rest_opens(world: World) -> None:
    ada, user = world.person("ada"), world.org.person("ada")
    now = world.clock()
    for number in range(12):
        client = Client("Other Apex API", None, f"Job {number}", "SOAP Partner", "59.0")
        for hours in range(number + 1):
            at = now - timedelta(hours=hours + 1)
            world.org.record_login(user, client, "192.0.2.9", at=at)
    warning = await offered(world)
    named = [number for number in range(12) if f"*Job {number}*" in warning.plain]
    assert named == [6, 7, 8, 9, 10, 11], "those that log in most often fail first"
    assert "Not listed here" in warning.plain
    await ada.presses("impact.show_all", warning)
    modal = ada.modal
    assert modal is not None
    assert all(f"*Job {number}*" in modal.plain for number in range(12))
    assert "*Browser*" in modal.plain


async def test_a_job_of_every_minute_hides_no_weekly_one(world: World) -> None:
    newcomer(world, "mia", world.org.person("mia").email)
    warning = await offered(world, "mia")
    assert "*Weekly Export*" in warning.plain
    assert "Logins of the last 90 days" in warning.plain


async def test_where_logins_cant_be_counted_it_says_how_far_back_it_read(world: World) -> None:
    world.org.refuses_group_by.add("LoginHistory")
    newcomer(world, "mia", world.org.person("mia").email)
    warning = await offered(world, "mia")
    assert "*Weekly Export*" not in warning.plain
    assert "Read back to" in warning.plain
    assert "rarer jobs are not in here" in warning.plain
    assert "90 days" not in warning.plain


async def test_no_logins_are_told_apart_from_logins_that_cant_be_read(world: World) -> None:
    world.org.add_user("nina@acme.example.prod", "nina@acme.example", "Nina Holt")
    newcomer(world, "nina", "nina@acme.example")
    nobody = await offered(world, "nina")
    assert "None seen in 90 days; a quarterly job would not be in here." in nobody.plain

    world.org.hidden_objects.add("LoginHistory")
    unreadable = await offered(world, "eve")
    assert "I couldn't read the login history. Assume that something breaks." in unreadable.plain
    assert "None seen" not in unreadable.plain


async def test_a_missing_permission_is_told_to_it_once_a_day(world: World) -> None:
    world.org.permission_sets[BOT_ACCESS].permissions -= {"ManageUsers"}
    for name in ("ada", "eve"):
        warning = await offered(world, name)
        assert "I couldn't read the login history" in warning.plain
        assert "Manage Users" in warning.plain
    told = await world.person("ivan").sees_soon("Manage Users", PATIENCE, channel="it-approvals")
    assert "lacks" in told.plain
    cards = world.person("ivan").sees("it-approvals")
    assert len([shown for shown in cards if "Manage Users" in shown.plain]) == 1
    assert world.org.resets == []


async def test_what_makes_a_reset_moot_is_said(world: World) -> None:
    org, ada = world.org, world.org.person("ada")
    org.add_permission_set("Codes", {"TwoFactorApi"})
    org.assign(ada, "Codes")
    org.add_permission_set("Elsewhere", {"IsSsoEnabled"})
    org.assign(ada, "Elsewhere")
    ada.profile.login_ip_ranges = [ip_network("10.0.0.0/8")]
    assert not (await org.data_loader(ada, world.origin).login()).ok
    warning = await offered(world)
    assert "MFA for API" in warning.plain or "Multi-Factor Authentication for API" in warning.plain
    assert "Login IP ranges" in warning.plain
    assert "single sign-on" in warning.plain.casefold()


async def test_an_account_near_its_lock_out_is_told_so_first(world: World) -> None:
    ada = world.org.person("ada")
    robot = world.org.invoice_robot(ada, world.origin, retries=2)
    robot.token = "WrongTokenWrongTokenWrong"
    assert not (await robot.login()).ok
    warning = await offered(world)
    first = warning.plain.splitlines()[0]
    assert "The last 3 logins with a password failed" in first
    assert "Invoice Robot" in first
    assert "lock" in first


async def test_a_locked_account_is_told_so_first(world: World) -> None:
    world.org.person("ada").is_password_locked = True
    warning = await offered(world)
    assert "locked" in warning.plain.splitlines()[0]


async def test_names_with_markup_are_shown_as_text(world: World) -> None:
    user = world.org.person("ada")
    for name in ("<!channel> *Bold*", "<https://evil.example|click>", "Ünïcode 🤖", "`code`"):
        client = Client("Other Apex API", None, name, "SOAP Partner")
        world.org.record_login(user, client, "2001:db8::1")
    warning = await offered(world)
    blocks = str(warning.blocks)
    assert "<!channel>" not in blocks
    assert "<https://evil" not in blocks
    assert "🤖" in warning.plain
    assert "2001:db8::1" in warning.plain


async def test_a_thousand_integrations_fit(world: World) -> None:
    user, now = world.org.person("ada"), world.clock()
    for number in range(1000):
        client = Client("Other Apex API", None, f"Integration {number:04}", "SOAP Partner")
        at = now - timedelta(minutes=number)
        world.org.record_login(user, client, "10.1.2.3", at=at)
    warning = await offered(world)
    assert "Not listed here" in warning.plain
    await world.person("ada").presses("impact.show_all", warning)
    modal = world.person("ada").modal
    assert modal is not None
    assert modal.plain.count("• *") == 200
    assert "more" in modal.plain
    await world.person("ada").presses("reset.confirm", warning)
    steps = await world.person("ada").sees_soon(has("reset.not_me"), PATIENCE, channel="dm")
    assert "more" in steps.plain


async def test_show_all_is_for_the_person_and_for_it(world: World) -> None:
    user = world.org.person("ada")
    for number in range(12):
        client = Client("Other Apex API", None, f"Job {number}", "SOAP Partner")
        world.org.record_login(user, client, "192.0.2.9")
    warning = await offered(world)
    payload = world.person("ada").press_payload("impact.show_all", warning)
    eve = world.person("eve")
    forged = payload | {"user": {"id": eve.person.id, "team_id": eve.person.team_id}}
    await eve.presses_raw(forged)
    assert eve.modal is None
    assert world.person("ada").modal is None

    await world.person("ada").presses("reset.ask_it", warning)
    await world.person("ada").submits({"question": "May I?"})
    card = await world.person("ivan").sees_soon(has("ask_it.go_ahead"), PATIENCE)
    await world.person("ivan").presses("impact.show_all", card)
    modal = world.person("ivan").modal
    assert modal is not None
    assert "*Job 0*" in modal.plain
    assert card.channel == seed.IT_CHANNEL
