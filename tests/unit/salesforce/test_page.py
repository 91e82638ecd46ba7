"""The reset form, as a browser would send it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.salesforce.answers import refusal_of, says_mailed
from services.salesforce.errors import PageRefused
from services.salesforce.page import ResetForm, read, reset_form, resets_on_get

ORIGIN = "https://acme.my.salesforce.com"
URL = f"{ORIGIN}/_ui/system/security/ResetApiTokenEdit?setupid=ResetApiToken"
SUBMIT = 'type=submit name=s VALUE="Reset Security Token"'
BUTTON = '<input type="submit" name="save" value="Reset Security Token">'


def form_of(html: str, url: str = URL) -> ResetForm:
    return reset_form(read(html.encode()), url)


def outcome_of(html: bytes) -> str:
    try:
        form = reset_form(read(html), URL)
    except PageRefused as refused:
        return refused.code
    return form.action


def fields_of(html: str) -> dict[str, str]:
    return dict(form_of(f'<form method="post" action="x">{html}{BUTTON}</form>').fields)


def test_the_form_that_owns_the_button_with_all_its_fields() -> None:
    form = form_of(
        f"""<form id="search" action="/search"><input name="q" value="x">
        <input type="submit" value="Search"></form>
        <form method="POST" action="ResetApiTokenConfirm#top" id="editPage">
        <input type="hidden" name="_CONFIRMATIONTOKEN" value="a&amp;b=">
        <input type="submit" name="cancel" value="Cancel">
        {BUTTON}<input type="hidden" name="retURL" value="/x"></form>
        <form><input name="feedback" value="y"></form>"""
    )
    assert form == ResetForm(
        method="POST",
        action=f"{ORIGIN}/_ui/system/security/ResetApiTokenConfirm",
        fields=(
            ("_CONFIRMATIONTOKEN", "a&b="),
            ("save", "Reset Security Token"),
            ("retURL", "/x"),
        ),
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<input name="a">', {"a": ""}),
        ('<input type=checkbox name="a"><input type=checkbox name="b" checked>', {"b": "on"}),
        ("<input type=radio name=r value=1><input type=radio name=r value=2 checked>", {"r": "2"}),
        ('<input name="a" value="1" disabled>', {}),
        ('<fieldset disabled><input name="a" value="1"></fieldset><input name=b>', {"b": ""}),
        ('<input value="nameless"><input name="" value="x">', {}),
        ("<input type=image name=i><input type=reset name=r><button name=b>x</button>", {}),
        (
            "<textarea name=t>\n<input name=no>\nb &amp; c</textarea>",
            {"t": "<input name=no>\r\nb & c"},
        ),
        ("<select name=s><option>One <option value=2>Two</select>", {"s": "One"}),
        ("<select name=s><option>1<option selected>2</select>", {"s": "2"}),
        ("<select name=s><option disabled>1<option>2</select>", {"s": "2"}),
        ("<select name=s multiple><option>1<option>2</select>", {}),
        ("<select name=s><optgroup disabled><option>1</optgroup><option>2</select>", {"s": "2"}),
        ("<template><input name=a></template>", {}),
        ("<noscript><input name=a></noscript>", {}),
        ("<script>document.write('<input name=a>')</script>", {}),
        ("<!-- <input name=a> -->", {}),
        ("<input type=hidden name=_charset_>", {"_charset_": "UTF-8"}),
        ("<input name=a value=1 name=b value=2>", {"a": "1"}),
        ('<div style="display:none"><input name=a value=1></div>', {"a": "1"}),
    ],
)
def test_only_successful_controls(html: str, expected: dict[str, str]) -> None:
    assert fields_of(html) == {**expected, "save": "Reset Security Token"}


def test_multiple_choices_are_all_sent() -> None:
    form = form_of(
        f"<form method=post action=x><select name=s multiple><option selected>1<option selected>2"
        f"</select>{BUTTON}</form>"
    )
    assert form.fields[:2] == (("s", "1"), ("s", "2"))


@pytest.mark.parametrize(
    "html",
    [
        # In another form, outside of all, and across broken nesting.
        f"<form id=r method=post action=/a></form><form><input {SUBMIT} form=r></form>",
        f"<input {SUBMIT} FORM=r><form id=r method=post action=/a></form>",
        f"<table><form method=post action=/a><tr><td><input {SUBMIT}></td></tr></table>",
        f"<div><form method=post action=/a></div><p><input {SUBMIT}>",
        # A form in a form is no form.
        f"<form method=post action=/a><form method=post action=/b><input {SUBMIT}></form>",
        f"<form method=get action=/b><input {SUBMIT} formaction=/a formmethod=POST></form>",
        f'<base href="{ORIGIN}/x/"><form method=post action=../a><input {SUBMIT}></form>',
    ],
)
def test_the_owner_is_the_one_that_a_browser_would_take(html: str) -> None:
    form = form_of(html)
    assert (form.method, form.action) == ("POST", f"{ORIGIN}/a")
    assert form.fields == (("s", "Reset Security Token"),)


def test_an_empty_action_is_the_page_itself() -> None:
    assert form_of(f"<form method=post>{BUTTON}</form>").action == URL


def test_a_get_form_carries_its_fields_in_place_of_the_query() -> None:
    form = form_of(f"<form action='/go?old=1'><input name=a value='b c'>{BUTTON}</form>")
    assert form.method == "GET"
    assert form.url == f"{ORIGIN}/go?a=b+c&save=Reset+Security+Token"


def test_a_multipart_form_is_sent_as_one() -> None:
    html = f"<form method=post action=x enctype=multipart/form-data>{BUTTON}</form>"
    assert form_of(html).multipart


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<form><input type=submit value=Cancel></form>", "no_button"),
        (f"<form><fieldset disabled>{BUTTON}</fieldset></form>", "no_button"),
        (f'<form><div style="display: none">{BUTTON}</div></form>', "no_button"),
        (
            '<form><textarea><input type=submit value="Reset Security Token"></textarea></form>',
            "no_button",
        ),
        ("<form><button>Reset Security Token</button></form>", "no_button"),
        (BUTTON, "no_form"),
        ('<form><input type=submit form=gone value="Reset Security Token"></form>', "no_form"),
        (f"<form method=dialog>{BUTTON}</form>", "no_form"),
        (f"<form action=/a>{BUTTON}</form><form action=/b>{BUTTON}</form>", "several_buttons"),
        (f"<form method=post action=https://evil.example/x>{BUTTON}</form>", "offsite"),
        (f"<form method=post action=javascript:x()>{BUTTON}</form>", "offsite"),
        (f"<form method=post action=http://acme.my.salesforce.com/>{BUTTON}</form>", "offsite"),
        (f"<base href=https://evil.example/><form method=post action=x>{BUTTON}</form>", "offsite"),
        (f"<form method=post action='http://[x'>{BUTTON}</form>", "bad_action"),
        (f"<form action=ResetApiTokenConfirm>{BUTTON}</form>", "get_confirm"),
        (f"<form action=Reset%41piTokenConfirm>{BUTTON}</form>", "get_confirm"),
    ],
)
def test_a_page_that_cannot_be_used(html: str, code: str) -> None:
    with pytest.raises(PageRefused) as refused:
        form_of(html)
    assert refused.value.code == code


def test_two_buttons_of_one_form_are_one() -> None:
    form = form_of(f"<form method=post action=/a>{BUTTON}<input name=a>{BUTTON}</form>")
    assert form.fields == (("save", "Reset Security Token"), ("a", ""))


@given(st.binary(max_size=400))
@example(b"<![foo[x]]>")
@example(b"<!DOCTYPE [<!x")
@example(b"<meta charset=idna>\xff")
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    outcome = outcome_of(body + BUTTON.encode())
    assert outcome.isidentifier() or outcome.startswith(f"{ORIGIN}/")


_PIECES = st.sampled_from(
    [
        "<form>", "</form>", "<form method=post action=/a id=f>", BUTTON, "<table>", "</table>",
        "<select name=s>", "<option>", "</select>", "<textarea name=t>", "</textarea>",
        "<input name=a>", "<fieldset disabled>", "</fieldset>", "<template>", "</template>",
        "<div hidden>", "</div>", "text &amp; x",
        "<optgroup>", "<base href='http://[", "'>", "<!--", "-->", "<script>", "</script>",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=25).map("".join))
def test_any_soup_is_read_or_refused_and_the_form_stays_at_home(html: str) -> None:
    outcome = outcome_of(html.encode())
    assert outcome.isidentifier() or outcome.startswith(f"{ORIGIN}/")
    assert says_mailed(read(html.encode()), URL) is False


@pytest.mark.parametrize(
    ("html", "url", "code"),
    [
        ("", f"{ORIGIN}/_ui/system/security/ChangePassword?x=1", "expired_password"),
        ("", "https://login.salesforce.com/", "login_page"),
        ("", f"{ORIGIN}/?ec=302&startURL=%2F_ui", "login_page"),
        ("<form><input type=password name=pw></form>", URL, "login_page"),
        ("<h1>Insufficient  Privileges</h1>", URL, "insufficient_privileges"),
        ("<h1>URL No Longer Exists</h1>", URL, "url_gone"),
        ("<p>Hello</p>", URL, "no_button"),
        (f"<form>{BUTTON}</form><div class='x errorMsg'>Try later</div>", URL, "page_error"),
        (
            f"<form>{BUTTON}</form><b id=errorTitle>Insufficient Privileges</b>",
            URL,
            "insufficient_privileges",
        ),
        (f"<form>{BUTTON}</form><div id=error></div>", URL, None),
        (f"<form>{BUTTON}</form><div class=errorMsg style='display:none'>Hidden</div>", URL, None),
        (f"<body style='display:none'><form>{BUTTON}</form>", URL, None),
        (f"<p>Insufficient Privileges are explained here</p><form>{BUTTON}</form>", URL, None),
    ],
)
def test_why_a_page_cannot_be_used(html: str, url: str, code: str | None) -> None:
    assert refusal_of(read(html.encode()), url) == code


@pytest.mark.parametrize(
    "html",
    [
        "<p>A new security token has been emailed to: <b>ada@acme.example</b></p>",
        "<p>A new security token has been mailed to ada@acme.example.</p><p>If not, ask.</p>",
        "<h2>Security Token</h2>It was sent to <i>a***@acme.example</i>",
        "<p>We've sent your new Security Token to ada@acme.example</p>",
        "<p>Security token emailed to ada@acme.example</p>",
        "<p>No news</p><p>An email has been sent to a@b.example with your new security token</p>",
        "<form><input type=submit value=Go></form><p>A security token was sent to a@b.example</p>",
    ],
)
def test_success_is_a_page_that_says_that_the_token_was_mailed(html: str) -> None:
    assert says_mailed(read(html.encode()), URL)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>Done</p>",
        "<p>A new security token has been emailed to you</p>",
        "<p>A new password has been emailed to ada@acme.example</p>",
        "<p>A new security token will be emailed to ada@acme.example</p>",
        "<p>After resetting, a new security token is emailed to ada@acme.example</p>",
        "<p>No new security token has been emailed to ada@acme.example</p>",
        "<p>Your security token could not be sent to ada@acme.example</p>",
        "<p>Once reset, if a security token has been sent to ada@acme.example, use it</p>",
        f"<p>A new security token has been emailed to ada@acme.example</p><form>{BUTTON}</form>",
        "<p>A new security token has been emailed to ada@acme.example</p><b id=error>Failed</b>",
        "<p hidden>A new security token has been emailed to ada@acme.example</p>",
        "<script>'A new security token has been emailed to ada@acme.example'</script>",
        "<p>Insufficient Privileges. A security token was sent to ada@acme.example in May</p>",
        f"<p>Security token</p>{'x ' * 200}<p>was sent to ada@acme.example</p>",
    ],
)
def test_anything_else_is_not(html: str) -> None:
    assert not says_mailed(read(html.encode()), URL)


def test_success_words_on_a_login_page_are_not() -> None:
    page = read(b"<p>A new security token has been emailed to ada@acme.example</p>")
    assert not says_mailed(page, f"{ORIGIN}/?ec=302")
    assert not says_mailed(page, f"{ORIGIN}/_ui/system/security/ChangePassword")


def test_the_dangerous_address_is_known_in_any_spelling() -> None:
    assert resets_on_get("https://x.salesforce.com/_ui/system/security/ResetApiTokenConfirm?a=1")
    assert resets_on_get("https://x.salesforce.com/_ui/system/security/resetapi%54okenConfirm")
    assert resets_on_get("https://x.salesforce.com/_ui/system/security/ResetApiToken%2543onfirm")
    assert not resets_on_get(URL)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("é".encode(), "text/html; charset=UTF-8"),
        ("é".encode("latin-1"), "text/html; charset=iso-8859-1"),
        (b"<meta charset=iso-8859-1>" + "é".encode("latin-1"), "text/html"),
        ("é".encode(), "text/html; charset=nonsense"),
        (b"\xef\xbb\xbf" + "é".encode(), ""),
    ],
)
def test_the_encoding_is_the_one_that_the_answer_names(body: bytes, content_type: str) -> None:
    assert read(body, content_type).text == "é"
