import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.token_shape import looks_like_token

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
