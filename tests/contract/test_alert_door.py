"""The door for alerts before the real store: what arrives twice, or at once, makes one case."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.cases.reporting import Reporting
from services.clock import utc_now
from services.store.stores import Stores
from tests.unit.bot.alert_sender import ALERT, NEW, OLD, Sender


def open_stores(url: str) -> Stores:
    return Stores(
        url,
        retention=timedelta(days=90),
        audit_retention=timedelta(days=365),
        cooldown=timedelta(minutes=10),
        evidence=timedelta(days=90),
    )


@pytest.fixture
async def stores(redis_url: str) -> AsyncIterator[Stores]:
    async with open_stores(redis_url) as opened:
        yield opened


@pytest.fixture
def sender(stores: Stores) -> Sender:
    return Sender(NEW, OLD, take=Reporting(stores.cases, utc_now).alert)


async def test_what_an_alert_says_is_in_its_case(sender: Sender, stores: Stores) -> None:
    answer = await sender.send(ALERT | {"org": "partner", "evidence": ["from 203.0.113.9"]})
    case = await stores.cases.get(answer.json()["id"])

    assert answer.status_code == 202
    assert case
    assert (case.asked_for, case.org) == (ALERT["user"], "partner")
    assert case.origin.alert
    assert (case.origin.alert.secret, case.origin.alert.secrets) == (2, 2)
    assert (case.origin.reason, case.origin.evidence) == (ALERT["reason"], ("from 203.0.113.9",))


async def test_fifty_at_once_make_one_case(sender: Sender, stores: Stores) -> None:
    answers = await asyncio.gather(
        *(sender.send(ALERT, webhook_id=f"msg_{number % 5}") for number in range(50))
    )

    assert Counter(one.status_code for one in answers) == {202: 1, 200: 49}
    assert len({one.json()["id"] for one in answers}) == 1
    assert await stores.cases.count_open() == 1


async def test_five_hundred_for_as_many_users_make_as_many_cases(
    sender: Sender, stores: Stores
) -> None:
    answers = await asyncio.gather(
        *(
            sender.send(
                ALERT | {"id": f"{number}", "user": f"user{number}@acme.example"},
                webhook_id=f"msg_{number}",
            )
            for number in range(500)
        )
    )

    assert {one.status_code for one in answers} == {202}
    assert len({one.json()["id"] for one in answers}) == 500
    assert await stores.cases.count_open() == 500


async def test_without_redis_it_is_503() -> None:
    async with open_stores("redis://127.0.0.1:1") as stores:
        answer = await Sender(OLD, take=Reporting(stores.cases, utc_now).alert).send(ALERT)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
