"""The guided tour: which story is on, at which step. One for all windows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.page.steps import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.page.sights import Sight, Sights
    from sandbox.page.steps import Step, Story
    from sandbox.slack.model import Json


_LONG = 20.0
"""Seconds without what a step leads to, after which help is offered: somebody may be stuck."""


class Tour:
    """Goes on by itself once what a step leads to is seen, whoever did it and in which window."""

    def __init__(
        self,
        stories: Sequence[Story],
        sights: Sights,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stories = {story.name: story for story in stories}
        self._sights = sights
        self._clock = clock
        self._story: Story | None = None
        self._played = 0
        self._number = 0
        self._since = 0.0
        self._before: frozenset[Sight] = frozenset()

    def begin(self, name: str) -> None:
        """Begin a story. Raises `KeyError` when there is none of that name."""
        self._story = self._stories[name]
        self._played += 1
        self._go_to(0)

    def leave(self) -> None:
        """End the tour."""
        self._story = None

    def go_on(self, number: int) -> None:
        """Leave a step behind, unless it is behind already: two windows may say so."""
        if self._story is not None and self._number == number < len(self._story.steps):
            self._go_to(number + 1)

    def look(self) -> None:
        """Go on if what the step leads to is seen."""
        step = self._step
        if step and step.seen and self._sights.is_new(step.seen, step.who, self._before):
            self.go_on(self._number)

    def shown(self) -> Json:
        """Return where the tour stands. A number past the last step is the story's end.

        `used`: a story was begun before this one, whose traces may be in its way. `late`: what the
        step leads to hasn't come for long.
        """
        step = self._step
        return {
            "story": self._story.name if self._story else None,
            "number": self._number,
            "used": self._played > 1,
            "late": bool(step and step.seen) and self._clock() - self._since > _LONG,
        }

    def stories(self) -> list[Json]:
        """Return the stories to choose from."""
        return [as_json(story) for story in self._stories.values()]

    @property
    def _step(self) -> Step | None:
        if self._story is None or self._number >= len(self._story.steps):
            return None
        return self._story.steps[self._number]

    def _go_to(self, number: int) -> None:
        self._number = number
        self._since = self._clock()
        step = self._step
        if step and step.seen:
            self._before = self._sights.matching(step.seen, step.who)
