"""Whether what people were told is true at Salesforce, and what was done there."""

from collections import Counter

from sandbox.salesforce.calls import Call
from sandbox.slack.shown import Shown
from services.cases.steps import StepKind, StepState
from tests.faults.fault_flows import ASKING, CONTAINING, REPORTING, Flow, on_screens
from tests.scenario.breach_steps import is_card
from tests.scenario.containment_steps import ENDED, MARKS, at_salesforce, line
from tests.scenario.steps import UNCHANGED, UNSURE, has
from tests.scenario.world import World

SESSIONS, GRANTS = 5, 2
"""What Ada has in a breach, before anything is done."""

_BY_HAND = "I couldn't do it for you"
_ASKS = {
    StepKind.FREEZE: "userlogin",
    StepKind.SESSIONS: "authsession",
    StepKind.GRANTS: "revoke",
    StepKind.PASSWORD: "password",
}
"""The request by which each step changes something."""


def is_true(world: World, flow: Flow, begun: int) -> None:
    """Look at every word on the screens; `begun`: how many calls there were before the fault."""
    shown = [one for _, _, one in on_screens(world, flow)]
    asked = world.org.calls[begun:]
    _nothing_is_done_twice(world, asked)
    if flow is CONTAINING:
        _containment_is_true(world, shown, asked)
    elif flow is REPORTING:
        assert at_salesforce(world) == (False, SESSIONS, GRANTS, 0), "nobody has approved anything"
        assert any(is_card(one) for one in shown), "IT knows of it"
    else:
        _reset_is_true(world, flow, shown, asked)


def effects(world: World, flow: Flow) -> str:
    """What was done at Salesforce, in words."""
    frozen, sessions, grants, resets = at_salesforce(world)
    done = []
    if flow is CONTAINING:
        done = ["frozen"] if frozen else []
        done += [f"{SESSIONS - sessions} of {SESSIONS} sessions"] if sessions < SESSIONS else []
        done += [f"{GRANTS - grants} of {GRANTS} grants"] if grants < GRANTS else []
    if resets:
        done.append("1 reset" if resets == 1 else f"{resets} resets")
    return ", ".join(done) or "none"


def _nothing_is_done_twice(world: World, asked: list[Call]) -> None:
    assert at_salesforce(world)[3] <= 1
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


def _containment_is_true(world: World, shown: list[Shown], asked: list[Call]) -> None:
    frozen, sessions, grants, resets = at_salesforce(world)
    progress = [one for one in shown if ENDED in one.plain]
    if not progress:
        assert any(_is_refusal(one) for one in shown) or _is_told_in_a_form(world), "no answer"
        assert (frozen, sessions, grants, resets) == (False, SESSIONS, GRANTS, 0)
        return
    facts = {
        StepKind.FREEZE: frozen,
        StepKind.SESSIONS: sessions == 0,
        StepKind.GRANTS: grants == 0,
        StepKind.PASSWORD: resets == 1,
    }
    requests = Counter(one.endpoint for one in asked)
    for message in progress:
        for kind, is_done in facts.items():
            said = line(message, kind)
            if said.startswith(MARKS[StepState.DONE]):
                assert is_done, "done is never said of what wasn't done"
            elif said.startswith(MARKS[StepState.FAILED]):
                # A reset of the password that came later may have ended the rest of the sessions.
                later = kind is StepKind.SESSIONS and resets == 1
                assert later or not is_done, "what was done is never called not done"
            elif said.startswith(MARKS[StepState.RUNNING]):
                # One that came twice, as a channel can't be read: only the newer is edited.
                assert message is not progress[-1]
            else:
                assert said.startswith(MARKS[StepState.UNKNOWN]), said
                assert requests[_ASKS[kind]], "nothing is unknown that was never asked for"
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


def _is_refusal(shown: Shown) -> bool:
    return shown.ephemeral and UNCHANGED.lower() in shown.plain.lower()


def _is_told_in_a_form(world: World) -> bool:
    modal = world.person("ivan").modal
    return modal is not None and modal.title == "That isn't possible"
