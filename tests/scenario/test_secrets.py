"""What must never be written down isn't: not in the log at its most talkative, not in Redis, not in
what Slack is sent, whatever happens on the way.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import structlog
from valkey.asyncio import Valkey

from sandbox.salesforce import faults, org
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.records import Session
from sandbox.slack import seed
from sandbox.slack.faults import Fault as SlackFault
from tests.scenario.breach_steps import card, denies
from tests.scenario.steps import TOKEN_MAIL, ended, has, impatient, offered
from tests.scenario.traces import everything_in, logged
from tests.scenario.world import World, a_world

POSTED = "hunter2Kd9fTq2LmXw7RbYz4HsVnC3eP"
QUESTION = "May I, with the nightly sync?"


@dataclass
class Secrets:
    """What was secret at any time, by name, and everything that was ever written down."""

    known: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    def remember(self, world: World) -> None:
        """Add what is secret now."""
        for user in world.org.users.values():
            self.known[f"token of {user.username}, {len(self.known)}"] = user.security_token
            self.known[f"password of {user.username}, {len(self.known)}"] = user.password

    def leaks(self) -> list[str]:
        """Name each secret that was written down, and where."""
        return [
            f"{name} in {place}"
            for name, secret in self.known.items()
            for place, text in self.written.items()
            if secret and secret in text
        ]


@contextlib.asynccontextmanager
async def watched(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, method: str = "token"
) -> AsyncIterator[tuple[World, Secrets]]:
    """A world in which every secret is known as it comes up, and each way out is looked at."""
    secrets = Secrets()
    opened: list[Session] = []
    open_session = org.Org.open_session

    def kept(self: org.Org, *args: object, **more: object) -> Session:
        session: Session = open_session(self, *args, **more)  # type: ignore[arg-type]  # as given
        opened.append(session)
        return session

    monkeypatch.setattr(org.Org, "open_session", kept)
    impatient(monkeypatch)
    with logged("DEBUG") as log:
        async with a_world(redis_url, LOG_LEVEL="DEBUG", SALESFORCE_RESET_METHOD=method) as world:
            secrets.remember(world)
            signatures: list[str] = []
            signed = world.slack.dispatcher.signed

            def spied(*args: object) -> tuple[bytes, dict[str, str]]:
                body, headers = signed(*args)  # type: ignore[arg-type]  # as given
                signatures.append(headers["X-Slack-Signature"])
                return body, headers

            monkeypatch.setattr(world.slack.dispatcher, "signed", spied)
            yield world, secrets
            secrets.remember(world)
            for number, session in enumerate(opened):
                secrets.known[f"session {number} of {session.user.username}"] = session.token
            for number, signature in enumerate(signatures):
                secrets.known[f"signature {number}"] = signature.removeprefix("v0=")
            assert opened
            assert signatures
            secrets.known |= {
                "bot token": seed.BOT_TOKEN,
                "signing secret": seed.SIGNING_SECRET,
                "key of the bot's app": _middle(world.org.bot_private_key_pem),
                "key of the users' app": _middle(world.org.user_app_private_key_pem),
                "what was posted in the DM": POSTED,
            }
            secrets.written |= {
                f"redis {key}": text
                for key, text in (await everything_in(redis_url)).items()
                if not key.startswith("response_url:")
            }
            secrets.written["slack"] = repr(
                [call.args for call in world.slack.calls if call.method != "users.info"]
            )
            secrets.written["slack's screens"] = repr(
                [shown.blocks for name in ("ada", "ivan") for shown in world.person(name).sees()]
            )
            urls = [
                text
                for key, text in (await everything_in(redis_url)).items()
                if key.startswith("response_url:")
            ]
            assert urls
            secrets.known |= {
                f"response_url {n}": url.rpartition("/")[2] for n, url in enumerate(urls)
            }
    secrets.written["log"] = log.getvalue()
    assert len(secrets.written["log"].splitlines()) > 20


def _middle(pem: str) -> str:
    return pem.splitlines()[5]


async def told_everywhere(world: World) -> None:
    """Use every way in which something is said about a reset that has ended."""
    ada, ivan = world.person("ada"), world.person("ivan")
    steps = await ada.sees_soon(has("reset.not_me"), 10, channel="dm")
    await ada.presses("reset.no_email", steps)
    await ada.sees_soon("Check these first", channel="dm")
    await ada.presses("reset.not_me", steps)
    await denies(world, await card(world))
    await ivan.sees_soon("Denied* by", channel="it-approvals")
    await ada.says(POSTED)
    await ada.sees_soon("looks like a security token", channel="dm")
    await ada.types("/reset-token status")


async def question_and_answer(world: World) -> None:
    ada, ivan = world.person("ada"), world.person("ivan")
    await ada.presses("reset.ask_it", await offered(world))
    await ada.submits({"question": QUESTION})
    await ivan.presses(
        "ask_it.go_ahead",
        await ivan.sees_soon(has("ask_it.go_ahead"), channel="it-approvals"),
    )
    await ada.sees_soon(has("reset.confirm"), 10, channel="dm")


async def test_a_token_reset_writes_no_secret_down(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(redis_url, monkeypatch) as (world, secrets):
        await question_and_answer(world)
        await world.person("ada").presses("reset.confirm")
        assert (await ended(world)).state == "done"
        assert world.org.mailbox("ada@acme.example")[-1].security_token
        await told_everywhere(world)
    assert secrets.leaks() == []
    assert "eyJ" not in repr(secrets.written), "no assertion either"
    assert QUESTION not in secrets.written["log"], "and no words of people's either"
    assert "ada@acme.example" not in secrets.written["log"]


async def test_a_password_reset_writes_no_secret_down(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(redis_url, monkeypatch, "password") as (
        world,
        secrets,
    ):
        ada = world.person("ada")
        await ada.presses("reset.confirm", await offered(world))
        assert (await ended(world)).state == "done"
        secrets.remember(world)  # the temporary password, which the answer carried
        mail = world.org.mailbox("ada@acme.example")[-1]
        assert mail.link_code
        secrets.known["code of the mailed link"] = mail.link_code
        world.org.set_password_from_link(mail, "A-new-one-of-19-letters")
        assert world.org.mailbox("ada@acme.example")[-1].subject == TOKEN_MAIL
        await told_everywhere(world)
    assert secrets.leaks() == []


FAULTS = {
    "token": [
        ("token", faults.truncated()),
        ("token", faults.html_unauthorized()),
        ("singleaccess", faults.truncated()),
        ("singleaccess", faults.hang()),
        ("frontdoor", faults.drop()),
        ("frontdoor", faults.to_login()),
        ("page", faults.cut_off()),
        ("submit", faults.drop(after_effect=True)),
        ("submit", faults.hang(after_effect=True)),
        ("result", faults.truncated()),
        ("logout", faults.drop()),
        ("revoke", faults.hang()),
    ],
    "password": [
        ("password", faults.truncated()),
        ("password", faults.cut_off()),
        ("password", faults.drop(after_effect=True)),
        ("password", faults.hang(after_effect=True)),
        ("password", faults.odd_unauthorized()),
        ("password", faults.status(503, after_effect=True)),
    ],
}


@pytest.mark.parametrize("method", FAULTS)
async def test_no_fault_of_salesforces_writes_a_secret_down(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The text of a foreign exception is where they would come from."""
    async with watched(redis_url, monkeypatch, method) as (world, secrets):
        for endpoint, fault in FAULTS[method]:
            await _one_reset(world, endpoint, fault)
            secrets.remember(world)
            world.clock.forward(minutes=11)
    assert secrets.leaks() == []


async def _one_reset(world: World, endpoint: str, fault: Fault) -> None:
    ada = world.person("ada")
    warning = await offered(world)
    world.org.faults.clear()
    world.org.faults.add(endpoint, fault)
    await ada.presses("reset.confirm", warning)
    shown = await ada.sees_soon(
        lambda one: one.ts == warning.ts and one.plain != warning.plain and "…" not in one.plain[-1]
    )
    if has("reset.cancel")(shown):
        await ada.presses("reset.cancel", shown)
    await ended(world)


async def test_no_fault_of_slacks_writes_a_secret_down(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(redis_url, monkeypatch) as (world, secrets):
        for method in ("users.info", "response_url", "chat.postMessage"):
            for fault in (
                SlackFault(lost="after", times=1),
                SlackFault(status=500, times=1),
                SlackFault(status=429, retry_after=1, times=1),
                SlackFault(error="internal_error", times=1),
            ):
                world.slack.faults.add(method, fault)
        await world.person("ada").types("/reset-token")
        await world.person("ada").sees_soon(has("reset.confirm"), 30)
    assert secrets.leaks() == []


async def test_the_watch_sees_a_leak_wherever_it_is(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(redis_url, monkeypatch) as (world, secrets):
        await offered(world)
        token = world.org.person("ada").security_token
        structlog.get_logger("services.leaky").debug("oops", value=token)
        async with Valkey.from_url(redis_url) as client:
            await client.hset("reset:x", "d", f"quoted: {token}")
            await client.xadd("stream", {"x": token * 20})
    where = {leak.rpartition(" in ")[2] for leak in secrets.leaks()}
    assert where == {"log", "redis reset:x", "redis stream"}
