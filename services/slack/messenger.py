"""Says things in Slack: posts once, edits in place, answers a press."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.http_retry.builtin_async_handlers import AsyncServerErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from services.slack.client import ShortWaits, StayingClient, of_code, stay, translated
from services.slack.errors import SlackRefusedError, SlackUnavailableError
from services.store.holds import Holds
from services.store.posts import Intended, Place, PostLog

log = structlog.get_logger(__name__)

VIEW_TIMEOUT = 1.5
"""Seconds for a view while Slack still waits for an ack."""

RESPOND_TIMEOUT = 5
"""Seconds for one use of a `response_url`."""

RESPOND_AT_ONCE = 1
"""The same, while Slack still waits for an ack."""

_METADATA = "reset_token_bot"


class Sayable(Protocol):
    """A message: a text for notifications and screen readers, and its blocks."""

    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def blocks(self) -> Sequence[dict[str, Any]]: ...  # noqa: D102


class Messenger:
    """Every method raises `SlackUnavailableError` or `SlackRefusedError`."""

    def __init__(
        self,
        client: AsyncWebClient,
        poster: AsyncWebClient,
        posts: PostLog,
        posting: Holds,
        api_url: str,
    ) -> None:
        self._client = client
        self._poster = poster
        self._posts = posts
        self._posting = posting
        self._api_url = api_url

    async def post_once(
        self,
        channel: str,
        message: Sayable,
        *,
        owner: str,
        slot: str,
        thread_ts: str | None = None,
        broadcast: bool = False,
        refresh: bool = False,
    ) -> Place:
        """Post a message unless it stands there already.

        An intent is saved first. Where one is found without a place, a DM is searched for the
        message; a channel can't be (that takes a scope to read it), so there it may come twice.

        Args:
            channel: a channel's id, or a user's for the DM with them.
            message: what to post.
            owner: the key in the store of what the message is about.
            slot: which of its messages.
            thread_ts: the message to answer in a thread.
            broadcast: show the answer in the channel too; a thread is heard by its followers only.
            refresh: edit a message that stands there already, which may say what was true then.
        """
        # Another job that is just posting it has written its intent and no place yet: it may wait
        # for Slack, and nothing would be found in the conversation.
        async with self._posting.waited_for(f"{owner}:{slot}"):
            return await self._post_unless_there(
                channel,
                message,
                owner,
                slot,
                {"thread_ts": thread_ts, "reply_broadcast": broadcast} if thread_ts else {},
                refresh=refresh,
            )

    async def _post_unless_there(
        self,
        channel: str,
        message: Sayable,
        owner: str,
        slot: str,
        thread: dict[str, Any],
        *,
        refresh: bool,
    ) -> Place:
        known = await self._posts.intend(owner, slot)
        place = known if isinstance(known, Place) else None
        if isinstance(known, Intended) and channel[0] in "UWD":
            place = await self._find(channel, owner, slot, thread.get("thread_ts"))
        if place is not None and refresh:
            await self._refresh(place, message)
        if isinstance(known, Place):
            return known
        if place is None:
            place = await self._post(channel, message, owner, slot, thread)
        await self._posts.posted(owner, slot, place)
        return place

    async def update(self, place: Place, message: Sayable) -> None:
        """Edit a message in place."""
        with translated():
            await self._client.chat_update(
                channel=place.channel, ts=place.ts, text=message.text, blocks=list(message.blocks)
            )

    async def ephemeral(self, channel: str, user_id: str, message: Sayable) -> None:
        """Show a message to one person in a channel."""
        with translated():
            await self._poster.chat_postEphemeral(
                channel=channel, user=user_id, text=message.text, blocks=list(message.blocks)
            )

    async def respond(
        self,
        url: str,
        message: Sayable,
        *,
        replace: bool,
        at_once: bool = False,
    ) -> None:
        """Use a `response_url`: replace the message that was clicked, or show a new ephemeral.

        Args:
            url: of a click or a command.
            message: what to show.
            replace: only a click's replaces.
            at_once: one short try, while Slack waits for an ack.
        """
        if not may_respond_to(url, self._api_url):
            raise SlackRefusedError("response_url_host")
        timeout = RESPOND_AT_ONCE if at_once else RESPOND_TIMEOUT
        limit = aiohttp.ClientTimeout(total=timeout)
        with translated():
            async with aiohttp.ClientSession(timeout=limit, middlewares=(stay,)) as session:
                webhook = AsyncWebhookClient(url, session=session, retry_handlers=[])
                if not at_once:
                    webhook.retry_handlers.append(ShortWaits(max_retry_count=1))
                if replace:  # the same replacement twice is one
                    webhook.retry_handlers.append(AsyncServerErrorRetryHandler(max_retry_count=1))
                answer = await webhook.send_dict(
                    {
                        "text": message.text,
                        "blocks": list(message.blocks),
                        "response_type": "ephemeral",
                        "replace_original": replace,
                    }
                )
        if answer.status_code == 429:
            raise SlackUnavailableError("rate_limited")
        if answer.status_code != 200:
            known = answer.body.strip() if answer.status_code < 500 else ""
            named = known if known in {"expired_url", "used_url", "invalid_blocks"} else ""
            raise of_code(named or f"http_{answer.status_code}")

    async def open_view(self, trigger_id: str, view: Mapping[str, Any]) -> str:
        """Open a modal while the `trigger_id` lives (3 seconds, once) and return its id."""
        client = self._hasty()
        with translated():
            answer = await client.views_open(trigger_id=trigger_id, view=dict(view))
            return str(answer["view"]["id"])

    async def update_view(
        self, view_id: str, view: Mapping[str, Any], *, at_once: bool = False
    ) -> None:
        """Fill a modal that was opened before; `at_once`: one short try, before an ack."""
        client = self._hasty() if at_once else self._client
        with translated():
            await client.views_update(view_id=view_id, view=dict(view))

    def _hasty(self) -> AsyncWebClient:
        """Make a client for a listener, which has three seconds in all."""
        return StayingClient(
            token=self._client.token,
            base_url=self._api_url,
            timeout=VIEW_TIMEOUT,  # type: ignore[arg-type]  # aiohttp takes fractions
            retry_handlers=[],
        )

    async def _post(
        self, channel: str, message: Sayable, owner: str, slot: str, thread: dict[str, Any]
    ) -> Place:
        with translated():
            answer = await self._poster.chat_postMessage(
                channel=channel,
                text=message.text,
                blocks=list(message.blocks),
                unfurl_links=False,
                unfurl_media=False,
                metadata={
                    "event_type": _METADATA,
                    "event_payload": {"owner": owner, "slot": slot},
                },
                **thread,
            )
            return Place(_id(answer["channel"]), _id(answer["ts"]))

    async def _refresh(self, place: Place, message: Sayable) -> None:
        try:
            await self.update(place, message)
        except SlackRefusedError as error:  # such as deleted by the workspace's retention
            log.info("slack.not_refreshed", code=error.code)

    async def _find(
        self, channel: str, owner: str, slot: str, thread_ts: str | None
    ) -> Place | None:
        with translated():
            if not channel.startswith("D"):
                opened = await self._client.conversations_open(users=[channel])
                channel = _id(opened["channel"]["id"])
            if thread_ts:
                answer = await self._client.conversations_replies(
                    channel=channel, ts=thread_ts, limit=100, include_all_metadata=True
                )
            else:
                answer = await self._client.conversations_history(
                    channel=channel, limit=100, include_all_metadata=True
                )
            wanted = {"owner": owner, "slot": slot}
            for message in answer.get("messages") or ():
                metadata = message.get("metadata") or {}
                if metadata.get("event_payload") == wanted:
                    return Place(channel, _id(message["ts"]))
        return None


def _id(given: object) -> str:
    """Take an id from an answer; what isn't one, and would be kept as if it were, is an error."""
    if not isinstance(given, str) or not given.isascii():
        raise TypeError("no id")
    return given


def may_respond_to(url: str, api_url: str) -> bool:
    """Whether a `response_url` leads to Slack: its hooks host, or the API's own origin.

    What another parser might read otherwise is refused: `urlsplit` drops tabs and line breaks.
    """
    if not url.isascii() or any(one <= " " or one in "\\\x7f" for one in url):
        return False
    try:
        ours, theirs = urlsplit(api_url), urlsplit(url)
        same_origin = (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc)
        hooks = theirs.scheme == "https" and theirs.netloc == f"hooks.{ours.netloc}"
    except ValueError:
        return False
    return same_origin or hooks
