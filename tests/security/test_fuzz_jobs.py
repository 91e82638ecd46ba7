"""What is odd and got in by a door is worked off: no job fails, none is tried for ever."""

import re
from collections.abc import AsyncIterator, Iterator

import pytest
from valkey.asyncio import Valkey

from tests.counting import Count
from tests.scenario.breach_attempts import hurried, idle
from tests.scenario.breach_steps import SECRET, a_breach_world
from tests.scenario.test_odd_payloads import sound
from tests.scenario.world import World
from tests.security.doors import ALERT, Door, Request, alert, encoded, signed
from tests.security.fuzz_spoiling import EVERYTHING, as_json, chance, spoilt

WORKED_OFF = "jobs of fuzzed inputs, worked off without a failure"
LET_IN = 100 if EVERYTHING else 60
"""So many jobs: the bot asks Slack about a hundred people a minute, and no more."""


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    hurried(monkeypatch)
    async with a_breach_world(redis_url, worker=False, ALERT_SECRET=SECRET) as built:
        built.slack.rate_limits.off()  # all jobs are due at once
        yield built


@pytest.mark.parametrize("name", ["command", "event", "report", "report by command", "alert"])
async def test_what_got_in_is_worked_off(
    world: World, name: str, count: Count, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.worker():
        payloads = await sound(world)
        await idle(world)
    rng = chance(f"jobs of {name}")

    def requests() -> Iterator[Request]:
        number = 0
        while True:
            number += 1
            if name == "alert":
                yield alert(as_json(spoilt(rng, ALERT)).decode(), number)
                continue
            kind, payload = payloads[name]
            if name == "command":
                payload = payload | {"text": rng.choice(["", "production"])}
            if name == "report":  # a form is taken once
                payload = payload | {"view": payload["view"] | {"id": f"V{number:09}"}}
            body, content_type = encoded(kind, spoilt(rng, payload))
            yield "POST", "/slack/events", signed(body, content_type), body

    door, jobs = Door(world), 0
    for method, path, headers, body in requests():
        await door(method, path, headers, body)
        jobs = await world.web.stores.health.outbox_length()
        if jobs >= LET_IN:
            break
    caplog.clear()
    async with world.worker():
        await idle(world)
        assert await retried(world) == []
    failed = [line for line in caplog.text.splitlines() if "job." in line]
    assert failed == []
    assert world.org.violations == []
    count(WORKED_OFF, jobs)


async def retried(world: World) -> list[str]:
    """Jobs that failed and will be tried again: their key holds their entry's number."""
    async with Valkey.from_url(world.redis_url) as raw:
        left = [one.decode() for one in await raw.zrange("resets:queue", 0, -1)]
    return [one for one in left if re.search(r":\d+-\d+$", one)]
