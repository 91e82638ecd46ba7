"""What is told at once in a follow-up: a program that fails, and an account that is locked."""

from datetime import datetime

from handlers.blocks import message, section, sections
from handlers.failing_wording import (
    failing_items,
    failing_programs,
    failures,
    lasting,
    meaning,
    name_of,
)
from handlers.integration_words import name
from handlers.message import Message
from handlers.reset_wording import account, both, mailbox, method_words, place, what
from handlers.token_places import IN_PLACE
from handlers.wording import code, person, when
from services.follow_ups.model import FollowUp, Item
from services.resets.model import Reset

MOST_NAMED = 5
"""Programs that a message of this kind names; the checklist has the others."""

_WHY_NOW = (
    "*Why now:* orgs lock a user out after 3, 5 or 10 failed logins. I can't see which it is here, "
    "nor how many are left."
)

_MEANWHILE = (
    "Until then probably no login with the password works, not even with the right one. Sessions "
    "that are open, and apps that were approved in the browser, may go on; I can't see that."
)

_BY_ITSELF = (
    "It may also unlock by itself: in many orgs after 15 minutes, in others later or never. I "
    "can't see which it is here."
)


def failing_alert(reset: Reset, follow_up: FollowUp) -> Message:
    """Tell the person which programs fail, what that means, and what to do about it now."""
    failing = failing_programs(follow_up)
    text = _fails(reset, failing)
    return message(
        text,
        section(f"*{text}*", account(reset)),
        *sections(
            line for item in failing[:MOST_NAMED] for line in _described(item, password=both(reset))
        ),
        *sections(_left_out(failing)),
        section(
            f"*Do this now:* put the new {what(reset)} into what fails, or pause it until you can. "
            "I tick it off when I see it log in.",
            "If it isn't yours, choose *Not mine* beside it, in the checklist of my first message.",
        ),
        section(_WHY_NOW),
    )


def locked_alert(reset: Reset, follow_up: FollowUp, now: datetime) -> Message:
    """Tell the person that they are locked out, and what opens the account again."""
    text = f"Your Salesforce user in {place(reset)} is locked out"
    lines = (
        "1. Stop what fails first, or it may lock the user again.",
        *(_culprits(follow_up) or [f"{_NONE_SEEN} Think of each that logs in with your password."]),
        (
            "2. Ask an admin to unlock the user: *Setup* → *Users* → your user → *Unlock*. A reset "
            f"of the password probably unlocks it too. {_BY_ITSELF}"
        ),
        f"3. Put the new {what(reset)} into the program before you start it again.",
    )
    return message(
        text,
        section(f"*{text}*", account(reset), f"Since {_since(follow_up, now)}."),
        *sections(lines),
        section(_MEANWHILE),
    )


def locked_card(reset: Reset, follow_up: FollowUp, now: datetime) -> Message:
    """Tell IT who is locked out, since when, and by which program."""
    asker = person(reset.requester.user_id)
    user = reset.account
    who = f"{code(user.username)}, id {code(user.user_id, 60)}" if user else "not known"
    culprits = _culprits(follow_up)
    steps = (
        "*What to do*",
        (
            "1. Stop the program first, or it may lock the user again. Its owner may be somebody "
            f"else than {asker}."
        ),
        f"2. *Setup* → *Users* → this user → *Unlock*. {_BY_ITSELF}",
        (
            f"3. Start the program again once it has the new {what(reset)}. The mail with it "
            f"goes to {mailbox(reset, whose='that')}."
        ),
    )
    return message(
        f"The Salesforce user of {asker} in {place(reset)} is locked out",
        section(
            f"*Locked out:* the Salesforce user of {asker} in {place(reset)}",
            f"*Salesforce:* {who}",
            f"*Since:* {_since(follow_up, now)}",
            (
                f"*Reset:* {when(follow_up.began_at, 'date_time')}, {method_words(reset)}, "
                f"{code(reset.id, 60)}"
            ),
            "*Fails:*" if culprits else f"*Fails:* {_NONE_SEEN}",
        ),
        *sections(culprits),
        section(*steps),
        section(_MEANWHILE),
    )


_NONE_SEEN = "I saw no program fail since the reset, so I don't know what locked it."


def _fails(reset: Reset, failing: list[Item]) -> str:
    if len(failing) == 1:
        return f"{name(failing[0].name)} fails to log in to {place(reset)}"
    return f"{len(failing)} programs fail to log in to {place(reset)}"


def _described(item: Item, *, password: bool) -> list[str]:
    return [
        f"❌ {name_of(item)}: {failures(item)} {meaning(item, password=password)}",
        f"Where it goes: {IN_PLACE[item.place]}",
    ]


def _culprits(follow_up: FollowUp) -> list[str]:
    failing = failing_items(follow_up)
    named = [f"• {name_of(item)}: {failures(item)}" for item in failing[:MOST_NAMED]]
    return [*named, *_left_out(failing)]


def _left_out(failing: list[Item]) -> list[str]:
    return [f"And {len(failing) - MOST_NAMED} more."] if len(failing) > MOST_NAMED else []


def _since(follow_up: FollowUp, now: datetime) -> str:
    if follow_up.locked_since is None:
        return "a time that I don't know"
    since = follow_up.locked_since
    return (
        f"about {when(since, 'date_time')} ({lasting(since, now)} when I wrote this, at "
        f"{when(now)})"
    )
