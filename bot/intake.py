"""The door for everything that Slack sends: size, signature, parse, then Bolt."""

import json
from collections.abc import Mapping
from typing import Any, cast

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from yarl import query_to_pairs

from bot import bodies

log = structlog.get_logger(__name__)

LIMIT = 512 * 1024
"""Bytes of one request. A form with 100 blocks stays far below it."""


MOST_FIELDS = 100
"""Fields of one form. A command has a dozen."""


class _Place(BaseModel):
    """A team, an enterprise or a channel."""

    id: str | None = None
    domain: str | None = None


class _Channel(BaseModel):
    id: str = Field(min_length=1, max_length=64)


class _Person(BaseModel):
    id: str = Field(min_length=1, max_length=64)
    team_id: str | None = None


class _Option(BaseModel):
    value: str | None = None


class _Action(BaseModel):
    action_id: str = Field(min_length=1, max_length=255)
    selected_option: _Option | None = None


class _Container(BaseModel):
    """Where a button is: in a message, or in a view, which stands in no channel."""

    channel_id: str | None = None
    view_id: str | None = None


class _State(BaseModel):
    values: dict[str, dict[str, Any]] | None = None


class _View(BaseModel):
    model_config = ConfigDict(extra="allow")

    type: str
    id: str | None = None
    hash: str | None = None
    callback_id: str = ""
    private_metadata: str = ""
    state: _State | None = None


class _Command(BaseModel):
    command: str = Field(min_length=1)
    user_id: str = Field(min_length=1, max_length=64)


class _Interaction(BaseModel):
    user: _Person
    team: _Place | None = None
    enterprise: _Place | None = None


class _Blocks(_Interaction):
    actions: list[_Action] = Field(min_length=1)
    container: _Container | None = None
    channel: _Place | None = None
    view: _View | None = None
    response_url: str | None = None


class _MessageAt(BaseModel):
    """The message that a shortcut was used on. Some bots' messages name no user."""

    ts: str = Field(min_length=1, max_length=64)
    user: str | None = Field(default=None, max_length=64)
    thread_ts: str | None = None


class _Shortcut(_Interaction):
    callback_id: str = Field(min_length=1, max_length=255)
    trigger_id: str = Field(min_length=1)
    channel: _Channel
    message: _MessageAt
    response_url: str | None = None


class _GlobalShortcut(_Interaction):
    callback_id: str = Field(min_length=1, max_length=255)


class _Form(_Interaction):
    view: _View
    response_urls: list[dict[str, Any]] = []


class _Message(BaseModel):
    channel: str | dict[str, Any] | None = None
    user: str | dict[str, Any] | None = None


class _Event(BaseModel):
    team_id: str | None = None
    event: _Message
    authorizations: list[dict[str, Any]] | None = None


class _UrlVerification(BaseModel):
    challenge: str


_SHAPES: dict[str, TypeAdapter[Any]] = {
    kind: TypeAdapter(shape)
    for kind, shape in (
        ("command", _Command),
        ("block_actions", _Blocks),
        ("message_action", _Shortcut),
        ("shortcut", _GlobalShortcut),
        ("view_submission", _Form),
        ("view_closed", _Form),
        ("event_callback", _Event),
        ("url_verification", _UrlVerification),
    )
}
# Known to Slack and sent to every app alike; this bot has no use for them.
_UNUSED = frozenset({"block_suggestion", "app_rate_limited"})


class BadRequestError(Exception):
    """The body isn't one that Slack sends."""


class Intake:
    """Answers `POST /slack/events`. Never logs a body, a header or a signature.

    Bolt parses before it verifies, so unsigned rubbish would reach its parser; and it looks for
    the word "payload" in the raw body, so a command that holds the word is lost. Here the
    signature comes first, and Bolt gets the parsed dict.
    """

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret)

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        try:
            body = await bodies.read(request, LIMIT)
        except ClientDisconnect:
            return _refuse(400, "cut_off")
        except bodies.TooSlowError:
            return _refuse(408, "too_slow")
        if body is None:
            return _refuse(413, "too_large")
        if not self._signed(body, request.headers):
            return _refuse(401, "not_signed_by_slack")
        try:
            payload = parse(body, request.headers.get("content-type", ""))
        except BadRequestError:
            return _refuse(400, "malformed")
        return await dispatch(self._app, payload, request.headers)

    def _signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            return self._verifier.is_valid(
                body=body,
                timestamp=headers.get("x-slack-request-timestamp", ""),
                signature=headers.get("x-slack-signature", ""),
            )
        except Exception:  # noqa: BLE001  whatever it stumbles over, the request isn't verified
            return False


async def dispatch(app: AsyncApp, payload: dict[str, Any], headers: Mapping[str, str]) -> Response:
    """Hand a verified payload to Bolt.

    The mode is the one in which Bolt takes a parsed dict and doesn't verify again.
    """
    kept = {name: value for name, value in headers.items() if name.startswith("x-slack-retry")}
    answer = await app.async_dispatch(
        AsyncBoltRequest(
            mode="socket_mode",
            body=payload,
            headers=dict(kept),
            # While it reads the payload Bolt may log, and would look for its logger in vain.
            context={"logger": app.logger},
        )
    )
    return Response(
        content=answer.body,
        status_code=answer.status,
        headers=answer.first_headers_without_set_cookie(),
    )


def parse(body: bytes, content_type: str) -> dict[str, Any]:
    """Parse what Slack sends: a form, a form with a JSON `payload`, or JSON.

    Raises:
        BadRequestError: it is none of these, or lacks what every such payload has.
    """
    try:
        text = body.decode()
        if content_type.startswith("application/json"):
            payload = _read(text)
        else:
            fields = dict(query_to_pairs(text)) if text.count("&") < MOST_FIELDS else {}
            payload = _read(fields["payload"]) if "payload" in fields else fields
        _check(payload)
    except (ValueError, RecursionError, ValidationError):
        raise BadRequestError from None
    return cast("dict[str, Any]", payload)


def _read(text: str) -> object:
    payload: object = json.loads(text)
    if "\\ud" in text.lower():
        # Half of a surrogate pair is no character: neither Redis nor Slack could take it.
        json.dumps(payload, ensure_ascii=False).encode()
    return payload


def _check(payload: object) -> None:
    """Look whether a payload has what every one of its kind has. Raises `ValueError`."""
    if not isinstance(payload, dict):
        raise ValueError("no object")  # noqa: TRY004  one kind of error for one kind of refusal
    kind = "command" if "command" in payload else payload.get("type")
    if not isinstance(kind, str) or kind not in _SHAPES.keys() | _UNUSED:
        raise ValueError("no kind that is known")
    if kind in _UNUSED:
        return
    _SHAPES[kind].validate_python(payload)


def _refuse(status: int, error: str) -> Response:
    log.info("slack.request_refused", status=status, error=error)
    return JSONResponse({"error": error}, status_code=status)
