"""What somebody is told whose press about a case of IT's had no effect."""

from handlers.reset_wording import NO_EFFECT
from handlers.wording import next_minute, person, when
from services.cases import policy
from services.cases.model import CaseKind
from services.cases.states import CaseState
from services.resets.policy import Answer, AnswerCode

FIXED = {
    AnswerCode.SUSPECTED: (
        "This is about an account that may be yours, so you can't decide about it. "
        f"{NO_EFFECT} Phone another approver."
    ),
    AnswerCode.CARD_OVER: (
        f"This card's time is over. {NO_EFFECT} The report stays open: I post it again, and the "
        "newest card about it has the buttons."
    ),
    AnswerCode.NO_ACCOUNT: (
        "There is nothing here that I could contain or reset, so there is nothing to approve. "
        f"{NO_EFFECT} The card says why, and what to do."
    ),
    AnswerCode.OVERRIDE_OFF: (
        "*Emergency override* isn't for you here: it is for an approver's own report only. "
        f"{NO_EFFECT} Press *Approve…* again to approve as usual."
    ),
    AnswerCode.NOTHING_CHOSEN: (
        f"Nothing was chosen, or no reason was given. {NO_EFFECT} Press the button again."
    ),
    AnswerCode.STEP_NOT_WAITING: (
        f"This step isn't waiting for that any more. {NO_EFFECT} The thread shows how it stands."
    ),
    AnswerCode.NEWER_REPORT: (
        f"Another report about this account isn't closed yet, and this would get in its way. "
        f"{NO_EFFECT} Close that one first, or go on in its thread."
    ),
    AnswerCode.NOTHING_TO_REVIEW: (
        "There is nothing here to decide together: it was decided meanwhile, you reported it, or "
        f"the account has admin rights. {NO_EFFECT} Each report's own card has its buttons."
    ),
}

_GONE = (
    "I don't know the report that this button belongs to, or no longer: I keep them for a limited "
    f"time once they are decided. {NO_EFFECT} If the account still worries you, report it again: "
    "`/reset-token breach`. If it's urgent, phone another approver."
)

_DECIDED: dict[str | None, str] = {
    CaseState.APPROVED: "approved",
    CaseState.CONTAINED: "approved",
    CaseState.DENIED: "denied",
    CaseState.CLOSED: "closed",
}


def words(answer: Answer, *, exact: bool) -> str | None:
    """Put an answer about a case into words, `exact` with times and people.

    None where the answer isn't one about a case.
    """
    if answer.code is AnswerCode.GONE:
        return _GONE if answer.detail == "case" else None
    at = f", {when(answer.at, 'date_time')}" if exact and answer.at else ""
    after = f"from {when(next_minute(answer.at))}" if exact and answer.at else "in a while"
    match answer.code:
        case AnswerCode.ALREADY_DECIDED:
            return _decided(answer, exact=exact)
        case AnswerCode.OWN_REPORT:
            return _own_report(answer)
        case AnswerCode.SAME_APPROVER:
            return (
                f"You have approved this already{at}; now it takes somebody else. {NO_EFFECT} "
                "Phone another approver."
            )
        case AnswerCode.OVERRIDE_LIMIT:
            return (
                f"You have used *Emergency override* {policy.OVERRIDES_AN_HOUR} times within an "
                f"hour, the most that one person may. {NO_EFFECT} It is possible again {after}. "
                "Phone another approver."
            )
        case AnswerCode.TOO_MANY_REPORTS:
            return (
                f"You have reported {policy.REPORTS_AN_HOUR} times within an hour, the most that I "
                f"take from one person. {NO_EFFECT} If it's urgent, phone IT now. I take the next "
                f"one {after}."
            )
        case code:
            return FIXED.get(code)


def _decided(answer: Answer, *, exact: bool) -> str:
    if answer.detail == CaseState.MERGED:
        return (
            "This report has joined another one about the same account. "
            f"{NO_EFFECT} That one's card has the buttons."
        )
    done = _DECIDED.get(answer.detail)
    if done is None:
        return f"This can't be done here now. {NO_EFFECT} The newest card shows how it stands."
    by = f" by {person(answer.by)}" if exact and answer.by else ""
    at = f", {when(answer.at, 'date_time')}" if exact and answer.at else ""
    thread = "" if answer.detail == CaseState.DENIED else " The thread shows how it stands."
    return f"This was already {done}{by}{at}. {NO_EFFECT}{thread}"


def _own_report(answer: Answer) -> str:
    if answer.detail == CaseKind.PLANNED:
        return (
            f"You asked for this yourself, so another approver has to decide. {NO_EFFECT} Ask one: "
            "what is planned can wait."
        )
    own = f"You reported this yourself, so another approver has to do it. {NO_EFFECT}"
    if answer.detail == "override_off":
        return f"{own} Emergency overrides are turned off here. Phone another approver."
    return (
        f"{own} Phone one. If nobody can be reached and it isn't decided yet, *Approve…* offers "
        "*Emergency override*, unless that is turned off."
    )
