"""Sends the moves that are made at the same moment to Redis together.

An ack waits for its move, so a move must be cheap. What several requests want written while the
server is still busy with the ones before goes in one pipeline: one write to the socket, one to
the server's disk, and one connection however many people press (docs/benchmarks.md).
"""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import cast

from redis.exceptions import NoScriptError, ResponseError

from services.store.connection import connect

LARGEST = 64
"""Moves in one pipeline; a move takes the server well under a tenth of a millisecond."""

SENDERS = 2
"""Pipelines at once: one is written while the server still answers the other."""

Answer = list[str | int]


class Script:
    """A Lua script and the digest by which the server knows it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(eq=False, slots=True)
class _Call:
    script: Script
    keys: list[str]
    argument: bytes
    answer: "asyncio.Future[Answer]"


class Batches:
    """Runs scripts. Each call is answered by itself: one that fails fails alone."""

    def __init__(self, url: str) -> None:
        self._redis = connect(url)
        self._waiting: list[_Call] = []
        self._senders: set[asyncio.Task[None]] = set()
        self._busy = 0
        """Senders that will look at what waits once more before they end."""

    async def run(self, script: Script, keys: list[str], argument: bytes) -> Answer:
        """Run a script, loading it first where the server doesn't know it."""
        call = _Call(script, keys, argument, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._busy < SENDERS:
            self._busy += 1
            sender = asyncio.create_task(self._send_all(), name="moves")
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        return await call.answer

    async def aclose(self) -> None:
        """Close the connection, once what waits has been sent."""
        if self._senders:
            await asyncio.wait(self._senders)
        await self._redis.aclose()

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
                await self._send(batch)
        finally:
            # Not when its task is done, a moment later: a call made in between would wait for ever.
            self._busy -= 1

    async def _send(self, batch: list[_Call]) -> None:
        pipe = self._redis.pipeline(transaction=False)
        for call in batch:
            pipe.evalsha(call.script.sha, len(call.keys), *call.keys, call.argument)
        try:
            answers = await pipe.execute(raise_on_error=False)
            for call, answer in zip(batch, answers, strict=True):
                unknown = isinstance(answer, NoScriptError)
                _settle(call, await self._load_and_run(call) if unknown else answer)
        except BaseException as error:
            # Who waits behind would wait as long for the same, and an ack is due in three seconds.
            behind, self._waiting = self._waiting, []
            for call in (*batch, *behind):
                _settle(call, error)
            if not isinstance(error, Exception):
                raise

    async def _load_and_run(self, call: _Call) -> object:
        keys = call.keys
        try:
            return await self._redis.eval(call.script.text, len(keys), *keys, call.argument)
        except ResponseError as error:
            return error


def _settle(call: _Call, answer: object) -> None:
    if call.answer.done():  # whoever asked has gone: its time was over
        return
    if isinstance(answer, BaseException):
        call.answer.set_exception(answer)
    else:
        call.answer.set_result(cast("Answer", answer))
