"""The integration-impact warning: what a reset would do, before anybody presses anything."""

from datetime import datetime, timedelta

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.blocks import actions, button, confirmation, context, message, section, sections
from handlers.impact_wording import impact_lines
from handlers.message import Message
from handlers.refusal_words import WORDS
from handlers.reset_wording import account, both, mailbox, place, plain_place
from handlers.wording import person, went_ahead, when
from services.orgs import ResetMethod
from services.resets.model import Account, Reset

FIRST_LINE = (
    "You need this only if a program such as Data Loader asks for a security token. "
    "It won't fix a forgotten password, a lost phone or an authenticator code."
)

RECENT = timedelta(days=7)
"""A password changed less long ago has probably changed the token with it."""


def warning(reset: Reset, now: datetime, link: str | None = None) -> Message:
    """Say what depends on the token and what each button does.

    Args:
        reset: waits for its person, its Salesforce user known.
        now: to tell a recent change of password.
        link: Salesforce's own page, for `guided`; None where it couldn't be found out.
    """
    if reset.account is not None and not reset.account.proven:
        return _unproven(reset)
    return message(
        f"Before you reset your token in {place(reset)}: what would stop working.",
        section(*_go_ahead(reset), FIRST_LINE, *_second_thoughts(reset, now)),
        section(account(reset), *_effect(reset, link)),
        section(*_consequences(reset)),
        section(*_mail(reset)),
        *sections(impact_lines(reset.impact, password=both(reset))),
        *_until(reset),
        actions(*_buttons(reset, link)),
    )


def _unproven(reset: Reset) -> Message:
    return message(
        f"I can't be sure that this Salesforce user in {place(reset)} is yours.",
        section(FIRST_LINE),
        section(
            account(reset),
            "I found this Salesforce user by its username alone. Its email address isn't the one "
            "that Slack has for you, so I can't be sure that it's yours. I show nothing about it "
            "and don't reset it by your press alone.",
            "If it's yours, press *Ask IT first*. Somebody there can confirm it. "
            "Nothing has changed.",
        ),
        *_until(reset),
        actions(
            button("Ask IT first", "reset.ask_it", reset.id, style="primary"),
            button("Cancel", "reset.cancel", reset.id),
        ),
    )


def _go_ahead(reset: Reset) -> list[str]:
    if not went_ahead(reset.question) or reset.question is None:
        return []
    return [f"IT ({person(reset.question.answered_by or '')}) says go ahead."]


def _second_thoughts(reset: Reset, now: datetime) -> list[str]:
    thoughts = []
    changed = reset.account.password_changed_at if reset.account else None
    if changed and now - changed <= RECENT:
        thoughts.append(
            f"Your password was changed on {when(changed, 'date')}: your token probably changed "
            "then; look for that mail first."
        )
    if _no_token_login(reset):
        thoughts.append(
            "I saw no login by token for this user, so you may not need one. "
            "In doubt, press *Cancel*."
        )
    return thoughts


def _no_token_login(reset: Reset) -> bool:
    """Whether the history was read and shows none; an unreadable one shows nothing."""
    return reset.impact is not None and reset.impact.readable and not reset.impact.token_logins_seen


def _effect(reset: Reset, link: str | None) -> list[str]:
    mailed = mailbox(reset)
    if reset.method is ResetMethod.PASSWORD:
        return [
            (
                "*What this does:* your password and your token stop working at once, both of "
                f"them. Salesforce mails a link to choose a new password to {mailed}. The new "
                "token is mailed only after you have set that password."
            ),
            "It also unlocks the user if wrong passwords have locked it.",
        ]
    if reset.method is ResetMethod.GUIDED:
        because = [WORDS[reset.guided_because].why] if reset.guided_because else []
        opens = (
            "this button only opens Salesforce."
            if link
            else "this button changes nothing. It shows you the way to the page in Salesforce."
        )
        return [
            *because,
            (
                f"*What this does:* {opens} You press the last button there, *Reset Security "
                "Token*. Then your old token stops working at once, and Salesforce mails a new one "
                "at once. Your password stays as it is."
            ),
        ]
    return [
        (
            "*What this does:* your old token stops working at once, and Salesforce mails a new "
            "one at once. Your password stays as it is."
        )
    ]


def _consequences(reset: Reset) -> list[str]:
    if both(reset):
        stops = (
            "*What stops working:* every new login with your username and password. That is Data "
            "Loader with a password, connectors and scripts set up that way, logins from trusted "
            "networks too, and your own login to Salesforce with a password."
        )
    else:
        stops = (
            "*What stops working:* every new login with username, password and the old token. "
            "That is Data Loader with a password, and connectors and scripts set up that way. "
            "The same login from a trusted network needs no token and goes on."
        )
    return [
        stops,
        (
            "*What should go on:* programs connected through OAuth (a refresh token), JWT or "
            "client credentials, and single sign-on (SSO)."
        ),
        "*Open sessions:* unknown. A job that is already signed in may fail only hours later.",
        (
            f"*Pause your jobs first.* One that keeps trying the old {_old(reset)} can lock the "
            "user out."
        ),
    ]


def _old(reset: Reset) -> str:
    return "password or token" if both(reset) else "token"


def _mail(reset: Reset) -> list[str]:
    lines = [
        (
            f"*The new token* goes to {mailbox(reset)} and can't be looked up anywhere else, "
            "not even by IT."
        )
    ]
    if _differs(reset.account):
        lines.append(
            "That isn't the address Slack has for you. "
            "If you can't read that mailbox, ask IT first."
        )
    return lines


def _differs(account_: Account | None) -> bool:
    return account_ is not None and account_.address_differs


def _until(reset: Reset) -> list[Block]:
    return [context(f"This offer holds until {when(reset.deadline)}.")] if reset.deadline else []


def _buttons(reset: Reset, link: str | None) -> list[ButtonElement]:
    cancel_first = _no_token_login(reset)
    buttons = [
        _reset_button(reset, link, prominent=not cancel_first),
        button("Cancel", "reset.cancel", reset.id, style="primary" if cancel_first else None),
    ]
    if not went_ahead(reset.question):
        buttons.append(button("Ask IT first", "reset.ask_it", reset.id))
    return buttons


def _reset_button(reset: Reset, link: str | None, *, prominent: bool) -> ButtonElement:
    org = plain_place(reset)
    if reset.method is ResetMethod.PASSWORD:
        # Red whatever the history says: it takes the person's own login away as well.
        return button(
            "Reset my password and token",
            "reset.confirm",
            reset.id,
            style="danger",
            confirm=confirmation(
                "Reset your password and token?",
                f"Both stop working in {org} at once. You can't log in with a password until you "
                "have set a new one from the mailed link.",
                yes="Reset both",
                no="Not now",
                style="danger",
            ),
        )
    if reset.method is ResetMethod.GUIDED:
        return button(
            "Open Salesforce",
            "reset.confirm",
            reset.id,
            style="primary" if prominent else None,
            url=link,
            confirm=confirmation(
                "Go to Salesforce?",
                f"Nothing changes in {org} until you press Reset Security Token there.",
                yes="Open Salesforce",
                no="Not now",
            ),
        )
    # Green only for somebody who was seen to need it. Not red: it is what they came for, and a
    # colour that warns each time warns of nothing.
    seen = reset.impact is not None and reset.impact.token_logins_seen
    return button(
        "Reset my token",
        "reset.confirm",
        reset.id,
        style="primary" if seen else None,
        confirm=confirmation(
            "Reset your security token?",
            f"Your old token stops working in {org} at once. Programs that use it fail until you "
            "give them the new one.",
            yes="Reset my token",
            no="Not now",
        ),
    )
