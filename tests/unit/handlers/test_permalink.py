"""A link leads to a message in Slack, or there is none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.permalink import permalink
from tests.unit.handlers.strategies import HOSTILE

TS = "1700000000.000100"
ANYTHING = HOSTILE | st.text(max_size=30)


@pytest.mark.parametrize("channel", ["C0GENERAL01", "D0ADA00001", "G0OLD00001"])
def test_a_message_in_any_conversation_has_its_link(channel: str) -> None:
    link = permalink("acme-co", channel, TS)
    assert link == f"https://acme-co.slack.com/archives/{channel}/p1700000000000100"


@pytest.mark.parametrize(
    ("domain", "channel", "ts"),
    [
        (None, "C0GENERAL01", TS),
        ("", "C0GENERAL01", TS),
        ("evil.example/", "C0GENERAL01", TS),
        ("acme.evil", "C0GENERAL01", TS),
        ("-acme", "C0GENERAL01", TS),
        ("acme\n", "C0GENERAL01", TS),
        ("a" * 64, "C0GENERAL01", TS),
        ("acme", "U0ADA00001", TS),
        ("acme", "C0GENERAL01|x", TS),
        ("acme", "", TS),
        ("acme", "C0GENERAL01", "1700000000"),
        ("acme", "C0GENERAL01", "1700000000.0001"),
        ("acme", "C0GENERAL01", "1700000000.000100\n"),
        ("acme", "C0GENERAL01", TS.replace("1", "\N{ARABIC-INDIC DIGIT ONE}")),
    ],
)
def test_what_slack_never_sends_gives_no_link(domain: str | None, channel: str, ts: str) -> None:
    assert permalink(domain, channel, ts) is None


@given(
    st.none() | st.just("acme") | ANYTHING,
    st.just("C0GENERAL01") | ANYTHING,
    st.just(TS) | ANYTHING,
)
def test_nothing_from_outside_gets_into_a_link(domain: str | None, channel: str, ts: str) -> None:
    link = permalink(domain, channel, ts)
    form = r"https://[a-z0-9-]+\.slack\.com/archives/[A-Z0-9]+/p[0-9]+"
    assert link is None or re.fullmatch(form, link)
