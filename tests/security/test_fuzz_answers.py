"""Whatever Salesforce answers: errors of ours, which tell nothing of what it was.

And no success is claimed that the answer doesn't carry.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from sandbox.salesforce.app import create_app
from sandbox.salesforce.seed import SeededOrg, acme
from sandbox.serving import serving
from services.clock import utc_now
from services.salesforce import assertion, retrying
from services.salesforce.answers import refusal_of, says_mailed
from services.salesforce.errors import OutcomeUnknown, SalesforceError
from services.salesforce.home import Home
from services.salesforce.http import Timeouts
from services.salesforce.org import Org
from services.salesforce.page import read, reset_form
from services.salesforce.records import SalesforceUser
from services.salesforce.refusals import effect_refusal, refusal
from tests.contract.salesforce_org import config_of
from tests.counting import Count
from tests.security.doors import A_WHILE
from tests.security.fuzz_mangling import STATUSES, WAITS, Mangled
from tests.security.fuzz_spoiling import SCALE, as_json, chance, spoilt, spoilt_bytes
from tests.security.memory import Memory

INPUTS = "fuzzed inputs"
LOGIN = "https://login.salesforce.com"
URL = "https://acme.my.salesforce.com/_ui/system/security/ResetApiTokenEdit"

pytestmark = pytest.mark.usefixtures("quiet_log", "deep_stacks")


@contextlib.asynccontextmanager
async def mangled(name: str) -> AsyncIterator[tuple[Org, SeededOrg, Mangled]]:
    """Our client of an org whose answers are spoilt, once it has logged in."""
    sandbox = acme()
    app = Mangled(create_app(sandbox), chance(name))
    with ThreadPoolExecutor(8) as executor:
        async with serving(app) as origin:
            org = Org(
                config_of(sandbox, origin),
                utc_now,
                executor,
                Timeouts(connect=5.0, read=5.0, effect=5.0),
            )
            await org.find_users("ada@acme.example")
            app.is_on = True
            yield org, sandbox, app
            app.is_on = False
            await org.close()


@contextlib.asynccontextmanager
async def answered() -> AsyncIterator[None]:
    """What is asked meanwhile ends in a while, well or with an error of ours."""
    async with asyncio.timeout(A_WHILE):
        with contextlib.suppress(SalesforceError):  # and nothing else may come out
            yield


@contextlib.contextmanager
def read_in_a_while() -> Iterator[None]:
    """The same, of what is read without waiting for anybody."""
    began = time.monotonic()
    with contextlib.suppress(SalesforceError):
        yield
    assert time.monotonic() - began < A_WHILE


@pytest.mark.parametrize("half", [0, 1])
async def test_reads_of_salesforce(
    half: int, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "ATTEMPTS", 1)
    async with mangled(f"reads {half}") as (org, sandbox, app):
        ada = await _sound(app, org, sandbox)
        since = utc_now() - timedelta(hours=1)
        reads: list[Callable[[], Awaitable[object]]] = [
            lambda: org.find_users("ada@acme.example"),
            lambda: org.user(ada.id),
            lambda: org.read_account(ada.id, 30),
            lambda: org.read_new_logins([ada.id], since),
            lambda: org.password_reset_seen(ada, since),
            lambda: org.control.read_evidence(ada.id, 30),
            lambda: org.control.read_standing(ada.id),
            lambda: org.control.other_admins(ada.id),
        ]
        number = 1_000 * SCALE
        while app.answers < number:
            for read_it in reads:
                async with answered():
                    await read_it()
        count(INPUTS, app.answers)


async def _sound(app: Mangled, org: Org, sandbox: SeededOrg) -> SalesforceUser:
    app.is_on = False
    found = await org.user(sandbox.person("ada").id)
    app.is_on = True
    assert found is not None
    return found


async def test_changes_at_salesforce(count: Count, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is spoilt here is the answer to something that was done: nothing else is claimed."""
    monkeypatch.setattr(retrying, "ATTEMPTS", 1)
    async with mangled("changes") as (org, sandbox, app):
        # A 401 says that nothing was done, and is believed: the request is sent once more.
        app.statuses = [one for one in STATUSES if one != 401]
        ada = await _sound(app, org, sandbox)
        user = sandbox.person("ada")
        number = 700 * SCALE
        while app.answers < number:
            before = len(sandbox.resets)
            async with answered():
                await org.reset_password(ada.id)
                assert len(sandbox.resets) == before + 1, "done is said of what was done"
            for frozen in (True, False):
                async with answered():
                    await org.control.set_frozen(ada.id, frozen=frozen)
                    assert user.is_frozen == frozen
            async with answered():
                await org.control.end_sessions(ada.id)
            async with answered():
                await org.control.revoke_grants(ada.id)
            async with answered():
                page = await org.open_reset_page(ada.username)
                before = len(sandbox.resets)
                try:
                    await page.submit()
                    assert len(sandbox.resets) == before + 1
                except OutcomeUnknown:
                    pass
                finally:
                    await page.close()
        count(INPUTS, app.answers)


FORM = b"""<form id=search action=/search><input name=q></form><form method=POST action=Confirm>
<input type=hidden name=_CONFIRMATIONTOKEN value='a&amp;b='>
<input type=submit name=save value='Reset Security Token'></form>"""
PAGES = [
    FORM,
    b"<p>A new security token has been emailed to: <b>ada@acme.example</b></p>",
    b"<h1>Insufficient Privileges</h1><p>You do not have the level of access</p>",
    b"<form method=post action=https://login.salesforce.com/?ec=302><input type=password name=pw>",
]
SUCCESS = 1


def test_pages_of_salesforce(count: Count) -> None:
    rng, number = chance("pages"), 8_000 * SCALE
    memory = Memory(number)
    for done in range(1, number + 1):
        which = rng.randrange(len(PAGES))
        body = spoilt_bytes(rng, PAGES[which])
        kind = rng.choice(["text/html", "text/html; charset=utf-16", "x", "text/html; charset=zz"])
        with read_in_a_while():
            page = read(body, kind)
            refusal_of(page, URL)
            if says_mailed(page, URL):
                assert which == SUCCESS, "mailed is said of that page alone"
                assert "security token" in page.text.lower()
            form = reset_form(page, URL)
            assert form.action.startswith("https://acme.my.salesforce.com/")
        memory.look(done)
    memory.stays_flat()
    count(INPUTS, number)


TOKEN = {
    "access_token": "00D5g!AQ",
    "instance_url": "https://acme.my.salesforce.com",
    "id": "https://login.salesforce.com/id/00D/005",
    "token_type": "Bearer",
}
ERRORS = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]


def test_logins_and_refusals_of_salesforce(count: Count) -> None:
    rng, number = chance("logins"), 5_000 * SCALE
    memory = Memory(number)
    for done in range(1, number + 1):
        sound = TOKEN if done % 2 else ERRORS
        body = as_json(spoilt(rng, sound))
        if rng.random() < 0.3:
            body = spoilt_bytes(rng, body)
        headers = {"Retry-After": rng.choice(WAITS)}
        status = rng.choice([one for one in STATUSES if one >= 300])
        for named in (refusal, effect_refusal):
            assert isinstance(named(status, headers, body, needs="x"), SalesforceError)
        with read_in_a_while():
            grant = assertion._grant(body, Home(LOGIN))
            assert grant.instance_url.endswith(".salesforce.com"), "it goes nowhere else"
            assert json.loads(body)["access_token"] == grant.access_token
        memory.look(done)
    memory.stays_flat()
    count(INPUTS, number)
