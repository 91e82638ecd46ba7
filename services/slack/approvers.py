"""Who may decide for IT. Asked at every press, and closed when Slack can't say."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from slack_sdk.web.async_client import AsyncWebClient

from services.clock import Clock
from services.slack.client import translated
from services.slack.errors import SlackError

CACHED_FOR = timedelta(minutes=1)
"""`usergroups.users.list` allows some 20 calls a minute, so its answer is kept a little."""


class ApproversUnknownError(Exception):
    """A user group couldn't be read, so nobody can be let in by it."""


class Approvers:
    """The people and user groups of `IT_APPROVERS`. Empty means nobody."""

    def __init__(self, client: AsyncWebClient, ids: Sequence[str], clock: Clock) -> None:
        self._client = client
        self.ids = tuple(ids)
        self._people = frozenset(one for one in ids if not one.startswith("S"))
        self._groups = tuple(one for one in ids if one.startswith("S"))
        self._clock = clock
        self._members: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._lock = asyncio.Lock()

    async def include(self, user_id: str) -> bool:
        """Whether this person may decide.

        Raises:
            ApproversUnknownError: not named by id, and a group couldn't be read.
        """
        if user_id in self._people:
            return True
        unreadable = False
        for group in self._groups:
            try:
                if user_id in await self._members_of(group):
                    return True
            except SlackError:
                unreadable = True
        if unreadable:
            raise ApproversUnknownError
        return False

    async def _members_of(self, group: str) -> frozenset[str]:
        async with self._lock:
            known = self._members.get(group)
            if known and self._clock() - known[0] < CACHED_FOR:
                return known[1]
            with translated():
                answer = await self._client.usergroups_users_list(usergroup=group)
                members = _ids(answer.get("users"))
            self._members[group] = (self._clock(), members)
            return members


def _ids(users: object) -> frozenset[str]:
    """Read a list of user ids. `TypeError`: it is none, so nobody knows who is in it."""
    if not isinstance(users, list) or not all(isinstance(one, str) for one in users):
        raise TypeError("no list of ids")
    return frozenset(users)
