"""Names, reasons and program names that hold SOQL, marks of Slack, lines or escapes stay words: in
what is asked of Salesforce, what Slack is sent, and the log.
"""

import io
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import timedelta

import pytest
import structlog

from sandbox.salesforce.records import Client
from sandbox.salesforce.seed import acme
from sandbox.salesforce.soql.execute import execute
from sandbox.salesforce.soql.parser import parse
from sandbox.slack import seed
from services.salesforce import soql
from services.salesforce.assertion import _grant
from services.salesforce.errors import NotFound, Unexpected
from services.salesforce.home import Home
from tests.counting import Count
from tests.scenario.breach_steps import (
    a_breach_world,
    alerted,
    approves,
    card,
    contained,
    denies,
    reported,
)
from tests.scenario.containment_steps import ALL_ENDED, thread
from tests.scenario.programs import look
from tests.scenario.steps import PATIENCE, done, has, offered
from tests.scenario.traces import lines, logged
from tests.scenario.world import World
from tests.security.hostile import TOGETHER, WORDS, look_at_slack

PAIRS = "hostile words, each in a place where words come in"


@pytest.fixture
async def world(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    async with a_breach_world(redis_url) as built:
        built.slack.rate_limits.off()
        yield built


def program(world: World, name: str, status: str = "Success") -> None:
    """Let a program of this name log in as Ada, in the way that needs the token."""
    client = Client("Partner Product", None, name, client_version=f"{name} 1")
    world.org.record_login(world.org.person("ada"), client, "198.51.100.7", status)


def nothing_forged(said: list[dict[str, object]]) -> None:
    """Each record is one line of the log, and its own."""
    assert said
    for line in said:
        assert {"event", "level", "timestamp"} <= line.keys()
        assert line["event"] != "forged"


def every_text(value: object) -> Iterator[str]:
    """All texts in a decoded value, names of fields too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from every_text(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_text(inner)
    elif isinstance(value, str):
        yield value


def logged_words(log: io.StringIO, words: Iterable[str]) -> list[str]:
    """Which of them the log tells, as they are or within Python's quotes.

    The log is JSON, in which a line break or a quote stands as something else: it is decoded first.
    """
    told = list(every_text(lines(log)))
    return [
        one
        for one in words
        if any(form in text for text in told for form in (WORDS[one], repr(WORDS[one])[1:-1]))
    ]


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("how", ["as they are", "deep down", "a field's name", "quoted"])
def test_words_in_the_log_would_be_seen(words: str, how: str) -> None:
    evil = f"before {WORDS[words]} behind"
    told: dict[str, object] = {
        "as they are": evil,
        "deep down": [{"a": [evil]}],
        "a field's name": {evil: 1},
        "quoted": f"KeyError({evil!r})",
    }
    with logged() as log:
        structlog.get_logger("bot").info("told", what=told[how])
    assert logged_words(log, WORDS) == [words]


@pytest.mark.parametrize("words", TOGETHER, ids=" and ".join)
async def test_in_a_reset_they_stay_words(
    world: World, words: tuple[str, ...], count: Count
) -> None:
    evil = " ".join(WORDS[one] for one in words)
    ada = world.org.person("ada")
    ada.name, world.slack.person("ada").real_name = f"Nameplace {evil}", f"Slackplace {evil}"
    ada.profile.name = f"Profileplace {evil}"
    with logged() as log:
        program(world, f"Programplace {evil}")
        world.org.add_grant(f"Grantplace {evil}", ada)
        person, ivan = world.person("ada"), world.person("ivan")
        warning = await offered(world)
        await person.presses("reset.ask_it", warning)
        await person.submits({"question": f"Questionplace {evil}"})
        asked = await ivan.sees_soon(has("ask_it.go_ahead"), PATIENCE, channel=seed.IT_CHANNEL)
        assert "Questionplace" in asked.plain
        await ivan.presses("ask_it.go_ahead", asked)
        await person.sees_soon(has("reset.confirm"), PATIENCE, channel="dm")
        world.clock.forward(minutes=40)
        await done(world)
        world.clock.forward(seconds=40)
        program(world, f"Programplace {evil}", "Invalid Password")
        await look(world, minutes=1)
        await person.sees_soon("to log in to Production", PATIENCE, channel="dm")
        await person.types(f"/reset-token Wordplace {evil}")
        await person.sees_soon("I know no org called", PATIENCE)
    said = look_at_slack(world)
    for place in ("Programplace", "Questionplace"):
        assert place in said
    assert "wordplace" in said.casefold()
    nothing_forged(lines(log))
    assert logged_words(log, words) == []
    count(PAIRS, 7 * len(words))


@pytest.mark.parametrize("words", TOGETHER, ids=" and ".join)
async def test_in_a_report_they_stay_words(
    world: World, words: tuple[str, ...], count: Count
) -> None:
    evil = " ".join(WORDS[one] for one in words)
    user = world.org.person("ada")
    user.name, world.slack.person("ada").real_name = f"Nameplace {evil}", f"Slackplace {evil}"
    world.slack.person("eve").real_name = f"Reporterplace {evil}"
    eve, ivan = world.person("eve"), world.person("ivan")
    on_one_line = "".join(one for one in evil if one.isprintable())
    with logged() as log:
        program(world, f"Programplace {evil}")
        world.org.add_grant(f"Grantplace {evil}", user)
        seen = await reported(world, why=f"Reasonplace {evil}")
        alert = {
            "id": "Idplace",
            "user": f"Userplace {on_one_line}"[:200],
            "reason": f"Alertplace {evil}",
            "source": f"Sourceplace {on_one_line}"[:100],
            "severity": "high",
            "evidence": {f"Keyplace {evil}": f"Evidenceplace {evil}"},
        }
        assert (await alerted(world, json.dumps(alert)))[0] == 202
        nobody = await card(world, lambda one: "Alertplace" in one.plain)
        await approves(world, seen, note=f"Noteplace {evil}")
        await contained(world, seen)
        await ivan.presses("breach.evidence", await thread(world, seen, f"{ALL_ENDED}\n"))
        await world.slack.until(lambda: ivan.modal and "Open sessions" in ivan.modal.plain)
        await denies(world, nobody, why=f"Closingplace {evil}")
        denied = await reported(world, whom="carl", why="Carl's")
        await denies(world, denied, why=f"Denialplace {evil}")
        await eve.sees_soon("Denialplace", PATIENCE, channel="dm")
    said = look_at_slack(world)
    places = ("Reason", "Alert", "Source", "Evidence", "Note", "Denial", "Program", "Grant", "User")
    for place in places:
        assert f"{place}place" in said, place
    nothing_forged(lines(log))
    assert logged_words(log, words) == []
    count(PAIRS, 14 * len(words))


@pytest.mark.parametrize("words", WORDS)
def test_a_lookup_finds_the_literal_and_nothing_else(words: str, count: Count) -> None:
    org = acme()
    viewer = org.bot_user
    tried = [WORDS[words], "%", "_____", "ada@acme.example' OR '1'='1", "\\", "\\'", "'", '"', ""]
    for number, text in enumerate(tried):
        query = soql.users_like(text)
        parse(query)  # one statement: what stands behind it would be an error
        assert execute(org, viewer, query, "/x").records == []
        if text:
            name = f"lit{number}@acme.example"
            literal = org.add_user(name, text, "Literal", federation_identifier=f"f{number}")
            found = execute(org, viewer, query, "/x").records
            assert [one["Id"] for one in found] == [literal.id]
        for asked in (
            soql.user_by_id,
            soql.lock_of,
            soql.grants_of,
            soql.login_rules_of,
            lambda one: soql.logins_of(one, 90),
            lambda one: soql.login_groups_of(one, 90),
            lambda one: soql.locks_of([one]),
            lambda one: soql.any_login_of([one]),
            lambda one: soql.logins_since([one], org.clock()),
        ):
            for bent in (text, f"{viewer.id}{text}" if text else "x", f"{viewer.id}\n"):
                with pytest.raises(NotFound):
                    asked(bent)
    count(PAIRS, len(tried) * 10)


@pytest.mark.parametrize("end", ["\r\nX-Evil: 1", "\n", "\r", "\x00", " x", "\t", "\u2028", "é"])
def test_a_token_that_would_be_more_than_one_header_is_refused(end: str) -> None:
    origin = "http://127.0.0.1:8000"
    body = json.dumps({"access_token": f"00D!x{end}", "instance_url": origin}).encode()
    with pytest.raises(Unexpected, match="unreadable_login"):
        _grant(body, Home(origin))
    moved = json.dumps({"access_token": "00D!x", "instance_url": f"{origin}{end}"}).encode()
    with pytest.raises(Unexpected, match="foreign_instance"):
        _grant(moved, Home(origin))
