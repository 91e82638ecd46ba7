"""The conversation of a decision: a press, a form for those who may decide, and its answer."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import breach_decision_messages, reset_messages
from handlers.click import Click, option_chosen, options_chosen, person_of, typed
from handlers.presses import Presses
from services.cases.steps import StepKind
from services.cases.words import kept
from services.resets.model import new_id
from services.resets.policy import Answer, AnswerCode
from services.store.changes import JobName
from services.store.errors import StoreUnavailableError
from services.store.presses import Press, PressKind

_TITLES: dict[str, tuple[PressKind, str]] = {
    "breach.approve": ("approve", "Approve"),
    "breach.deny": ("deny", "Deny"),
    "breach.review": ("review", "Review together"),
    "breach.address": ("confirm_address", "Confirm the address"),
    "breach.evidence": ("show_evidence", "Evidence"),
}
"""What each button means whose form is filled by a job, for those who may decide."""

_AT_ONCE: dict[str, PressKind] = {
    "breach.retry": "retry",
    "breach.unfreeze": "unfreeze",
    "breach.close": "close",
}
"""What each button means that asks nothing more."""

_FORMS: dict[str, PressKind] = {
    "breach.approve": "approve",
    "breach.override": "override",
    "breach.deny": "deny",
    "breach.address": "confirm_address",
    "breach.review": "review",
}

_WORDS_IN = {
    "breach.approve": "note",
    "breach.override": "reason",
    "breach.deny": "reason",
    "breach.address": "how",
    "breach.review": "reason",
}
"""The block of each form in which something is typed; in all but the first it is needed."""


class BreachDecisionListeners:
    """What IT presses and sends. A job decides: authority takes a call to Slack."""

    def __init__(self, presses: Presses, it_channel: str) -> None:
        self._presses = presses
        self._it_channel = it_channel

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.action("breach.approve")(self.open)
        app.action("breach.deny")(self.open)
        app.action("breach.review")(self.open)
        app.action("breach.address")(self.open)
        app.action("breach.evidence")(self.open)
        app.action("breach.retry")(self.at_once)
        app.action("breach.unfreeze")(self.at_once)
        app.action("breach.close")(self.at_once)
        app.view("breach.approve")(self.sent)
        app.view("breach.override")(self.sent)
        app.view("breach.deny")(self.sent)
        app.view("breach.address")(self.sent)
        app.view("breach.review")(self.sent)

    async def open(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Open a form at once, which a job fills for those who may use it."""
        click = Click.of(body)
        kind, title = _TITLES[click.action_id]
        view_id = await self._presses.open(click, breach_decision_messages.looking_view(title))
        if view_id is not None:
            press = Press(
                id=new_id(),
                reset_id=click.value,
                person=click.person,
                channel=click.channel,
                message_ts=click.message_ts,
                kind=kind,
                view_id=view_id,
            )
            await self._presses.save(click, press, JobName.FILL_CASE_FORM)
        await ack()

    async def at_once(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Try again*, *Unfreeze* or *Close*."""
        click = Click.of(body)
        press = Press(
            id=new_id(),
            reset_id=click.value,
            person=click.person,
            channel=click.channel,
            kind=_AT_ONCE[click.action_id],
        )
        await self._presses.save(click, press, JobName.DECIDE_CASE)
        await ack()

    async def sent(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a form. What is missing is said in it, and it stays."""
        view = body["view"]
        callback = str(view.get("callback_id") or "")
        press = self._press(callback, view, body)
        errors = _missing(callback, press)
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        try:
            await self._presses.save_or_raise(press, JobName.DECIDE_CASE)
        except StoreUnavailableError:
            answer = Answer(code=AnswerCode.STORE_DOWN)
            words = reset_messages.answer(answer, self._it_channel).text
            await ack(response_action="errors", errors={_WORDS_IN[callback]: words})
        else:
            await ack()

    def _press(self, callback: str, view: dict[str, Any], body: dict[str, Any]) -> Press:
        about, _, address = str(view.get("private_metadata") or "").partition(":")
        return Press(
            id=new_id(),
            reset_id=about[:64],
            address=address[:64] or None,
            person=person_of(body),
            channel=self._it_channel,
            kind=_FORMS[callback],
            text=kept(typed(view, _WORDS_IN[callback], "text")) or None,
            steps=options_chosen(view, "steps")[: len(StepKind)],
            cards=options_chosen(view, "cases"),
            is_approval=option_chosen(view, "decision") != "deny",
        )


def _missing(callback: str, press: Press) -> dict[str, str]:
    """Say what a form lacks, by block."""
    errors = {}
    if callback != "breach.approve" and not press.text:
        errors[_WORDS_IN[callback]] = "Say why, in a line."
    chooses = callback in {"breach.approve", "breach.override", "breach.review"}
    if chooses and not press.steps and press.is_approval:
        errors["steps"] = "Choose at least one step, or deny instead."
    if callback == "breach.review" and not press.cards:
        errors["cases"] = "Choose at least one."
    return errors
