import asyncio
import logging
import time

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.serving import cut_connection, serving


def _app(entered: asyncio.Event) -> Starlette:
    async def hello(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    async def stuck(_request: Request) -> PlainTextResponse:
        entered.set()
        await asyncio.Event().wait()
        return PlainTextResponse("never")

    return Starlette(routes=[Route("/", hello), Route("/stuck", stuck)])


async def test_serves_on_a_free_loopback_port() -> None:
    async with serving(_app(asyncio.Event())) as origin, aiohttp.ClientSession() as session:
        assert origin.startswith("http://127.0.0.1:")
        async with session.get(origin) as answer:
            assert await answer.text() == "hello"


async def test_stops_at_once_with_open_connections_and_running_requests(
    caplog: pytest.LogCaptureFixture,
) -> None:
    entered = asyncio.Event()
    async with aiohttp.ClientSession() as session:
        async with serving(_app(entered)) as origin:
            async with session.get(origin) as answer:
                assert answer.status == 200
            waiting = asyncio.create_task(session.get(f"{origin}/stuck"))
            await entered.wait()
            began = time.perf_counter()
        assert time.perf_counter() - began < 0.5
        with pytest.raises(aiohttp.ClientError):
            await waiting
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_a_caller_who_dies_meanwhile_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    entered, gone, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, _send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        request = Request(scope, receive)
        await request.body()
        entered.set()
        await gone.wait()
        try:
            await Request(scope, receive).body()
        finally:
            ended.set()

    async with serving(slow) as origin:
        _, writer = await asyncio.open_connection("127.0.0.1", int(origin.rpartition(":")[2]))
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
        await entered.wait()
        writer.transport.abort()
        gone.set()
        await ended.wait()
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_the_port_is_free_again_afterwards() -> None:
    async with serving(_app(asyncio.Event())) as origin:
        port = int(origin.rsplit(":", 1)[1])
    async with serving(_app(asyncio.Event()), port=port) as again:
        assert again == origin


async def test_a_taken_port_is_refused() -> None:
    async with serving(_app(asyncio.Event())) as origin:
        port = int(origin.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"):
            async with serving(_app(asyncio.Event()), port=port):
                pass


async def test_a_cut_connection_gives_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def cut(request: Request) -> PlainTextResponse:
        await cut_connection(request.scope)

    app = Starlette(routes=[Route("/cut", cut), *_app(asyncio.Event()).routes])
    async with serving(app) as origin, aiohttp.ClientSession() as session:
        async with session.get(origin) as answer:
            assert answer.status == 200
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await session.get(f"{origin}/cut")
        async with session.get(origin) as answer:
            assert answer.status == 200
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
