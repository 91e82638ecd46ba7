"""Tells whoever reported how it stands: IT has it, nobody has decided yet, what was decided."""

from typing import TYPE_CHECKING

import structlog

from handlers import breach_report_messages
from handlers.card_places import card_slot
from handlers.case_tools import CaseTools
from handlers.message import Message
from services.cases.model import Case, Report
from services.cases.states import CaseState
from services.slack.errors import SlackRefusedError
from services.store import keys
from services.store.changes import Job, JobName
from services.store.posts import Place

if TYPE_CHECKING:  # a web process doesn't load the job queue
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

_TOLD_ALL = frozenset({"undecided", "decided"})
"""What those hear too whose voices aren't kept: that IT has it they heard when it joined."""


class BreachReporterJobs:
    """What the worker does about it."""

    def __init__(self, tools: CaseTools) -> None:
        self._tools = tools

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.TELL_REPORTERS, self.tell)

    async def tell(self, case_id: str) -> None:
        """Tell each of them once what is new; what was decided is kept up to date."""
        case = await self._tools.cases.get(case_id)
        if case is None:
            return
        told = await self._news(case)
        if told is None:
            return
        name, message = told
        for report in case.reports:
            if report.reset_id is not None:
                if name != "undecided" or await self._place(case) is not None:
                    await self._tell_not_me(report.reset_id, name)
            elif report.reporter is not None and not _is_suspected(case, report):
                await self._tell(case, report.reporter.user_id, name, message)
        if name in _TOLD_ALL:
            kept = {one.reporter.user_id for one in case.reports if one.reporter}
            for user_id in case.more_reporters:
                if user_id not in kept and not _is_untrusted(case, user_id):
                    await self._tell(case, user_id, name, message)

    async def _tell_not_me(self, reset_id: str, name: str) -> None:
        """Tell whoever said that a reset wasn't theirs, and no more than that IT knows.

        Somebody else may read along in that Slack account.
        """
        # A decision may overtake the first news, and shows that IT knows as well.
        job = {
            "it_has_it": JobName.NOT_ME_TOLD,
            "joined": JobName.NOT_ME_TOLD,
            "undecided": JobName.NOT_ME_TOLD,
            "decided": JobName.NOT_ME_TOLD,
            "unreachable": JobName.NOT_ME_FAILED,
        }.get(name)
        if job is not None:
            await self._tools.cases.ask_for(Job(job, reset_id))

    async def _news(self, case: Case) -> tuple[str, Message] | None:
        match case.state:
            case CaseState.REFUSED:
                return "refused", breach_report_messages.refused(case)
            case CaseState.MERGED:
                return await self._joined(case)
            case CaseState.AWAITING_APPROVAL:
                return await self._waiting(case)
            case CaseState.DENIED | CaseState.APPROVED | CaseState.CONTAINED:
                return "decided", breach_report_messages.decided(case)
            case _:
                return None

    async def _joined(self, case: Case) -> tuple[str, Message] | None:
        """Tell it where IT can see the card that holds it; else its post or refusal tells all."""
        other = await self._tools.cases.get(case.merged_into or "")
        if other is not None and other.card is not None and await self._place(other) is None:
            return None
        return "joined", breach_report_messages.joined(case, self._tools.it_channel)

    async def _waiting(self, case: Case) -> tuple[str, Message] | None:
        number = case.card.number if case.card else 1
        if number > 1:
            message = breach_report_messages.no_decision_yet(case, self._tools.it_channel)
            return ("undecided", message)
        if await self._place(case) is None:
            return "unreachable", breach_report_messages.it_unreachable(case)
        return "it_has_it", breach_report_messages.it_has_it(case, self._tools.it_channel)

    async def _place(self, case: Case) -> Place | None:
        number = case.card.number if case.card else 1
        return await self._tools.posts.place(keys.case_posts(case.id), card_slot(number))

    async def _tell(self, case: Case, user_id: str, name: str, message: Message) -> None:
        try:
            await self._tools.messenger.post_once(
                user_id,
                message,
                owner=keys.case_posts(case.id),
                slot=f"told:{name}:{user_id}",
                refresh=True,
            )
        except SlackRefusedError as error:
            log.warning("slack.dm_refused", case_id=case.id, code=error.code)


def _is_suspected(case: Case, report: Report) -> bool:
    return report.reporter is not None and _is_untrusted(case, report.reporter.user_id)


def _is_untrusted(case: Case, user_id: str) -> bool:
    """Whether this is the suspected person, whose Slack account isn't trusted."""
    return case.slack_suspected and user_id == case.suspect
