"""The web process alone, with nobody at Slack's end, and what is sent to it."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.responses import Response

from bot.intake import dispatch
from bot.settings import Settings
from bot.wiring_web import Web, build_web
from sandbox.salesforce.apps import key_pair
from sandbox.slack import seed

PROJECT = Path(__file__).parents[2]


def manifest() -> dict[str, Any]:
    return dict(json.loads((PROJECT / "manifest.json").read_text()))


@contextlib.asynccontextmanager
async def a_web(redis_url: str) -> AsyncIterator[Web]:
    built = build_web(
        Settings.load(
            {
                "SLACK_BOT_TOKEN": seed.BOT_TOKEN,
                "SLACK_SIGNING_SECRET": seed.SIGNING_SECRET,
                "SLACK_API_URL": "http://127.0.0.1:1/api/",  # nobody answers there
                "REDIS_URL": redis_url,
                "SALESFORCE_LOGIN_URL": "http://127.0.0.1:1",
                "SALESFORCE_CONSUMER_KEY": "key",
                "SALESFORCE_PRIVATE_KEY": key_pair("names").private,
                "SALESFORCE_USERNAME": "bot@acme.example",
                "IT_CHANNEL": seed.IT_CHANNEL,
            }
        ),
        redis_url,
    )
    try:
        yield built
    finally:
        await built.aclose()


def press(action_id: str) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U0ADA", "team_id": "T1"},
        "team": {"id": "T1"},
        "api_app_id": "A1",
        "trigger_id": "1.2.3",
        "container": {"type": "message", "channel_id": "C1", "message_ts": "1.2"},
        "channel": {"id": "C1"},
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": "0" * 32}],
    }


async def dispatched(web: Web, payload: dict[str, Any]) -> int:
    return (await _answer(web, payload)).status_code


async def said(web: Web, payload: dict[str, Any]) -> str:
    return bytes((await _answer(web, payload)).body).decode()


async def _answer(web: Web, payload: dict[str, Any]) -> Response:
    return await dispatch(web.app, payload, {})
