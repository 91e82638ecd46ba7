"""Reports that can't simply be acted on: a clear answer each, nobody pinged, nothing lost."""

import re
from collections.abc import AsyncIterator, Callable

import pytest

from sandbox.slack import seed
from sandbox.slack.shown import Shown
from services.cases.states import CaseState
from tests.scenario.breach_steps import (
    a_breach_world,
    alerted,
    approves,
    card,
    cards,
    case_in,
    contained,
    denies,
    reported,
    the_case,
)
from tests.scenario.steps import PATIENCE, newcomer
from tests.scenario.test_breach_alerts import an_alert
from tests.scenario.traces import everything_in, logged
from tests.scenario.world import World

TOKEN = "aB3dE5fG7hI9jK1lM3nO5pQ7"
REASON = "A login at night"
Whom = str | Callable[[World], str]
"""How they are named behind the command; where nobody is like that, somebody is prepared first."""


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


def without_address(world: World) -> str:
    return f"@{newcomer(world, 'noa', None).name}"


def unknown_to_salesforce(world: World) -> str:
    return f"@{newcomer(world, 'zoe', 'zoe@acme.example').name}"


def the_integration_user(world: World) -> str:
    return f"@{newcomer(world, 'resetter', world.org.bot_user.email).name}"


def six_times(world: World) -> str:
    for number in range(6):
        world.org.add_user(f"kim{number}@acme.example", "kim@acme.example", "Kim Six")
    return f"@{newcomer(world, 'kim', 'kim@acme.example').name}"


NOBODY: list[tuple[Whom, str, str]] = [
    ("@resetbot", "That is an app in Slack", "remove it in Slack"),
    ("@gus", "I found no Salesforce user for @Gus Guestson", "*Slack:* this person is a guest"),
    ("@sam", "I found no Salesforce user for @Sam Globex", "belongs to another organisation"),
    (without_address, "Slack shows me no email address", "Find the user in Salesforce"),
    (unknown_to_salesforce, "I found no Salesforce user for @Zoe", "Find the user in Salesforce"),
    ("who@acme.example", "I found no Salesforce user for `who@acme.example`", "by hand"),
    (
        "reset.bot@acme.example",
        "That is the Salesforce user that I work with myself. I never touch it",
        "`docs/breach.md`, *If the bot itself is suspected*",
    ),
    (the_integration_user, "that I work with myself", "revoke my Slack tokens"),
    (six_times, "More Salesforce users fit @Kim than I look at", "Find the right one"),
]


@pytest.mark.parametrize(
    ("whom", "why", "what_to_do"),
    NOBODY,
    ids=["bot", "guest", "stranger", "no-address", "unknown", "username", "own", "as-own", "many"],
)
async def test_where_there_is_no_account_the_card_says_so_and_what_to_do(
    world: World, whom: Whom, why: str, what_to_do: str
) -> None:
    eve = world.person("eve")
    name = whom if isinstance(whom, str) else whom(world)
    await eve.types(f"/reset-token breach {name} {REASON}")
    seen = await card(world)
    assert "I can't act on this:" in seen.plain
    assert why in seen.plain
    assert what_to_do in seen.plain
    assert f"“{REASON}”" in seen.plain
    assert {button.text for button in seen.buttons} == {"Close…"}
    await eve.sees_soon("has your report about", PATIENCE, channel="dm")
    case = await the_case(world, seen)
    await denies(world, seen, why="Done by hand")
    await case_in(world, case.id, CaseState.DENIED)
    told = await eve.sees_soon("“Done by hand”", PATIENCE, channel="dm")
    assert "IT has closed your report" in told.plain
    assert (world.org.resets, world.org.violations) == ([], [])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gus", "Slack: this person is a guest in this workspace"),
        ("sam", "Slack: this person belongs to another organisation"),
        ("dana", "Slack: this person's Slack account is deactivated"),
    ],
)
async def test_an_outsider_with_a_salesforce_user_is_told_apart(
    world: World, name: str, words: str
) -> None:
    world.slack.person("dana").deleted = True
    if name != "dana":  # she has one
        world.org.add_user(f"{name}@acme.example", f"{name}@acme.example", name.title())
    seen = await reported(world, whom=name)
    assert words in seen.plain.replace("*", "")
    assert f"`{name}@acme.example`" in seen.plain


async def test_an_inactive_user_can_still_have_something_open(world: World) -> None:
    seen = await reported(world, whom="pia")
    assert "Inactive in Salesforce: it can't log in" in seen.plain.replace("*", "")
    assert "End open sessions" in seen.plain
    assert "Freeze the user" not in seen.plain
    assert "Reset password" not in seen.plain
    await approves(world, seen)
    case = await contained(world, seen)
    assert [step.kind for step in case.steps] == ["evidence", "sessions", "grants", "check"]
    assert world.org.resets == []


async def test_people_may_report_themselves(world: World) -> None:
    seen = await reported(world, by="eve", whom="eve", why="I typed my password on a wrong page")
    assert "about their own account" in seen.plain
    assert (await the_case(world, seen)).suspect == world.slack.person("eve").id
    await world.person("eve").sees_soon("has your report about", PATIENCE, channel="dm")


HOSTILE = (
    "<!channel> <!here> <@U0IVAN0001> <#C0GENERAL01|general> <!subteam^S0ITAPPROVERS> "
    "<https://evil.example|our intranet> *bold* _slanted_ ~gone~ `code` :x: R&D 1 < 2 &amp; "
)
NOTATION = re.compile(r"<(?:!(?!date\^|subteam\^S0ITAPPROVERS>)|#(?!C0ITAPPROVAL>)|https?:)[^>]*>")
"""What would ping or link; times, IT's channel, and the call of the approvers are ours."""


def assert_harmless(world: World) -> None:
    """Look at everything that anybody was shown."""
    for call in world.slack.calls:
        said = str(call.args)
        assert NOTATION.findall(said) == []
        assert "*bold*" not in said


def typed_as_it_was(shown: Shown) -> str:
    """What is read, with the look-alikes of formatting marks as the marks that were typed."""
    marks = str.maketrans("\u2217\u02cd\u223c\u02cb\u2236", "*_~`:")
    return shown.plain.translate(marks)


async def test_markup_typed_behind_the_command_is_read_as_it_was_typed(world: World) -> None:
    seen = await reported(world, why=HOSTILE.strip())
    assert HOSTILE.strip() in typed_as_it_was(seen)
    assert_harmless(world)


async def test_mentions_that_slack_made_of_the_text_ping_nobody(world: World) -> None:
    seen = await reported(world, why="It came from @ben in #general")
    ben = world.slack.person("ben").id
    texts = [seen.text, str(seen.blocks)]
    assert all(f"<@{ben}" not in text and "<#" not in text for text in texts)
    assert "ben" in seen.plain


async def test_markup_in_a_form_is_read_as_it_was_typed(world: World) -> None:
    eve = world.person("eve")
    await eve.types("/reset-token breach @ada")
    result = await eve.submits({"reason": f"{HOSTILE}\nSecond line", "seen": HOSTILE})
    assert result.errors == {}
    seen = await card(world)
    assert typed_as_it_was(seen).count(HOSTILE.strip()) == 2
    assert "Second line" in seen.plain
    assert_harmless(world)
    ivan = world.person("ivan")
    await ivan.presses("breach.deny", seen)
    await world.slack.until(lambda: ivan.modal and ivan.modal.callback_id == "breach.deny")
    await ivan.submits({"reason": HOSTILE})
    told = await eve.sees_soon("IT decided against", PATIENCE, channel="dm")
    assert HOSTILE.strip() in typed_as_it_was(told)
    assert_harmless(world)


async def test_ten_thousand_characters_are_cut_on_the_card_and_whole_in_the_evidence(
    world: World,
) -> None:
    numbered = "".join(f"\n{number:04}: {HOSTILE}" for number in range(100))
    reason = numbered.strip()[:9_990].strip() + " The end"
    assert len(reason) > 9_900
    assert (await alerted(world, an_alert(reason=reason)))[0] == 202
    seen = await card(world)
    assert "0000: <!channel>" in typed_as_it_was(seen)
    assert "The end" not in seen.plain
    await approves(world, seen)
    await contained(world, seen)
    ivan = world.person("ivan")
    await ivan.presses(
        "breach.evidence",
        await ivan.sees_soon(
            lambda shown: any(one.action_id == "breach.evidence" for one in shown.buttons),
            PATIENCE,
            channel=seed.IT_CHANNEL,
        ),
    )
    await world.slack.until(lambda: ivan.modal and "as typed" in ivan.modal.plain, PATIENCE)
    assert ivan.modal is not None
    marks = str.maketrans("\u2217\u02cd\u223c\u02cb\u2236", "*_~`:")
    shown = " ".join(ivan.modal.plain.translate(marks).replace("\n> ", " ").split())
    assert " ".join(reason.split()) in shown
    assert_harmless(world)


async def test_a_token_in_a_report_is_written_down_nowhere(redis_url: str) -> None:
    """Neither in Redis nor in the log, and it isn't sent to Slack again."""
    with logged("DEBUG") as log:
        async with a_breach_world(redis_url, LOG_LEVEL="DEBUG") as world:
            eve = world.person("eve")
            await eve.types(f"/reset-token breach @ada She sent me hunter2{TOKEN} by mail")
            seen = await card(world)
            assert "She sent me [looked like a security token, taken out] by mail" in seen.plain
            await eve.types(f"/reset-token breach I found {TOKEN} in a file")
            assert eve.modal is not None
            assert "I found [looked like" in str(eve.modal.state)
            entries = {"username": f"hunter2{TOKEN}", "reason": f"`{TOKEN}`"}
            assert (await eve.submits(entries | {"seen": f"x={TOKEN};"})).errors == {}
            await card(world, lambda shown: "*Seen:*" in shown.plain)
            alert = an_alert(reason=f"token {TOKEN}", evidence=[f"body: {TOKEN}"])
            await alerted(world, alert)
            await card(world, lambda shown: "body:" in shown.plain)
            await approves(world, seen)
            await contained(world, seen)
            await world.person("ivan").sees_soon("*Approved* by", PATIENCE, channel=seed.IT_CHANNEL)
            written = str(await everything_in(redis_url))
            said = repr([call.args for call in world.slack.calls])
    assert TOKEN not in written
    assert TOKEN not in said
    assert TOKEN not in log.getvalue()
    assert len(cards(world)) == 1
