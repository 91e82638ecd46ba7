"""The card in IT's channel: posted one a second, reminded of, posted afresh, kept up to date."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from handlers import breach_card_messages
from handlers.card_places import CardPlaces, card_slot
from handlers.case_tools import CaseTools
from handlers.it_channel import REFUSED_AGAIN
from handlers.message import Message
from services.cases import policy
from services.cases.model import Case
from services.cases.renewal import is_due, renewal
from services.cases.reporting import EVERY
from services.cases.states import CaseState
from services.clock import utc_now
from services.jobs.timer import RunAgain
from services.slack.errors import SlackRefusedError, SlackUnavailableError
from services.store import keys
from services.store.changes import Job, JobName
from services.store.errors import NewerVersionError, StoreUnavailableError
from services.store.health import Health
from services.store.lease_queue import LeaseQueue

if TYPE_CHECKING:  # a web process doesn't load the job queue
    from services.cases.preparation import CasePreparation
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

GAP = timedelta(seconds=1)
"""Between two cards, and two edits of one: Slack takes about one message a second in a channel."""

AT_A_TIME = 5
"""Cards that one run of the job posts: a worker that is to stop has ten seconds for it."""

LEASE = timedelta(seconds=30)
"""When the card of a worker that died is posted by another."""

BUSY_AGAIN = timedelta(seconds=3)
"""When a card that Slack didn't answer to, or was asked too much for, is tried again."""

CALL_TURN = timedelta(seconds=10)
"""How long one job has for a call about many cases, before another looks whether it was made."""

SAID_FOR = timedelta(minutes=5)
"""A call about many cases isn't made again for as long as this, and at most twice as long."""


class BreachCardJobs:
    """What the worker does about cards."""

    def __init__(
        self,
        tools: CaseTools,
        places: CardPlaces,
        preparation: "CasePreparation",
        queue: LeaseQueue,
        health: Health,
    ) -> None:
        self._tools = tools
        self._places = places
        self._preparation = preparation
        self._queue = queue
        self._health = health
        self._posting = False

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.PREPARE_CASES, self.prepare)
        queue.register(JobName.POST_CARDS, self.post)
        queue.register(JobName.SHOW_CARD, self.show)
        queue.register(JobName.REMIND_OF_CASE, self.remind)
        queue.register(JobName.RENEW_CARD, self.renew)
        queue.register(JobName.CALL_SECOND, self.call_second)

    async def prepare(self, _: str) -> None:
        """Find out whose accounts new reports are about."""
        await self._preparation.prepare_due()

    async def wake(self) -> None:
        """Ask for the cards that a worker left behind."""
        if await self._queue.wait(self._tools.clock()) is not None:
            await self._tools.cases.ask_for(Job(JobName.POST_CARDS, EVERY))

    async def post(self, _: str) -> None:
        """Post cards that are due, one a second whatever the number of workers."""
        if self._posting:
            return
        self._posting = True
        try:
            for _turn in range(AT_A_TIME):
                now = self._tools.clock()
                case_id = await self._queue.lease(now, LEASE)
                if case_id is None:
                    break
                await self._turn()
                try:
                    async with self._tools.showing.alone(f"card:{case_id}"):
                        await self._post(case_id, now + LEASE)
                except RunAgain:  # it is being edited
                    await self._queue.put_off(case_id, self._tools.clock() + GAP)
                except StoreUnavailableError:
                    await self._queue.give_back(case_id, self._tools.clock())
                    raise
        finally:
            self._posting = False
        wait = await self._queue.wait(self._tools.clock())
        if wait is not None:
            at = utc_now() + wait  # a pause, not a deadline; its half second is its name
            name = f"{EVERY}:{int(at.timestamp() * 2)}"
            await self._tools.cases.ask_for(Job(JobName.POST_CARDS, name, at))

    async def show(self, case_id: str) -> None:
        """Bring the card up to date, and take the buttons off the one before it."""
        await self._tools.showing.show("card", case_id, _newest_slot, self._put, GAP)

    async def _put(self, case: Case) -> bool:
        await self._end_older(case)
        return await self._places.edit(
            case.id, case.card.number if case.card else 1, self._card(case)
        )

    async def _end_older(self, case: Case) -> None:
        """Take the buttons off the card before this one, once it stands."""
        number = case.card.number - 1 if case.card else 0
        owner, ended = keys.case_posts(case.id), f"{card_slot(number)}:over"
        if number == 0 or await self._tools.posts.shown(owner, ended) is not None:
            return
        if await self._places.edit(case.id, number, breach_card_messages.card_over(case)):
            await self._tools.posts.has_shown(owner, ended, case.version)

    async def remind(self, case_id: str) -> None:
        """Mention it again where people hear it: the approvers first, then more people."""
        case = await self._tools.cases.get(case_id)
        if case is None or case.state is not CaseState.AWAITING_APPROVAL:
            return
        if case.first_card_at is None or case.card is None or case.card.number > 1:
            return
        moments = [case.first_card_at + after for after in (*policy.REMINDERS, policy.ESCALATION)]
        now = self._tools.clock()
        passed = sum(moment <= now for moment in moments)
        if passed:
            await self._mention(case, passed, now)
        if passed < len(moments):
            raise RunAgain(moments[passed])

    async def call_second(self, case_id: str) -> None:
        """Ask for another approver, where one has approved and it takes more."""
        case = await self._tools.cases.get(case_id)
        if case is None or case.state is not CaseState.AWAITING_APPROVAL:
            return
        message = breach_card_messages.second_needed(case, self._tools.approvers)
        await self._call(case, message, f"second:{len(case.approvals)}")

    async def renew(self, case_id: str) -> None:
        """Post a card afresh on which nobody has decided in its time."""
        case = await self._tools.cases.get(case_id)
        if case is None or case.card is None:
            return
        if is_due(case, self._tools.clock()):
            await self._tools.cases.move(case, renewal(case, self._tools.clock()))
        elif case.state is CaseState.AWAITING_APPROVAL and case.card.until is not None:
            raise RunAgain(case.card.until)

    async def _turn(self) -> None:
        """Wait until a card may be posted. Redis tells nobody; it says how long that takes."""
        while (left := await self._tools.turns.take("card", GAP)) is not None:  # noqa: ASYNC110
            await asyncio.sleep(left.total_seconds())

    async def _post(self, case_id: str, lent_until: datetime) -> None:
        try:
            case = await self._tools.cases.get(case_id)
        except NewerVersionError:  # a newer worker's to post
            await self._queue.put_off(case_id, self._tools.clock() + BUSY_AGAIN)
            return
        if case is None or case.card is None:
            await self._queue.done(case_id, lent_until=lent_until)
            return
        owner, slot = keys.case_posts(case.id), card_slot(case.card.number)
        try:
            await self._tools.messenger.post_once(
                self._tools.it_channel,
                self._card(case, calls=await self._is_one_of_few()),
                owner=owner,
                slot=slot,
                refresh=True,
            )
        except SlackUnavailableError as error:
            again = timedelta(seconds=error.retry_after) if error.retry_after else BUSY_AGAIN
            await self._queue.put_off(case.id, self._tools.clock() + again)
            return
        except SlackRefusedError as error:
            log.error("slack.it_channel_refused", case_id=case.id, code=error.code)  # noqa: TRY400
            await self._health.it_channel_refuses(error.code)
            await self._queue.put_off(case.id, self._tools.clock() + REFUSED_AGAIN)
            await self._tools.cases.ask_for(Job(JobName.TELL_REPORTERS, case.id))
            return
        await self._health.it_channel_takes()
        await self._end_older(case)
        await self._tools.posts.has_shown(owner, slot, case.version)
        # Before it leaves the queue: nobody asks for it who finds that empty.
        await self._ask_for_what_follows(case)
        await self._queue.done(case.id, lent_until=lent_until)

    async def _ask_for_what_follows(self, case: Case) -> None:
        """Let those be told who wait for the card. Asking twice tells them once."""
        await self._tools.cases.ask_for(Job(JobName.TELL_REPORTERS, case.id))
        # Its thread moves below the newest card.
        if case.card is not None and case.card.number > 1 and case.steps:
            await self._tools.cases.ask_for(Job(JobName.SHOW_STEPS, case.id))
            await self._tools.cases.ask_for(Job(JobName.TELL_CONTAINED, case.id))
        fresh = await self._tools.cases.get(case.id)
        if fresh is not None and fresh.version != case.version:  # moved while it was posted
            await self._tools.cases.ask_for(Job(JobName.SHOW_CARD, case.id))

    async def _is_one_of_few(self) -> bool:
        """Whether a card calls people by itself: among many, the summary does that for all."""
        return await self._tools.cases.count_open() <= policy.MOST_SEPARATE

    def _card(self, case: Case, *, calls: bool = True) -> Message:
        if case.state is CaseState.AWAITING_APPROVAL:
            approvers, rules = self._tools.approvers, self._tools.rules
            return breach_card_messages.card(case, approvers, rules, calls=calls)
        return breach_card_messages.card_decided(case)

    async def _mention(self, case: Case, passed: int, now: datetime) -> None:
        """Mention one case, or all of them at once where there are many."""
        count = await self._tools.cases.count_open()
        if count <= policy.MOST_SEPARATE:
            await self._call(case, self._reminder(case, passed), f"remind:{passed}")
            return
        if passed > len(policy.REMINDERS):
            name = "escalate"
            message = breach_card_messages.summary_escalation(count, self._tools.escalation)
        else:
            name = "remind"
            message = breach_card_messages.summary_reminder(count, self._tools.approvers)
        await self._call_for_all(name, message, now)

    async def _call_for_all(self, name: str, message: Message, now: datetime) -> None:
        """Say it once for all cases for which it is due, whichever one's job comes first.

        Raises:
            RunAgain: another job is about to, or the channel takes nothing now.
        """
        number = int(now.timestamp() // SAID_FOR.total_seconds())
        slots = [f"{name}:{one}" for one in (number, number - 1)]
        if any([await self._tools.posts.place(keys.SUMMARY, slot) for slot in slots]):
            return
        left = await self._tools.turns.take(name, CALL_TURN)
        if left is not None:
            raise RunAgain(utc_now() + left)  # a pause, not a deadline
        await self._tools.it.post(message, owner=keys.SUMMARY, slot=slots[0])

    async def _call(self, case: Case, message: Message, slot: str) -> None:
        """Say something in the card's thread and in the channel, where it is heard."""
        owner = keys.case_posts(case.id)
        number = case.card.number if case.card else 1
        thread = await self._tools.posts.place(owner, card_slot(number))
        await self._tools.it.post(message, owner=owner, slot=slot, below=thread, broadcast=True)

    def _reminder(self, case: Case, passed: int) -> Message:
        if passed > len(policy.REMINDERS):
            return breach_card_messages.escalation(case, self._tools.escalation)
        minutes = int(policy.REMINDERS[passed - 1].total_seconds() // 60)
        return breach_card_messages.reminder(case, self._tools.approvers, minutes)


def _newest_slot(case: Case) -> str | None:
    return card_slot(case.card.number) if case.card else None
