"""A planned reset: an approver asks, another one decides, and nobody is contained."""

from collections.abc import AsyncIterator

import pytest

from sandbox.salesforce.records import ResetKind
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.shown import Shown
from services.cases.model import CaseKind, Source
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.scenario.breach_steps import (
    a_breach_world,
    approves,
    card,
    cards,
    case_in,
    contained,
    denies,
    form,
    reported,
    states,
    the_case,
)
from tests.scenario.containment_steps import thread
from tests.scenario.steps import PATIENCE, audit, audited
from tests.scenario.test_breach_address import confirms
from tests.scenario.world import World

SERVICE = "svc.etl@acme.example"
WHY = "The yearly change of its secret is due"
PLAN = {"username": SERVICE, "reason": WHY, "owner": "dana"}


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_breach_world(redis_url) as built:
        yield built


async def opened(world: World, name: str = "ivan") -> None:
    """Choose *Planned reset instead* in the form."""
    person = world.person(name)
    await person.types("/reset-token breach")
    await person.presses("breach.plan_instead")
    await form(person, "breach.plan")


async def planned(world: World, name: str = "ivan", **changes: str) -> Shown:
    await opened(world, name)
    result = await world.person(name).submits(PLAN | changes)
    assert (result.error, result.errors) == (None, {})
    return await card(world, lambda shown: "Planned reset" in shown.plain)


async def test_the_form_says_what_it_costs(world: World) -> None:
    await opened(world)
    modal = world.person("ivan").modal
    assert modal is not None
    for words in (
        "For approvers",
        "Another approver decides",
        "password and security token both stop working at once",
        "Salesforce mails a link for a new password to the address on that Salesforce user",
        "For an API Only user there is no other way",
        "open sessions and OAuth grants go on",
    ):
        assert words in modal.plain


async def test_another_approver_decides_and_nothing_is_contained(world: World) -> None:
    ivan = world.person("ivan")
    etl = world.org.user(SERVICE)
    seen = await planned(world)
    assert ivan.modal is not None
    assert "then ask another of them" in ivan.modal.plain
    for words in (
        "Planned reset",
        SERVICE,
        "in Production",
        "Its owner @Dana Reyes is told when it's done",
        "Asked for by @Ivan Petrov",
        WHY,
        "API Only: programs log in as this user",
        "d…@acme.example",
        "What a reset of password and token breaks",
        "What it costs:",
        "Nobody who asked for it (@Ivan Petrov)",
    ):
        assert words in seen.plain
    for words in ("Freeze", "End open sessions", "Revoke OAuth", "Emergency override", "suspected"):
        assert words not in seen.plain.partition("Reference")[0]
    case = await the_case(world, seen)
    assert (case.kind, case.origin.source, case.suspect) == (CaseKind.PLANNED, Source.FORM, None)

    await ivan.presses("breach.approve", seen)
    await world.slack.until(
        lambda: ivan.modal and "another approver has to decide" in ivan.modal.plain, PATIENCE
    )
    assert "overrid" not in ivan.modal.plain
    assert (await audited(world, "refused:breach_approve")).why == "own_report"

    before = etl.security_token
    await approves(world, seen, "iris")
    case = await contained(world, seen)
    assert states(case) == {StepKind.PASSWORD: StepState.DONE, StepKind.CHECK: StepState.DONE}
    assert [(r.kind, r.user_id) for r in world.org.resets] == [(ResetKind.PASSWORD, etl.id)]
    assert etl.security_token != before
    assert (etl.is_frozen, world.org.violations) == (False, [])
    told = await world.person("dana").sees_soon(SERVICE, PATIENCE, channel="dm")
    assert "no longer work" in told.plain
    assert "d…@acme.example" in told.plain
    asked = await ivan.sees_soon("IT has approved your planned reset", PATIENCE, channel="dm")
    assert "Approved by @Iris Itou" in asked.plain


async def test_it_stops_no_self_service_and_leaves_a_breach_its_own_card(world: World) -> None:
    ada = world.org.person("ada")
    plan = await planned(world, username=ada.username)
    assert await world.web.stores.resets.hindrance("production", ada.id, world.clock()) is None
    breach = await reported(world)
    assert {one.ts for one in cards(world)} == {plan.ts, breach.ts}
    assert (await the_case(world, breach)).kind is CaseKind.BREACH
    await approves(world, plan, "iris")
    iris = world.person("iris")
    await iris.sees_soon("Another report about this account isn't closed yet", PATIENCE)
    assert (await the_case(world, plan)).state is CaseState.AWAITING_APPROVAL
    assert world.org.resets == []


async def test_an_address_that_changed_since_the_card_waits_for_an_approver(world: World) -> None:
    seen = await planned(world)
    world.org.user(SERVICE).email = "elsewhere@attacker.example"
    await approves(world, seen, "iris")
    shown = await thread(world, seen, "It isn't the address that was there when the card was")
    assert world.org.resets == []
    await thread(world, seen, "*Ask the owner whether `e…@attacker.example` is theirs*")
    await confirms(world, shown, "iris", "`elsewhere@attacker.example`")
    case = await contained(world, seen)
    assert states(case)[StepKind.PASSWORD] is StepState.DONE
    assert [mail.to for mail in world.org.mails] == ["elsewhere@attacker.example"]


async def test_none_can_be_asked_for_while_it_looks_at_the_account(world: World) -> None:
    """Else its link would go, without a look, where an attacker may read it."""
    breach = await reported(world)
    ivan = world.person("ivan")
    await opened(world)
    assert (await ivan.submits(PLAN | {"username": "ada@acme.example"})).errors == {}
    told = await ivan.sees_soon("I couldn't take your planned reset", PATIENCE, channel="dm")
    assert "IT is looking at this account because somebody else may be using it" in told.plain
    assert (await audited(world, "breach_refuse")).why == "under_investigation"
    assert [one.ts for one in cards(world)] == [breach.ts]
    await denies(world, breach, "iris")
    await case_in(world, (await the_case(world, breach)).id, CaseState.DENIED)
    assert "Planned reset" in (await planned(world, username="ada@acme.example")).plain


async def test_asking_twice_is_one_card(world: World) -> None:
    seen = await planned(world)
    iris = world.person("iris")
    await opened(world, "iris")
    await iris.submits(PLAN | {"reason": "It is due"})
    told = await iris.sees_soon("has been asked for already", PATIENCE, channel="dm")
    assert "Yours was added to it" in told.plain
    assert [one.ts for one in cards(world)] == [seen.ts]


async def test_whoever_isnt_an_approver_is_refused_and_told(world: World) -> None:
    eve = world.person("eve")
    await opened(world, "eve")
    assert (await eve.submits(PLAN)).errors == {}
    told = await eve.sees_soon("I couldn't take your planned reset", PATIENCE, channel="dm")
    assert "Only IT's approvers may ask for a planned reset" in told.plain
    assert "I changed nothing in Salesforce" in told.plain
    assert "/reset-token breach" in told.plain
    row = await audited(world, "breach_refuse")
    assert (row.after, row.why) == ("refused", "not_approver")
    assert world.person("ivan").sees(seed.IT_CHANNEL) == []
    assert world.org.calls == [], "nothing is looked up for them"
    assert world.person("dana").sees("dm") == []


async def test_where_slack_cant_say_who_approves_nobody_does(world: World) -> None:
    ivan = world.person("ivan")
    world.slack.faults.add("usergroups.users.list", Fault(error="paid_teams_only"))
    await opened(world)
    await ivan.submits(PLAN)
    told = await ivan.sees_soon("I couldn't take your planned reset", PATIENCE, channel="dm")
    assert "I couldn't find out from Slack whether you're an approver" in told.plain
    assert "Try again in a few minutes" in told.plain
    assert (await audited(world, "breach_refuse")).why == "approvers_unknown"


async def test_what_the_form_lacks_is_said_in_it(world: World) -> None:
    ivan = world.person("ivan")
    await opened(world)
    wrong = await ivan.submits(PLAN | {"username": "  ", "reason": " \n "})
    assert set(wrong.errors) == {"username", "reason"}
    assert await audit(world) == []
    assert (await ivan.submits(PLAN)).errors == {}


async def test_what_was_typed_before_stays_and_one_org_must_be_chosen(redis_url: str) -> None:
    """A field of the same name keeps what it held in the other form."""
    async with a_breach_world(redis_url, several_orgs=True) as world:
        ivan = world.person("ivan")
        await ivan.types(f"/reset-token breach {SERVICE}")
        await ivan.presses("breach.plan_instead")
        await form(ivan, "breach.plan")
        with pytest.raises(AssertionError, match="required field"):
            await ivan.submits({"reason": WHY, "owner": "dana"})
        assert (await ivan.submits({"planned_org": "production"})).errors == {}
        seen = await card(world)
        assert SERVICE in seen.plain
        assert (await the_case(world, seen)).org == "production"


@pytest.mark.parametrize(
    ("username", "words"),
    [
        ("who@acme.example", "I found no Salesforce user for `who@acme.example`"),
        ("pia@acme.example.prod", "This Salesforce user is inactive"),
        ("reset.bot@acme.example", "That is the Salesforce user that I work with myself"),
    ],
    ids=["unknown", "inactive", "the bot's own"],
)
async def test_an_account_that_cant_be_reset_is_told_and_only_closed(
    world: World, username: str, words: str
) -> None:
    seen = await planned(world, username=username)
    assert words in seen.plain
    assert {button.text for button in seen.buttons} == {"Close…"}
    case = await the_case(world, seen)
    await denies(world, seen, "iris", "A typing mistake")
    await case_in(world, case.id, CaseState.DENIED)
    told = await world.person("ivan").sees_soon("A typing mistake", PATIENCE, channel="dm")
    assert "IT has closed your planned reset" in told.plain
    assert world.org.resets == []


async def test_slack_that_doesnt_show_the_other_form_is_told(world: World) -> None:
    ivan = world.person("ivan")
    await ivan.types("/reset-token breach")
    world.slack.faults.add("views.update", Fault(latency=2))
    result = await ivan.presses("breach.plan_instead")
    assert result.error is None
    assert result.ack_ms < 3000
    await ivan.sees_soon("Slack didn't open the form", PATIENCE, channel="dm")
    assert ivan.modal is not None
    assert ivan.modal.callback_id == "breach.report"
