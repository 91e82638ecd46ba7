"""What a newer version has written: an older one beside it keeps it, and drops nothing."""

import json
from typing import Any

import pytest
from valkey.asyncio import Valkey

from services.cases.model import Case
from services.follow_ups.model import FollowUp
from services.resets.model import Reset, SlackUser
from services.resets.states import Move
from services.store import keys
from services.store.changes import Change, JobName
from services.store.errors import NewerVersionError
from services.store.notices import Notice
from services.store.presses import Press
from services.store.stores import Stores
from tests.contract.case_stores import approved, fields_of, presented, write
from tests.factories import ADA, NOW, a_reset

ADDED = "of_tomorrow"


def with_additions(value: Any) -> Any:  # noqa: ANN401  any JSON
    """Add a field to each object, as deep as it goes."""
    if isinstance(value, dict):
        return {name: with_additions(one) for name, one in value.items()} | {ADDED: {"new": 1}}
    if isinstance(value, list):
        return [with_additions(one) for one in value]
    return value


def additions(value: Any) -> int:  # noqa: ANN401  any JSON
    if isinstance(value, dict):
        return (ADDED in value) + sum(additions(one) for one in value.values())
    return sum(additions(one) for one in value) if isinstance(value, list) else 0


async def written_by_a_newer_version(raw: Valkey, key: str) -> int:
    """Add fields to a stored document; return how many."""
    document = with_additions(json.loads((await fields_of(raw, key))["d"]))
    await write(raw, key, d=json.dumps(document))
    return additions(document)


async def kept(raw: Valkey, key: str) -> int:
    return additions(json.loads((await fields_of(raw, key))["d"]))


async def test_a_move_of_a_reset_keeps_what_it_does_not_know(stores: Stores, raw: Valkey) -> None:
    reset = a_reset(requester=SlackUser(user_id=ADA.user_id))
    await stores.resets.move(None, Change(Move.START, reset, NOW))
    key = keys.reset(reset.id)
    added = await written_by_a_newer_version(raw, key)
    read = await stores.resets.get(reset.id)
    assert read is not None
    after = read.model_copy(update={"detail": "x"})
    await stores.resets.move(read, Change(Move.OFFER, after, NOW))
    assert await kept(raw, key) == added == 2


async def test_a_move_of_a_case_keeps_what_it_does_not_know(stores: Stores, raw: Valkey) -> None:
    case = await presented(stores)
    key = keys.case(case.id)
    added = await written_by_a_newer_version(raw, key)
    read = await stores.cases.get(case.id)
    assert read is not None
    await approved(stores, read)
    assert await kept(raw, key) == added > 4


@pytest.mark.parametrize("model", [Reset, Case, FollowUp])
def test_every_part_of_a_stored_model_keeps_what_it_does_not_know(model: Any) -> None:  # noqa: ANN401
    """By the schema: whatever a document holds, however deep, may be added to."""
    schema = model.model_json_schema()
    parts = {name: one for name, one in schema["$defs"].items() if one.get("type") == "object"}
    closed = [name for name, one in parts.items() if one.get("additionalProperties") is not True]
    assert len(parts) > 2
    assert closed == []
    assert schema["additionalProperties"] is True


@pytest.mark.parametrize(
    ("field", "value"), [("d", "{"), ("d", '{"id": 7}'), ("s", "brand_new"), ("v", "one")]
)
async def test_a_reset_that_can_not_be_read_is_not_one_that_is_gone(
    stores: Stores, raw: Valkey, field: str, value: str
) -> None:
    good, bad = a_reset(), a_reset()
    for one in (good, bad):
        await stores.resets.move(None, Change(Move.START, one, NOW))
    await write(raw, keys.reset(bad.id), **{field: value})
    with pytest.raises(NewerVersionError):
        await stores.resets.get(bad.id)
    found = await stores.resets.newest_of(good.requester.user_id, 5)
    assert [one.id for one in found] == [good.id]


async def test_a_press_and_a_notice_that_can_not_be_read_are_not_gone(
    stores: Stores, raw: Valkey
) -> None:
    press = Press(id="1", person=ADA)
    await stores.presses.save(press, JobName.ANSWER, response_url=None)
    await raw.set(keys.press("1"), '{"id": "1", "kind": "brand_new"}')
    with pytest.raises(NewerVersionError):
        await stores.presses.get("1")
    notice = Notice(id="2", person=ADA, channel="D1", thread_ts="1.0", leaked=False)
    await stores.notices.save(notice, JobName.ANSWER_DM)
    await write(raw, keys.notice("2"), d='{"id": "2"}')
    with pytest.raises(NewerVersionError):
        await stores.notices.get("2")
