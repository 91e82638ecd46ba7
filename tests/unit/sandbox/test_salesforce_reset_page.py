from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from lxml import html

from sandbox.salesforce.records import Client, ResetKind
from sandbox.salesforce.reset_page import CONFIRM, ELSEWHERE, ResetPage, Variant
from sandbox.salesforce.seed import SeededOrg
from tests.unit.sandbox.salesforce_org import ORIGIN, acme_now, http

EDIT = "/_ui/system/security/ResetApiTokenEdit?retURL=%2Fhere&setupid=ResetApiToken"
SUCCESS = "A new security token has been emailed to: ada@acme.example"


class Form(NamedTuple):
    """What a browser would send when the button is pressed."""

    action: str
    method: str
    fields: dict[str, str]


def entered(org: SeededOrg, client: httpx.AsyncClient) -> None:
    login = org.record_login(org.person("ada"), Client("Application"), "192.0.2.1")
    client.cookies.set("sid", org.open_session(login, "UI", {"web"}).token)


def pressed(page: httpx.Response) -> Form:
    tree = html.fromstring(page.text)
    (owner,) = (form for form in tree.forms if form.get("id") == "editPage")
    button = tree.xpath("//input[@type='submit'][@value='Reset Security Token']")[0]
    assert owner in button.iterancestors() or button.get("form") == "editPage"
    action = button.get("formaction") or owner.get("action")
    method = str(button.get("formmethod") or owner.get("method"))
    fields = {str(name): str(value) for name, value in owner.form_values()}
    fields[button.name] = button.value
    return Form(urljoin(str(page.url), action), method.upper(), fields)


async def send(client: httpx.AsyncClient, form: Form) -> httpx.Response:
    if form.method == "GET":
        return await client.get(form.action, params=form.fields)
    return await client.post(form.action, data=form.fields)


WORKING = [
    Variant.CLASSIC,
    Variant.GET_METHOD,
    Variant.GET_CONFIRM,
    Variant.RENAMED,
    Variant.RELATIVE_ACTION,
    Variant.FORM_ACTION,
    Variant.OUTSIDE_BUTTON,
    Variant.TWO_BUTTONS,
]


@pytest.mark.parametrize("variant", WORKING)
async def test_whoever_sends_the_form_as_a_browser_resets_once(variant: Variant) -> None:
    org, _ = acme_now()
    org.reset_page = ResetPage(variant)
    ada = org.person("ada")
    old = ada.security_token
    async with http(org) as client:
        entered(org, client)
        form = pressed(await client.get(EDIT))
        answer = await send(client, form)
        result = await client.get(answer.headers["location"])
        repeated = await send(client, form) if variant is not Variant.GET_CONFIRM else None
    assert answer.status_code == 302
    assert SUCCESS in result.text
    assert ada.security_token != old
    assert [each.kind for each in org.resets] == [ResetKind.TOKEN]
    (mail,) = org.mailbox("ada@acme.example")
    assert (mail.subject, mail.security_token) == (
        "Your new Salesforce security token",
        ada.security_token,
    )
    assert org.hazard_gets == 0
    assert repeated is None or "was invalid for your session" in repeated.text


async def test_the_forms_differ_as_their_names_say() -> None:
    forms = {}
    for variant in WORKING:
        org, _ = acme_now()
        org.reset_page = ResetPage(variant)
        async with http(org) as client:
            entered(org, client)
            forms[variant] = pressed(await client.get(EDIT))
    paths = {variant: urlsplit(form.action).path for variant, form in forms.items()}
    assert {variant for variant, path in paths.items() if path == ELSEWHERE} == {
        Variant.GET_METHOD,
        Variant.RENAMED,
    }
    assert {path for path in paths.values() if path != ELSEWHERE} == {CONFIRM}
    assert {variant for variant, form in forms.items() if form.method == "GET"} == {
        Variant.GET_METHOD,
        Variant.GET_CONFIRM,
    }
    assert "_CONFIRMATIONTOKEN" in forms[Variant.CLASSIC].fields
    assert "_CONFIRMATIONTOKEN" not in forms[Variant.RENAMED].fields


@pytest.mark.parametrize(
    "name", ["_CONFIRMATIONTOKEN", "cancelURL", "retURL", "setupid", "notify", "language", "note"]
)
async def test_a_field_that_is_left_out_or_changed_spoils_the_submit(name: str) -> None:
    org, _ = acme_now()
    async with http(org) as client:
        entered(org, client)
        form = pressed(await client.get(EDIT))
        fields = {key: value for key, value in form.fields.items() if key != name}
        missing = await send(client, form._replace(fields=fields))
        form = pressed(await client.get(EDIT))
        changed = form.fields | ({name: "x"} if name != "retURL" else {"extra": "x"})
        other = await send(client, form._replace(fields=changed))
    assert "was invalid for your session" in missing.text
    assert "was invalid for your session" in other.text
    assert org.resets == []


async def test_fields_that_a_browser_leaves_out_spoil_the_submit_too() -> None:
    org, _ = acme_now()
    for extra in ({"cancel": "Cancel"}, {"legacy": "x"}, {"subscribe": "1"}):
        async with http(org) as client:
            entered(org, client)
            form = pressed(await client.get(EDIT))
            answer = await client.post(form.action, data=form.fields | extra)
        assert "was invalid for your session" in answer.text
    async with http(org) as client:
        entered(org, client)
        form = pressed(await client.get(EDIT))
        both_buttons = {**form.fields, "resetToken": ["Reset Security Token"] * 2}
        answer = await client.post(form.action, data=both_buttons)
    assert "was invalid for your session" in answer.text
    assert org.resets == []


async def test_another_sessions_confirmation_token_is_worth_nothing() -> None:
    org, _ = acme_now()
    async with http(org) as one, http(org) as other:
        entered(org, one)
        entered(org, other)
        answer = await send(other, pressed(await one.get(EDIT)))
    assert "was invalid for your session" in answer.text
    assert org.resets == []


async def test_a_plain_get_of_the_confirm_page_really_resets_and_is_counted() -> None:
    org, _ = acme_now()
    old = org.person("ada").security_token
    async with http(org) as client:
        anonymous = await client.get(CONFIRM)
        assert org.hazard_gets == 0
        entered(org, client)
        await client.get(CONFIRM)
    assert anonymous.headers["location"].startswith("/?ec=302")
    assert org.person("ada").security_token != old
    assert (org.hazard_gets, len(org.resets)) == (1, 1)


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        (Variant.INSUFFICIENT_PRIVILEGES, "Insufficient Privileges"),
        (Variant.URL_NO_LONGER_EXISTS, "URL No Longer Exists"),
    ],
)
async def test_error_pages_carry_classics_marks(variant: Variant, words: str) -> None:
    org, _ = acme_now()
    org.reset_page = ResetPage(variant)
    async with http(org) as client:
        entered(org, client)
        page = await client.get(EDIT)
    tree = html.fromstring(page.text)
    assert tree.get_element_by_id("errorTitle").text == words
    assert not tree.xpath("//input[@value='Reset Security Token']")


async def test_an_expired_password_leads_to_the_change_page() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        entered(org, client)
        org.person("ada").password_expired = True
        by_user = await client.get(EDIT)
        org.person("ada").password_expired = False
        org.reset_page = ResetPage(Variant.EXPIRED_PASSWORD)
        by_switch = await client.get(EDIT)
    for each in (by_user, by_switch):
        assert each.headers["location"] == "/_ui/system/security/ChangePassword"


async def test_the_page_may_have_no_button_or_send_elsewhere() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        entered(org, client)
        org.reset_page = ResetPage(Variant.NO_BUTTON)
        bare = await client.get(EDIT)
        org.reset_page = ResetPage(Variant.OFFSITE_ACTION)
        form = pressed(await client.get(EDIT))
    assert "Reset Security Token</h1>" in bare.text
    assert 'value="Reset Security Token"' not in bare.text
    assert not form.action.startswith(ORIGIN)


async def test_a_submit_may_be_refused_or_answered_oddly() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        entered(org, client)
        org.reset_page = ResetPage(Variant.REFUSED)
        refused = await send(client, pressed(await client.get(EDIT)))
        assert (refused.status_code, org.resets) == (200, [])
        org.reset_page = ResetPage(Variant.ODD_ANSWER)
        answer = await send(client, pressed(await client.get(EDIT)))
        odd = await client.get(answer.headers["location"])
    assert "could not be reset" in refused.text
    assert len(org.resets) == 1
    assert "security token has been" not in odd.text


async def test_the_page_has_other_forms_and_buttons() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        entered(org, client)
        tree = html.fromstring((await client.get(EDIT)).text)
    assert [form.get("id") for form in tree.forms] == ["phSearchForm", "editPage", "feedback"]
    assert set(tree.xpath("//input[@type='submit']/@value")) == {
        "Search",
        "Reset Security Token",
        "Cancel",
        "Send Feedback",
    }


async def test_the_success_page_is_not_shown_to_who_did_not_reset() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        entered(org, client)
        response = await client.get("/_ui/system/security/ResetApiTokenResult")
    assert (response.status_code, "emailed" in response.text) == (302, False)


async def test_without_a_session_the_page_and_its_result_lead_to_the_login() -> None:
    org, _ = acme_now()
    async with http(org) as client:
        for path in (EDIT, "/_ui/system/security/ResetApiTokenResult"):
            response = await client.get(path)
            assert response.headers["location"].startswith("/?ec=302")
        posted = await client.post(CONFIRM, data={"_CONFIRMATIONTOKEN": "x"})
    assert posted.headers["location"].startswith("/?ec=302")
    assert org.resets == []
