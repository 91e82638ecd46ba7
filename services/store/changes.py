"""What a move writes beside the reset itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.resets.model import Reset, SlackUser
from services.resets.states import Move


class JobName(StrEnum):
    """The jobs that the worker knows. Each takes one id: a reset's, a press's or a notice's."""

    PREPARE = "prepare"
    RUN = "run"
    TELL = "tell"
    EXPIRE = "expire"
    SHOW = "show"
    ASK_IT = "ask_it"
    REMIND_IT = "remind_it"
    CLOSE_CARD = "close_card"
    ANSWER = "answer"
    ANSWER_QUESTION = "answer_question"
    FILL_WAIT_FORM = "fill_wait_form"
    NO_EMAIL = "no_email"
    OFFER_AGAIN = "offer_again"
    REPORT_NOT_ME = "report_not_me"
    NOT_ME_TOLD = "not_me_told"
    """Tell the person that IT knows of it; its id is the reset's."""
    NOT_ME_FAILED = "not_me_failed"
    ANSWER_DM = "answer_dm"
    FOLLOW_ROUND = "follow_round"
    """Its id is the org's name, a colon and a moment: whoever is due by then shares it."""
    FOLLOW_SHOW = "follow_show"
    PREPARE_CASES = "prepare_cases"
    """Works through the queue of new cases; its id is always the same."""
    POST_CARDS = "post_cards"
    """Works through the queue of cards."""
    SHOW_SUMMARY = "show_summary"
    SHOW_CARD = "show_card"
    REMIND_OF_CASE = "remind_of_case"
    RENEW_CARD = "renew_card"
    TELL_REPORTERS = "tell_reporters"
    FILL_CASE_FORM = "fill_case_form"
    DECIDE_CASE = "decide_case"
    TELL_OVERRIDE = "tell_override"
    CALL_SECOND = "call_second"
    """Ask for another approver, where one has approved and it takes two."""
    CONTAIN = "contain"
    SHOW_STEPS = "show_steps"
    TELL_CONTAINED = "tell_contained"
    LEAVE_FOLLOW_UP = "leave_follow_up"
    """End the follow-up of a reset before what IT did; its id is the case's."""


@dataclass(frozen=True)
class Job:
    """A job to put into the outbox."""

    name: JobName
    item_id: str
    at: datetime | None = None
    """When; None for now."""


class AccountOp(StrEnum):
    """What a move does to the claim on the Salesforce user."""

    NONE = ""
    TAKE = "take"
    RELEASE = "release"
    SPEND = "spend"
    """Release it and start the cool-down: the token has changed, or may have."""
    ALERT = "alert"
    """Stop self-service for it, until the case that follows takes over."""


@dataclass(frozen=True)
class Put:
    """A short-lived key."""

    key: str
    value: str
    milliseconds: int


@dataclass(frozen=True)
class Change:
    """One move with everything that must be written together with it."""

    move: Move
    after: Reset
    now: datetime
    actor: SlackUser | None = None
    account: AccountOp = AccountOp.NONE
    jobs: tuple[Job, ...] = ()
    puts: tuple[Put, ...] = ()
