"""Who may do what to a reset, decided from facts alone, each refusal with its reason."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.orgs import ResetMethod
from services.resets.model import Reason, Reset, SlackUser
from services.resets.states import FINISHED, State
from services.salesforce.records import AccountLock, SalesforceUser


class Profile(BaseModel):
    """What Slack says about a person."""

    model_config = ConfigDict(frozen=True)

    user_id: str
    email: str | None
    is_email_confirmed: bool
    deleted: bool
    is_bot: bool
    is_restricted: bool
    is_ultra_restricted: bool
    is_stranger: bool
    teams: frozenset[str] = frozenset()
    """The workspaces and the organisation that they are in; empty where Slack doesn't say."""


class AnswerCode(StrEnum):
    """Why a press had no effect."""

    GONE = "gone"
    NOT_YOURS = "not_yours"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ALREADY_PRESSED = "already_pressed"
    FINISHED = "finished"
    WITH_IT = "with_it"
    NOT_PROVEN = "not_proven"
    BUSY = "busy"
    COOLING_DOWN = "cooling_down"
    PAUSED = "paused"
    UNDER_INVESTIGATION = "under_investigation"
    NOT_APPROVER = "not_approver"
    OWN_QUESTION = "own_question"
    APPROVERS_UNKNOWN = "approvers_unknown"
    ALREADY_ANSWERED = "already_answered"
    ALREADY_TOLD = "already_told"
    STORE_DOWN = "store_down"
    FORM_FAILED = "form_failed"
    NEWER_VERSION = "newer_version"
    """This version can't read what it is about: the bot is being updated."""
    UNKNOWN_BUTTON = "unknown_button"
    UNKNOWN_FORM = "unknown_form"
    FOLLOW_UP_OVER = "follow_up_over"
    # About a case that IT decides on
    OWN_REPORT = "own_report"
    SUSPECTED = "suspected"
    """Whoever pressed may be the suspected person."""
    CARD_OVER = "card_over"
    """The card was posted afresh; only the newest one's buttons hold."""
    ALREADY_DECIDED = "already_decided"
    SAME_APPROVER = "same_approver"
    NO_ACCOUNT = "no_account"
    OVERRIDE_OFF = "override_off"
    OVERRIDE_LIMIT = "override_limit"
    NOTHING_CHOSEN = "nothing_chosen"
    STEP_NOT_WAITING = "step_not_waiting"
    TOO_MANY_REPORTS = "too_many_reports"
    NOTHING_TO_REVIEW = "nothing_to_review"
    NEWER_REPORT = "newer_report"
    """Another case about the same account isn't closed: what it did isn't undone here."""


class Answer(BaseModel):
    """What the presser is told instead of an effect."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: AnswerCode
    state: State | None = None
    at: datetime | None = None
    """When the thing that stands in the way happened, or when it ends."""
    by: str | None = None
    """The Slack user id of whoever was first, where that helps."""
    detail: str | None = None
    """The reason given for a pause; what an ended reset was waiting for."""


def refuse_person(profile: Profile) -> Reason | None:
    """Whether Slack vouches for this person enough to match them by address."""
    if profile.is_bot:
        return Reason.SLACK_BOT
    if profile.deleted:
        return Reason.SLACK_DELETED
    if profile.is_stranger:
        return Reason.SLACK_STRANGER
    if profile.is_restricted or profile.is_ultra_restricted:
        return Reason.SLACK_GUEST
    if not profile.email:
        return Reason.SLACK_NO_EMAIL
    if not profile.is_email_confirmed:
        return Reason.SLACK_UNCONFIRMED
    return None


def is_namesake(profile: Profile, person: SlackUser) -> bool:
    """Whether a user id came from a workspace in which Slack doesn't know this person."""
    return bool(profile.teams and person.team_id and person.team_id not in profile.teams)


def proves(user: SalesforceUser, email: str) -> bool:
    """Whether the address makes this Salesforce user the person's own."""
    address = email.casefold()
    return address in {user.email.casefold(), (user.federation_identifier or "").casefold()}


def is_vouched_for(reset: Reset, user: SalesforceUser) -> bool:
    """Whether IT said go ahead for this person and this very Salesforce user."""
    return (
        reset.question is not None
        and reset.question.answered_by is not None
        and reset.account is not None
        and reset.account.user_id == user.id
    )


def candidates(found: list[SalesforceUser], email: str) -> list[SalesforceUser]:
    """Narrow what a search found to the users that the person may mean.

    A user matched by Email or FederationIdentifier beats one whose Username merely looks
    like the address; an active one beats an inactive one.
    """
    own = [user for user in found if proves(user, email)] or found
    return [user for user in own if user.is_active] or own


def refuse_user(
    user: SalesforceUser,
    lock: AccountLock | None,
    *,
    integration_username: str,
    method: ResetMethod,
) -> Reason | None:
    """Whether this Salesforce user can be reset at all."""
    if user.username.casefold() == integration_username.casefold():
        return Reason.INTEGRATION_USER
    if not user.is_active:
        return Reason.INACTIVE
    if user.user_type == "Guest":
        return Reason.GUEST_USER
    if lock is not None and lock.is_frozen:
        return Reason.FROZEN
    if user.is_api_only and method is not ResetMethod.PASSWORD:
        return Reason.API_ONLY
    return None


def method_for(configured: ResetMethod, user: SalesforceUser) -> tuple[ResetMethod, Reason | None]:
    """What a press will really do, and why when that isn't what the org is set to.

    The key that acts as the users is pre-authorised for no admin, so admins are guided.
    """
    if configured is ResetMethod.TOKEN and user.is_admin:
        return ResetMethod.GUIDED, Reason.ADMIN
    return configured, None


def refuse_owner(reset: Reset | None, person: SlackUser) -> Answer | None:
    """Whether this button exists and belongs to whoever pressed it."""
    if reset is None:
        return Answer(code=AnswerCode.GONE)
    if reset.requester.user_id != person.user_id:
        return Answer(code=AnswerCode.NOT_YOURS)
    return None


def refuse_press(reset: Reset, expected: State, now: datetime) -> Answer | None:
    """Whether a press comes in time: the reset still waits in `expected`."""
    if reset.state is expected:
        if reset.deadline is not None and now >= reset.deadline:
            return Answer(code=AnswerCode.EXPIRED, state=reset.state, at=reset.deadline)
        return None
    return _too_late(reset)


def _too_late(reset: Reset) -> Answer:
    at = reset.finished_at
    if reset.state is State.CANCELLED:
        return Answer(code=AnswerCode.CANCELLED, state=reset.state, at=at, detail=reset.detail)
    if reset.state is State.EXPIRED:
        return Answer(code=AnswerCode.EXPIRED, state=reset.state, at=at, detail=reset.detail)
    if reset.state in FINISHED:
        return Answer(code=AnswerCode.FINISHED, state=reset.state, at=at)
    if reset.state is State.AWAITING_IT:
        return Answer(code=AnswerCode.WITH_IT, state=reset.state)
    return Answer(code=AnswerCode.ALREADY_PRESSED, state=reset.state)


def refuse_unproven(reset: Reset) -> Answer | None:
    """Whether it is known that the Salesforce user is the person's own."""
    if reset.account is None or reset.account.proven:
        return None
    return Answer(code=AnswerCode.NOT_PROVEN)


def refuse_question(reset: Reset) -> Answer | None:
    """Whether IT may be asked: once for each reset, since its answer holds for the reset."""
    question = reset.question
    if question is None or question.answered_by is None:
        return None
    return Answer(
        code=AnswerCode.ALREADY_ANSWERED,
        state=reset.state,
        at=question.answered_at,
        by=question.answered_by,
    )


def is_own_question(reset: Reset, approver: SlackUser) -> bool:
    """Whether an approver would answer a question of their own."""
    return reset.requester.user_id == approver.user_id


def refuse_answer(reset: Reset, approver: SlackUser, now: datetime) -> Answer | None:
    """Whether IT's answer to a question comes in time and from somebody else than the asker."""
    if is_own_question(reset, approver):
        return Answer(code=AnswerCode.OWN_QUESTION)
    if reset.state is State.AWAITING_IT:
        return refuse_press(reset, State.AWAITING_IT, now)
    return refuse_question(reset) or _too_late(reset)
