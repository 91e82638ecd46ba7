"""`doctor`: whether IT's channel is IT's alone. Cards there name people and what they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor_lines import fault, not_checked, ok
from bot.doctor_slack_words import slack_fault
from services.slack.checks import MOST_MEMBERS
from services.slack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from bot.doctor_lines import Line
    from services.resets.policy import Profile
    from services.slack.checks import Channel, Members, SlackChecks
    from services.slack.people import People

_SUBJECT = "IT_CHANNEL"


async def channel_lines(
    checks: SlackChecks, people: People, channel_id: str, members: Members | None
) -> AsyncIterator[Line]:
    """Check the channel and everybody in it, or the first 200; None: they couldn't be read."""
    try:
        channel = await checks.channel(channel_id)
    except SlackError as error:
        yield slack_fault(_SUBJECT, error)
        return
    for line in lines_of(channel):
        yield line
    if members is None:
        yield not_checked(_SUBJECT, "whether it has guests: its members couldn't be read.")
        return
    try:
        profiles = [await people.profile(one) for one in members.ids]
    except SlackError as error:
        yield not_checked(_SUBJECT, f"whether it has guests: Slack didn't say ({error.code}).")
        return
    yield guests_line(profiles, all_read=members.all_read)


def lines_of(channel: Channel) -> Iterator[Line]:
    """Judge what kind of channel it is."""
    faults = (
        (
            channel.is_archived,
            "is archived, so nothing can be posted.",
            "Unarchive it, or name another channel.",
        ),
        (
            not channel.is_member,
            "the bot isn't in it.",
            "Invite it there: /invite @Reset Token.",
        ),
        (
            not channel.is_private,
            "is public, so the whole company reads who uses what in Salesforce.",
            "Make it private, or name a private one.",
        ),
        (
            channel.is_shared_outside,
            "is shared with another company.",
            "Stop sharing it, or name another channel.",
        ),
    )
    found = [fault(_SUBJECT, words, remedy) for wrong, words, remedy in faults if wrong]
    yield from found or [ok(_SUBJECT, "is private, not shared, and the bot is in it.")]


def guests_line(profiles: Sequence[Profile], *, all_read: bool) -> Line:
    """Judge who is in it: no guest, and nobody from another company."""
    outsiders = sum(
        one.is_restricted or one.is_ultra_restricted or one.is_stranger for one in profiles
    )
    if outsiders:
        return fault(
            _SUBJECT,
            f"{outsiders} of its members are guests or from another company.",
            "Remove them from it, or name another channel.",
        )
    if not all_read:
        return not_checked(
            _SUBJECT,
            f"no guest among its first {MOST_MEMBERS} members; it has more, who weren't looked at.",
        )
    return ok(_SUBJECT, "has no guests.")
