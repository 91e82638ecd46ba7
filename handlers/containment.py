"""What follows an approval: the steps, shown live, and what people are told."""

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from handlers import breach_card_messages, containment_messages
from handlers.card_places import card_slot
from handlers.case_tools import CaseTools
from handlers.case_wording import Told
from handlers.message import Message
from handlers.thread_moved import moved
from services.cases import policy
from services.cases.model import Case, CaseKind
from services.cases.states import CaseState
from services.clock import utc_now
from services.jobs.timer import RunAgain
from services.slack.errors import SlackRefusedError
from services.store import keys
from services.store.changes import JobName

if TYPE_CHECKING:  # a web process doesn't load what speaks to Salesforce
    from services.cases.containment import Containment
    from services.cases.second_look import SecondLook
    from services.follow_ups.followers import FollowUps
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

STEPS = "steps"
"""The slot of the message that shows the steps, in the card's thread."""

GAP = timedelta(seconds=1)
"""Between two edits of it."""

NO_CARD_YET = timedelta(seconds=5)
"""When it is looked again for a card that is still to be posted."""


class ContainmentJobs:
    """What the worker does about it."""

    def __init__(
        self,
        tools: CaseTools,
        containment: "Containment",
        second_look: "SecondLook",
        follow_ups: "FollowUps",
    ) -> None:
        self._tools = tools
        self._containment = containment
        self._second_look = second_look
        self._follow_ups = follow_ups

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.CONTAIN, self.contain, give_up=self._containment.give_up)
        queue.register(JobName.SHOW_STEPS, self.show)
        queue.register(JobName.TELL_CONTAINED, self.tell)
        queue.register(JobName.TELL_OVERRIDE, self.tell_override)
        queue.register(JobName.LEAVE_FOLLOW_UP, self.leave_follow_up)

    async def contain(self, case_id: str) -> None:
        """Run the steps that are due."""
        await self._containment.run(case_id)

    async def show(self, case_id: str) -> None:
        """Show how the steps stand, edited as they go."""

        async def put(case: Case) -> bool:
            await self._in_thread(case, containment_messages.progress(case), STEPS)
            return True

        await self._tools.showing.show("steps", case_id, _steps_slot, put, GAP)

    async def tell(self, case_id: str) -> None:
        """Tell the person, or why that has to be done another way; then IT what it has to do."""
        async with self._tools.showing.alone(f"tell:{case_id}"):
            await self._tell(case_id)

    async def _tell(self, case_id: str) -> None:
        case = await self._tools.cases.get(case_id)
        if case is None:
            return
        if case.state is CaseState.CLOSED:
            await self._in_thread(case, containment_messages.closed(case), "closed")
        if not policy.is_settled(case) or not case.has_begun:
            return
        case = await self._second_look.at(case)
        told = await self._tell_person(case)
        await self._in_thread(case, containment_messages.next_steps(case, told), "next")

    async def tell_override(self, case_id: str) -> None:
        """Tell the whole channel that somebody acted alone: each time once."""
        async with self._tools.showing.alone(f"override:{case_id}"):
            case = await self._tools.cases.get(case_id)
            for number, one in enumerate(case.approvals if case else (), 1):
                if case is not None and one.override:
                    until = case.model_copy(update={"approvals": case.approvals[:number]})
                    await self._tools.it.post(
                        breach_card_messages.overridden(until),
                        owner=keys.case_posts(case.id),
                        slot=f"override:{number}",
                    )

    async def leave_follow_up(self, case_id: str) -> None:
        """Let the checklist of the person's own reset before this give no advice any more."""
        case = await self._tools.cases.get(case_id)
        if case is None or case.target is None:
            return
        org, user_id = case.target.org, case.target.user_id
        acted = await self._tools.cases.acted_on(org, user_id)
        if acted is None:
            return
        investigated = await self._tools.cases.is_investigated(org, user_id)
        await self._follow_ups.leave(
            org,
            user_id,
            acted.at,
            may_read=lambda reader: policy.may_be_told(case, reader, investigated=investigated),
        )

    async def _tell_person(self, case: Case) -> Told:
        is_planned = case.kind is CaseKind.PLANNED
        whom = case.owner if is_planned else case.suspect
        if not is_planned and policy.came_to_nothing(case):
            return Told.NOTHING_DONE
        if case.slack_suspected and not is_planned:
            return Told.SLACK_SUSPECTED
        if whom is None:
            return Told.NOT_IN_SLACK
        slot = "person:unfrozen" if policy.is_unfrozen(case) else "person"
        say = containment_messages.told_owner if is_planned else containment_messages.told_person
        try:
            await self._tools.messenger.post_once(
                whom, say(case), owner=keys.case_posts(case.id), slot=slot, refresh=True
            )
        except SlackRefusedError as error:
            log.warning("slack.dm_refused", case_id=case.id, code=error.code)
            return Told.DM_REFUSED
        return Told.BY_DM

    async def _in_thread(self, case: Case, message: Message, slot: str) -> None:
        """Put a message into the newest card's thread, or edit it there."""
        owner = keys.case_posts(case.id)
        number = case.card.number if case.card else 1
        card = await self._tools.posts.place(owner, card_slot(number))
        if card is None:
            raise RunAgain(utc_now() + NO_CARD_YET)  # a pause, not a deadline
        here = _below(slot, number)
        if await self._tools.it.place(owner, here) is None:
            await self._move_on(case, slot, number)
        await self._tools.it.post(message, owner=owner, slot=here, below=card, refresh=True)

    async def _move_on(self, case: Case, slot: str, number: int) -> None:
        """Leave no buttons below the cards before this one."""
        for older in range(1, number):
            place = await self._tools.it.place(keys.case_posts(case.id), _below(slot, older))
            if place is None:
                continue
            try:
                await self._tools.messenger.update(place, moved(case))
            except SlackRefusedError as error:
                log.warning("slack.thread_not_updated", case_id=case.id, code=error.code)


def _steps_slot(case: Case) -> str | None:
    if not case.steps:
        return None
    return _below(STEPS, case.card.number if case.card else 1)


def _below(slot: str, number: int) -> str:
    """Name the slot of a message in the thread of the card of this number."""
    return slot if number == 1 else f"{slot}:{number}"
