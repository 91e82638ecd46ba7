"""`python -m bot sandbox`: the bot between a Slack workspace and two orgs on this machine."""

import asyncio
import contextlib
import json
import signal
import socket
import tempfile
from ipaddress import ip_network
from pathlib import Path

from rich.console import Console

from bot import logs, processes
from bot.embedded import EmbeddedValkey
from bot.settings import Settings
from sandbox.salesforce.app import create_app
from sandbox.salesforce.seed import SeededOrg, acme, partner
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.serve import slack_serving
from sandbox.slack.transports import http_transport
from sandbox.slack.workspace import Workspace
from sandbox.story import Story

SLACK_PORT, SALESFORCE_PORT, PARTNER_PORT, BOT_PORT = 4001, 4002, 4003, 3000

OFFICE = ip_network("10.20.0.0/16")
"""The network that Acme trusts: a login from there needs no security token."""

BY_HAND = """
It goes on until you press Ctrl-C. Be somebody, from another terminal. The bot works in the
background, so look at the screen a second after each step.

  curl -d text=/reset-token {slack}/people/eve/type
  curl {slack}/people/eve/screen
  curl -d 'button=Reset my token' {slack}/people/eve/press
  curl {salesforce}/mailbox/eve@acme.example

Ask IT, and be IT:

  curl -d text=/reset-token {slack}/people/iris/type
  curl -d 'button=Ask IT first' {slack}/people/iris/press
  curl -d 'question=May I reset it today?' {slack}/people/iris/submit
  curl {slack}/people/ivan/screen
  curl -d 'button=Go ahead' {slack}/people/ivan/press
  curl {slack}/people/iris/screen

Look after Ada's integrations. They log in by themselves every few minutes, now with the token that
the story left her. Let ada reset it again (after ten minutes; she is asked which user first), and
some turn red until they are given the new one. Left alone, they lock her account within ten
minutes. Her direct message follows them, a minute after the reset at first.

  curl {salesforce}/integrations
  curl -d token=THE_NEW_TOKEN {salesforce}/integrations/data-loader/token
  curl -X POST {salesforce}/integrations
  curl -d menu=follow.item -d 'option=Not mine' {slack}/people/ada/select

Choose, where somebody has several Salesforce users:

  curl -d text=/reset-token {slack}/people/carl/type
  curl -d menu=reset.choose -d option=0 {slack}/people/carl/select

Write to the bot itself:

  curl -d 'text=what can you do?' {slack}/people/eve/say

There are ada (sales, a user in two orgs), ben (Salesforce admin), ivan and iris (IT approvers),
eve (nobody special), carl (two users in one org), dana (matched by her username alone), omar (API
only), pia (inactive), una (her address is unconfirmed), gus (a guest) and sam (another company).
A button is pressed with its dialog accepted; of several with one name, the one in the newest
message, and there the first. Times on a person's screen are in that person's time zone.

The bot's own pages: {bot}/readyz and {bot}/metrics
"""


async def run(*, once: bool) -> int:
    """Start everything, play the main story, and stay up unless it is played `once`."""
    logs.configure("WARNING", "console")
    console = Console(highlight=False, width=None if Console().is_terminal else 100)
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        valkey = EmbeddedValkey(directory)
        redis_url = valkey.start()
        stack.callback(valkey.stop)
        orgs = {"production": acme(), "partner": partner()}
        orgs["production"].trusted_networks.append(OFFICE)
        origins = {
            "production": await stack.enter_async_context(
                serving(create_app(orgs["production"]), _port(SALESFORCE_PORT, free=once))
            ),
            "partner": await stack.enter_async_context(
                serving(create_app(orgs["partner"]), _port(PARTNER_PORT, free=once))
            ),
        }
        workspace = seed.acme()
        slack = await stack.enter_async_context(
            slack_serving(workspace, _port(SLACK_PORT, free=once))
        )
        settings = _settings(slack, orgs, origins, _port(BOT_PORT, free=once))
        await stack.enter_async_context(processes.working(settings, redis_url))
        port = await stack.enter_async_context(processes.answering(settings, redis_url))
        bot = f"http://127.0.0.1:{port}"
        workspace.dispatcher.transport = await stack.enter_async_context(
            http_transport(f"{bot}/slack/events")
        )
        await _play(workspace, orgs["production"], origins["production"], console)
        if not once:
            console.print(
                BY_HAND.format(slack=slack, salesforce=origins["production"], bot=bot),
                markup=False,
                soft_wrap=True,
            )
            await _stay_up(orgs["production"], origins["production"])
    return 0


async def _stay_up(org: SeededOrg, origin: str) -> None:
    """Let Ada's integrations log in, with the token that the story left her, until the end."""
    org.timetable = org.integrations(org.person("ada"), origin)
    async with asyncio.TaskGroup() as group:
        logging_in = group.create_task(org.timetable.run())
        await _until_stopped()
        logging_in.cancel()


async def _play(workspace: Workspace, org: SeededOrg, origin: str, console: Console) -> None:
    integration = org.data_loader(org.person("ada"), origin)
    await Story(workspace, org, integration, console).play()


def _settings(
    slack: str, orgs: dict[str, SeededOrg], origins: dict[str, str], port: int
) -> Settings:
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
    return Settings.load(
        {
            "SLACK_BOT_TOKEN": seed.BOT_TOKEN,
            "SLACK_SIGNING_SECRET": seed.SIGNING_SECRET,
            "SLACK_API_URL": f"{slack}/api/",
            "SALESFORCE_ORGS": json.dumps(each),
            "IT_CHANNEL": seed.IT_CHANNEL,
            "IT_APPROVERS": seed.APPROVERS,
            "PORT": str(port),
        }
    )


def _port(wanted: int, *, free: bool) -> int:
    """Take the port that the help names, or any free one where that is taken."""
    if free:
        return 0
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
    return wanted


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
