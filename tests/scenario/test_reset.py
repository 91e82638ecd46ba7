"""The main story, from the command to the next steps, under each method."""

import pytest

from handlers.warning_messages import FIRST_LINE
from sandbox.slack.shown import Shown
from services.store.changes import JobName
from tests.scenario.world import World, a_world

MAIL = "Your new Salesforce security token"


async def offered(world: World, name: str = "ada", text: str = "/reset-token") -> Shown:
    person = world.person(name)
    assert (await person.types(text)).error is None
    return await person.sees_soon(
        lambda shown: any(button.action_id == "reset.confirm" for button in shown.buttons)
    )


async def test_the_command_is_answered_within_a_moment_for_ada_alone(world: World) -> None:
    ada = world.person("ada")
    result = await ada.types("/reset-token")
    assert result.status == 200
    shown = ada.sees("general")[-1]
    assert "Checking what depends on your token in Production…" in shown.plain
    assert shown.ephemeral
    assert all("Checking" not in seen.plain for seen in world.person("eve").sees("general"))


async def test_the_warning_says_what_will_happen_and_until_when_it_holds(world: World) -> None:
    warning = await offered(world)
    assert warning.ephemeral
    assert warning.plain.startswith(FIRST_LINE) or FIRST_LINE in warning.plain
    for words in (
        "ada@acme.example",
        "Data Loader",
        "a…@acme.example",
        "can't be looked up anywhere else",
        "lock",
        "This offer holds until",
    ):
        assert words in warning.plain
    assert [button.text for button in warning.buttons] == [
        "Reset my token",
        "Cancel",
        "Ask IT first",
    ]
    assert warning.buttons[0].confirm is not None
    assert "<!date^" in str(warning.blocks)


async def test_token_from_the_command_to_the_next_steps(world: World) -> None:
    ada, user = world.person("ada"), world.org.person("ada")
    old = user.security_token
    warning = await offered(world)
    await ada.presses("reset.confirm", warning)
    steps = await ada.sees_soon(MAIL, channel="dm")
    outcome = await ada.sees_soon("Done", channel="general")

    assert user.security_token != old
    assert len(world.org.resets) == 1
    assert world.org.hazard_gets == 0
    assert world.org.violations == []
    mail = world.org.mailbox("ada@acme.example")[-1]
    assert mail.subject == MAIL
    assert outcome.buttons == []
    assert outcome.ts == warning.ts, "the warning's place is taken, its buttons are gone"
    assert {button.action_id for button in steps.buttons} == {"reset.no_email", "reset.not_me"}
    assert "Data Loader" in steps.plain
    assert "never" in steps.plain.casefold()
    assert "Slack" in steps.plain
    assert user.security_token not in str([shown.blocks for shown in ada.sees()])


async def test_the_session_as_the_user_is_ended_after_the_press(world: World) -> None:
    ada, user = world.person("ada"), world.org.person("ada")
    await offered(world)
    assert not [s for s in world.org.sessions.values() if s.user is user], "none before the press"
    await ada.presses("reset.confirm")
    await ada.sees_soon(MAIL, channel="dm")
    await world.settled("ada", "done")
    assert not [s for s in world.org.sessions.values() if s.user is user]


async def test_password_from_the_command_to_the_next_steps(redis_url: str) -> None:
    async with a_world(redis_url, SALESFORCE_RESET_METHOD="password") as world:
        ada, user = world.person("ada"), world.org.person("ada")
        password, token = user.password, user.security_token
        warning = await offered(world)
        assert warning.buttons[0].text == "Reset my password and token"
        await ada.presses("reset.confirm")
        steps = await ada.sees_soon(lambda shown: bool(shown.buttons), channel="dm")
        assert (user.password, user.security_token) != (password, token)
        assert user.password != password
        assert user.security_token != token
        link = steps.plain.index("link")
        assert link < steps.plain.index(MAIL), "the link comes first, the token mail after it"
        assert len(world.org.mailbox("ada@acme.example")) == 1


async def test_guided_ends_as_told_and_never_as_done(redis_url: str) -> None:
    async with a_world(redis_url, SALESFORCE_RESET_METHOD="guided") as world:
        ada = world.person("ada")
        warning = await offered(world)
        button = warning.buttons[0]
        assert button.text == "Open Salesforce"
        assert button.url is not None
        assert "ResetApiTokenConfirm" not in button.url
        await ada.presses("reset.confirm", warning)
        guide = await ada.sees_soon("I pressed it")
        assert "My Personal Information" in guide.plain
        await ada.presses("reset.pressed")
        told = await ada.sees_soon("You told me", channel="general")
        assert "Done" not in told.plain
        await ada.sees_soon(MAIL, channel="dm")
        assert (await world.settled("ada", "reported")).state == "reported"
        assert world.org.resets == []


async def test_cancel_changes_nothing_and_says_so(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    await ada.presses("reset.cancel", warning)
    gone = await ada.sees_soon("Cancelled", channel="general")
    assert gone.ts == warning.ts
    assert gone.buttons == []
    assert "Nothing has changed" in gone.plain
    assert world.org.resets == []


@pytest.mark.parametrize("name", ["ben"])
async def test_an_admin_is_guided_and_told_why(world: World, name: str) -> None:
    warning = await offered(world, name)
    assert warning.buttons[0].text == "Open Salesforce"
    assert "admin" in warning.plain.casefold()


async def test_an_offer_that_nobody_pressed_is_told_as_expired(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.clock.forward(minutes=26)
    reset = await world.newest("ada")
    await world.run_job(JobName.EXPIRE, reset.id)
    told = await ada.sees_soon("The offer above has expired. Nothing has changed.")
    assert told.ephemeral
    assert told.ts != warning.ts, "a command's response_url can't replace anything"
    await ada.presses("reset.confirm", warning)
    answer = await ada.sees_soon(lambda shown: "expired" in shown.plain and shown.ts != told.ts)
    assert answer.ephemeral
    assert world.org.resets == []


async def test_several_orgs_without_a_name_are_a_choice(redis_url: str) -> None:
    async with a_world(redis_url, several_orgs=True) as world:
        ada = world.person("ada")
        await ada.types("/reset-token")
        choice = await ada.sees_soon(lambda shown: bool(shown.menus))
        assert "Checking which Salesforce users are yours…" in ada.sees("general")[0].plain
        labels = choice.menus[0].options
        assert len(labels) == 2
        await ada.selects("reset.choose", 1, choice)
        warning = await ada.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks))
        assert "Partner" in warning.plain
        await ada.presses("reset.confirm", warning)
        await ada.sees_soon(MAIL, channel="dm")
        assert len(world.orgs["partner"].resets) == 1
        assert world.org.resets == []


async def test_an_org_can_be_named(redis_url: str) -> None:
    async with a_world(redis_url, several_orgs=True) as world:
        warning = await offered(world, text="/reset-token partner")
        assert "Partner" in warning.plain


async def test_several_users_in_one_org_are_a_choice(world: World) -> None:
    carl = world.person("carl")
    await carl.types("/reset-token")
    choice = await carl.sees_soon(lambda shown: bool(shown.menus))
    await carl.selects("reset.choose", 0, choice)
    warning = await carl.sees_soon(lambda shown: "reset.confirm" in str(shown.blocks))
    assert (await world.newest("carl")).account is not None
    assert warning.ts == choice.ts


async def test_the_cost_of_a_reset_in_requests(world: World) -> None:
    """Warm: at most 3 before the press and 8 after it, redirects counted; 5 calls of Slack's."""
    eve = world.person("eve")
    await offered(world, "eve")
    await eve.presses("reset.cancel")
    await eve.sees_soon("Cancelled")
    slack_before, before = len(world.slack.calls), len(world.org.calls)
    ada = world.person("ada")
    await offered(world)
    assert world.org.count(before) <= 3
    pressed = len(world.org.calls)
    await ada.presses("reset.confirm")
    await ada.sees_soon(MAIL, channel="dm")
    await world.settled("ada", "done")
    assert world.org.count(pressed) <= 8
    # Who it is was asked twice: for the offer, and again right before the effect.
    assert len(list(world.slack.calls)[slack_before:]) <= 6


async def test_status_and_help(world: World) -> None:
    ada = world.person("ada")
    await ada.types("/reset-token status")
    empty = ada.sees("general")[-1]
    assert empty.ephemeral
    await offered(world)
    await ada.presses("reset.confirm")
    await ada.sees_soon(MAIL, channel="dm")
    await world.settled("ada", "done")
    await ada.types("/reset-token status")
    assert "Production" in ada.sees("general")[-1].plain
    await ada.types("/reset-token help")
    assert "/reset-token" in ada.sees("general")[-1].plain
