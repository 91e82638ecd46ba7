"""A containment handles tokens, and people write them where they shouldn't: none is written down,
not in the log at its most talkative, not in Redis, not in what Slack is sent.
"""

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import standardwebhooks
import structlog

from sandbox.salesforce import faults, org
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.records import Session
from sandbox.slack import seed
from services.cases.states import CaseState
from tests.scenario.breach_attempts import idle
from tests.scenario.breach_steps import (
    SECRET,
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
from tests.scenario.test_secrets import Secrets
from tests.scenario.traces import everything_in, logged
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


class Watched(Secrets):
    """Secrets that are known as they come up, and every way out."""

    def watch(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Remember sessions, signatures and whatever else is secret from the beginning."""
        open_session = org.Org.open_session
        signed, sign = world.slack.dispatcher.signed, standardwebhooks.Webhook.sign

        def kept(this: org.Org, *args: object, **more: object) -> Session:
            session: Session = open_session(this, *args, **more)  # type: ignore[arg-type]  # as given
            self.known[f"session of {session.user.username}, {len(self.known)}"] = session.token
            return session

        def spied(*args: object) -> tuple[bytes, dict[str, str]]:
            body, headers = signed(*args)  # type: ignore[arg-type]  # as given
            signature = headers["X-Slack-Signature"].removeprefix("v0=")
            self.known[f"Slack's signature {len(self.known)}"] = signature
            return body, headers

        def spied_on(this: standardwebhooks.Webhook, *args: object, **more: object) -> str:
            signature: str = sign(this, *args, **more)  # type: ignore[arg-type]  # as given
            self.known[f"alert's signature {len(self.known)}"] = signature.removeprefix("v1,")
            return signature

        monkeypatch.setattr(org.Org, "open_session", kept)
        monkeypatch.setattr(world.slack.dispatcher, "signed", spied)
        monkeypatch.setattr(standardwebhooks.Webhook, "sign", spied_on)
        for session in world.org.sessions.values():
            self.known[f"session {session.id}"] = session.token
        self.known |= {
            "bot token": seed.BOT_TOKEN,
            "signing secret": seed.SIGNING_SECRET,
            "alert secret": SECRET.removeprefix("whsec_"),
            "key of the bot's app": world.org.bot_private_key_pem.splitlines()[5],
        }
        self.known |= {f"planted {number}": one for number, one in enumerate(PLANTED)}

    def remember(self, world: World) -> None:
        """Add what is secret now."""
        super().remember(world)
        for grant in world.org.grants:
            name = f"{grant.app}'s of {grant.user.username}"
            self.known[f"DeleteToken, {name}"] = grant.delete_token
            self.known[f"refresh token, {name}"] = grant.refresh_token
        for mail in world.org.mails:
            self.known[f"code of a mailed link {len(self.known)}"] = mail.link_code or ""


@contextlib.asynccontextmanager
async def watched(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[World, Watched]]:
    """A world of which all that is written down is looked at in the end."""
    secrets = Watched()
    impatient(monkeypatch)
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    with logged("DEBUG") as log:
        async with a_breach_world(redis_url, LOG_LEVEL="DEBUG") as world:
            world.slack.rate_limits.off()
            secrets.watch(world, monkeypatch)
            secrets.remember(world)
            yield world, secrets
            await idle(world)
            secrets.remember(world)
            kept = await everything_in(redis_url)
            urls = {key: text for key, text in kept.items() if key.startswith("response_url:")}
            secrets.known |= {key: url.rpartition("/")[2] for key, url in urls.items()}
            secrets.written |= {
                f"redis {key}": text for key, text in kept.items() if key not in urls
            }
            secrets.written["slack"] = repr([call.args for call in world.slack.calls])
            secrets.written["slack's screens"] = repr(
                [
                    shown.blocks
                    for name in ("ada", "eve", "ivan")
                    for shown in world.person(name).sees()
                ]
            )
    secrets.written["log"] = log.getvalue()
    assert len(secrets.written["log"].splitlines()) > 20
    kinds = ("session", "Slack's signature", "DeleteToken", "refresh token", "password", "token of")
    assert all(any(name.startswith(kind) for name in secrets.known) for kind in kinds)


async def test_a_whole_story_writes_no_secret_down(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = iter(PLANTED)
    async with watched(redis_url, monkeypatch) as (world, secrets):
        seen = await reported(world, why=f"{WORDS}: {next(tokens)}")
        await told_by_an_alert(world, next(tokens), next(tokens), next(tokens))
        await approves(world, seen, note=f"{WORDS}: {next(tokens)}")
        await contained(world, seen)
        secrets.remember(world)  # the temporary password, which the answer carried
        shown = await thread(world, seen, f"{ALL_ENDED}\n")
        ivan = world.person("ivan")
        await ivan.presses("breach.evidence", shown)
        await world.slack.until(lambda: ivan.modal and "Open sessions" in ivan.modal.plain)
        await ivan.closes()
        following = await thread(world, seen, "Next steps for IT", "[ Close ]")
        await ivan.presses("breach.unfreeze", following)
        await thread(world, seen, "8 of 8 steps have ended")
        secrets.remember(world)
        await contained(world, seen)
        following = await thread(world, seen, "Next steps for IT", "[ Close ]")
        await ivan.presses("breach.close", following)
        await case_in(world, (await the_case(world, seen)).id, CaseState.CLOSED)
        await confirmed_and_denied(world, *tokens)
    assert secrets.leaks() == []
    log = secrets.written["log"]
    assert WORDS in repr(secrets.written), "it is looked at where words would be"
    assert WORDS not in log, "and no words of people's are in the log"
    assert "ada@acme.example" not in log
    assert not [one for key, one in secrets.written.items() if "eyJ" in one and "redis" in key]


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
    redis_url: str, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    """The text of a foreign exception is where they would come from."""
    monkeypatch.setattr("handlers.breach_card.GAP", timedelta(milliseconds=1))
    async with watched(redis_url, monkeypatch) as (world, secrets):
        for number, fault in enumerate(FAULTS[endpoint]):
            user = victim(world, f"vic{'abcdef'[number]}")
            newcomer(world, user.alias, user.email)
            secrets.remember(world)
            seen = await suspected(world, user.username)
            world.org.faults.add(endpoint, fault)
            await contains(world, seen)
            secrets.remember(world)
            world.org.faults.clear()
        asked = world.org.count(0, endpoint)
    assert asked >= len(FAULTS[endpoint])
    assert secrets.leaks() == []


async def test_the_watch_sees_a_leak_wherever_it_is(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(redis_url, monkeypatch) as (world, secrets):
        seen = await reported(world)
        password = world.org.person("carl").password  # no shape by which it could be known
        await approves(world, seen, note=f"His is {password}")
        await contained(world, seen)
        await thread(world, seen, password)
        structlog.get_logger("services.leaky").debug("oops", value=password)
    where = {leak.rpartition(" in ")[2].split(":")[0] for leak in secrets.leaks()}
    assert {"log", "slack", "slack's screens", "redis case"} <= where
