"""Resets, in which a worker or a web process may die at any moment."""

import contextlib
from collections.abc import AsyncIterator
from typing import Literal

from services.resets.model import Reset
from services.resets.states import FINISHED, WITH_EFFECT, State
from services.store.errors import StoreUnavailableError
from tests.faults.crash_checks import each_once, insists, is_a_way, nothing_is_left
from tests.faults.crashing import Death, Story
from tests.faults.points import PATIENCE
from tests.scenario.breach_attempts import idle
from tests.scenario.steps import TOKEN_MAIL, UNSURE, audit, eventually, has
from tests.scenario.world import World, a_world

WORKING = "Resetting your"

OUTCOMES = {
    State.DONE: "Done. Your old",
    State.UNKNOWN: UNSURE,
    State.REPORTED: "You told me that you pressed it",
}
"""How each is said."""


def reset_story(method: str, dies: Literal["worker", "web"] = "worker") -> Story:
    """A reset from the command to the next steps."""

    @contextlib.asynccontextmanager
    async def opened(url: str) -> AsyncIterator[World]:
        async with a_world(url, worker=False, SALESFORCE_RESET_METHOD=method) as world:
            yield world

    name = f"a reset by the method {method}"
    return Story(name, opened, _resets, _intents, _is_right, dies)


async def _resets(world: World) -> None:
    ada = world.person("ada")
    await insists(lambda: ada.types("/reset-token"))
    await ada.sees_soon(has("reset.confirm"), PATIENCE)
    await insists(lambda: ada.presses("reset.confirm"))
    if world.environ["SALESFORCE_RESET_METHOD"] == "guided":
        await ada.sees_soon(has("reset.pressed"), PATIENCE)
        await insists(lambda: ada.presses("reset.pressed"))
    await ada.sees_soon(TOKEN_MAIL, PATIENCE, channel="dm")

    async def is_told() -> bool:
        with contextlib.suppress(StoreUnavailableError):  # which may be what goes wrong
            reset = await _the_reset(world)
            return reset is not None and reset.state in FINISHED and reset.impact is None
        return False

    await eventually(is_told)
    await idle(world)


async def _the_reset(world: World) -> Reset | None:
    """The one that came furthest: a command that got no ack may have been saved all the same."""
    found = await world.web.stores.resets.newest_of(world.slack.person("ada").id, 10)
    return min(found, key=lambda reset: reset.state not in WITH_EFFECT, default=None)


async def _intents(world: World) -> set[str]:
    reset = await _the_reset(world)
    return {"reset"} if reset and reset.intent_at is not None else set()


async def _is_right(world: World, death: Death) -> None:
    reset = await _the_reset(world)
    assert reset is not None
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
    assert len(steps) == 1, "the next steps come once"
    asked_in = [shown.plain for shown in ada.sees("general")]
    outcomes = [text for text in asked_in if OUTCOMES[reset.state] in text]
    assert len(outcomes) == 1, "the outcome stands where it was asked for"
    assert not any(WORKING in text for text in asked_in), "what ran has ended"
    each_once(ada)
    await _account_is_free(world, reset)
    rows = [row for row in await audit(world) if row.reset_id == reset.id]
    is_a_way(rows, reset)
    await nothing_is_left(world)


async def _account_is_free(world: World, reset: Reset) -> None:
    assert reset.account is not None
    hindered = await world.web.stores.resets.hindrance(
        reset.account.org, reset.account.user_id, world.clock()
    )
    assert hindered is None or hindered[0] == "cooling_down", "no claim is left behind"
