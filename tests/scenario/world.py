"""The whole bot between the sandbox's Slack and Salesforce: signed requests, a worker running."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from valkey.asyncio import Valkey

from bot import web
from bot.settings import Settings
from bot.wiring_web import Web, build_web
from bot.wiring_worker import build_worker
from sandbox.salesforce.app import create_app
from sandbox.salesforce.seed import BOT_ACCESS, SeededOrg, acme, partner
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.actor import Actor
from sandbox.slack.serve import slack_serving
from sandbox.slack.transports import Transport
from sandbox.slack.workspace import Workspace
from services.resets.model import Reset
from services.store import keys
from services.store.changes import JobName
from tests.cancelling import cancel


class ShiftedClock:
    """The real time, moved by a story: jobs run now, and deadlines pass when it says so."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def seconds(self) -> float:
        return self().timestamp()

    def forward(self, **by: float) -> None:
        self._shift += timedelta(**by)


@dataclass(eq=False)
class World:
    """Everything that a story needs."""

    slack: Workspace
    orgs: dict[str, SeededOrg]
    environ: dict[str, str]
    settings: Settings
    redis_url: str
    clock: ShiftedClock
    web: Web
    client: httpx.AsyncClient

    @property
    def org(self) -> SeededOrg:
        return self.orgs["production"]

    @property
    def origin(self) -> str:
        """Where the org is, for programs that log in."""
        return self.environ["SALESFORCE_LOGIN_URL"]

    def person(self, name: str) -> Actor:
        return self.slack.actor(name)

    async def newest(self, name: str) -> Reset:
        """The newest reset of a person, as it is stored."""
        return (await self.web.stores.resets.newest_of(self.slack.person(name).id, 1))[0]

    async def run_job(self, job: JobName, item_id: str) -> None:
        """Put a job into the outbox, as a timer that is due would."""
        async with Valkey.from_url(self.redis_url) as raw:
            await raw.xadd(keys.OUTBOX, {"job": job, "id": item_id, "at": 0})

    async def worker_seen(self) -> None:
        """Wait until a worker has said that it lives."""
        async with asyncio.timeout(10):
            while await self.web.stores.health.worker_seen() is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def settled(self, name: str, state: str) -> Reset:
        """Wait until the newest reset of a person stands there."""
        async with asyncio.timeout(10):
            while (reset := await self.newest(name)).state != state:  # noqa: ASYNC110
                # The store tells nobody; each change shows in Slack or Salesforce soon after.
                await asyncio.sleep(0.01)
        return reset

    @contextlib.asynccontextmanager
    async def worker(self, redelivery: timedelta = timedelta(seconds=1)) -> AsyncIterator[None]:
        """Run a worker meanwhile, which must not end by itself."""
        worker = build_worker(self.settings, self.redis_url, self.clock, redelivery=redelivery)
        task = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            await cancel(task)
            await worker.aclose()


Watcher = Callable[[World], contextlib.AbstractAsyncContextManager[None]]
watchers: list[Watcher] = []
"""What looks on at every world that is built: each begins before the worker and ends after it."""


@contextlib.asynccontextmanager
async def a_world(
    redis_url: str,
    *,
    several_orgs: bool = False,
    worker: bool = True,
    **changes: str,
) -> AsyncIterator[World]:
    """Build a world of one org, or two; `changes` are settings."""
    async with contextlib.AsyncExitStack() as stack:
        clock = ShiftedClock()
        orgs = {"production": acme(clock)}
        if several_orgs:
            orgs["partner"] = partner(clock)
        if changes.get("SALESFORCE_RESET_METHOD") == "password":
            for org in orgs.values():
                org.permission_sets[BOT_ACCESS].permissions |= {"ResetPasswords"}
        origins = {
            name: await stack.enter_async_context(serving(create_app(org)))
            for name, org in orgs.items()
        }
        slack = seed.acme(clock=clock.seconds)
        slack_origin = await stack.enter_async_context(slack_serving(slack))
        environ = slack_settings(slack_origin, redis_url) | salesforce_settings(orgs, origins)
        environ |= changes
        settings = Settings.load(environ)
        built = build_web(settings, redis_url, clock)
        stack.push_async_callback(built.aclose)
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(web.build(built)), base_url="http://bot.test"
            )
        )
        slack.dispatcher.transport = _to(client)
        world = World(slack, orgs, environ, settings, redis_url, clock, built, client)
        for watcher in watchers:
            await stack.enter_async_context(watcher(world))
        if worker:
            await stack.enter_async_context(world.worker())
        yield world


def slack_settings(origin: str, redis_url: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": seed.BOT_TOKEN,
        "SLACK_SIGNING_SECRET": seed.SIGNING_SECRET,
        "SLACK_API_URL": f"{origin}/api/",
        "REDIS_URL": redis_url,
        "IT_CHANNEL": seed.IT_CHANNEL,
        "IT_APPROVERS": seed.APPROVERS,
    }


def salesforce_settings(orgs: dict[str, SeededOrg], origins: dict[str, str]) -> dict[str, str]:
    """Settings for one org, or for several as a JSON object."""
    each = {name: one_org(org, origins[name]) for name, org in orgs.items()}
    if len(each) > 1:
        return {"SALESFORCE_ORGS": json.dumps(each)}
    return {f"SALESFORCE_{name.upper()}": value for name, value in each["production"].items()}


def one_org(org: SeededOrg, origin: str) -> dict[str, str]:
    return {
        "login_url": origin,
        "consumer_key": org.bot_consumer_key,
        "private_key": org.bot_private_key_pem,
        "username": org.bot_user.username,
        "user_consumer_key": org.user_app_consumer_key,
        "user_private_key": org.user_app_private_key_pem,
    }


def _to(client: httpx.AsyncClient) -> Transport:
    async def send(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        answer = await client.post("/slack/events", content=body, headers=headers)
        return answer.status_code, dict(answer.headers), answer.content

    return send
