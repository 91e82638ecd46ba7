from datetime import timedelta

import pytest

from handlers import account_notes, history_wording, impact_wording, integration_words
from services.impact.model import (
    Address,
    Impact,
    Integration,
    Note,
    Sureness,
    SurvivingGrant,
    Verdict,
    Way,
    Why,
)
from tests.unit.handlers.examples import BROWSER, IMPACT, LOADER, NOTHING_SEEN, NOW, UNREADABLE

BREAKING = LOADER.model_copy(update={"verdict": Verdict.BREAKS, "why": Why.SENDS_TOKEN})
UNCLEAR = LOADER.model_copy(
    update={
        "name": "N/A",
        "way": Way.UNKNOWN,
        "verdict": Verdict.CANT_TELL,
        "why": Why.NOT_RECOGNISED,
        "sureness": Sureness.UNSURE,
    }
)
TRUSTED = BROWSER.model_copy(update={"why": Why.TRUSTED_NETWORK, "way": Way.SOAP_PASSWORD})
UNNAMED_FLOW = BROWSER.model_copy(update={"why": Why.PROBABLY_JWT, "way": Way.OAUTH_UNNAMED})
OWN_LOGIN = BROWSER.model_copy(update={"verdict": Verdict.BREAKS, "why": Why.OWN_PASSWORD})


def seen(*integrations: Integration, **fields: object) -> Impact:
    return IMPACT.model_copy(update={"integrations": integrations, **fields})


def said(impact: Impact | None, *, password: bool = False) -> str:
    return "\n".join(impact_wording.impact_lines(impact, password=password))


def test_a_line_has_how_how_often_when_from_where_and_how_sure() -> None:
    line = integration_words.line(
        LOADER.model_copy(
            update={
                "addresses": (
                    Address(ip="203.0.113.7", trusted=False),
                    Address(ip="10.20.0.5", trusted=True),
                    Address(ip="Salesforce.com IP"),
                ),
                "more_addresses": 1200,
                "logins": 2160,
                "read": 2000,
                "at_least": True,
            }
        )
    )
    for part in (
        "• *Data Loader* (61.0, SOAP Partner): with username and password · ",
        "at least 2,160 logins, 2 of the newest 2,000 failed, last on <!date^",
        "|1 June 2026> · from `203.0.113.7` (not trusted), `10.20.0.5` (trusted), ",
        "`Salesforce.com IP` and 1,200 more · probably breaks",
    ):
        assert part in line
    assert "\n" not in line


@pytest.mark.parametrize("nothing", [None, "", " ", "N/A", "n/a", "Unknown", "\u200b"])
def test_a_detail_that_tells_nothing_is_left_out(nothing: str | None) -> None:
    line = integration_words.line(
        LOADER.model_copy(update={"client_version": nothing, "api_type": nothing})
    )
    assert line.startswith("• *Data Loader*: with username")


@pytest.mark.parametrize("name", ["", " ", "\u200b"])
def test_an_application_without_a_name_gets_one(name: str) -> None:
    assert "*Unnamed application*" in integration_words.line(
        LOADER.model_copy(update={"name": name})
    )


def test_a_name_is_made_harmless_and_an_address_is_no_emoji() -> None:
    line = integration_words.line(
        LOADER.model_copy(
            update={
                "name": "<!channel> *Sync* 🚀",
                "addresses": (Address(ip="2001:db8:100::9"),),
            }
        )
    )
    assert "&lt;!channel&gt; \N{ASTERISK OPERATOR}Sync\N{ASTERISK OPERATOR} 🚀" in line
    assert "`2001:db8:100::9`" in line


@pytest.mark.parametrize(
    ("sureness", "breaks", "goes_on"),
    [
        (
            Sureness.DOCUMENTED,
            "breaks, as Salesforce documents",
            "goes on, as Salesforce documents",
        ),
        (Sureness.INFERRED, "probably breaks", "probably goes on"),
        (Sureness.UNSURE, "breaks, at a guess", "goes on, at a guess"),
    ],
)
def test_how_sure_a_verdict_is_is_said_in_words_that_need_no_key(
    sureness: Sureness, breaks: str, goes_on: str
) -> None:
    for one, words in ((BREAKING, breaks), (LOADER, breaks), (BROWSER, goes_on)):
        line = integration_words.line(one.model_copy(update={"sureness": sureness}))
        assert line.endswith(f" · {words}")


def test_nothing_is_said_to_be_certain() -> None:
    assert "so nothing here is certain" in said(IMPACT)


def test_where_there_is_no_verdict_it_is_not_said_to_be_sure() -> None:
    assert integration_words.line(UNCLEAR).endswith("from `203.0.113.7`")


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("why", [why for why in Why if why is not Why.OWN_PASSWORD])
def test_every_way_and_every_reason_has_words(way: Way, why: Why) -> None:
    line = integration_words.line(LOADER.model_copy(update={"way": way, "why": why}))
    how = line.split(": ", 1)[1].split(" · ")[0]
    assert how
    assert "_" not in how


@pytest.mark.parametrize(
    ("name", "yours", "title"),
    [
        ("Browser", True, "*Your own login* with a password · 1 login"),
        ("N/A", False, "*The person's own login* with a password · 1 login"),
        ("Portal", True, "*Your own login* with a password (Portal) · 1 login"),
    ],
)
def test_a_persons_own_login_is_called_that(name: str, yours: bool, title: str) -> None:
    own = OWN_LOGIN.model_copy(update={"name": name})
    assert integration_words.line(own, yours=yours).startswith(f"• {title}")


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"logins": 31, "read": 31, "failures": 0}, "31 logins, last on"),
        ({"logins": 31, "read": 31, "failures": 3}, "31 logins, 3 of them failed, last on"),
        ({"logins": 31, "read": 31, "failures": 31}, "31 logins, all of which failed, last on"),
        ({"logins": 1, "read": 1, "failures": 1}, "1 login, which failed, last on"),
        ({"logins": 5000, "read": 2000, "failures": 3}, "3 of the newest 2,000 failed, last on"),
        ({"logins": 5000, "read": 1, "failures": 1}, "1 of the newest failed, last on"),
        ({"logins": 5000, "read": 0, "failures": 0}, "5,000 logins, last on"),
    ],
)
def test_failures_are_counted_among_the_logins_that_were_read(
    counts: dict[str, int], words: str
) -> None:
    assert words in integration_words.line(LOADER.model_copy(update=counts))


def test_a_program_that_never_worked_is_not_said_to_break() -> None:
    failing = BREAKING.model_copy(update={"name": "Old Job", "failures": 31})
    text = said(seen(failing, BREAKING))
    assert text.index("*These will break*") < text.index("• *Data Loader*")
    assert text.index("• *Data Loader*") < text.index("*These fail already*: I saw no login that")
    assert "The new token may mend them:\n• *Old Job*" in text
    assert text.count("probably breaks") == 1
    assert "The new password and token may mend them" in said(seen(failing), password=True)


@pytest.mark.parametrize(
    "fields",
    [
        {"failures": 30},
        {"failures": 31, "at_least": True},
        {"failures": 31, "logins": 40, "read": 31},
        {"failures": 31, "verdict": Verdict.NOT_AFFECTED},
        {"failures": 31, "verdict": Verdict.CANT_TELL},
    ],
)
def test_only_what_was_seen_to_fail_each_time_is_said_to(fields: dict[str, object]) -> None:
    assert "*These fail already*" not in said(seen(BREAKING.model_copy(update=fields)))


def test_version_and_api_are_told_only_where_they_tell_two_apart() -> None:
    other = BREAKING.model_copy(update={"client_version": "59.0"})
    through_oauth = BREAKING.model_copy(update={"way": Way.OAUTH_PASSWORD})
    assert "• *Data Loader*: with username" in said(seen(BREAKING))
    assert "SOAP Partner" not in said(seen(BREAKING, through_oauth))
    text = said(seen(BREAKING, other))
    assert "• *Data Loader* (61.0, SOAP Partner): with username" in text
    assert "• *Data Loader* (59.0, SOAP Partner): with username" in text


def test_logins_that_were_only_counted_are_not_dated_closer_than_is_known() -> None:
    older = UNCLEAR.model_copy(update={"why": Why.FLOW_NOT_READ, "read": 0, "failures": 0})
    line = integration_words.line(older)
    assert "older logins; how they were made couldn't be read · 31 logins, last on <!date^" in line
    assert "|1 June 2026> or before" in line


def test_what_is_not_affected_is_said_shortly_but_a_trusted_address_is_named() -> None:
    assert "198.51.100.4" not in integration_words.short_line(BROWSER)
    assert "where no token is asked for" in integration_words.short_line(BROWSER)
    assert "198.51.100.4" in integration_words.short_line(TRUSTED)
    assert integration_words.short_line(TRUSTED).endswith("unless it sends the old token")


def test_each_verdict_has_its_heading_once_and_what_hurts_comes_first() -> None:
    text = said(seen(BREAKING, BREAKING, LOADER, UNCLEAR, BROWSER, BROWSER))
    headings = [
        "*These will break* until they have the new token:",
        "*These will break unless they log in from a trusted network* (IT knows which those are):",
        "*I can't tell whether these break:*",
        "*Not affected*, as far as I can see:",
    ]
    assert [text.count(heading) for heading in headings] == [1, 1, 1, 1]
    assert [text.index(heading) for heading in headings] == sorted(map(text.index, headings))


def test_it_is_not_named_where_the_trusted_networks_are_known() -> None:
    known = LOADER.model_copy(
        update={"addresses": (Address(ip="10.0.0.1", trusted=True), Address(ip="a"))}
    )
    assert "*These will break unless they log in from a trusted network*:" in said(seen(known))


def test_under_password_the_new_password_is_needed_too() -> None:
    words = "until they have the new password and, if they send one, the new token:"
    assert words in said(seen(BREAKING), password=True)
    assert words not in said(seen(BREAKING))


def test_what_is_left_out_is_counted_by_verdict() -> None:
    text = said(seen(*[BREAKING] * 11, UNCLEAR, BROWSER, BROWSER, more=30))
    assert "*Not listed here:* 1 that will break, 1 that I can't judge, 2 not affected, " in text
    assert "30 beyond what I keep." in text
    assert text.count("• *Data Loader*") == 10


def test_apps_that_were_approved_are_not_affected() -> None:
    apps = tuple(SurvivingGrant(app=f"App {n}") for n in range(7))
    text = said(seen(LOADER, grants=apps, more_grants=3))
    assert "*Not affected by a reset alone:* apps that this user approved: App 0, App 1," in text
    mine = impact_wording.spared(seen(grants=apps), yours=True)
    assert "apps that you approved: App 0, App 1," in mine[0]
    assert "App 4 and 5 more." in text
    assert "approved" not in said(seen(LOADER))


def test_the_window_and_the_time_of_reading_are_told() -> None:
    text = said(IMPACT)
    assert "Logins of the last 90 days, read <!date^" in text
    assert "A quarterly job may not be in here." in text


def test_what_is_known_of_the_newest_logins_only_is_not_said_of_all() -> None:
    text = said(seen(LOADER, details_back_to=NOW - timedelta(days=2)))
    assert "Logins of the last 90 days, counted <!date^" in text
    assert "where from, how and whether they failed is known since <!date^" in text
    assert "|1 June 2026> only. A quarterly job may not be in here." in text


@pytest.mark.parametrize("integrations", [(LOADER,), ()])
def test_a_history_read_in_part_is_never_said_to_be_whole(
    integrations: tuple[Integration, ...],
) -> None:
    text = said(seen(*integrations, read_back_to=NOW - timedelta(days=2)))
    assert "Read back to <!date^" in text
    assert "|1 June 2026> only; rarer jobs" in text
    assert "90 days" not in text


def test_empty_unreadable_and_unknown_are_told_apart() -> None:
    empty, unreadable = said(NOTHING_SEEN), said(UNREADABLE)
    assert "None seen in 90 days; a quarterly job would not be in here. Read <!date^" in empty
    assert "I couldn't read the login history. Assume that something breaks." in unreadable
    assert "*Manage Users*" in unreadable
    assert "None seen" not in unreadable
    assert said(None) == "I couldn't read the login history. Assume that something breaks."


@pytest.mark.parametrize(
    ("impact", "words"),
    [
        (NOTHING_SEEN, "I saw no program that logs in"),
        (seen(BROWSER), "I saw no program that logs in"),
        (seen(OWN_LOGIN, BROWSER), "I saw no program that logs in"),
        (seen(UNCLEAR), "I recognised no program that logs in"),
        (seen(UNNAMED_FLOW), "I recognised no program that logs in"),
        (seen(TRUSTED), ""),
        (seen(LOADER), ""),
        (seen(BREAKING), ""),
        (UNREADABLE, ""),
        (None, ""),
    ],
)
def test_no_login_by_token_is_said_only_where_none_was_seen(
    impact: Impact | None, words: str
) -> None:
    expected = f"{words} with your password and token in the last 90 days" if words else ""
    assert history_wording.no_token_login(impact) == expected


@pytest.mark.parametrize(
    ("impact", "is_said"),
    [
        (seen(TRUSTED), True),
        (seen(UNCLEAR, TRUSTED, BROWSER), True),
        (seen(BREAKING, TRUSTED), False),
        (seen(LOADER, TRUSTED), False),
        (seen(BROWSER), False),
        (NOTHING_SEEN, False),
        (UNREADABLE, False),
        (None, False),
    ],
)
def test_passwords_from_trusted_networks_alone_are_said_to_need_no_token(
    impact: Impact | None, is_said: bool
) -> None:
    words = history_wording.only_trusted(impact)
    assert bool(words) is is_said
    assert ("did so only from trusted networks, where no token is needed" in words) is is_said


@pytest.mark.parametrize("note", [note for note in Note if note is not Note.LOCKED])
def test_each_note_is_a_line_that_claims_no_more_than_is_known(note: Note) -> None:
    (line,) = account_notes.notes(IMPACT.model_copy(update={"notes": (note,)}))
    assert line.startswith("*")
    if note is not Note.API_ONLY:  # the one that Salesforce states
        assert "may" in line or "probably" in line


@pytest.mark.parametrize("note", Note)
def test_a_note_speaks_to_whoever_reads_it(note: Note) -> None:
    impact = IMPACT.model_copy(update={"notes": (note,)})
    mine = account_notes.notes(impact, yours=True) + account_notes.urgent(
        impact, password=False, yours=True
    )
    theirs = account_notes.notes(impact) + account_notes.urgent(impact, password=False)
    assert len(mine) == len(theirs) == 1
    assert "this " not in mine[0].casefold()
    assert "your" not in theirs[0].casefold()
    assert "{" not in mine[0] + theirs[0]


def test_an_account_with_nothing_special_has_no_notes() -> None:
    assert account_notes.notes(IMPACT) == account_notes.notes(None) == []
    assert account_notes.urgent(IMPACT, password=False) == []
    assert account_notes.urgent(None, password=True) == []
