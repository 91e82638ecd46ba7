from datetime import timedelta

import pytest

from handlers import reset_messages
from handlers.warning_messages import FIRST_LINE
from services.impact.model import FailedLately, Impact, Note, Verdict, Why
from services.orgs import ResetMethod
from services.resets.model import Choice, Reason
from services.resets.states import State
from tests.unit.handlers.examples import (
    BROWSER,
    IMPACT,
    LINK,
    LOADER,
    NOTHING_SEEN,
    NOW,
    QUESTION,
    UNREADABLE,
    a_reset,
    an_account,
    elements,
    read,
    strings,
)

GO_AHEAD = QUESTION.model_copy(update={"answered_by": "U0ANN", "answered_at": NOW})
FAILED = FailedLately(count=3, last_at=NOW, application="Invoice Robot", address="203.0.113.20")
BUTTONS = {"reset.confirm", "reset.cancel", "reset.ask_it"}
LABELS = {
    ResetMethod.TOKEN: "Reset my token",
    ResetMethod.PASSWORD: "Reset my password and token",
    ResetMethod.GUIDED: "Open Salesforce",
}


def warn(**fields: object) -> str:
    return read(reset_messages.warning(a_reset(State.AWAITING_USER, **fields), NOW))


@pytest.mark.parametrize(
    ("org", "words"),
    [
        ("production", "Checking what depends on your token in Production…"),
        (None, "Checking which Salesforce users are yours…"),
    ],
)
def test_the_command_is_answered_by_what_is_being_looked_up(org: str | None, words: str) -> None:
    assert reset_messages.checking(org).text == words


def test_the_first_line_says_what_a_token_is_for() -> None:
    assert FIRST_LINE == (
        "You need this only if a program such as Data Loader asks for a security token. "
        "It won't fix a forgotten password, a lost phone or an authenticator code."
    )
    assert warn().startswith(FIRST_LINE)


@pytest.mark.parametrize(("days", "said"), [(0, True), (7, True), (8, False)])
def test_a_password_changed_within_seven_days_comes_first(days: int, said: bool) -> None:
    account = an_account(password_changed_at=NOW - timedelta(days=days))
    words = "your token probably changed then; look for that mail first"
    assert (words in warn(account=account)) is said


def test_without_a_login_by_token_cancel_is_the_primary_button() -> None:
    message = reset_messages.warning(a_reset(impact=NOTHING_SEEN), NOW)
    assert read(message).count("I saw no program that logs in") == 1
    assert "so you may not need a new token. In doubt, press *Cancel*." in read(message)
    assert elements(message)["reset.cancel"]["style"] == "primary"
    assert "style" not in elements(message)["reset.confirm"]


def test_a_login_seen_that_needs_no_token_is_no_login_by_token() -> None:
    only_browser = IMPACT.model_copy(update={"integrations": (BROWSER,)})
    message = reset_messages.warning(a_reset(impact=only_browser), NOW)
    assert elements(message)["reset.cancel"]["style"] == "primary"
    assert "I saw no program that logs in with your password and token" in read(message)


def test_a_password_from_trusted_networks_alone_is_not_taken_for_no_login() -> None:
    payroll = LOADER.model_copy(
        update={"verdict": Verdict.NOT_AFFECTED, "why": Why.TRUSTED_NETWORK, "name": "Payroll"}
    )
    impact = IMPACT.model_copy(update={"integrations": (payroll, BROWSER)})
    message = reset_messages.warning(a_reset(impact=impact), NOW)
    assert "only from trusted networks, where no token is needed." in read(message)
    assert "I saw no program" not in read(message)
    assert "press *Cancel*" not in read(message)
    assert not any("style" in one for one in elements(message).values())


def test_with_a_login_by_token_the_reset_is_the_primary_button() -> None:
    buttons = elements(reset_messages.warning(a_reset(), NOW))
    assert buttons["reset.confirm"]["style"] == "primary"
    assert "style" not in buttons["reset.cancel"]


@pytest.mark.parametrize("impact", [UNREADABLE, None])
def test_an_unreadable_history_is_not_an_empty_one(impact: Impact | None) -> None:
    message = reset_messages.warning(a_reset(impact=impact), NOW)
    text = read(message)
    assert "I couldn't read the login history. Assume that something breaks." in text
    assert "I saw no program" not in text
    assert "None seen" not in text
    assert "90 days" not in text
    assert not any("style" in one for one in elements(message).values())


def test_an_unreadable_history_says_which_permission_is_missing() -> None:
    assert "lacks the permission *Manage Users*" in warn(impact=UNREADABLE)


def test_it_names_the_org_and_the_username() -> None:
    assert "*Production* · `ada@acme.example`" in warn()


@pytest.mark.parametrize("method", ResetMethod)
def test_the_button_says_what_the_method_does_and_slack_asks_once_more(method: ResetMethod) -> None:
    buttons = elements(reset_messages.warning(a_reset(method=method), NOW, LINK))
    assert set(buttons) == BUTTONS
    assert buttons["reset.confirm"]["text"]["text"] == LABELS[method]
    assert buttons["reset.confirm"]["confirm"]["text"]["text"]


def test_token_says_that_only_the_token_changes() -> None:
    text = warn()
    assert "your old token stops working at once" in text
    assert "is mailed to `a…@acme.example` at once" in text
    assert "Your password stays as it is." in text


def test_password_says_that_both_stop_and_in_which_order_the_mails_come() -> None:
    message = reset_messages.warning(a_reset(method=ResetMethod.PASSWORD), NOW)
    text = read(message)
    assert "your password and your token stop working at once" in text
    assert "a link to choose a new password" in text
    assert "*The new token* is mailed there only after you have set that password." in text
    assert "If wrong passwords have locked your user, it is unlocked." in text
    assert "on trusted networks too. You can't log in with a password until" in text
    assert "or logs in from a trusted network" not in text
    assert "stays as it is" not in text
    assert elements(message)["reset.confirm"]["style"] == "danger"


def test_guided_says_that_the_person_presses_the_last_button() -> None:
    message = reset_messages.warning(a_reset(method=ResetMethod.GUIDED), NOW, LINK)
    text = read(message)
    assert "*Open Salesforce* (below) changes nothing by itself." in text
    assert "When you press *Reset Security Token* there" in text
    assert "It shows you the way to the page." not in text
    assert elements(message)["reset.confirm"]["url"] == LINK


def test_guided_without_a_link_promises_none() -> None:
    message = reset_messages.warning(a_reset(method=ResetMethod.GUIDED), NOW, None)
    assert "It shows you the way to the page." in read(message)
    assert "url" not in elements(message)["reset.confirm"]


def test_an_admin_is_told_why_they_are_guided() -> None:
    text = warn(method=ResetMethod.GUIDED, guided_because=Reason.ADMIN)
    assert "You are a Salesforce admin. For safety I can't reset admins' tokens" in text


def test_only_guided_carries_a_link() -> None:
    message = reset_messages.warning(a_reset(), NOW, LINK)
    assert "url" not in elements(message)["reset.confirm"]


def test_it_says_what_stops_what_goes_on_and_what_is_unknown() -> None:
    text = warn()
    assert "your old token stops working at once. Your password stays as it is." in text
    assert (
        "Anything else should go on if it uses single sign-on (SSO) or OAuth (other than with "
        "your username and password), or logs in from a trusted network."
    ) in text
    assert "A job that is signed in may fail only hours later." in text
    assert "*Pause your jobs first.*" in text
    assert "can lock your Salesforce user" in text


def test_it_says_where_the_new_token_goes() -> None:
    assert "mailed to `a…@acme.example` at once and can't be looked up anywhere else" in warn()


@pytest.mark.parametrize("differs", [True, False])
def test_a_differing_address_is_pointed_out(differs: bool) -> None:
    words = (
        "That isn't the address Slack has for you. "
        "If you can't read that mailbox, press *Ask IT first*."
    )
    assert (words in warn(account=an_account(address_differs=differs))) is differs


def test_after_a_go_ahead_a_differing_address_leads_to_a_button_that_is_there() -> None:
    message = reset_messages.warning(
        a_reset(account=an_account(address_differs=True), question=GO_AHEAD), NOW
    )
    assert "press *Cancel* and tell IT" in read(message)
    assert "Ask IT first" not in read(message)


def test_the_order_is_for_somebody_in_a_hurry() -> None:
    text = warn(deadline=NOW, account=an_account(password_changed_at=NOW))
    order = [
        FIRST_LINE,
        "Your password was changed",
        "*Production* · `ada@acme.example`",
        "*These will break unless",
        "*What this does:*",
        "*The new token*",
        "*Pause your jobs first.*",
        "*Not affected*",
        "Anything else should go on",
        "Open sessions: unknown.",
        "A quarterly job may not be in here.",
        "This offer holds until",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_the_small_print_is_small() -> None:
    message = reset_messages.warning(a_reset(), NOW)
    small = " ".join(
        part for block in message.blocks if block["type"] == "context" for part in strings(block)
    )
    for words in ("Anything else should go on", "Open sessions", "Browser", "quarterly"):
        assert words in small


@pytest.mark.parametrize("impact", [NOTHING_SEEN, UNREADABLE, IMPACT])
def test_a_posted_token_is_reset_whatever_was_seen(impact: Impact) -> None:
    message = reset_messages.warning(a_reset(leaked=True, impact=impact), NOW)
    text = read(message)
    assert "Reset it even if no program uses it" in text
    assert "press *Cancel*" not in text
    assert elements(message)["reset.confirm"]["style"] == "primary"
    assert "style" not in elements(message)["reset.cancel"]


def test_a_posted_token_is_not_left_for_an_older_mail() -> None:
    account = an_account(password_changed_at=NOW)
    text = warn(leaked=True, account=account)
    assert "your token probably changed then, and the one you posted may be older" in text
    assert "look for that mail first" not in text


def test_a_token_that_was_not_posted_is_not_said_to_be() -> None:
    assert "You posted" not in warn()


def test_what_breaks_comes_before_what_does_not() -> None:
    text = warn()
    order = ["*These will break unless", "• *Data Loader*", "*Not affected*", "• *Browser*"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_an_empty_history_is_not_read_as_nothing_breaks() -> None:
    text = warn(impact=NOTHING_SEEN)
    assert "I saw no program that logs in with your password and token in the last 90" in text
    assert "None seen in 90 days; a quarterly job would not be in here." in text
    assert "couldn't read" not in text


def test_a_cut_history_says_how_far_back_it_reaches() -> None:
    cut = IMPACT.model_copy(update={"read_back_to": NOW})
    text = warn(impact=cut)
    assert "Read back to <!date^" in text
    assert "|3 June 2026> only; rarer jobs are not in here." in text
    assert "90 days" not in text
    empty = NOTHING_SEEN.model_copy(update={"read_back_to": NOW})
    text = warn(impact=empty)
    assert "I saw no program that logs in with your password and token since <!date^" in text
    assert "None seen. Read back to <!date^" in text
    assert "90 days" not in text


def test_a_locked_user_is_told_of_before_anything_else() -> None:
    impact = IMPACT.model_copy(update={"notes": (Note.LOCKED,), "failed_lately": FAILED})
    text = warn(impact=impact)
    assert text.startswith("*Your Salesforce user is locked*")
    assert "A new token isn't known to unlock it; a Salesforce admin can" in text
    assert "may be near a lock-out" not in text, "it is over that line"
    assert text.index("The last 3 logins") < text.index(FIRST_LINE)


def test_a_locked_user_is_led_to_it_first_unless_the_reset_unlocks() -> None:
    locked = IMPACT.model_copy(update={"notes": (Note.LOCKED,)})

    def labels(method: ResetMethod) -> list[tuple[str, str | None]]:
        reset = a_reset(impact=locked, method=method)
        message = reset_messages.warning(reset, NOW)
        (row,) = [block for block in message.blocks if block["type"] == "actions"]
        assert isinstance(row["elements"], list)
        return [(one["text"]["text"], one.get("style")) for one in row["elements"]]

    first, second, _ = labels(ResetMethod.TOKEN)
    assert first == ("Ask IT first", "primary")
    assert second == ("Reset my token", None)
    assert labels(ResetMethod.PASSWORD)[0] == ("Reset my password and token", "danger")


def test_a_reset_of_the_password_is_not_said_to_leave_a_user_locked() -> None:
    impact = IMPACT.model_copy(update={"notes": (Note.LOCKED,)})
    text = warn(impact=impact, method=ResetMethod.PASSWORD)
    assert "*Your Salesforce user is locked*" in text
    assert "isn't known to unlock it" not in text
    assert "it is unlocked" in text


def test_a_burst_of_failed_logins_is_told_first() -> None:
    text = warn(impact=IMPACT.model_copy(update={"failed_lately": FAILED}))
    assert text.startswith("*The last 3 logins with a password failed*, the latest <!date^")
    assert (
        "by Invoice Robot from `203.0.113.20`: your Salesforce user may be near a lock-out." in text
    )
    assert "Orgs lock after 3, 5 or 10 wrong ones." in text
    assert text.index("Pause whatever keeps trying") < text.index(FIRST_LINE)


def test_why_a_reset_may_not_be_needed_comes_before_what_it_breaks() -> None:
    text = warn(impact=IMPACT.model_copy(update={"notes": (Note.MFA_FOR_API,)}))
    assert text.index(FIRST_LINE) < text.index("*MFA for API logins:*")
    assert text.index("*MFA for API logins:*") < text.index("*These will break")


def test_over_ten_integrations_are_folded_behind_a_button() -> None:
    many = tuple(LOADER.model_copy(update={"name": f"Job {n}"}) for n in range(12))
    impact = IMPACT.model_copy(update={"integrations": (*many, BROWSER), "more": 4})
    message = reset_messages.warning(a_reset(impact=impact), NOW)
    text = read(message)
    assert text.count("• *Job") == 10
    assert (
        "*Not listed here:* 2 that will break outside a trusted network, 1 not affected, "
        "4 beyond what I keep."
    ) in text
    assert elements(message)["impact.show_all"]["value"] == a_reset().id
    assert elements(message)["impact.show_all"]["text"]["text"] == "Show all"


def test_ten_integrations_need_no_button() -> None:
    ten = tuple(LOADER.model_copy(update={"name": f"Job {n}"}) for n in range(10))
    message = reset_messages.warning(
        a_reset(impact=IMPACT.model_copy(update={"integrations": ten})), NOW
    )
    assert read(message).count("• *Job") == 10
    assert "Not listed here" not in read(message)
    assert set(elements(message)) == BUTTONS


def test_it_says_until_when_the_offer_holds_in_the_readers_own_time() -> None:
    deadline = NOW + timedelta(minutes=25)
    text = warn(deadline=deadline)
    assert "This offer holds until <!date^" in text
    assert "^{time}|14:30 UTC>" in text
    assert "This offer holds" not in warn(deadline=None)


def test_after_its_go_ahead_it_begins_with_that() -> None:
    assert warn(question=GO_AHEAD).startswith(f"IT (<@U0ANN>) says go ahead.\n{FIRST_LINE}")
    assert "go ahead" not in warn()
    after_a_wait = GO_AHEAD.model_copy(update={"wait": "Monday"})
    assert "says go ahead" in warn(question=after_a_wait)


def test_a_user_matched_by_username_alone_goes_to_it_and_shows_nothing() -> None:
    account = an_account(proven=False)
    message = reset_messages.warning(a_reset(account=account), NOW)
    text = read(message)
    assert "by its username alone" in text
    assert "can't be sure that it's yours" in text
    assert "Until IT confirms it, I don't show what uses it and I don't reset it." in text
    assert "31 logins" not in text
    assert "a…@acme.example" not in text
    assert set(elements(message)) == {"reset.ask_it", "reset.cancel"}


def test_several_users_are_chosen_from() -> None:
    choices = tuple(
        Choice(id=letter * 32, org=org, user_id="005", username="ada@acme.example")
        for letter, org in (("a", "production"), ("b", "partner"))
    )
    message = reset_messages.choose(a_reset(State.AWAITING_CHOICE, account=None, choices=choices))
    menu = elements(message)["reset.choose"]
    assert [(one["text"]["text"], one["value"]) for one in menu["options"]] == [
        ("Production · ada@acme.example", "a" * 32),
        ("Partner · ada@acme.example", "b" * 32),
    ]
    assert "reset.cancel" in elements(message)
