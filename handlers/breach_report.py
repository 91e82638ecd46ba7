"""The conversation of a report: a command, a form or a shortcut, and what the reporter is told."""

from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import breach_report_messages
from handlers.blocks import modal
from handlers.breach_command import read
from handlers.click import (
    Click,
    Shortcut,
    option_chosen,
    options_chosen,
    person_chosen,
    person_of,
    typed,
)
from handlers.message import Message
from handlers.permalink import permalink
from handlers.presses import Presses
from services.cases.model import Case, CaseKind, Source, Urgency
from services.cases.reporting import Draft, Reporting
from services.cases.words import kept
from services.resets.policy import Answer, AnswerCode
from services.slack.errors import SlackError
from services.slack.messenger import Messenger
from services.store.errors import QuotaError, StoreUnavailableError

log = structlog.get_logger(__name__)


class BreachReportListeners:
    """How people report. Each saves, enqueues and acks."""

    def __init__(
        self,
        reporting: Reporting,
        presses: Presses,
        messenger: Messenger,
        orgs: tuple[str, ...],
        it_channel: str,
    ) -> None:
        self._reporting = reporting
        self._presses = presses
        self._messenger = messenger
        self._orgs = orgs
        self._it_channel = it_channel

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.message_shortcut("breach.suspect")(self.suspect)
        app.action("breach.plan_instead")(self.plan_instead)
        app.view("breach.report")(self.reported)
        app.view("breach.plan")(self.planned)

    async def command(self, body: dict[str, Any], text: str) -> Message | None:
        """`/reset-token breach …`: report at once, or open the form; None: there it is."""
        said = read(text, self._orgs)
        if not said.is_whole:
            form = breach_report_messages.report_form(
                self._orgs,
                person=said.person,
                # Slack shows it to whoever typed it; a token stays out of it all the same.
                username=kept(said.username) if said.username else None,
                reason=kept(said.reason) if said.reason else None,
            )
            return await self._open(str(body.get("trigger_id") or ""), form)
        draft = Draft(
            reporter=person_of(body),
            source=Source.COMMAND,
            reason=said.reason,
            suspect=said.person,
            username=said.username,
            org=said.org,
        )
        try:
            case = await self._reporting.report(draft)
        except QuotaError as error:
            await self._too_many(draft, error)
            return breach_report_messages.too_many(error.until)
        except StoreUnavailableError as error:
            log.warning("store.unavailable", action="breach.report", code=error.code)
            return breach_report_messages.not_saved()
        return breach_report_messages.reported(case.id, self._it_channel)

    async def suspect(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Suspect a breach* on a message: the same form, with the message linked."""
        used = Shortcut.of(body)
        form = breach_report_messages.report_form(
            self._orgs,
            person=used.author,
            metadata=permalink(used.team_domain, used.channel, used.message_ts) or "",
        )
        failed = await self._open(used.trigger_id, form)
        if failed is not None:
            await self._presses.refuse(used.as_click(), Answer(code=AnswerCode.FORM_FAILED))
        await ack()

    async def plan_instead(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Planned reset instead*: show the other form in the place of this one."""
        view = body.get("view") or {}
        form = breach_report_messages.planned_form(self._orgs)
        try:
            await self._messenger.update_view(str(view.get("id") or ""), form, at_once=True)
        except SlackError as error:
            log.warning("slack.view_not_updated", action="breach.plan_instead", code=error.code)
            await self._presses.refuse(Click.of(body), Answer(code=AnswerCode.FORM_FAILED))
        await ack()

    async def reported(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a report. What is wrong with it is said in the form, and the form stays."""
        view = body["view"]
        person, username = person_chosen(view, "person"), typed(view, "username", "text")
        reason = typed(view, "reason", "text")
        if not person and not username:
            missing = "Choose the person, or write their Salesforce username below."
            await ack(response_action="errors", errors={"person": missing})
            return
        if not reason:
            missing = "Say what happened, in a line or two."
            await ack(response_action="errors", errors={"reason": missing})
            return
        link = str(view.get("private_metadata") or "") or None
        draft = Draft(
            reporter=person_of(body),
            source=Source.MESSAGE if link else Source.FORM,
            reason=reason,
            suspect=person,
            username=username or None,
            org=self._org(view, "org"),
            seen=typed(view, "seen", "text") or None,
            urgency=_urgency(view),
            slack_suspected=bool(options_chosen(view, "slack")),
            link=link,
        )
        await self._save(ack, draft)

    async def planned(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take what IT plans; a job looks whether whoever asks is an approver."""
        view = body["view"]
        username, reason = typed(view, "username", "text"), typed(view, "reason", "text")
        owner = person_chosen(view, "owner")
        needed = {
            "username": username or "Write the Salesforce username.",
            "reason": reason or "Say why, in a line.",
            "owner": owner or "Choose who is told.",
        }
        given = {"username": username, "reason": reason, "owner": owner}
        errors = {name: words for name, words in needed.items() if not given[name]}
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        draft = Draft(
            reporter=person_of(body),
            source=Source.FORM,
            kind=CaseKind.PLANNED,
            reason=reason,
            username=username,
            org=self._org(view, "planned_org"),
            urgency=Urgency.LOW,
            owner=owner,
        )
        await self._save(ack, draft)

    async def _save(self, ack: AsyncAck, draft: Draft) -> None:
        try:
            case = await self._reporting.report(draft)
        except QuotaError as error:
            await self._too_many(draft, error)
            now = self._reporting.now()
            words = breach_report_messages.too_many_in_form(error.until, now)
            await ack(response_action="errors", errors={"reason": words})
        except StoreUnavailableError as error:
            log.warning("store.unavailable", action="breach.report", code=error.code)
            words = breach_report_messages.not_saved().text
            await ack(response_action="errors", errors={"reason": words})
        else:
            await ack(response_action="update", view=self._confirmed(case))

    async def _too_many(self, draft: Draft, error: QuotaError) -> None:
        answer = Answer(code=AnswerCode.TOO_MANY_REPORTS, at=error.until)
        await self._presses.write_down(draft.reporter, "breach.report", answer)

    def _confirmed(self, case: Case) -> dict[str, object]:
        is_planned = case.kind is CaseKind.PLANNED
        say = breach_report_messages.planned_reported if is_planned else None
        message = (say or breach_report_messages.reported)(case.id, self._it_channel)
        return modal("Reported", message.blocks, close="Close")

    async def _open(self, trigger_id: str, form: dict[str, Any]) -> Message | None:
        try:
            await self._messenger.open_view(trigger_id, form)
        except SlackError as error:
            log.warning("slack.view_not_opened", action="breach.report", code=error.code)
            return breach_report_messages.usage(self._it_channel)
        return None

    def _org(self, view: dict[str, Any], block_id: str) -> str | None:
        chosen = option_chosen(view, block_id)
        if chosen in self._orgs:
            return chosen
        return self._orgs[0] if len(self._orgs) == 1 else None


def _urgency(view: dict[str, Any]) -> Urgency:
    chosen = option_chosen(view, "urgency")
    return Urgency(chosen) if chosen in {one.value for one in Urgency} else Urgency.HIGH
