"""A process is killed (-9) before and after every one of its commands; another one goes on.

`make test` tries every point of one method and a sample of the rest; `make faults` tries all.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path

import pytest

from tests.counting import Count
from tests.faults.crash_breach import breach_story
from tests.faults.crash_follow_up import follow_up_story
from tests.faults.crash_resets import reset_story
from tests.faults.crashing import Story, play
from tests.faults.extent import ALL, AT_ONCE
from tests.faults.points import Point
from tests.faults.standstill import StoodStillError

REACHED = 0.8
"""The share of points that must be reached: where two things happen at once, one may come first."""

STORIES = {
    "token": (reset_story("token"), 6, 1),
    "password": (reset_story("password"), 6, 9),
    "guided": (reset_story("guided"), 6, 9),
    "breach": (breach_story(), 36, 45),
    "follow-up": (follow_up_story(), 6, 7),
    "web-token": (reset_story("token", "web"), 1, 1),
    "web-guided": (reset_story("guided", "web"), 1, 3),
    "web-breach": (breach_story("web"), 2, 3),
}
"""Each with the parts it is cut into, and of how many points a sample takes one.

An odd number where it is a sample: a point before a command and one after it take turns.
"""


def parts() -> Iterator[object]:
    for name, (_, whole, nth) in STORIES.items():
        count = whole if ALL or nth == 1 else 1
        yield from (pytest.param(name, part, count, id=f"{name}-{part}") for part in range(count))


@pytest.mark.parametrize(("name", "part", "count_of_parts"), list(parts()))
async def test_killed_at_a_command(
    tmp_path: Path, count: Count, name: str, part: int, count_of_parts: int
) -> None:
    story, _, nth = STORIES[name]
    commands, _ = await play(story, tmp_path / "whole")
    points = [replace(one, after=after) for one in commands for after in (False, True)]
    mine = points[part::count_of_parts] if ALL or nth == 1 else points[nth // 2 :: nth]
    ends = await all_tried(story, mine, tmp_path)
    reached = ends[End.REACHED]
    assert reached >= REACHED * len(mine)
    count(f"moments at which a {story.dies} process was killed in {story.name}", reached)
    count("such moments tried again since the machine stood still", ends[End.STOOD_STILL])
    left = len(mine) - reached
    count(f"such moments that were planned and didn't come in {story.name} ({story.dies})", left)


class End(Enum):
    """How it ended to play a story with a death."""

    REACHED = auto()
    NOT_REACHED = auto()
    STOOD_STILL = auto()
    """It went wrong, and the machine had stood still: it was played again."""


async def all_tried(story: Story, points: list[Point], folder: Path) -> Counter[End]:
    """Die at each point; returns how often it ended how."""
    free = asyncio.Semaphore(AT_ONCE)
    ends: Counter[End] = Counter()

    async def tried(number: int, point: Point) -> None:
        async with free:
            # One that depends on how fast things go gets a second try.
            for again in ("", ".again"):
                try:
                    _, death = await play(story, folder / f"{number}{again}", point)
                except Exception as error:
                    error.add_note(f"killed at {point}")
                    if again or not isinstance(error, StoodStillError):
                        raise
                    ends[End.STOOD_STILL] += 1
                    continue
                if death.came:
                    ends[End.REACHED] += 1
                    return
        ends[End.NOT_REACHED] += 1

    tries = (tried(number, one) for number, one in enumerate(points))
    done = await asyncio.gather(*tries, return_exceptions=True)
    failed = [one for one in done if isinstance(one, Exception)]
    if failed:
        raise ExceptionGroup(f"{story.name}: {len(failed)} of {len(points)} went wrong", failed)
    return ends
