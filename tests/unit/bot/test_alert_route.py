"""The route for alerts among the others of the web process."""

from typing import Any, cast

import httpx
import pytest

from bot import web
from bot.alerts import AlertDoor
from bot.wiring_web import Web
from services.store.errors import StoreUnavailableError
from tests.unit.bot.alert_sender import ALERT, OLD, STRANGERS, Sender


class _NoRedis:
    async def moves(self) -> dict[str, int]:
        raise StoreUnavailableError("ConnectionError")


class _NoStores:
    health = _NoRedis()


def client_of(door: AlertDoor | None) -> httpx.AsyncClient:
    """A client of a web process with nothing but this door behind it."""
    app = web.build(
        Web(cast("Any", None), intake=None, stores=cast("Any", _NoStores()), alerts=door)
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.test")


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_without_a_secret_there_is_no_such_door(method: str) -> None:
    answer = await client_of(None).request(method, "/alerts", content=b"{}")

    assert answer.status_code == 404


async def test_answers_are_counted() -> None:
    sender = Sender(OLD)
    sender.client = client_of(sender.door)
    await sender.send(ALERT)
    await sender.send(ALERT)
    await sender.send(ALERT, secret=STRANGERS)
    refused = await sender.client.put("/alerts", content=b"{}")
    metrics = (await sender.client.get("/metrics")).text

    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    for status in ("202", "200", "401", "405"):
        assert f'alert_requests_total{{status="{status}"}} 1.0' in metrics
