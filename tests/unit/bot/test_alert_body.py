"""What an alert may hold: the limits of each field, and evidence made into lines."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.alert_body import BadAlertError, parse
from bot.alert_evidence import CUT_OFF
from services.cases import words
from services.cases.alerts import AlertReport, once_keys
from services.cases.model import Urgency
from services.token_shape import HIDDEN
from tests.unit.bot.alert_sender import ALERT, ORGS

TOKEN = "aB3dE5fG7hJ9kL1mN3pQ5rS7"


def complaints(body: bytes | dict[str, Any]) -> dict[str, str]:
    """What is wrong with each field."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(BadAlertError) as caught:
        parse(text, ORGS)
    return caught.value.fields


def evidence(value: object) -> tuple[str, ...]:
    return parse(json.dumps(ALERT | {"evidence": value}).encode(), ORGS).evidence


def test_what_is_not_given_has_a_default() -> None:
    alert = parse(json.dumps(ALERT).encode(), ORGS)

    assert (alert.org, alert.source, alert.severity, alert.evidence) == (
        None,
        "not named",
        Urgency.HIGH,
        (),
    )


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_null_or_blank_counts_as_not_given(blank: str | None) -> None:
    optional = dict.fromkeys(["org", "source", "severity", "evidence"], blank)

    assert parse(json.dumps(ALERT | optional).encode(), ORGS) == parse(
        json.dumps(ALERT).encode(), ORGS
    )


@pytest.mark.parametrize("name", ["id", "user", "reason"])
def test_three_fields_are_required(name: str) -> None:
    without = {field: value for field, value in ALERT.items() if field != name}

    assert complaints(without) == {name: "is missing."}
    assert complaints(ALERT | {name: " "}) == {name: "is empty."}
    assert complaints(ALERT | {name: None}) == {name: "should be a text."}
    assert complaints(ALERT | {name: ["x"]}) == {name: "should be a text."}
    assert complaints(ALERT | {name: "\ud800"}) == {name: "holds half of a character."}


@pytest.mark.parametrize(
    ("name", "most"), [("id", 200), ("user", 200), ("reason", words.MOST_REASON), ("source", 100)]
)
def test_each_text_has_a_limit(name: str, most: int) -> None:
    assert getattr(parse(json.dumps(ALERT | {name: "x" * most}).encode(), ORGS), name) == "x" * most
    assert complaints(ALERT | {name: "x" * (most + 1)}) == {
        name: f"should have at most {most} characters."
    }


@pytest.mark.parametrize("name", ["id", "user", "source"])
@pytest.mark.parametrize("odd", ["a\nb", "a\0b", "a\u2028b", "a\u202eb"])
def test_names_stand_on_one_line(name: str, odd: str) -> None:
    assert complaints(ALERT | {name: odd}) == {
        name: "holds a character that can't be shown, such as a line break."
    }


@pytest.mark.parametrize("severity", ["critical", "CRITICAL", " Critical "])
def test_case_does_not_count_in_a_severity(severity: str) -> None:
    alert = parse(json.dumps(ALERT | {"severity": severity}).encode(), ORGS)

    assert alert.severity is Urgency.CRITICAL


@pytest.mark.parametrize("severity", ["urgent", 1, ["high"], True])
def test_an_unknown_severity_is_refused(severity: object) -> None:
    assert complaints(ALERT | {"severity": severity}) == {
        "severity": "should be low, medium, high or critical."
    }


def test_case_does_not_count_in_an_org() -> None:
    assert parse(json.dumps(ALERT | {"org": "Partner"}).encode(), ORGS).org == "partner"


def test_an_unknown_org_is_told_which_there_are() -> None:
    assert complaints(ALERT | {"org": "sales"}) == {
        "org": "isn't an org that the bot knows; it knows production, partner."
    }


def test_what_looks_like_a_token_is_taken_out() -> None:
    alert = parse(
        json.dumps(ALERT | {"reason": f"saw {TOKEN}", "evidence": [f"it was {TOKEN}"]}).encode(),
        ORGS,
    )

    assert (alert.reason, alert.evidence) == (f"saw {HIDDEN}", (f"it was {HIDDEN}",))


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"", "isn't JSON."),
        (b"{", "isn't JSON."),
        (b"\xef\xbb\xbf{}", "isn't JSON."),
        (b'{"id": ' + b"9" * 5000 + b"}", "isn't JSON."),
        (b"[]", "isn't a JSON object."),
        (b'"alert"', "isn't a JSON object."),
        (b"null", "isn't a JSON object."),
        (b"[" * 60_000, "is nested too deep."),
        (b'{"evidence":' * 5_000, "is nested too deep."),
        (b'{"id": "1", "id": "2"}', "names a field twice."),
        (b'{"evidence": {"ip": "a", "ip": "b"}}', "names a field twice."),
        (b'{"id": NaN}', "holds NaN or Infinity, which JSON doesn't have."),
        (b'{"else": [-Infinity]}', "holds NaN or Infinity, which JSON doesn't have."),
    ],
)
def test_a_fault_in_the_whole_is_told(body: bytes, wrong: str) -> None:
    assert complaints(body) == {"body": wrong}


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ("one line", ("one line",)),
        ("two\r\n\n  lines ", ("two", "lines")),
        (["one", " ", "two\nthree"], ("one", "two", "three")),
        ([], ()),
        (
            {"ip": "203.0.113.9", "tries": 3, "score": 0.5, "new": True, "known": None},
            ("ip: 203.0.113.9", "tries: 3", "score: 0.5", "new: true", "known: null"),
        ),
        ({}, ()),
    ],
)
def test_evidence_becomes_lines(given: object, lines: tuple[str, ...]) -> None:
    assert evidence(given) == lines


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (7, "should be a text, a list of texts, or an object."),
        (True, "should be a text, a list of texts, or an object."),
        (["one", 2], "should hold nothing but texts."),
        ([["one"]], "should hold nothing but texts."),
        ({"ip": ["203.0.113.9"]}, "should hold no lists or objects inside its object."),
        ({"ip": {"v4": "203.0.113.9"}}, "should hold no lists or objects inside its object."),
        ("\udc00", "holds half of a character."),
        (["\ud83d"], "holds half of a character."),
        ({"\ud83d": 1}, "holds half of a character."),
    ],
)
def test_other_evidence_is_refused(given: object, wrong: str) -> None:
    assert complaints(ALERT | {"evidence": given}) == {"evidence": wrong}


def test_as_much_evidence_as_is_kept_is_left_as_it_is() -> None:
    given = ["x" * words.MOST_LINE] * words.MOST_LINES

    assert evidence(given) == tuple(given)


def test_more_lines_than_are_kept_are_cut_off_and_the_last_one_says_so() -> None:
    found = evidence([f"line {number}" for number in range(words.MOST_LINES + 1)])

    assert len(found) == words.MOST_LINES
    assert (found[0], found[-2], found[-1]) == ("line 0", f"line {words.MOST_LINES - 2}", CUT_OFF)


def test_a_line_that_is_too_long_is_cut_off_and_the_last_one_says_so() -> None:
    found = evidence(["x" * (words.MOST_LINE + 1), "short"])

    assert found == ("x" * (words.MOST_LINE - 1) + "…", "short", CUT_OFF)


def test_a_guessed_id_swallows_no_alert_about_somebody_else() -> None:
    real = AlertReport(
        webhook_id="msg_1",
        alert_id="4711",
        user="ada@acme.example",
        org=None,
        reason="seen at night",
        source="SIEM",
        severity=Urgency.HIGH,
        evidence=(),
        secret=1,
        secrets=2,
    )
    again = replace(real, user="ADA@acme.example", secret=2)
    guessed = replace(real, webhook_id="msg_2", user="eve@acme.example")
    assert once_keys(again) == once_keys(real)
    assert not set(once_keys(guessed)) & set(once_keys(real))
