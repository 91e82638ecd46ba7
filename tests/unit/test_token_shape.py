import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.token_shape import HIDDEN, hide_tokens, looks_like_token

TOKEN = "aB3dE5fG7hI9jK1lM3nO5pQ7"


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"{TOKEN}x",
        f"here it is: {TOKEN}",
        f"`{TOKEN}`",
        f"MyPassw0rd!{TOKEN}",
        f"hunter2{TOKEN}.",
        f"```\n{TOKEN}\n```",
        f"my token ({TOKEN}) doesn't work",
    ],
)
def test_a_token_alone_or_behind_a_password_is_seen(text: str) -> None:
    assert looks_like_token(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "where is my token?",
        "005000000000001AAA",
        "a" * 24,
        "ABCDEFGHIJKLMNOPQRSTUVWX",
        "abcdefghijklmnopqrstuvw1",
        "Llanfairpwllgwyngyllgogerychwyrndrobwll",
        f"<https://acme.example/{TOKEN}>",
        f"https://acme.example/{TOKEN}",
        "<@U0ADA00001|ada>",
        f"{TOKEN[:23]}",
    ],
)
def test_what_people_really_write_is_left_alone(text: str) -> None:
    assert not looks_like_token(text)


TAIL = st.lists(
    st.sampled_from(string.ascii_letters + string.digits), min_size=22, max_size=22
).map(lambda chars: "".join(["a", "B", *chars, "1"])[-25:])


@given(st.text(alphabet=string.ascii_letters + string.punctuation, max_size=30), TAIL)
def test_any_password_in_front_changes_nothing(password: str, tail: str) -> None:
    run = password.replace("://", "") + tail
    if run.startswith(("mailto:", "www.")) or "://" in run:
        return
    ending = tail[-24:]
    mixed = any(c.islower() for c in ending) and any(c.isupper() for c in ending)
    assert looks_like_token(run) == (mixed and any(c.isdigit() for c in ending))


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert looks_like_token(text) in {True, False}


# Taken out of what is kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (TOKEN, HIDDEN),
        (f"saw {TOKEN}, twice", f"saw {HIDDEN} twice"),
        (f"  two\nlines:\t`hunter2{TOKEN}`  ", f"  two\nlines:\t{HIDDEN}  "),
        (f"first {TOKEN} second {TOKEN}x.", f"first {HIDDEN} second {HIDDEN}"),
        # As programs write it, with more right behind
        (f'{{"token":"{TOKEN}","ip":"203.0.113.9"}}', HIDDEN),
        (f'{{"page":"https://acme.example/x","token":"{TOKEN}"}} seen', f"{HIDDEN} seen"),
        (f"token={TOKEN}&user=ada", HIDDEN),
        (f"GET https://acme.example/login?un=ada&pw=hunter2{TOKEN} 200", f"GET {HIDDEN} 200"),
        (f"mailto:{TOKEN}", HIDDEN),
        (f"ada@acme.example:p@ss{TOKEN}", HIDDEN),
        (f"\u202e{TOKEN}\u200b", HIDDEN),
        (f"токен:{TOKEN}это", HIDDEN),
    ],
)
def test_a_token_is_taken_out_with_what_it_hangs_on(text: str, kept: str) -> None:
    assert hide_tokens(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Logins from Oslo at night, she is on holiday.",
        "user 005000000000001AAA, session 0Ak000000000001AAA",
        f"https://docs.acme.example/d/{TOKEN}/edit?tab=1#top",
        f"<https://acme.example/{TOKEN}|the page>",
        f"(see www.acme.example/{TOKEN})",
        "IntegrationUserProduction01@acme.example",
        '{"user":"Nightly.SyncOfAllTheAccounts2@acme.example","ip":"203.0.113.9"}',
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
        "",
        " \t\n ",
    ],
)
def test_what_holds_none_stays_byte_for_byte(text: str) -> None:
    assert hide_tokens(text) == text


ADDRESSES = ("http", "www.", "@")
AROUND = st.text(max_size=40).filter(lambda text: not any(one in text for one in ADDRESSES))


@given(AROUND, AROUND, st.sampled_from([TOKEN, f"{TOKEN}x", "Zz9" * 8]))
def test_a_planted_token_vanishes_whatever_stands_around_it(
    before: str, after: str, token: str
) -> None:
    kept = hide_tokens(f"{before}{token}{after}")
    assert token not in kept
    assert HIDDEN in kept
    assert hide_tokens(kept) == kept


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"])) | st.text(max_size=23))
def test_any_text_without_a_token_stays_byte_for_byte(text: str) -> None:
    assert hide_tokens(text) == text


@given(st.text(alphabet=string.ascii_letters + string.digits + " .:/=\n", max_size=120))
def test_whatever_is_left_looks_like_no_token(text: str) -> None:
    assert not looks_like_token(hide_tokens(text).replace(HIDDEN, ""))
