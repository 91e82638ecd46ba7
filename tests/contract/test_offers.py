"""How an offer ends that somebody was shown, and one that nobody was, in a real Valkey."""

import pytest

from handlers.message import Message
from handlers.offers import Offers
from handlers.surface import SHOWN, Surface
from services.jobs.timer import RunAgain
from services.resets.model import Reset
from services.resets.states import Move
from services.slack import client
from services.slack.messenger import Messenger
from services.store import keys
from services.store.changes import Change
from services.store.stores import Stores
from tests.factories import NOW, FakeClock, a_reset, an_offer

NOWHERE = "http://127.0.0.1:9/api/"
OFFER = Message("Offer", ())


class Offering:
    """An offer as it is saved, and not yet shown."""

    def __init__(self, stores: Stores) -> None:
        self.stores, self.clock = stores, FakeClock()
        slack = client.build("xoxb-0", NOWHERE)
        messenger = Messenger(slack, slack, stores.posts, stores.posting, NOWHERE)
        surface = Surface(messenger, stores.resets, stores.posts)
        self.offers = Offers(stores.resets, surface, self.clock)

    async def saved(self) -> Reset:
        begun = await self.stores.resets.move(None, Change(Move.START, a_reset(), NOW))
        offer = an_offer(id=begun.id)
        return await self.stores.resets.move(begun, Change(Move.OFFER, offer, NOW))

    async def shown(self, reset: Reset) -> None:
        slot = f"shown:{reset.version}"
        await self.stores.posts.intend(keys.reset(reset.id), slot)
        await self.stores.posts.posted(keys.reset(reset.id), slot, SHOWN)

    async def now(self, reset: Reset) -> tuple[str, str | None, str | None]:
        stored = await self.stores.resets.get(reset.id)
        assert stored is not None
        return stored.state, stored.reason, stored.detail


@pytest.fixture
def offering(stores: Stores) -> Offering:
    return Offering(stores)


async def test_one_that_was_shown_expires_as_what_stands_above(offering: Offering) -> None:
    reset = await offering.saved()
    await offering.shown(reset)
    offering.clock.forward(minutes=25)
    await offering.offers.show(reset, OFFER)  # the job again: it is shown already
    assert await offering.now(reset) == ("awaiting_user", None, None)
    await offering.offers.expire(reset.id)
    assert await offering.now(reset) == ("expired", None, "awaiting_user")


async def test_one_that_nobody_saw_ends_as_late_at_its_deadline(offering: Offering) -> None:
    """Its worker died between saving and showing it, or Slack took it from nobody."""
    reset = await offering.saved()
    with pytest.raises(RunAgain):
        await offering.offers.expire(reset.id)
    offering.clock.forward(minutes=25)
    await offering.offers.expire(reset.id)
    assert await offering.now(reset) == ("expired", "too_late", "awaiting_user")
    await offering.offers.expire(reset.id)
    rows = [row async for row in offering.stores.audit_log.since(None)]
    assert [row.what for row in rows] == ["start", "offer", "expire"]


async def test_one_whose_showing_began_and_is_not_known_to_have_worked(offering: Offering) -> None:
    reset = await offering.saved()
    await offering.stores.posts.intend(keys.reset(reset.id), f"shown:{reset.version}")
    offering.clock.forward(minutes=25)
    await offering.offers.show(reset, OFFER)
    assert await offering.now(reset) == ("expired", "too_late", "awaiting_user")
