"""Takes what a person presses after a reset: no mail, and *This wasn't me*."""

from datetime import datetime

from services.resets.model import Reset, SlackUser
from services.resets.own_presses import OwnPresses
from services.resets.policy import Answer, AnswerCode
from services.resets.states import WITH_EFFECT, Move
from services.store.changes import AccountOp, Change, Job, JobName


class Aftermath:
    """Each method answers with the moved reset, or with why the press had no effect.

    Raises `StoreUnavailableError` when Redis doesn't answer.
    """

    def __init__(self, presses: OwnPresses) -> None:
        self._presses = presses

    async def no_email(self, reset_id: str, person: SlackUser) -> Reset | Answer:
        """Take *No email yet?*: what to check comes now, the offer of another reset later."""

        def change(reset: Reset, now: datetime) -> Change:
            later = reset.available_at
            timer = (Job(JobName.OFFER_AGAIN, reset.id, later),) if later and later > now else ()
            return Change(
                Move.NO_EMAIL,
                reset.model_copy(update={"no_email_at": now}),
                now,
                actor=person,
                jobs=(Job(JobName.NO_EMAIL, reset.id), *timer),
            )

        reset = await self._presses.own(reset_id, person)
        if isinstance(reset, Reset) and reset.no_email_at:
            return Answer(code=AnswerCode.ALREADY_TOLD, at=reset.no_email_at)
        return await self._presses.take(reset_id, person, WITH_EFFECT, change)

    async def not_me(self, reset_id: str, person: SlackUser) -> Reset | Answer:
        """Take *This wasn't me*: IT is told, and self-service stops for the Salesforce user."""

        def change(reset: Reset, now: datetime) -> Change:
            return Change(
                Move.NOT_ME,
                reset.model_copy(update={"not_me_at": now}),
                now,
                actor=person,
                account=AccountOp.ALERT,
                jobs=(Job(JobName.REPORT_NOT_ME, reset.id),),
            )

        reset = await self._presses.own(reset_id, person)
        if isinstance(reset, Reset) and reset.not_me_at:
            return Answer(code=AnswerCode.ALREADY_TOLD, at=reset.not_me_at)
        return await self._presses.take(reset_id, person, WITH_EFFECT, change)
