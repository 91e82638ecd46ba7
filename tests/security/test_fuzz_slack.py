"""Whatever Slack answers: an error of ours, and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count as numbers
from types import SimpleNamespace

import pytest

from handlers.blocks import modal, section
from handlers.message import Message
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.api import create_app
from sandbox.slack.workspace import Workspace
from services.clock import utc_now
from services.slack import client
from services.slack.approvers import Approvers, ApproversUnknownError
from services.slack.errors import SlackError
from services.slack.messenger import Messenger
from services.slack.people import People
from services.store.posts import Place
from tests.contract.test_store import open_stores
from tests.counting import Count
from tests.security.doors import A_WHILE
from tests.security.fuzz_mangling import Mangled
from tests.security.fuzz_spoiling import SCALE, chance
from tests.security.memory import Memory

INPUTS = "fuzzed inputs"
HELLO = Message(text="Hello", blocks=())
FORM = modal("A form", [section("Words")], close="Close")

Call = Callable[[], Awaitable[object]]

pytestmark = pytest.mark.usefixtures("quiet_log", "deep_stacks", "no_waits")


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Slack's SDK try again at once: thousands of its answers ask for a second or two."""

    async def sleep(seconds: float) -> None:  # noqa: ARG001
        return

    for module in ("async_handler", "builtin_async_handlers"):
        monkeypatch.setattr(f"slack_sdk.http_retry.{module}.asyncio", SimpleNamespace(sleep=sleep))


@contextlib.asynccontextmanager
async def mangled(name: str) -> AsyncIterator[tuple[Workspace, Mangled]]:
    """A workspace whose answers can be spoilt."""
    slack = seed.acme()
    slack.rate_limits.off()
    slack.own_events = False
    app = Mangled(create_app(slack), chance(name))
    async with serving(app) as slack.origin:
        yield slack, app


async def answered(call: Call) -> None:
    """Make one call: it ends in a while, well or with an error of ours."""
    async with asyncio.timeout(A_WHILE):
        with contextlib.suppress(SlackError, ApproversUnknownError):
            await call()


async def test_reads_of_slack(count: Count) -> None:
    async with mangled("slack") as (slack, app):
        ada, ivan = slack.person("ada").id, slack.person("ivan").id
        web = client.build(seed.BOT_TOKEN, f"{slack.origin}/api/")
        people = People(web)

        async def profile() -> None:
            assert (await people.profile(ada)).user_id == ada

        async def include() -> None:
            approvers = Approvers(web, (seed.APPROVERS,), utc_now)
            assert await approvers.include(ivan) in {True, False}

        calls: list[Call] = [profile, lambda: people.find("ada@acme.example"), include]
        app.is_on = True
        number = 2_500 * SCALE
        memory = Memory(number)
        while app.answers < number:
            for call in calls:
                await answered(call)
                slack.calls.clear()  # the sandbox is in this process
                memory.look(app.answers)
        memory.stays_flat()
        count(INPUTS, app.answers)


@pytest.mark.parametrize("how", ["posts", "edits", "answers", "forms"])
async def test_what_is_said_in_slack(redis_url: str, how: str, count: Count) -> None:
    async with mangled(f"slack {how}") as (slack, app), open_stores(redis_url) as stores:
        url = f"{slack.origin}/api/"
        messenger = Messenger(
            client.build(seed.BOT_TOKEN, url),
            client.build_poster(seed.BOT_TOKEN, url),
            stores.posts,
            stores.posting,
            url,
        )
        sound = await messenger.post_once(
            slack.person("ada").id, HELLO, owner="reset:sound", slot="dm"
        )
        view_id = await messenger.open_view(_trigger(slack, "eve"), FORM)
        makes = {
            "posts": lambda: _posts(slack, messenger, sound),
            "edits": lambda: _edits(slack, messenger, sound),
            "answers": lambda: _answers(slack, messenger, sound),
            "forms": lambda: _forms(slack, messenger, view_id),
        }
        app.is_on = True
        calls = makes[how]()
        while app.answers < 700 * SCALE:
            for call in calls:
                await answered(call)
        count(INPUTS, app.answers)


def _posts(slack: Workspace, messenger: Messenger, sound: Place) -> list[Call]:
    """Each is asked for twice: the second time it is looked for, or edited where it stands."""
    ada, turn = slack.person("ada").id, numbers()

    async def twice(channel: str, thread_ts: str | None = None) -> None:
        owner = f"reset:{next(turn)}"

        async def post() -> None:
            place = await messenger.post_once(
                channel, HELLO, owner=owner, slot="dm", thread_ts=thread_ts, refresh=True
            )
            assert isinstance(place, Place)

        await answered(post)
        await answered(post)

    return [
        lambda: twice(ada),
        lambda: twice(seed.IT_CHANNEL),
        lambda: twice(sound.channel, sound.ts),
    ]


def _edits(slack: Workspace, messenger: Messenger, sound: Place) -> list[Call]:
    return [
        lambda: messenger.update(sound, HELLO),
        lambda: messenger.ephemeral(seed.GENERAL, slack.person("ada").id, HELLO),
    ]


def _answers(slack: Workspace, messenger: Messenger, sound: Place) -> list[Call]:
    ada = slack.person("ada").id

    async def answer(*, replace: bool, at_once: bool) -> None:
        url = slack.response_urls.give(ada, sound.channel, sound.ts)
        await messenger.respond(url, HELLO, replace=replace, at_once=at_once)

    return [
        lambda: answer(replace=True, at_once=False),
        lambda: answer(replace=False, at_once=False),
        lambda: answer(replace=False, at_once=True),
    ]


def _forms(slack: Workspace, messenger: Messenger, view_id: str) -> list[Call]:
    async def opens() -> None:
        assert isinstance(await messenger.open_view(_trigger(slack, "ada"), FORM), str)

    return [
        opens,
        lambda: messenger.update_view(view_id, FORM),
        lambda: messenger.update_view(view_id, FORM, at_once=True),
    ]


def _trigger(slack: Workspace, name: str) -> str:
    return slack.triggers.give(slack.person(name).id, slack.clock())
