"""`doctor`: whether those who may approve exist, belong to the company, and would see a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor_lines import Mark, fault, not_checked, ok
from bot.doctor_slack_words import slack_fault
from handlers.case_wording import counted
from services.slack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.doctor_lines import Line
    from services.resets.policy import Profile
    from services.slack.checks import Members, SlackChecks
    from services.slack.people import People


async def approver_lines(
    checks: SlackChecks,
    people: People,
    ids: Sequence[str],
    members: Members | None,
    *,
    needed: int,
    emergency: bool,
) -> AsyncIterator[Line]:
    """Check every id of IT_APPROVERS, and whether one of these people is in IT's channel.

    Args:
        checks: reads user groups and channels.
        people: reads profiles.
        ids: people and user groups.
        members: of IT's channel; None where they couldn't be read.
        needed: how many of them it takes for an account with admin rights.
        emergency: whether one of them may act alone on their own report.
    """
    approvers: set[str] = set()
    all_read = True
    for one in ids:
        subject = f"IT_APPROVERS {one}"
        try:
            if one.startswith("S"):
                in_group = await checks.group_members(one)
                approvers |= in_group
                yield group_line(subject, in_group)
            else:
                line = person_line(subject, await people.profile(one))
                yield line
                if line.mark is Mark.OK:
                    approvers.add(one)
        except SlackError as error:
            all_read = False
            yield slack_fault(subject, error)
    if all_read and 0 < len(approvers) <= needed:
        yield number_line(len(approvers), needed, emergency=emergency)
    if approvers and members is not None and members.all_read:
        yield presence_line(approvers, members)


def number_line(there: int, needed: int, *, emergency: bool) -> Line:
    """Judge a number of approvers that is too small, or just enough, for an admin's account."""
    takes = f"containing an admin takes {counted(needed, 'approver', 'approvers')}"
    if there < needed:
        return fault(
            "IT_APPROVERS",
            f"{takes}, and there are {there}.",
            "Add somebody, or set BREACH_ADMIN_APPROVERS lower.",
        )
    reports = "can act only by an emergency override" if emergency else "can't approve it"
    return not_checked(
        "IT_APPROVERS",
        f"{takes}, and there are no more. Where one of them is suspected, nobody can approve all "
        f"of it; one who reports it {reports}.",
        "Add somebody.",
    )


def person_line(subject: str, profile: Profile) -> Line:
    """Judge somebody who may approve."""
    remedy = "Take the id out of IT_APPROVERS."
    if profile.deleted:
        return fault(subject, "has been deactivated in Slack.", remedy)
    if profile.is_bot:
        return fault(subject, "is a bot.", remedy)
    if profile.is_restricted or profile.is_ultra_restricted:
        return fault(subject, "is a guest.", remedy)
    if profile.is_stranger:
        return fault(subject, "belongs to another company.", remedy)
    return ok(subject, "exists and belongs to the company.")


def group_line(subject: str, in_group: frozenset[str]) -> Line:
    """Judge a user group whose members may approve."""
    if not in_group:
        return fault(subject, "is a user group without members.", "Add somebody to it in Slack.")
    return ok(subject, f"is a user group of {len(in_group)}.")


def presence_line(approvers: set[str], members: Members) -> Line:
    """Judge whether anybody who may approve is in the channel in which they are asked."""
    there = len(approvers.intersection(members.ids))
    if not there:
        return fault(
            "IT_APPROVERS",
            "none of them is in IT_CHANNEL, so none would see a question.",
            "Invite them there.",
        )
    return ok("IT_APPROVERS", f"{there} of {len(approvers)} people are in IT_CHANNEL.")
