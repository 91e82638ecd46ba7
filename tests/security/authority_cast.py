"""Everybody who tries something, in a world in which being named in `IT_APPROVERS` isn't enough."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sandbox.slack import payloads, seed
from sandbox.slack.dispatcher import Kind
from sandbox.slack.model import Message, Person
from services.masking import digest
from tests.scenario.breach_steps import a_breach_world
from tests.scenario.steps import audited, newcomer
from tests.scenario.world import World

SUSPECTS_ADDRESS = "kay.home@elsewhere.example"
ELSEWHERE = "T0UNRELATED"

_SEEDED = {
    "requester": "ada",
    "other": "eve",
    "approver": "ivan",
    "asking approver": "omar",
    "reporting approver": "iris",
    "guest": "gus",
    "stranger": "sam",
    "former colleague": "pia",
    "removed approver": "dana",
}


@dataclass(frozen=True)
class Cast:
    """The world, and who in it is who."""

    world: World
    people: dict[str, Person]

    def person(self, who: str) -> Person:
        return self.people[who]


@contextlib.asynccontextmanager
async def a_cast(redis_url: str) -> AsyncIterator[Cast]:
    """Build the world, with whoever is named here among the approvers."""
    named = ("U0GUS00001", "U0SAM00001", "U0PIA00001", "U0OTHERBOT1", "U0NOBODYS01")
    approvers = ",".join((seed.APPROVERS, *named))
    async with a_breach_world(redis_url, IT_APPROVERS=approvers) as world:
        slack = world.slack
        slack.rate_limits.off()
        slack.own_events = False  # each edit in a DM would be one more request
        suspected = newcomer(world, "kay", "kay@acme.example")
        second = newcomer(world, "kayhome", SUSPECTS_ADDRESS)
        slack.person("pia").deleted = True
        people = {who: slack.person(name) for who, name in _SEEDED.items()} | {
            "suspected approver": suspected,
            "second account": second,
            "bot": newcomer(world, "otherbot", None, is_bot=True),
            "another workspace": Person(
                "U0NOBODYS01", "nobody", "Nobody", "ivan@acme.example", ELSEWHERE
            ),
            "namesake": Person(
                slack.person("ivan").id, "ivan", "Ivan", "ivan@acme.example", ELSEWHERE
            ),
        }
        slack.groups[seed.APPROVERS].members += [
            people[who].id for who in ("asking approver", "suspected approver", "second account")
        ]
        await _taken_out(world, people["removed approver"])
        cast = Cast(world, people)
        assert set(named) <= {one.id for one in people.values()}
        assert digest(SUSPECTS_ADDRESS) != digest("kay@acme.example")
        yield cast


async def _taken_out(world: World, person: Person) -> None:
    """Let the worker know somebody as an approver, and then no longer for a minute."""
    group = world.slack.groups[seed.APPROVERS]
    group.members.append(person.id)
    message = Message(seed.IT_CHANNEL, "1.000001", world.slack.bot.id, "Forged", [])
    press = {"type": "button", "block_id": "forged", "action_id": "breach.close", "value": "none"}
    payload = payloads.message_action(world.slack, person, message, press)
    assert (await world.slack.dispatcher.deliver(Kind.INTERACTION, payload)).status == 200
    assert (await audited(world, "refused:breach_close")).why == "gone", "she is let in"
    group.members.remove(person.id)
    world.clock.forward(seconds=61)
