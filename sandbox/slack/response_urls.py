"""`response_url`s: five answers within thirty minutes, each by Slack's rules for where it began.

Only the one of a click replaces or deletes the message that was clicked. The one of a slash
command posts something new each time, whatever `replace_original` says (seen in public issues:
bolt-python 1268, bolt-js 2287).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.slack.blocks import problems_of_message
from sandbox.slack.errors import SlackError, refused_content
from sandbox.slack.limits import MESSAGE_TEXT
from sandbox.slack.model import Json, Message

if TYPE_CHECKING:
    from sandbox.slack.workspace import Workspace

USES = 5
LIFETIME = 30 * 60.0
_KNOWN = {
    "text",
    "blocks",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "metadata",
    "mrkdwn",
    "unfurl_links",
    "unfurl_media",
}


@dataclass(slots=True)
class ResponseUrl:
    """Where it came from: `message_ts` is the message that was clicked, if one was.

    `posted` is the newest message that came of it.
    """

    path: str
    user: str
    channel: str
    given: float
    message_ts: str | None = None
    uses: int = 0
    posted: str | None = None


class ResponseUrls:
    """The response URLs that were given out."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._given: dict[str, ResponseUrl] = {}

    def give(self, user: str, channel: str, message_ts: str | None = None) -> str:
        """Return a new URL for a command, or for a click on the message `message_ts`."""
        path = f"{self._workspace.team_id}/{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        now = self._workspace.clock()
        self._given[path] = ResponseUrl(path, user, channel, now, message_ts)
        return f"{self._workspace.origin}/hooks/{path}"

    def usable(self, path: str) -> ResponseUrl:
        """Return what this path stands for; refuse it when unknown, old or used up."""
        url = self._given.get(path)
        if url is None or self._workspace.clock() - url.given > LIFETIME:
            raise SlackError("expired_url")
        if url.uses >= USES:
            raise SlackError("used_url")
        return url

    def answer(self, url: ResponseUrl, body: Json) -> None:
        """Do what the bot asks through this URL; refused content isn't counted as a use."""
        unknown = sorted(set(body) - _KNOWN)
        if unknown:
            raise SlackError("invalid_arguments", fields=unknown)
        if body.get("delete_original") is True:
            self._delete(url)
        else:
            self._say(url, body)
        url.uses += 1

    def _delete(self, url: ResponseUrl) -> None:
        message = self._clicked(url)
        if message is not None:
            self._workspace.remove(message)

    def _say(self, url: ResponseUrl, body: Json) -> None:
        text, blocks = content_of(body)
        clicked = self._clicked(url)
        if body.get("replace_original") is True and url.message_ts is not None:
            if clicked is None:
                raise SlackError("message_not_found")
            self._workspace.rewrite(clicked, text, blocks)
            return
        private = body.get("response_type", "ephemeral") != "in_channel"
        url.posted = self._workspace.timeline.next_ts()
        self._workspace.post(
            Message(
                channel=url.channel,
                ts=url.posted,
                user=self._workspace.bot.id,
                text=text,
                blocks=blocks,
                to=url.user if private else None,
                thread_ts=body.get("thread_ts") or (clicked.thread_ts if clicked else None),
            )
        )

    def _clicked(self, url: ResponseUrl) -> Message | None:
        return self._workspace.timeline.find(url.channel, url.message_ts)


def content_of(body: Json) -> tuple[str, list[Json]]:
    """Return the text and blocks of a JSON answer; refuse what Slack would refuse."""
    text, blocks = body.get("text") or "", body.get("blocks") or []
    if not isinstance(text, str):
        raise SlackError("invalid_arguments", fields=["text"])
    if not text.strip() and not blocks:
        raise SlackError("no_text")
    if len(text) > MESSAGE_TEXT:
        raise SlackError("msg_too_long")
    problems = problems_of_message(blocks)
    if problems:
        raise refused_content("invalid_blocks", problems)
    return text, list(blocks)
