"""Followers of many accounts in one org that a test makes up, on a real Valkey."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from valkey.asyncio import Valkey

from services.follow_ups.followers import FollowUps
from services.follow_ups.model import FollowUp
from services.resets.model import Reset
from services.salesforce.records import AccountLock, Login, NewLogins
from services.salesforce.soql import MOST_USERS
from services.store import keys
from services.store.follow_ups import FollowUpStore
from tests.contract.follow_up_stores import jobs
from tests.factories import NOW, FakeClock, an_account
from tests.unit.follow_ups.examples import (
    DAYS,
    a_done_reset,
    an_integration,
)

if TYPE_CHECKING:
    from services.salesforce.errors import SalesforceError


PAGE = 2000


class FakeOrg:
    """Login histories of many users, read as `Org` reads them."""

    def __init__(self) -> None:
        self.logins: list[Login] = []
        self.locks: dict[str, AccountLock] = {}
        self.asked: list[tuple[list[str], datetime]] = []
        self.forbidden: str | None = None
        self.error: SalesforceError | None = None

    async def read_new_logins(self, user_ids: Sequence[str], since: datetime) -> NewLogins:
        assert 0 < len(user_ids) <= MOST_USERS
        assert len(set(user_ids)) == len(user_ids)
        self.asked.append((list(user_ids), since))
        if self.error:
            raise self.error
        locks = {user[:15]: self.locks[user] for user in user_ids if user in self.locks}
        if self.forbidden:
            return NewLogins(logins=None, locks=locks, needs=self.forbidden)
        wanted, whole = set(user_ids), since.replace(microsecond=0)
        rows = sorted(
            (one for one in self.logins if one.user_id in wanted and one.time >= whole),
            key=lambda one: (one.time, one.id),
        )
        return NewLogins(logins=tuple(rows[:PAGE]), cut=len(rows) > PAGE, locks=locks)


class World:
    """Followers of one org, with a clock that is moved by hand."""

    def __init__(self, store: FollowUpStore, raw: Valkey) -> None:
        self.store, self.raw = store, raw
        self.clock, self.org = FakeClock(), FakeOrg()
        self.follow_ups = FollowUps(store, {"production": self.org}, self.clock, days=DAYS)

    async def start(self, reset: Reset | None = None) -> FollowUp:
        follow_up = await self.follow_ups.start(
            reset or a_done_reset(an_integration(), an_integration("Acme ETL"))
        )
        assert follow_up is not None
        return follow_up

    async def round(self, at: datetime | None = None, *, clock: datetime | None = None) -> None:
        """Run the round of that moment, where the worker's clock may show another time."""
        if at:
            self.clock.now = clock or at
        self.org.asked.clear()
        await self.raw.delete(keys.OUTBOX)
        await self.follow_ups.run_round("production", at or self.clock.now)

    async def read(self, follow_up: FollowUp) -> FollowUp:
        found = await self.follow_ups.get(follow_up.id)
        assert found is not None
        return found

    async def jobs(self) -> list[tuple[str, str]]:
        return await jobs(self.raw)

    async def audited(self) -> list[str]:
        rows = await self.raw.xrange(keys.AUDIT)
        return [json.loads(fields["row"])["what"] for _, fields in rows]


def user(number: int) -> str:
    return f"005{number:012d}AAA"


def reset_of(number: int, began_at: datetime = NOW) -> Reset:
    return a_done_reset(
        an_integration(), account=an_account(user_id=user(number)), intent_at=began_at
    )


def a_round(at: datetime) -> tuple[str, str]:
    return ("follow_round", f"production:{at.timestamp():.0f}")
