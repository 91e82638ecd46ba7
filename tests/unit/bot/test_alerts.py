"""The door for alerts: a signed one is reported once, and everything else is told why not."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from bot.alerts import LIMIT
from sandbox.serving import serving
from services.cases.alerts import AlertReport
from services.cases.model import Urgency
from tests.unit.bot.alert_sender import ALERT, NEW, OLD, Sender, signed

BODY = json.dumps(ALERT).encode()


@pytest.fixture
def sender() -> Sender:
    return Sender(OLD)


async def test_a_signed_alert_is_reported(sender: Sender) -> None:
    answer = await sender.send(
        ALERT
        | {
            "org": "partner",
            "source": "Splunk",
            "severity": "Critical",
            "evidence": ["from 203.0.113.9", "from 198.51.100.7"],
            "a field of a later version": {"is": "left aside"},
        }
    )

    assert (answer.status_code, answer.json()) == (202, {"id": "case-1", "status": "reported"})
    assert sender.reports.taken == [
        AlertReport(
            webhook_id="msg_1",
            alert_id="4711",
            user="ada@acme.example",
            org="partner",
            reason="Two countries within ten minutes",
            source="Splunk",
            severity=Urgency.CRITICAL,
            evidence=("from 203.0.113.9", "from 198.51.100.7"),
            secret=1,
            secrets=1,
        )
    ]


@pytest.mark.parametrize(
    ("alert", "webhook_id"),
    [
        (ALERT, "msg_1"),
        (ALERT, "msg_2"),
        (ALERT | {"id": "4712"}, "msg_1"),
        (ALERT | {"source": " ", "severity": "low"}, "msg_2"),
    ],
    ids=["the same message", "the same id", "the same webhook-id", "the same id, told afresh"],
)
async def test_a_repetition_gets_the_same_case_and_makes_no_other(
    sender: Sender, alert: dict[str, str], webhook_id: str
) -> None:
    await sender.send(ALERT)
    answer = await sender.send(alert, webhook_id=webhook_id)

    assert (answer.status_code, answer.json()) == (200, {"id": "case-1", "status": "known"})
    assert len(sender.reports.taken) == 1


async def test_the_same_id_of_another_source_is_another_alert(sender: Sender) -> None:
    await sender.send(ALERT | {"source": "Splunk"})
    answer = await sender.send(ALERT | {"source": "Sentinel"}, webhook_id="msg_2")

    assert (answer.status_code, answer.json()["id"]) == (202, "case-2")


async def test_the_order_in_which_alerts_arrive_does_not_matter(sender: Sender) -> None:
    first, second = ALERT | {"id": "1"}, ALERT | {"id": "2"}
    await sender.send(second, webhook_id="msg_2")
    await sender.send(first, webhook_id="msg_1", age=120)
    repeated = await sender.send(second, webhook_id="msg_2", age=60)

    assert (repeated.status_code, repeated.json()["id"]) == (200, "case-1")
    assert [one.alert_id for one in sender.reports.taken] == ["2", "1"]


async def test_a_body_that_is_no_alert_is_told_field_by_field(
    sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await sender.send(
        {"id": 4711, "reason": "s3cret", "org": "s3cret", "severity": "s3cret"}
    )

    assert answer.status_code == 422
    assert answer.json() == {
        "error": "malformed",
        "message": "Nothing was reported. Mend what `fields` names and send the alert again.",
        "fields": {
            "id": "should be a text.",
            "user": "is missing.",
            "org": "isn't an org that the bot knows; it knows production, partner.",
            "severity": "should be low, medium, high or critical.",
        },
    }
    assert "s3cret" not in caplog.text
    assert sender.reports.taken == []


async def test_an_alert_as_large_as_may_be_is_reported(sender: Sender) -> None:
    alert = ALERT | {"evidence": ""}
    room = LIMIT - len(json.dumps(alert))
    answer = await sender.send(alert | {"evidence": "x" * room})

    assert answer.status_code == 202


async def test_one_byte_more_is_413(sender: Sender) -> None:
    body = BODY + b" " * (LIMIT + 1 - len(BODY))
    answer = await sender.knock(body, signed(body))

    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert sender.reports.taken == []


async def test_a_body_that_names_no_length_is_read_no_further_than_the_limit(
    sender: Sender,
) -> None:
    read = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1000
            yield b"x" * 1000

    answer = await sender.client.post("/alerts", content=chunks(), headers=signed(b""))

    assert answer.status_code == 413
    assert read <= LIMIT + 2000


@pytest.mark.parametrize("length", ["", "-1", "many", "²", "9" * 5000])
async def test_an_odd_length_is_no_500(sender: Sender, length: str) -> None:
    answer = await sender.knock(BODY, signed(BODY) | {"content-length": length})

    assert answer.status_code in {202, 413}


async def test_a_million_bytes_get_a_clear_answer_over_the_wire(sender: Sender) -> None:
    body = b"x" * 1_000_000
    async with serving(sender.app) as origin, httpx.AsyncClient() as client:
        answer = await client.post(f"{origin}/alerts", content=body, headers=signed(body))
        # The connection is as good as before.
        after = await client.post(f"{origin}/alerts", content=BODY, headers=signed(BODY))

    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert after.status_code == 202


async def test_a_sender_that_went_away_is_no_500(sender: Sender) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/alerts", "headers": []}
    answer = await sender.door.handle(Request(scope, receive))

    assert answer.status_code == 400


async def test_without_redis_the_sender_is_asked_to_try_again_and_nothing_is_lost(
    sender: Sender,
) -> None:
    sender.reports.is_down = True
    answer = await sender.send(ALERT)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    sender.reports.is_down = False
    assert (await sender.send(ALERT)).status_code == 202
    assert len(sender.reports.taken) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_alerts_are_posted(sender: Sender, method: str) -> None:
    answer = await sender.client.request(method, "/alerts", content=BODY, headers=signed(BODY))

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert sender.reports.taken == []


HEADERS = st.dictionaries(
    st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "content-length"]),
    st.one_of(
        st.binary(max_size=60).map(lambda some: some.translate(None, b"\r\n\0")),
        st.sampled_from([b"v1,QUJD", b"msg_1", b"0", b"v1,", b" ", b"v1,QUJD v1,QUJD"]),
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
GOOD = ALERT | {"org": "partner", "source": "SIEM", "severity": "low", "evidence": ["seen"]}


@st.composite
def alerts(draw: st.DrawFn) -> dict[str, Any]:
    """An alert in which some fields are something else."""
    odd = draw(st.sets(st.sampled_from([*GOOD]), max_size=2))
    return GOOD | {name: draw(st.text(min_size=1) | JSON) for name in odd}


@settings(deadline=None)
@given(st.binary(max_size=200), HEADERS)
async def test_no_hostile_headers_get_through_or_break_it(
    body: bytes, headers: dict[str, bytes]
) -> None:
    sender = Sender(OLD, NEW)
    answer = await sender.knock(body, headers)

    assert answer.status_code in {401, 413}
    assert sender.reports.taken == []


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=300), JSON.map(lambda one: json.dumps(one).encode())))
async def test_no_signed_rubbish_breaks_it(body: bytes) -> None:
    sender = Sender(OLD)
    answer = await sender.knock(body, signed(body))

    assert answer.status_code in {401, 422}
    assert sender.reports.taken == []


@settings(deadline=None)
@given(alerts())
async def test_every_signed_alert_is_reported_or_told_what_is_wrong(alert: dict[str, Any]) -> None:
    sender = Sender(OLD)
    answer = await sender.send(alert)

    if sender.reports.taken:
        assert answer.status_code == 202
    else:
        assert answer.status_code == 422
        assert answer.json()["fields"].keys() <= GOOD.keys() | {"body"}
