"""Ada's integrations: what a reset breaks, what mends it, and how they are looked after by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_network

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.app import create_app
from sandbox.salesforce.clients import LoginResult
from sandbox.salesforce.credentials import reset_token
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.seed import SeededOrg
from sandbox.salesforce.timetable import NoTokenError, Timetable
from sandbox.serving import serving
from tests.unit.sandbox.salesforce_org import acme_now, http

WITH_TOKEN = {"Data Loader", "Acme ETL", "dataloader.io", "Invoice Robot"}
WITHOUT = {"Outlook", "Acme Sync", "Payroll"}


@asynccontextmanager
async def adas(*, office: bool = True) -> AsyncIterator[tuple[SeededOrg, Timetable]]:
    """Acme's org, served, and Ada's integrations; Payroll's network trusted, unless told."""
    org, _ = acme_now()
    if office:
        org.trusted_networks.append(ip_network("10.20.0.0/16"))
    async with serving(create_app(org)) as origin:
        org.timetable = org.integrations(org.person("ada"), origin)
        yield org, org.timetable


def greens(timetable: Timetable) -> set[str]:
    return {name for name, entry in timetable.entries.items() if entry.is_green}


async def test_all_get_in_until_a_reset_breaks_those_with_the_token() -> None:
    async with adas() as (org, timetable):
        ada = org.person("ada")
        assert {name for name, each in (await timetable.all_log_in()).items() if each.ok} == (
            WITH_TOKEN | WITHOUT
        )
        reset_token(org, ada)
        await timetable.all_log_in()
        assert greens(timetable) == WITHOUT
        assert not ada.is_password_locked
        for name in WITH_TOKEN:
            timetable.paste_token(name, ada.security_token)
        await timetable.all_log_in()
    assert greens(timetable) == WITH_TOKEN | WITHOUT
    robot, loader = timetable.entries["Invoice Robot"], timetable.entries["Data Loader"]
    assert (loader.succeeded, loader.failed) == (2, 1)
    assert (robot.succeeded, robot.failed) == (2, 1)
    mine = [row for row in org.logins if row.client.application == "Invoice Robot"]
    assert [row.status for row in mine] == ["Success", *["Invalid Password"] * 5, "Success"]
    assert loader.last_at == org.clock()


async def test_logins_show_as_the_history_shows_them() -> None:
    async with adas() as (org, timetable):
        ada = org.person("ada")
        before = {
            row.client.application: (row.client, row.source_ip) for row in org.logins_of[ada.id]
        }
        await timetable.all_log_in()
        new = org.logins_of[ada.id][-len(timetable.entries) :]
    for row in new:
        old = before.get(row.client.application)
        if old is None:
            assert row.client.application == "Invoice Robot"
            continue
        client, address = old
        assert row.source_ip == address
        assert (row.client.login_type, row.client.login_subtype) == (
            client.login_type,
            client.login_subtype,
        )
        assert row.client.api_type == client.api_type
        assert row.client.client_version == client.client_version


async def test_payroll_gets_in_only_from_a_trusted_network() -> None:
    async with adas(office=False) as (_, timetable):
        result = await timetable.log_in("Payroll")
    assert not result.ok
    assert (result.error or "").startswith("LOGIN_MUST_USE_SECURITY_TOKEN")


async def test_one_that_tries_hard_locks_the_account_for_the_others_too() -> None:
    org, clock = acme_now()
    ada = org.person("ada")
    async with serving(create_app(org)) as origin:
        robot, loader = org.invoice_robot(ada, origin), org.data_loader(ada, origin)
        sync = org.acme_sync(ada, origin)
        assert (await robot.login()).ok
        reset_token(org, ada)
        clock.forward(60)
        refused = await robot.login()
        loader.paste_token(ada.security_token)
        results = [await loader.login(), await sync.login()]
    assert not refused.ok
    assert (ada.is_password_locked, ada.login_changed) == (True, clock.now)
    statuses = [row.status for row in org.logins_of[ada.id][-15:]]
    assert statuses == [
        *["Invalid Password"] * 10,
        *["Password Lockout"] * 4,
        "Success",
    ]
    assert [each.ok for each in results] == [False, True]


async def test_acme_sync_may_act_as_ada_and_as_nobody_else() -> None:
    org, _ = acme_now()
    async with serving(create_app(org)) as origin:
        result = await org.acme_sync(org.person("eve"), origin).login()
    assert result.error == "invalid_app_access: user is not admin approved to access this app"


async def test_left_alone_they_lock_the_account_within_ten_minutes_of_a_reset() -> None:
    async with adas() as (org, timetable):
        ada = org.person("ada")
        reset_token(org, ada)
        for minute in range(10):
            for name, entry in timetable.entries.items():
                # The worst moment: Payroll, which sets the count back, comes in between.
                turn = 3 if name == "Payroll" else 0
                if minute % (entry.every.total_seconds() // 60) == turn:
                    await timetable.log_in(name)
    assert ada.is_password_locked


class Counting:
    """A client that notes each login."""

    def __init__(self) -> None:
        self.logins = 0
        self.enough = asyncio.Event()

    async def login(self) -> LoginResult:
        self.logins += 1
        if self.logins == 3:
            self.enough.set()
        return LoginResult(ok=True)


async def test_a_timetable_runs_each_on_its_own_schedule_until_cancelled() -> None:
    org, _ = acme_now()
    timetable = Timetable(org.clock)
    often, seldom = Counting(), Counting()
    timetable.add("often", often, timedelta(milliseconds=1))
    timetable.add("seldom", seldom, timedelta(hours=1))
    running = asyncio.create_task(timetable.run())
    await asyncio.wait_for(often.enough.wait(), 5)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert seldom.logins == 1
    assert timetable.entries["often"].succeeded >= 3


@pytest.mark.parametrize(
    "fault",
    [faults.drop(), faults.status(503), faults.request_limit(), faults.truncated()],
)
async def test_an_org_that_gives_no_sensible_answer_is_red_and_nothing_worse(fault: Fault) -> None:
    async with adas() as (org, timetable):
        org.faults.add("*", fault, times=None)
        await timetable.all_log_in()
        assert greens(timetable) == set()
        assert all(entry.last and entry.last.error for entry in timetable.entries.values())
        org.faults.clear()
        assert (await timetable.log_in("Outlook")).ok


def test_only_what_keeps_a_token_takes_one() -> None:
    org, _ = acme_now()
    timetable = org.integrations(org.person("ada"), "http://127.0.0.1:1")
    with pytest.raises(NoTokenError, match="Outlook"):
        timetable.paste_token("Outlook", "new")
    with pytest.raises(KeyError, match="Nobody"):
        timetable.paste_token("Nobody", "new")


async def test_by_hand_one_sees_them_lets_them_log_in_and_gives_one_the_token() -> None:
    async with adas() as (org, timetable), http(org) as client:
        ada = org.person("ada")
        unused = (await client.get("/integrations")).text
        reset_token(org, ada)
        listed = (await client.post("/integrations")).text.splitlines()
        path = "/integrations/data-loader/token"
        pasted = (await client.post(path, data={"token": f" {ada.security_token}\n"})).text
        by_name = await client.post("/integrations/Acme ETL/token", data={"token": "wrong"})
        after = (await client.get("/integrations")).text
    assert unused.count("has not logged in yet") == len(timetable.entries)
    assert {line.split()[1] for line in listed if line.startswith("green")} == {
        "outlook",
        "acme-sync",
        "payroll",
    }
    assert next(line for line in listed if "data-loader" in line).split()[3] == "INVALID_LOGIN:"
    assert pasted.startswith("green   data-loader")
    assert pasted in after
    assert by_name.text.startswith("red     acme-etl")


@pytest.mark.parametrize(
    ("path", "fields", "status", "words"),
    [
        ("nobody", {"token": "x"}, 404, "no integration nobody"),
        ("outlook", {"token": "x"}, 400, "Outlook keeps no security token"),
        ("data-loader", {"token": " "}, 400, "field token"),
        ("data-loader", {}, 400, "field token"),
    ],
)
async def test_a_token_that_can_not_be_pasted_is_refused(
    path: str, fields: dict[str, str], status: int, words: str
) -> None:
    org, _ = acme_now()
    org.timetable = org.integrations(org.person("ada"), "http://127.0.0.1:1")
    async with http(org) as client:
        response = await client.post(f"/integrations/{path}/token", data=fields)
    assert (response.status_code, words in response.text) == (status, True)


async def test_without_integrations_the_list_says_so() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        assert (await client.get("/integrations")).text == "No integrations.\n"
