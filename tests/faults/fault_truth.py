"""Whether what people were told is true at Salesforce, and what was done there."""

from collections import Counter

from sandbox.salesforce.calls import Call
from sandbox.slack.shown import Shown
from tests.faults.fault_flows import (
    ALERTING,
    ASKING,
    ASKING_IT,
    CLOSING,
    CONTAINING,
    DENYING,
    GUIDED,
    LOOKING,
    NOT_ME,
    REPORTING,
    UNFREEZING,
    Flow,
    on_screens,
)
from tests.faults.fault_truth_breach import (
    GRANTS,
    SESSIONS,
    closing_is_true,
    containment_is_true,
    denial_is_true,
    not_me_is_true,
    report_is_true,
    unfreezing_is_true,
)
from tests.scenario.containment_steps import at_salesforce
from tests.scenario.steps import UNCHANGED, UNSURE, has
from tests.scenario.world import World

_BY_HAND = "I couldn't do it for you"
_TOLD = "You told me that you pressed it"
_ALERT = "fails to log in to Production"
_DECIDED = frozenset({CONTAINING, UNFREEZING, CLOSING})
"""Flows in which something was approved."""


async def is_true(world: World, flow: Flow, begun: int) -> None:
    """Look at every word on the screens; `begun`: how many calls there were before the fault."""
    shown = [one for _, _, one in on_screens(world, flow)]
    asked = world.org.calls[begun:]
    _nothing_is_done_twice(world, flow, asked)
    match flow.name:
        case CONTAINING.name:
            containment_is_true(world, shown, asked)
        case REPORTING.name | ALERTING.name:
            report_is_true(world, shown)
        case NOT_ME.name:
            not_me_is_true(world, shown)
        case ASKING_IT.name:
            _question_is_true(world, shown)
        case DENYING.name:
            await denial_is_true(world, shown)
        case UNFREEZING.name:
            unfreezing_is_true(world, shown, asked)
        case CLOSING.name:
            await closing_is_true(world, shown)
        case GUIDED.name:
            _guiding_is_true(world, shown)
        case LOOKING.name:
            _look_is_true(world, shown)
        case _:
            _reset_is_true(world, flow, shown, asked)


def effects(world: World, flow: Flow) -> str:
    """What was done at Salesforce, in words."""
    frozen, sessions, grants, resets = at_salesforce(world)
    done = []
    if flow in _DECIDED:
        done = ["frozen"] if frozen else []
        done += [f"{SESSIONS - sessions} of {SESSIONS} sessions"] if sessions < SESSIONS else []
        done += [f"{GRANTS - grants} of {GRANTS} grants"] if grants < GRANTS else []
    if resets:
        done.append("1 reset" if resets == 1 else f"{resets} resets")
    return ", ".join(done) or "none"


def _nothing_is_done_twice(world: World, flow: Flow, asked: list[Call]) -> None:
    assert at_salesforce(world)[3] <= (2 if flow is UNFREEZING else 1)
    assert world.org.hazard_gets == 0
    changes = Counter(one.path for one in asked if one.method in {"PATCH", "DELETE"})
    changes["submit"] = sum(one.endpoint == "submit" for one in asked)
    # A session that was refused may ask again, once: nothing was done.
    more = {what: times for what, times in changes.items() if times > 1}
    assert sum(more.values()) <= 2, more


def _reset_is_true(world: World, flow: Flow, shown: list[Shown], asked: list[Call]) -> None:
    resets = len(world.org.resets)
    left = any(one.endpoint in {"submit", "password"} for one in asked)
    said = {
        words: any(words in one.plain for one in shown)
        for words in ("Done. Your old", UNSURE, UNCHANGED, _BY_HAND)
    }
    assert not said["Done. Your old"] or resets == 1, "done is never said of what wasn't done"
    assert not said[UNCHANGED] or resets == 0, "nothing is called unchanged that was changed"
    assert not said[_BY_HAND] or resets == 0
    assert not said[UNSURE] or left, "nothing is unknown that was never asked for"
    outcomes = said["Done. Your old"], said[UNSURE], said[UNCHANGED]
    if flow is ASKING and not any(outcomes):
        assert any(has("reset.confirm")(one) for one in shown), "neither an offer nor why not"
    else:
        assert sum(outcomes) == 1, "one outcome is told, and only one"


def _guiding_is_true(world: World, shown: list[Shown]) -> None:
    assert (world.org.resets, world.org.mails) == ([], []), "the person does it, if anybody"
    assert any(_TOLD in one.plain for one in shown), "their word is taken as told"
    assert not any("Done. Your old" in one.plain for one in shown)


def _question_is_true(world: World, shown: list[Shown]) -> None:
    assert (world.org.resets, world.org.mails) == ([], []), "a question changes nothing"
    offered = any("says go ahead" in one.plain and has("reset.confirm")(one) for one in shown)
    refused = any(one.ephemeral and UNCHANGED.lower() in one.plain.lower() for one in shown)
    ended = any(UNCHANGED in one.plain for one in shown)
    assert offered or refused or ended, "Ada gets IT's answer, or somebody learns why not"


def _look_is_true(world: World, shown: list[Shown]) -> None:
    assert len(world.org.resets) == 1, "only the one before"
    assert sum(_ALERT in one.plain.split("\n")[0] for one in shown) <= 1, "told once"
    assert any("❌ *Data Loader*" in one.plain for one in shown)
