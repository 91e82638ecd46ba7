"""What warnings and follow-ups cost in calls of Salesforce's: `python -m bench reads`."""

import math
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from bench.report import Report
from bench.surroundings import valkey
from sandbox.salesforce.app import create_app
from sandbox.salesforce.records import Client
from sandbox.salesforce.seed import SeededOrg, acme
from sandbox.serving import serving
from services.follow_ups.followers import FollowUps
from services.impact.assess import assess
from services.orgs import OrgConfig, ResetMethod
from services.resets.model import Account, Reset, SlackUser, new_id
from services.resets.states import State
from services.salesforce.org import Org
from services.store.stores import Stores

PAGE = 2000
"""Rows in one answer of Salesforce's."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    logins: tuple[int, ...] = (100, 2_500, 50_000)
    people: int = 1000
    """Open follow-ups."""


SMALL = Size(logins=(10, 2_500), people=20)

DAYS = 90


class Moved:
    """The real time, some of it ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@asynccontextmanager
async def the_org(clock: Moved) -> AsyncIterator[tuple[SeededOrg, Org]]:
    """Serve an org, and give the bot's client of it, logged in."""
    sandbox = acme(clock)
    with ThreadPoolExecutor(8) as executor:
        async with serving(create_app(sandbox)) as origin:
            config = OrgConfig(
                name="production",
                login_url=origin,
                consumer_key=sandbox.bot_consumer_key,
                private_key=SecretStr(sandbox.bot_private_key_pem),
                username=sandbox.bot_user.username,
                user_consumer_key=sandbox.user_app_consumer_key,
                user_private_key=SecretStr(sandbox.user_app_private_key_pem),
                reset_method=ResetMethod.TOKEN,
            )
            org = Org(config, clock, executor)
            await org.user(sandbox.person("ada").id)
            yield sandbox, org
            await org.close()


async def warnings(table: Report, size: Size) -> None:
    """Read accounts of more and more logins, a job of every few seconds before a weekly one."""
    clock = Moved()
    async with the_org(clock) as (sandbox, org):
        for logins in size.logins:
            name = f"busy{logins}@acme.example"
            person = sandbox.add_user(name, name, f"Busy {logins}")
            busy = Client("Other Apex API", None, "Busy Job", "SOAP Partner", "59.0")
            weekly = Client("Other Apex API", None, "Weekly Job", "SOAP Partner", "59.0")
            now = clock()
            sandbox.record_login(person, weekly, "192.0.2.1", at=now - timedelta(days=6))
            for number in range(logins):
                at = now - timedelta(seconds=9 * (logins - number))
                sandbox.record_login(person, busy, "192.0.2.2", at=at)
            user = await org.user(person.id)
            assert user is not None
            calls, begun = sandbox.count(), time.perf_counter()
            reading = await org.read_account(person.id, DAYS)
            impact = assess(reading, user, method=ResetMethod.TOKEN)
            took, spent = time.perf_counter() - begun, sandbox.count() - calls
            assert {one.name for one in impact.integrations} == {"Busy Job", "Weekly Job"}
            pages = math.ceil((logins + 1) / PAGE)
            table.row(
                f"a warning, {logins:,} logins",
                f"{spent} call",
                f"{took * 1000:.0f} ms",
                target="≤ 3 calls",
            )
            table.ratio("calls of that", f"reading every page ({pages})", spent / pages)


async def rounds(table: Report, size: Size) -> None:
    """Look at a thousand accounts after their resets."""
    clock = Moved()
    with valkey() as url:
        day = timedelta(days=1)
        stores = Stores(
            url,
            retention=90 * day,
            audit_retention=365 * day,
            cooldown=day,
            evidence=90 * day,
        )
        async with stores, the_org(clock) as (sandbox, org):
            follow_ups = FollowUps(stores.follow_ups, {"production": org}, clock, days=7)
            people = [
                sandbox.add_user(f"p{number}@acme.example", f"p{number}@acme.example", "P")
                for number in range(size.people)
            ]
            for person in people:
                await follow_ups.start(_reset(person.id, clock()))
            job = Client("Other Apex API", None, "A Job", "SOAP Partner", "59.0")
            for number, ahead in enumerate((timedelta(minutes=2), timedelta(minutes=4), day)):
                clock.ahead = ahead
                for person in people:
                    sandbox.record_login(person, job, "192.0.2.3", "Invalid Password")
                calls, begun = sandbox.count(), time.perf_counter()
                await follow_ups.run_round("production", clock())
                spent, took = sandbox.count() - calls, time.perf_counter() - begun
                table.row(
                    f"round {number + 1} of {size.people:,} follow-ups",
                    f"{spent} calls",
                    f"{took:.1f} s",
                    target="≤ 10 calls",
                )
                table.ratio("calls of that", "one call each", spent / size.people)


def _reset(user_id: str, now: datetime) -> Reset:
    return Reset(
        id=new_id(),
        state=State.DONE,
        requester=SlackUser(user_id="U0BENCH001"),
        channel="C0GENERAL1",
        created_at=now,
        intent_at=now,
        finished_at=now,
        method=ResetMethod.TOKEN,
        account=Account(
            org="production", user_id=user_id, username="p@acme.example", mailed_to="p…@acme"
        ),
    )


async def measure(*, small: bool = False) -> list[Report]:
    """Find the figures."""
    size = SMALL if small else Size()
    table = Report("Calls of Salesforce's, and the ratio to asking plainly")
    await warnings(table, size)
    await rounds(table, size)
    return [table]
