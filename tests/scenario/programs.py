"""Programs that really log in as somebody, and what the bot says of them."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

from valkey.asyncio import Valkey

from sandbox.salesforce.records import Login
from sandbox.salesforce.timetable import Timetable
from sandbox.slack.actor import Actor
from sandbox.slack.shown import Shown
from services.resets.model import Reset
from services.store import keys
from services.store.changes import JobName
from tests.scenario.steps import PATIENCE, eventually
from tests.scenario.world import World

TRUSTED = "10.20.0.0/16"
"""Where Payroll is."""

SENDING_TOKEN = ("Data Loader", "Acme ETL", "dataloader.io", "Invoice Robot")
"""Those that send a password and the token."""

UNTOUCHED = ("Outlook", "Acme Sync")
"""A refresh token, and a JWT assertion."""


async def programs_of(world: World, name: str = "ada") -> Timetable:
    """All of somebody's programs, after each has logged in once."""
    world.org.trusted_networks = [ip_network(TRUSTED)]
    programs = world.org.integrations(world.org.person(name), world.origin)
    results = await programs.all_log_in()
    assert {name: result.error for name, result in results.items() if not result.ok} == {}
    return programs


def below(text: str, heading: str, headings: Sequence[str]) -> str:
    """The part of a message below one heading, as far as the next."""
    start = text.index(heading) + len(heading)
    ends = [at for other in headings if (at := text.find(other, start)) >= 0]
    return text[start : min(ends, default=len(text))]


async def look(world: World, name: str = "ada", **forward: float) -> Reset:
    """Let time pass, at least until a look is due; wait until the bot has looked at the logins."""
    reset = await world.newest(name)
    follow_ups = world.web.stores.follow_ups

    async def nobody_looks() -> bool:
        async with Valkey.from_url(world.redis_url) as raw:
            return not await raw.exists(keys.follow_round("production"))

    await eventually(nobody_looks)
    before = await follow_ups.get(reset.id)
    assert before is not None
    world.clock.forward(**forward)
    if before.next_at is not None and before.next_at > world.clock():  # looks are rounded up
        world.clock.forward(seconds=(before.next_at - world.clock()).total_seconds())
    at = int(world.clock.seconds())
    await world.run_job(JobName.FOLLOW_ROUND, f"production:{at}")

    async def looked() -> bool:
        after = await follow_ups.get(reset.id)
        return after is not None and after.round > before.round

    await eventually(looked)
    return reset


async def checklist(world: World, words: str, name: str = "ada") -> Shown:
    """Wait until the next steps say so."""

    def says(shown: Shown) -> bool:
        return words in shown.plain and "our programs" in shown.plain

    return await world.person(name).sees_soon(says, PATIENCE, channel="dm")


def line_of(shown: Shown, program: str) -> str:
    """The line of a program in the checklist."""
    return next(
        line for line in shown.plain.splitlines() if f"*{program}*" in line and not_bullet(line)
    )


def not_bullet(line: str) -> bool:
    return not line.startswith("•")


async def dismisses(person: Actor, shown: Shown, program: str, option: str) -> None:
    """Choose from the menu beside a program."""
    block = next(
        block for block in shown.blocks if f"*{program}*" in str(block) and "accessory" in block
    )
    await person.selects(block["block_id"], option, shown)


def item_press(world: World, steps: Shown, item_id: str, *, by: str) -> dict[str, Any]:
    """What Slack sends when an entry of the menu beside a program is chosen."""
    payload = world.person("ada").press_payload("reset.no_email", steps)
    person = world.person(by).person
    label = {"type": "plain_text", "text": "Not mine"}
    action = {
        "type": "overflow",
        "action_id": "follow.item",
        "block_id": "programs",
        "action_ts": payload["actions"][0]["action_ts"],
        "selected_option": {"text": label, "value": item_id},
    }
    user = {"id": person.id, "team_id": person.team_id}
    return payload | {"user": user, "actions": [action]}


def failed_logins(world: World, name: str = "ada") -> list[Login]:
    """What Salesforce has written down of somebody's failed logins."""
    user = world.org.person(name)
    return [row for row in world.org.logins_of[user.id] if row.status != "Success"]
