"""`doctor`: whether the bot's tokens and scopes, IT's channel and the approvers are in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from bot.doctor_breach import escalation_lines
from bot.doctor_lines import fault, not_checked, ok
from bot.doctor_slack_approvers import approver_lines
from bot.doctor_slack_channel import channel_lines
from bot.doctor_slack_words import slack_fault
from services.slack.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.doctor_lines import Line
    from bot.settings import Settings
    from services.slack.checks import SlackChecks
    from services.slack.people import People

_MANIFEST = Path(__file__).parent.parent / "manifest.json"


async def slack_lines(
    checks: SlackChecks, people: People, settings: Settings
) -> AsyncIterator[Line]:
    """Check everything that the settings say about Slack."""
    try:
        installed = await checks.installation()
    except SlackError as error:
        yield slack_fault("Slack token", error)
        yield not_checked("Slack", "all else was not checked, because the token doesn't work.")
        return
    yield ok("Slack token", "works.")
    yield scopes_line(installed.scopes, wanted_scopes())
    yield await _transport_line(checks, settings)
    try:
        members = await checks.members(settings.it_channel)
    except SlackError:
        members = None  # what is wrong with the channel is told by what asks about it
    async for line in channel_lines(checks, people, settings.it_channel, members):
        yield line
    async for line in approver_lines(
        checks,
        people,
        settings.it_approvers,
        members,
        needed=settings.breach_admin_approvers,
        emergency=settings.breach_emergency,
    ):
        yield line
    async for line in escalation_lines(checks, settings.breach_escalation):
        yield line


def wanted_scopes() -> frozenset[str]:
    """Read which scopes the app is made with; none where the manifest isn't deployed too."""
    try:
        manifest = json.loads(_MANIFEST.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return frozenset()
    return frozenset(manifest["oauth_config"]["scopes"]["bot"])


def scopes_line(granted: frozenset[str], wanted: frozenset[str]) -> Line:
    """Judge the scopes that Slack granted; none at all means that it didn't say."""
    if not wanted:
        return not_checked("Slack scopes", "manifest.json, which lists them, isn't here.")
    if not granted:
        return not_checked("Slack scopes", "Slack didn't say which are granted.")
    missing = ", ".join(sorted(wanted - granted))
    if missing:
        return fault(
            "Slack scopes",
            f"not granted: {missing}.",
            "Update the app from manifest.json and install it again.",
        )
    return ok("Slack scopes", f"all {len(wanted)} of manifest.json are granted.")


async def _transport_line(checks: SlackChecks, settings: Settings) -> Line:
    if settings.slack_app_token is None:
        return not_checked(
            "Slack signing secret",
            "can't be tried from here. Type /reset-token help in Slack once.",
        )
    try:
        await checks.try_app_token(settings.slack_app_token.get_secret_value())
    except SlackError as error:
        return slack_fault(
            "Slack app token",
            error,
            "Turn Socket Mode on, and make an app-level token with connections:write.",
        )
    return ok("Slack app token", "works; Socket Mode can connect.")
