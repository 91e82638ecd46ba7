"""What *No email yet?* answers, and the offer of another reset that follows it."""

from datetime import datetime

from handlers.blocks import actions, button, message, section
from handlers.message import Message
from handlers.reset_wording import both, mailbox, place
from handlers.wording import MAIL_SUBJECT, next_minute, when
from services.resets.model import Reset
from services.resets.states import State

_IT_FIRST = (
    "You reported that this reset wasn't you. I reset nothing for this account until IT has closed "
    "that report. Once they have, `/reset-token` starts another reset."
)


def no_email(reset: Reset, now: datetime, cooled_down_at: datetime) -> Message:
    """Say what to check, and when another reset is possible."""
    text = f"No mail for {place(reset)} yet? Check these first."
    lines = [
        "• Your spam or junk folder, and folders that a mail rule sorts into",
        f"• The right mailbox: {mailbox(reset)}, the address on your Salesforce user",
        _subject_to_check(reset),
        *_reasons_for_none(reset),
        "If it isn't there in 10 minutes, ask IT whether the mail system held it back.",
    ]
    if reset.not_me_at is not None:
        return message(text, section(text, *lines), section(_IT_FIRST))
    if now < cooled_down_at:
        possible = when(next_minute(cooled_down_at))
        later = f"Another reset is possible from {possible}. I'll offer it here then."
        return message(text, section(text, *lines), section(later))
    return message(
        text,
        section(text, *lines),
        section(_again(reset)),
        actions(button("Reset again", "reset.again", reset.id)),
    )


def offer_again(reset: Reset) -> Message:
    """Offer another reset once the cool-down is over."""
    text = f"Still no mail for {place(reset)}? Another reset is possible now."
    return message(
        text,
        section(text, _again(reset), "If the mail has come, you need do nothing."),
        actions(button("Reset again", "reset.again", reset.id)),
    )


def _subject_to_check(reset: Reset) -> str:
    if both(reset):
        return (
            "• The mail with a link to choose a new password comes first. The mail "
            f"{MAIL_SUBJECT} comes only after you have set that password"
        )
    return f"• The subject {MAIL_SUBJECT}. Search by the subject, not by sender."


def _reasons_for_none(reset: Reset) -> list[str]:
    reasons = []
    if reset.account and reset.account.address_differs:
        reasons.append("• That isn't the address Slack has for you: the mail may be in another")
    if reset.state is State.UNKNOWN:
        reasons.append("• I don't know whether the reset took effect. If not, no mail comes")
    if reset.state is State.REPORTED:
        reasons.append("• It is sent only once *Reset Security Token* is pressed in Salesforce")
    return reasons


def _again(reset: Reset) -> str:
    voided = (
        "It makes the password you have now and any token mailed before useless."
        if both(reset)
        else "It makes any token mailed before useless."
    )
    return f"You can reset again. {voided} You'll see the warning first."
