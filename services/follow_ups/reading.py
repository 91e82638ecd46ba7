"""Reads the new logins of many accounts with few requests to Salesforce."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.clock import Clock
from services.follow_ups.memory import read_from
from services.follow_ups.model import FollowUp
from services.follow_ups.observe import Look
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotPermitted,
    SalesforceError,
    Unavailable,
)
from services.salesforce.records import AccountLock, Login, NewLogins
from services.salesforce.soql import MOST_USERS

MOST_REQUESTS = 10
"""Requests in one round. What they don't read waits for the next."""

MOST_ACCOUNTS = MOST_REQUESTS * MOST_USERS


class ReadsLogins(Protocol):
    """What a round needs of an `Org`."""

    async def read_new_logins(self, user_ids: Sequence[str], since: datetime) -> NewLogins:
        """One request. Raises SalesforceError when the whole of it fails."""


@dataclass
class Chunk:
    """Accounts that are read together, and what has been read of them."""

    follow_ups: list[FollowUp]
    since: datetime
    """From when on is to be read."""
    logins: dict[str, list[Login]] | None = field(default_factory=dict)
    """By the first 15 characters of the user's id; None where they can't be read."""
    locks: dict[str, AccountLock] = field(default_factory=dict)
    read_to: datetime | None = None
    """None while nothing has been read."""
    whole: bool = False
    needs: str | None = None
    error: SalesforceError | None = None
    """Why it was read no further, where that concerns it alone."""

    def look(self, follow_up: FollowUp) -> Look:
        """Pick what concerns one of its accounts. Only once something was read."""
        user = follow_up.user_id[:15]
        return Look(
            logins=None if self.logins is None else self.logins.get(user, []),
            lock=self.locks.get(user),
            read_to=self.read_to or follow_up.read_to,
            whole=self.whole,
            needs=self.needs,
        )

    def add(self, page: NewLogins, asked_at: datetime) -> None:
        """Take over a page: what is left begins where it ends."""
        self.locks |= page.locks or {}
        if page.logins is None or self.logins is None:
            self.logins, self.needs = None, page.needs
        for login in page.logins or ():
            if self.logins is not None:
                self.logins.setdefault(login.user_id[:15], []).append(login)
        self.whole = page.logins is None or not page.cut
        if self.whole:
            self.read_to = asked_at
            return
        newest = max((login.time for login in page.logins or ()), default=self.since)
        # A page whose rows are all of one second would be the same page again.
        self.since = newest if newest > self.since else self.since + timedelta(seconds=1)
        self.read_to = min(self.since, asked_at)


@dataclass(frozen=True)
class Readings:
    """What a round has read."""

    chunks: list[Chunk]
    failure: SalesforceError | None = None
    """Why not all was read, where waiting or a permission would help: chunks that were not read
    have no `read_to`."""


async def read_new(
    org: ReadsLogins,
    follow_ups: Sequence[FollowUp],
    clock: Clock,
    go_on: Callable[[], Awaitable[bool]],
) -> Readings:
    """Read what is new, within `MOST_REQUESTS`.

    Those read longest ago come first and are read with their like. Every account gets one page,
    and so its lock, before any gets a second. An answer that makes no sense is left aside with
    the accounts that were asked for, and so is one that doesn't come; a refusal, or no answer twice
    in a row, is of the org, and ends it.

    Args:
        org: what is asked.
        follow_ups: whose accounts are read.
        clock: the time.
        go_on: asked before each request; where it says no, what was read so far is the answer.
    """
    chunks = list(_chunks(sorted(follow_ups, key=read_from)))
    waiting = deque(chunks)
    unanswered: Unavailable | None = None
    is_tried_again = False
    for _ in range(MOST_REQUESTS):
        if not waiting or not await go_on():
            break
        chunk = waiting.popleft()
        asked_at = clock()
        try:
            page = await org.read_new_logins([one.user_id for one in chunk.follow_ups], chunk.since)
        except (NotPermitted, LoginRefused, LimitReached) as error:
            return Readings(chunks, error)
        except Unavailable as error:
            # Once, it may be these accounts' query that takes too long: others mustn't wait for it.
            if is_tried_again:
                return Readings(chunks, error)
            unanswered, is_tried_again = error, True
            continue
        except SalesforceError as error:
            chunk.error = error
            continue
        is_tried_again = False
        chunk.add(page, asked_at)
        if not chunk.whole:
            waiting.append(chunk)
    return Readings(chunks, unanswered)


def _chunks(follow_ups: Sequence[FollowUp]) -> Iterator[Chunk]:
    for start in range(0, len(follow_ups), MOST_USERS):
        some = list(follow_ups[start : start + MOST_USERS])
        yield Chunk(some, since=read_from(some[0]))
