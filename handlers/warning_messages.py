"""The integration-impact warning: what a reset would do, before anybody presses anything."""

from datetime import datetime, timedelta

from slack_sdk.models.blocks import Block

from handlers.account_notes import notes, urgent
from handlers.blocks import (
    actions,
    button,
    context,
    contexts,
    message,
    section,
    sections,
)
from handlers.history_wording import no_token_login, only_trusted, reach
from handlers.impact_modal import show_all
from handlers.impact_wording import folded, hurting, spared
from handlers.message import Message
from handlers.refusal_words import WORDS
from handlers.reset_wording import account, both, mailbox, place, went_ahead
from handlers.warning_buttons import buttons
from handlers.wording import person, when
from services.orgs import ResetMethod
from services.resets.model import Reset

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
    impact, password = reset.impact, both(reset)
    return message(
        f"Before you reset your token in {place(reset)}: what would stop working.",
        *sections(urgent(impact, password=password, yours=True)),
        section(*_go_ahead(reset), FIRST_LINE, *_second_thoughts(reset, now)),
        *sections(notes(impact, yours=True)),
        *sections(
            [
                account(reset),
                *hurting(impact, password=password, yours=True),
                *folded(impact),
            ]
        ),
        *show_all(reset),
        section(*_effect(reset, link)),
        section(*_mail(reset)),
        section(_pause(reset)),
        *contexts(
            [
                *spared(impact, yours=True),
                _anything_else(reset),
                _SESSIONS,
                *reach(impact),
            ]
        ),
        *_until(reset),
        actions(*buttons(reset, link)),
    )


def _unproven(reset: Reset) -> Message:
    return message(
        f"I can't be sure that this Salesforce user in {place(reset)} is yours.",
        section(FIRST_LINE),
        section(
            account(reset),
            "I found this Salesforce user by its username alone. Its email address isn't the one "
            "that Slack has for you, so I can't be sure that it's yours. Until IT confirms it, I "
            "don't show what uses it and I don't reset it.",
            "If it's yours, press *Ask IT first*. Nothing has changed.",
        ),
        *_until(reset),
        actions(
            button("Ask IT first", "reset.ask_it", reset.id, style="primary"),
            button("Cancel", "reset.cancel", reset.id),
        ),
    )


def _go_ahead(reset: Reset) -> list[str]:
    if not went_ahead(reset) or reset.question is None:
        return []
    return [f"IT ({person(reset.question.answered_by or '')}) says go ahead."]


def _second_thoughts(reset: Reset, now: datetime) -> list[str]:
    thoughts = [_POSTED] if reset.leaked else []
    changed = reset.account.password_changed_at if reset.account else None
    if changed and now - changed <= RECENT:
        then = f"Your password was changed on {when(changed, 'date')}: your token probably changed "
        thoughts.append(
            f"{then}then, and the one you posted may be older. In doubt, reset."
            if reset.leaked
            else f"{then}then; look for that mail first."
        )
    if none := no_token_login(reset.impact):
        thoughts.append(
            f"{none}."
            if reset.leaked
            else f"{none}, so you may not need a new token. In doubt, press *Cancel*."
        )
    if trusted := only_trusted(reset.impact):
        # Nothing is advised: one that sends the old token all the same may fail.
        thoughts.append(f"{trusted}.")
    return thoughts


_POSTED = (
    "You posted what looks like your token. Reset it even if no program uses it: until then "
    "whoever saw it can try it."
)


def _effect(reset: Reset, link: str | None) -> list[str]:
    if reset.method is ResetMethod.PASSWORD:
        return [
            (
                "*What this does:* your password and your token stop working at once, on trusted "
                "networks too. You can't log in with a password until you have set a new one. If "
                "wrong passwords have locked your user, it is unlocked."
            ),
        ]
    if reset.method is ResetMethod.GUIDED:
        because = [WORDS[reset.guided_because].why] if reset.guided_because else []
        way = "" if link else " It shows you the way to the page."
        return [
            *because,
            (
                f"*What this does:* *Open Salesforce* (below) changes nothing by itself.{way} When "
                "you press *Reset Security Token* there, your old token stops working at once. "
                f"{_NOTHING_ELSE}"
            ),
        ]
    return [f"*What this does:* your old token stops working at once. {_NOTHING_ELSE}"]


_NOTHING_ELSE = "Your password stays as it is."


def _mail(reset: Reset) -> list[str]:
    mailed = mailbox(reset)
    if both(reset):
        lines = [
            (
                f"Salesforce mails a link to choose a new password to {mailed}. *The new token* is "
                "mailed there only after you have set that password. It can't be looked up "
                "anywhere else, not even by IT."
            )
        ]
    else:
        lines = [
            (
                f"*The new token* is mailed to {mailed} at once and can't be looked up anywhere "
                "else, not even by IT."
            )
        ]
    if reset.account is not None and reset.account.address_differs:
        # Once IT has answered there is no button to ask it.
        do = "press *Cancel* and tell IT" if went_ahead(reset) else "press *Ask IT first*"
        lines.append(
            f"That isn't the address Slack has for you. If you can't read that mailbox, {do}."
        )
    return lines


def _pause(reset: Reset) -> str:
    old = "password or token" if both(reset) else "token"
    return (
        f"*Pause your jobs first.* One that keeps trying the old {old} can lock your Salesforce "
        "user."
    )


def _anything_else(reset: Reset) -> str:
    oauth = "OAuth (other than with your username and password)"
    if both(reset):
        return f"Anything else should go on if it uses single sign-on (SSO) or {oauth}."
    return (
        f"Anything else should go on if it uses single sign-on (SSO) or {oauth}, or logs in from a "
        "trusted network."
    )


_SESSIONS = "Open sessions: unknown. A job that is signed in may fail only hours later."


def _until(reset: Reset) -> list[Block]:
    return [context(f"This offer holds until {when(reset.deadline)}.")] if reset.deadline else []
