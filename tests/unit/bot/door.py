"""The bot's door, and a hand that knocks at it as Slack does."""

import time

import httpx
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.routing import Route

from bot.intake import Intake

SECRET = "a-signing-secret"
FORM = "application/x-www-form-urlencoded"


class Door:
    """The intake in front of an app without listeners."""

    def __init__(self) -> None:
        self.app = AsyncApp(
            signing_secret="unused",
            process_before_response=True,
            request_verification_enabled=False,
            authorize=_authorize,
        )

        intake = Intake(self.app, SECRET)
        asgi = Starlette(routes=[Route("/slack/events", intake.handle, methods=["POST"])])
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(asgi), base_url="http://bot.test"
        )

    async def knock(
        self,
        body: bytes,
        *,
        content_type: str = FORM,
        timestamp: str | None = None,
        signature: str | None = None,
    ) -> httpx.Response:
        at = timestamp if timestamp is not None else str(int(time.time()))
        if signature is None:
            signature = SignatureVerifier(SECRET).generate_signature(timestamp=at, body=body) or ""
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": at,
            "x-slack-signature": signature,
        }
        return await self.client.post("/slack/events", content=body, headers=headers)


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-test")
