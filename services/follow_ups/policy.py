"""Who may take an integration off a checklist, and what becomes of it then."""

from datetime import datetime

from services.follow_ups.ending import all_done, end
from services.follow_ups.model import Ended, FollowUp, Item, ItemState
from services.resets.model import SlackUser
from services.resets.policy import Answer, AnswerCode


def refuse_owner(follow_up: FollowUp | None, person: SlackUser) -> Answer | None:
    """Whether this checklist exists and belongs to whoever pressed."""
    if follow_up is None:
        return Answer(code=AnswerCode.GONE)
    if follow_up.requester.user_id != person.user_id:
        return Answer(code=AnswerCode.NOT_YOURS)
    return None


def dismiss(follow_up: FollowUp, pressed_id: str, now: datetime) -> FollowUp | Answer:
    """Take an item off the list: *Not mine* by its id, *Don't follow this* by its `dismiss_id`.

    Pressed again it changes nothing, and the same follow-up comes back. What was the last open
    item ends the follow-up.
    """
    item = next((one for one in follow_up.items if pressed_id in {one.id, one.dismiss_id}), None)
    if item is None:
        return Answer(code=AnswerCode.GONE)
    state = pressed_state(item, pressed_id)
    if item.state is state:
        return follow_up
    if follow_up.as_told.ended is not None:
        return Answer(code=AnswerCode.FOLLOW_UP_OVER, at=follow_up.ended_at)
    put_aside = item.model_copy(update={"state": state})
    items = tuple(put_aside if one is item else one for one in follow_up.items)
    after = follow_up.model_copy(update={"items": items})
    if after.as_told.ended is not None or not all_done(after):
        return after
    return end(after, Ended.ALL_DONE, now).model_copy(update={"quiet": False})


def pressed_state(item: Item, pressed_id: str) -> ItemState:
    """Which of the item's two buttons was pressed."""
    return ItemState.NOT_MINE if pressed_id == item.id else ItemState.DISMISSED
