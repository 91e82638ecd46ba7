"""A reset or a case in each of its states, brought there by the moves of its own table."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sandbox.slack import seed
from sandbox.slack.model import Message
from services.cases import states as case_states
from services.cases.model import Card, Case, CaseKind, Decision, Report, Source, Target, Truth
from services.cases.preparation import card_found
from services.cases.states import CaseMove, CaseState
from services.cases.steps import Step, StepKind, StepState
from services.follow_ups.begin import begin
from services.follow_ups.changes import change_of
from services.impact.model import Impact
from services.masking import digest
from services.orgs import ResetMethod
from services.resets import states as reset_states
from services.resets.model import Account, Choice, Question, Reset, SlackUser, new_id
from services.resets.states import FINISHED, WAITING, WITH_EFFECT, Move, State
from services.store import keys
from services.store.case_changes import CaseChange
from services.store.changes import Change, JobName, Put
from services.store.notices import Notice
from services.store.posts import Place
from tests.security.authority_cast import SUSPECTS_ADDRESS, Cast
from tests.unit.follow_ups.examples import an_integration

PLANNED = "planned"
"""Stands beside the states of a case: a planned reset that waits for its approval."""

RESET_STATES = [one.value for one in State]
CASE_STATES = [*(one.value for one in CaseState), PLANNED]

_A_DAY = 86_400_000


@dataclass(frozen=True)
class Subject:
    """What somebody tries something on: where it stands, and the ids that are to be had of it."""

    state: str
    own: str
    others: dict[str, str] = field(default_factory=dict)

    def id(self, kind: str | None = None) -> str:
        return self.others.get(kind or "", self.own)


NOTHING = Subject("always", "")


def path_to(table: Mapping[tuple[Any, Any], Any], first: StrEnum, state: StrEnum) -> list[Any]:
    """The fewest moves from the first state to this one."""
    ways: dict[Any, list[Any]] = {first: []}
    waiting = deque([first])
    while waiting:
        here = waiting.popleft()
        for (before, move), after in table.items():
            if before is here and after not in ways:
                ways[after] = [*ways[here], move]
                waiting.append(after)
    return ways[state]


async def a_reset(cast: Cast, state: str, requester: str) -> Subject:
    """Bring a reset of this person there, about Ada's Salesforce user."""
    world, person = cast.world, cast.person(requester)
    stores, now = world.web.stores, world.clock()
    goal = State(state)
    owner = SlackUser(user_id=person.id, team_id=person.team_id)
    choice = Choice(id=new_id(), org="production", user_id=_ada(cast), username="ada@acme.example")
    reset = Reset(
        id=new_id(), requester=owner, channel=seed.GENERAL, created_at=now, org="production"
    )
    held = await stores.resets.move(None, Change(Move.START, reset, now, actor=owner))
    facts = _facts(cast, goal, choice)
    for move in path_to(reset_states.TRANSITIONS, reset_states.FIRST, goal):
        puts = (Put(keys.choice(choice.id), reset.id, _A_DAY),)
        after = held.model_copy(update=facts)
        held = await stores.resets.move(held, Change(move, after, now, actor=owner, puts=puts))
    notice = Notice(
        id=new_id(), person=owner, channel=seed.GENERAL, thread_ts="1.000001", leaked=True
    )
    await stores.notices.save(notice, JobName.ANSWER_DM)
    others = {"choice": choice.id, "notice": notice.id}
    if goal in WITH_EFFECT:
        followed = begin(
            held.model_copy(
                update={"impact": Impact(days=90, read_at=now, integrations=(an_integration(),))}
            ),
            now,
            days=7,
        )
        await stores.follow_ups.start(change_of(None, followed, now, life=timedelta(days=1)))
        others["item"] = followed.items[0].id
    return Subject(state, reset.id, others)


def _facts(cast: Cast, goal: State, choice: Choice) -> dict[str, Any]:
    """What a reset has in this state."""
    now = cast.world.clock()
    account = Account(
        org="production",
        user_id=_ada(cast),
        username="ada@acme.example",
        mailed_to="a…@acme.example",
    )
    facts: dict[str, Any] = {
        "account": account,
        "method": ResetMethod.TOKEN,
        "impact": None if goal in FINISHED else Impact(days=90, read_at=now),
        "deadline": now + timedelta(hours=1) if goal in WAITING else None,
    }
    if goal is State.AWAITING_CHOICE:
        facts |= {"account": None, "method": None, "choices": (choice,)}
    if goal is State.AWAITING_IT:
        facts["question"] = Question(text="Does the nightly sync use my token?")
    if goal in WITH_EFFECT:
        facts |= {"intent_at": now, "available_at": now + timedelta(minutes=10)}
    return facts


async def a_case(cast: Cast, state: str) -> Subject:
    """Bring a case there that an approver reported and of which another one is suspected."""
    world = cast.world
    stores, now = world.web.stores, world.clock()
    is_planned = state == PLANNED
    goal = CaseState.AWAITING_APPROVAL if is_planned else CaseState(state)
    reporter = SlackUser(user_id=cast.person("reporting approver").id, team_id=seed.TEAM)
    report = Report(
        id=new_id(), source=Source.FORM, reporter=reporter, at=now, reason="A login at night"
    )
    case = Case(
        id=report.id,
        kind=CaseKind.PLANNED if is_planned else CaseKind.BREACH,
        created_at=now,
        org="production",
        suspect=cast.person("suspected approver").id,
        owner=cast.person("other").id if is_planned else None,
        reports=(report,),
    )
    held = await stores.cases.move(None, CaseChange(CaseMove.REPORT, case, now, actor=reporter))
    moves = path_to(case_states.TRANSITIONS, case_states.FIRST, goal)
    if not moves:
        return Subject(state, case.id)
    facts = _case_facts(cast, goal)
    card, target = facts["card"], facts["target"]
    steps = {one.state: one.id for one in facts["steps"]}
    puts = (
        *card_found(card, case.id),
        *(Put(keys.step(one.id), case.id, _A_DAY) for one in facts["steps"]),
    )
    for move in moves:
        change = CaseChange(move, held.model_copy(update=facts), now, actor=reporter, puts=puts)
        held = await stores.cases.move(held, change)
    await _show_card(cast, case.id)
    failed = steps.get(StepState.FAILED, new_id())
    return Subject(state, case.id, {"card": card.id, "step": failed, "address": target.address})


async def _show_card(cast: Cast, case_id: str) -> None:
    slack = cast.world.slack
    ts = slack.timeline.next_ts()
    slack.post(Message(seed.IT_CHANNEL, ts, slack.bot.id, "A card", []))
    await cast.world.web.stores.posts.posted(
        keys.case_posts(case_id), "card:1", Place(seed.IT_CHANNEL, ts)
    )


def _case_facts(cast: Cast, goal: CaseState) -> dict[str, Any]:
    """What a case has in this state."""
    now = cast.world.clock()
    by = SlackUser(user_id=cast.person("approver").id, team_id=seed.TEAM)
    decision = Decision(by=by, at=now, note="Seen", steps=(StepKind.FREEZE,), press=new_id())
    facts: dict[str, Any] = {
        "target": _target(cast),
        "card": Card(id=new_id(), until=now + timedelta(hours=4)),
        "first_card_at": now,
        "steps": (),
    }
    if goal in {CaseState.APPROVED, CaseState.CONTAINED, CaseState.CLOSED}:
        facts |= {"approvals": (decision,), "steps": _steps(cast, goal)}
        facts["truth"] = Truth(at=now + timedelta(seconds=1), is_frozen=True, sessions=1, grants=0)
    if goal is CaseState.CLOSED:
        facts["closed"] = decision
    if goal is CaseState.DENIED:
        facts["denial"] = decision
    return facts


def _steps(cast: Cast, goal: CaseState) -> tuple[Step, ...]:
    """Frozen, but the sessions are still there; and the address to be confirmed, while it runs."""
    password = StepState.HELD if goal is CaseState.APPROVED else StepState.DONE
    now = cast.world.clock()
    return tuple(
        Step(id=new_id(), kind=kind, state=state, ended_at=None if state is password.HELD else now)
        for kind, state in (
            (StepKind.EVIDENCE, StepState.DONE),
            (StepKind.FREEZE, StepState.DONE),
            (StepKind.SESSIONS, StepState.FAILED),
            (StepKind.PASSWORD, password),
            (StepKind.CHECK, StepState.DONE),
        )
    )


def _target(cast: Cast) -> Target:
    now = cast.world.clock()
    return Target(
        org="production",
        user_id=_ada(cast),
        username="ada@acme.example",
        name="Ada Park",
        mailed_to="a…@acme.example",
        address=digest("ada@acme.example"),
        address_differs=False,
        addresses=(digest(SUSPECTS_ADDRESS),),
        impact=Impact(days=90, read_at=now),
        read_at=now,
    )


def _ada(cast: Cast) -> str:
    return cast.world.org.person("ada").id
