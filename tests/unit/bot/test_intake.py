"""The door: what Slack didn't send gets a 4xx, never a 500, and leaves no body in the log."""

import contextlib
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncAck

from bot.intake import LIMIT, BadRequestError, parse
from tests.unit.bot.door import FORM, Door

COMMAND = {"command": "/reset-token", "user_id": "U1", "team_id": "T1", "text": ""}


@pytest.fixture
def door() -> Door:
    """One behind which commands are answered with the text that came."""

    async def echo(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack(text=f"got {body['text']}")

    made = Door()
    made.app.command("/reset-token")(echo)
    return made


async def test_a_signed_command_gets_through(door: Door) -> None:
    answer = await door.knock(urlencode(COMMAND | {"text": "status"}).encode())
    assert (answer.status_code, answer.text) == (200, "got status")


async def test_a_command_that_holds_the_word_payload_gets_through_whole(door: Door) -> None:
    answer = await door.knock(urlencode(COMMAND | {"text": "the payload is late"}).encode())
    assert answer.text == "got the payload is late"


@pytest.mark.parametrize(
    ("timestamp", "signature"),
    [
        (None, "v0=" + "0" * 64),
        (None, ""),
        (None, "v0=" + "z" * 10_000),
        ("not a number", None),
        ("", None),
        ("-1", None),
        ("1e9", None),
        (-301, None),
        (3600, None),
        ("9" * 400, None),
    ],
)
async def test_what_slack_did_not_sign_now_is_401(
    door: Door,
    timestamp: str | int | None,
    signature: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A number is an age in seconds: five minutes are allowed, either way."""
    if isinstance(timestamp, int):
        timestamp = str(int(time.time()) + timestamp)
    body = urlencode(COMMAND | {"text": "ThisStandsInTheBody"}).encode()
    answer = await door.knock(body, timestamp=timestamp, signature=signature)
    assert answer.status_code == 401
    assert "ThisStandsInTheBody" not in caplog.text
    assert "v0=" not in caplog.text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"payload=[]", FORM),
        (b"payload={", FORM),
        (b"payload=", FORM),
        (b"payload=" + b"[" * 100_000, FORM),
        (b"payload=%7B%22type%22%3A%22block_actions%22%7D", FORM),
        (b"", FORM),
        (b"command=", FORM),
        (b"nothing=known", FORM),
        (json.dumps({"type": "event_callback", "event": []}).encode(), "application/json"),
        (json.dumps({"type": "something_new"}).encode(), "application/json"),
        (json.dumps({"type": []}).encode(), "application/json"),
        (json.dumps({"type": {}}).encode(), "application/json"),
        (b"&".join(b"a%d=1" % n for n in range(200)), FORM),
    ],
)
async def test_signed_rubbish_is_400(door: Door, body: bytes, content_type: str) -> None:
    answer = await door.knock(body, content_type=content_type)
    assert (answer.status_code, answer.json()) == (400, {"error": "malformed"})


async def test_what_is_no_utf_8_cannot_have_been_signed_by_slack(door: Door) -> None:
    answer = await door.knock(b"text=\xff\xfe", signature="v0=" + "0" * 64)
    assert answer.status_code == 401


async def test_a_body_of_a_megabyte_is_413(door: Door) -> None:
    answer = await door.knock(b"x" * (1024 * 1024))
    assert answer.status_code == 413


async def test_a_body_that_hides_its_length_is_cut_off_at_the_limit(door: Door) -> None:
    async def chunks() -> Any:  # noqa: ANN401
        for _ in range(LIMIT // 1024 + 1):
            yield b"x" * 1024

    answer = await door.client.post("/slack/events", content=chunks())
    assert answer.status_code == 413


async def test_an_unknown_command_of_slacks_is_no_500(door: Door) -> None:
    answer = await door.knock(urlencode(COMMAND | {"command": "/other"}).encode())
    assert answer.status_code == 404


@given(st.binary(max_size=2000), st.sampled_from([FORM, "application/json", "", "text/plain"]))
def test_whatever_arrives_parses_to_a_dict_or_is_refused(body: bytes, content_type: str) -> None:
    with contextlib.suppress(BadRequestError):
        assert isinstance(parse(body, content_type), dict)


@given(st.text(max_size=300))
def test_every_command_text_arrives_as_it_was_typed(text: str) -> None:
    body = urlencode(COMMAND | {"text": text}).encode()
    assert parse(body, FORM)["text"] == text


@pytest.mark.parametrize("half", [r"\ud83d", r"\uDE00", r"ok \ud83d no"])
def test_half_of_a_character_is_refused_as_nobody_could_keep_it(half: str) -> None:
    event = '{"type": "url_verification", "challenge": "%s"}'
    with pytest.raises(BadRequestError):
        parse((event % half).encode(), "application/json")
    with pytest.raises(BadRequestError):
        parse(urlencode({"payload": event % half}).encode(), FORM)


def test_a_whole_pair_of_surrogates_is_a_character() -> None:
    event = r'{"type": "url_verification", "challenge": "\ud83d\ude00"}'
    assert parse(event.encode(), "application/json")["challenge"] == "\U0001f600"
