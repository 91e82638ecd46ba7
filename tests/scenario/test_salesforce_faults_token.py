"""Salesforce fails after the press, under `token`: before the submit nothing has changed and it is
left to the person; after the submit only the success page counts.
"""

from collections.abc import AsyncIterator

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.reset_page import ResetPage, Variant
from sandbox.slack.shown import Shown
from services.resets.model import Reason
from tests.scenario.steps import (
    TOKEN_MAIL,
    UNCHANGED,
    UNSURE,
    audit,
    audited,
    ended,
    has,
    impatient,
    offered,
    on_screen,
    refused,
    replaced,
)
from tests.scenario.traces import lines, logged
from tests.scenario.world import World, a_world

USER_LOGIN = "token"
"""An endpoint; the bot's own session is there already when the button is pressed."""


@pytest.fixture
async def hasty(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker soon gives up waiting."""
    impatient(monkeypatch)
    async with a_world(redis_url) as world:
        yield world


async def handed_over(world: World, warning: Shown) -> Shown:
    """Wait until it is left to the person, in the same message, and look that nothing is left."""
    ada, user = world.person("ada"), world.org.person("ada")
    shown = await ada.sees_soon(replaced(warning, "I couldn't do it for you"), 10)
    assert UNCHANGED in shown.plain
    assert [button.text for button in shown.buttons] == ["I pressed it", "Cancel"]
    assert "My Personal Information" in shown.plain
    assert "ResetApiTokenConfirm" not in str(shown.blocks)
    assert world.org.count(0, "submit") == 0
    assert (world.org.resets, world.org.hazard_gets) == ([], 0)
    assert (await world.newest("ada")).intent_at is None
    assert "intend" not in [row.what for row in await audit(world)]
    # A session whose login answered can be ended; one whose answer was lost nobody can end.
    assert not [one for one in world.org.sessions.values() if one.user is user and one.kind == "UI"]
    return shown


BEFORE_THE_SUBMIT: dict[str, list[tuple[Fault, Reason]]] = {
    USER_LOGIN: [
        (faults.drop(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.status(503), Reason.SALESFORCE_UNAVAILABLE),
        (faults.status(429, retry_after=30), Reason.SALESFORCE_UNAVAILABLE),
        (faults.hang(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.cut_off(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.html_unauthorized(), Reason.SALESFORCE_LOGIN),
        (faults.truncated(), Reason.SALESFORCE_UNEXPECTED),
        (faults.to_login(), Reason.SALESFORCE_UNEXPECTED),
    ],
    "singleaccess": [
        (faults.drop(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.status(503, retry_after=5), Reason.SALESFORCE_UNAVAILABLE),
        (faults.status(429), Reason.SALESFORCE_UNAVAILABLE),
        (faults.hang(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.expired_session(), Reason.PAGE_UNUSABLE),
        (faults.html_unauthorized(), Reason.PAGE_UNUSABLE),
        (faults.odd_unauthorized(), Reason.PAGE_UNUSABLE),
        (faults.request_limit(), Reason.PAGE_UNUSABLE),
        (faults.truncated(), Reason.PAGE_UNUSABLE),
        (faults.to_login(), Reason.PAGE_UNUSABLE),
    ],
    "frontdoor": [
        (faults.drop(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.status(503), Reason.SALESFORCE_UNAVAILABLE),
        (faults.hang(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.to_login(), Reason.PAGE_UNUSABLE),
    ],
    "page": [
        (faults.drop(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.status(503), Reason.SALESFORCE_UNAVAILABLE),
        (faults.status(500), Reason.SALESFORCE_UNAVAILABLE),
        (faults.hang(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.cut_off(), Reason.SALESFORCE_UNAVAILABLE),
        (faults.truncated(), Reason.PAGE_UNUSABLE),
        (faults.to_login(), Reason.PAGE_UNUSABLE),
        (faults.html_unauthorized(), Reason.PAGE_UNUSABLE),
    ],
}


@pytest.mark.parametrize("endpoint", BEFORE_THE_SUBMIT)
async def test_before_the_submit_it_is_left_to_the_person(
    hasty: World, endpoint: str, subtests: pytest.Subtests
) -> None:
    ada, user = hasty.person("ada"), hasty.org.person("ada")
    token = user.security_token
    for fault, reason in BEFORE_THE_SUBMIT[endpoint]:
        with subtests.test(fault=str(fault)):
            warning = await offered(hasty)
            hasty.org.faults.add(endpoint, fault, times=None)
            await ada.presses("reset.confirm", warning)
            shown = await handed_over(hasty, warning)
            assert (await audited(hasty, "fall_back")).why == reason
            assert user.security_token == token
            await ada.presses("reset.cancel", shown)
            await ada.sees_soon(replaced(warning, "Cancelled."))
        hasty.org.faults.clear()


async def test_what_was_left_to_the_person_ends_by_their_word(world: World) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.org.faults.add("page", faults.status(503))
    await ada.presses("reset.confirm", warning)
    await ada.presses("reset.pressed", await handed_over(world, warning))
    assert (await ended(world)).state == "reported"
    steps = await ada.sees_soon(TOKEN_MAIL, channel="dm")
    assert "I can't see that" in steps.plain
    assert world.org.resets == []


async def test_what_was_left_to_the_person_can_be_cancelled_and_frees_the_user(
    world: World,
) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.org.faults.add("page", faults.status(503))
    await ada.presses("reset.confirm", warning)
    await ada.presses("reset.cancel", await handed_over(world, warning))
    shown = await ada.sees_soon("Cancelled.")
    assert "I can't see whether you pressed" in shown.plain, "they were on the page"
    await ada.presses("reset.confirm", await offered(world))
    assert (await ended(world)).state == "done"


USABLE = [
    Variant.CLASSIC,
    Variant.GET_METHOD,
    Variant.RENAMED,
    Variant.RELATIVE_ACTION,
    Variant.FORM_ACTION,
    Variant.OUTSIDE_BUTTON,
    Variant.TWO_BUTTONS,
]
UNUSABLE = {
    Variant.GET_CONFIRM: Reason.PAGE_UNUSABLE,
    Variant.NO_BUTTON: Reason.PAGE_UNUSABLE,
    Variant.OFFSITE_ACTION: Reason.PAGE_UNUSABLE,
    Variant.INSUFFICIENT_PRIVILEGES: Reason.PAGE_UNUSABLE,
    Variant.URL_NO_LONGER_EXISTS: Reason.PAGE_UNUSABLE,
    Variant.EXPIRED_PASSWORD: Reason.PASSWORD_EXPIRED,
}
UNCLEAR = {Variant.REFUSED: 0, Variant.ODD_ANSWER: 1}
"""And how many resets there really are then."""


def test_every_variant_of_the_page_is_told_apart() -> None:
    assert {*USABLE, *UNUSABLE, *UNCLEAR} == set(Variant)


@pytest.mark.parametrize("variant", USABLE)
async def test_a_page_of_another_shape_is_used_as_a_browser_would(
    world: World, variant: Variant
) -> None:
    world.org.reset_page = ResetPage(variant)
    await world.person("ada").presses("reset.confirm", await offered(world))
    assert (await ended(world)).state == "done"
    assert len(world.org.resets) == 1
    assert world.org.hazard_gets == 0
    assert world.org.violations == []


@pytest.mark.parametrize(("variant", "reason"), UNUSABLE.items())
async def test_a_page_that_cant_be_used_is_left_to_the_person(
    world: World, variant: Variant, reason: Reason
) -> None:
    warning = await offered(world)
    world.org.reset_page = ResetPage(variant)
    await world.person("ada").presses("reset.confirm", warning)
    shown = await handed_over(world, warning)
    assert (await world.newest("ada")).reason == reason
    if reason is Reason.PASSWORD_EXPIRED:
        assert "choose a new password" in shown.plain


async def unsure(world: World, resets: int) -> None:
    """Press, wait for an outcome that nobody can know, and look that it is told as that."""
    ada = world.person("ada")
    warning = await offered(world)
    dms, calls, before = on_screen(ada), len(world.org.calls), len(world.org.resets)
    await ada.presses("reset.confirm", warning)
    assert (await ended(world)).state == "unknown"
    outcome = await ada.sees_soon(replaced(warning, UNSURE))
    assert UNCHANGED not in outcome.plain
    assert "Done" not in outcome.plain
    assert "I won't send it again by myself" in outcome.plain
    assert "you can try again from" in outcome.plain
    steps = await ada.sees_soon(lambda one: one.ts not in dms, channel="dm")
    assert "Find out whether" in steps.plain
    assert TOKEN_MAIL in steps.plain
    assert UNCHANGED not in steps.plain
    assert world.org.count(calls, "submit") == 1, "never a second submit"
    assert len(world.org.resets) - before == resets
    assert world.org.hazard_gets == 0
    assert (await audited(world, "lose_sight")).why == Reason.OUTCOME_UNKNOWN
    await refused(world, "ada", "was reset a short while ago, or may have been")
    world.clock.forward(minutes=11)


AFTER_THE_SUBMIT = {
    "submit": [
        (faults.drop(), 0),
        (faults.drop(after_effect=True), 1),
        (faults.hang(), 0),
        (faults.hang(after_effect=True), 1),
        (faults.status(503), 0),
        (faults.status(503, retry_after=1), 0),
        (faults.status(503, after_effect=True), 1),
        (faults.status(429, retry_after=1), 0),
        (faults.html_unauthorized(), 0),
        (faults.expired_session(), 0),
        (faults.to_login(), 0),
        (faults.locked_row(), 0),
    ],
    "result": [
        (faults.drop(), 1),
        (faults.hang(), 1),
        (faults.status(503, retry_after=1), 1),
        (faults.truncated(), 1),
        (faults.cut_off(), 1),
        (faults.to_login(), 1),
    ],
}
"""And how many resets there really are then."""


@pytest.mark.parametrize("endpoint", AFTER_THE_SUBMIT)
async def test_after_the_submit_the_outcome_is_unknown(
    hasty: World, endpoint: str, subtests: pytest.Subtests
) -> None:
    for fault, resets in AFTER_THE_SUBMIT[endpoint]:
        hasty.org.faults.add(endpoint, fault)
        with subtests.test(fault=str(fault)):
            await unsure(hasty, resets)
    await hasty.person("ada").presses("reset.confirm", await offered(hasty))
    assert (await ended(hasty)).state == "done", "after the cool-down another try works"


@pytest.mark.parametrize(("variant", "resets"), UNCLEAR.items())
async def test_an_answer_that_isnt_the_success_page_is_unknown(
    world: World, variant: Variant, resets: int
) -> None:
    world.org.reset_page = ResetPage(variant)
    await unsure(world, resets)


@pytest.mark.parametrize("endpoint", ["logout", "revoke"])
async def test_a_session_that_cant_be_ended_is_logged_and_changes_no_outcome(
    world: World, endpoint: str
) -> None:
    warning = await offered(world)
    world.org.faults.add(endpoint, faults.status(503), times=None)
    with logged() as log:
        await world.person("ada").presses("reset.confirm", warning)
        assert (await ended(world)).state == "done"
        await world.org.until(lambda: world.org.count(0, "revoke"))
        await world.person("ada").sees_soon(has("reset.not_me"), channel="dm")
    warnings = [line for line in lines(log) if line["event"] == "user_session_not_ended"]
    assert [line["codes"] for line in warnings] in ([["http_503"]], [])
