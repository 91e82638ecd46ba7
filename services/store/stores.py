"""Opens everything that is kept in Redis over one pool of connections."""

from datetime import timedelta
from typing import Self

from services.store import keys
from services.store.audit_log import AuditLog
from services.store.batches import Batches
from services.store.cases import CaseStore
from services.store.connection import TIMEOUT, connect
from services.store.evidence import EvidenceStore
from services.store.follow_ups import FollowUpStore
from services.store.health import Health
from services.store.holds import Holds
from services.store.impacts import ImpactStore
from services.store.lease_queue import LeaseQueue
from services.store.line import Line
from services.store.notices import NoticeStore
from services.store.outbox import Outbox
from services.store.posts import PostLog
from services.store.presses import PressStore
from services.store.profiles import ProfileStore
from services.store.replicas import Replicas
from services.store.resets import ResetStore
from services.store.summaries import Summaries
from services.store.turns import Turns

RUN_HELD_FOR = timedelta(seconds=15)
"""When the steps of a worker that died may go on elsewhere. It is renewed while they run."""


class Stores:
    """What a process reads and writes. Connects with the first command."""

    def __init__(
        self,
        url: str,
        *,
        retention: timedelta,
        audit_retention: timedelta,
        cooldown: timedelta,
        evidence: timedelta,
        run_held_for: timedelta = RUN_HELD_FOR,
        in_line_for: float = TIMEOUT,
    ) -> None:
        """Open them; `in_line_for` are the seconds until one of the connections is free."""
        self._redis = connect(url, in_line_for=in_line_for)
        self._batches = Batches(url)
        self._blocking = connect(url, timeout=None, alone=True)
        self.resets = ResetStore(
            self._redis,
            self._batches,
            retention=retention,
            audit_retention=audit_retention,
            cooldown=cooldown,
        )
        self.follow_ups = FollowUpStore(
            self._redis, self._batches, retention=retention, audit_retention=audit_retention
        )
        self.cases = CaseStore(
            self._redis, self._batches, retention=retention, audit_retention=audit_retention
        )
        self.case_runs = Holds(self._redis, keys.case_run, life=run_held_for)
        self.showing = Holds(self._redis, keys.turn, life=run_held_for)
        self.posting = Holds(self._redis, keys.posting, life=run_held_for)
        self.freezes = Holds(self._redis, keys.freezing, life=run_held_for)
        self.preparing = LeaseQueue(self._redis, keys.CASES_PREPARING)
        self.cards = LeaseQueue(self._redis, keys.CARDS_DUE)
        self.evidence = EvidenceStore(self._redis, life=evidence)
        self.turns = Turns(self._redis)
        self.line = Line(self._redis)
        self.summaries = Summaries(self._redis)
        self.posts = PostLog(self._redis, retention=retention)
        self.presses = PressStore(self._redis)
        self.notices = NoticeStore(self._redis)
        self.impacts = ImpactStore(self._redis)
        self.profiles = ProfileStore(self._redis)
        self.audit_log = AuditLog(self._redis)
        self.health = Health(self._redis)
        self.replicas = Replicas(self._redis)

    def outbox(self, consumer: str, *, claim_after: timedelta) -> Outbox:
        """Open the outbox for one worker's relay."""
        return Outbox(self._blocking, consumer=consumer, claim_after=claim_after)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._redis.aclose()
        await self._batches.aclose()
        await self._blocking.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
