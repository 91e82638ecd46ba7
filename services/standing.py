"""Looks up whoever presses: whether they may decide, and by which address they are known."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.clock import Clock
from services.resets.model import SlackUser
from services.resets.policy import Profile, is_namesake
from services.slack.approvers import Approvers, ApproversUnknownError
from services.slack.errors import SlackError
from services.slack.people import People

CACHED_FOR = timedelta(minutes=1)
"""A profile is kept a little: one decision asks for it more than once."""


@dataclass(frozen=True)
class Presser:
    """Whoever pressed, as looked up at that moment."""

    person: SlackUser
    is_approver: bool
    address: str | None = None
    """As Slack has it: an approver may be the suspected person under another name."""


class Standing:
    """Asked at every press, and closed when Slack can't say."""

    def __init__(self, approvers: Approvers, people: People, clock: Clock) -> None:
        self._approvers = approvers
        self._people = people
        self._clock = clock
        self._known: dict[str, tuple[datetime, Profile]] = {}

    async def of(self, person: SlackUser) -> Presser:
        """Look somebody up.

        Raises:
            ApproversUnknownError: Slack can't say who they are, or who is in a group.
        """
        if not await self._approvers.include(person.user_id):
            return Presser(person, is_approver=False)
        try:
            profile = await self._profile(person.user_id)
        except SlackError:
            raise ApproversUnknownError from None
        outside = profile.deleted or profile.is_bot or profile.is_stranger
        guest = profile.is_restricted or profile.is_ultra_restricted
        approves = not (outside or guest or is_namesake(profile, person))
        return Presser(person, is_approver=approves, address=profile.email)

    async def _profile(self, user_id: str) -> Profile:
        now = self._clock()
        known = self._known.get(user_id)
        if known and now - known[0] < CACHED_FOR:
            return known[1]
        profile = await self._people.profile(user_id)
        self._known = {
            one: kept for one, kept in self._known.items() if now - kept[0] < CACHED_FOR
        } | {user_id: (now, profile)}
        return profile
