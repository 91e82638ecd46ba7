"""Acme's org on this machine, and our own client of it, as the contract tests use them."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from pydantic import SecretStr

from sandbox.salesforce.app import create_app
from sandbox.salesforce.seed import SeededOrg
from sandbox.serving import serving
from services.orgs import OrgConfig, ResetMethod
from services.salesforce.http import Timeouts
from services.salesforce.org import Org

TIMEOUTS = Timeouts(connect=2.0, read=1.0, effect=1.0)


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def config_of(sandbox: SeededOrg, origin: str) -> OrgConfig:
    """Say what the bot would be told of an org that is served there."""
    return OrgConfig(
        name="production",
        login_url=origin,
        consumer_key=sandbox.bot_consumer_key,
        private_key=SecretStr(sandbox.bot_private_key_pem),
        username=sandbox.bot_user.username,
        user_consumer_key=sandbox.user_app_consumer_key,
        user_private_key=SecretStr(sandbox.user_app_private_key_pem),
        reset_method=ResetMethod.TOKEN,
    )


@asynccontextmanager
async def client_of(sandbox: SeededOrg) -> AsyncIterator[Org]:
    """Serve the sandbox and give our client of it."""
    with ThreadPoolExecutor(8) as executor:
        async with serving(create_app(sandbox)) as origin:
            org = Org(config_of(sandbox, origin), utc_now, executor, TIMEOUTS)
            yield org
            await org.close()
