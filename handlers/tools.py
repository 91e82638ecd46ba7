"""What the jobs of a conversation with IT have in common."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.presses import Answering
from services.clock import Clock
from services.slack.messenger import Messenger
from services.store.posts import PostLog
from services.store.presses import PressStore
from services.store.resets import ResetStore

if TYPE_CHECKING:  # a web process doesn't load what reads user groups
    from services.resets.decisions import Decisions


@dataclass(frozen=True)
class Tools:
    """Built once by the wiring."""

    decisions: "Decisions"
    presses: PressStore
    answering: Answering
    store: ResetStore
    posts: PostLog
    messenger: Messenger
    clock: Clock
    it_channel: str
    approvers: tuple[str, ...]
