"""Salesforce or Slack, or who poses as them, points elsewhere: nothing of ours goes there, and what
the person is told stays true.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.slack_app import build_app
from handlers.message import Message
from sandbox.salesforce.faults import Fault
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.shown import Shown
from services.cases.steps import StepKind, StepState
from services.slack import client
from services.slack.errors import SlackUnavailableError
from services.slack.messenger import Messenger
from services.slack.people import People
from services.store.posts import Place
from tests.contract.test_store import open_stores
from tests.counting import Count
from tests.scenario.breach_steps import a_breach_world, reported, states
from tests.scenario.containment_steps import at_salesforce, contains
from tests.scenario.steps import UNCHANGED, ended, offered, on_screen, refused, replaced
from tests.scenario.test_salesforce_faults_token import handed_over, unsure
from tests.scenario.world import World, a_world
from tests.security.elsewhere import REDIRECTS, Elsewhere, elsewhere, page, redirect, says

OFFERED = "ways to another host, of which none was taken"
FORM = """<form method="{method}" action="{action}"><input type="hidden" name="_CONFIRMATIONTOKEN"
value="c"><input type="submit" name="save" value="Reset Security Token"></form>"""


@pytest.fixture
async def host() -> AsyncIterator[Elsewhere]:
    async with elsewhere() as there:
        yield there
        assert there.got == []


@pytest.fixture
async def world(redis_url: str) -> AsyncIterator[World]:
    async with a_world(redis_url) as built:
        yield built


def ways(to: str) -> dict[str, list[Fault]]:
    """Where, before the press, an answer can lead elsewhere."""
    token = {"access_token": "00D!made-up", "token_type": "Bearer"}
    redirects = [redirect(status, f"{to}/x?y") for status in REDIRECTS]
    return {
        "token": [*redirects, says(token | {"instance_url": to})],
        "singleaccess": [
            *redirects,
            says({"frontdoor_uri": f"{to}/secur/frontdoor.jsp?otp=x"}),
            says({"frontdoor_uri": to.removeprefix("http:")}),
        ],
        "frontdoor": [*redirects, redirect(302, to.removeprefix("http:"))],
        "page": [
            *redirects,
            *(page(FORM.format(method=one, action=f"{to}/x")) for one in ("post", "get")),
            page(f"<base href='{to}/'>" + FORM.format(method="post", action="x")),
            page(f"<base href='{to}/'>" + FORM.format(method="post", action="//[")),
        ],
    }


@pytest.mark.parametrize("endpoint", ways(""))
async def test_before_the_press_no_answer_leads_elsewhere(
    world: World, host: Elsewhere, endpoint: str, count: Count
) -> None:
    ada = world.person("ada")
    offers = ways(host.origin)[endpoint]
    for fault in offers:
        warning = await offered(world)
        world.org.faults.add(endpoint, fault, times=None)
        await ada.presses("reset.confirm", warning)
        shown = await handed_over(world, warning)
        assert host.origin not in str(shown.blocks), "and nobody is sent there"
        world.org.faults.clear()
        await ada.presses("reset.cancel", shown)
        await ada.sees_soon(replaced(warning, "Cancelled."))
    count(OFFERED, len(offers))


@pytest.mark.parametrize("endpoint", ["submit", "result"])
async def test_after_the_press_no_answer_leads_elsewhere(
    world: World, host: Elsewhere, endpoint: str, count: Count
) -> None:
    """The page there says that a token was mailed, which must not be believed."""
    for status in REDIRECTS:
        world.org.faults.add(endpoint, redirect(status, f"{host.origin}/x"))
        await unsure(world, 1 if endpoint == "result" else 0)
    count(OFFERED, len(REDIRECTS))


async def test_leaving_leads_nowhere(world: World, host: Elsewhere, count: Count) -> None:
    for status in REDIRECTS:
        for endpoint in ("logout", "revoke"):
            world.org.faults.add(endpoint, redirect(status, f"{host.origin}/x"))
        await world.person("ada").presses("reset.confirm", await offered(world))
        assert (await ended(world)).state == "done"
        world.clock.forward(minutes=11)
    await world.org.until(lambda: world.org.count(0, "revoke") == len(REDIRECTS))
    assert world.org.count(0, "logout") == len(REDIRECTS)
    count(OFFERED, 2 * len(REDIRECTS))


@pytest.mark.parametrize("endpoint", ["token", "query", "composite"])
async def test_what_is_read_leads_nowhere(
    redis_url: str, host: Elsewhere, endpoint: str, count: Count
) -> None:
    async with a_world(redis_url) as world:
        offers = [redirect(status, f"{host.origin}/x") for status in REDIRECTS]
        if endpoint == "token":
            offers.append(says({"access_token": "00D!made-up", "instance_url": host.origin}))
        for fault in offers:
            world.org.faults.add(endpoint, fault, times=None)
            if endpoint == "composite":  # what can't be read is said in the warning
                warning = await offered(world)
                assert "couldn't" in warning.plain
                await world.person("ada").presses("reset.cancel", warning)
                await world.person("ada").sees_soon(replaced(warning, "Cancelled."))
            else:
                told = await refused(world, "ada", "")
                assert UNCHANGED in told.plain
                assert host.origin not in told.plain
            world.org.faults.clear()
    count(OFFERED, len(offers))


async def test_a_password_reset_leads_nowhere(
    redis_url: str, host: Elsewhere, count: Count
) -> None:
    async with a_world(redis_url, SALESFORCE_RESET_METHOD="password") as world:
        ada = world.person("ada")
        for status in REDIRECTS:
            world.org.faults.add("password", redirect(status, f"{host.origin}/x"))
            warning = await offered(world)
            before = on_screen(ada)

            def new(shown: Shown, old: set[str] = before) -> bool:
                return shown.ts not in old

            await ada.presses("reset.confirm", warning)
            assert (await ended(world)).state == "unknown", "who answered so, nobody knows"
            await ada.sees_soon(new, channel="dm")
            world.clock.forward(minutes=11)
        assert world.org.resets == []
        assert world.org.count(0, "password") == len(REDIRECTS)
    count(OFFERED, len(REDIRECTS))


@pytest.mark.parametrize("status", [302, 307])
async def test_a_containment_leads_nowhere(
    redis_url: str, host: Elsewhere, monkeypatch: pytest.MonkeyPatch, status: int, count: Count
) -> None:
    monkeypatch.setattr("handlers.containment.GAP", timedelta(milliseconds=1))
    endpoints = ("userlogin", "authsession", "revoke", "password")
    async with a_breach_world(redis_url) as world:
        seen = await reported(world)
        before = at_salesforce(world)
        for endpoint in endpoints:
            world.org.faults.add(endpoint, redirect(status, f"{host.origin}/x"), times=None)
        case = await contains(world, seen)
        assert at_salesforce(world) == before
        assert not [
            kind
            for kind, state in states(case).items()
            if state is StepState.DONE and kind not in {StepKind.EVIDENCE, StepKind.CHECK}
        ], "no step is told as done"
    count(OFFERED, len(endpoints))


class Moved:
    """A Slack that says for everything: over there."""

    def __init__(self) -> None:
        self.to = ""
        self.status = 302
        self.asked = 0

    async def answer(self, _: Request) -> Response:
        self.asked += 1
        return Response(status_code=self.status, headers={"Location": f"{self.to}/api/x"})


HELLO = Message(text="Hello", blocks=())
Call = Callable[[Messenger, People, str], Awaitable[object]]
CALLS: dict[str, Call] = {
    "a post": lambda say, _, __: say.post_once("C1", HELLO, owner="reset:1", slot="s"),
    "an edit": lambda say, _, __: say.update(Place("C1", "1.0"), HELLO),
    "an ephemeral": lambda say, _, __: say.ephemeral("C1", "U1", HELLO),
    "an answer": lambda say, _, url: say.respond(url, HELLO, replace=True),
    "an answer at once": lambda say, _, url: say.respond(url, HELLO, replace=False, at_once=True),
    "a form": lambda say, _, __: say.open_view("1.2", {"type": "modal"}),
    "a form's content": lambda say, _, __: say.update_view("V1", {"type": "modal"}),
    "a form's content at once": lambda say, _, __: say.update_view("V1", {}, at_once=True),
    "a profile": lambda _, people, __: people.profile("U1"),
    "a search": lambda _, people, __: people.find("ada@acme.example"),
}


@pytest.mark.parametrize("name", CALLS)
async def test_slack_leads_nowhere(
    redis_url: str, host: Elsewhere, name: str, count: Count
) -> None:
    """Not even to itself: the token would go along."""
    moved = Moved()
    every = ["GET", "POST"]
    app = Starlette(routes=[Route("/{path:path}", moved.answer, methods=every)])
    async with serving(app) as origin, open_stores(redis_url) as stores:
        url = f"{origin}/api/"
        reader, poster = client.build(seed.BOT_TOKEN, url), client.build_poster("xoxb-1", url)
        messenger = Messenger(reader, poster, stores.posts, stores.posting, url)
        for to in (host.origin, origin):
            for moved.status in REDIRECTS:
                moved.to, moved.asked = to, 0
                with pytest.raises(SlackUnavailableError, match="Redirected"):
                    await CALLS[name](messenger, People(reader), f"{origin}/response/1")
                assert moved.asked == 1
    count(OFFERED, 2 * len(REDIRECTS))


def test_every_call_to_slack_is_by_a_client_that_stays() -> None:
    """Bolt's own too, which opens Socket Mode with the app's token."""
    assert isinstance(build_app("xoxb-1", "https://slack.com/api/").client, client.StayingClient)


async def test_the_other_host_would_have_noticed(host: Elsewhere) -> None:
    """Slack's own client follows, so that what is looked for can be found."""
    moved = Moved()
    app = Starlette(routes=[Route("/{path:path}", moved.answer, methods=["GET", "POST"])])
    async with serving(app) as origin:
        moved.to, moved.status = host.origin, 307
        plain = AsyncWebClient(token="xoxb-1", base_url=f"{origin}/api/")
        await plain.chat_postMessage(channel="C1", text="Ada's token was reset")
    (got,) = host.got
    host.got.clear()
    assert "token was reset" in got
