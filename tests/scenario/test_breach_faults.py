"""Salesforce fails in the middle of a containment: each step says how it ended, and no more.

`authsession` and `revoke` are struck at the first of several where a fault strikes once.
"""

import json
from collections.abc import AsyncIterator, Collection
from datetime import timedelta

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.faults import Answer, Fault
from sandbox.slack.shown import Shown
from services.cases.model import Case
from services.cases.steps import Step, StepKind, StepState
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, approves, contained, reported, states
from tests.scenario.containment_steps import MARKS, at_salesforce, contains, line, thread
from tests.scenario.steps import eventually, impatient
from tests.scenario.world import World

DONE, FAILED, UNKNOWN = StepState.DONE, StepState.FAILED, StepState.UNKNOWN
EFFECTS = {
    "userlogin": StepKind.FREEZE,
    "authsession": StepKind.SESSIONS,
    "revoke": StepKind.GRANTS,
    "password": StepKind.PASSWORD,
}
PERMISSIONS = {
    StepKind.FREEZE: "Manage Users",
    StepKind.SESSIONS: "Manage Users",
    StepKind.GRANTS: "Customize Application",
    StepKind.PASSWORD: "Reset User Passwords and Unlock Users",
}
LACKING = "my Salesforce user lacks a permission"
NOT_LET_IN = "Salesforce didn't let me in"
USED_UP = "your organisation has used up its Salesforce requests for now"
NO_ANSWER = "Salesforce didn't answer, or not in full"
STRANGE = "Salesforce gave an answer that I don't understand"
BUSY = "Salesforce was too busy"
MISSING = "Salesforce says that there is no such"
FORBIDDEN = Fault(Answer(403, json.dumps([{"errorCode": "INSUFFICIENT_ACCESS"}]).encode()))
EXPIRED = [faults.expired_session(), faults.html_unauthorized(), faults.odd_unauthorized()]


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose worker soon gives up waiting, and edits its messages without a pause."""
    impatient(monkeypatch)
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        yield built
        assert built.org.violations == []


def strike(
    world: World, fault: Fault, times: int | None, endpoints: Collection[str] = EFFECTS
) -> None:
    for endpoint in endpoints:
        world.org.faults.add(endpoint, fault, times)


async def told(world: World, seen: Shown, case: Case) -> dict[StepKind, str]:
    """What the thread says of each step, once it shows how all of them ended."""
    ended = "6 of 6 steps have ended"
    for state, words in ((FAILED, "not done"), (UNKNOWN, "unknown")):
        count = list(states(case).values()).count(state)
        ended += f", {count} {words}" if count else ""
    shown = await thread(world, seen, f"{ended}\n")
    said = {one.kind: line(shown, one.kind) for one in case.steps}
    for one in case.steps:
        assert said[one.kind].startswith(MARKS[one.state])
    again = {one.value for one in shown.buttons if one.action_id == "breach.retry"}
    assert again == {one.id for one in case.steps if one.state is not DONE}
    return said


def asked(world: World) -> list[int]:
    return [world.org.count(0, endpoint) for endpoint in EFFECTS]


def effects(case: Case) -> list[Step]:
    return [one for one in case.steps if one.kind.is_effect]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.hang(), NO_ANSWER),
        (faults.drop(), NO_ANSWER),
        (faults.status(503), NO_ANSWER),
        (faults.status(504), NO_ANSWER),
        (faults.to_login(), STRANGE),
    ],
)
async def test_a_lost_request_is_unknown_or_shows_what_is_still_there(
    world: World, fault: Fault, why: str
) -> None:
    seen = await reported(world)
    strike(world, fault, 1)
    case = await contains(world, seen)
    assert [one.state for one in effects(case)] == [UNKNOWN, FAILED, FAILED, UNKNOWN]
    assert asked(world) == [1, 5, 2, 1], "nothing is sent again by itself"
    is_frozen, _, grants, resets = at_salesforce(world)
    assert (is_frozen, grants, resets) == (False, 1, 0)
    said = await told(world, seen, case)
    for kind in (StepKind.FREEZE, StepKind.PASSWORD):
        assert f"unknown whether it was done. The request left, then: {why}" in said[kind]
        assert "*Against it:*" in said[kind]
        assert "It may come late." in said[kind]
        assert "Nothing was changed" not in said[kind]
    assert f"not all of it done: {why}" in said[StepKind.SESSIONS]
    assert "4 ended, 1 still there" in said[StepKind.SESSIONS]
    assert f"not all of it done: {why}" in said[StepKind.GRANTS]
    assert "1 revoked, 1 still there" in said[StepKind.GRANTS]


@pytest.mark.parametrize(
    "fault",
    [
        faults.hang(after_effect=True),
        faults.drop(after_effect=True),
        faults.status(503, after_effect=True),
        faults.status(504, retry_after=1, after_effect=True),
    ],
)
async def test_a_lost_answer_is_found_at_salesforce(world: World, fault: Fault) -> None:
    seen = await reported(world)
    strike(world, fault, 1)
    case = await contains(world, seen)
    assert [one.state for one in effects(case)] == [DONE] * 4
    assert [one.proof for one in effects(case)] == [*["read_back"] * 3, "audit_trail"]
    assert asked(world) == [1, 5, 2, 1]
    assert at_salesforce(world) == (True, 0, 0, 1)
    said = await told(world, seen, case)
    assert "Read back: none left" in said[StepKind.SESSIONS]
    assert "Read back at" in said[StepKind.FREEZE]


@pytest.mark.parametrize("fault", [faults.truncated(), faults.cut_off(), faults.late(0.1)])
async def test_the_body_of_a_good_answer_doesnt_matter(world: World, fault: Fault) -> None:
    seen = await reported(world)
    strike(world, fault, None)
    case = await contains(world, seen)
    assert [one.state for one in effects(case)] == [DONE] * 4
    assert asked(world) == [1, 5, 2, 1]
    assert at_salesforce(world) == (True, 0, 0, 1)


@pytest.mark.parametrize("fault", EXPIRED, ids=["json", "html", "odd"])
async def test_an_expired_session_of_the_bots_is_renewed(world: World, fault: Fault) -> None:
    seen = await reported(world)
    strike(world, fault, 1, EFFECTS.keys() - {"revoke"})
    case = await contains(world, seen)
    assert [one.state for one in effects(case)] == [DONE] * 4
    assert asked(world) == [2, 6, 2, 2], "the refused ones once more; a revocation has no session"
    assert at_salesforce(world) == (True, 0, 0, 1)


REFUSALS = [
    *((fault, NOT_LET_IN, [2, 2, 2, 2]) for fault in EXPIRED),
    (faults.request_limit(), USED_UP, [1, 1, 1, 1]),
    (faults.status(429, retry_after=1), BUSY, [1, 1, 1, 1]),
    (faults.locked_row(), BUSY, [1, None, None, 1]),
    (FORBIDDEN, LACKING, [1, 1, 1, 1]),
    (faults.status(403), LACKING, [1, 1, 1, 1]),
    (faults.status(404), MISSING, [1, 5, 2, 1]),
]
"""A fault that lasts, why the steps failed, and how often each was asked for."""


@pytest.mark.parametrize(("fault", "why", "times"), REFUSALS)
async def test_what_is_refused_has_changed_nothing_and_can_be_tried_again(
    world: World, fault: Fault, why: str, times: list[int | None]
) -> None:
    seen = await reported(world)
    before = at_salesforce(world)
    strike(world, fault, None)
    case = await contains(world, seen)
    world.org.faults.clear()
    assert [one.state for one in effects(case)] == [FAILED] * 4
    assert at_salesforce(world) == before
    assert all(wanted in {None, real} for wanted, real in zip(times, asked(world), strict=True))
    said = await told(world, seen, case)
    for kind, permission in PERMISSIONS.items():
        assert f"not done: {why}" in said[kind]
        if why is LACKING:
            assert f"*{permission}*" in said[kind]
            assert "Grant it, then try again." in said[kind]
    for kind in (StepKind.FREEZE, StepKind.PASSWORD):
        assert "Nothing was changed by it." in said[kind]
    await all_tried_again(world, seen)
    assert at_salesforce(world) == (True, 0, 0, 1)


async def all_tried_again(world: World, seen: Shown) -> None:
    """Press every *Try again*, one after the other, and wait until all has been done."""
    ivan = world.person("ivan")
    shown = await thread(world, seen, "4 not done")
    before = [one.value for one in shown.buttons if one.action_id == "breach.retry"]
    for value in before:
        payload = ivan.press_payload("breach.retry", shown)
        payload["actions"][0]["value"] = value
        await ivan.presses_raw(payload)

    async def all_done() -> bool:
        case = await world.web.stores.cases.get(case_id)
        return case is not None and set(states(case).values()) == {DONE}

    case_id = (await contained(world, seen)).id
    await eventually(all_done)


UNREADABLE = [
    (faults.status(503), 3, NO_ANSWER),
    (faults.status(504), 3, NO_ANSWER),
    (faults.hang(), 3, NO_ANSWER),
    (faults.drop(), 3, NO_ANSWER),
    (faults.cut_off(), 3, NO_ANSWER),
    (faults.locked_row(), 3, BUSY),
    (faults.request_limit(), 1, USED_UP),
    (faults.status(403), 1, LACKING),
    (faults.status(404), 1, MISSING),
    (faults.truncated(), 1, STRANGE),
    (faults.to_login(), 1, STRANGE),
    *((fault, 2, NOT_LET_IN) for fault in EXPIRED),
]
"""A fault at a read, how often it strikes before the bot stops, and what it is called."""


@pytest.mark.parametrize(("fault", "times", "why"), UNREADABLE)
async def test_a_step_that_cant_read_changes_nothing_and_the_others_go_on(
    world: World, fault: Fault, times: int, why: str
) -> None:
    seen = await reported(world)
    await idle(world)  # so that nobody else reads meanwhile
    strike(world, faults.late(0), 1, ["composite"])  # the evidence
    strike(world, fault, times, ["composite"])
    case = await contains(world, seen)
    assert [one.state for one in case.steps] == [DONE, FAILED, DONE, DONE, DONE, DONE]
    assert asked(world) == [0, 5, 2, 1]
    said = await told(world, seen, case)
    assert f"not done: {why}" in said[StepKind.FREEZE]
    assert "Nothing was changed by it." in said[StepKind.FREEZE]


@pytest.mark.parametrize("fault", [fault for fault, times, _ in UNREADABLE if times > 1])
async def test_trouble_at_a_read_that_passes_is_not_noticed(world: World, fault: Fault) -> None:
    seen = await reported(world)
    await idle(world)
    for _ in range(3):
        strike(world, fault, 1, ["composite"])
        strike(world, faults.late(0), 1, ["composite"])
    await approves(world, seen)
    assert {one.state for one in (await contained(world, seen)).steps} == {DONE}
    assert asked(world) == [1, 5, 2, 1]


@pytest.mark.parametrize("endpoint", EFFECTS)
async def test_what_happens_to_one_step_is_told_of_no_other(world: World, endpoint: str) -> None:
    seen = await reported(world)
    strike(world, faults.drop(), 1, [endpoint])
    case = await contains(world, seen)
    struck = EFFECTS[endpoint]
    assert {one.kind for one in case.steps if one.state is not DONE} == {struck}
    said = await told(world, seen, case)
    assert [kind for kind in said if NO_ANSWER in said[kind]] == [struck]


@pytest.mark.parametrize(
    ("fault", "why"),
    [(faults.status(503), NO_ANSWER), (faults.html_unauthorized(), NOT_LET_IN)],
)
async def test_a_bot_that_isnt_let_in_changes_nothing_and_says_so(
    world: World, fault: Fault, why: str
) -> None:
    seen = await reported(world)
    before = at_salesforce(world)
    bot = world.org.bot_user
    world.org.sessions = {
        token: one for token, one in world.org.sessions.items() if one.user is not bot
    }
    strike(world, fault, None, ["token"])
    case = await contains(world, seen)
    assert {one.state for one in case.steps} == {FAILED}
    assert at_salesforce(world) == before
    assert asked(world) == [0, 0, 0, 0]
    said = await told(world, seen, case)
    assert all(f"not done: {why}" in said[one.kind] for one in case.steps)
