"""`python -m bot sandbox`: the bot between a Slack workspace and two orgs on this machine."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel

from bot import logs, processes
from bot.embedded import EmbeddedValkey
from bot.sandbox_worker import working_apart
from bot.settings import Settings
from bot.wiring import open_stores
from sandbox.page.app import create_page
from sandbox.page.world import World
from sandbox.salesforce.app import create_app
from sandbox.salesforce.seed import BOT_ACCESS, CONTAINMENT, SeededOrg, acme, partner
from sandbox.salesforce.sessions import open_some_sessions
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.serve import slack_serving
from sandbox.slack.transports import http_transport
from sandbox.slack.workspace import Workspace
from sandbox.story import Story

PAGE_PORT, SLACK_PORT, SALESFORCE_PORT, PARTNER_PORT, BOT_PORT = 4000, 4001, 4002, 4003, 3000

OFFICE = ip_network("10.20.0.0/16")
"""The network that Acme trusts: a login from there needs no security token."""

WELCOME = """\
Open it in a browser, in as many windows as you like: be Ada who lost her token, Ivan who approves,
or Eve whom nobody knows. The guided tour is on the right. It goes on until you press Ctrl-C.

With curl instead:   curl {page}/help
In the terminal:     make sandbox ONCE=1"""


@dataclass(frozen=True)
class Sandbox:
    """All of it but the worker: the workspace, the orgs, and the bot's web process."""

    workspace: Workspace
    orgs: dict[str, SeededOrg]
    origins: dict[str, str]
    bot: str
    environ: dict[str, str]
    redis_url: str

    @property
    def settings(self) -> Settings:
        """The bot's settings."""
        return Settings.load(self.environ)


async def run(*, once: bool) -> int:
    """Serve the page until a signal says stop, or play the main story in the terminal `once`."""
    logs.configure("WARNING", "console")
    console = Console(highlight=False, width=None if Console().is_terminal else 100)
    if once:
        with _valkey() as redis_url:
            async with building(redis_url, fixed_ports=False) as sandbox:
                await _play(sandbox, console)
        return 0

    def welcome(page: str) -> None:
        console.print(Panel(f"[bold]{page}[/bold]", expand=False, padding=(1, 4)))
        console.print(WELCOME.format(page=page), markup=False, soft_wrap=True)

    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await show(stopped, welcome, fixed_ports=True)
    return 0


async def show(
    stopped: asyncio.Event, welcome: Callable[[str], None], *, fixed_ports: bool
) -> None:
    """Serve the page until `stopped`; whenever somebody there wants it, build all of it afresh."""
    port = _port(PAGE_PORT) if fixed_ports else 0
    address = None
    while not stopped.is_set():
        afresh = asyncio.Event()
        with _valkey() as redis_url:
            async with (
                building(redis_url, fixed_ports=fixed_ports) as sandbox,
                showing(sandbox, port, afresh=afresh.set) as page,
            ):
                if address is None:
                    welcome(page)
                # The windows come back by themselves, so it has to stay where it was.
                address, port = page, int(page.rpartition(":")[2])
                await _either(stopped, afresh)


@contextlib.asynccontextmanager
async def building(redis_url: str, *, fixed_ports: bool) -> AsyncIterator[Sandbox]:
    """Start everything but the worker; on the ports that the help names if they are free."""

    def port(wanted: int) -> int:
        return _port(wanted) if fixed_ports else 0

    async with contextlib.AsyncExitStack() as stack:
        orgs = {"production": acme(), "partner": partner()}
        orgs["production"].trusted_networks.append(OFFICE)
        ports = {"production": port(SALESFORCE_PORT), "partner": port(PARTNER_PORT)}
        origins = {
            name: await stack.enter_async_context(serving(create_app(org), ports[name]))
            for name, org in orgs.items()
        }
        workspace = seed.acme()
        slack = await stack.enter_async_context(slack_serving(workspace, port(SLACK_PORT)))
        environ = _environ(slack, orgs, origins, port(BOT_PORT)) | {"REDIS_URL": redis_url}
        bot_port = await stack.enter_async_context(
            # Its signing secret is in this repository, so nobody else is to reach it.
            processes.answering(Settings.load(environ), redis_url, host="127.0.0.1")
        )
        bot = f"http://127.0.0.1:{bot_port}"
        workspace.dispatcher.transport = await stack.enter_async_context(
            http_transport(f"{bot}/slack/events")
        )
        yield Sandbox(workspace, orgs, origins, bot, environ, redis_url)


@contextlib.asynccontextmanager
async def showing(sandbox: Sandbox, port: int, *, afresh: Callable[[], None]) -> AsyncIterator[str]:
    """Serve the page, with a worker that can be killed, and let Ada's integrations log in.

    `afresh` is called when somebody wants to begin with a new one.
    """
    async with (
        open_stores(sandbox.settings, sandbox.redis_url) as stores,
        working_apart(sandbox.environ) as worker,
    ):

        async def audit() -> list[dict[str, Any]]:
            rows = [row async for row in stores.audit_log.since(None)]
            return [row.model_dump(mode="json", exclude_none=True) for row in rows]

        for each in sandbox.orgs.values():
            each.permission_sets[BOT_ACCESS].permissions |= CONTAINMENT
        org, origin = sandbox.orgs["production"], sandbox.origins["production"]
        open_some_sessions(org, org.person("ada"))
        org.timetable = org.integrations(org.person("ada"), origin)
        world = World(
            sandbox.workspace,
            dict(sandbox.orgs),
            sandbox.origins,
            sandbox.bot,
            audit,
            worker,
            afresh,
        )
        logging_in = asyncio.create_task(org.timetable.run())
        try:
            async with serving(create_page(world), port) as page:
                yield page
        finally:
            logging_in.cancel()
            await asyncio.gather(logging_in, return_exceptions=True)


async def _play(sandbox: Sandbox, console: Console) -> None:
    org = sandbox.orgs["production"]
    integration = org.data_loader(org.person("ada"), sandbox.origins["production"])
    async with processes.working(sandbox.settings, sandbox.redis_url):
        await Story(sandbox.workspace, org, integration, console).play()


def _environ(
    slack: str, orgs: dict[str, SeededOrg], origins: dict[str, str], port: int
) -> dict[str, str]:
    each = {
        name: {
            "login_url": origins[name],
            "consumer_key": org.bot_consumer_key,
            "private_key": org.bot_private_key_pem,
            "username": org.bot_user.username,
            "user_consumer_key": org.user_app_consumer_key,
            "user_private_key": org.user_app_private_key_pem,
            "trusted_networks": [str(network) for network in org.trusted_networks],
        }
        for name, org in orgs.items()
    }
    alerts = os.environ.get("ALERT_SECRET")
    return {
        **({"ALERT_SECRET": alerts} if alerts else {}),
        "SLACK_BOT_TOKEN": seed.BOT_TOKEN,
        "SLACK_SIGNING_SECRET": seed.SIGNING_SECRET,
        "SLACK_API_URL": f"{slack}/api/",
        "SALESFORCE_ORGS": json.dumps(each),
        "IT_CHANNEL": seed.IT_CHANNEL,
        "IT_APPROVERS": seed.APPROVERS,
        "RESET_COOLDOWN_MINUTES": "0",
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "LOG_FORMAT": "console",
    }


@contextlib.contextmanager
def _valkey() -> Iterator[str]:
    """Run a Valkey that leaves nothing behind; yield its URL."""
    with tempfile.TemporaryDirectory() as directory, EmbeddedValkey(Path(directory)) as url:
        yield url


def _port(wanted: int) -> int:
    """Take the port that the help names, or any free one where that is taken."""
    with socket.socket() as trial:
        # As for the server itself: what was closed a moment ago doesn't count as taken.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


async def _either(*events: asyncio.Event) -> None:
    """Wait for the first of them."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
