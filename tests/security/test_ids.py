"""Ids that nobody was given: guessed, bent, or of something else. None leads anywhere.

Real ids in the wrong hands, or of another kind of thing, are tried in `test_authority.py`; those of
another org in `test_ids_of_orgs.py`.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from services.resets.model import new_id
from tests.counting import Count
from tests.scenario.breach_attempts import hurried
from tests.security import authority_table as table
from tests.security.authority_actions import deed, refusal_row
from tests.security.authority_cast import a_cast
from tests.security.authority_subjects import Subject, a_case, a_reset
from tests.security.authority_table import Action
from tests.security.authority_watch import Watch, watching

GUESSES = 20
CARRIES_NO_ID = {"breach.review"}
"""The button is about all that are open."""


@pytest.fixture
async def watch(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    hurried(monkeypatch)
    async with a_cast(redis_url) as cast, watching(cast) as watch:
        yield watch


def bent(real: str) -> list[str]:
    """What is nearly a real id, or would be one to a store that reads it otherwise."""
    return [
        real.upper(),
        real[:-1],
        f"{real}0",
        f" {real}",
        f"{real}\n",
        f"{real}\0",
        f"{real};posts",
        f"../{real}",
        f"reset:{real}",
        f"{real[:-1]}?",
        f"{real[:4]}*",
        "*",
        "",
    ]


def actions(allowed: table.Table) -> list[Action]:
    return [one for one in allowed.actions if one.name not in CARRIES_NO_ID]


async def test_no_id_about_a_reset_can_be_guessed_or_bent(watch: Watch, count: Count) -> None:
    subject = await a_reset(watch.cast, "awaiting_user", "requester")
    await leads_nowhere(watch, "requester", actions(table.ABOUT_A_RESET), subject, count)


async def test_no_id_about_a_case_can_be_guessed_or_bent(watch: Watch, count: Count) -> None:
    subject = await a_case(watch.cast, "awaiting_approval")
    await leads_nowhere(watch, "approver", actions(table.ABOUT_A_CASE), subject, count)


async def leads_nowhere(
    watch: Watch, who: str, tried: list[Action], real: Subject, count: Count
) -> None:
    """Whoever could do all of it with the real id does nothing with these, and is told so."""
    person, slack = watch.cast.person(who), watch.slack
    ids = [
        *(secrets.token_hex(16) for _ in range(GUESSES)),
        *(one for held in {real.own, *real.others.values()} for one in bent(held)),
    ]
    await watch.settled()
    await watch.new_rows()
    before = await watch.everything()

    async def does(action: Action, some_id: str) -> None:
        async with watch.turns:
            sent = deed(slack, person, action, Subject("nothing", some_id))
            assert (await slack.dispatcher.deliver(sent.kind, sent.payload)).status == 200

    await asyncio.gather(*(does(action, one) for action in tried for one in ids))
    await watch.settled()
    assert await watch.everything() == before
    rows = await watch.new_rows()
    assert Counter(row.what for row in rows) == Counter(
        refusal_row(action) for action in tried for _ in ids
    )
    assert {row.why for row in rows} <= {"gone", "not_approver"}
    count("ids guessed or bent", len(tried) * len(ids))


def test_an_id_says_nothing_of_another_one() -> None:
    made = [new_id() for _ in range(10_000)]
    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {32}
    # Each of the 128 bits is as often set as not, as far as so many can tell (ten deviations).
    numbers = [int(one, 16) for one in made]
    for bit in range(128):
        assert abs(sum(number >> bit & 1 for number in numbers) - 5_000) < 500
