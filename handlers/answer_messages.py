"""What somebody is told instead of an effect: a refused press, or a command that can't start."""

from collections.abc import Sequence

from handlers.blocks import message, said, section
from handlers.case_answer_words import words as about_case
from handlers.message import Message
from handlers.refusal_words import LOOKING
from handlers.reset_wording import AGAIN, NO_EFFECT, UNTOUCHED
from handlers.wording import channel, next_minute, person, quoted, safe, when
from services.resets.policy import Answer, AnswerCode
from services.resets.states import State

_STATUS = "`/reset-token status` shows where it stands."

_FIXED = {
    AnswerCode.GONE: (
        "I no longer have the reset that this button belongs to; I keep them for a limited time. "
        f"{NO_EFFECT} {AGAIN}"
    ),
    AnswerCode.NOT_YOURS: (
        f"This button belongs to somebody else's reset. {NO_EFFECT} "
        "For your own, type `/reset-token`."
    ),
    AnswerCode.ALREADY_PRESSED: (f"This button has been pressed already. {NO_EFFECT} {_STATUS}"),
    AnswerCode.WITH_IT: (
        f"Your question is with IT. {NO_EFFECT} "
        "Their answer comes to you in a direct message, a go-ahead with a fresh button."
    ),
    AnswerCode.NOT_PROVEN: (
        "I can't be sure that this Salesforce user is yours, so I don't reset it by your press "
        f"alone. {NO_EFFECT} Press *Ask IT first*."
    ),
    AnswerCode.BUSY: (
        f"Another reset of this Salesforce user is under way. {NO_EFFECT} "
        "Wait until it has ended. `/reset-token status` shows your own resets."
    ),
    AnswerCode.NOT_APPROVER: (f"Only IT's approvers may decide this. {NO_EFFECT}"),
    AnswerCode.OWN_QUESTION: (
        f"This is about your own reset, so another approver has to decide. {NO_EFFECT}"
    ),
    AnswerCode.APPROVERS_UNKNOWN: (
        "I couldn't find out from Slack whether you're an approver, so I took it for a no. "
        f"{NO_EFFECT} Try again in a minute."
    ),
    AnswerCode.STORE_DOWN: (
        "I couldn't save your press, or can't tell whether I did. "
        "Try again in a few minutes; pressing twice does no harm."
    ),
    AnswerCode.FORM_FAILED: (
        "Slack didn't open the form. Nothing was sent, and nothing has changed. "
        "Press the button again."
    ),
    AnswerCode.FOLLOW_UP_OVER: (
        f"This follow-up is over, so there is nothing to change. {NO_EFFECT}"
    ),
    AnswerCode.NEWER_VERSION: (
        "I can't read what this is about. Most likely I'm being updated, and my newer version "
        f"wrote it. {NO_EFFECT} Try again in a minute. If it stays like this, tell IT."
    ),
    AnswerCode.UNKNOWN_BUTTON: (
        f"I don't know this button or shortcut; it may be older than I am. {NO_EFFECT} {AGAIN}"
    ),
    AnswerCode.UNKNOWN_FORM: (
        f"I don't know this form; it may be older than I am. {UNTOUCHED} I kept none of it. "
        "Open it again where you found it."
    ),
}


def answer(answer: Answer, it_channel: str) -> Message:
    """Say why a press had no effect.

    The message's text holds no times and no mentions, so that it can stand in a form too, where
    Slack shows it as it is.
    """
    return message(
        _words(answer, it="IT", exact=False).replace("`", "").replace("*", ""),
        section(_words(answer, it=f"IT ({channel(it_channel)})", exact=True)),
    )


def _words(answer: Answer, *, it: str, exact: bool) -> str:
    """Put an answer into words, `exact` with times and people."""
    at = f" {when(answer.at, 'date_time')}" if exact and answer.at else ""
    match answer.code:
        case AnswerCode.EXPIRED:
            return f"This offer has expired. {_unchanged(answer)} {AGAIN}"
        case AnswerCode.CANCELLED:
            return f"This reset was cancelled{at}. {_unchanged(answer)} {AGAIN}"
        case AnswerCode.FINISHED:
            return f"This reset ended{at}. {NO_EFFECT} `/reset-token status` shows how it ended."
        case AnswerCode.COOLING_DOWN:
            possible = (
                f"from {when(next_minute(answer.at))}" if exact and answer.at else "in a while"
            )
            return (
                "The token of this Salesforce user was reset a short while ago, or may have been. "
                f"{NO_EFFECT} Look for the mail first. Another reset is possible {possible}."
            )
        case AnswerCode.PAUSED:
            given = f" The reason given: {quoted(answer.detail, 500)}." if answer.detail else ""
            return f"New resets are paused.{given} {NO_EFFECT} Try again later, or ask {it}."
        case AnswerCode.UNDER_INVESTIGATION:
            return f"{LOOKING} {NO_EFFECT} Ask {it} how it stands."
        case AnswerCode.ALREADY_ANSWERED:
            by = person(answer.by) if exact and answer.by else "Somebody"
            return f"{by} has answered this already{at}. {NO_EFFECT}"
        case AnswerCode.ALREADY_TOLD:
            return (
                f"You pressed this already{at}. {NO_EFFECT} Look for my answer in our direct "
                "messages, in the thread under the next steps. If it's urgent, phone IT."
            )
        case code:
            return about_case(answer, exact=exact) or _FIXED[code]


def _unchanged(answer: Answer) -> str:
    """Say what an offer that is over has changed: nothing, as far as the bot can see.

    The state before an offer's end is in `detail`; without it, the offer may have sent the person
    to Salesforce.
    """
    ended_in = answer.detail if answer.state in {State.EXPIRED, State.CANCELLED} else answer.state
    if ended_in in {None, State.AWAITING_PRESS}:
        return (
            "Nothing has changed, unless you pressed *Reset Security Token* in Salesforce yourself."
        )
    return UNTOUCHED


def token_typed() -> Message:
    """What was typed as an org looks like a token. It is not repeated."""
    return said(
        "That looks like a security token. I need none, and don't repeat it here.",
        UNTOUCHED,
        "If others may have seen it, reset it: type `/reset-token` alone.",
    )


def unknown_org(name: str, orgs: Sequence[str]) -> Message:
    """Say which orgs there are, or that a colleague's token is theirs to reset."""
    if name.startswith("<@"):
        return said(
            "You can reset only your own token. For a colleague, ask them to type `/reset-token`.",
            UNTOUCHED,
        )
    known = [f"`/reset-token {safe(one, 60)}`" for one in orgs[:30]]
    typed = ", ".join([*known, "`/reset-token` alone"])
    return said(
        f"I know no org called {quoted(name, 80)}. {UNTOUCHED}",
        f"Type {typed}, or `/reset-token help`.",
    )


def paused(reason: str) -> Message:
    """Say that no new reset may start."""
    return said(
        f"New resets are paused. The reason given: {quoted(reason, 500)}. {UNTOUCHED} "
        "Try again later, or ask IT."
    )


def store_down() -> Message:
    """Say that the command didn't start anything."""
    return said(
        "I can't save anything right now, nor look anything up, so no reset has started that I "
        f"know of. {UNTOUCHED} Please try again in a few minutes."
    )
