"""The Web API methods that the sandbox knows, each with its scopes and arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.methods import apps, chat, conversations, people, views

if TYPE_CHECKING:
    from sandbox.slack.methods.method import Method

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **people.METHODS,
    **views.METHODS,
}
