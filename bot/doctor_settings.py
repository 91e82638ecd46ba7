"""`doctor`: what the settings alone tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.doctor_lines import fault, not_checked, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.doctor_lines import Line
    from bot.settings import Settings


def settings_lines(settings: Settings) -> Iterator[Line]:
    """Judge settings that have been read already, so each is well formed."""
    methods = ", ".join(f"{org.label} by {org.reset_method}" for org in settings.orgs)
    yield ok("Settings", f"well formed; resets in {methods}.")
    if not settings.it_approvers:
        yield fault(
            "Settings",
            "IT_APPROVERS is empty, so nobody can answer for IT or approve.",
            "Name at least one user id (U…) or user group id (S…).",
        )
    if settings.paused:
        yield not_checked("Settings", "PAUSED is set, so no new reset starts. Unset it to go on.")
