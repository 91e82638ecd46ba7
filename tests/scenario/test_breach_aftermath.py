"""After the steps: what the person is told and how, *Unfreeze…* and *Close*."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.records import Client
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from services.clock import from_milliseconds, milliseconds
from tests.scenario.breach_attempts import (
    NOT_APPROVER,
    SUSPECTED,
    idle,
    joins_channel,
    nothing_happens,
)
from tests.scenario.breach_steps import (
    a_breach_world,
    card,
    case_in,
    contained,
    form,
    reported,
    step_of,
    the_case,
)
from tests.scenario.containment_steps import at_salesforce, contains, line, thread
from tests.scenario.steps import (
    PATIENCE,
    answered,
    audit,
    has,
    newcomer,
    offered,
    on_screen,
    refused,
)
from tests.scenario.world import World

NEXT = "Next steps for IT"
LET_IN = "is no longer frozen"
TEXT = "Your Salesforce account in Production may be in other hands. Phone IT."
LOOKING = "IT is looking at this account"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker edits its messages without a pause."""
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built


async def over(world: World, whom: str = "ada") -> tuple[Shown, Shown]:
    """Contain an account to its end; the card, and the next steps below it."""
    seen = await reported(world, whom=whom)
    await contains(world, seen)
    following = await thread(world, seen, NEXT, "[ Close ]")
    await idle(world)
    return seen, following


def to_be_read_out(following: Shown) -> str:
    """What stands in the thread for IT to tell the person."""
    return "\n".join(one for one in following.plain.splitlines() if one.startswith("> "))


def dms(world: World, name: str) -> list[str]:
    return [one.plain for one in world.person(name).sees("dm") if TEXT in one.plain]


async def test_the_person_is_told_once_why_and_what_to_do_and_never_by_whom(world: World) -> None:
    _, following = await over(world)
    (told,) = dms(world, "ada")
    for words in (
        "It was reported that somebody else may be using `ada@acme.example`",
        "IT decided to secure it",
        "You can't log in to Salesforce",
        "no longer work",
        "a…@acme.example",
        "Phone IT, on the number that you always use",
        "IT doesn't need your password or your token",
    ):
        assert words in told
    for name in ("Eve", "Ivan", "U0EVE", "typed her password"):
        assert name not in told
    assert "I told @Ada Lovelace" in following.plain
    assert to_be_read_out(following) == ""


async def test_nothing_is_written_to_a_slack_account_that_is_suspected(world: World) -> None:
    eve = world.person("eve")
    await eve.types("/reset-token breach")
    await form(eve, "breach.report")
    about = {"person": "ada", "reason": "A mail", "slack": ["suspected"]}
    assert not (await eve.submits(about)).errors
    seen = await card(world)
    assert "*Their Slack account may be in other hands too.*" in seen.plain
    await contains(world, seen)
    following = await thread(world, seen, NEXT)
    await idle(world)
    assert world.person("ada").sees("dm") == []
    assert "I wrote nothing to @Ada Lovelace" in following.plain
    assert TEXT in to_be_read_out(following)
    assert "no longer work" in to_be_read_out(following)
    assert "*Their Slack account:* end its sessions" in following.plain


async def test_a_refused_dm_leaves_the_text_in_the_thread(world: World) -> None:
    ada = world.slack.person("ada").id
    world.slack.faults.add(
        "chat.postMessage", Fault(error="cannot_dm_bot", when=lambda call: call.channel == ada)
    )
    seen, following = await over(world)
    assert dms(world, "ada") == []
    assert "Slack didn't take my message to @Ada Lovelace" in following.plain
    assert TEXT in to_be_read_out(following)
    assert (await contained(world, seen)).state is CaseState.CONTAINED
    assert world.slack.calls.to("chat.postMessage")


async def test_a_person_with_single_sign_on_alone_is_to_be_disabled_there(world: World) -> None:
    newcomer(world, "zoe", "zoe@acme.example")
    zoe = world.org.add_user("zoe@acme.example.prod", "zoe@acme.example", "Zoe Ek")
    world.org.record_login(zoe, Client("SAML Idp Initiated SSO", None, "Browser"), "203.0.113.7")
    seen = await reported(world, whom="zoe")
    words = "a reset may not apply. Disable them at your identity provider"
    assert words in seen.plain
    await contains(world, seen)
    following = await thread(world, seen, NEXT)
    assert words in following.plain


@pytest.mark.parametrize("action", ["breach.unfreeze", "breach.close"])
async def test_nobody_but_an_approver_unfreezes_or_closes(world: World, action: str) -> None:
    joins_channel(world, "eve")
    seen, following = await over(world, whom="iris")
    async with nothing_happens(world, seen):
        for name, words in (("eve", NOT_APPROVER), ("iris", SUSPECTED)):
            person = world.person(name)
            before = on_screen(person)
            await person.presses(action, following)
            await answered(person, words, before)
    assert world.org.person("iris").is_frozen


async def unfrozen(world: World, seen: Shown, following: Shown) -> Case:
    """Press *Unfreeze…* and wait until its steps have ended."""
    press = await world.person("ivan").presses("breach.unfreeze", following)
    assert press.confirm is not None
    assert "Only once you know by phone or in person" in press.confirm.text
    await thread(world, seen, "8 of 8 steps have ended")
    return await contained(world, seen)


async def test_unfreezing_lets_the_person_in_with_a_fresh_reset_that_is_read_back(
    world: World,
) -> None:
    ada = world.org.person("ada")
    seen, following = await over(world)
    first = world.org.mailbox("ada@acme.example")[-1]
    case = await unfrozen(world, seen, following)
    assert step_of(case, StepKind.UNFREEZE).proof == "read_back"
    assert step_of(case, StepKind.RENEW_PASSWORD).state is StepState.DONE
    assert at_salesforce(world) == (False, 0, 0, 2)
    assert case.truth is not None
    assert case.truth.is_frozen is False
    shown = await thread(world, seen, "8 of 8 steps have ended", "The user is not frozen")
    assert "no longer frozen" in line(shown, StepKind.UNFREEZE)
    assert "refuses new logins" not in line(shown, StepKind.FREEZE)
    after = await thread(world, seen, NEXT, "[ Close ]")
    assert after.ts == following.ts
    await idle(world)
    assert not has("breach.unfreeze")(await thread(world, seen, NEXT, "[ Close ]"))
    (before,) = dms(world, "ada")
    assert "You can't log in to Salesforce" in before
    (told,) = [one.plain for one in world.person("ada").sees("dm") if LET_IN in one.plain]
    assert "only the newest one counts" in told
    second = world.org.mailbox("ada@acme.example")[-1]
    assert second is not first
    world.org.set_password_from_link(second, "A-new-one-of-19-letters")
    assert ada.password == "A-new-one-of-19-letters"


async def test_two_presses_unfreeze_once(world: World) -> None:
    seen, following = await over(world)
    await asyncio.gather(
        *(world.person(one).presses("breach.unfreeze", following) for one in ("ivan", "iris"))
    )
    await thread(world, seen, "8 of 8 steps have ended")
    await contained(world, seen)
    await idle(world)
    assert at_salesforce(world) == (False, 0, 0, 2)
    assert [row.what for row in await audit(world)].count("breach_unfreeze") == 1


async def test_an_account_is_no_ones_to_reset_until_it_is_closed(world: World) -> None:
    seen, following = await over(world)
    await refused(world, "ada", LOOKING)
    await unfrozen(world, seen, following)
    world.clock.forward(minutes=11)
    await refused(world, "ada", LOOKING)
    following = await thread(world, seen, NEXT, "[ Close ]")
    press = await world.person("ivan").presses("breach.close", following)
    assert press.confirm is not None
    assert "Only when the person is verified" in press.confirm.text
    case = await case_in(world, (await the_case(world, seen)).id, CaseState.CLOSED)
    assert case.closed is not None
    await thread(world, seen, "losed", "@Ivan Petrov")
    await offered(world)


def acted_before(seen: Shown) -> list[str]:
    return [one for one in seen.plain.splitlines() if "*IT acted on this user before:*" in one]


async def test_a_later_report_names_what_it_did_before(world: World) -> None:
    seen, following = await over(world)
    case = await unfrozen(world, seen, following)
    world.clock.forward(minutes=20)
    (named,) = acted_before(await reported(world))
    assert f"reference `{case.id}`. Search this channel for that" in named
    assert case.target is not None
    acted = await world.web.stores.cases.acted_on(case.target.org, case.target.user_id)
    assert acted is not None
    begun_at = step_of(case, StepKind.RENEW_PASSWORD).intent_at
    assert begun_at is not None
    assert (acted.case_id, acted.at) == (case.id, from_milliseconds(milliseconds(begun_at)))
    assert acted_before(await reported(world, whom="ben")) == []


async def test_what_came_to_nothing_is_nothing_that_it_did(world: World) -> None:
    seen = await reported(world)
    world.org.faults.add("userlogin", faults.request_limit(), times=None)
    case = await contains(world, seen, steps=["freeze"])
    assert step_of(case, StepKind.FREEZE).state is StepState.FAILED
    assert acted_before(await reported(world)) == []


async def test_closing_unfreezes_nobody_and_is_said_before(world: World) -> None:
    seen, following = await over(world)
    ivan = world.person("ivan")
    press = await ivan.presses("breach.close", following)
    assert press.confirm is not None
    assert "The user may still be frozen, and stays so" in press.confirm.text
    await case_in(world, (await the_case(world, seen)).id, CaseState.CLOSED)
    assert world.org.person("ada").is_frozen
    await world.slack.until(
        lambda: (
            not any(
                has("breach.close")(one) or has("breach.unfreeze")(one)
                for one in ivan.sees(seed.IT_CHANNEL)
            )
        ),
        PATIENCE,
    )


async def test_buttons_of_an_old_screen_do_nothing_once_it_is_closed(world: World) -> None:
    seen, following = await over(world)
    ivan = world.person("ivan")
    old = [ivan.press_payload(one, following) for one in ("breach.unfreeze", "breach.close")]
    await ivan.presses("breach.close", following)
    await case_in(world, (await the_case(world, seen)).id, CaseState.CLOSED)
    async with nothing_happens(world, seen):
        for payload in old:
            before = on_screen(ivan)
            await ivan.presses_raw(payload)
            await answered(ivan, "This was already closed by @Ivan Petrov", before)
    assert world.org.person("ada").is_frozen
    assert len(world.org.resets) == 1
