"""A follow-up as it is stored: which integrations of an account work again after a reset."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.impact.model import Place, Verdict, Way
from services.resets.model import SlackUser

MOST_ITEMS = 40
"""Integrations that one follow-up watches; what fails first is added first."""

MOST_FAILING_KEPT = 50
"""Addresses kept of one integration's failures; far fewer are shown."""


class ItemState(StrEnum):
    """How an integration stands since the reset."""

    OPEN = "open"
    """Not seen yet."""
    WORKS = "works"
    FAILS = "fails"
    NOT_MINE = "not_mine"
    """The person says that it isn't theirs."""
    DISMISSED = "dismissed"
    """*Don't follow this*."""


class Ended(StrEnum):
    """Why a follow-up is over."""

    ALL_DONE = "all_done"
    TIME_IS_UP = "time_is_up"
    TAKEN_OVER = "taken_over"
    """A newer reset of the same account is followed instead."""
    IT_ACTED = "it_acted"
    """IT froze the user, or reset the password, or may have."""


HANDED_OVER = frozenset({Ended.TAKEN_OVER, Ended.IT_ACTED})
"""How a follow-up ends whose advice no longer holds: something else tells how to go on."""


class AlertKind(StrEnum):
    """Why the person is sent a new message."""

    FAILING = "failing"
    LOCKED = "locked"


class _Frozen(BaseModel):
    # What a newer version has written an older one beside it keeps, and never looks at.
    model_config = ConfigDict(frozen=True, extra="allow")


class Failing(_Frozen):
    """Failed logins of an integration from one address, since its last success from there."""

    address: str | None
    """At most 64 characters; None where Salesforce doesn't say."""
    count: int
    last_at: datetime
    status: str
    """Salesforce's words, at most 80 characters."""


class Item(_Frozen):
    """One integration that is watched."""

    id: str
    """Opaque; pressed for *Not mine*."""
    dismiss_id: str
    """Opaque; pressed for *Don't follow this*."""
    name: str
    way: Way
    client_version: str | None = None
    api_type: str | None = None
    place: Place
    verdict: Verdict
    flow_read: bool = True
    """Before the reset some of its logins were read one by one, not counted only."""
    surprise: bool = False
    """Not in the warning: first seen when it failed after the reset."""
    state: ItemState = ItemState.OPEN
    worked_at: datetime | None = None
    """Its newest login that succeeded since the reset."""
    failing: tuple[Failing, ...] = ()
    """The newest first."""
    more_failing: int = 0
    """Addresses beyond `MOST_FAILING_KEPT`, at least so many: these aren't told apart."""


class Alert(_Frozen):
    """A new message to the person. Posted once, by its number."""

    number: int
    kind: AlertKind
    at: datetime


class FollowUp(_Frozen):
    """What happens to one account's integrations after one reset."""

    id: str
    """The reset's."""
    version: int = 0
    requester: SlackUser
    org: str
    user_id: str
    """Of the Salesforce user, 15 or 18 characters."""
    began_at: datetime
    """When the reset was begun: no earlier can it have taken effect."""
    effective_at: datetime | None = None
    """By when it had taken effect, if it has. None in documents of an older version: `began_at`."""
    until: datetime | None = None
    """When it stops looking, whatever is open. None in documents of an older version."""
    round: int = 0
    """How many looks are behind it."""
    next_at: datetime | None
    """When it is looked at again; None once it has ended."""
    read_to: datetime
    """Logins up to then have been counted."""
    read_on: datetime | None = None
    """From when on they are read next: earlier, for late rows. None stands for `read_to`."""
    recent: tuple[str, ...] = ()
    """Ids of counted logins that the next reading may bring again."""
    items: tuple[Item, ...] = ()
    more: int = 0
    """Integrations that may need the token and aren't among the items, at least so many: beyond
    `MOST_ITEMS`, not in the warning's own list, or counted beside others of their program."""
    history_known: bool = True
    """Whether the warning could name integrations at all."""
    locked_since: datetime | None = None
    """Salesforce's own time of the lock where it gives one, else when it was first seen."""
    lock_inferred: bool = False
    """The lock couldn't be read, so whether it still is isn't known: a login met it, or it was
    read before."""
    unreadable_since: datetime | None = None
    """The logins can't be read any more."""
    needs: str | None = None
    """The permission that is missing, where that is why."""
    alerts: tuple[Alert, ...] = ()
    ended: Ended | None = None
    ended_at: datetime | None = None
    quiet: bool = False
    """Whoever reads its message mustn't learn that it has ended: they may be somebody else."""

    @property
    def as_told(self) -> "FollowUp":
        """What its message may show."""
        if not self.quiet:
            return self
        return self.model_copy(update={"ended": None, "ended_at": None, "quiet": False})
