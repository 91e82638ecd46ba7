"""A case as it is stored: who is suspected, who says so, what IT decided, and what was done."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.cases.acted import Acted
from services.cases.states import FIRST, CaseState
from services.cases.steps import Step, StepKind, StepState
from services.impact.model import Impact
from services.resets.model import SlackUser


class CaseKind(StrEnum):
    """What IT is asked for."""

    BREACH = "breach"
    """Somebody else may be using the account: it is to be contained."""
    PLANNED = "planned"
    """Its password and token are due: they are reset, and nothing else."""


class Source(StrEnum):
    """The way in which a report arrived."""

    COMMAND = "command"
    FORM = "form"
    MESSAGE = "message"
    """The message shortcut."""
    NOT_ME = "not_me"
    """*This wasn't me*, below a reset that came from the person's own Slack account."""
    ALERT = "alert"
    """`POST /alerts`."""


class Urgency(StrEnum):
    """How urgent a report is, by whoever made it. Declared with the most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Problem(StrEnum):
    """Why there is no account that could be contained."""

    SLACK_BOT = "slack_bot"
    """The suspected one is an app."""
    SLACK_NO_EMAIL = "slack_no_email"
    SLACK_UNREADABLE = "slack_unreadable"
    UNKNOWN_USER = "unknown_user"
    UNKNOWN_ORG = "unknown_org"
    OWN_USER = "own_user"
    """The bot's own Salesforce user."""
    SALESFORCE_UNREADABLE = "salesforce_unreadable"
    """It is tried again until it answers."""
    TOO_MANY_USERS = "too_many_users"
    """More Salesforce users fit than are looked at."""
    INTERNAL = "internal"
    """The bot itself failed while it read; it is tried again now and then."""


class SlackFact(StrEnum):
    """What Slack says of the suspected person, beside who it is."""

    NOT_LOOKED_UP = "not_looked_up"
    """Slack didn't say in time; it is asked again before anybody decides."""
    NOT_FOUND = "not_found"
    """Nobody in Slack has the address of the Salesforce user."""
    SEVERAL = "several"
    """Its addresses are those of different people in Slack."""
    GUEST = "guest"
    STRANGER = "stranger"
    DELETED = "deleted"


class _Frozen(BaseModel):
    # What a newer version has written an older one beside it keeps, and never looks at.
    model_config = ConfigDict(frozen=True, extra="allow")


class AlertOrigin(_Frozen):
    """What a signed alert says of itself."""

    source: str
    """As the sender names itself; not proven."""
    severity: Urgency
    secret: int
    """Which of the secrets in `ALERT_SECRET` it was signed with, counted from 1: that is proven."""
    secrets: int


class Report(_Frozen):
    """One voice that says that something is wrong, or due."""

    id: str
    source: Source
    reporter: SlackUser | None = None
    """None for an alert."""
    at: datetime
    reason: str
    """As typed, at most `words.MOST_REASON` characters, with whatever looks like a token taken
    out."""
    seen: str | None = None
    """What was seen, as typed."""
    urgency: Urgency = Urgency.HIGH
    evidence: tuple[str, ...] = ()
    """Lines that an alert brought along."""
    link: str | None = None
    """To the message in Slack that the shortcut was used on."""
    alert: AlertOrigin | None = None
    reset_id: str | None = None
    """The reset that wasn't theirs."""


class LastLogin(_Frozen):
    """The newest login that was seen."""

    at: datetime
    application: str | None = None
    address: str | None = None


class Target(_Frozen):
    """The Salesforce user that is suspected, as it was when it was read."""

    org: str
    user_id: str
    username: str
    name: str
    profile: str | None = None
    is_active: bool = True
    is_admin: bool = False
    is_api_only: bool = False
    is_sso: bool = False
    """Logs in by single sign-on alone, as far as can be seen: a reset may not apply."""
    mailed_to: str
    """The address on the Salesforce user record, masked: `a…@acme.example`."""
    address: str = ""
    """Digest of that address: see `masking.digest`. A confirmation holds for it alone."""
    address_differs: bool | None = None
    """It isn't the one that Slack has; None where there is none to compare it with."""
    addresses: tuple[str, ...] = ()
    """Digests of the addresses that make somebody this user: see `masking.digest`."""
    is_frozen: bool | None = None
    sessions: int | None = None
    """Open ones; None where they can't be seen."""
    grants: int | None = None
    last_login: LastLogin | None = None
    impact: Impact
    read_at: datetime


class Card(_Frozen):
    """The card that stands in IT's channel now. It is posted afresh when its time is over."""

    id: str
    """What its buttons carry: those of an older card are dead."""
    number: int = 1
    until: datetime | None = None
    """When its buttons go and it is posted afresh; None for as long as nobody decides."""


class Decision(_Frozen):
    """What one person of IT decided."""

    by: SlackUser
    at: datetime
    note: str | None = None
    steps: tuple[StepKind, ...] = ()
    """What was approved; empty for a denial."""
    override: bool = False
    """Alone, on their own report, in an emergency."""
    address: str | None = None
    """Digest of the address that was confirmed."""
    press: str
    """The press that it came from, so that its job knows it when it runs again."""


class Truth(_Frozen):
    """What Salesforce said about the account when it was last asked; None where it didn't say."""

    at: datetime
    is_frozen: bool | None = None
    sessions: int | None = None
    grants: int | None = None
    last_password_change: datetime | None = None
    needs: str | None = None
    """The permission without which some of it couldn't be read."""


class Case(_Frozen):
    """One case from the report to its end. Holds no token, password, key or full address."""

    id: str
    version: int = 0
    """Number of moves made; a move names the version that it saw."""
    state: CaseState = FIRST
    kind: CaseKind = CaseKind.BREACH
    created_at: datetime
    org: str | None = None
    """As asked for; None for whichever fits."""
    asked_for: str | None = None
    """The Salesforce username or id that was given, where one was."""
    suspect: str | None = None
    """Slack user id of the suspected person, where it is known."""
    misnamed: str | None = None
    """Slack user id of whom a report names beside the username, where the account isn't theirs."""
    slack_fact: SlackFact | None = None
    slack_suspected: bool = False
    """Their Slack account may be in other hands too: nothing is told to it."""
    owner: str | None = None
    """Planned: Slack user id of whoever looks after the account, who is told."""
    reports: tuple[Report, ...]
    """The first made the case; the others joined it. At most `MOST_VOICES`."""
    more_reports: int = 0
    """Voices beyond those that are kept."""
    more_reporters: tuple[str, ...] = ()
    """Slack user ids of whose voices those were: none of them may decide either."""
    beside: int = 0
    """Further Salesforce users of the same person, each reported in a case of its own."""
    target: Target | None = None
    earlier: Acted | None = None
    """What IT did to this account in a case before, when it was presented."""
    problem: Problem | None = None
    detail: str | None = None
    """A short code from a known list that goes with `problem`."""
    card: Card | None = None
    first_card_at: datetime | None = None
    approvals: tuple[Decision, ...] = ()
    denial: Decision | None = None
    address_confirmed: Decision | None = None
    """An approver asked the person another way, and the address is theirs."""
    steps: tuple[Step, ...] = ()
    truth: Truth | None = None
    evidence_kept: bool = False
    unfrozen: Decision | None = None
    """Who pressed *Unfreeze…* last: they say that the person is verified."""
    closed: Decision | None = None
    merged_into: str | None = None
    presses: tuple[str, ...] = ()
    """The newest presses that had an effect: the job of each knows it when it runs again."""

    @property
    def origin(self) -> Report:
        """The report that made the case."""
        return self.reports[0]

    @property
    def account(self) -> tuple[str, str] | None:
        """Org and Salesforce user id, where they are known."""
        if self.target is not None:
            return self.target.org, self.target.user_id
        if self.origin.reset_id and self.org and self.asked_for:
            return self.org, self.asked_for
        return None

    @property
    def reporters(self) -> frozenset[str]:
        """Slack user ids of everybody who reported it."""
        kept = (one.reporter.user_id for one in self.reports if one.reporter)
        return frozenset((*kept, *self.more_reporters))

    @property
    def resets(self) -> tuple[str, ...]:
        """Ids of the resets that somebody says weren't theirs."""
        return tuple(one.reset_id for one in self.reports if one.reset_id)

    @property
    def urgency(self) -> Urgency:
        """The highest that any voice gave it."""
        order = list(Urgency)
        return min((one.urgency for one in self.reports), key=order.index)

    def step(self, step_id: str) -> Step | None:
        """Find a step by its id."""
        return next((one for one in self.steps if one.id == step_id), None)

    def with_step(self, step: Step) -> tuple[Step, ...]:
        """Put a step in the place of its older self."""
        return tuple(step if one.id == step.id else one for one in self.steps)

    @property
    def has_begun(self) -> bool:
        """Whether anything was asked of Salesforce that changes the account, or may yet be."""
        return any(
            one.kind.is_effect and one.state not in {StepState.WAITING, StepState.SKIPPED}
            for one in self.steps
        )


MOST_VOICES = 10
"""Reports that one case keeps."""
