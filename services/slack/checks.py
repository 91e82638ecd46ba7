"""What a check of the set-up reads from Slack: the token, its scopes, the channel, the groups."""

from pydantic import BaseModel, ConfigDict
from slack_sdk.web.async_client import AsyncWebClient

from services.slack.client import translated

MOST_MEMBERS = 200
"""Members of a channel that are looked at: `users.info` allows some 100 calls a minute."""


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True)


class Installation(_Facts):
    """Whose token it is, and what it may do."""

    bot_user_id: str
    scopes: frozenset[str]
    """From the header `x-oauth-scopes`; empty where Slack didn't send it."""


class Channel(_Facts):
    """What kind of channel it is."""

    is_private: bool
    is_archived: bool
    is_member: bool
    """Whether the bot is in it."""
    is_shared_outside: bool
    """With another company by Slack Connect, or about to be."""


class Members(_Facts):
    """Ids of a channel's members."""

    ids: tuple[str, ...]
    all_read: bool


class SlackChecks:
    """Reads only. Every method raises `SlackUnavailableError` or `SlackRefusedError`."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def installation(self) -> Installation:
        """Ask whose token it is (`auth.test`, which needs no scope)."""
        with translated():
            answer = await self._client.auth_test()
        headers = {str(name).lower(): value for name, value in answer.headers.items()}
        granted = str(headers.get("x-oauth-scopes") or "").split(",")
        scopes = frozenset(scope.strip() for scope in granted if scope.strip())
        return Installation(bot_user_id=str(answer.get("user_id") or ""), scopes=scopes)

    async def try_app_token(self, app_token: str) -> None:
        """Return when the app-level token opens Socket Mode. Nothing connects."""
        with translated():
            await self._client.apps_connections_open(app_token=app_token)

    async def channel(self, channel_id: str) -> Channel:
        """Read what kind of channel it is; a private one without the bot is `channel_not_found`."""
        with translated():
            answer = await self._client.conversations_info(channel=channel_id)
        told = answer.get("channel") or {}
        within_company = bool(told.get("is_org_shared"))
        return Channel(
            is_private=bool(told.get("is_private")),
            is_archived=bool(told.get("is_archived")),
            is_member=bool(told.get("is_member")),
            is_shared_outside=bool(told.get("is_ext_shared"))
            or bool(told.get("is_pending_ext_shared"))
            or (bool(told.get("is_shared")) and not within_company),
        )

    async def members(self, channel_id: str) -> Members:
        """Read who is in a channel, at most `MOST_MEMBERS` of them."""
        with translated():
            answer = await self._client.conversations_members(
                channel=channel_id, limit=MOST_MEMBERS
            )
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        return Members(ids=tuple(answer.get("members") or ()), all_read=not cursor)

    async def group_members(self, group_id: str) -> frozenset[str]:
        """Read who is in a user group (paid plans only)."""
        with translated():
            answer = await self._client.usergroups_users_list(usergroup=group_id)
        return frozenset(answer.get("users") or ())
