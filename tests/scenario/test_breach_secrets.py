"""A containment handles tokens, and people write them where they shouldn't: none is written down,
not in the log at its most talkative, not in Redis, not in what Slack is sent.
"""

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import structlog
from valkey.asyncio import Valkey

from handlers.message import Message
from sandbox.salesforce import faults
from sandbox.salesforce.faults import Fault
from services.cases.states import CaseState
from services.store import keys
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import (
    a_breach_world,
    alerted,
    approves,
    card,
    case_in,
    contained,
    denies,
    form,
    reported,
    the_case,
)
from tests.scenario.containment_steps import ALL_ENDED, contains, suspected, thread, victim
from tests.scenario.steps import impatient, newcomer
from tests.scenario.watching import Watch
from tests.scenario.world import World

PLANTED = [
    "Kd9fTq2LmXw7RbYz4HsVnC3eA",
    "Pq7wZr4TnLk2VbXc9MsJd5hGB",
    "Wm3xYt8RfQz6KpNv2LbHc4sDC",
    "Hs5nBv9GkTd3XwRq7ZmLf2pJD",
    "Zt6kMx2WnPq8VcRb4YsHd7gLE",
    "Rv4bNk7XzLm9TqWp3CsFh5dGF",
    "Lb8cWq3VtXn5RkZm7PsGd2hJG",
    "Xn2vTk6MzRq9WbLp4HsCf7dYH",
]
"""Security tokens that people write into whatever is to be filled in."""
WORDS = "Somebody typed this here"


@contextlib.asynccontextmanager
async def watched(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> AsyncIterator[World]:
    """A world in which more is secret, and whose screens are looked at too."""
    impatient(monkeypatch)
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    for planted in PLANTED:
        watch.learn("planted", planted)
    async with a_breach_world(redis_url, LOG_LEVEL="DEBUG") as world:
        world.slack.rate_limits.off()
        yield world
        await idle(world)
        watch.look_at_screens(world, "ada", "eve", "ivan")
    assert len(watch.log.getvalue().splitlines()) > 20
    kinds = ("session", "Slack's signature", "DeleteToken", "refresh token", "password", "token of")
    assert all(any(name.startswith(kind) for name in watch.known) for kind in kinds)


async def test_a_whole_story_writes_no_secret_down(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    tokens = iter(PLANTED)
    async with watched(redis_url, monkeypatch, watch) as world:
        seen = await reported(world, why=f"{WORDS}: {next(tokens)}")
        await told_by_an_alert(world, next(tokens), next(tokens), next(tokens))
        await approves(world, seen, note=f"{WORDS}: {next(tokens)}")
        await contained(world, seen)
        shown = await thread(world, seen, f"{ALL_ENDED}\n")
        ivan = world.person("ivan")
        await ivan.presses("breach.evidence", shown)
        await world.slack.until(lambda: ivan.modal and "Open sessions" in ivan.modal.plain)
        await ivan.closes()
        following = await thread(world, seen, "Next steps for IT", "[ Close ]")
        await ivan.presses("breach.unfreeze", following)
        await thread(world, seen, "8 of 8 steps have ended")
        await contained(world, seen)
        following = await thread(world, seen, "Next steps for IT", "[ Close ]")
        await ivan.presses("breach.close", following)
        await case_in(world, (await the_case(world, seen)).id, CaseState.CLOSED)
        await confirmed_and_denied(world, *tokens)
    assert watch.leaks() == []
    log = watch.written["log"]
    assert WORDS in repr(watch.written), "it is looked at where words would be"
    assert WORDS not in log, "and no words of people's are in the log"
    assert "ada@acme.example" not in log
    assert not [one for key, one in watch.written.items() if "eyJ" in one and "redis" in key]


async def told_by_an_alert(world: World, *tokens: str) -> None:
    """Let another voice come in by an alert, with a token wherever there is room for one."""
    reason, evidence, source = tokens
    body = {
        "id": "planted",
        "user": "ada@acme.example",
        "reason": f"{WORDS}: {reason}",
        "source": f"Splunk {source}",
        "severity": "critical",
        "evidence": [f"password={evidence}"],
    }
    assert (await alerted(world, json.dumps(body)))[0] == 202
    await card(world, lambda shown: "Splunk" in shown.plain)


async def confirmed_and_denied(world: World, seen_token: str, how: str, deny: str) -> None:
    """Fill in the other forms too: a report with what was seen, a confirmation, a denial."""
    eve, ivan = world.person("eve"), world.person("ivan")
    await eve.types("/reset-token breach")
    await form(eve, "breach.report")
    held = {"person": "dana", "reason": WORDS, "seen": f"She wrote {seen_token} into a page"}
    assert not (await eve.submits(held)).errors
    danas = await card(world, lambda shown: "Dana" in shown.plain)
    await approves(world, danas)
    shown = await thread(world, danas, "waiting for somebody", "What is true now")
    await ivan.presses("breach.address", shown)
    await form(ivan, "breach.address")
    await ivan.submits({"how": f"She said {how}"})
    await contained(world, danas)
    carls = await reported(world, whom="carl")
    await denies(world, carls, why=f"{WORDS}: {deny}")
    await case_in(world, (await the_case(world, carls)).id, CaseState.DENIED)


FAULTS: dict[str, list[Fault]] = {
    "composite": [faults.truncated(), faults.cut_off(), faults.html_unauthorized()],
    "userlogin": [faults.truncated(), faults.drop(after_effect=True), faults.odd_unauthorized()],
    "authsession": [faults.hang(after_effect=True), faults.to_login(), faults.html_unauthorized()],
    "revoke": [
        faults.hang(),
        faults.drop(after_effect=True),
        faults.cut_off(),
        faults.status(503, after_effect=True),
        faults.html_unauthorized(),
        faults.to_login(),
    ],
    "password": [
        faults.truncated(),
        faults.cut_off(),
        faults.drop(after_effect=True),
        faults.hang(after_effect=True),
        faults.status(503, after_effect=True),
    ],
}


@pytest.mark.parametrize("endpoint", FAULTS)
async def test_no_fault_of_salesforces_writes_a_secret_down(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch, endpoint: str
) -> None:
    """The text of a foreign exception is where they would come from."""
    monkeypatch.setattr("handlers.breach_card.GAP", timedelta(milliseconds=1))
    async with watched(redis_url, monkeypatch, watch) as world:
        for number, fault in enumerate(FAULTS[endpoint]):
            user = victim(world, f"vic{'abcdef'[number]}")
            newcomer(world, user.alias, user.email)
            seen = await suspected(world, user.username)
            world.org.faults.add(endpoint, fault)
            await contains(world, seen)
            world.org.faults.clear()
        asked = world.org.count(0, endpoint)
    assert asked >= len(FAULTS[endpoint])
    assert watch.leaks() == []


async def test_the_watch_sees_a_leak_wherever_it_is(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    watch.may_leak = True
    async with watched(redis_url, monkeypatch, watch) as world:
        seen = await reported(world)
        password = world.org.person("carl").password  # no shape by which it could be known
        await approves(world, seen, note=f"His is {password}")
        await contained(world, seen)
        await thread(world, seen, password)
        monkeypatch.setattr(
            "handlers.overview_messages.help_text", lambda *_: Message(password, ())
        )
        await world.person("eve").types("/reset-token help")
        async with Valkey.from_url(world.redis_url) as raw:
            await raw.hincrby(keys.MOVES, password, 1)  # each is a counter's label
        structlog.get_logger("services.leaky").debug("oops", value=password)
    where = {leak.rpartition(" in ")[2].split(":")[0] for leak in watch.leaks()}
    assert {"log", "slack of world 1", "screens of world 1", "redis case"} <= where
    assert {"acks of world 1", "metrics of world 1"} <= where
