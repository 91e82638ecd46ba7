"""The conversation of *Ask IT first*: a question, a card for IT, and the answer."""

from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers import ask_it_messages, reset_messages
from handlers.click import Click, person_of, typed
from handlers.message import Message
from handlers.presses import Presses
from handlers.reset_wording import went_ahead
from handlers.surface import Surface
from handlers.tools import Tools
from services.resets.model import Reason, Reset, new_id
from services.resets.policy import Answer, AnswerCode
from services.resets.questions import Questions
from services.resets.states import Move, State
from services.slack.errors import SlackRefusedError
from services.store import keys
from services.store.changes import Change, Job, JobName
from services.store.errors import NewerVersionError, StoreUnavailableError
from services.store.posts import Place
from services.store.presses import Press

if TYPE_CHECKING:  # a web process doesn't load the job queue
    from services.jobs.queue import JobQueue

log = structlog.get_logger(__name__)

CARD = "card"
"""The slot of the card in the IT channel."""


class AskItListeners:
    """What the asker and the approvers press and send."""

    def __init__(self, questions: Questions, presses: Presses, it_channel: str) -> None:
        self._questions = questions
        self._presses = presses
        self._it_channel = it_channel

    def register(self, app: AsyncApp) -> None:
        """Tell Bolt what to send here."""
        app.action("reset.ask_it")(self.ask)
        app.view("reset.ask_it")(self.asked)
        app.action("ask_it.go_ahead")(self.go_ahead)
        app.action("ask_it.wait")(self.wait)
        app.view("ask_it.wait")(self.waited)

    async def ask(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Ask IT first*: open the form."""
        click = Click.of(body)
        allowed = await self._presses.settle(
            click, self._questions.may_ask_it(click.value, click.person, click.response_url)
        )
        if allowed is not None:
            await self._presses.open(click, ask_it_messages.form(click.value))
        await ack()

    async def asked(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take the question. What is wrong with it is said in the form, and the form stays."""
        view = body["view"]
        reset_id = str(view.get("private_metadata") or "")
        text = typed(view, "question", "text")
        if not text:
            await ack(response_action="errors", errors={"question": "Say what you'd like to know."})
            return
        person = person_of(body)
        try:
            outcome = await self._questions.ask_it(reset_id, person, text)
        except StoreUnavailableError as error:
            log.warning("store.unavailable", action="reset.ask_it", code=error.code)
            outcome = Answer(code=AnswerCode.STORE_DOWN)
        except NewerVersionError:
            outcome = Answer(code=AnswerCode.NEWER_VERSION)
        if isinstance(outcome, Answer):
            await self._presses.write_down(person, "reset.ask_it", outcome, about=reset_id)
            words = reset_messages.answer(outcome, self._it_channel).text
            await ack(response_action="errors", errors={"question": words})
        else:
            await ack()

    async def go_ahead(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Go ahead*: a job looks whether this person may decide."""
        click = Click.of(body)
        press = Press(
            id=new_id(),
            reset_id=click.value,
            person=click.person,
            channel=click.channel,
            message_ts=click.message_ts,
            kind="go_ahead",
        )
        await self._presses.save(click, press, JobName.ANSWER_QUESTION)
        await ack()

    async def wait(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Please wait*: open a form at once, which a job fills for those who may decide."""
        click = Click.of(body)
        view_id = await self._presses.open(click, ask_it_messages.loading_view())
        if view_id is not None:
            press = Press(
                id=new_id(),
                reset_id=click.value,
                person=click.person,
                channel=click.channel,
                message_ts=click.message_ts,
                kind="wait",
                view_id=view_id,
            )
            await self._presses.save(click, press, JobName.FILL_WAIT_FORM)
        await ack()

    async def waited(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take IT's words for the asker."""
        view = body["view"]
        text = typed(view, "wait", "text")
        if not text:
            await ack(response_action="errors", errors={"wait": "Say why, in a line."})
            return
        press = Press(
            id=new_id(),
            reset_id=str(view.get("private_metadata") or ""),
            person=person_of(body),
            channel=self._it_channel,
            kind="wait",
            text=text,
        )
        try:
            await self._presses.save_or_raise(press, JobName.ANSWER_QUESTION)
        except StoreUnavailableError:
            words = reset_messages.answer(Answer(code=AnswerCode.STORE_DOWN), self._it_channel).text
            await ack(response_action="errors", errors={"wait": words})
        else:
            await ack()


class AskItJobs:
    """What the worker does about it."""

    def __init__(self, tools: Tools, surface: Surface) -> None:
        self._tools = tools
        self._surface = surface

    def register(self, queue: "JobQueue") -> None:
        """Tell the queue what to send here."""
        queue.register(JobName.ASK_IT, self.post_card, give_up=self.give_up_card)
        queue.register(JobName.REMIND_IT, self.remind)
        queue.register(JobName.FILL_WAIT_FORM, self.fill_wait_form)
        queue.register(JobName.ANSWER_QUESTION, self.answer_question)
        queue.register(JobName.CLOSE_CARD, self.close_card)

    async def post_card(self, reset_id: str) -> None:
        """Put the question before IT, then tell the asker that IT has it."""
        reset = await self._tools.store.get(reset_id)
        if reset is None or reset.state is not State.AWAITING_IT:
            return
        card = ask_it_messages.card(reset, self._tools.approvers)
        try:
            await self._tools.messenger.post_once(
                self._tools.it_channel, card, owner=keys.reset(reset.id), slot=CARD
            )
        except SlackRefusedError as error:
            await self._unreachable(reset, error.code)
            return
        await self._surface.show(reset, ask_it_messages.sent(reset, self._tools.it_channel))

    async def give_up_card(self, reset_id: str) -> None:
        """Tell the asker that IT couldn't be reached this way."""
        reset = await self._tools.store.get(reset_id)
        if reset is not None and reset.state is State.AWAITING_IT:
            await self._unreachable(reset, "gave_up")

    async def remind(self, reset_id: str) -> None:
        """Ask once more, where people hear it."""
        reset = await self._tools.store.get(reset_id)
        place = await self._tools.posts.place(keys.reset(reset_id), CARD)
        if reset is None or reset.state is not State.AWAITING_IT or place is None:
            return
        if reset.question is not None and reset.question.answered_by is not None:
            return  # IT asked them to wait: it has been heard
        try:
            await self._tools.messenger.post_once(
                place.channel,
                ask_it_messages.reminder(reset, self._tools.approvers),
                owner=keys.reset(reset.id),
                slot="reminder",
                thread_ts=place.ts,
                broadcast=True,
            )
        except SlackRefusedError as error:
            log.warning("slack.it_channel_refused", reset_id=reset.id, code=error.code)

    async def fill_wait_form(self, press_id: str) -> None:
        """Fill the form that *Please wait* opened, for those who may answer."""
        press = await self._tools.presses.get(press_id)
        if press is None or press.view_id is None or press.reset_id is None:
            return
        await self._learn(press)
        allowed = await self._tools.decisions.may_answer(press)
        view = (
            ask_it_messages.refused_view(allowed, self._tools.it_channel)
            if isinstance(allowed, Answer)
            else ask_it_messages.wait_form(press.reset_id)
        )
        try:
            await self._tools.messenger.update_view(press.view_id, view)
        except SlackRefusedError as error:
            await self._tools.answering.not_filled(press, error)
        if isinstance(allowed, Answer):
            await self._settle(press.reset_id)

    async def answer_question(self, press_id: str) -> None:
        """Decide, show it on the card, and tell the asker."""
        press = await self._tools.presses.get(press_id)
        if press is None:
            return
        await self._learn(press)
        outcome = await self._tools.decisions.answer_question(press)
        if isinstance(outcome, Answer):
            await self._settle(press.reset_id)
            await self._tools.answering.tell(press, outcome)
            return
        if outcome.question is None or outcome.question.presses[-1] != press.id:
            return  # a later press has answered, and tells it
        if press.kind != "wait":
            await self._update_card(outcome, ask_it_messages.card_answered(outcome))
        elif outcome.state is State.AWAITING_IT:
            await self._update_card(outcome, ask_it_messages.card_answered(outcome))
            await self._tell_wait(outcome, press.id)

    async def close_card(self, reset_id: str) -> None:
        """Take the buttons off a card that nobody needs to answer any more."""
        reset = await self._tools.store.get(reset_id)
        if reset is not None:
            await self._update_card(reset, ask_it_messages.card_closed(reset))

    async def _learn(self, press: Press) -> None:
        """Remember where a question was pressed that isn't known to stand anywhere.

        Whoever posted it died before its place was saved.
        """
        if press.reset_id is None or press.message_ts is None:
            return
        if press.channel != self._tools.it_channel:
            return
        owner = keys.reset(press.reset_id)
        if await self._tools.store.get(press.reset_id) is None:
            return
        if await self._tools.posts.place(owner, CARD) is None:
            await self._tools.posts.posted(owner, CARD, Place(press.channel, press.message_ts))

    async def _settle(self, reset_id: str | None) -> bool:
        """Take the buttons off a question's card where it is settled by now, and say whether."""
        reset = await self._tools.store.get(reset_id) if reset_id else None
        if reset is None or reset.question is None or reset.state is State.AWAITING_IT:
            return False
        words = ask_it_messages.card_answered if went_ahead(reset) else ask_it_messages.card_closed
        await self._update_card(reset, words(reset))
        return True

    async def _tell_wait(self, reset: Reset, press_id: str) -> None:
        """Bring IT's words to the person, unless the question was settled during the edit."""
        if await self._settle(reset.id):
            return
        try:
            await self._tools.messenger.post_once(
                reset.requester.user_id,
                ask_it_messages.please_wait(reset),
                owner=keys.reset(reset.id),
                slot=f"wait:{press_id[:8]}",
            )
        except SlackRefusedError as error:
            log.warning("slack.dm_refused", reset_id=reset.id, code=error.code)

    async def _update_card(self, reset: Reset, message: Message) -> None:
        place = await self._tools.posts.place(keys.reset(reset.id), CARD)
        if place is None:
            return
        try:
            await self._tools.messenger.update(place, message)
        except SlackRefusedError as error:
            log.warning("slack.card_not_updated", reset_id=reset.id, code=error.code)

    async def _unreachable(self, reset: Reset, code: str) -> None:
        log.error("slack.it_channel_refused", reset_id=reset.id, code=code)
        after = reset.model_copy(
            update={
                "reason": Reason.IT_UNREACHABLE,
                "detail": code,
                "deadline": None,
                "impact": None,
            }
        )
        jobs = (Job(JobName.SHOW, reset.id),)
        await self._tools.store.move(
            reset, Change(Move.FAIL, after, self._tools.clock(), jobs=jobs)
        )
