"""Who may decide what about a case, decided from facts alone, each refusal with its reason."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cases.model import Card, Case, CaseKind, Decision, Target
from services.cases.states import CaseState
from services.cases.steps import OVER, Step, StepKind, StepState
from services.masking import digest
from services.resets.policy import Answer, AnswerCode
from services.standing import Presser

REPORTS_AN_HOUR = 5
"""By one person."""

OVERRIDES_AN_HOUR = 3
"""By one approver."""

REMINDERS = (timedelta(minutes=10), timedelta(minutes=30))
"""When a card that nobody decided on is mentioned again, counted from the first card."""

ESCALATION = timedelta(hours=1)
"""When more people than the approvers hear of it."""

CARD_HOLDS = timedelta(hours=4)
"""Then its buttons go, and it is posted afresh."""

POSTED_AFRESH_EVERY = timedelta(days=1)
POSTED_AFRESH_FOR = timedelta(days=7)

MOST_SEPARATE = 10
"""Open cases that stand side by side; with more, one summary leads."""

MOST_TOGETHER = 20
"""Cases that one decision may be about."""

_ALONE_ON_AN_ADMIN = frozenset({StepKind.FREEZE, StepKind.SESSIONS})


@dataclass(frozen=True)
class Rules:
    """What the settings say about decisions."""

    admin_approvers: int = 2
    """How many different approvers it takes where the account has admin rights."""
    emergency: bool = True
    """Whether an approver may act alone on their own report."""


def is_suspected(case: Case, presser: Presser) -> bool:
    """Whether whoever pressed may be the suspected person."""
    if case.suspect == presser.person.user_id:
        return True
    if presser.address is None:
        return False
    known = case.target.addresses if case.target else ()
    asked_for = () if case.asked_for is None else (digest(case.asked_for),)
    return digest(presser.address) in {*known, *asked_for}  # the account may not be read yet


def refuse_presser(case: Case | None, presser: Presser) -> Answer | None:
    """Whether this person may do anything about this case."""
    if not presser.is_approver:
        return Answer(code=AnswerCode.NOT_APPROVER)
    if case is None:
        return Answer(code=AnswerCode.GONE, detail="case")
    if is_suspected(case, presser):
        return Answer(code=AnswerCode.SUSPECTED)
    return None


def refuse_decision(
    case: Case | None, card_id: str, presser: Presser, now: datetime
) -> Answer | None:
    """Whether this person may approve or deny this case, on this card, now."""
    refused = refuse_presser(case, presser)
    if refused or case is None:
        return refused
    if case.state is not CaseState.AWAITING_APPROVAL:
        return decided(case)
    if case.card is None or case.card.id != card_id or _is_over(case.card, now):
        return Answer(code=AnswerCode.CARD_OVER)
    if presser.person.user_id in case.reporters:
        is_planned = case.kind is CaseKind.PLANNED
        return Answer(code=AnswerCode.OWN_REPORT, detail=CaseKind.PLANNED if is_planned else None)
    return None


def _is_over(card: Card, now: datetime) -> bool:
    return card.until is not None and now >= card.until


def refuse_approval(case: Case, presser: Presser) -> Answer | None:
    """Whether an approval by this person would count, where they may decide."""
    if not steps_for(case):
        return Answer(code=AnswerCode.NO_ACCOUNT, detail=case.problem)
    mine = _counted_already(case, presser.person.user_id)
    return Answer(code=AnswerCode.SAME_APPROVER, at=mine.at) if mine else None


def _counted_already(case: Case, user_id: str) -> Decision | None:
    """Find somebody's own approval. What an override left waiting is asked of everybody anew."""
    for one in reversed(case.approvals):
        if one.by.user_id == user_id:
            return one
        if one.override:
            return None
    return None


def refuse_override(
    case: Case | None, card_id: str, presser: Presser, now: datetime, rules: Rules
) -> Answer | None:
    """Whether this approver may act alone now: on their own report, and never on themselves."""
    refused = refuse_decision(case, card_id, presser, now)
    if case is None or refused is None or refused.code is not AnswerCode.OWN_REPORT:
        return refused or Answer(code=AnswerCode.OVERRIDE_OFF)
    if case.kind is CaseKind.PLANNED:  # it can wait
        return refused
    if not rules.emergency:
        return Answer(code=AnswerCode.OWN_REPORT, detail="override_off")
    if refused := refuse_approval(case, presser):
        return refused
    return None if steps_alone(case) else decided(case)


def decided(case: Case) -> Answer:
    """Say who was first, and when. The rest of what an override began may have been denied."""
    last = case.closed or case.denial or (case.approvals[-1] if case.approvals else None)
    is_denied = case.denial is not None and case.closed is None
    return Answer(
        code=AnswerCode.ALREADY_DECIDED,
        by=last.by.user_id if last else None,
        at=last.at if last else None,
        detail=CaseState.DENIED if is_denied else case.state,
    )


def counted(case: Case, approvals: Iterable[Decision]) -> frozenset[str]:
    """Name whose approvals count: of one who has reported it since, or is suspected, none does."""
    barred = case.reporters | {case.suspect}
    return frozenset(
        one.by.user_id for one in approvals if one.override or one.by.user_id not in barred
    )


def approvers_needed(case: Case, rules: Rules) -> int:
    """How many different approvers it takes."""
    return rules.admin_approvers if case.target and case.target.is_admin else 1


def steps_for(case: Case) -> tuple[StepKind, ...]:
    """What may be chosen for this account, in the order in which it is done."""
    target = case.target
    if target is None or case.problem is not None:
        return ()
    if case.kind is CaseKind.PLANNED:
        return (StepKind.PASSWORD,) if target.is_active else ()
    if not target.is_active:  # can't log in, but what is open may still be
        return (StepKind.SESSIONS, StepKind.GRANTS)
    return (StepKind.FREEZE, StepKind.SESSIONS, StepKind.GRANTS, StepKind.PASSWORD)


def steps_for_any(cases: Iterable[Case]) -> tuple[StepKind, ...]:
    """List what may be chosen for some of these accounts."""
    kinds = {kind for one in cases for kind in steps_for(one)}
    return tuple(kind for kind in StepKind if kind in kinds)


def steps_alone(case: Case) -> tuple[StepKind, ...]:
    """What an approver may do alone in an emergency: on an admin not everything, and only once."""
    begun = {one.kind for one in case.steps if one.state is not StepState.WAITING}
    alone = (one for one in steps_for(case) if may_be_alone(case.target, one))
    return tuple(one for one in alone if one not in begun)


def may_be_alone(target: Target | None, kind: StepKind) -> bool:
    """Whether one approver is enough for this step in an emergency."""
    return target is None or not target.is_admin or kind in _ALONE_ON_AN_ADMIN


def chosen(case: Case, wanted: Collection[StepKind]) -> tuple[StepKind, ...]:
    """Keep of what was chosen what there is to choose, in order."""
    return tuple(one for one in steps_for(case) if one in wanted)


def must_confirm_address(case: Case, now: Target | None = None) -> bool:
    """Whether the address has to be confirmed before Salesforce mails a link to it.

    An attacker may have changed it, even after it was confirmed. Where it can't be compared it
    isn't trusted either. A planned reset was approved for the address on the card, and for no
    other; `now` is the account where that was read again.
    """
    known, confirmed = case.target, case.address_confirmed
    target = now or known
    if known is None or target is None:
        return False
    if confirmed is not None and confirmed.address == target.address:
        return False
    if case.kind is CaseKind.PLANNED:
        return target.address != known.address
    return target.address_differs is not False


def refuse_retry(case: Case, step_id: str) -> Answer | None:
    """Whether a step may be tried again: it failed, or nobody knows how it ended."""
    step = case.step(step_id)
    if case.state not in {
        CaseState.AWAITING_APPROVAL,
        CaseState.APPROVED,
        CaseState.CONTAINED,
    }:
        return decided(case)
    if step is None or step.state not in {StepState.FAILED, StepState.UNKNOWN}:
        return Answer(code=AnswerCode.STEP_NOT_WAITING, detail=step.state if step else None)
    return None


def refuse_confirmation(case: Case, presser: Presser) -> Answer | None:
    """Whether this person may confirm the address that a step waits for."""
    if presser.person.user_id in case.reporters:
        return Answer(code=AnswerCode.OWN_REPORT)
    if not any(one.state is StepState.HELD for one in case.steps):
        return Answer(code=AnswerCode.STEP_NOT_WAITING)
    return None


def refuse_unfreeze(case: Case) -> Answer | None:
    """Whether there is something to unfreeze."""
    if case.state is not CaseState.CONTAINED:
        return decided(case)
    return None if may_be_frozen(case) else Answer(code=AnswerCode.STEP_NOT_WAITING)


def may_be_frozen(case: Case) -> bool:
    """Whether the account is frozen, as far as is known: by what was done or seen last."""
    if case.kind is CaseKind.PLANNED:
        return False
    last = _froze_or_unfroze_last(case)
    done_at = last.ended_at if last else None
    truth = case.truth
    if truth and truth.is_frozen is not None and (done_at is None or truth.at >= done_at):
        return truth.is_frozen
    return last is not None and (last.kind is StepKind.FREEZE or last.state is StepState.UNKNOWN)


def _froze_or_unfroze_last(case: Case) -> Step | None:
    """Find the newest step that changed whether the account is frozen, or may have."""
    changed = [
        one
        for one in reversed(case.steps)
        if one.kind in {StepKind.FREEZE, StepKind.UNFREEZE}
        and one.state in {StepState.DONE, StepState.UNKNOWN}
    ]
    return max(changed, key=lambda one: one.ended_at or case.created_at, default=None)


def may_be_let_in(case: Case) -> bool:
    """Whether the suspected password is dead, so that only who gets the new one can log in.

    After a denial none was reset: the account isn't suspected any more.
    """
    was_reset = any(one.kind.resets_password and one.state is StepState.DONE for one in case.steps)
    return was_reset or case.denial is not None


def is_settled(case: Case) -> bool:
    """Whether nothing runs or is about to."""
    return not any(one.state in {StepState.QUEUED, StepState.RUNNING} for one in case.steps)


def may_be_told(case: Case, user_id: str, *, investigated: bool) -> bool:
    """Whether somebody in Slack may read that IT has acted on this account.

    In a breach nobody but the person it belongs to, and only by a Slack account that is trusted.

    Args:
        case: in which IT acted.
        user_id: who would read it.
        investigated: a breach of this account is open, so a planned reset is told to nobody.
    """
    if case.kind is CaseKind.PLANNED:
        return not investigated
    return user_id == case.suspect and not case.slack_suspected


def is_unfrozen(case: Case) -> bool:
    """Whether the user was frozen, and is no longer."""
    done = (one for one in case.steps if one.state is StepState.DONE)
    return any(one.kind is StepKind.UNFREEZE for one in done) and not may_be_frozen(case)


def came_to_nothing(case: Case) -> bool:
    """Whether the steps have ended and none of them changed anything, as far as can be known."""
    effects = [one for one in case.steps if one.kind.is_effect]
    return is_finished(case) and not any(
        one.state in {StepState.DONE, StepState.UNKNOWN} or one.count or one.taken_over
        for one in effects
    )


def is_finished(case: Case) -> bool:
    """Whether every step has ended."""
    return all(one.state in OVER for one in case.steps)


def may_be_reviewed(case: Case, presser: Presser, now: datetime) -> bool:
    """Whether one decision about many may be about this one too. Admins are decided one by one."""
    card_id = case.card.id if case.card else ""
    return (
        case.kind is CaseKind.BREACH
        and case.target is not None
        and not case.target.is_admin
        and refuse_decision(case, card_id, presser, now) is None
        and refuse_approval(case, presser) is None
    )


def most_urgent_first(cases: Iterable[Case]) -> list[Case]:
    """Order cases as they are read: by urgency, then the newest first."""
    newest = sorted(cases, key=lambda one: one.created_at, reverse=True)
    order = [*type(newest[0].urgency)] if newest else []
    return sorted(newest, key=lambda one: order.index(one.urgency))
