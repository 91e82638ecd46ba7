"""The refusals of the Web API."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A refusal: `{"ok": false, "error": code}`, with what else Slack says beside it."""

    def __init__(self, code: str, **more: Any) -> None:  # noqa: ANN401 - any JSON value
        super().__init__(code)
        self.code = code
        self.more = more


def refused_content(code: str, problems: list[str]) -> SlackError:
    """Return a refusal that names each fault of the content and where it stands."""
    return SlackError(
        code,
        errors=problems,
        response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]},
    )
