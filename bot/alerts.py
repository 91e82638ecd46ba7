"""The door for signed alerts: size, signature, body, then the report."""

from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog
from pydantic import SecretStr
from standardwebhooks import Webhook
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot import alert_body, bodies
from bot.alert_body import BadAlertError
from services.cases.alerts import AlertReport
from services.store.errors import StoreUnavailableError

log = structlog.get_logger(__name__)

LIMIT = 64 * 1024
"""Bytes of one alert. What is kept of one is less than half of it."""

AGAIN_AFTER = 5
"""Seconds after which a sender may ask again while Redis doesn't answer."""

TakeAlert = Callable[[AlertReport], Awaitable[tuple[str, bool]]]
"""Saves an alert; returns the id of its case, and whether the alert is a new one.

Raises `StoreUnavailableError`: whether it was saved isn't known.
"""


class AlertDoor:
    """Answers `/alerts`. Never logs a body, a header or a signature."""

    def __init__(
        self, secrets: Sequence[SecretStr], orgs: Collection[str], take: TakeAlert
    ) -> None:
        self._webhooks = [Webhook(secret.get_secret_value()) for secret in secrets]
        self._orgs = orgs
        self._take = take

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        if request.method != "POST":
            return _refuse(405, "post_only", "Alerts are sent with POST.", {"Allow": "POST"})
        try:
            body = await bodies.read(request, LIMIT)
        except ClientDisconnect:
            return _refuse(400, "cut_off", "The body ended before its end. Send it again.")
        except bodies.TooSlowError:
            return _refuse(408, "too_slow", _TOO_SLOW)
        if body is None:
            return _refuse(413, "too_large", _TOO_LARGE)
        headers = dict(request.headers)
        secret = self._signed_with(body, headers)
        if secret is None:
            return _refuse(401, "not_signed", _NOT_SIGNED)
        try:
            alert = alert_body.parse(body, self._orgs)
        except BadAlertError as error:
            return _refuse(422, "malformed", _MALFORMED, fields=error.fields)
        return await self._report(
            AlertReport(
                webhook_id=headers["webhook-id"],
                alert_id=alert.id,
                user=alert.user,
                org=alert.org,
                reason=alert.reason,
                source=alert.source,
                severity=alert.severity,
                evidence=alert.evidence,
                secret=secret,
                secrets=len(self._webhooks),
            )
        )

    def _signed_with(self, body: bytes, headers: dict[str, str]) -> int | None:
        """Which secret the request is signed with, counted from 1. None: with none of them."""
        for number, webhook in enumerate(self._webhooks, start=1):
            try:
                webhook.verify(body, headers, json_parse=False)
            except Exception:  # noqa: BLE001, S112  whatever it stumbles over: it doesn't fit
                continue
            return number
        return None

    async def _report(self, report: AlertReport) -> Response:
        try:
            case_id, is_new = await self._take(report)
        except StoreUnavailableError as error:
            log.warning("store.unavailable", action="alerts", code=error.code)
            again = {"Retry-After": str(AGAIN_AFTER)}
            return _refuse(503, "store_unavailable", _UNAVAILABLE, again)
        if is_new:
            return JSONResponse({"id": case_id, "status": "reported"}, status_code=202)
        return JSONResponse({"id": case_id, "status": "known"})


_TOO_LARGE = (
    f"The body is larger than {LIMIT} bytes. Nothing was reported. Send the alert with less in it."
)
_TOO_SLOW = (
    f"The body took longer than {bodies.PATIENCE:.0f} seconds. Nothing was reported. Send it again."
)
_NOT_SIGNED = (
    "The signature fits none of the bot's secrets, or its time isn't within five minutes of the"
    " bot's clock. Nothing was reported. Sign the alert afresh and send it again."
)
_MALFORMED = "Nothing was reported. Mend what `fields` names and send the alert again."
_UNAVAILABLE = (
    "The bot can't save anything now; whether it saved this alert isn't known. Send it again, with"
    " the same webhook-id: it won't be reported twice."
)


def _refuse(
    status: int,
    error: str,
    message: str,
    headers: dict[str, str] | None = None,
    fields: dict[str, str] | None = None,
) -> Response:
    log.info("alert.request_refused", status=status, error=error, fields=list(fields or ()))
    content = {"error": error, "message": message} | ({"fields": fields} if fields else {})
    return JSONResponse(content, status_code=status, headers=headers)
