"""People who ask, wait for the warning, and press something on it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.whole import Whole
from sandbox.slack import payloads
from sandbox.slack.dispatcher import Kind
from sandbox.slack.model import Person

PATIENCE = 900
"""Seconds after which a warning, or an outcome, that hasn't come is a fault."""


@dataclass
class Seen:
    """What they saw. Times in seconds since the first command was due."""

    refused: int = 0
    """Commands and presses that weren't acked."""
    ack_ms: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    """When each warning came."""
    told: list[float] = field(default_factory=list)
    """When each outcome came by DM."""


async def ask(
    whole: Whole, people: Sequence[Person], times: int, per_second: float, *, resets: bool
) -> Seen:
    """Let them type the command in turn at an even pace, until each has so many warnings.

    Each warning is cancelled as soon as it is there, as an account in a cool-down would be
    refused; with `resets`, everybody confirms their last one.
    """
    seen, start = Seen(), time.perf_counter()
    commands = len(people) * times
    async with asyncio.TaskGroup() as group:
        for number in range(commands):
            early = start + number / per_second - time.perf_counter()
            await asyncio.sleep(max(early, 0))
            is_last = number >= commands - len(people)
            person = people[number % len(people)]
            group.create_task(_one(whole, person, seen, start, confirms=resets and is_last))
    return seen


async def _one(whole: Whole, person: Person, seen: Seen, start: float, *, confirms: bool) -> None:
    slack, actor = whole.slack, whole.slack.actor(person.id)
    general = slack.channel("general")
    command = payloads.slash_command(slack, person, general, "/reset-token", "")
    url = slack.response_urls.usable(command["response_url"].partition("/hooks/")[2])
    delivery = await slack.dispatcher.deliver(Kind.COMMAND, command)
    seen.ack_ms.append(delivery.ack_ms)
    seen.refused += delivery.error is not None
    await slack.until(lambda: url.uses > 0, PATIENCE)
    seen.shown.append(time.perf_counter() - start)
    # Their next warning may be on the screen already, and the newest button another one's.
    (warning,) = [one for one in actor.sees(general.id) if one.ts == url.posted]
    press = await actor.presses("reset.confirm" if confirms else "reset.cancel", warning)
    seen.refused += press.error is not None
    if confirms:
        dm = slack.dm_with(person).id
        await slack.until(lambda: bool(slack.timeline.lasting(dm)), PATIENCE)
        seen.told.append(time.perf_counter() - start)
