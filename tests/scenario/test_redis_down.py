"""Redis goes away in the middle and comes back: nothing is half saved, nothing is claimed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.embedded import EmbeddedValkey
from sandbox.salesforce import faults
from services.resets.model import Reset
from services.resets.states import Move
from services.store.changes import Change
from services.store.errors import StoreUnavailableError
from services.store.resets import ResetStore
from tests.scenario.steps import (
    TOKEN_MAIL,
    UNCHANGED,
    answered,
    audit,
    done,
    ended,
    has,
    offered,
    on_screen,
)
from tests.scenario.traces import everything_in, lines, logged
from tests.scenario.world import World, a_world


@dataclass
class Server:
    """A Valkey of the test's own, to be stopped and started again on the same data."""

    valkey: EmbeddedValkey
    url: str

    @contextlib.asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        await asyncio.to_thread(self.valkey.stop)
        try:
            yield
        finally:
            assert await asyncio.to_thread(self.valkey.start) == self.url


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    valkey = EmbeddedValkey(tmp_path / "data", append_fsync="no")
    url = await asyncio.to_thread(valkey.start)
    yield Server(valkey, url)
    await asyncio.to_thread(valkey.stop)


@pytest.fixture
async def shaky(server: Server) -> AsyncIterator[World]:
    async with a_world(server.url) as world:
        yield world


async def resets(world: World, name: str = "ada") -> list[Reset]:
    return await world.web.stores.resets.newest_of(world.slack.person(name).id, 10)


async def test_down_at_the_command(shaky: World, server: Server) -> None:
    ada = shaky.person("ada")
    await done(shaky, "eve")
    with logged("INFO") as log:
        async with server.down():
            before = on_screen(ada)
            result = await ada.types("/reset-token")
            assert (result.status, result.error) == (200, None)
            shown = ada.sees("general")[-1]
            assert shown.ts not in before
            assert "I can't save anything right now" in shown.plain
            assert "started" in shown.plain
            assert UNCHANGED in shown.plain
            assert "try again" in shown.plain
            assert result.ack_ms < 3000
        assert await resets(shaky) == []
        warning = await offered(shaky)
        await ada.presses("reset.confirm", warning)
        assert (await ended(shaky)).state == "done"
    assert [line for line in lines(log) if line["event"] == "store.unavailable"]
    assert [one.requester.user_id for one in await resets(shaky)] == [ada.person.id]


async def test_down_at_status_and_help(shaky: World, server: Server) -> None:
    ada = shaky.person("ada")
    async with server.down():
        assert (await ada.types("/reset-token status")).error is None
        assert "can't save" in ada.sees("general")[-1].plain
        assert (await ada.types("/reset-token help")).error is None
        assert "/reset-token status" in ada.sees("general")[-1].plain


@pytest.mark.parametrize("button", ["reset.confirm", "reset.cancel", "reset.ask_it"])
async def test_down_at_a_press(shaky: World, server: Server, button: str) -> None:
    ada = shaky.person("ada")
    warning = await offered(shaky)
    async with server.down():
        before = on_screen(ada)
        result = await ada.presses(button, warning)
        assert result.error is None
        assert result.ack_ms < 3000
        await answered(ada, "I couldn't save your press, or can't tell whether I did", before)
        assert ada.modal is None
    assert (await shaky.newest("ada")).state == "awaiting_user"
    assert shaky.org.resets == []
    await ada.presses("reset.confirm", warning)
    assert (await ended(shaky)).state == "done"
    assert len(shaky.org.resets) == 1


async def test_down_when_a_question_is_sent(shaky: World, server: Server) -> None:
    ada = shaky.person("ada")
    warning = await offered(shaky)
    await ada.presses("reset.ask_it", warning)
    async with server.down():
        result = await ada.submits({"question": "Which job uses it?"})
        assert result.error is None
        assert "couldn't save" in result.errors["question"]
        assert ada.modal is not None, "what was typed is kept"
    assert (await ada.submits({})).errors == {}
    await ada.sees_soon("has your question", 10)
    assert (await shaky.newest("ada")).state == "awaiting_it"


async def test_down_at_a_press_below_the_next_steps(shaky: World, server: Server) -> None:
    ada = shaky.person("ada")
    steps = await done(shaky)
    async with server.down():
        assert (await ada.presses("reset.not_me", steps)).error is None
        await ada.sees_soon("I couldn't save your press")
    assert (await shaky.newest("ada")).not_me_at is None
    await ada.presses("reset.not_me", steps)
    await shaky.person("ivan").sees_soon(has("breach.deny"), 10, channel="it-approvals")


async def test_down_when_a_token_is_posted_in_the_dm(shaky: World, server: Server) -> None:
    """Slack sends an event again that wasn't taken."""
    ada = shaky.person("ada")
    async with server.down():
        result = await ada.says("hunter2Kd9fTq2LmXw7RbYz4HsVnC3eP")
        assert result.deliveries
        assert all(delivery.error for delivery in result.deliveries)
    assert "hunter2" not in str(await everything_in(server.url))


async def test_down_between_the_effect_and_its_outcome(
    shaky: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Salesforce answered is held until it can be saved."""
    failed = asyncio.Event()
    move = ResetStore.move

    async def watched(self: ResetStore, before: Reset | None, change: Change) -> Reset:
        try:
            return await move(self, before, change)
        except StoreUnavailableError:
            if change.move is Move.SUCCEED:
                failed.set()
            raise

    monkeypatch.setattr(ResetStore, "move", watched)
    ada = shaky.person("ada")
    warning = await offered(shaky)
    shaky.org.faults.add("result", faults.late(0.5))
    await ada.presses("reset.confirm", warning)
    await shaky.org.until(lambda: shaky.org.count(0, "result"), 10)
    async with server.down(), asyncio.timeout(10):
        await failed.wait()
    assert (await ended(shaky)).state == "done"
    await ada.sees_soon(TOKEN_MAIL, 10, channel="dm")
    assert len(shaky.org.resets) == 1
    assert shaky.org.count(0, "submit") == 1
    assert [row.what for row in await audit(shaky)].count("intend") == 1


async def test_down_while_it_is_being_prepared(shaky: World, server: Server) -> None:
    ada = shaky.person("ada")
    shaky.org.faults.add("query", faults.late(0.5))
    await ada.types("/reset-token")
    await shaky.org.until(lambda: shaky.org.count(0, "query"), 10)
    async with server.down():
        await shaky.person("eve").types("/reset-token")
    warning = await ada.sees_soon(has("reset.confirm"), 15)
    await ada.presses("reset.confirm", warning)
    assert (await ended(shaky)).state == "done"
    assert len(await resets(shaky)) == 1
