"""`python -m bot doctor`: check every setting against the live services, one line each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from rich.console import Console

from bot.doctor_lines import Mark, not_checked
from bot.doctor_redis import redis_lines
from bot.doctor_salesforce import org_lines
from bot.doctor_settings import settings_lines
from bot.doctor_slack import slack_lines
from bot.embedded import running_url
from bot.wiring import open_stores
from services.clock import utc_now
from services.salesforce.checks import CheckedOrg
from services.slack import client
from services.slack.checks import SlackChecks
from services.slack.people import People

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.doctor_lines import Line
    from bot.settings import Settings


async def run(
    settings: Settings, redis_url: str | None = None, console: Console | None = None
) -> int:
    """Print every check; return the exit code, 1 when something is at fault.

    Redis is at `redis_url`, else at REDIS_URL, else it is the server that `all` starts for itself.
    """
    console = console or Console()
    faults = 0
    async for line in lines(settings, redis_url):
        console.print(line.rendered(), soft_wrap=True)
        faults += line.mark is Mark.FAULT
    if faults:
        console.print(f"{faults} fault{'s'[: faults > 1]}.", style="bold red")
    else:
        console.print("No faults.", style="green")
    return 1 if faults else 0


async def lines(settings: Settings, redis_url: str | None = None) -> AsyncIterator[Line]:
    """Make every check, one after the other; a failing one doesn't stop the rest."""
    for line in settings_lines(settings):
        yield line
    web = client.build(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    async for line in slack_lines(SlackChecks(web), People(web), settings):
        yield line
    with ThreadPoolExecutor(2, thread_name_prefix="salesforce") as executor:
        for config in settings.orgs:
            org = CheckedOrg(config, utc_now, executor)
            try:
                async for line in org_lines(org, settings):
                    yield line
            finally:
                await org.close()
    url = redis_url or settings.redis_connection_url()
    async for line in _given(settings, url) if url else _embedded(settings):
        yield line


async def _given(settings: Settings, url: str) -> AsyncIterator[Line]:
    async with open_stores(settings, url) as stores:
        async for line in redis_lines(stores.health, url):
            yield line


async def _embedded(settings: Settings) -> AsyncIterator[Line]:
    """Check the embedded server, which runs only while a program uses it."""
    url = running_url(settings.data_dir)
    if url is None:
        yield not_checked(
            "Redis and worker",
            "REDIS_URL is unset, and no embedded Valkey answers in DATA_DIR.",
            "Start the bot (make run) and check again beside it.",
        )
        return
    async for line in _given(settings, url):
        yield line
