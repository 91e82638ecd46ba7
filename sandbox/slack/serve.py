"""Run a workspace on loopback: its HTTP side, and its Socket Mode side when the app uses that."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sandbox.serving import serving
from sandbox.slack.api import create_app
from sandbox.slack.socket_mode import socket_mode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.slack.workspace import Workspace


@contextlib.asynccontextmanager
async def slack_serving(workspace: Workspace, port: int = 0) -> AsyncIterator[str]:
    """Serve a workspace and yield its origin; `SLACK_API_URL` is that and `/api/`."""
    async with contextlib.AsyncExitStack() as stack:
        if workspace.app_token is not None:
            await stack.enter_async_context(socket_mode(workspace))
        workspace.origin = await stack.enter_async_context(serving(create_app(workspace), port))
        # Entered last, so left first: nothing is under way any more when the servers stop.
        stack.push_async_callback(workspace.dispatcher.close)
        yield workspace.origin
