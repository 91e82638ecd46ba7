"""The log: structured, from everything that speaks, and silent about secrets."""

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from docket.dependencies import ForcedRetry
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot import logs
from bot.log_cleaning import escape_controls
from bot.redaction import redact
from bot.settings import Settings
from bot.settings_errors import SettingsError

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, config, hook = logging.getLogger(), structlog.get_config(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)
    structlog.configure(**config)


class Log(io.StringIO):
    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log() -> Log:
    stream = Log()
    logs.configure("DEBUG", "json", stream)
    return stream


def test_an_entry_is_one_json_object_with_a_time_in_utc(log: Log) -> None:
    structlog.get_logger("bot.x").info("reset asked", org="production", tries=2, done=False)

    (entry,) = log.entries
    assert entry["timestamp"].endswith("Z")
    del entry["timestamp"]
    assert entry == {
        "event": "reset asked",
        "level": "info",
        "logger": "bot.x",
        "org": "production",
        "tries": 2,
        "done": False,
    }


def test_the_standard_library_speaks_in_the_same_way(log: Log) -> None:
    logging.getLogger("uvicorn.error").info("Started on %s", 3000)

    (entry,) = log.entries
    assert (entry["event"], entry["level"]) == ("Started on 3000", "info")
    assert entry["timestamp"].endswith("Z")


def test_a_job_that_asks_to_be_run_again_is_no_error(log: Log) -> None:
    for error in (ForcedRetry(), ValueError()):
        logging.getLogger("docket.worker").error("again", exc_info=error)
    (line,) = log.entries
    assert line["error"] == ["builtins.ValueError"]


def test_what_is_bound_to_the_context_is_in_each_entry(log: Log) -> None:
    with structlog.contextvars.bound_contextvars(reset="r1"):
        structlog.get_logger("bot").info("one")

    assert log.entries[0]["reset"] == "r1"


def test_the_level_holds() -> None:
    stream = Log()
    logs.configure("WARNING", "json", stream)
    structlog.get_logger("bot").info("quiet")
    logging.getLogger("docket").info("quiet")
    structlog.get_logger("bot").warning("loud")

    assert [entry["event"] for entry in stream.entries] == ["loud"]


@pytest.mark.parametrize(
    "name",
    [
        "slack_bolt.AsyncApp",
        "slack_sdk.web.async_client",
        "urllib3.connectionpool",
        "requests",
        "aiohttp.access",
        "httpx",
        "uvicorn.access",
        "simple_salesforce.api",
        "zeep.transports",
        "wiring.py:AsyncApp",
        "botany",
    ],
)
def test_those_who_log_bodies_are_silent_below_warning(
    log: Log, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chatty = logging.getLogger(name)
    # uvicorn cuts its access log off where a server runs without one.
    monkeypatch.setattr(chatty, "propagate", True)
    chatty.setLevel(logging.DEBUG)  # as Bolt does with its own
    chatty.debug("body: x")
    chatty.info("Invalid request signature detected (body: x)")
    chatty.warning("heard")

    assert [entry["event"] for entry in log.entries] == ["heard"]


def test_setting_up_again_replaces_the_handler_and_no_other(log: Log) -> None:
    other = logging.NullHandler()
    logging.getLogger().addHandler(other)
    second = Log()
    logs.configure("INFO", "json", second)
    structlog.get_logger("bot").info("once")

    assert log.entries == []
    assert [entry["event"] for entry in second.entries] == ["once"]
    assert other in logging.getLogger().handlers


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123-456-abcDEF",
        "xoxe.xoxp-1-Mi0y",
        "xapp-1-A0B1-2-abc",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "00D5g000004abcD!AQ4AQFakeSession.Id_x",
        "00D5g000004abcDEAQ!AQ4AQFakeSession.Id_x",
        "00D5g000004abcDEAQ%21AQ4AQFakeSession",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
        PEM,
        PEM[:50],
        "https://hooks.slack.com/commands/T0123/456/abcdef",
        "https://hooks.slack.com/services/T0123/B456/abcdef",
        "http://127.0.0.1:9001/commands/T0ACME/456/abcdef",
        "http://127.0.0.1:9001/actions/T0ACME/456/abcdef",
    ],
)
def test_secrets_are_known_by_their_shape(log: Log, secret: str) -> None:
    structlog.get_logger("bot").info(
        f"before {secret} after", value=secret, deep={"list": [secret], secret: (1, {secret})}
    )
    logging.getLogger("docket").info("a task with %r", [secret])

    assert json.dumps(secret)[1:-1] not in log.getvalue()
    assert log.entries[0]["event"].startswith("before [redacted]")
    assert log.entries[0]["value"] == "[redacted]"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Authorization: Bearer abc.defgh", "Authorization: Bearer [redacted]"),
        ("authorization: bearer abcdefgh", "authorization: bearer [redacted]"),
        ("Basic dXNlcjpwYXNz", "Basic [redacted]"),
        ("v0=0123456789abcdef0123", "v0=[redacted]"),
        ("/frontdoor?otp=abc%3D&startURL=/x", "/frontdoor?otp=[redacted]&startURL=/x"),
        ("/frontdoor.jsp?a=1&sid=abc", "/frontdoor.jsp?a=1&sid=[redacted]"),
        ("redis://user:pass@host:1/0", "redis://[redacted]@host:1/0"),
        ("rediss://:pass@host", "rediss://[redacted]@host"),
    ],
)
def test_what_is_around_a_secret_stays(text: str, left: str) -> None:
    assert redact(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "GET https://acme.my.salesforce.com/services/data/v62.0/query 200",
        "reset 0f8fad5b-d9cb-469f-a165-70867728950e of 005000000000001AAA in T0ACME",
        "the bearer of bad news",
        "redis://localhost:6379/0",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


@given(st.text())
def test_redaction_takes_any_text_and_is_done_after_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_an_object_that_hides_its_value_stays_hidden(log: Log) -> None:
    structlog.get_logger("bot").info("x", key=SecretStr("hush"), error=ValueError("hush"), of=None)

    assert "hush" not in log.getvalue()
    assert log.entries[0]["error"] == "builtins.ValueError"
    assert log.entries[0]["of"] is None


class CodedError(Exception):
    """As the services' errors are: a code of our own beside a text."""

    code = "http_503"


CodedError.__module__ = "services.example"


def test_an_exception_is_its_types_codes_and_our_frames(log: Log) -> None:
    error = RuntimeError("hush")
    error.__cause__ = CodedError("hush")
    structlog.get_logger("bot").error("failed", exc_info=error)
    structlog.get_logger("bot").error("failed", exc_info=(RuntimeError, error, None))
    logging.getLogger("docket").error("failed", exc_info=error)

    assert "hush" not in log.getvalue()
    for entry in log.entries:
        assert entry["error"] == [
            "builtins.RuntimeError",
            "services.example.CodedError(http_503)",
        ]
        assert entry["where"] == []
    assert len(log.entries) == 3


def test_the_frames_are_those_of_the_program(log: Log) -> None:
    try:
        Settings.load({})
    except SettingsError:
        structlog.get_logger("bot").exception("failed")

    (where,) = log.entries[0]["where"]
    assert where.startswith("bot/settings.py:")
    assert where.endswith(" in load")


def test_a_groups_members_are_named(log: Log) -> None:
    group = ExceptionGroup("hush", [ValueError("hush"), CodedError("hush")])
    structlog.get_logger("bot").error("failed", exc_info=group)

    assert log.entries[0]["error"] == [
        "builtins.ExceptionGroup",
        "builtins.ValueError",
        "services.example.CodedError(http_503)",
    ]
    assert "hush" not in log.getvalue()


def test_a_foreign_logger_that_repeats_the_exceptions_text(log: Log) -> None:
    error = ValueError("hush hush\nsecond line")
    logging.getLogger("slack_bolt.App").error("Failed to run (error: %s)", error, exc_info=error)

    (entry,) = log.entries
    assert entry["event"] == "Failed to run (error: builtins.ValueError"
    assert "hush" not in log.getvalue()


async def test_a_task_that_nobody_awaited(log: Log) -> None:
    asyncio.get_running_loop().call_exception_handler(
        {
            "message": "Task exception was never retrieved\nfuture: hush",
            "exception": ValueError("h"),
        }
    )

    (entry,) = log.entries
    assert entry["event"] == "Task exception was never retrieved"
    assert entry["error"] == ["builtins.ValueError"]


def test_what_nobody_caught_is_logged_without_its_text(log: Log) -> None:
    sys.excepthook(ValueError, ValueError("hush"), None)

    assert log.entries[0]["event"] == "stopped by an error"
    assert log.entries[0]["level"] == "critical"
    assert "hush" not in log.getvalue()


def test_a_ctrl_c_is_left_to_python(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert log.entries == []
    assert "KeyboardInterrupt" in capsys.readouterr().err


def test_the_console_can_not_be_forged() -> None:
    stream = Log()
    logs.configure("INFO", "console", stream)
    structlog.get_logger("bot").info("a\nb", name="\x1b[2J\r\u202e", deep={"k\n": ["\n"]})

    (line,) = stream.getvalue().splitlines()
    assert "a\\nb" in line
    assert "\x1b" not in line
    assert "\u202e" not in line


@given(st.dictionaries(st.text(), st.recursive(st.text(), st.lists), max_size=3))
def test_after_escaping_all_is_printable(event: dict[str, Any]) -> None:
    def flat(value: object) -> str:
        return "".join(map(flat, value)) if isinstance(value, list) else str(value)

    assert flat(list(escape_controls(None, "", event).values())).isprintable()


class Terminal(Log):
    def isatty(self) -> bool:
        return True


def test_without_a_format_a_terminal_gets_the_console_and_a_pipe_json() -> None:
    terminal, pipe = Terminal(), Log()
    logs.configure("INFO", None, terminal)
    structlog.get_logger("bot").info("hello")
    logs.configure("INFO", None, pipe)
    structlog.get_logger("bot").info("hello")

    assert "\x1b[" in terminal.getvalue()
    assert pipe.entries[0]["event"] == "hello"


CRASHES = {
    "at the top": "raise ValueError(SECRET)",
    "in a thread": "t = threading.Thread(target=fail); t.start(); t.join()",
    "in a finalizer": "Leaving()",
    "in a task that nobody awaits": "asyncio.run(forgetful())",
}
PROGRAM = """
import asyncio, gc, threading
from bot import logs

SECRET = "hush-hush"

def fail():
    raise ValueError(SECRET)

class Leaving:
    def __del__(self):
        fail()

async def forgetful():
    async def failing():
        fail()
    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    del task
    gc.collect()

logs.catch_all()
"""


@pytest.mark.parametrize("crash", CRASHES)
def test_what_nobody_catches_anywhere_is_logged_without_its_text(crash: str) -> None:
    ended = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", PROGRAM + CRASHES[crash]],
        capture_output=True,
        text=True,
        check=False,
    )
    said = ended.stdout + ended.stderr
    assert "hush" not in said
    (entry,) = [json.loads(line) for line in ended.stderr.splitlines()]
    assert "ValueError" in json.dumps(entry)


def test_a_ctrl_c_tells_nothing_of_what_it_interrupts() -> None:
    """Python goes on to print what was being handled just then."""
    crash = "try:\n    fail()\nexcept ValueError:\n    raise KeyboardInterrupt\n"
    ended = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", PROGRAM + crash], capture_output=True, text=True, check=False
    )
    assert "KeyboardInterrupt" in ended.stderr
    assert "hush" not in ended.stdout + ended.stderr
    assert ended.returncode != 0


def test_the_command_line_catches_all_before_it_reads_a_setting() -> None:
    """A crash while settings are read is logged as any other."""
    program = (
        "import sys, bot.cli as cli\n"
        "def broken(*_, **__): raise ValueError('hush-hush')\n"
        "cli.Settings.load = broken\n"
        "sys.argv = ['bot', 'web']\n"
        "cli.cli()\n"
    )
    ended = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "hush" not in ended.stdout + ended.stderr
    assert "stopped by an error" in ended.stderr
