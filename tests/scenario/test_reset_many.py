"""More people at once than Slack lets the bot look up: each has an answer, as fast as it may."""

import asyncio

import pytest

from sandbox.slack.model import Person
from sandbox.slack.rate_limits import Limit
from services.slack import paced_people
from tests.counting import Count
from tests.scenario.world import World

PEOPLE = 60
PER_MINUTE = 1200


async def test_nobody_is_refused_by_slack_when_many_ask_at_once(
    world: World, count: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paced_people, "PER_MINUTE", PER_MINUTE)
    monkeypatch.setattr(paced_people, "BURST", 3)
    # A few more at once than the bot sends: what is on its way may come closer together.
    world.slack.rate_limits["users.info"] = Limit(PER_MINUTE, 20)
    people = [
        world.slack.add_person(
            Person(f"U1{n:08d}", f"p{n}", f"P {n}", f"p{n}@acme.example", world.slack.team_id)
        )
        for n in range(PEOPLE)
    ]
    general = world.slack.channel("general")
    general.members += [person.id for person in people]
    actors = [world.slack.actor(person.id) for person in people]
    typed = await asyncio.gather(*(actor.types("/reset-token") for actor in actors))
    assert [result.error for result in typed] == [None] * PEOPLE
    told = [await actor.sees_soon("No reset in", 60) for actor in actors]
    assert len(told) == PEOPLE
    looked_up = world.slack.calls.to("users.info")
    assert [call.outcome for call in looked_up] == ["ok"] * PEOPLE, "no 429"
    assert sorted(call.args["user"] for call in looked_up) == [person.id for person in people]
    count("people who asked at once, more than Slack lets look up", PEOPLE)
