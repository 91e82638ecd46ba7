"""Whether what is said of a breach is true at Salesforce."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from sandbox.salesforce.calls import Call
from sandbox.slack.shown import Shown
from services.cases.states import CaseState
from services.cases.steps import StepKind, StepState
from tests.faults.crash_breach import known_cases
from tests.scenario.breach_steps import is_card
from tests.scenario.containment_steps import ENDED, MARKS, TITLES, at_salesforce, line
from tests.scenario.steps import UNCHANGED
from tests.scenario.world import World

SESSIONS, GRANTS = 5, 2
"""What Ada has in a breach, before anything is done."""

_UNTOUCHED = (False, SESSIONS, GRANTS, 0)
_CONTAINED = (True, 0, 0, 1)

_ASKS = {
    StepKind.FREEZE: "userlogin",
    StepKind.SESSIONS: "authsession",
    StepKind.GRANTS: "revoke",
    StepKind.PASSWORD: "password",
    StepKind.UNFREEZE: "userlogin",
    StepKind.RENEW_PASSWORD: "password",
}
"""The request by which each step changes something."""


def report_is_true(world: World, shown: list[Shown]) -> None:
    assert at_salesforce(world) == _UNTOUCHED, "nobody has approved anything"
    assert any(is_card(one) for one in shown), "IT knows of it"


def not_me_is_true(world: World, shown: list[Shown]) -> None:
    frozen, _, _, resets = at_salesforce(world)
    assert (frozen, resets) == (False, 1), "nobody has approved anything"
    assert any(is_card(one) for one in shown), "IT knows of it"


async def denial_is_true(world: World, shown: list[Shown]) -> None:
    assert at_salesforce(world) == _UNTOUCHED, "nobody has approved anything"
    if await _state(world) is CaseState.DENIED:
        told = [one for one in shown if "IT decided against acting on your report" in one.plain]
        assert len(told) <= 1, "it is told once"
        assert told or any("*Denied* by" in one.plain for one in shown), "somebody hears of it"
    else:
        assert _is_answered(world, shown)


async def closing_is_true(world: World, shown: list[Shown]) -> None:
    assert at_salesforce(world) == _CONTAINED, "closing changes nothing there"
    if await _state(world) is CaseState.CLOSED:
        assert any("losed" in one.plain and "@Ivan Petrov" in one.plain for one in shown)
    else:
        assert _is_answered(world, shown)


async def _state(world: World) -> CaseState:
    (case,) = await known_cases(world)
    return case.state


def _is_answered(world: World, shown: list[Shown]) -> bool:
    return any(_is_refusal(one) for one in shown) or _is_told_in_a_form(world)


def unfreezing_is_true(world: World, shown: list[Shown], asked: list[Call]) -> None:
    frozen, sessions, grants, resets = at_salesforce(world)
    assert (sessions, grants) == (0, 0)
    progress = [one for one in shown if f"*{TITLES[StepKind.UNFREEZE]}:*" in one.plain]
    if not progress:
        assert _is_answered(world, shown)
        assert (frozen, resets) == (True, 1)
        return
    facts = {StepKind.UNFREEZE: not frozen, StepKind.RENEW_PASSWORD: resets == 2}
    _lines_are_true(progress, facts, asked)


def containment_is_true(world: World, shown: list[Shown], asked: list[Call]) -> None:
    frozen, sessions, grants, resets = at_salesforce(world)
    progress = [one for one in shown if ENDED in one.plain]
    if not progress:
        assert _is_answered(world, shown), "no answer"
        assert (frozen, sessions, grants, resets) == _UNTOUCHED
        return
    facts = {
        StepKind.FREEZE: frozen,
        StepKind.SESSIONS: sessions == 0,
        StepKind.GRANTS: grants == 0,
        StepKind.PASSWORD: resets == 1,
    }
    # A reset of the password that came later may have ended the rest of the sessions.
    later = frozenset({StepKind.SESSIONS}) if resets == 1 else frozenset()
    _lines_are_true(progress, facts, asked, later)
    everything = "\n".join(one.plain for one in shown)
    for words, is_so in (
        ("The user is frozen", frozen),
        ("your user is frozen", frozen),
        ("The user is not frozen", not frozen),
        ("No open session", sessions == 0),
        ("No OAuth grant", grants == 0),
        ("Freeze the user: done", frozen),
        ("End open sessions: done", sessions == 0),
        ("Revoke OAuth grants: done", grants == 0),
        ("Reset password and token: done", resets == 1),
        ("Your password and your security token no longer work", resets == 1),
    ):
        assert is_so or words not in everything, f"{words!r} isn't so"


def _lines_are_true(
    progress: list[Shown],
    facts: Mapping[StepKind, bool],
    asked: list[Call],
    later: AbstractSet[StepKind] = frozenset(),
) -> None:
    """Compare what is said of each step; `later`: another step may have done the rest of it."""
    requests = Counter(one.endpoint for one in asked)
    for message in progress:
        for kind, is_done in facts.items():
            said = line(message, kind)
            if said.startswith(MARKS[StepState.DONE]):
                assert is_done, "done is never said of what wasn't done"
            elif said.startswith(MARKS[StepState.FAILED]):
                assert kind in later or not is_done, "what was done is never called not done"
            elif said.startswith(MARKS[StepState.RUNNING]):
                # One that came twice, as a channel can't be read: only the newer is edited.
                assert message is not progress[-1]
            else:
                assert said.startswith(MARKS[StepState.UNKNOWN]), said
                assert requests[_ASKS[kind]], "nothing is unknown that was never asked for"


def _is_refusal(shown: Shown) -> bool:
    return shown.ephemeral and UNCHANGED.lower() in shown.plain.lower()


def _is_told_in_a_form(world: World) -> bool:
    modal = world.person("ivan").modal
    return modal is not None and modal.title == "That isn't possible"
