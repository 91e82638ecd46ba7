"""The judgements of `doctor`, apart from what is read."""

from datetime import timedelta

import pytest

from bot.doctor_lines import Line, Mark, fault
from bot.doctor_redis import (
    access_lines,
    eviction_line,
    persistence_line,
    version_line,
    worker_line,
)
from bot.doctor_salesforce_methods import admins_line
from bot.doctor_salesforce_words import salesforce_fault
from bot.doctor_slack import scopes_line, wanted_scopes
from bot.doctor_slack_approvers import number_line, person_line
from bot.doctor_slack_channel import guests_line, lines_of
from bot.doctor_slack_words import slack_fault
from services.clock import utc_now
from services.resets.policy import Profile
from services.salesforce.checks import Admins
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotPermitted,
    PageRefused,
    Unavailable,
)
from services.slack.checks import Channel
from services.slack.errors import SlackRefusedError, SlackUnavailableError
from services.store.health import Server

OK, FAULT, NOT_CHECKED = Mark.OK, Mark.FAULT, Mark.NOT_CHECKED


def a_server(**changes: object) -> Server:
    values: dict[str, object] = {
        "name": "valkey",
        "version": "9.0.1",
        "appendonly": True,
        "appendfsync": "always",
        "maxmemory_policy": "noeviction",
    }
    return Server.model_validate(values | changes)


def a_profile(**changes: object) -> Profile:
    values: dict[str, object] = {
        "user_id": "U0IVAN0001",
        "email": "ivan@acme.example",
        "is_email_confirmed": True,
        "deleted": False,
        "is_bot": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_stranger": False,
    }
    return Profile.model_validate(values | changes)


def marks(lines: list[Line]) -> list[Mark]:
    return [line.mark for line in lines]


def test_a_line_says_what_was_found_and_then_the_remedy() -> None:
    line = fault("Redis", "is too old.", "Use a newer one.")
    assert str(line) == "Redis: is too old. Use a newer one."
    assert line.rendered().plain == "✗ Redis: is too old. Use a newer one."


@pytest.mark.parametrize(
    ("version", "mark"),
    [("6.2.14", FAULT), ("7.0.0", OK), ("9.0.1", OK), ("10.1", OK), ("unknown", NOT_CHECKED)],
)
def test_the_server_is_new_enough(version: str, mark: Mark) -> None:
    assert version_line(a_server(version=version)).mark is mark


@pytest.mark.parametrize(
    ("appendonly", "appendfsync", "mark", "words"),
    [
        (True, "always", OK, "loses nothing"),
        (True, "everysec", OK, "the last second"),
        (True, "no", FAULT, "half a minute"),
        (True, None, NOT_CHECKED, "couldn't be read"),
        (False, "always", FAULT, "every reset"),
        (None, None, NOT_CHECKED, "couldn't be read"),
    ],
)
def test_it_says_what_a_crash_would_lose(
    *, appendonly: bool | None, appendfsync: str | None, mark: Mark, words: str
) -> None:
    line = persistence_line(a_server(appendonly=appendonly, appendfsync=appendfsync))
    assert line.mark is mark
    assert words in line.found


@pytest.mark.parametrize(
    ("policy", "mark"),
    [("noeviction", OK), ("allkeys-lru", FAULT), ("volatile-lru", FAULT), (None, NOT_CHECKED)],
)
def test_nothing_may_be_evicted(policy: str | None, mark: Mark) -> None:
    assert eviction_line(a_server(maxmemory_policy=policy)).mark is mark


@pytest.mark.parametrize(
    ("url", "strangers", "expected"),
    [
        ("unix:///run/valkey.sock", None, [OK]),
        ("redis://localhost:6379", None, [OK]),
        ("redis://127.0.0.1:6379", None, [OK]),
        ("redis://[::1]:6379", None, [OK]),
        ("redis://redis.internal:6379", True, [FAULT, FAULT, NOT_CHECKED]),
        ("rediss://redis.internal:6379?ssl_cert_reqs=required", True, [FAULT, OK, NOT_CHECKED]),
        ("redis://:secret@redis.internal:6379", False, [OK, FAULT, NOT_CHECKED]),
        ("redis://:secret@redis.internal:6379", True, [FAULT, FAULT, NOT_CHECKED]),
        ("redis://:secret@redis.internal:6379", None, [NOT_CHECKED, FAULT, NOT_CHECKED]),
        ("rediss://:secret@redis.internal?ssl_cert_reqs=none", False, [OK, *[NOT_CHECKED] * 2]),
        ("rediss://:secret@redis.internal?ssl_cert_reqs=required", False, [OK, OK, NOT_CHECKED]),
    ],
)
def test_who_can_reach_redis(url: str, strangers: bool | None, expected: list[Mark]) -> None:
    lines = list(access_lines(url, strangers=strangers))
    assert marks(lines) == expected
    assert "secret" not in " ".join(map(str, lines))


def test_a_worker_must_have_been_seen() -> None:
    assert worker_line(None).mark is FAULT
    assert "python -m bot worker" in worker_line(None).remedy
    assert worker_line(utc_now() - timedelta(seconds=4)).mark is OK


def test_the_missing_scopes_are_named() -> None:
    wanted = wanted_scopes()
    assert "chat:write" in wanted
    assert scopes_line(wanted, wanted).mark is OK
    assert scopes_line(wanted | {"more:read"}, wanted).mark is OK
    missing = scopes_line(wanted - {"im:write", "groups:read"}, wanted)
    assert missing.mark is FAULT
    assert "groups:read, im:write" in missing.found
    assert scopes_line(frozenset(), wanted).mark is NOT_CHECKED
    assert scopes_line(wanted, frozenset()).mark is NOT_CHECKED


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_private": False}, "public"),
        ({"is_archived": True}, "archived"),
        ({"is_member": False}, "isn't in it"),
        ({"is_shared_outside": True}, "another company"),
    ],
)
def test_the_channel_is_its_alone(changes: dict[str, bool], words: str) -> None:
    good = {
        "is_private": True,
        "is_archived": False,
        "is_member": True,
        "is_shared_outside": False,
    }
    assert marks(list(lines_of(Channel.model_validate(good)))) == [OK]
    lines = list(lines_of(Channel.model_validate(good | changes)))
    assert marks(lines) == [FAULT]
    assert words in lines[0].found
    assert lines[0].remedy


@pytest.mark.parametrize("outside", ["is_restricted", "is_ultra_restricted", "is_stranger"])
def test_a_guest_in_the_channel_is_a_fault(outside: str) -> None:
    ours, theirs = a_profile(), a_profile(**{outside: True})
    assert guests_line([ours, theirs], all_read=False).mark is FAULT
    assert guests_line([ours], all_read=True).mark is OK
    assert guests_line([ours], all_read=False).mark is NOT_CHECKED


@pytest.mark.parametrize(
    "flaw", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"]
)
def test_an_approver_is_a_colleague(flaw: str) -> None:
    assert person_line("IT_APPROVERS U0IVAN0001", a_profile()).mark is OK
    assert person_line("IT_APPROVERS U0IVAN0001", a_profile(**{flaw: True})).mark is FAULT


def test_it_takes_one_approver_more_than_an_admin_needs() -> None:
    few = number_line(1, 2, emergency=True)
    assert few.mark is FAULT
    assert "takes 2 approvers, and there are 1" in few.found
    just_enough = number_line(2, 2, emergency=True)
    assert just_enough.mark is NOT_CHECKED
    assert "suspected, nobody can approve all of it" in just_enough.found
    assert "can act only by an emergency override" in just_enough.found
    assert "can't approve it" in number_line(2, 2, emergency=False).found
    assert "takes 1 approver, and" in number_line(1, 1, emergency=True).found


def test_admins_may_not_be_pre_authorised() -> None:
    bot, ben = "005000000000001AAA", "005000000000002AAA"
    assert admins_line("S", Admins(frozenset(), groups_read=True), None).mark is OK
    assert admins_line("S", Admins(frozenset({ben}), groups_read=True), None).mark is FAULT
    assert admins_line("S", Admins(frozenset({bot}), groups_read=True), None).mark is FAULT
    assert admins_line("S", Admins(frozenset({bot}), groups_read=True), bot).mark is OK
    both = admins_line("S", Admins(frozenset({bot, ben}), groups_read=False), bot)
    assert both.mark is FAULT
    assert "1 admin:" in both.found
    assert admins_line("S", Admins(frozenset(), groups_read=False), None).mark is NOT_CHECKED


def test_every_refusal_has_a_remedy() -> None:
    named = salesforce_fault("S", "reading", NotPermitted("INVALID_TYPE", needs="Manage Users"))
    assert "Manage Users" in named.remedy
    assert "used up" in salesforce_fault("S", "reading", LimitReached("x")).found
    assert "read_timeout" in salesforce_fault("S", "reading", Unavailable("read_timeout")).found
    assert "certificate" in salesforce_fault("S", "in", LoginRefused("invalid_assertion")).remedy
    assert salesforce_fault("S", "in", LoginRefused("never_heard_of")).remedy
    assert "web" in salesforce_fault("S", "in", PageRefused("no_ui_session")).remedy
    assert "guided" in salesforce_fault("S", "in", PageRefused("several_buttons")).remedy
    assert "reinstall" in slack_fault("S", SlackRefusedError("invalid_auth")).remedy
    assert slack_fault("S", SlackRefusedError("never_heard_of")).remedy
    assert "again in a minute" in slack_fault("S", SlackUnavailableError("http_503")).remedy
