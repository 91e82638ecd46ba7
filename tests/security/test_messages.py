"""The event `message`, of everybody: help or a warning comes of it, and nothing has an effect.

What a person sees of it is told in `tests/scenario/test_next_steps.py`.
"""

from collections.abc import AsyncIterator

import pytest

from sandbox.slack import payloads, seed
from sandbox.slack.dispatcher import Kind
from services.store import keys
from tests.counting import Count
from tests.scenario.breach_attempts import at_salesforce, hurried
from tests.security import authority_table as table
from tests.security.authority_cast import a_cast
from tests.security.authority_watch import Watch, watching

TRIED = "messages, of everybody"
TOKEN = "hunter2Kd9fTq2LmXw7RbYz4HsVnC3eP"
WORDS = {"help": "how do I get a new token?", "warning": f"my login is {TOKEN}"}
OF_CASES = ("case:", "card:", "step:", "reports_of:", "reset:", "resets_of:", "account:")

pytestmark = pytest.mark.usefixtures("patient")


@pytest.fixture
async def watch(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    hurried(monkeypatch)
    async with a_cast(redis_url) as cast, watching(cast) as watch:
        yield watch


@pytest.mark.parametrize("who", table.PEOPLE)
@pytest.mark.parametrize("channel", [seed.GENERAL, "a DM"])
async def test_what_anybody_writes(watch: Watch, who: str, channel: str, count: Count) -> None:
    person, slack = watch.cast.person(who), watch.slack
    place = slack.dm_with(person).id if channel == "a DM" else channel
    await watch.settled()
    before, calls = at_salesforce(watch.cast.world), len(slack.calls)
    known = await watch.raw.keys("*")
    for turn, words in enumerate(WORDS.values()):
        event = {
            "type": "message",
            "channel": place,
            "channel_type": "im" if channel == "a DM" else "channel",
            "user": person.id,
            "text": words,
            "ts": f"{1000 * turn + 1}.000100",
        }
        sent = payloads.event_callback(slack, event) | {"team_id": person.team_id}
        assert (await slack.dispatcher.deliver(Kind.EVENT, sent)).status == 200
    await watch.settled()
    assert at_salesforce(watch.cast.world) == before
    new = set(await watch.raw.keys("*")) - set(known)
    assert [one for one in new if one.startswith(OF_CASES)] == [], "no reset and no case of it"
    notices = [one for one in new if one.startswith(keys.notice(""))]
    assert len(notices) == (len(WORDS) if channel == "a DM" else 0)
    posts = [one for one in slack.calls[calls:] if one.method == "chat.postMessage"]
    assert {one.channel for one in posts} <= {place}
    assert len(posts) == len(notices), "each is answered once, to whoever wrote it"
    count(TRIED, len(WORDS))
