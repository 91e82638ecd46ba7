"""What must never be written down isn't: not in the log at its most talkative, not in Redis, not in
what Slack is sent, whatever happens on the way.
"""

import base64
import contextlib
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

import pytest
import structlog
from valkey.asyncio import Valkey

from handlers.blocks import modal, section
from handlers.message import Message
from sandbox.salesforce import faults
from sandbox.salesforce.faults import Fault
from sandbox.slack.faults import Fault as SlackFault
from services.store import keys
from tests.scenario.breach_steps import card, denies
from tests.scenario.searching import Secrets
from tests.scenario.steps import TOKEN_MAIL, ended, has, impatient, offered
from tests.scenario.traces import logged
from tests.scenario.watching import Watch
from tests.scenario.world import World, a_world

POSTED = "hunter2Kd9fTq2LmXw7RbYz4HsVnC3eP"
QUESTION = "May I, with the nightly sync?"


@contextlib.asynccontextmanager
async def watched(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch, method: str = "token"
) -> AsyncIterator[World]:
    """A world whose worker soon gives up waiting, and whose screens are looked at too."""
    impatient(monkeypatch)
    watch.learn("what was posted in the DM", POSTED)
    async with a_world(redis_url, LOG_LEVEL="DEBUG", SALESFORCE_RESET_METHOD=method) as world:
        yield world
        watch.look_at_screens(world, "ada", "ivan")
    kinds = ("session", "Slack's signature", "response_url", "assertion")
    assert all(any(name.startswith(kind) for name in watch.known) for kind in kinds)


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
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    async with watched(redis_url, monkeypatch, watch) as world:
        await question_and_answer(world)
        await world.person("ada").presses("reset.confirm")
        assert (await ended(world)).state == "done"
        assert world.org.mailbox("ada@acme.example")[-1].security_token
        await told_everywhere(world)
    assert watch.leaks() == []
    assert "eyJ" not in repr(watch.written), "no assertion either"
    assert QUESTION not in watch.written["log"], "and no words of people's either"
    assert "ada@acme.example" not in watch.written["log"]


async def test_a_password_reset_writes_no_secret_down(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    async with watched(redis_url, monkeypatch, watch, "password") as world:
        ada = world.person("ada")
        await ada.presses("reset.confirm", await offered(world))
        assert (await ended(world)).state == "done"
        mail = world.org.mailbox("ada@acme.example")[-1]
        assert mail.link_code
        watch.remember(world)
        world.org.set_password_from_link(mail, "A-new-one-of-19-letters")
        assert world.org.mailbox("ada@acme.example")[-1].subject == TOKEN_MAIL
        await told_everywhere(world)
    assert watch.leaks() == []


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
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch, method: str
) -> None:
    """The text of a foreign exception is where they would come from."""
    async with watched(redis_url, monkeypatch, watch, method) as world:
        for endpoint, fault in FAULTS[method]:
            await _one_reset(world, endpoint, fault)
            watch.remember(world)
            world.clock.forward(minutes=11)
    assert watch.leaks() == []


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
    redis_url: str, monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    async with watched(redis_url, monkeypatch, watch) as world:
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
    assert watch.leaks() == []


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda one: f"quoted: '{one}'",
    "in hex": lambda one: f"xx{one.encode().hex()}xx",
    "in capital hex": lambda one: one.encode().hex().upper(),
    "in a URL": lambda one: f"https://x.example/?a={quote(one)}&b=c",
    "in base64": lambda one: base64.b64encode(one.encode()).decode(),
    "inside base64": lambda one: base64.b64encode(f'{{"a": "{one}"}}'.encode()).decode(),
    "inside base64 for URLs": lambda one: base64.urlsafe_b64encode(f"?{one}".encode()).decode(),
}


PEOPLE = ("ada", "eve", "ivan", "carl")
ACKS = " in acks of world 1"


@pytest.mark.parametrize("form", FORMS)
async def test_the_watch_sees_a_leak_wherever_it_is(world: World, watch: Watch, form: str) -> None:
    """Every secret that there is, in each form, in each place."""
    watch.may_leak = True
    await offered(world)
    by_kind = {name.partition(" of ")[0].partition(",")[0]: name for name in watch.known}
    assert {"token", "password", "session", "Slack's signature", "private key"} <= {*by_kind}
    secrets = sorted({watch.known[name] for name in by_kind.values()})
    leaks = [FORMS[form](one) for one in secrets]
    async with Valkey.from_url(world.redis_url) as client:
        for number, leak in enumerate(leaks):
            await client.set(f"s:{number}", leak)
            await client.hset(f"h:{number}", "d", leak)
            await client.rpush(f"l:{number}", leak)
            await client.sadd(f"set:{number}", leak)
            await client.zadd(f"z:{number}", {leak: 1})
            await client.xadd(f"x:{number}", {"d": leak})
            await client.hincrby(keys.MOVES, leak, 1)
    await watch.look(world)
    watch.log.write(f"before {leaks[0]} after")
    watch.written["slack"] = repr([{"blocks": [{"text": one} for one in leaks]}])
    found = watch.leaks()
    for number in range(len(leaks)):
        for kind in ("s", "h", "l", "set", "z", "x"):
            assert any(f"redis {kind}:{number} " in one for one in found), (kind, number)
    assert sum(one.endswith(" in slack") for one in found) >= len(leaks)
    assert sum(one.endswith(" in metrics of world 1") for one in found) >= len(leaks)
    assert any(one.endswith(" in log") for one in found)


async def test_the_watch_hears_what_the_bot_answers(
    world: World, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a command, in a form that stays or is replaced, and with a refusal that nobody sees."""
    watch.may_leak = True
    ada = world.person("ada")
    answered, marked, replaced, refused = (world.org.person(name) for name in PEOPLE)
    says(monkeypatch, "overview_messages.help_text", Message(answered.password, ()))
    assert (await ada.types("/reset-token help")).error is None

    await ada.presses("reset.ask_it", await offered(world))
    form = world.slack.modals.of(ada.person.id)
    assert form is not None
    about, form.view["private_metadata"] = form.view["private_metadata"], "0" * 32
    says(monkeypatch, "reset_messages.answer", Message(marked.password, ()))
    assert (await ada.submits({"question": QUESTION})).errors == {"question": marked.password}

    form.view |= {"private_metadata": about, "callback_id": "of.another.age"}
    view = modal("Sorry", [section(replaced.password)], close="Close")
    says(monkeypatch, "fallbacks.refused_view", view)
    assert (await ada.submits({})).error is None

    async def refuse(*_: object) -> tuple[int, dict[str, str], bytes]:
        return 500, {}, refused.password.encode()

    world.slack.dispatcher.transport = refuse
    assert (await ada.types("/reset-token")).status == 500
    leaks = [leak.partition(",")[0] for leak in watch.leaks() if leak.endswith(ACKS)]
    assert sorted(leaks) == sorted(f"password of {world.org.person(n).username}" for n in PEOPLE)


def says(monkeypatch: pytest.MonkeyPatch, what: str, said: object) -> None:
    """Let a conversation say this."""
    monkeypatch.setattr(f"handlers.{what}", lambda *_: said)


async def test_the_watch_catches_the_log(world: World, watch: Watch) -> None:
    watch.may_leak = True
    with logged() as inner:
        structlog.get_logger("services.leaky").debug(
            "oops", value=f"<{world.org.person('ada').password}>"
        )
    assert world.org.person("ada").password in inner.getvalue()
    assert any(one.endswith(" in log") for one in watch.leaks())


def test_what_is_no_secret_is_no_leak() -> None:
    watching = Secrets({"token": "Kd9fTq2LmXw7RbYz4HsVnC3eP"}, {"log": "Kd9fTq2LmXw7RbYz4HsVnC3e"})
    assert watching.leaks() == []
