"""Where a case's cards stand. One whose post was cut off stands twice: a channel can't be read."""

import structlog

from handlers.case_tools import CaseTools
from handlers.message import Message
from services.slack.errors import SlackRefusedError
from services.store import keys
from services.store.changes import Job, JobName
from services.store.posts import Place
from services.store.presses import Press

log = structlog.get_logger(__name__)

_NOT_SHOWN = -1
"""Older than every version of a case."""


def card_slot(number: int) -> str:
    """Name the slot of a card among a case's messages."""
    return f"card:{number}"


class CardPlaces:
    """A press is the first that is heard of a card's twin; from then on both are kept up to date.

    Every method raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, tools: CaseTools) -> None:
        self._tools = tools

    async def learn(self, press: Press) -> None:
        """Remember where a card was pressed that isn't known to stand there, and edit it.

        Safe to run twice: whoever was cut off in the middle does all of it again. A card that was
        known nowhere is edited by what the press does, or when its turn in the queue comes again.
        """
        if press.reset_id is None or press.message_ts is None:
            return
        if press.channel != self._tools.it_channel:
            return
        case = await self._tools.cases.of_card(press.reset_id)
        if case is None or case.card is None or case.card.id != press.reset_id:
            return
        owner, slot = keys.case_posts(case.id), card_slot(case.card.number)
        known = await self._tools.posts.place(owner, slot)
        pressed = Place(self._tools.it_channel, press.message_ts)
        if pressed == known:
            return
        if known is None:  # whoever posted it died, or is being kept waiting, before it was saved
            await self._tools.posts.posted(owner, slot, pressed)
        else:
            log.info("slack.card_stands_twice", case_id=case.id)
            await self._tools.posts.posted(owner, _twin(slot), pressed)
        await self._tools.posts.has_shown(owner, slot, _NOT_SHOWN)
        await self._tools.cases.ask_for(Job(JobName.SHOW_CARD, case.id))

    async def edit(self, case_id: str, number: int, message: Message) -> bool:
        """Edit a card wherever it stands, and say whether there was one to edit."""
        owner, slot = keys.case_posts(case_id), card_slot(number)
        place = await self._tools.posts.place(owner, slot)
        if place is None:
            return False
        await self._put(case_id, place, message)
        twin = await self._tools.posts.place(owner, _twin(slot))
        if twin is not None:
            await self._put(case_id, twin, message)
        return True

    async def _put(self, case_id: str, place: Place, message: Message) -> None:
        try:
            await self._tools.messenger.update(place, message)
        except SlackRefusedError as error:
            log.warning("slack.card_not_updated", case_id=case_id, code=error.code)


def _twin(slot: str) -> str:
    return f"{slot}:twin"
