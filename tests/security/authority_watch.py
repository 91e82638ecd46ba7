"""What came of what was tried: in the store, at Salesforce, in the audit, and on screens."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

from valkey.asyncio import Valkey

from sandbox.slack.dispatcher import Delivery
from sandbox.slack.model import Modal, Person
from sandbox.slack.workspace import Workspace
from services.audit import AuditRow
from services.store import keys
from tests.scenario.breach_attempts import at_salesforce
from tests.security.authority_actions import Deed
from tests.security.authority_cast import Cast

AT_ONCE = 10
"""Presses that are under way: a form has to open while its press is fresh."""

_SOON = 5
_PASSING = (
    "press:",
    "response_url:",
    "resets:",
    "turn:",
    "audit",
    "outbox",
    "worker:",
    "moves",
    "summary",
    "cases_preparing",
)
"""What a press that is refused may write: itself, its answer, and the audit."""

REFUSED_TITLE = "That isn't possible"


@dataclass
class Watch:
    """Looks at everything that could change."""

    cast: Cast
    raw: Valkey
    opened: dict[str, Modal] = field(default_factory=dict)
    """Each form that was opened, by the trigger id that opened it."""
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _seen: str = "-"

    @property
    def slack(self) -> Workspace:
        return self.cast.world.slack

    async def settled(self) -> None:
        """Wait until every job that is due has ended, and what was put off for a moment too."""
        async with asyncio.timeout(60):
            while True:
                async with self.raw.pipeline(transaction=True) as pipe:
                    pipe.xlen(keys.OUTBOX)
                    pipe.xlen("resets:stream")
                    pipe.zcount("resets:queue", "-inf", time.time() + _SOON)
                    if not any(await pipe.execute()):
                        return
                await asyncio.sleep(0.01)  # the store tells nobody

    async def everything(self) -> dict[str, Any]:
        """All that outlasts a press: what is stored, and what is at Salesforce."""
        names = sorted(one for one in await self.raw.keys("*") if not one.startswith(_PASSING))
        async with self.raw.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.dump(name)
            stored = dict(zip(names, await pipe.execute(), strict=True))
        return {"stored": stored, "salesforce": at_salesforce(self.cast.world)}

    async def forget(self) -> None:
        """Begin afresh: nothing of what was tried before stands in the way."""
        names = [one for one in await self.raw.keys("*") if not one.startswith("resets:")]
        kept = {keys.OUTBOX, keys.WORKER_SEEN, keys.AUDIT}
        if found := [one for one in names if one not in kept]:
            await self.raw.delete(*found)
        self.slack.modals._open.clear()
        self.opened.clear()

    async def new_rows(self) -> list[AuditRow]:
        """The audit's rows since the last time."""
        entries = await self.raw.xrange(keys.AUDIT, min=self._seen)
        if entries:
            self._seen = f"({entries[-1][0]}"
        return [AuditRow.model_validate_json(one["row"]) for _, one in entries]

    def used(self, deed: Deed) -> bool:
        """Whether the `response_url` of a press was used."""
        given = self.slack.response_urls._given.get(deed.response_path or "")
        return given is not None and given.uses > 0

    def told(self, calls: Iterable[Any]) -> Counter[str]:
        """How often each person was told something by a message of their own.

        Of somebody who can't read, such as an app, it counts that it was tried.
        """
        found: Counter[str] = Counter()
        for call in calls:
            if call.method == "chat.postEphemeral":
                user = call.args["user"]
                found[user] += call.outcome == "ok" or not self._reads(user)
            elif call.method == "chat.postMessage" and str(call.channel)[0] in "UD":
                user = f"U{str(call.channel)[1:]}"
                found[user] += call.outcome == "ok" and self._reads(user)
        return found

    def _reads(self, user_id: str) -> bool:
        person: Person | None = self.slack.people.get(user_id)
        return person is not None and not (person.is_bot or person.deleted)

    def is_answered(self, deed: Deed, delivery: Delivery) -> bool:
        """Whether this very press or form has its own answer."""
        modal = self.opened.get(deed.trigger_id or "")
        said = isinstance(delivery.said, dict) and "response_action" in delivery.said
        refused = modal is not None and modal.view["title"]["text"] == REFUSED_TITLE
        return said or refused or self.used(deed)


@contextlib.asynccontextmanager
async def watching(cast: Cast) -> AsyncIterator[Watch]:
    """Watch a world in which everybody may have many windows open at once."""
    slack = cast.world.slack
    async with Valkey.from_url(cast.world.redis_url, decode_responses=True) as raw:
        watch = Watch(cast, raw)
        modals, triggers = slack.modals, slack.triggers
        open_modal, exchange = modals.open, triggers.exchange
        used: list[str] = []

        def noted_exchange(trigger_id: str, now: float) -> str:  # noqa: ARG001
            used.append(trigger_id)
            # Hundreds are tried at once: that one of them is late isn't what is looked at here.
            return exchange(trigger_id, 0)

        def noted_open(user: str, view: object) -> Modal:
            modal = open_modal(user, view)
            watch.opened[used[-1]] = modal
            return modal

        def nothing_open(user: str) -> Modal | None:  # noqa: ARG001
            return None

        modals.of = nothing_open  # type: ignore[method-assign]
        modals.open = noted_open  # type: ignore[method-assign]
        triggers.exchange = noted_exchange  # type: ignore[method-assign]
        logging.disable(logging.CRITICAL)  # pytest keeps every line, and there are very many
        try:
            yield watch
        finally:
            logging.disable(logging.NOTSET)
