"""What Slack knows about a person."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from services.resets.policy import Profile
from services.slack.client import translated
from services.slack.errors import SlackRefusedError


class People:
    """Reads profiles. Never keeps a name."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def profile(self, user_id: str) -> Profile:
        """Read one person's profile (`users.info`; the address needs `users:read.email`).

        Raises:
            SlackUnavailableError: Slack didn't answer.
            SlackRefusedError: Slack won't say, for example `user_not_found`.
        """
        with translated():
            answer = await self._client.users_info(user=user_id)
            return _profile(user_id, answer["user"])

    async def find(self, email: str) -> Profile | None:
        """Find the person with this address (`users.lookupByEmail`, by `users:read.email`).

        None: nobody has it, or whoever has it is deactivated, of whom Slack says the same.

        Raises:
            SlackUnavailableError: Slack didn't answer.
            SlackRefusedError: Slack won't say, for example `missing_scope`.
        """
        try:
            with translated():
                answer = await self._client.users_lookupByEmail(email=email)
                return _profile(answer["user"]["id"], answer["user"])
        except SlackRefusedError as refused:
            if refused.code == "users_not_found":
                return None
            raise


def _profile(user_id: str, user: Mapping[str, Any]) -> Profile:
    if not isinstance(user["id"], str):
        raise TypeError("nobody's")  # an empty answer must not pass for somebody without a mark
    profile = user.get("profile") or {}
    enterprise = user.get("enterprise_user") or {}
    teams = (user.get("team_id"), enterprise.get("enterprise_id"), *(enterprise.get("teams") or ()))
    return Profile(
        user_id=user_id,
        email=profile.get("email") or None,
        # Only an explicit false denies: the field is absent where Slack doesn't ask people
        # to confirm, for example behind single sign-on.
        is_email_confirmed=user.get("is_email_confirmed") is not False,
        deleted=bool(user.get("deleted")),
        is_bot=bool(user.get("is_bot")) or user_id == "USLACKBOT",
        is_restricted=bool(user.get("is_restricted")),
        is_ultra_restricted=bool(user.get("is_ultra_restricted")),
        is_stranger=bool(user.get("is_stranger")),
        teams=frozenset(one for one in teams if one),
    )
