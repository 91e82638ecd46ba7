"""A reset as it is stored: who asked, for which Salesforce user, and how far it has come."""

import os
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.impact.model import Impact
from services.orgs import ResetMethod
from services.resets.states import FIRST, State


def new_id() -> str:
    """Make an opaque 128-bit id, as 32 hex digits."""
    return os.urandom(16).hex()


class Reason(StrEnum):
    """Why a reset was refused, fell back, failed or ended without a known outcome."""

    # The person in Slack
    SLACK_BOT = "slack_bot"
    SLACK_GUEST = "slack_guest"
    SLACK_STRANGER = "slack_stranger"
    SLACK_DELETED = "slack_deleted"
    SLACK_UNCONFIRMED = "slack_unconfirmed"
    SLACK_NO_EMAIL = "slack_no_email"
    SLACK_UNREADABLE = "slack_unreadable"
    SLACK_ADDRESS_CHANGED = "slack_address_changed"
    # The user in Salesforce
    NO_SALESFORCE_USER = "no_salesforce_user"
    INACTIVE = "inactive"
    GUEST_USER = "guest_user"
    FROZEN = "frozen"
    API_ONLY = "api_only"
    INTEGRATION_USER = "integration_user"
    # The account, as the bot knows it
    BUSY = "busy"
    COOLING_DOWN = "cooling_down"
    UNDER_INVESTIGATION = "under_investigation"
    PAUSED = "paused"
    # Salesforce
    SALESFORCE_UNAVAILABLE = "salesforce_unavailable"
    SALESFORCE_LIMIT = "salesforce_limit"
    SALESFORCE_LOGIN = "salesforce_login"
    SALESFORCE_PERMISSION = "salesforce_permission"
    SALESFORCE_UNEXPECTED = "salesforce_unexpected"
    PAGE_UNUSABLE = "page_unusable"
    PASSWORD_EXPIRED = "password_expired"  # noqa: S105  a reason, not a secret
    ADMIN = "admin"
    # A request that changes something left, and its answer did not come back whole
    OUTCOME_UNKNOWN = "outcome_unknown"
    # IT
    IT_UNREACHABLE = "it_unreachable"
    # Redis
    NOT_REPLICATED = "not_replicated"
    # Too long a queue, or no worker: the offer wasn't shown in time
    TOO_LATE = "too_late"
    # A fault of ours; the log has the id
    INTERNAL = "internal"


class _Frozen(BaseModel):
    # What a newer version has written an older one beside it keeps, and never looks at.
    model_config = ConfigDict(frozen=True, extra="allow")


class SlackUser(_Frozen):
    """Somebody in Slack. Display names are never kept: they change and can be forged."""

    user_id: str
    team_id: str | None = None


class Account(_Frozen):
    """The Salesforce user whose token is to be reset."""

    org: str
    user_id: str
    username: str
    mailed_to: str
    """The address on the Salesforce user record, masked: `a…@acme.example`."""
    address_differs: bool = False
    """The Salesforce address isn't the one that Slack has."""
    proven: bool = True
    """Matched by Email or FederationIdentifier, or vouched for by IT. A Username proves nothing."""
    found_by: str | None = None
    """Digest of the Slack address by which it was found: see `masking.digest`."""
    password_changed_at: datetime | None = None


class Choice(_Frozen):
    """One of several Salesforce users that this person may mean."""

    id: str
    org: str
    user_id: str
    username: str


class Question(_Frozen):
    """What the person asked IT, and what came back."""

    text: str
    answered_by: str | None = None
    """Slack user id of the approver who answered last."""
    answered_at: datetime | None = None
    wait: str | None = None
    """IT's words when it asked the person to wait."""
    presses: tuple[str, ...] = ()
    """The presses that answered, so that the job of each knows it when it runs again."""


class Reset(_Frozen):
    """One reset from the command to its end. Holds no token, password, key or full address."""

    id: str
    version: int = 0
    """Number of moves made; a move names the version that it saw."""
    state: State = FIRST
    requester: SlackUser
    channel: str
    """Where the person asked."""
    in_dm: bool = False
    """The offer is a message in the person's DM, not an ephemeral."""
    created_at: datetime
    asked_at: datetime | None = None
    """When the choice was made that the next message answers; None: it answers the command."""
    deadline: datetime | None = None
    """Until when the buttons hold, while the reset waits for somebody."""
    org: str | None = None
    """None until it is known which org is meant."""
    choices: tuple[Choice, ...] = ()
    chosen: Choice | None = None
    account: Account | None = None
    method: ResetMethod | None = None
    """What a press will really do; may differ from the org's setting (admins are guided)."""
    guided_because: Reason | None = None
    impact: Impact | None = None
    question: Question | None = None
    reason: Reason | None = None
    detail: str | None = None
    """A short code from a known list that goes with `reason`, for the log and for IT."""
    available_at: datetime | None = None
    """When another try makes sense, where that is known."""
    intent_at: datetime | None = None
    """Written before the request that changes something leaves."""
    finished_at: datetime | None = None
    seen_in_audit_trail: bool = False
    """Done by Salesforce's own Setup Audit Trail; the answer itself was lost."""
    no_email_at: datetime | None = None
    not_me_at: datetime | None = None
    leaked: bool = False
    """Begun from the warning about a token that was posted in the DM."""
