"""For each reason: what it means in plain words, and what to do about it."""

from dataclasses import dataclass

from handlers.reset_wording import AGAIN, BY_HAND
from handlers.wording import MAIL_SUBJECT, next_minute, quoted, when
from services.resets.model import Reason, Reset


@dataclass(frozen=True)
class Words:
    """`{it}` stands for IT, and for its channel where that is known."""

    why: str
    do: str
    short: str
    """For a list, inside brackets."""


# Who reads it may be the one whom the report is about, so it doesn't say that there is one.
LOOKING = "IT is looking at this account. Nothing is reset until IT is done with it."

_LATER = "Try again in a few minutes. If it happens again, tell {it}."

WORDS = {
    Reason.SLACK_BOT: Words(
        "A bot or an app asked for this, and I reset tokens for people only.",
        "Type `/reset-token` yourself.",
        "asked for by a bot",
    ),
    Reason.SLACK_GUEST: Words(
        "You're a guest in this Slack workspace, and I reset tokens for its members only.",
        "Ask {it}.",
        "a guest in Slack",
    ),
    Reason.SLACK_STRANGER: Words(
        "Your Slack account belongs to another organisation, and I reset tokens for this one only.",
        "Ask the IT people of your own organisation.",
        "from another organisation",
    ),
    Reason.SLACK_DELETED: Words(
        "This Slack account is deactivated.",
        "Ask {it}.",
        "Slack account deactivated",
    ),
    Reason.SLACK_UNCONFIRMED: Words(
        "The email address of your Slack account isn't confirmed, so I can't be sure that it's "
        "yours.",
        "Confirm it in your Slack account settings, then type `/reset-token` again.",
        "Slack address not confirmed",
    ),
    Reason.SLACK_NO_EMAIL: Words(
        "Slack shows me no email address for you, so I can't tell which Salesforce user is yours.",
        "Add your work address to your Slack account, or ask {it}.",
        "no address in Slack",
    ),
    Reason.SLACK_UNREADABLE: Words(
        "Slack didn't let me read your profile, so I can't tell which Salesforce user is yours.",
        _LATER,
        "Slack profile not readable",
    ),
    Reason.SLACK_ADDRESS_CHANGED: Words(
        "The email address of your Slack account has changed since I made the offer, so I can't "
        "be sure that this Salesforce user is yours.",
        "Type `/reset-token` again: I look you up afresh.",
        "Slack address changed meanwhile",
    ),
    Reason.NO_SALESFORCE_USER: Words(
        "I found no Salesforce user with the email address that Slack has for you.",
        "If you have a Salesforce user, ask {it} to compare the two addresses.",
        "no Salesforce user found",
    ),
    Reason.INACTIVE: Words(
        "The Salesforce user that I found for you is inactive, so it can't log in, with or without "
        "a token.",
        "Ask {it} whether it should be active.",
        "inactive in Salesforce",
    ),
    Reason.GUEST_USER: Words(
        "This is a guest user of a Salesforce site. Nobody logs in as it, so it needs no token.",
        "If you have a user of your own, ask {it} to compare the email addresses.",
        "a site's guest user",
    ),
    Reason.FROZEN: Words(
        "The Salesforce user that I found for you is frozen, so it can't log in, with or without a "
        "token.",
        "Ask {it} why. A Salesforce admin can unfreeze it.",
        "frozen in Salesforce",
    ),
    Reason.API_ONLY: Words(
        "This Salesforce user is for programs only: it can't use Salesforce's pages, and the page "
        "that resets a token is one of them.",
        "Ask {it}: a Salesforce admin can reset its password, which resets the token as well.",
        "a user for programs only",
    ),
    Reason.INTEGRATION_USER: Words(
        "This is the Salesforce user that I work with myself, so I don't reset it.",
        "Ask {it} if it needs a new token.",
        "the bot's own user",
    ),
    Reason.BUSY: Words(
        "Another reset of this Salesforce user is under way.",
        "Wait until it has ended. `/reset-token status` shows your own resets.",
        "another reset was under way",
    ),
    Reason.COOLING_DOWN: Words(
        "The token of this Salesforce user was reset a short while ago, or may have been.",
        f"Look for the mail {MAIL_SUBJECT} first, in your spam folder too.",
        "too soon after another reset",
    ),
    Reason.UNDER_INVESTIGATION: Words(
        LOOKING,
        "Ask {it} how it stands.",
        "IT was looking at this account",
    ),
    Reason.PAUSED: Words(
        "New resets are paused.",
        "Try again later, or ask {it}.",
        "resets were paused",
    ),
    Reason.SALESFORCE_UNAVAILABLE: Words(
        "Salesforce didn't answer, or was too busy.",
        _LATER,
        "Salesforce didn't answer",
    ),
    Reason.SALESFORCE_LIMIT: Words(
        "Your organisation has used up the requests that Salesforce allows it for now.",
        "Try again in a few hours, or tell {it}.",
        "Salesforce's request limit reached",
    ),
    Reason.SALESFORCE_LOGIN: Words(
        "Salesforce didn't let me in.",
        "Tell {it}: my access to Salesforce needs a look.",
        "Salesforce didn't let me in",
    ),
    Reason.SALESFORCE_PERMISSION: Words(
        "I lack a permission in Salesforce.",
        "Tell {it}: my permissions in Salesforce need a look.",
        "I lacked a permission",
    ),
    Reason.SALESFORCE_UNEXPECTED: Words(
        "Salesforce gave an answer that I don't understand, so I stopped.",
        _LATER,
        "an answer I didn't understand",
    ),
    Reason.PAGE_UNUSABLE: Words(
        "I couldn't use Salesforce's page for resetting a token.",
        f"You can do it by hand in Salesforce: {BY_HAND} Or ask {{it}}.",
        "Salesforce's page not usable",
    ),
    Reason.PASSWORD_EXPIRED: Words(
        "Your Salesforce password has expired, and Salesforce wants a new one first.",
        "Log in to Salesforce and choose a new password. Your token may change with it: look for "
        f"the mail {MAIL_SUBJECT}. If none comes, type `/reset-token` again.",
        "password expired",
    ),
    Reason.ADMIN: Words(
        "You are a Salesforce admin. For safety I can't reset admins' tokens, so you press the "
        "last button yourself.",
        f"You can do it by hand in Salesforce: {BY_HAND}",
        "a Salesforce admin",
    ),
    Reason.OUTCOME_UNKNOWN: Words(
        "I sent the request, and Salesforce's answer didn't come back whole.",
        f"Look for the mail {MAIL_SUBJECT}, in your spam folder too.",
        "answer cut off",
    ),
    Reason.IT_UNREACHABLE: Words(
        "I couldn't reach IT in Slack, so nobody has seen your question.",
        f"Phone or mail IT. {AGAIN}",
        "IT couldn't be reached",
    ),
    Reason.NOT_REPLICATED: Words(
        "The store that I keep notes in couldn't copy my note in time. Without the copy I begin "
        "nothing, so that nothing happens twice.",
        _LATER,
        "my notes weren't copied in time",
    ),
    Reason.TOO_LATE: Words(
        "I was too slow to show you the offer in time.",
        AGAIN,
        "I was too slow",
    ),
    Reason.INTERNAL: Words(
        "A fault of my own stopped this.",
        _LATER,
        "a fault of mine",
    ),
}


def why(reset: Reset) -> str:
    """Say what a reset's reason means. Empty when it has none."""
    if reset.reason is None:
        return ""
    words = WORDS[reset.reason].why
    if reset.reason is Reason.PAUSED and reset.detail:
        return f"{words} The reason given: {quoted(reset.detail, 500)}."
    return words


def in_short(reset: Reset) -> str:
    """Name a reset's reason in a few words. Empty when it has none."""
    return WORDS[reset.reason].short if reset.reason else ""


def what_to_do(reset: Reset, it: str = "IT") -> str:
    """Say what the person can do now. Empty when the reset has no reason."""
    if reset.reason is None:
        return ""
    words = WORDS[reset.reason].do.format(it=it)
    if reset.reason is Reason.COOLING_DOWN and reset.available_at:
        return f"{words} Another reset is possible from {when(next_minute(reset.available_at))}."
    return words
