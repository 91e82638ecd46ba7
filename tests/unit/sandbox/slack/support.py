"""A bot of three lines to test the workspace with, and shorthand for blocks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from slack_sdk.errors import SlackApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Answer = tuple[int, dict[str, str], bytes]
OK: Answer = (200, {}, b"")


def json_answer(body: dict[str, Any]) -> Answer:
    return 200, {"content-type": "application/json"}, json.dumps(body).encode()


@dataclass
class Bot:
    """A transport that keeps what Slack sent and gives the answers it was told to give."""

    answers: list[Answer | Exception] = field(default_factory=list)
    received: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    before: Callable[[], Awaitable[object]] | None = None

    async def __call__(self, body: bytes, headers: dict[str, str]) -> Answer:
        self.received.append((body, headers))
        if self.before is not None:
            await self.before()
        answer = self.answers.pop(0) if self.answers else OK
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.received[-1][0].decode(), keep_blank_values=True))

    @property
    def payload(self) -> dict[str, Any]:
        body = self.received[-1][0].decode()
        parsed: dict[str, Any] = json.loads(
            body if body.startswith("{") else parse_qs(body)["payload"][0]
        )
        return parsed


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: object) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str, **more: object) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*elements: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str, value: str) -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def text_input(
    block_id: str, action_id: str, element: dict[str, Any] | None = None, **more: object
) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain("Reason"),
        "element": {"type": "plain_text_input", "action_id": action_id, **(element or {})},
        **more,
    }


def modal(*blocks: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "breach",
        "title": plain("Report a breach"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


async def refusal(call: Awaitable[object]) -> dict[str, Any]:
    """Return what Slack says when it refuses a call of the client."""
    with pytest.raises(SlackApiError) as caught:
        await call
    data: dict[str, Any] = caught.value.response.data
    return data


async def refused(call: Awaitable[object]) -> str:
    return str((await refusal(call))["error"])
