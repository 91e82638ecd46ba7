"""A Slack workspace with one app in it: its state and its rules, apart from HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.slack import payloads
from sandbox.slack.actor import Actor
from sandbox.slack.calls import CallLog
from sandbox.slack.changes import Changes
from sandbox.slack.dispatcher import Dispatcher
from sandbox.slack.errors import SlackError
from sandbox.slack.faults import Faults
from sandbox.slack.modals import Modals
from sandbox.slack.model import Channel, Message, Person, UserGroup
from sandbox.slack.rate_limits import RateLimits
from sandbox.slack.response_urls import ResponseUrls
from sandbox.slack.timeline import Timeline, as_slack_tells
from sandbox.slack.triggers import Triggers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.slack.changes import T
    from sandbox.slack.model import Blocks, Json


class Workspace:
    """People, channels, messages and modals, and one installed app with its tokens and scopes.

    `clock` gives seconds since 1970. With an `app_token` the app is in Socket Mode: nothing is
    sent to it over HTTP. `commands`, `shortcuts` (of messages, by callback id) and `events` are
    what the app is registered for.
    """

    def __init__(
        self,
        *,
        team_id: str,
        bot_token: str,
        signing_secret: str,
        scopes: set[str],
        app_token: str | None = None,
        commands: Iterable[str] = ("/reset-token",),
        shortcuts: Iterable[str] = ("breach.suspect",),
        events: Iterable[str] = ("message.im",),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.team_id = team_id
        self.bot_token = bot_token
        self.signing_secret = signing_secret
        self.app_token = app_token
        self.scopes = scopes
        self.commands = set(commands)
        self.shortcuts = set(shortcuts)
        self.events = set(events)
        self.clock = clock

        self.team_name = "Acme"
        self.app_id = "A0RESETBOT"
        self.bot_id = "B0RESETBOT"
        self.bot = Person("U0RESETBOT", "resetbot", "Reset Token", None, team_id, is_bot=True)
        # False: the app was removed from the workspace, and its token answers account_inactive.
        self.installed = True
        # False: a free plan, on which user groups don't exist.
        self.paid_plan = True
        # False: people can't write in the bot's DM (the manifest's messages tab is read-only).
        self.messages_tab = True
        # Slack tells an app of its own messages in DMs too, and of each change to them.
        self.own_events = True
        self.origin = "http://slack.invalid"

        self.people: dict[str, Person] = {self.bot.id: self.bot}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, UserGroup] = {}
        self.changes = Changes()
        self.timeline = Timeline(clock, self.changes.happened)
        self.modals = Modals(self.changes.happened)
        self.triggers = Triggers()
        self.response_urls = ResponseUrls(self)
        self.rate_limits = RateLimits()
        self.faults = Faults()
        self.calls = CallLog()
        self.dispatcher = Dispatcher(self)

    def add_person(self, person: Person) -> Person:
        """Add somebody."""
        self.people[person.id] = person
        return person

    def add_channel(self, channel: Channel) -> Channel:
        """Add a channel with its members."""
        self.channels[channel.id] = channel
        return channel

    def add_group(self, group: UserGroup) -> UserGroup:
        """Add a user group."""
        self.groups[group.id] = group
        return group

    def person(self, name_or_id: str) -> Person:
        """Return a person by name or id; raise `KeyError` when nobody has it."""
        if name_or_id in self.people:
            return self.people[name_or_id]
        for person in self.people.values():
            if name_or_id == person.name:
                return person
        raise KeyError(name_or_id)

    def channel(self, name_or_id: str) -> Channel:
        """Return a channel by id, or by name with or without `#`; raise `KeyError` if none."""
        for channel in self.channels.values():
            if channel.id == name_or_id or channel.name == name_or_id.removeprefix("#") != "":
                return channel
        raise KeyError(name_or_id)

    def dm_with(self, person: Person) -> Channel:
        """Return the DM between this person and the bot, opened if need be."""
        dm_id = f"D{person.id[1:]}"
        if dm_id in self.channels:
            return self.channels[dm_id]
        return self.add_channel(Channel(dm_id, "", [person.id, self.bot.id], is_im=True))

    def post(self, message: Message) -> Message:
        """Put a message in its channel; refuse a reply to what isn't there."""
        if message.thread_ts is not None:
            parent = self.timeline.find(message.channel, message.thread_ts)
            if parent is None:
                raise SlackError("thread_not_found")
            if parent.thread_ts not in {None, parent.ts}:
                raise SlackError("cannot_reply_to_message")
        self.timeline.add(message)
        self._tell_of(message, lambda: payloads.direct_message(self, message))
        return message

    def rewrite(self, message: Message, text: str, blocks: Blocks) -> None:
        """Change what a message of the bot's says."""
        before = self.told(message)
        self.timeline.rewrite(message, text, blocks)
        self._tell_of(message, lambda: payloads.changed_message(self, before, message))

    def remove(self, message: Message) -> None:
        """Delete a message of the bot's."""
        before = self.told(message)
        self.timeline.remove(message)
        self._tell_of(message, lambda: payloads.deleted_message(self, before, message.channel))

    def told(self, message: Message) -> Json:
        """Return a message as Slack's methods and payloads show it."""
        return as_slack_tells(message, self.bot_id, self.bot.id)

    def name_of(self, some_id: str) -> str | None:
        """Return the name of a person, channel or user group."""
        if some_id in self.people:
            return self.people[some_id].real_name
        if some_id in self.channels:
            return self.channels[some_id].name
        return self.groups[some_id].handle if some_id in self.groups else None

    @property
    def sends_messages(self) -> bool:
        """Whether the app gets events of what is written in its DMs."""
        return "message.im" in self.events and "im:history" in self.scopes

    def actor(self, name_or_id: str) -> Actor:
        """Return a driver that does and sees what this person can do and see."""
        return Actor(self, self.person(name_or_id))

    def _tell_of(self, message: Message, event: Callable[[], Json]) -> None:
        """Send the event of what the bot did in a DM; nobody waits for its ack."""
        lasting_dm = message.to is None and self.channels[message.channel].is_im
        if lasting_dm and self.own_events and self.sends_messages and message.user == self.bot.id:
            self.dispatcher.send_event_later(payloads.event_callback(self, event()))

    async def until(self, predicate: Callable[[], T | None], timeout: float = 5) -> T:  # noqa: ASYNC109
        """Wait until the predicate is true, at most `timeout` seconds; return its value."""
        return await self.changes.until(predicate, timeout)
