"""A writer to Redis can't run code in the worker: no pickle that names code is read.

Docket unpickles jobs before any check of ours, so its reader is replaced. Here a pickle that calls
a function is planted at every door, and first without the replacement, to show what it prevents.
"""

import ast
import asyncio
import contextlib
import importlib.util
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cloudpickle  # type: ignore[import-untyped]  # it has no types
import pytest
from docket import Docket
from hypothesis import given
from hypothesis import strategies as st

from services.jobs import unpickling
from services.jobs.queue import JobQueue
from services.store.outbox import Entry
from tests.counting import Count

PATIENCE = 20
RAN: list[str] = []


def run_code(mark: str) -> str:
    """What an attacker would run."""
    RAN.append(mark)
    return mark


class Code:
    """Reading this from a pickle calls a function."""

    def __reduce__(self) -> tuple[Callable[[str], str], tuple[str]]:
        return run_code, ("ran",)


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    RAN.clear()


async def by_place(docket: Docket) -> None:
    await docket.add("tell", key="planted")(Code())


async def by_name(docket: Docket) -> None:
    await docket.add("tell", key="planted")(item_id=Code())


async def as_a_timer(docket: Docket) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=300)
    await docket.add("tell", when=soon, key="planted")(Code())


async def as_a_strike(docket: Docket) -> None:
    """A strike tells workers which jobs to leave out, compared with a value from Redis."""
    await docket.strike("nothing", "item_id", "==", Code())


Door = Callable[[Docket], Awaitable[None]]

LAST_WORD: dict[Door, str] = {
    by_place: "job.unreadable",
    by_name: "job.unreadable",
    as_a_timer: "job.unreadable",
    as_a_strike: "job.payload_refused",
}
"""What is logged last of what came in by a door."""

DOORS = list(LAST_WORD)


@contextlib.asynccontextmanager
async def a_worker(redis_url: str, ran: asyncio.Queue[str]) -> AsyncIterator[JobQueue]:
    queue = JobQueue(redis_url, redelivery=timedelta(seconds=1))
    queue.register("tell", ran.put)
    async with asyncio.TaskGroup() as group:  # a worker that ends by an error ends the test by it
        task = group.create_task(queue.run(asyncio.Event().wait))  # type: ignore[arg-type]  # it waits
        yield queue
        task.cancel()


async def plant(redis_url: str, door: Door) -> None:
    """Write to Redis as anybody could who reaches it: with Docket's own client.

    That client reads strikes too, and may be quick enough to read its own.
    """
    async with Docket(name="resets", url=redis_url) as docket:
        docket.register(_tell, names=["tell"])
        await door(docket)
    RAN.clear()


async def _tell(item_id: str) -> None:
    raise NotImplementedError(item_id)


@pytest.mark.parametrize("door", DOORS)
async def test_without_the_restriction_a_planted_pickle_would_run(
    redis_url: str, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpickling, "restrict", lambda: None)
    monkeypatch.setattr(cloudpickle, "loads", pickle.loads)
    await plant(redis_url, door)
    async with a_worker(redis_url, asyncio.Queue()), asyncio.timeout(PATIENCE):
        while not RAN:  # noqa: ASYNC110  whoever runs it tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("door", DOORS)
async def test_a_planted_pickle_does_not_run_and_holds_nobody_up(
    redis_url: str, door: Door, caplog: pytest.LogCaptureFixture, count: Count
) -> None:
    await plant(redis_url, door)
    ran: asyncio.Queue[str] = asyncio.Queue()
    async with a_worker(redis_url, ran) as queue, asyncio.timeout(PATIENCE):
        while LAST_WORD[door] not in caplog.text:  # noqa: ASYNC110  a log wakes nobody
            await asyncio.sleep(0.01)
        assert "job.payload_refused" in caplog.text
        await queue.add(Entry("1-1", "tell", "a-good-one", None))
        assert await ran.get() == "a-good-one", "the worker goes on"
    assert ran.empty()
    assert RAN == []
    count("pickles that name code, planted in Redis and refused", 1)


VALUES = st.recursive(st.text() | st.integers() | st.binary() | st.none(), st.lists)


@given(VALUES)
def test_plain_arguments_are_read_as_they_were_written(value: object) -> None:
    for kept in ((value,), {"item_id": value}):
        assert unpickling.read(cloudpickle.dumps(kept)) == kept


@given(VALUES)
def test_what_is_no_arguments_is_read_as_none(value: object) -> None:
    """Docket's worker would end by an error where it takes them apart."""
    read = unpickling.read(cloudpickle.dumps(value))
    assert [*read[:1], *read, *read.items()] == []  # type: ignore[index,union-attr,misc]  # as it does


NAMING = [
    pickle.dumps(Code()),
    b"cos\nsystem\n(S'true'\ntR.",  # the oldest protocol
    b"(S'true'\nios\nsystem\n.",
    b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
    b"\x82\x01.",  # an extension's code stands for a name
    b"Pwhatever\n.",  # a persistent id
    pickle.dumps(datetime(2026, 1, 2, tzinfo=UTC)),  # harmless, and a name all the same
]


@pytest.mark.parametrize("data", NAMING, ids=range(len(NAMING)))
def test_nothing_that_names_something_is_read(data: bytes) -> None:
    assert unpickling.read(data) == {}
    assert RAN == []


@given(st.binary(max_size=200))
def test_any_bytes_are_read_as_arguments_or_as_nothing(data: bytes) -> None:
    assert isinstance(unpickling.read(data), tuple | dict)


def test_docket_reads_pickles_in_no_other_way() -> None:
    """A newer Docket that unpickled by another name would pass by the restriction."""
    found = importlib.util.find_spec("docket")
    assert found is not None
    assert found.origin is not None
    ways = [
        ast.unparse(node)
        for path in Path(found.origin).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"loads", "load", "Unpickler"})
        or (isinstance(node, ast.Import | ast.ImportFrom) and "pickle" in ast.unparse(node))
    ]
    assert "cloudpickle.loads" in ways
    assert set(ways) <= {"import cloudpickle", "cloudpickle.loads", "json.loads"}
