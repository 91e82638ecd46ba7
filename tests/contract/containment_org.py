"""Acme's org with a bot that may contain a breach, and a client of it that is watched."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.salesforce.seed import CONTAINMENT, SeededOrg, acme
from services.salesforce.org import Org
from tests.contract.salesforce_org import client_of


def may_contain() -> SeededOrg:
    """Give the bot's user what breach reports need besides."""
    sandbox = acme()
    sandbox.add_permission_set("Containment", CONTAINMENT)
    sandbox.assign(sandbox.bot_user, "Containment")
    return sandbox


@asynccontextmanager
async def careful_client(sandbox: SeededOrg) -> AsyncIterator[Org]:
    """A client that has logged in; afterwards it must have been careful with tokens."""
    async with client_of(sandbox) as org:
        await org.reset_link()
        yield org
    assert sandbox.violations == []
