"""The whole bot in processes of its own, between the sandbox's Slack and Salesforce in this one."""

import asyncio
import contextlib
import itertools
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from valkey.asyncio import Valkey
from valkey.exceptions import ResponseError

from bench import alerts
from bench.surroundings import a_port, environ, process, valkey
from sandbox.salesforce.app import create_app
from sandbox.salesforce.seed import BOT_ACCESS, CONTAINMENT, RESETTABLE, SeededOrg, acme
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.model import Person
from sandbox.slack.serve import slack_serving
from sandbox.slack.transports import http_transport
from sandbox.slack.workspace import Workspace
from services.store import keys


@dataclass
class Whole:
    """What a benchmark drives and counts."""

    slack: Workspace
    org: SeededOrg
    ports: list[int]
    """Of the web processes."""
    redis_url: str
    webs: list[int]
    """Process ids."""
    workers: list[int]
    """Process ids."""
    start_worker: Callable[[], Awaitable[None]]
    """Starts one more, and waits until it reads its jobs."""
    added: int = 0
    """People, so that the next ones are others."""

    @property
    def port(self) -> int:
        """Of the first web process."""
        return self.ports[0]

    def add_people(self, count: int) -> list[Person]:
        """Add so many people with a Salesforce user each, in #general."""
        people = []
        general = self.slack.channel("general")
        for number in range(self.added, self.added + count):
            name = f"p{number}"
            email = f"{name}@acme.example"
            person = Person(f"U1{number:08d}", name, name, email, self.slack.team_id)
            self.slack.add_person(person)
            general.members.append(person.id)
            user = self.org.add_user(f"{email}.prod", email, name)
            self.org.assign(user, RESETTABLE)
            people.append(person)
        self.added += count
        return people


@contextlib.asynccontextmanager
async def whole_bot(
    *, method: str = "token", webs: int = 1, workers: int = 1, limits: bool = False
) -> AsyncIterator[Whole]:
    """Start so many web processes and workers, all of which answer or read their jobs by then.

    Args:
        method: by which people reset for themselves; breaches are contained whatever it is.
        webs: how many web processes; Slack asks them in turn.
        workers: how many.
        limits: whether Slack's rate limits are in force, and with them the bot's own pace.
    """
    async with contextlib.AsyncExitStack() as stack:
        org, slack = acme(), seed.acme()
        org.permission_sets[BOT_ACCESS].permissions |= CONTAINMENT
        if not limits:
            slack.rate_limits.off()
        slack.own_events = False
        origin = await stack.enter_async_context(serving(create_app(org)))
        slack_origin = await stack.enter_async_context(slack_serving(slack))
        redis_url = stack.enter_context(valkey())
        env = environ(
            SLACK_API_URL=f"{slack_origin}/api/",
            REDIS_URL=redis_url,
            LOG_LEVEL="ERROR",
            SALESFORCE_LOGIN_URL=origin,
            SALESFORCE_CONSUMER_KEY=org.bot_consumer_key,
            SALESFORCE_PRIVATE_KEY=org.bot_private_key_pem,
            SALESFORCE_USERNAME=org.bot_user.username,
            SALESFORCE_USER_CONSUMER_KEY=org.user_app_consumer_key,
            SALESFORCE_USER_PRIVATE_KEY=org.user_app_private_key_pem,
            SALESFORCE_RESET_METHOD=method,
            ALERT_SECRET=alerts.SECRET,
        )
        ports = [a_port() for _ in range(webs)]
        serving_processes = [
            await stack.enter_async_context(
                process("bot", "web", env=env | {"PORT": str(port)}, port=port)
            )
            for port in ports
        ]
        transports = itertools.cycle(
            [
                await stack.enter_async_context(
                    http_transport(f"http://127.0.0.1:{port}/slack/events")
                )
                for port in ports
            ]
        )

        async def deliver(
            body: bytes, headers: dict[str, str]
        ) -> tuple[int, dict[str, str], bytes]:
            return await next(transports)(body, headers)

        slack.dispatcher.transport = deliver
        bot = "bot" if limits else "bench.unpaced"
        running: list[Process] = []

        async def start_worker() -> None:
            running.append(await stack.enter_async_context(process(bot, "worker", env=env)))
            whole.workers.append(running[-1].pid)
            await _all_read(redis_url, running)

        pids = [one.pid for one in serving_processes]
        whole = Whole(slack, org, ports, redis_url, pids, [], start_worker)
        for _ in range(workers):
            await start_worker()
        yield whole


async def _all_read(redis_url: str, workers: Sequence[Process]) -> None:
    """Wait until each worker has asked for jobs once."""
    async with Valkey.from_url(redis_url) as client, asyncio.timeout(60):
        while True:
            if any(worker.returncode is not None for worker in workers):
                raise RuntimeError("a worker stopped before it asked for jobs")
            with contextlib.suppress(ResponseError):  # nobody has asked yet
                groups = await client.xinfo_groups(keys.OUTBOX)
                if sum(group["consumers"] for group in groups) >= len(workers):
                    return
            await asyncio.sleep(0.05)
