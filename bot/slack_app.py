"""The Bolt app: acks only once a listener is finished, and never logs what was sent."""

import logging

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from services.slack import client

log = structlog.get_logger(__name__)


def build_app(token: str, api_url: str) -> AsyncApp:
    """Build an app without listeners.

    The intake has verified what arrives, so Bolt's own check, which logs signature and body
    when it fails, is off.
    """
    quiet = logging.getLogger("slack_bolt")
    quiet.setLevel(logging.ERROR)

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        """Vouch for the one installation that there is.

        Left alone, Bolt would call `auth.test` in front of the first acks, and answer 200 to a
        press that it then drops when Slack doesn't answer.
        """
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    app = AsyncApp(
        name="reset-token-bot",
        client=client.build(token, api_url),
        authorize=authorize,
        # Known by their `bot_id`, where it matters.
        ignoring_self_events_enabled=False,
        logger=quiet,
        process_before_response=True,
        request_verification_enabled=False,
        # What this bot has no use for: each is a step in front of every ack.
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        signing_secret="verified by the intake",  # noqa: S106  Bolt wants some text here
    )
    app.error(_failed)
    return app


async def _failed(error: Exception) -> BoltResponse:
    """Refuse the ack: Slack then tells the person that the app didn't answer."""
    log.error("slack.listener_failed", error=type(error).__name__, exc_info=error)
    return BoltResponse(status=500, body="")
