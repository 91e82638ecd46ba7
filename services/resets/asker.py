"""Finds out who asks for a reset: from what Slack said a moment ago, and afresh at a press."""

from services.clock import Clock
from services.masking import digest
from services.resets.failures import Refused
from services.resets.model import Reason, Reset
from services.resets.policy import Profile, is_namesake, refuse_person
from services.slack.errors import SlackRefusedError
from services.slack.people import People
from services.store.profiles import ProfileStore


class Asker:
    """A profile that was kept may lead to an offer, and to nothing else.

    Whether the person is still the one that the offer was made to is asked before the effect.
    """

    def __init__(self, people: People, profiles: ProfileStore, clock: Clock) -> None:
        self._people = people
        self._profiles = profiles
        self._clock = clock

    async def address(self, reset: Reset) -> str:
        """Find the address by which an offer may be made, as it was up to ten minutes ago.

        After a question to IT it is read afresh, as is everything else then.

        Raises:
            Refused: this person gets no offer.
            SlackUnavailableError: worth another try.
            RunAgain: others come first, see `PacedPeople`.
            StoreUnavailableError: Redis doesn't answer.
        """
        if reset.question is None:
            kept = await self._profiles.get(reset.requester.user_id, self._clock())
            if kept is not None:
                return _address_or_raise(kept, reset)
        return await self._read(reset)

    async def confirm(self, reset: Reset) -> None:
        """Ask Slack before an effect whether this is still the person that the offer was made to.

        Raises:
            Refused: it isn't, or Slack won't say.
            SlackUnavailableError: worth another try; nothing may happen before it has worked.
            RunAgain: others come first, see `PacedPeople`.
            StoreUnavailableError: Redis doesn't answer.
        """
        address = await self._read(reset)
        known = reset.account.found_by if reset.account else None
        # An older version saved no digest, and kept no profile that could have been out of date.
        if known is not None and digest(address) != known:
            raise Refused(Reason.SLACK_ADDRESS_CHANGED)

    async def _read(self, reset: Reset) -> str:
        """Ask Slack. Only a profile with nothing against it is kept: a no is never remembered."""
        user_id, now = reset.requester.user_id, self._clock()
        try:
            profile = await self._people.profile(user_id)
            address = _address_or_raise(profile, reset)
        except SlackRefusedError as error:
            await self._profiles.forget(user_id)
            raise Refused(Reason.SLACK_UNREADABLE, detail=error.code) from None
        except Refused:
            await self._profiles.forget(user_id)
            raise
        await self._profiles.keep(profile, now)
        return address


def _address_or_raise(profile: Profile, reset: Reset) -> str:
    reason = refuse_person(profile)
    if is_namesake(profile, reset.requester):
        reason = Reason.SLACK_STRANGER
    if reason or not profile.email:
        raise Refused(reason or Reason.SLACK_NO_EMAIL)
    return profile.email
