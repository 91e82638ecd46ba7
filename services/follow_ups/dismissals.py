"""Takes *Not mine* and *Don't follow this*. Runs while Slack waits for the ack."""

from services.clock import Clock
from services.follow_ups.changes import audit_row, change_of
from services.follow_ups.model import FollowUp
from services.follow_ups.policy import dismiss, pressed_state, refuse_owner
from services.resets.model import SlackUser
from services.resets.policy import Answer, AnswerCode
from services.store.errors import StaleError
from services.store.follow_ups import FollowUpStore

TRIES = 4
"""Re-reads when a round or another press changes the same follow-up at the same moment."""


class Dismissals:
    """Answers with the changed follow-up, or with why the press had no effect."""

    def __init__(self, store: FollowUpStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def dismiss(self, pressed_id: str, person: SlackUser) -> FollowUp | Answer:
        """Take the press of an item's button, and ask for the checklist to be shown anew.

        Raises:
            StoreUnavailableError: Redis doesn't answer.
        """
        reset_id = await self._store.owner_of(pressed_id)
        if reset_id is None:
            return Answer(code=AnswerCode.GONE)
        for _ in range(TRIES):
            now = self._clock()
            before = await self._store.get(reset_id)
            refused = refuse_owner(before, person)
            if refused or before is None:
                return refused or Answer(code=AnswerCode.GONE)
            after = dismiss(before, pressed_id, now)
            if isinstance(after, Answer) or after is before:
                return after
            item = next(one for one in after.items if pressed_id in {one.id, one.dismiss_id})
            row = audit_row(after, pressed_state(item, pressed_id), now).model_copy(
                update={"slack_user": person.user_id, "slack_team": person.team_id}
            )
            try:
                return await self._store.save(before, change_of(before, after, now, rows=(row,)))
            except StaleError:
                continue
        return Answer(code=AnswerCode.ALREADY_PRESSED)
