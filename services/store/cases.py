"""Cases in Redis: one script makes a move, everything else only reads."""

import itertools
import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import cast

import structlog
from pydantic_core import to_json
from redis.asyncio import Redis

from services import audit
from services.cases.acted import Acted
from services.cases.model import Case, Urgency
from services.cases.states import ENDED, FIRST, OPEN, TRANSITIONS, CaseMove, CaseState, after
from services.clock import from_milliseconds, milliseconds
from services.store import keys
from services.store.acted import read_acted
from services.store.asking import ask_for
from services.store.batches import Batches, Script
from services.store.case_changes import CaseChange, QueueOp
from services.store.changes import Job
from services.store.connection import translated
from services.store.errors import (
    AccountTakenError,
    KnownError,
    NewerVersionError,
    QuotaError,
    StaleError,
)

log = structlog.get_logger(__name__)

Stored = Sequence[str | None]
"""A case's fields `v`, `s` and `d`, each None where the hash is gone."""

_AHEAD = {
    Urgency.CRITICAL: timedelta(hours=1),
    Urgency.HIGH: timedelta(minutes=10),
    Urgency.MEDIUM: timedelta(0),
    Urgency.LOW: timedelta(0),
}
"""How much later reported ones the more urgent go before, in queues."""


class CaseStore:
    """Reads cases and makes their moves.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(
        self, redis: Redis, batches: Batches, *, retention: timedelta, audit_retention: timedelta
    ) -> None:
        self._redis = redis
        self._batches = batches
        self._retention = int(retention.total_seconds() * 1000)
        self._audit_retention = audit_retention
        self._script = Script(_script())
        self._process = secrets.token_hex(8)
        self._claims = itertools.count()

    async def move(self, before: Case | None, change: CaseChange) -> Case:
        """Make a move and return the case as it now stands.

        The same call again after a lost reply gets the same answer: the claim tells.

        Raises:
            StaleError: it has moved since `before` was read, or is gone.
            KnownError: a new one is there already, or one of its `once` keys is taken.
            AccountTakenError: another case about the Salesforce user is open.
            QuotaError: it was done too often lately.
            IllegalCaseMoveError: the table has no such move.
        """
        seen = before.version if before else 0
        state = after(before.state, change.move) if before else FIRST
        moved = change.after.model_copy(update={"version": seen + 1, "state": state})
        answer = await self._run(before, change, moved)
        _raise_refusal(answer)
        return moved

    async def get(self, case_id: str) -> Case | None:
        """Read one case; None when there is none.

        Raises:
            NewerVersionError: it is there, and this version can't read it.
        """
        with translated():
            stored = await self._redis.hmget(keys.case(case_id), ["v", "s", "d"])
        return _read(cast("Stored", stored), case_id)

    async def many(self, case_ids: Sequence[str]) -> list[Case | None]:
        """Read many, in the order asked for; None for one that isn't there or can't be read."""
        with translated():
            pipe = self._redis.pipeline(transaction=False)
            for case_id in case_ids:
                pipe.hmget(keys.case(case_id), ["v", "s", "d"])
            stored = await pipe.execute()
        found: list[Case | None] = []
        for case_id, one in zip(case_ids, cast("list[Stored]", stored), strict=True):
            try:
                found.append(_read(one, case_id))
            except NewerVersionError:
                found.append(None)
        return found

    async def of_card(self, card_id: str) -> Case | None:
        """Find the case that a card's buttons belong to."""
        return await self._pointed_to(keys.card(card_id))

    async def of_step(self, step_id: str) -> Case | None:
        """Find the case that a step's button belongs to."""
        return await self._pointed_to(keys.step(step_id))

    async def is_investigated(self, org: str, user_id: str) -> bool:
        """Whether IT looks at this Salesforce user: somebody else may be using it."""
        with translated():
            alerts = await self._redis.hget(keys.account(org, user_id), "alerts")
        return int(alerts or 0) > 0

    async def joined(self, case_id: str) -> str | None:
        """Find the case that a report has joined, as long as it may not be marked so."""
        with translated():
            return cast("str | None", await self._redis.get(keys.joined(case_id)))

    async def acted_on(self, org: str, user_id: str) -> Acted | None:
        """Read what IT did last to a Salesforce user; None where it did nothing of late."""
        return await read_acted(self._redis, org, user_id)

    async def count_open(self) -> int:
        """How many IT has still to decide."""
        with translated():
            return int(await self._redis.zcard(keys.CASES_OPEN))

    async def newest_open(self, count: int) -> list[Case]:
        """Read those that IT has still to decide, the newest first."""
        with translated():
            ids = await self._redis.zrange(keys.CASES_OPEN, 0, count - 1, desc=True)
        found = await self.many(cast("list[str]", ids)) if ids else []
        return [one for one in found if one is not None and one.state in OPEN]

    async def ask_for(self, job: Job) -> None:
        """Put a job that goes with no move into the outbox."""
        await ask_for(self._redis, job)

    async def _pointed_to(self, key: str) -> Case | None:
        with translated():
            case_id = cast("str | None", await self._redis.get(key))
        return await self.get(case_id) if case_id else None

    async def _run(self, before: Case | None, change: CaseChange, moved: Case) -> list[str | int]:
        row = audit.row_for_case(before, change, moved)
        slot = f"case:{moved.kind}"
        due = milliseconds(change.now - _AHEAD[moved.urgency])
        ask = {
            "id": moved.id,
            "seen": before.version if before else 0,
            "claim": f"{self._process}.{next(self._claims)}",
            "move": change.move,
            "to": moved.state,
            "doc": moved.model_dump_json(exclude={"version", "state"}, exclude_defaults=True),
            "now": milliseconds(change.now),
            "created": milliseconds(moved.created_at),
            "retention": self._retention,
            "rows": [row.model_dump_json(exclude_none=True)],
            "audit_from": str(milliseconds(change.now - self._audit_retention)),
            "is_over": moved.state in ENDED,
            "is_open": moved.state in OPEN,
            "once": change.once,
            "quotas": [
                (quota.key, quota.most, int(quota.within.total_seconds() * 1000))
                for quota in change.quotas
            ],
            "claims_account": slot if change.claims_account else "",
            "alone": change.needs_alone,
            "leaves_account": slot if change.leaves_account else "",
            "alert": change.alert,
            "alerts_taken_over": change.alerts_taken_over,
            "spent": change.spends,
            "prepare": _queued(change.preparing, due),
            "card": _queued(change.card, due),
            "jobs": [
                (job.name, job.item_id, milliseconds(job.at) if job.at else 0)
                for job in change.jobs
            ],
            "puts": [(put.key, put.value, put.milliseconds) for put in change.puts],
        }
        names = [
            keys.case(moved.id),
            keys.AUDIT,
            keys.OUTBOX,
            keys.account(*moved.account) if moved.account else "account:none",
            keys.CASES_OPEN,
            keys.CASES_PREPARING,
            keys.CARDS_DUE,
        ]
        with translated():
            return await self._batches.run(self._script, names, to_json(ask))


def _queued(op: QueueOp, due: int) -> int:
    return {QueueOp.NONE: 0, QueueOp.JOIN: due, QueueOp.LEAVE: -1}[op]


def _script() -> str:
    """Build the script from the one table of transitions."""
    moves = {(f"{state}>{move}", to) for (state, move), to in TRANSITIONS.items()}
    moves.add((f">{CaseMove.REPORT}", FIRST))
    allowed = ", ".join(f"['{key}']='{to}'" for key, to in sorted(moves))
    return Path(__file__).with_name("case.lua").read_text().replace("--[[ALLOWED]]", allowed)


def _read(stored: Stored, case_id: str) -> Case | None:
    version, state, document = stored
    if version is None or state is None or document is None:
        return None
    try:
        case = Case.model_validate_json(document)
        return case.model_copy(update={"version": int(version), "state": CaseState(state)})
    except ValueError:  # of a newer version, or damaged; pydantic's error is one too
        log.error("case.unreadable", case_id=case_id)  # noqa: TRY400  its text quotes the case
    raise NewerVersionError from None


def _raise_refusal(answer: list[str | int]) -> None:
    code = str(answer[0])
    if code == "ok":
        return
    if code == "known":
        raise KnownError(str(answer[1]))
    if code == "joined":
        raise AccountTakenError(str(answer[1]))
    if code == "too_many":
        raise QuotaError(from_milliseconds(int(answer[1])))
    raise StaleError(code)
