"""What the jobs of a case have in common."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.it_channel import ItChannel
from handlers.presses import Answering
from handlers.showing import Showing
from services.cases.policy import Rules
from services.clock import Clock
from services.slack.errors import SlackError
from services.slack.messenger import Messenger
from services.slack.people import People
from services.store.cases import CaseStore
from services.store.posts import PostLog
from services.store.presses import PressStore
from services.store.turns import Turns

if TYPE_CHECKING:  # a web process doesn't load what reads user groups
    from services.cases.decisions import CaseDecisions


@dataclass(frozen=True)
class CaseTools:
    """Built once by the wiring."""

    cases: CaseStore
    decisions: "CaseDecisions"
    presses: PressStore
    answering: Answering
    posts: PostLog
    turns: Turns
    showing: Showing
    messenger: Messenger
    it: ItChannel
    people: People
    clock: Clock
    rules: Rules
    it_channel: str
    approvers: tuple[str, ...]
    escalation: str
    """Whom a reminder that nobody heard goes to: a user group's id, or `channel`."""

    async def slack_address(self, user_id: str | None) -> str | None:
        """Read somebody's address in Slack; None where Slack doesn't say."""
        if user_id is None:
            return None
        try:
            return (await self.people.profile(user_id)).email
        except SlackError:
            return None
