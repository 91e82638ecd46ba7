"""The one card that leads where there are many: what is open, and a way to decide together."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from handlers import breach_card_messages
from handlers.case_tools import CaseTools
from handlers.message import Message
from services.cases import policy
from services.cases.model import Case
from services.cases.reporting import EVERY
from services.clock import utc_now
from services.jobs.timer import RunAgain
from services.store import keys
from services.store.changes import Job, JobName
from services.store.summaries import Summaries

if TYPE_CHECKING:  # a web process doesn't load the job queue
    from services.jobs.queue import JobQueue

GAP = timedelta(seconds=3)
"""Between two edits: Slack takes some fifty a minute."""

NAMED = 15
"""Open cases that it names."""


class BreachSummaryJobs:
    """What the worker does about it."""

    def __init__(self, tools: CaseTools, summaries: Summaries) -> None:
        self._tools = tools
        self._summaries = summaries

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.SHOW_SUMMARY, self.show)

    async def show(self, _: str) -> None:
        """Post it, bring it up to date, or say that it leads no more."""
        count = await self._tools.cases.count_open()
        standing = await self._summaries.standing()
        if count <= policy.MOST_SEPARATE and standing is None:
            return
        left = await self._tools.turns.take("summary", GAP)
        if left is not None:
            await self._again(utc_now() + left)
            return
        try:
            async with self._tools.showing.alone("summary"):
                await self._show()
        except RunAgain as again:  # somebody else posts it, or the channel takes nothing now
            await self._again(again.at)

    async def _again(self, at: datetime) -> None:
        """Look again, once for all that ask for it: a pause, not a deadline."""
        job = Job(JobName.SHOW_SUMMARY, f"{EVERY}:{int(at.timestamp())}", at)  # its second
        await self._tools.cases.ask_for(job)

    async def _show(self) -> None:
        count = await self._tools.cases.count_open()
        standing = await self._summaries.standing()
        if count > policy.MOST_SEPARATE:
            newest = policy.most_urgent_first(await self._tools.cases.newest_open(NAMED))
            number = await self._summaries.begin()
            await self._put(number, self._summary(newest, count))
        elif standing is not None:
            await self._put(standing, breach_card_messages.summary_over(count))
            await self._summaries.end(standing)

    def _summary(self, newest: list[Case], count: int) -> Message:
        return breach_card_messages.summary(newest, count, self._tools.approvers)

    async def _put(self, number: int, message: Message) -> None:
        await self._tools.it.post(
            message, owner=keys.SUMMARY, slot=f"summary:{number}", refresh=True
        )
