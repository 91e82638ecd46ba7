"""Signatures of alerts: which secret was used, several of them, and what isn't signed right."""

import json
from typing import Any

import pytest

from tests.unit.bot.alert_sender import ALERT, NEW, OLD, SIEM, STRANGERS, Sender, signed

BODY = json.dumps(ALERT).encode()


@pytest.fixture
def sender() -> Sender:
    return Sender(OLD)


@pytest.mark.parametrize(("secret", "number"), [(NEW, 1), (OLD, 2), (SIEM, 3)])
async def test_it_is_known_which_secret_was_used(secret: str, number: int) -> None:
    sender = Sender(NEW, OLD, SIEM)
    answer = await sender.send(ALERT, secret=secret)

    assert answer.status_code == 202
    assert [(one.secret, one.secrets) for one in sender.reports.taken] == [(number, 3)]


async def test_a_repetition_signed_with_the_next_secret_is_known() -> None:
    sender = Sender(NEW, OLD)
    await sender.send(ALERT, secret=OLD)
    answer = await sender.send(ALERT, secret=NEW)

    assert answer.status_code == 200


async def test_one_of_several_signatures_is_enough(sender: Sender) -> None:
    headers = signed(BODY)
    others = [signed(BODY, secret=one)["webhook-signature"] for one in (STRANGERS, NEW)]
    headers["webhook-signature"] = " ".join(
        ["v1a,bm90IG91cnM=", *others, headers["webhook-signature"]]
    )
    answer = await sender.knock(BODY, headers)

    assert answer.status_code == 202


@pytest.mark.parametrize("age", [301, 86_400, -301, -86_400])
async def test_what_was_not_signed_within_five_minutes_is_401(sender: Sender, age: int) -> None:
    answer = await sender.send(ALERT, age=age)

    assert (answer.status_code, answer.json()["error"]) == (401, "not_signed")
    assert sender.reports.taken == []


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "inf"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,not base64"},
        {"webhook-signature": "v1,a"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": "v2,QUJD"},
        {"webhook-signature": b"v1,\xe4\xf6\xfc"},
        {"webhook-signature": signed(BODY, secret=STRANGERS)["webhook-signature"]},
    ],
)
async def test_what_is_not_signed_right_is_401(
    sender: Sender, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    headers = signed(BODY)
    answer = await sender.knock(BODY, headers | changes)

    assert (answer.status_code, answer.json()["error"]) == (401, "not_signed")
    assert sender.reports.taken == []
    assert headers["webhook-signature"].partition(",")[2] not in caplog.text
    assert ALERT["reason"] not in caplog.text


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
async def test_each_header_is_needed(sender: Sender, missing: str) -> None:
    headers = signed(BODY)
    del headers[missing]

    assert (await sender.knock(BODY, headers)).status_code == 401


async def test_a_changed_body_is_401(sender: Sender) -> None:
    answer = await sender.knock(BODY.replace(b"ada", b"bob"), signed(BODY))

    assert answer.status_code == 401


async def test_what_is_no_utf_8_is_401(sender: Sender) -> None:
    body = b'{"id": "\xff\xfe"}'

    assert (await sender.knock(body, signed(body))).status_code == 401
