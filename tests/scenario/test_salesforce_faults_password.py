"""Salesforce fails after the press, under `password`: one request, and the truth is told of it."""

from collections.abc import AsyncIterator

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.seed import BOT_ACCESS
from services.resets.model import Reason
from tests.scenario.steps import UNCHANGED, UNSURE, audited, ended, has, impatient, offered, refused
from tests.scenario.world import World, a_world


@pytest.fixture
async def hasty(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker soon gives up waiting."""
    impatient(monkeypatch)
    async with a_world(redis_url, SALESFORCE_RESET_METHOD="password") as world:
        yield world


async def pressed(world: World) -> None:
    ada = world.person("ada")
    await ada.presses("reset.confirm", await offered(world))


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(503, after_effect=True),
        faults.status(504, retry_after=1, after_effect=True),
        faults.drop(after_effect=True),
        faults.hang(after_effect=True),
    ],
)
async def test_an_answer_that_is_lost_is_found_in_the_audit_trail(
    hasty: World, fault: Fault
) -> None:
    hasty.org.faults.add("password", fault)
    await pressed(hasty)
    reset = await ended(hasty)
    assert (reset.state, reset.seen_in_audit_trail) == ("done", True)
    outcome = await hasty.person("ada").sees_soon("Done.", channel="general")
    assert "audit trail shows the reset" in outcome.plain
    assert UNCHANGED not in outcome.plain
    assert hasty.org.count(0, "password") == 1
    assert len(hasty.org.resets) == 1


@pytest.mark.parametrize("fault", [faults.truncated(), faults.cut_off(), faults.late(0.2)])
async def test_the_body_of_a_good_answer_doesnt_matter(hasty: World, fault: Fault) -> None:
    """It is a live password, so nobody reads it."""
    hasty.org.faults.add("password", fault)
    await pressed(hasty)
    assert (await ended(hasty)).state == "done"
    assert len(hasty.org.resets) == 1
    assert hasty.org.count(0, "password") == 1


async def unsure(world: World, resets: int) -> None:
    ada = world.person("ada")
    assert (await ended(world)).state == "unknown"
    outcome = await ada.sees_soon(UNSURE, channel="general")
    assert UNCHANGED not in outcome.plain
    assert "Done" not in outcome.plain
    assert "link to choose a new password" in outcome.plain
    await ada.sees_soon(has("reset.not_me"), channel="dm")
    assert world.org.count(0, "password") == 1, "never a second one"
    assert len(world.org.resets) == resets
    world.org.faults.clear()
    await refused(world, "ada", "was reset a short while ago, or may have been")


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(503),
        faults.status(500),
        faults.drop(),
        faults.hang(),
        faults.to_login(),
    ],
)
async def test_no_answer_and_no_trace_is_unknown(hasty: World, fault: Fault) -> None:
    hasty.org.faults.add("password", fault)
    await pressed(hasty)
    await unsure(hasty, 0)


@pytest.mark.parametrize("fault", [faults.status(503), faults.request_limit(), faults.truncated()])
async def test_no_answer_and_a_trail_that_cant_be_read_is_unknown(
    hasty: World, fault: Fault
) -> None:
    ada = hasty.person("ada")
    warning = await offered(hasty)
    hasty.org.faults.add("password", faults.drop(after_effect=True))
    hasty.org.faults.add("query", fault, times=None)
    await ada.presses("reset.confirm", warning)
    await unsure(hasty, 1)


REFUSED = [
    (faults.locked_row(), Reason.SALESFORCE_UNAVAILABLE),
    (faults.locked_row(409), Reason.SALESFORCE_UNAVAILABLE),
    (faults.request_limit(), Reason.SALESFORCE_LIMIT),
    (faults.status(429, retry_after=1), Reason.SALESFORCE_UNAVAILABLE),
]


@pytest.mark.parametrize(("fault", "reason"), REFUSED)
async def test_a_refusal_in_salesforces_own_words_has_changed_nothing(
    hasty: World, fault: Fault, reason: Reason
) -> None:
    user = hasty.org.person("ada")
    before = (user.password, user.security_token)
    hasty.org.faults.add("password", fault)
    await pressed(hasty)
    await unchanged(hasty, reason)
    assert (user.password, user.security_token) == before
    assert hasty.org.count(0, "password") == 1
    await offered(hasty)  # the user is free again, and there is no cool-down


async def unchanged(world: World, reason: Reason) -> None:
    assert (await ended(world)).state == "failed"
    outcome = await world.person("ada").sees_soon("I couldn't reset your password and token")
    assert UNCHANGED in outcome.plain
    assert UNSURE not in outcome.plain
    assert (await audited(world, "fail")).why == reason
    assert world.person("ada").sees("dm") == []
    assert world.org.resets == []
    assert world.org.mails == []


@pytest.mark.parametrize(
    "fault",
    [faults.expired_session(), faults.html_unauthorized(), faults.odd_unauthorized()],
    ids=["json", "html", "odd"],
)
async def test_an_expired_session_is_renewed_once(hasty: World, fault: Fault) -> None:
    hasty.org.faults.add("password", fault)
    await pressed(hasty)
    assert (await ended(hasty)).state == "done"
    assert hasty.org.count(0, "password") == 2
    assert len(hasty.org.resets) == 1


async def test_a_session_that_really_expired_is_renewed(hasty: World) -> None:
    warning = await offered(hasty)
    hasty.org.expire_sessions()
    await hasty.person("ada").presses("reset.confirm", warning)
    assert (await ended(hasty)).state == "done"
    assert len(hasty.org.resets) == 1


@pytest.mark.parametrize(
    "fault",
    [faults.expired_session(), faults.html_unauthorized(), faults.odd_unauthorized()],
    ids=["json", "html", "odd"],
)
async def test_a_session_that_is_refused_again_has_changed_nothing(
    hasty: World, fault: Fault
) -> None:
    hasty.org.faults.add("password", fault, times=None)
    await pressed(hasty)
    await unchanged(hasty, Reason.SALESFORCE_LOGIN)
    assert hasty.org.count(0, "password") == 2


async def test_a_session_that_cant_be_renewed_has_changed_nothing(hasty: World) -> None:
    warning = await offered(hasty)
    hasty.org.expire_sessions()
    hasty.org.faults.add("token", faults.status(503), times=None)
    await hasty.person("ada").presses("reset.confirm", warning)
    await unchanged(hasty, Reason.SALESFORCE_UNAVAILABLE)


async def test_a_missing_permission_has_changed_nothing(hasty: World) -> None:
    warning = await offered(hasty)
    hasty.org.permission_sets[BOT_ACCESS].permissions -= {"ResetPasswords", "ManageUsers"}
    await hasty.person("ada").presses("reset.confirm", warning)
    await unchanged(hasty, Reason.SALESFORCE_PERMISSION)
    outcome = hasty.person("ada").sees("general")[-1]
    assert "I lack a permission in Salesforce" in outcome.plain
