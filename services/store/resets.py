"""Resets in Redis: one script makes a move, everything else only reads."""

import itertools
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import structlog
from pydantic_core import to_json
from redis.asyncio import Redis

from services import audit
from services.clock import from_milliseconds, milliseconds
from services.resets.model import Reset
from services.resets.states import FINISHED, FIRST, TRANSITIONS, WAITING, Move, State, after
from services.store import keys
from services.store.batches import Batches, Script
from services.store.changes import Change
from services.store.connection import translated
from services.store.errors import AccountHinderedError, Hindrance, NewerVersionError, StaleError

log = structlog.get_logger(__name__)

Stored = Sequence[str | None]
"""A reset's fields `v`, `s` and `d`, each None where the hash is gone."""

RESPONSE_URL_LIFE = timedelta(minutes=30)
"""Slack honours a `response_url` for 30 minutes (Slack documentation)."""


class ResetStore:
    """Reads resets and makes their moves.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(
        self,
        redis: Redis,
        batches: Batches,
        *,
        retention: timedelta,
        audit_retention: timedelta,
        cooldown: timedelta,
    ) -> None:
        self._redis = redis
        self._retention = int(retention.total_seconds() * 1000)
        self._audit_retention = audit_retention
        self._cooldown = int(cooldown.total_seconds() * 1000)
        self._batches = batches
        self._script = Script(_script())
        self._process = secrets.token_hex(8)
        self._claims = itertools.count()

    async def move(self, before: Reset | None, change: Change) -> Reset:
        """Make a move and return the reset as it now stands.

        The same call again after a lost reply gets the same answer: the claim tells.

        Raises:
            StaleError: it has moved since `before` was read, or is gone.
            AccountHinderedError: the Salesforce user can't be claimed.
            IllegalMoveError: the table has no such move.
        """
        seen = before.version if before else 0
        state = after(before.state, change.move) if before else FIRST
        moved = change.after.model_copy(
            update={
                "version": seen + 1,
                "state": state,
                "finished_at": change.now if state in FINISHED else None,
            },
        )
        row = audit.row_for_move(before, change.move, moved, actor=change.actor, at=change.now)
        account = moved.account
        ask = {
            "id": moved.id,
            "seen": seen,
            "claim": f"{self._process}.{next(self._claims)}",
            "move": change.move,
            "to": state,
            "doc": moved.model_dump_json(exclude={"version", "state"}, exclude_defaults=True),
            "now": milliseconds(change.now),
            "retention": self._retention + _still_waits(moved, change.now),
            "row": row.model_dump_json(exclude_none=True),
            "audit_from": str(milliseconds(change.now - self._audit_retention)),
            "account": change.account,
            "cooldown": self._cooldown,
            "jobs": [
                (job.name, job.item_id, milliseconds(job.at) if job.at else 0)
                for job in change.jobs
            ],
            "puts": [(put.key, put.value, put.milliseconds) for put in change.puts],
        }
        names = [
            keys.reset(moved.id),
            keys.AUDIT,
            keys.OUTBOX,
            keys.account(account.org, account.user_id) if account else "account:none",
            keys.resets_of(moved.requester.user_id),
        ]
        with translated():
            answer = await self._batches.run(self._script, names, to_json(ask))
        _raise_refusal(answer)
        return moved

    async def get(self, reset_id: str) -> Reset | None:
        """Read one reset; None when there is none, or its data is gone.

        Raises:
            NewerVersionError: it is there, and this version can't read it.
        """
        with translated():
            stored = await self._redis.hmget(keys.reset(reset_id), ["v", "s", "d"])
        return _read(cast("Stored", stored), reset_id)

    async def newest_of(self, slack_user: str, count: int) -> list[Reset]:
        """Read a person's newest resets, newest first, without those that can't be read."""
        with translated():
            index = keys.resets_of(slack_user)
            ids = cast("list[str]", await self._redis.lrange(index, 0, count - 1))
            pipe = self._redis.pipeline(transaction=False)
            for reset_id in ids:
                pipe.hmget(keys.reset(reset_id), ["v", "s", "d"])
            stored = await pipe.execute()
        found: list[Reset] = []
        for reset_id, one in zip(ids, stored, strict=True):
            with suppress(NewerVersionError):
                if (reset := _read(one, reset_id)) is not None:
                    found.append(reset)
        return found

    async def hindrance(
        self, org: str, user_id: str, now: datetime
    ) -> tuple[Hindrance, datetime | None] | None:
        """Whether a claim on this Salesforce user would be refused now, and until when."""
        with translated():
            held = await self._redis.hmget(
                keys.account(org, user_id), ["alerts", "last", "running"]
            )
        alerts, last, running = cast("Stored", held)
        if int(alerts or 0) > 0:
            return Hindrance.UNDER_INVESTIGATION, None
        if last and milliseconds(now) < (free_at := int(last) + self._cooldown):
            return Hindrance.COOLING_DOWN, from_milliseconds(free_at)
        if running and await self._is_running(running):
            return Hindrance.BUSY, None
        return None

    async def _is_running(self, reset_id: str) -> bool:
        """Whether an effect can follow from it; the script takes the same view of a claim."""
        with translated():
            state = cast("str | None", await self._redis.hget(keys.reset(reset_id), "s"))
        return state is not None and state not in FINISHED

    async def choice(self, choice_id: str) -> str | None:
        """Find the reset that a choice belongs to."""
        with translated():
            return cast("str | None", await self._redis.get(keys.choice(choice_id)))

    async def keep_response_url(self, owner: str, url: str) -> None:
        """Keep a click's `response_url` where no move is made of the click."""
        with translated():
            await self._redis.set(keys.response_url(owner), url, px=RESPONSE_URL_LIFE)

    async def response_url(self, owner: str) -> str | None:
        """Read a `response_url` that hasn't run out: of a reset's click or command, or a press."""
        with translated():
            return cast("str | None", await self._redis.get(keys.response_url(owner)))


def _still_waits(reset: Reset, now: datetime) -> int:
    """Milliseconds until a reset's deadline: it is what ends it, and never that Redis forgets."""
    if reset.state not in WAITING or reset.deadline is None or reset.deadline <= now:
        return 0
    return int((reset.deadline - now).total_seconds() * 1000)


def _script() -> str:
    """Build the script from the one table of transitions."""
    moves = {(f"{state}>{move}", to) for (state, move), to in TRANSITIONS.items()}
    moves.add((f">{Move.START}", FIRST))
    return (
        Path(__file__)
        .with_name("move.lua")
        .read_text()
        .replace("--[[ALLOWED]]", ", ".join(f"['{key}']='{to}'" for key, to in sorted(moves)))
        .replace("--[[FINISHED]]", ", ".join(f"{state}=true" for state in sorted(FINISHED)))
    )


def _read(stored: Stored, reset_id: str) -> Reset | None:
    version, state, document = stored
    if version is None or state is None or document is None:
        return None
    try:
        reset = Reset.model_validate_json(document)
        return reset.model_copy(update={"version": int(version), "state": State(state)})
    except ValueError:  # of a newer version, or damaged; pydantic's error is one too
        log.error("reset.unreadable", reset_id=reset_id)  # noqa: TRY400  its text quotes the reset
    raise NewerVersionError from None


def _raise_refusal(answer: list[str | int]) -> None:
    code = str(answer[0])
    if code == "ok":
        return
    if code in set(Hindrance):
        until = from_milliseconds(int(answer[1])) if len(answer) > 1 else None
        raise AccountHinderedError(Hindrance(code), until)
    raise StaleError(code)
