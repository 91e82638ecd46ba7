"""The two resets against an org in which they really reset."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.salesforce import faults
from sandbox.salesforce.reset_page import ResetPage, Variant
from sandbox.salesforce.seed import SeededOrg, acme
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotFound,
    OutcomeUnknown,
    PageRefused,
    SalesforceError,
    Unavailable,
    Unexpected,
)
from services.salesforce.org import Org
from tests.contract.salesforce_org import client_of, utc_now

ADA = "ada@acme.example"


@pytest.fixture
def sandbox() -> SeededOrg:
    return acme()


@pytest.fixture
async def org(sandbox: SeededOrg) -> AsyncIterator[Org]:
    async with client_of(sandbox) as org:
        yield org


async def press(org: Org, username: str = ADA) -> None:
    page = await org.open_reset_page(username)
    try:
        await page.submit()
    finally:
        await page.close()


def sessions_of(sandbox: SeededOrg, username: str = ADA) -> int:
    return sum(session.user.username == username for session in sandbox.sessions.values())


# The page


@pytest.mark.parametrize(
    "variant",
    [
        Variant.CLASSIC,
        Variant.GET_METHOD,
        Variant.RENAMED,
        Variant.RELATIVE_ACTION,
        Variant.FORM_ACTION,
        Variant.OUTSIDE_BUTTON,
        Variant.TWO_BUTTONS,
    ],
)
async def test_the_token_is_reset_whatever_the_form_looks_like(
    org: Org, sandbox: SeededOrg, variant: Variant
) -> None:
    sandbox.reset_page = ResetPage(variant)
    ada = sandbox.user(ADA)
    before, password = ada.security_token, ada.password
    await press(org)
    assert ada.security_token != before
    assert ada.password == password
    assert ada.security_token in sandbox.mailbox(ADA)[-1].text
    assert len(sandbox.resets) == 1
    assert sandbox.hazard_gets == 0
    assert sessions_of(sandbox) == 0


async def test_a_reset_is_eight_requests(org: Org, sandbox: SeededOrg) -> None:
    await press(org)
    assert [call.endpoint for call in sandbox.calls] == [
        "token",
        "singleaccess",
        "frontdoor",
        "page",
        "submit",
        "result",
        "logout",
        "revoke",
    ]


@pytest.mark.parametrize(
    ("variant", "code"),
    [
        (Variant.NO_BUTTON, "no_button"),
        (Variant.OFFSITE_ACTION, "offsite"),
        (Variant.GET_CONFIRM, "get_confirm"),
        (Variant.INSUFFICIENT_PRIVILEGES, "insufficient_privileges"),
        (Variant.URL_NO_LONGER_EXISTS, "url_gone"),
        (Variant.EXPIRED_PASSWORD, "expired_password"),
    ],
)
async def test_a_page_that_cannot_be_used_changes_nothing(
    org: Org, sandbox: SeededOrg, variant: Variant, code: str
) -> None:
    sandbox.reset_page = ResetPage(variant)
    with pytest.raises(PageRefused) as caught:
        await org.open_reset_page(ADA)
    assert caught.value.code == code
    assert sandbox.resets == []
    assert sandbox.hazard_gets == 0
    assert sessions_of(sandbox) == 0


@pytest.mark.parametrize(
    ("username", "expected", "code"),
    [
        ("ben@acme.example.prod", PageRefused, "not_preauthorised"),
        ("omar@acme.example.prod", PageRefused, "api_only"),
        ("nobody@acme.example", PageRefused, "not_preauthorised"),
    ],
)
async def test_a_user_for_whom_there_is_no_page(
    org: Org, sandbox: SeededOrg, username: str, expected: type[SalesforceError], code: str
) -> None:
    with pytest.raises(expected) as caught:
        await org.open_reset_page(username)
    assert caught.value.code == code
    assert sandbox.resets == []
    assert sessions_of(sandbox, username) == 0


async def test_a_frozen_user_gets_no_session(org: Org, sandbox: SeededOrg) -> None:
    sandbox.user(ADA).is_frozen = True
    with pytest.raises((LoginRefused, PageRefused)):
        await org.open_reset_page(ADA)
    assert sandbox.resets == []


@pytest.mark.parametrize("endpoint", ["token", "singleaccess", "frontdoor", "page"])
@pytest.mark.parametrize(
    "fault",
    [
        faults.status(503),
        faults.status(429, retry_after=9),
        faults.hang(),
        faults.drop(),
        faults.truncated(),
        faults.cut_off(),
        faults.to_login(),
        faults.html_unauthorized(),
        faults.expired_session(),
        faults.request_limit(),
    ],
)
async def test_trouble_before_the_press_changes_nothing_and_leaves_no_session(
    org: Org, sandbox: SeededOrg, endpoint: str, fault: faults.Fault
) -> None:
    sandbox.faults.add(endpoint, fault, times=None)
    try:
        page = await org.open_reset_page(ADA)
    except (PageRefused, LoginRefused, Unavailable, Unexpected):
        pass
    else:
        # A front door whose answer is cut short has opened all the same.
        assert endpoint == "frontdoor"
        await page.close()
    assert sandbox.count(0, "submit") == 0
    assert sandbox.resets == []
    if endpoint != "token":
        assert sandbox.count(0, "revoke") == 1
        # A session that was opened by an answer which never came can't be closed by anyone.
        left = [one for one in sandbox.sessions.values() if one.user.username == ADA]
        assert all(one.kind == "UI" for one in left)
        assert not left or (endpoint == "frontdoor" and fault.after_effect)


@pytest.mark.parametrize(
    ("endpoint", "fault", "done"),
    [
        ("submit", faults.status(503), 0),
        ("submit", faults.status(503, after_effect=True), 1),
        ("submit", faults.status(429), 0),
        ("submit", faults.hang(), 0),
        ("submit", faults.hang(after_effect=True), 1),
        ("submit", faults.drop(), 0),
        ("submit", faults.drop(after_effect=True), 1),
        ("submit", faults.to_login(), 0),
        ("submit", faults.expired_session(), 0),
        ("result", faults.status(500), 1),
        ("result", faults.hang(), 1),
        ("result", faults.drop(), 1),
        ("result", faults.cut_off(), 1),
        ("result", faults.to_login(), 1),
    ],
)
async def test_trouble_after_the_press_is_unknown_and_never_pressed_again(
    org: Org, sandbox: SeededOrg, endpoint: str, fault: faults.Fault, done: int
) -> None:
    sandbox.faults.add(endpoint, fault, times=None)
    with pytest.raises(OutcomeUnknown):
        await press(org)
    assert sandbox.count(0, "submit") == 1
    assert len(sandbox.resets) == done
    assert sandbox.hazard_gets == 0
    assert sessions_of(sandbox) == 0


@pytest.mark.parametrize(("variant", "done"), [(Variant.REFUSED, 0), (Variant.ODD_ANSWER, 1)])
async def test_an_answer_that_does_not_say_so_is_unknown(
    org: Org, sandbox: SeededOrg, variant: Variant, done: int
) -> None:
    sandbox.reset_page = ResetPage(variant)
    with pytest.raises(OutcomeUnknown):
        await press(org)
    assert len(sandbox.resets) == done


async def test_a_session_that_died_before_the_press_is_unknown_and_harmless(
    org: Org, sandbox: SeededOrg
) -> None:
    page = await org.open_reset_page(ADA)
    sandbox.expire_sessions()
    with pytest.raises(OutcomeUnknown):
        await page.submit()
    await page.close()
    assert sandbox.resets == []


# The password


async def test_the_password_call_resets_password_and_token(org: Org, sandbox: SeededOrg) -> None:
    ada = sandbox.user(ADA)
    before = (ada.password, ada.security_token)
    await org.reset_link()
    since, moment = len(sandbox.calls), utc_now()
    await org.reset_password(ada.id)
    assert sandbox.count(since) == sandbox.count(since, "password") == 1
    assert ada.password != before[0]
    assert ada.security_token != before[1]
    user = await org.user(ada.id)
    assert user is not None
    assert await org.password_reset_seen(user, moment)
    assert not await org.password_reset_seen(user, utc_now() + timedelta(seconds=2))
    (ben,) = await org.find_users("ben@acme.example")
    assert not await org.password_reset_seen(ben, moment)


async def test_a_reset_by_somebody_else_is_no_evidence(org: Org, sandbox: SeededOrg) -> None:
    moment = utc_now()
    sandbox.record_setup_change(
        sandbox.person("ben"), "resetpassword", "Manage Users", f"Reset password for user {ADA}"
    )
    (ada,) = await org.find_users(ADA)
    assert not await org.password_reset_seen(ada, moment - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("fault", "expected", "done"),
    [
        (faults.hang(), OutcomeUnknown, 0),
        (faults.hang(after_effect=True), OutcomeUnknown, 1),
        (faults.drop(), OutcomeUnknown, 0),
        (faults.drop(after_effect=True), OutcomeUnknown, 1),
        (faults.status(500), OutcomeUnknown, 0),
        (faults.status(503, after_effect=True), OutcomeUnknown, 1),
        (faults.to_login(), OutcomeUnknown, 0),
        (faults.request_limit(), LimitReached, 0),
        (faults.locked_row(400), Unavailable, 0),
        (faults.locked_row(409), Unavailable, 0),
        (faults.status(429, retry_after=7), Unavailable, 0),
        (faults.expired_session(), LoginRefused, 0),
        (faults.html_unauthorized(), LoginRefused, 0),
        (faults.odd_unauthorized(), LoginRefused, 0),
    ],
)
async def test_what_is_certain_about_the_password_call(
    org: Org,
    sandbox: SeededOrg,
    fault: faults.Fault,
    expected: type[SalesforceError],
    done: int,
) -> None:
    sandbox.faults.add("password", fault, times=None)
    with pytest.raises(expected) as caught:
        await org.reset_password(sandbox.user(ADA).id)
    assert type(caught.value) is expected
    assert len(sandbox.resets) == done
    again = 2 if expected is LoginRefused else 1
    assert sandbox.count(0, "password") == again


@pytest.mark.parametrize("fault", [faults.truncated(), faults.cut_off()])
async def test_a_cut_off_body_hides_nothing_that_is_needed(
    org: Org, sandbox: SeededOrg, fault: faults.Fault
) -> None:
    sandbox.faults.add("password", fault)
    await org.reset_password(sandbox.user(ADA).id)
    assert len(sandbox.resets) == 1


async def test_an_expired_session_is_renewed_before_one_reset(org: Org, sandbox: SeededOrg) -> None:
    await org.reset_link()
    sandbox.expire_sessions()
    await org.reset_password(sandbox.user(ADA).id)
    assert len(sandbox.resets) == 1


async def test_a_user_who_is_gone_is_not_found(org: Org, sandbox: SeededOrg) -> None:
    with pytest.raises(NotFound):
        await org.reset_password("005000000000999AAA")
    with pytest.raises(Unexpected):
        await org.reset_password(sandbox.person("pia").id)
    assert sandbox.resets == []


async def test_the_guided_link_leads_to_the_page(org: Org, sandbox: SeededOrg) -> None:
    link = await org.reset_link()
    assert link.startswith(f"{sandbox.origin}/_ui/system/security/ResetApiTokenEdit?")
    assert "Confirm" not in link
