"""A sender of alerts, signed as Standard Webhooks has it, and what it finds behind the door."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPMethod
from typing import Any

import httpx
from pydantic import SecretStr
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.routing import Route

from bot.alerts import AlertDoor, TakeAlert
from services.cases.alerts import AlertReport, once_keys
from services.store.errors import StoreUnavailableError

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SIEM = "whsec_plJ3nmyCDGBKInavdOK15jsl4Hn0yqx0"
STRANGERS = "whsec_" + "A" * 40
ORGS = ("production", "partner")
ALERT = {"id": "4711", "user": "ada@acme.example", "reason": "Two countries within ten minutes"}


class Reports:
    """Takes alerts as the real thing does: what is known makes no second case."""

    def __init__(self) -> None:
        self.taken: list[AlertReport] = []
        self.is_down = False
        self._known: dict[str, str] = {}

    async def take(self, report: AlertReport) -> tuple[str, bool]:
        if self.is_down:
            raise StoreUnavailableError("ConnectionError")
        names = once_keys(report)
        for name in names:
            if name in self._known:
                return self._known[name], False
        self.taken.append(report)
        case_id = f"case-{len(self.taken)}"
        self._known |= dict.fromkeys(names, case_id)
        return case_id, True


def signed(
    body: bytes, *, secret: str = OLD, webhook_id: str = "msg_1", age: float = 0
) -> dict[str, str]:
    """The headers of an alert that was signed so many seconds ago."""
    at = int(time.time() - age)
    # Signs any bytes: the library's own call takes nothing but text.
    text = body.decode(errors="replace")
    signature = Webhook(secret).sign(webhook_id, datetime.fromtimestamp(at, UTC), text)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(at),
        "webhook-signature": signature,
    }


class Sender:
    """Knocks at the door in this process."""

    def __init__(self, *secrets: str, take: TakeAlert | None = None) -> None:
        self.reports = Reports()
        self.door = AlertDoor([SecretStr(one) for one in secrets], ORGS, take or self.reports.take)
        self.app = Starlette(routes=[Route("/alerts", self.door.handle, methods=[*HTTPMethod])])
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://bot.test"
        )

    async def send(
        self, alert: dict[str, Any], *, secret: str = OLD, webhook_id: str = "msg_1", age: float = 0
    ) -> httpx.Response:
        """Sign and send an alert."""
        body = json.dumps(alert).encode()
        return await self.knock(body, signed(body, secret=secret, webhook_id=webhook_id, age=age))

    async def knock(self, body: bytes, headers: Mapping[str, str | bytes]) -> httpx.Response:
        """Send whatever it is with these headers."""
        sent = {
            name.encode(): value if isinstance(value, bytes) else value.encode("latin-1")
            for name, value in headers.items()
        }
        return await self.client.post("/alerts", content=body, headers=sent)
