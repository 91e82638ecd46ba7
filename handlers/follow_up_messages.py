"""What is told at once in a follow-up: a program that fails, and an account that is locked."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import message, section, sections
from handlers.checklist import where_each_goes
from handlers.failing_wording import (
    culprits,
    failing_programs,
    failures,
    is_taken_off,
    lasting,
    meaning,
    name_of,
)
from handlers.fitting import Detail, fitted
from handlers.integration_words import name
from handlers.message import Message
from handlers.reset_wording import account, both, mailbox, method_words, place, what
from handlers.wording import code, mentions, person, when
from services.follow_ups.model import FollowUp, Item
from services.resets.model import Reset

MOST = Detail(programs=5, addresses=5)
"""What a message of this kind tells at most; the checklist has the other programs."""

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
    return fitted(lambda detail: _failing_alert(reset, follow_up, detail), MOST)


def locked_alert(reset: Reset, follow_up: FollowUp, now: datetime) -> Message:
    """Tell the person that they are locked out, and what opens the account again."""
    return fitted(lambda detail: _locked_alert(reset, follow_up, now, detail), MOST)


def locked_card(
    reset: Reset, follow_up: FollowUp, now: datetime, approvers: Sequence[str] = ()
) -> Message:
    """Tell IT who is locked out, since when, and by which program; call those who may act."""
    called = mentions(tuple(approvers))
    return fitted(lambda detail: _locked_card(reset, follow_up, now, detail, called), MOST)


def _failing_alert(reset: Reset, follow_up: FollowUp, detail: Detail) -> Message:
    failing = failing_programs(follow_up)
    named = failing[: detail.programs]
    text = _fails(reset, failing)
    do_this = (
        f"*Do this now:* put the new {what(reset)} into what fails, or pause it until you can."
    )
    return message(
        text,
        section(f"*{text}*", account(reset)),
        *sections(
            line
            for item, where in zip(named, where_each_goes(named), strict=True)
            for line in (_described(item, detail.addresses, password=both(reset)), where)
        ),
        *sections(_left_out(failing, detail)),
        section(*_going_on(do_this) if follow_up.ended is None else _over(do_this)),
        section(_WHY_NOW),
    )


def _going_on(do_this: str) -> tuple[str, str]:
    return (
        f"{do_this} I tick it off when I see it log in.",
        "If it isn't yours, choose *Not mine* beside it, in the checklist of my first message.",
    )


def _over(do_this: str) -> tuple[str]:
    return (f"{do_this} I've stopped looking, so try it out.",)


def _locked_alert(reset: Reset, follow_up: FollowUp, now: datetime, detail: Detail) -> Message:
    text = f"Your Salesforce user in {place(reset)} {_is(follow_up)} locked out"
    lines = (
        "1. Stop what fails first, or it may lock the user again.",
        *(
            _named(follow_up, detail)
            or [f"{_none_seen(follow_up)} Think of each that logs in with your password."]
        ),
        (
            "2. Ask an admin to unlock the user: *Setup* → *Users* → your user → *Unlock*. A reset "
            f"of the password probably unlocks it too. {_BY_ITSELF}"
        ),
        f"3. Put the new {what(reset)} into the program before you start it again.",
    )
    return message(
        text,
        section(f"*{text}*", account(reset), _how_long(follow_up, now)),
        *sections(lines),
        section(_MEANWHILE),
    )


def _locked_card(
    reset: Reset, follow_up: FollowUp, now: datetime, detail: Detail, called: str
) -> Message:
    asker = person(reset.requester.user_id)
    user = reset.account
    who = f"{code(user.username)}, id {code(user.user_id, 60)}" if user else "not known"
    seen = _named(follow_up, detail)
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
        (
            f"{called} The Salesforce user of {asker} in {place(reset)} {_is(follow_up)} locked out"
        ).strip(),
        section(
            called,
            f"*Locked out:* the Salesforce user of {asker} in {place(reset)}",
            f"*Salesforce:* {who}",
            f"*When:* {_how_long(follow_up, now)}",
            (
                f"*Reset:* {when(follow_up.began_at, 'date_time')}, {method_words(reset)}, "
                f"{code(reset.id, 60)}"
            ),
            "*Fails:*" if seen else f"*Fails:* {_none_seen(follow_up)}",
        ),
        *sections(seen),
        section(*steps),
        section(_MEANWHILE),
    )


def _fails(reset: Reset, failing: list[Item]) -> str:
    if len(failing) == 1:
        return f"{name(failing[0].name)} fails to log in to {place(reset)}"
    return f"{len(failing)} programs fail to log in to {place(reset)}"


def _described(item: Item, addresses: int, *, password: bool) -> str:
    return f"❌ {name_of(item)}: {failures(item, addresses)} {meaning(item, password=password)}"


def _named(follow_up: FollowUp, detail: Detail) -> list[str]:
    failed = culprits(follow_up)
    return [
        *(_culprit(item, detail.addresses) for item in failed[: detail.programs]),
        *_left_out(failed, detail),
    ]


def _culprit(item: Item, addresses: int) -> str:
    taken_off = " (taken off the list)" if is_taken_off(item) else ""
    return f"• {name_of(item)}{taken_off}: {failures(item, addresses)}"


def _none_seen(follow_up: FollowUp) -> str:
    if follow_up.unreadable_since is not None:
        since = when(follow_up.unreadable_since, "date_time")
        return f"I can't read the logins since {since}, so I don't know what locked it."
    return "I saw no program that I follow fail since the reset, so I don't know what locked it."


def _left_out(programs: list[Item], detail: Detail) -> list[str]:
    left_out = len(programs) - detail.programs
    return [f"And {left_out} more."] if left_out > 0 else []


def _is(follow_up: FollowUp) -> str:
    """Say "was" where it can't be seen whether that still holds."""
    return "was" if follow_up.lock_inferred else "is"


def _how_long(follow_up: FollowUp, now: datetime) -> str:
    since = follow_up.locked_since
    if since is None:
        return "Since a time that I don't know."
    if follow_up.lock_inferred:
        return f"At {when(since, 'date_time')}; I can't see whether it still is."
    return (
        f"Since about {when(since, 'date_time')} ({lasting(since, now)} when I wrote this, at "
        f"{when(now)})."
    )
