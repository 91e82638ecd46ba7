"""What the person whose account was contained is told, and the owner of a planned reset.

Plain lines, since IT may have to read them out on the phone. Never who reported it.
"""

from handlers.case_wording import mailbox, place, user
from handlers.impact_wording import folded, hurting
from handlers.step_words import MAILED_LATER
from handlers.wording import quoted, when
from services.cases import policy
from services.cases.model import Case
from services.cases.steps import Step, StepKind, StepState

_NEVER = (
    "IT doesn't need your password or your token. Tell them to nobody, and never write them in "
    "Slack."
)

_ELSEWHERE = "From a device that you trust, change the passwords of your mail and Slack."

_RAN = frozenset({StepState.DONE, StepState.UNKNOWN})


def person_headline(case: Case) -> str:
    """Say in one sentence what it is about and what to do first."""
    if policy.is_unfrozen(case):
        return f"Your Salesforce user in {place(case)} is no longer frozen."
    return f"Your Salesforce account in {place(case)} may be in other hands. Phone IT."


def for_person(case: Case) -> list[str]:
    """Say what happened, why, what is true for them now, and what to do."""
    why = f"It was reported that somebody else may be using {user(case)}. IT decided to secure it."
    if policy.is_unfrozen(case):
        why = f"IT knows by now that it's you, and has unfrozen {user(case)}."
    return [
        f"*{person_headline(case)}*",
        why,
        "*What is true now, as far as I know:*",
        *(f"• {one}" for one in _truths(case)),
        "*What to do:*",
        *(f"{number}. {one}" for number, one in enumerate(_to_do(case), 1)),
        _NEVER,
    ]


def _truths(case: Case) -> list[str]:
    lines = [
        line for line in (_freeze(case), _sessions(case), _grants(case), _password(case)) if line
    ]
    return lines or ["Nothing has been changed yet."]


def _freeze(case: Case) -> str:
    freeze, unfreeze = _step(case, StepKind.FREEZE), _step(case, StepKind.UNFREEZE)
    if unfreeze is not None and unfreeze.state is StepState.DONE:
        reset = _reset(case)
        with_new = " with a new password" if reset and reset.state is StepState.DONE else ""
        return f"Your user is no longer frozen: you can log in again{with_new}."
    if not policy.may_be_frozen(case):
        return ""
    seen = case.truth is not None and case.truth.is_frozen
    if seen or (freeze is not None and freeze.state is StepState.DONE):
        return "You can't log in to Salesforce: your user is frozen until IT knows that it's you."
    return "Your user may be frozen, so you may not be able to log in."


def _sessions(case: Case) -> str:
    step = _step(case, StepKind.SESSIONS)
    if step is None or not (step.count or step.taken_over):  # none was open, or none was ended
        return ""
    if not step.count:
        return "You and your programs may have been logged out of Salesforce."
    if step.state is StepState.DONE:
        return "You and your programs were logged out wherever I could see a login."
    return "You and your programs were logged out in some places, but not everywhere."


def _grants(case: Case) -> str:
    step = _step(case, StepKind.GRANTS)
    if step is None or not (step.count or step.taken_over):
        return ""
    if not step.count:
        return "Apps that you had approved may have to be approved again."
    which = "Apps" if step.state is StepState.DONE else "Some apps"
    return f"{which} that you had approved have to be approved again."


def _password(case: Case) -> str:
    step = _reset(case)
    if step is None:
        return ""
    match step.state:
        case StepState.DONE:
            return (
                "Your password and your security token no longer work. Salesforce mails a link "
                f"for a new password to {mailbox(case)}. {MAILED_LATER}"
            )
        case StepState.UNKNOWN:
            return (
                "I don't know whether your password was reset. If a mail with a link came to "
                f"{mailbox(case)}, it was."
            )
        case StepState.HELD:
            return (
                "Your password has not been reset yet. IT first makes sure with you that "
                f"{mailbox(case)} is your own address."
            )
        case StepState.WAITING | StepState.QUEUED | StepState.RUNNING:
            return "Your password has not been reset yet, as far as I know."
        case _:
            return "Your password was not reset."


def _to_do(case: Case) -> list[str]:
    step = _reset(case)
    linked = step is not None and step.state in _RAN
    unsure = step is not None and step.state is StepState.UNKNOWN
    if policy.is_unfrozen(case):
        return _to_do_unfrozen(unsure=unsure) if linked else [_ELSEWHERE]
    steps = ["Phone IT, on the number that you always use. They have to know that it's you."]
    if linked:
        came = "If a link from Salesforce came, follow it" if unsure else "Follow Salesforce's link"
        frozen = ": it may not work while you're frozen" if policy.may_be_frozen(case) else ""
        steps += [
            f"{came} only once IT says so{frozen}. Set a password that you use nowhere else.",
            "Stop programs that still try the old one: too many failures lock your user.",
        ]
    return [*steps, _ELSEWHERE]


def _to_do_unfrozen(*, unsure: bool) -> list[str]:
    came = "If a link from Salesforce came, follow it" if unsure else "Follow Salesforce's link"
    return [
        f"{came}: only the newest one counts. Set a password that you use nowhere else.",
        "Put the new password and token into each program that had the old ones.",
        _ELSEWHERE,
    ]


def owner_headline(case: Case) -> str:
    """Say in one sentence what became of the planned reset."""
    step = _reset(case)
    state = step.state if step else None
    if state is StepState.DONE:
        at = f", since {when(step.intent_at, 'date_time')}" if step and step.intent_at else ""
        return f"Password and token of {user(case)} no longer work{at}."
    if state is StepState.UNKNOWN:
        return f"I don't know whether password and token of {user(case)} were reset."
    if state in {StepState.FAILED, StepState.SKIPPED}:
        return f"Password and token of {user(case)} were not reset."
    return f"Password and token of {user(case)} have not been reset yet, as far as I know."


def for_owner(case: Case, programs: int) -> list[str]:
    """Say what is dead, where the link goes, and where the new token has to go.

    Args:
        case: a planned reset.
        programs: how many are described; the others are counted.
    """
    step = _reset(case)
    opening = [
        f"*{owner_headline(case)}*",
        f"IT planned this: {quoted(case.origin.reason, 500)}",
    ]
    if step is None or step.state not in _RAN:
        return [*opening, "You need to do nothing now. Questions? Ask IT."]
    impact = case.target.impact if case.target else None
    mail = f"a mail with a link for a new password to {mailbox(case)}. {MAILED_LATER}"
    unsure = step.state is StepState.UNKNOWN
    return [
        *opening,
        f"If they were, Salesforce sends {mail}" if unsure else f"Salesforce sends {mail}",
        (
            "*What to do:* pause the programs that log in as this user, because too many failures "
            "lock it. Follow the link, set a new password, wait for the new token. Put both "
            "wherever the old ones were, and try out each program once."
        ),
        "*Which programs*, as I saw them before the reset:",
        *hurting(impact, password=True, most=programs),
        *folded(impact, most=programs),
        _NEVER,
    ]


def _reset(case: Case) -> Step | None:
    """Find the reset of the password that tells most: what was done once stays done."""
    order = (StepState.DONE, StepState.UNKNOWN)
    resets = [one for one in reversed(case.steps) if one.kind.resets_password]
    done = [one for state in order for one in resets if one.state is state]
    return next(iter([*done, *resets]), None)


def _step(case: Case, kind: StepKind) -> Step | None:
    return next((one for one in reversed(case.steps) if one.kind is kind), None)
