"""How a reset is named in a sentence: its org, its user, what it does, where its mail goes."""

from typing import Literal

from handlers.wording import code, org_label, plain_org
from services.orgs import ResetMethod
from services.resets.model import Reset
from services.resets.states import State

BY_HAND = (
    "your avatar → *Settings* → *My Personal Information* → *Reset My Security Token*, then press "
    "*Reset Security Token*."
)
"""Follows "in Salesforce:"."""

UNTOUCHED = "Nothing has changed."

NO_EFFECT = "This press changed nothing."

AGAIN = "Type `/reset-token` to start again."

IF_PRESSED = (
    "I can't see whether you pressed *Reset Security Token* in Salesforce. If you did, your old "
    "token no longer works, and Salesforce mails the new one. If not, nothing has changed."
)


def place(reset: Reset) -> str:
    """Say where: "Production", or "Salesforce" while the org isn't known."""
    name = _org(reset)
    return org_label(name) if name else "Salesforce"


def plain_place(reset: Reset) -> str:
    """Do the same for a `plain_text` object."""
    name = _org(reset)
    return plain_org(name) if name else "Salesforce"


def account(reset: Reset) -> str:
    """Name the org and the Salesforce username."""
    user = reset.account or reset.chosen
    return f"*{place(reset)}* · {code(user.username)}" if user else f"*{place(reset)}*"


def place_and_user(reset: Reset) -> str:
    """Say where and for whom inside a sentence: "Production for `ada@acme.example`"."""
    user = reset.account or reset.chosen
    return f"{place(reset)} for {code(user.username)}" if user else place(reset)


def mailbox(reset: Reset, *, whose: Literal["your", "that"] = "your") -> str:
    """Name the masked address to which Salesforce mails."""
    if reset.account is None or not reset.account.mailed_to:
        return f"the address on {whose} Salesforce user"
    return code(reset.account.mailed_to)


def both(reset: Reset) -> bool:
    """Whether the reset takes the password as well."""
    return reset.method is ResetMethod.PASSWORD


def what(reset: Reset) -> str:
    """Name what is reset."""
    return "password and token" if both(reset) else "token"


def may_have_pressed(reset: Reset) -> bool:
    """Whether an ended reset ended while the person was on Salesforce's page, unseen by the bot."""
    return reset.detail == State.AWAITING_PRESS


def went_ahead(reset: Reset) -> bool:
    """Whether IT has said go ahead.

    Its words of an earlier *Please wait* outlive that, so they tell nothing: the state does.
    """
    answered = reset.question is not None and reset.question.answered_by is not None
    return answered and State.AWAITING_IT not in {reset.state, reset.detail}


def method_words(reset: Reset) -> str:
    """Name the method for IT."""
    return {
        ResetMethod.TOKEN: "token only, through Salesforce's own page",
        ResetMethod.PASSWORD: "password and token",
        ResetMethod.GUIDED: "guided: the person presses the button in Salesforce",
        None: "not known yet",
    }[reset.method]


def for_it(reset: Reset) -> str:
    """Say what IT needs to find this reset in the log."""
    codes = [code(reset.reason)] if reset.reason else []
    if reset.detail:
        codes.append(code(reset.detail, 100))
    return " · ".join(
        [*(f"For IT: {one}" for one in codes[:1]), *codes[1:], f"reset {code(reset.id, 60)}"]
    )


def _org(reset: Reset) -> str | None:
    user = reset.account or reset.chosen
    return user.org if user else reset.org
