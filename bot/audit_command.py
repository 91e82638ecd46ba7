"""`python -m bot audit`: the audit as JSON lines."""

from datetime import datetime

import typer

from bot.settings import Settings
from bot.wiring import open_stores
from services.store.errors import StoreUnavailableError


async def print_rows(settings: Settings, redis_url: str, since: datetime | None) -> int:
    """Print the rows written at `since` or later; 1 when Redis doesn't answer."""
    async with open_stores(settings, redis_url) as stores:
        try:
            async for row in stores.audit_log.since(since):
                typer.echo(row.model_dump_json(exclude_none=True))
        except StoreUnavailableError as error:
            typer.echo(f"Redis doesn't answer ({error.code}): check REDIS_URL.", err=True)
            return 1
    return 0
