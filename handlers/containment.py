"""What follows an approval: the steps, shown live, and what people are told."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from handlers import breach_card_messages, containment_messages
from handlers.breach_card import card_slot
from handlers.case_tools import CaseTools
from handlers.case_wording import Told
from handlers.message import Message
from services.cases import policy
from services.cases.model import Case, CaseKind
from services.cases.states import CaseState
from services.clock import utc_now
from services.jobs.timer import RunAgain
from services.slack.errors import SlackRefusedError
from services.store import keys
from services.store.changes import JobName
from services.store.posts import Place

if TYPE_CHECKING:  # a web process doesn't load what speaks to Salesforce
    from services.cases.containment import Containment
    from services.cases.second_look import SecondLook
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

STEPS = "steps"
"""The slot of the message that shows the steps, in the card's thread."""

GAP = timedelta(seconds=1)
"""Between two edits of it."""

_NO_THREAD = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"})
"""What Slack says of a thread whose first message somebody has removed."""

NO_CARD_YET = timedelta(seconds=5)
"""When it is looked again for a card that is still to be posted."""


class ContainmentJobs:
    """What the worker does about it."""

    def __init__(
        self, tools: CaseTools, containment: "Containment", second_look: "SecondLook"
    ) -> None:
        self._tools = tools
        self._containment = containment
        self._second_look = second_look

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.CONTAIN, self.contain, give_up=self._containment.give_up)
        queue.register(JobName.SHOW_STEPS, self.show)
        queue.register(JobName.TELL_CONTAINED, self.tell)
        queue.register(JobName.TELL_OVERRIDE, self.tell_override)

    async def contain(self, case_id: str) -> None:
        """Run the steps that are due."""
        await self._containment.run(case_id)

    async def show(self, case_id: str) -> None:
        """Show how the steps stand, edited as they go."""
        if await self._to_be_shown(case_id) is None:
            return
        async with self._alone(f"show:{case_id}"):
            case = await self._to_be_shown(case_id)
            if case is None:
                return
            left = await self._tools.turns.take(f"steps:{case.id}", GAP)
            if left is not None:
                raise RunAgain(utc_now() + left)  # a pause, not a deadline
            await self._in_thread(case, containment_messages.progress(case), STEPS)
            await self._tools.posts.has_shown(keys.case_posts(case.id), STEPS, case.version)

    async def _to_be_shown(self, case_id: str) -> Case | None:
        """Read a case whose steps aren't shown yet as they stand."""
        case = await self._tools.cases.get(case_id)
        if case is None or not case.steps:
            return None
        shown = await self._tools.posts.shown(keys.case_posts(case.id), STEPS)
        return None if shown is not None and shown >= case.version else case

    async def tell(self, case_id: str) -> None:
        """Tell the person, or why that has to be done another way; then IT what it has to do."""
        async with self._alone(f"tell:{case_id}"):
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
        """Tell the whole channel that somebody acted alone."""
        case = await self._tools.cases.get(case_id)
        if case is None:
            return
        try:
            await self._tools.messenger.post_once(
                self._tools.it_channel,
                breach_card_messages.overridden(case),
                owner=keys.case_posts(case.id),
                slot="override",
            )
        except SlackRefusedError as error:
            log.error("slack.it_channel_refused", case_id=case.id, code=error.code)  # noqa: TRY400

    @contextlib.asynccontextmanager
    async def _alone(self, what: str) -> AsyncIterator[None]:
        """Do it while nobody else does: a slow Slack would get it twice, or the older one last."""
        token = await self._tools.showing.take(what)
        if token is None:
            raise RunAgain(utc_now() + GAP)  # a pause, not a deadline
        try:
            yield
        finally:
            await self._tools.showing.release(what, token)

    async def _tell_person(self, case: Case) -> Told:
        is_planned = case.kind is CaseKind.PLANNED
        whom = case.owner if is_planned else case.suspect
        if case.slack_suspected and not is_planned:
            return Told.SLACK_SUSPECTED
        if whom is None:
            return Told.NOT_IN_SLACK
        say = containment_messages.told_owner if is_planned else containment_messages.told_person
        try:
            await self._tools.messenger.post_once(
                whom, say(case), owner=keys.case_posts(case.id), slot="person", refresh=True
            )
        except SlackRefusedError as error:
            log.warning("slack.dm_refused", case_id=case.id, code=error.code)
            return Told.DM_REFUSED
        return Told.BY_DM

    async def _in_thread(self, case: Case, message: Message, slot: str) -> Place | None:
        """Put a message into the card's thread, or edit it there; without a card beside it."""
        owner = keys.case_posts(case.id)
        number = case.card.number if case.card else 1
        card = await self._tools.posts.place(owner, card_slot(number))
        if card is None:
            raise RunAgain(utc_now() + NO_CARD_YET)  # a pause, not a deadline
        post = partial(
            self._tools.messenger.post_once, card.channel, message, owner=owner, refresh=True
        )
        alone = f"{slot}:alone"
        try:
            if await self._tools.posts.place(owner, alone):
                return await post(slot=alone)
            try:
                return await post(slot=slot, thread_ts=card.ts)
            except SlackRefusedError as error:
                if error.code not in _NO_THREAD:
                    raise
                return await post(slot=alone)  # IT needs it and its buttons all the same
        except SlackRefusedError as error:
            log.warning("slack.thread_refused", case_id=case.id, code=error.code)
            return None
