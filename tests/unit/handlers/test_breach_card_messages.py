import pytest

from handlers import breach_card_messages
from handlers.message import Message
from handlers.wording import mentions, when
from services.cases.acted import Acted
from services.cases.model import Card, Case, Problem, Report, SlackFact, Source
from services.cases.policy import Rules
from services.cases.steps import StepKind, StepState
from services.impact.model import FailedLately, Note
from tests.unit.handlers.case_examples import (
    ALERT,
    APPROVAL,
    CARD,
    CARD_ID,
    CASE_ID,
    NOT_ME,
    OVERRIDE,
    REPORT,
    RULES,
    SERVICE,
    a_case,
    a_planned_case,
    a_step,
    a_target,
)
from tests.unit.handlers.examples import APPROVERS, IMPACT, NOW, UNREADABLE, elements, read

ADMIN = a_target(is_admin=True, profile="System Administrator")
BEGUN_ALONE = (
    a_step(StepKind.FREEZE, StepState.DONE),
    a_step(StepKind.SESSIONS, StepState.RUNNING),
    a_step(StepKind.GRANTS, StepState.WAITING),
    a_step(StepKind.PASSWORD, StepState.WAITING),
)


def card(case: Case, rules: Rules = RULES) -> Message:
    return breach_card_messages.card(case, APPROVERS, rules)


def shown(case: Case, rules: Rules = RULES) -> str:
    return read(card(case, rules))


def in_order(text: str, *parts: str) -> bool:
    places = [text.index(part) for part in parts]
    return places == sorted(places)


def test_the_card_has_all_that_a_decision_takes() -> None:
    text = shown(a_case())
    assert in_order(
        text,
        "<@U0ANN> <!subteam^S0HELPDESK>",
        "*Suspected breach, high urgency:* <@U0ADA> (Ada Lovelace, `ada@acme.example`)",
        "Nothing has changed in Salesforce yet.",
        "Reported by <@U0BEN> by command, <!date^",
        "“Logins from Oslo at night, she is on holiday.”",
        "*Profile:* Sales User, no admin rights",
        "*Last login:* <!date^",
        "Browser, from `203.0.113.9`",
        "*Open now:* 3 sessions, 2 OAuth grants",
        "`a…@acme.example`. Slack has the same address.",
        "*What a reset of password and token breaks:*",
        "• *Data Loader*: with username and password",
        "*Approving does this*",
        "1. *Keep evidence*",
        "2. *Freeze the user:*",
        "3. *End open sessions* (3 were there)",
        "4. *Revoke OAuth grants* (2 were there)",
        "5. *Reset password and token:*",
        "6. *Read back*",
        "7. *Tell the person* in a direct message",
        "A reset of the token alone is not containment",
        "*Who may decide:* one approver. Nobody who reported it (<@U0BEN>), and never the "
        "suspected person.",
        "These buttons hold until <!date^",
    )


def test_its_notification_calls_the_approvers_and_says_what_it_is() -> None:
    assert card(a_case()).text.startswith(
        "<@U0ANN> <!subteam^S0HELPDESK> Suspected breach, high urgency: <@U0ADA>"
    )


def test_its_buttons_carry_the_cards_id() -> None:
    buttons = elements(card(a_case()))
    assert {name: one["value"] for name, one in buttons.items()} == {
        "breach.approve": CARD_ID,
        "breach.deny": CARD_ID,
    }
    assert buttons["breach.approve"]["style"] == "danger"


def test_a_card_among_many_calls_nobody_and_can_be_decided_all_the_same() -> None:
    loud = breach_card_messages.card(a_case(), APPROVERS, RULES)
    quiet = breach_card_messages.card(a_case(), APPROVERS, RULES, calls=False)
    called = mentions(APPROVERS)
    assert called in loud.text
    assert called in read(loud)
    assert called not in quiet.text
    assert called not in read(quiet)
    assert "No approvers are set" not in read(quiet)
    assert elements(quiet) == elements(loud)


def test_without_approvers_the_card_says_that_nobody_can_decide() -> None:
    message = breach_card_messages.card(a_case(), (), RULES)
    assert "No approvers are set (`IT_APPROVERS` is empty)" in read(message)
    assert message.text.startswith("Suspected breach")


def test_a_differing_address_is_a_warning_and_holds_up_the_password() -> None:
    text = shown(a_case(target=a_target(address_differs=True)))
    assert "*That isn't the address that Slack has for this person.*" in text
    assert "only once an approver has confirmed the address by phone or in person" in text
    assert "*This waits* until an approver has confirmed that address." in text
    same = shown(a_case())
    assert "An attacker may have changed it" not in same
    assert "*This waits*" not in same


def test_an_address_that_nobody_in_slack_has_is_not_trusted_either() -> None:
    text = shown(a_case(target=a_target(address_differs=None), slack_fact=SlackFact.NOT_FOUND))
    assert "*I can't compare that address:*" in text
    assert "*This waits*" in text
    assert "*Slack:* nobody here has the address" in text


@pytest.mark.parametrize("fact", SlackFact)
def test_what_slack_says_of_the_person_is_on_the_card(fact: SlackFact) -> None:
    assert "*Slack:* " in shown(a_case(slack_fact=fact))


def test_an_alert_says_what_it_calls_itself_and_which_secret_proves_it() -> None:
    text = shown(a_case(reports=(ALERT,)))
    assert "an alert that calls itself “Splunk”, severity critical" in text
    assert "signed with secret 2 of 3" in text
    assert "• Oslo 03:01" in text
    assert "Reported by <@" not in text
    assert "Emergency override" not in text, "an alert is nobody's own report"


def test_not_me_came_from_their_own_slack_account_so_they_are_phoned() -> None:
    text = shown(a_case(reports=(NOT_ME,), slack_suspected=True))
    assert "<@U0ADA> pressed *This wasn't me*" in text
    assert "started from their own Slack account: *phone them, don't write by Slack.*" in text
    assert "I write nothing to it. Phone them." in text
    assert "7. *Put into the thread* the text for the person" in text
    assert "Emergency override" not in text, "the suspected person can't act on themself"


def test_all_voices_are_there_the_newest_first() -> None:
    late = REPORT.model_copy(update={"at": NOW, "reason": "Me too."})
    text = shown(a_case(reports=(REPORT, ALERT, late), more_reports=4))
    assert "*7 reports, the newest first:*" in text
    assert in_order(text, "“Me too.”", "“Impossible travel”", "“Logins from Oslo")
    assert "And 4 more." in text
    assert text.startswith("<@U0ANN> <!subteam^S0HELPDESK>\n*Suspected breach, critical:*")


def test_a_message_is_linked_as_evidence() -> None:
    link = "https://acme.slack.com/archives/C0SALES/p1750000000000100"
    report = REPORT.model_copy(
        update={"source": Source.MESSAGE, "link": link, "seen": "A link to a login page"}
    )
    text = shown(a_case(reports=(report,)))
    assert f"*Evidence:* <{link}|the message>" in text
    assert "*Seen:* “A link to a login page”" in text


def test_who_reports_their_own_account_is_said_to() -> None:
    own: Report = REPORT.model_copy(update={"reporter": NOT_ME.reporter})
    assert "Reported by <@U0ADA> about their own account" in shown(a_case(reports=(own,)))


def test_what_cannot_be_seen_is_said_to_be_unknown() -> None:
    blind = a_target(sessions=None, grants=None, last_login=None, impact=UNREADABLE)
    text = shown(a_case(target=blind))
    assert "sessions can't be seen, OAuth grants can't be seen" in text
    assert "*Last login:* I couldn't read the login history" in text
    assert "Assume that something breaks." in text
    assert "0 sessions" not in text


def test_no_login_is_not_the_same_as_an_unreadable_history() -> None:
    text = shown(a_case(target=a_target(last_login=None)))
    assert "*Last login:* none seen in 90 days" in text


def test_what_revoking_grants_stops_is_not_called_unaffected() -> None:
    assert "*Revoking OAuth grants stops more:*" in shown(a_case())
    assert "*Revoking OAuth grants stops more:*" not in shown(a_planned_case())


def test_a_person_who_logs_in_by_sso_has_to_be_disabled_elsewhere() -> None:
    text = shown(a_case(target=a_target(is_sso=True)))
    assert "a reset may not apply. Disable them at your identity provider." in text


def test_failed_logins_may_be_somebody_guessing() -> None:
    failed = FailedLately(count=40, last_at=NOW, application="Browser", address="203.0.113.9")
    impact = IMPACT.model_copy(update={"failed_lately": failed, "notes": (Note.LOCKED,)})
    text = shown(a_case(target=a_target(impact=impact, is_frozen=True)))
    assert "*The last 40 logins with a password failed*" in text
    assert "That may be somebody guessing" in text
    assert "*Locked* after too many failed logins." in text
    assert "*Already frozen* when I looked" in text


def test_what_it_did_before_is_named_with_how_to_find_it() -> None:
    earlier = Acted(case_id="e" * 32, at=NOW)
    line = f"*IT acted on this user before:* {when(NOW, 'date_time')}, reference `{'e' * 32}`."
    assert f"{line} Search this channel for that: it may be about" in shown(a_case(earlier=earlier))
    planned = shown(a_planned_case(earlier=earlier))
    assert line in planned
    assert "Search this channel" not in planned
    assert "IT acted" not in shown(a_case())


def test_an_admin_takes_two_different_approvers() -> None:
    text = shown(a_case(target=ADMIN))
    assert "System Administrator, *admin rights*" in text
    assert "2 different approvers, because this account has admin rights" in text
    assert "one is enough to deny" in text
    three = shown(a_case(target=ADMIN), Rules(admin_approvers=3))
    assert "3 different approvers" in three


def test_after_the_first_approval_one_more_is_needed_and_nothing_is_done() -> None:
    text = shown(a_case(target=ADMIN, approvals=(APPROVAL,)))
    assert "*Approved by* <@U0IVAN>, <!date^" in text
    assert "*One more approver is needed.* Nothing has been done yet." in text
    assert "Nothing has changed in Salesforce yet." in text
    assert set(elements(card(a_case(target=ADMIN, approvals=(APPROVAL,))))) == {
        "breach.approve",
        "breach.deny",
    }


def test_what_an_override_has_begun_is_not_called_undone() -> None:
    text = shown(a_case(target=ADMIN, approvals=(OVERRIDE,), steps=BEGUN_ALONE))
    assert "*Emergency override* by <@U0BEN>, <!date^" in text
    assert "on their own report: freeze the user, end open sessions." in text
    assert "*One more approver is needed.* The rest waits for somebody else." in text
    assert "Nothing has changed" not in text
    assert "Nothing has been done" not in text
    assert "*Freeze the user:*" not in text, "only what still waits is to be approved"
    assert in_order(text, "1. *Revoke OAuth grants*", "2. *Reset password and token:*")


def test_emergency_override_is_named_only_where_it_is_turned_on() -> None:
    assert "choose *Emergency override*" in shown(a_case())
    assert "Emergency override" not in shown(a_case(), Rules(emergency=False))
    assert "Emergency override" not in shown(a_planned_case()), "what is planned can wait"


def test_a_later_card_begins_with_no_decision_yet_and_since_when() -> None:
    later = Card(id=CARD_ID, number=3, until=None)
    message = card(a_case(card=later))
    assert "No decision yet, since <!date^" in message.text
    assert "No decision yet, since <!date^" in read(message)
    assert "Open until somebody decides: only a decision closes it." in read(message)
    assert "No decision yet" not in shown(a_case())


@pytest.mark.parametrize("problem", Problem)
def test_without_an_account_the_card_says_why_and_what_to_do(problem: Problem) -> None:
    message = card(a_case(target=None, problem=problem, asked_for="eve@acme.example"))
    text = read(message)
    assert "*I can't act on this:* " in text
    assert "*What to do:* " in text
    assert "Approving does this" not in text
    buttons = elements(message)
    assert set(buttons) == {"breach.deny"}
    assert buttons["breach.deny"]["text"]["text"] == "Close…"


def test_a_problem_names_who_was_asked_for_and_the_code_for_the_log() -> None:
    unknown = a_case(
        target=None, problem=Problem.UNKNOWN_USER, suspect=None, asked_for="eve@acme.example"
    )
    assert "I found no Salesforce user for `eve@acme.example`." in shown(unknown)
    down = a_case(target=None, problem=Problem.SALESFORCE_UNREADABLE, detail="http_503")
    assert "couldn't look this account up in Salesforce (`http_503`)." in shown(down)
    assert "I try again until Salesforce answers." in shown(down)


def test_the_bots_own_user_is_sent_to_the_runbook() -> None:
    text = shown(a_case(target=None, problem=Problem.OWN_USER))
    assert "I never touch it" in text
    assert "`docs/breach.md`, *If the bot itself is suspected*" in text


def test_an_inactive_user_has_only_open_doors_to_be_closed() -> None:
    text = shown(a_case(target=a_target(is_active=False)))
    assert "*Inactive in Salesforce:*" in text
    assert "*End open sessions*" in text
    assert "*Freeze the user:*" not in text
    assert "*Reset password and token:*" not in text
    assert "would mail" not in text
    assert "*What a reset of password and token breaks:*" not in text


def test_a_planned_reset_states_what_why_owner_and_cost_and_contains_nothing() -> None:
    message = card(a_planned_case())
    text = read(message)
    assert "*Planned reset:* password and token of `sync@acme.example` in Production." in text
    assert "Its owner <@U0OLGA> is told when it's done." in text
    assert "Asked for by <@U0BEN>" in text
    assert "“The yearly change of the secret.”" in text
    assert "API Only: programs log in as this user" in text
    assert "*What it costs:* whatever logs in with the old password or token fails" in text
    assert "open sessions and OAuth grants aren't ended" in text
    assert "Nobody who asked for it (<@U0BEN>)." in text
    for word in ("Suspected", "suspected", "attacker", "Freeze", "*Keep evidence*"):
        assert word not in text
    assert set(elements(message)) == {"breach.approve", "breach.deny"}


def test_an_inactive_service_account_leaves_nothing_to_reset() -> None:
    inactive = SERVICE.model_copy(update={"is_active": False})
    message = card(a_planned_case(target=inactive))
    assert "This Salesforce user is inactive" in read(message)
    assert set(elements(message)) == {"breach.deny"}


def test_the_card_can_be_found_again_by_its_reference() -> None:
    assert f"Reference: `{CASE_ID}`" in shown(a_case(card=CARD))
