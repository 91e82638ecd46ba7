"""Stories in which a worker may die at any moment, and what must be true at their ends."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator

from valkey.asyncio import Valkey

from sandbox.slack import seed
from sandbox.slack.actor import Actor
from sandbox.slack.shown import Shown
from services.audit import AuditRow
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from services.follow_ups.model import ItemState
from services.resets.model import Reset
from services.resets.states import FINISHED, FIRST, Move, State, after
from services.store import keys
from services.store.changes import JobName
from tests.faults.crashing import Death, Story
from tests.faults.points import PATIENCE
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import a_breach_world, cards, is_card
from tests.scenario.containment_steps import ENDED, at_salesforce
from tests.scenario.programs import programs_of
from tests.scenario.steps import TOKEN_MAIL, audit, done, eventually, has
from tests.scenario.world import World, a_world

LOCKS = ("case_run:*", "follow_round:*", "freezing:*", "turn:show:*")
"""What a worker holds while it works, as patterns of keys."""

STREAMS = ((keys.OUTBOX, "relay"), (keys.AUDIT, "relay"), ("resets:stream", "docket-workers"))
"""Each with its group of readers."""

NOTHING_PENDING: dict[str, object] = {"pending": 0, "min": None, "max": None, "consumers": []}

ALERT = "fails to log in to Production"
IN_OTHER_HANDS = "may be in other hands. Phone IT"
NEXT = "Next steps for IT"


def reset_story(method: str) -> Story:
    """A reset from the command to the next steps."""

    @contextlib.asynccontextmanager
    async def opened(url: str) -> AsyncIterator[World]:
        async with a_world(url, worker=False, SALESFORCE_RESET_METHOD=method) as world:
            yield world

    return Story(
        f"a reset by the method {method}",
        opened,
        _nothing,
        _resets,
        _reset_intents,
        _reset_is_right,
    )


async def _nothing(_: World) -> None: ...


async def _resets(world: World) -> None:
    ada = world.person("ada")
    await ada.types("/reset-token")
    await ada.sees_soon(has("reset.confirm"), PATIENCE)
    await ada.presses("reset.confirm")
    if world.environ["SALESFORCE_RESET_METHOD"] == "guided":
        await ada.sees_soon(has("reset.pressed"), PATIENCE)
        await ada.presses("reset.pressed")
    await ada.sees_soon(TOKEN_MAIL, PATIENCE, channel="dm")
    await eventually(lambda: _is_told(world))
    await idle(world)


async def _is_told(world: World) -> bool:
    reset = await world.newest("ada")
    return reset.state in FINISHED and reset.impact is None


async def _reset_intents(world: World) -> set[str]:
    found = await world.web.stores.resets.newest_of(world.slack.person("ada").id, 1)
    return {"reset"} if found and found[0].intent_at is not None else set()


async def _reset_is_right(world: World, death: Death) -> None:
    reset = await world.newest("ada")
    ada = world.person("ada")
    effects = len(world.org.resets)
    if reset.method == "guided":
        assert (reset.state, effects) == (State.REPORTED, 0)
    elif reset.state is State.DONE:
        assert effects == 1, "done is never said of what wasn't done"
    else:
        assert reset.state is State.UNKNOWN
        assert death.intended == {"reset"}, "nothing is unknown that was never asked for"
        assert effects <= 1, "at most one effect"
    assert world.org.hazard_gets == 0
    steps = [shown for shown in ada.sees("dm") if has("reset.not_me")(shown)]
    assert len(steps) == 1, "the outcome is told once"
    _each_once(ada)
    await _account_is_free(world, reset)
    rows = [row for row in await audit(world) if row.reset_id == reset.id]
    _is_a_way(rows, reset)
    await _nothing_is_left(world)


async def _account_is_free(world: World, reset: Reset) -> None:
    assert reset.account is not None
    hindered = await world.web.stores.resets.hindrance(
        reset.account.org, reset.account.user_id, world.clock()
    )
    assert hindered is None or hindered[0] == "cooling_down", "no claim is left behind"


def _is_a_way(rows: list[AuditRow], reset: Reset) -> None:
    """The audit has each move once, in an order that the table allows, up to where it stands."""
    moves = [Move(row.what) for row in rows if row.what in set(Move)]
    assert len(moves) == reset.version
    assert moves[0] is Move.START
    state = FIRST
    for move in moves[1:]:
        state = after(state, move)
    assert state is reset.state
    assert moves.count(Move.INTEND) <= 1
    assert moves.count(Move.TELL) == 1
    others = Counter(row.what for row in rows if row.what not in set(Move))
    assert set(others.values()) <= {1}


def _each_once(person: Actor) -> None:
    """A conversation can be read, so nothing is said twice there."""
    said = Counter(shown.text for shown in person.sees("dm"))
    assert {text: times for text, times in said.items() if times > 1} == {}


async def _nothing_is_left(world: World) -> None:
    """No lock, no job that nobody does, no entry that nobody has finished."""
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:

        async def all_finished() -> bool:
            return [await raw.xpending(*one) for one in STREAMS] == [NOTHING_PENDING] * len(STREAMS)

        # The audit's copy in the log is nobody's last word, so it may still be on its way.
        await eventually(all_finished)
        for pattern in LOCKS:
            assert await raw.keys(pattern) == []
        timers = await raw.zcard("resets:queue")
        assert len(await raw.keys("resets:runs:*")) == timers, "no record of a job that is done"
    assert world.org.violations == []


# --- A breach ---------------------------------------------------------------------------------


def breach_story() -> Story:
    """A report, its approval, every step, the close."""

    @contextlib.asynccontextmanager
    async def opened(url: str) -> AsyncIterator[World]:
        async with a_breach_world(url, worker=False) as world:
            yield world

    return Story("a breach", opened, _nothing, _contains, _case_intents, _case_is_right)


async def _contains(world: World) -> None:
    await world.person("eve").types("/reset-token breach @ada It looked like a login of ours")
    ivan = world.person("ivan")
    await _approves(world, ivan)
    shown = await ivan.sees_soon(NEXT, PATIENCE, channel=seed.IT_CHANNEL)
    await idle(world)
    shown = [one for one in ivan.sees(seed.IT_CHANNEL) if NEXT in one.plain][-1]
    await ivan.presses("breach.close", shown)

    async def is_closed() -> bool:
        return (await _case(world)).state is CaseState.CLOSED

    await eventually(is_closed)
    await idle(world)


async def _approves(world: World, ivan: Actor) -> None:
    """Press *Approve…* on the newest card: one may have been posted twice, and the newer holds."""
    tried: set[str] = set()
    while True:

        def is_new(shown: Shown) -> bool:
            return is_card(shown) and shown.ts not in tried

        seen = await ivan.sees_soon(is_new, PATIENCE, channel=seed.IT_CHANNEL)
        tried.add(seen.ts)
        await ivan.presses("breach.approve", seen)
        await world.slack.until(
            lambda: (
                ivan.modal is not None
                and (ivan.modal.callback_id == "breach.approve" or "isn't" in ivan.modal.title)
            ),
            PATIENCE,
        )
        if ivan.modal is not None and ivan.modal.callback_id == "breach.approve":
            assert not (await ivan.submits({})).errors
            return
        await ivan.closes()


async def _case(world: World) -> Case:
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:
        (key,) = [key async for key in raw.scan_iter("case:*") if not key.endswith(":posts")]
    found = await world.web.stores.cases.get(key.removeprefix("case:"))
    assert found is not None
    return found


async def _case_intents(world: World) -> set[str]:
    async with Valkey.from_url(world.redis_url, decode_responses=True) as raw:
        if not [key async for key in raw.scan_iter("case:*")]:
            return set()
    return {one.kind for one in (await _case(world)).steps if one.state is StepState.RUNNING}


async def _case_is_right(world: World, death: Death) -> None:
    case = await _case(world)
    states = {one.kind: one.state for one in case.steps}
    unknown = {kind for kind, state in states.items() if state is StepState.UNKNOWN}
    assert unknown <= death.intended, "nothing is unknown that was never asked for"
    assert set(states.values()) <= {StepState.DONE, StepState.UNKNOWN}
    frozen, sessions, grants, resets = at_salesforce(world)
    for kind, is_done in (
        (StepKind.FREEZE, frozen),
        (StepKind.SESSIONS, sessions == 0),
        (StepKind.GRANTS, grants == 0),
        (StepKind.PASSWORD, resets == 1),
    ):
        assert is_done or kind in unknown, "done is never said of what wasn't done"
    assert resets <= 1
    changes = Counter(call.path for call in world.org.calls if call.method in {"PATCH", "DELETE"})
    cut_off = death.point is not None and death.point.service == "salesforce"
    assert sum(changes.values()) - len(changes) <= cut_off, "nothing is asked for twice"
    await _case_is_told(world)
    rows = await audit(world)
    ended = Counter(
        (row.detail or "").partition(":")[0] for row in rows if row.what.endswith("end_step")
    )
    assert ended == Counter(list(states)), "each step ends once"
    await _nothing_is_left(world)


async def _case_is_told(world: World) -> None:
    ada, eve, ivan = (world.person(name) for name in ("ada", "eve", "ivan"))
    assert sum(IN_OTHER_HANDS in shown.text for shown in ada.sees("dm")) == 1
    for person in (ada, eve, ivan):
        _each_once(person)
    # A channel isn't read: what was on its way there at the end may come twice.
    in_channel = [shown.text for shown in ivan.sees(seed.IT_CHANNEL)]
    for words in (ENDED, NEXT):
        assert 1 <= sum(words in text for text in in_channel) <= 2
    assert len(cards(world)) == 0, "no card is left to be decided"


# --- A follow-up ------------------------------------------------------------------------------


def follow_up_story() -> Story:
    """A look at the logins after a reset: one integration fails."""

    @contextlib.asynccontextmanager
    async def opened(url: str) -> AsyncIterator[World]:
        async with a_world(url, worker=False) as world:
            yield world

    return Story("a follow-up", opened, _has_reset, _looks, _no_intents, _look_is_right)


async def _has_reset(world: World) -> None:
    async with world.worker():
        programs = await programs_of(world)
        await done(world)
    assert not (await programs.log_in("Data Loader")).ok


async def _looks(world: World) -> None:
    ada, reset = world.person("ada"), await world.newest("ada")
    async with Valkey.from_url(world.redis_url) as raw:
        # Due now: a worker of its own process has the real clock.
        await raw.zadd(keys.follow_ups_due("production"), {reset.id: 0})
    await world.run_job(JobName.FOLLOW_ROUND, "production:0")
    await ada.sees_soon(_is_alert, PATIENCE, channel="dm")
    await ada.sees_soon("❌ *Data Loader*", PATIENCE, channel="dm")

    async def is_told() -> bool:
        async with Valkey.from_url(world.redis_url) as raw:
            return bool(await raw.hget(keys.reset(reset.id), "p:follow:1"))

    await eventually(is_told)
    await idle(world)


def _is_alert(shown: Shown) -> bool:
    return ALERT in shown.plain.split("\n")[0]


async def _no_intents(_: World) -> set[str]:
    return set()


async def _look_is_right(world: World, _: Death) -> None:
    ada, reset = world.person("ada"), await world.newest("ada")
    assert len([shown for shown in ada.sees("dm") if _is_alert(shown)]) == 1
    _each_once(ada)
    follow_up = await world.web.stores.follow_ups.get(reset.id)
    assert follow_up is not None
    assert follow_up.round == 1
    (loader,) = [item for item in follow_up.items if item.name == "Data Loader"]
    assert (loader.state, loader.failing[0].count) == (ItemState.FAILS, 1)
    assert len(world.org.resets) == 1
    await _nothing_is_left(world)
