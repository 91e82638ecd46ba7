"""*This wasn't me*: what the person is told, and the card that IT gets."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from handlers.blocks import actions, button, confirmation, message, section
from handlers.message import Message
from handlers.reset_wording import mailbox, method_words, place
from handlers.wording import code, it, mentions, person, when
from services.resets.model import Reset
from services.resets.states import State

_NOW = (
    "*Do this now:* phone IT, because somebody else may be using your Slack account and reading "
    "this. Then, from a device you trust, change your Slack password and sign out of all other "
    "Slack sessions; change your Salesforce and mail passwords too."
)

_EFFECT = {State.REPORTED: "Press reported"}
"""What `intent_at` is, where it isn't when the request was sent."""

_STATES = {
    State.DONE: "done",
    State.REPORTED: "the person said that they pressed the button in Salesforce",
    State.UNKNOWN: "not known whether it took effect",
}


def not_me_told(reset: Reset, it_channel: str) -> Message:
    """Tell the person that IT knows, and what to do at once."""
    pressed = f" You reported it at {when(reset.not_me_at)}." if reset.not_me_at else ""
    return message(
        "I told IT that this reset wasn't you. Phone them as well.",
        section(
            f"I told {it(it_channel)} that this reset wasn't you.{pressed}",
            _NOW,
            f"I reset nothing for this Salesforce user in {place(reset)} until IT has looked into "
            "it.",
        ),
    )


def not_me_failed(reset: Reset) -> Message:
    """Tell the person that only they can reach IT now."""
    return message(
        "I couldn't reach IT in Slack. Phone them now.",
        section(
            "I couldn't reach IT in Slack, so they may not know. Phone them now, and say that a "
            f"reset in {place(reset)} wasn't you: {code(reset.id, 60)}.",
            _NOW,
        ),
    )


def alert(reset: Reset, approvers: Sequence[str]) -> Message:
    """Put all that IT needs into one card."""
    asker = person(reset.requester.user_id)
    called = mentions(tuple(approvers))
    return message(
        f"{called} {asker} says: this reset wasn't me.".strip(),
        section(
            called or "No approvers are set (`IT_APPROVERS` is empty), so nobody is called.",
            f"*This wasn't me:* {asker} says that they didn't ask for a reset in {place(reset)}.",
        ),
        _facts(reset),
        section(*_first_steps(reset)),
        actions(
            button(
                "Looked into",
                "alert.close",
                reset.id,
                confirm=confirmation(
                    "Close this alert?",
                    "Only when the person is reached and the account is safe.",
                    yes="Looked into",
                    no="Not yet",
                ),
            )
        ),
    )


def alert_closed(reset: Reset) -> Message:
    """Show on the card who closed it, and when."""
    by = person(reset.alert_closed_by) if reset.alert_closed_by else "an approver"
    at = f", {when(reset.alert_closed_at, 'date_time')}" if reset.alert_closed_at else ""
    asker = person(reset.requester.user_id)
    return message(
        f"Looked into by {by}: a reset that {asker} says wasn't them.",
        section(
            f"*Looked into* by {by}{at}. {asker} had said that they didn't ask for a reset in "
            f"{place(reset)}.",
            "Self-service is possible again unless another alert on this user is still open.",
        ),
        _facts(reset),
    )


def _first_steps(reset: Reset) -> list[str]:
    asker = person(reset.requester.user_id)
    box = mailbox(reset, whose="that")
    steps = (
        f"Phone {asker}. Don't write by Slack: somebody else may be using that account.",
        (
            "*Salesforce:* freeze the user, end its sessions and revoke its OAuth grants. A reset "
            "of the token alone is not containment."
        ),
        (
            f"*Slack:* the reset was started from the Slack account of {asker}. End its Slack "
            "sessions too, and reset its password."
        ),
        f"*Mailbox* {box}: find out who else reads it. Whoever does has the new token.",
        (
            "Press *Looked into* when the person is reached and the account is safe. Until then I "
            "reset nothing for this Salesforce user."
        ),
    )
    return ["*First steps*", *(f"{number}. {step}" for number, step in enumerate(steps, 1))]


def _facts(reset: Reset) -> Block:
    requester, account = reset.requester, reset.account
    team = f", team {code(requester.team_id, 60)}" if requester.team_id else ""
    who = f"{code(account.username)}, id {code(account.user_id, 60)}" if account else "not known"
    state = _STATES.get(reset.state, str(reset.state))
    return section(
        f"*Slack:* {person(requester.user_id)}, id {code(requester.user_id, 60)}{team}",
        f"*Salesforce:* {place(reset)}, {who}",
        f"*Asked for:* {when(reset.created_at, 'date_time')}",
        f"*{_EFFECT.get(reset.state, 'Sent')}:* {when(reset.intent_at, 'date_time')}"
        if reset.intent_at
        else "",
        f"*Method:* {method_words(reset)}",
        f"*State:* {state}",
        f"*Wasn't me:* {when(reset.not_me_at, 'date_time')}" if reset.not_me_at else "",
        f"*Reset:* {code(reset.id, 60)}",
    )
