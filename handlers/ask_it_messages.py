"""*Ask IT first*: the form, the card in IT's channel, and what comes back to the person."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block

from handlers.account_notes import notes, urgent
from handlers.answer_messages import answer as answer_message
from handlers.blocks import (
    actions,
    button,
    confirmation,
    context,
    message,
    modal,
    section,
    sections,
)
from handlers.form_fields import question
from handlers.impact_modal import show_all
from handlers.impact_wording import impact_lines
from handlers.message import Message
from handlers.reset_wording import (
    UNTOUCHED,
    account,
    both,
    mailbox,
    method_words,
    place,
    went_ahead,
    what,
)
from handlers.wording import code, it, mentions, person, quoted, when
from services.resets.model import Reset
from services.resets.policy import Answer
from services.resets.states import State

_LONGEST_QUESTION = 1000
_LONGEST_WAIT = 500


def form(reset_id: str) -> dict[str, object]:
    """Ask the person what IT should know."""
    field = question(
        "What would you like to know from IT?",
        "question",
        hint="IT sees what you write here. Never write a token or a password.",
        most=_LONGEST_QUESTION,
    )
    return modal(
        "Ask IT first",
        [field],
        submit="Send",
        close="Back",
        callback_id="reset.ask_it",
        reset_id=reset_id,
    )


def loading_view() -> dict[str, object]:
    """Open at once, while it is looked up whether this person may answer."""
    return modal("Please wait", [section("One moment…")], close="Close")


def wait_form(reset_id: str) -> dict[str, object]:
    """Ask the approver for their words to the person."""
    field = question(
        "Why should they wait, and what happens next?",
        "wait",
        hint="The person who asked gets this word for word.",
        most=_LONGEST_WAIT,
    )
    return modal(
        "Ask them to wait",
        [field],
        submit="Send",
        close="Back",
        callback_id="ask_it.wait",
        reset_id=reset_id,
    )


def refused_view(answer: Answer, it_channel: str) -> dict[str, object]:
    """Say in the opened form why there is nothing to fill in."""
    return modal("That isn't possible", answer_message(answer, it_channel).blocks, close="Close")


def sent(reset: Reset, it_channel: str) -> Message:
    """Take the warning's place once IT has the question."""
    until = f" until {when(reset.deadline, 'date_time')}" if reset.deadline else ""
    return message(
        "IT has your question. Nothing has changed.",
        section(
            f"{it(it_channel)} has your question. {UNTOUCHED}",
            _words(reset),
            f"The answer comes to you in a direct message. I wait for it{until}.",
        ),
        actions(button("Cancel", "reset.cancel", reset.id)),
    )


def card(reset: Reset, approvers: Sequence[str]) -> Message:
    """Put the question before IT, with the same impact that the person saw."""
    called = mentions(tuple(approvers))
    asker = person(reset.requester.user_id)
    return message(
        f"{called} {asker} asks whether to reset a {what(reset)} in {place(reset)}.".strip(),
        section(called or _NOBODY),
        *_asked(reset),
        *show_all(reset),
        *_deciding(reset),
        *_until(reset),
        _answers(reset),
    )


_NOBODY = "No approvers are set (`IT_APPROVERS` is empty), so nobody can answer this here."


def card_answered(reset: Reset) -> Message:
    """Show IT's answer on the card. *Please wait* keeps the buttons: it isn't the last word."""
    asker = person(reset.requester.user_id)
    asked = reset.question
    by = person(asked.answered_by) if asked and asked.answered_by else "IT"
    at = f", {when(asked.answered_at, 'date_time')}" if asked and asked.answered_at else ""
    said = quoted(asked.wait, 1000) if asked and asked.wait else ""
    if went_ahead(reset):
        text = f"Go ahead, says {by} to {asker}."
        answered = section(
            f"IT had asked to wait: {said}" if said else "",
            f"*Go ahead*, says {by}{at}. I send {asker} the button, or why it isn't possible now.",
        )
        return message(text, *_asked(reset), answered)
    return message(
        f"Please wait, says {by} to {asker}.",
        *_asked(reset),
        *show_all(reset),
        section(f"*Please wait*, says {by}{at}:", said),
        *_deciding(reset),
        *_until(reset),
        _answers(reset),
    )


def card_closed(reset: Reset) -> Message:
    """Take the buttons off a card that needs no answer any more."""
    asker = person(reset.requester.user_id)
    because = {
        State.CANCELLED: f"{asker} has cancelled",
        State.EXPIRED: "the time to answer is over, and the person was told",
    }.get(reset.state, "it is settled")
    text = f"The question of {asker} needs no answer any more: {because}."
    return message(text, *_asked(reset), section(text))


def reminder(reset: Reset, approvers: Sequence[str]) -> Message:
    """Ask once more, in the card's thread and in the channel."""
    called = mentions(tuple(approvers))
    asker = person(reset.requester.user_id)
    until = f" It lapses {when(reset.deadline, 'date_time')}." if reset.deadline else ""
    text = f"{called} {asker} still waits for an answer about {place(reset)}.".strip()
    return message(text, section(f"{text}{until} The buttons are on the card."))


def please_wait(reset: Reset) -> Message:
    """Bring IT's words to the person."""
    asked = reset.question
    by = f"IT ({person(asked.answered_by)})" if asked and asked.answered_by else "IT"
    until = f" until {when(reset.deadline, 'date_time')}" if reset.deadline else ""
    return message(
        f"IT asks you to wait with your reset in {place(reset)}.",
        section(
            f"{by} asks you to wait with your reset in {place(reset)}:",
            quoted(asked.wait, 1000) if asked and asked.wait else "",
            f"{UNTOUCHED} Your request stays open{until}. "
            "If IT then says go ahead, a fresh button comes here.",
        ),
        actions(button("Cancel", "reset.cancel", reset.id)),
    )


def _asked(reset: Reset) -> list[Block]:
    who = person(reset.requester.user_id)
    blocks: list[Block] = [
        section(
            f"{who} asks whether to reset this {what(reset)}:",
            _words(reset),
        ),
        section(
            account(reset),
            f"*Method:* {method_words(reset)}",
            f"*Mail goes to:* {code(reset.account.mailed_to)}" if reset.account else "",
            _differs(reset),
        ),
    ]
    if not _vouching(reset) and reset.impact is not None:
        password = both(reset)
        blocks += sections(
            [*urgent(reset.impact, password=password), *notes(reset.impact)],
        )
        blocks += sections(impact_lines(reset.impact, password=password))
    return blocks


def _deciding(reset: Reset) -> list[Block]:
    """Say what an answer does. Only a card that still waits for one may say it."""
    who = person(reset.requester.user_id)
    lines = [
        f"Nothing has changed yet. *Go ahead* gives {who} the button; it resets nothing by itself."
    ]
    if _vouching(reset):
        lines += [
            (
                "Only the username matches this person. *Go ahead* means that you vouch that this "
                "Salesforce user is theirs. I haven't read what depends on it."
            ),
            (
                f"*Check first:* open the user in Salesforce, and ask {who} by phone whether it's "
                f"theirs. The new token goes to {mailbox(reset, whose='that')}."
            ),
        ]
    return [section(*lines)]


def _words(reset: Reset) -> str:
    return quoted(reset.question.text, 2000) if reset.question else ""


def _differs(reset: Reset) -> str:
    if reset.account is None or not reset.account.address_differs:
        return ""
    return "That isn't the address that Slack has for this person."


def _vouching(reset: Reset) -> bool:
    return reset.account is not None and not reset.account.proven


def _until(reset: Reset) -> list[Block]:
    if reset.deadline is None:
        return []
    return [context(f"Open until {when(reset.deadline, 'date_time')}.")]


def _answers(reset: Reset) -> ActionsBlock:
    vouch = confirmation(
        "Is this Salesforce user theirs?",
        "You vouch that it is. You have opened the user in Salesforce and phoned the person.",
        yes="Go ahead",
        no="Not sure",
    )
    return actions(
        button(
            "Go ahead",
            "ask_it.go_ahead",
            reset.id,
            style="primary",
            confirm=vouch if _vouching(reset) else None,
        ),
        button("Please wait", "ask_it.wait", reset.id),
    )
