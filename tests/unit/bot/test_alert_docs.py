"""The guide for senders: its tables, the script and the Apex class say what the door does."""

import asyncio
import json
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from bot.alert_body import AlertBody, parse
from bot.alerts import LIMIT
from sandbox.serving import serving
from services.cases import words
from tests.unit.bot.alert_sender import ALERT, NEW, OLD, ORGS, STRANGERS, Sender
from tests.unit.test_docs import in_code, rows_of, text_of

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = text_of("docs/alerts.md")
SCRIPT = DOCS / "send-alert.sh"

needs_curl = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("openssl") is None,
    reason="the script needs curl and openssl",
)


def test_the_guide_lists_every_field() -> None:
    rows = rows_of(GUIDE, below="## What an alert holds")
    required = {in_code(row[0]) for row in rows if row[2] == "refused"}

    assert [in_code(row[0]) for row in rows] == list(AlertBody.model_fields)
    assert required == {
        name for name, field in AlertBody.model_fields.items() if field.is_required()
    }


def test_the_guide_names_the_limits() -> None:
    assert f"{LIMIT // 1024} KiB" in GUIDE
    assert f"{words.MOST_LINES} lines of {words.MOST_LINE:,} characters" in GUIDE
    assert f"at most {words.MOST_REASON:,} characters" in GUIDE


def test_the_guide_lists_every_answer() -> None:
    source = text_of("bot/alerts.py") + text_of("bot/web.py").partition("def alerts")[2]
    given = set(re.findall(r"_refuse\(\s*(\d{3})|status_code=(202|404)", source))
    told = {row[0] for row in rows_of(GUIDE, below="## Answers")}

    assert told == {code for pair in given for code in pair if code} | {"200"}


def test_the_example_is_an_alert() -> None:
    example = re.search(r"```json\n(.*?)```", GUIDE, flags=re.DOTALL)

    assert example
    assert parse(example[1].encode(), ORGS).id == "4711"


async def run_script(file: Path, url: str, secret: str) -> tuple[int | None, str]:
    """Run the script as its user would; its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        "sh",
        str(SCRIPT),
        str(file),
        env={"PATH": os.environ["PATH"], "ALERT_URL": url, "ALERT_SECRET": secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()


@needs_curl
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
async def test_the_script_sends_an_alert_byte_for_byte(tmp_path: Path, end: str) -> None:
    sender = Sender(NEW, OLD)
    file = tmp_path / "alert.json"
    file.write_text(
        json.dumps(ALERT | {"reason": "Zwei Länder, 'binnen' \"Minuten\" $HOME %s"}) + end
    )
    async with serving(sender.app) as origin:
        first = await run_script(file, f"{origin}/alerts", OLD)
        again = await run_script(file, f"{origin}/alerts", OLD)

    assert first == (0, '{"id":"case-1","status":"reported"}\n')
    assert again == (0, '{"id":"case-1","status":"known"}\n')
    assert [(one.secret, one.reason[:11]) for one in sender.reports.taken] == [(2, "Zwei Länder")]


@needs_curl
async def test_the_script_fails_where_the_alert_is_refused(tmp_path: Path) -> None:
    sender = Sender(OLD)
    file = tmp_path / "alert.json"
    file.write_text(json.dumps(ALERT))
    async with serving(sender.app) as origin:
        code, printed = await run_script(file, f"{origin}/alerts", STRANGERS)

    assert code == 22
    assert '"error":"not_signed"' in printed
    assert STRANGERS.removeprefix("whsec_") not in printed


def test_the_apex_class_sends_every_field() -> None:
    source = text_of("docs/salesforce/ResetBotAlert.cls")
    sent = re.findall(r"'([a-z]+)' => ", source)

    assert sorted(sent) == sorted(AlertBody.model_fields)


def test_the_signature_that_the_apex_test_expects_is_right() -> None:
    source = text_of("docs/salesforce/ResetBotAlertTest.cls")
    secret = re.search(r"SECRET = '(.+)'", source)
    body = re.search(r"String body = '(.+)';", source)
    expected = re.search(r"'(v1,.+)'", source)
    signing = re.search(r"sign\('(\w+)', (\d+)L, body, SECRET\)", source)

    assert secret
    assert body
    assert expected
    assert signing
    at = datetime.fromtimestamp(int(signing[2]), UTC)
    text = body[1].encode().decode("unicode_escape")
    assert Webhook(secret[1]).sign(signing[1], at, text) == expected[1]
