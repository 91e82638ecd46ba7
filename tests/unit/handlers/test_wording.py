import html
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers import wording
from handlers.wording import (
    code,
    link,
    mentions,
    next_minute,
    org_label,
    person,
    plain_ends,
    quoted,
    safe,
    when,
)
from tests.unit.handlers.limits import check_notation
from tests.unit.handlers.strategies import TEXTS


@given(text=TEXTS, limit=st.integers(1, 400))
@example(text="&" * 10, limit=6)
def test_safe_text_holds_no_notation_and_no_formatting(text: str, limit: int) -> None:
    result = safe(text, limit)
    assert len(result) <= limit
    assert not set(result) & set("<>*_~`\n\r\t\x00")
    check_notation(result)


@given(text=st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), max_size=80))
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert safe(text) == text
    assert safe(f"<{text}&>") == f"&lt;{text}&amp;&gt;"


@given(text=TEXTS, limit=st.integers(10, 400))
def test_a_code_span_stays_one(text: str, limit: int) -> None:
    result = code(text, limit)
    assert result[0] == result[-1] == "`"
    assert result.count("`") == 2
    assert 2 < len(result) <= limit
    check_notation(result)


def test_a_username_can_be_copied_from_its_code_span() -> None:
    username = "ada_o'neil~x*y@acme.example"
    assert html.unescape(code(username)) == f"`{username}`"


def test_a_mention_in_somebody_elses_words_reaches_nobody() -> None:
    assert safe("ask <!channel> or <@U0BOSS>") == "ask &lt;!channel&gt; or &lt;@U0BOSS&gt;"


def test_formatting_marks_are_replaced_by_look_alikes() -> None:
    result = safe("*a* _b_ ~c~ `d`")
    assert result == "\u2217a\u2217 \u02cdb\u02cd \u223cc\u223c \u02cbd\u02cb"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (":x:", "\u2236x:"),
        ("a:100:b", "a\u2236100:b"),
        (":a:b:c:", "\u2236a\u2236b\u2236c:"),
        (":wave::skin-tone-2:", "\u2236wave:\u2236skin-tone-2:"),
        (":l\u00e4cheln:", "\u2236l\u00e4cheln:"),
        ("Job: nightly: all", "Job: nightly: all"),
        ("10:30", "10:30"),
        ("::", "::"),
    ],
)
def test_a_name_between_colons_is_not_drawn_as_an_emoji(text: str, shown: str) -> None:
    assert safe(text) == shown


@given(text=TEXTS | st.text(alphabet=":ax+ ", max_size=30), limit=st.integers(1, 400))
def test_no_text_names_an_emoji(text: str, limit: int) -> None:
    assert not re.search(r":[\w+'-]+:", safe(text, limit))


def test_lines_become_one_and_characters_that_turn_text_around_go() -> None:
    assert safe("one\n> two\u202e\x07 three") == "one &gt; two three"


def test_a_cut_says_so_and_cuts_no_entity() -> None:
    assert safe("a&b", 5) == "a…"
    assert safe("a" * 10, 5) == "aaaa…"


def test_words_are_quoted() -> None:
    assert quoted("hi") == "“hi”"
    assert len(quoted("a" * 5000, 1000)) <= 1000


def test_from_a_minute_on_holds_from_its_first_second() -> None:
    minute = datetime(2026, 6, 3, 14, 5, tzinfo=UTC)
    assert next_minute(minute) == minute
    assert next_minute(minute + timedelta(microseconds=1)) == minute + timedelta(minutes=1)
    assert next_minute(minute + timedelta(seconds=59)) == minute + timedelta(minutes=1)


def test_times_are_slack_tokens_with_utc_to_fall_back_on() -> None:
    at = datetime(2026, 6, 3, 16, 5, tzinfo=timezone(timedelta(hours=2)))
    seconds = int(datetime(2026, 6, 3, 14, 5, tzinfo=UTC).timestamp())
    assert when(at) == f"<!date^{seconds}^{{time}}|14:05 UTC>"
    assert when(at, "date") == f"<!date^{seconds}^{{date}}|3 June 2026>"
    assert when(at, "date_time").endswith("|3 June 2026 at 14:05 UTC>")


@pytest.mark.parametrize(
    ("name", "label"),
    [("production", "Production"), ("emea_partner", "Emea Partner"), ("<b>", "&lt;B&gt;")],
)
def test_orgs_are_named_as_people_read_them(name: str, label: str) -> None:
    assert org_label(name) == label


def test_people_groups_and_channels_are_mentioned_only_by_real_ids() -> None:
    assert person("U0ADA") == "<@U0ADA>"
    assert person("U0ADA> <!channel") == "`U0ADA&gt; &lt;!channel`"
    assert mentions(("U0ANN", "S0HELP")) == "<@U0ANN> <!subteam^S0HELP>"
    assert wording.channel("C0IT") == "<#C0IT>"
    assert wording.channel("<!here>") == "`&lt;!here&gt;`"
    assert mentions(()) == ""


def test_a_link_keeps_its_address_and_cannot_be_broken_out_of() -> None:
    assert link("https://a.example/x?a=1&b=2", "Open") == "<https://a.example/x?a=1&amp;b=2|Open>"
    assert link("https://a.example/|x>", "O") == "<https://a.example/%7Cx%3E|O>"
    assert link("javascript:alert(1)", "Open") is None
    assert link("https://a.example/" + "x" * 3000, "Open") is None


def test_a_long_name_keeps_both_ends() -> None:
    name = f"{'a' * 80}@acme.example.uat"
    short = plain_ends(name, 40)
    assert len(short) == 40
    assert short.startswith("aaa")
    assert short.endswith(".uat")
    assert plain_ends("short", 40) == "short"
