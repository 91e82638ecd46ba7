"""The command line. Each command loads only what it needs."""

import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from dotenv import dotenv_values

from bot import logs
from bot.settings import Role, Settings
from bot.settings_errors import SettingsError

cli = typer.Typer(
    help="A Slack bot that resets a Salesforce security token, safely.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_environ: dict[str, str] = dict(os.environ)


@cli.callback()
def main(
    env_file: Annotated[
        Path | None, typer.Option(help="Read settings from this file too; the environment wins.")
    ] = None,
) -> None:
    """Read the environment."""
    logs.catch_all()
    if env_file is None:
        return
    if not env_file.is_file():
        _stop(f"There is no file {env_file}. Copy .env.example to it and fill it in.")
    values = {name: value for name, value in dotenv_values(env_file).items() if value is not None}
    _environ.update(values | dict(os.environ))


@cli.command()
def web() -> None:
    """Answer Slack."""
    _serve(Role.WEB)


@cli.command()
def worker() -> None:
    """Do the work."""
    _serve(Role.WORKER)


@cli.command(name="all")
def all_in_one() -> None:
    """Answer Slack and do the work, in one process; without REDIS_URL with a Valkey of its own."""
    _serve(Role.ALL)


@cli.command()
def doctor(
    settings_only: Annotated[
        bool, typer.Option(help="Check the settings and connect to nothing.")
    ] = False,
) -> None:
    """Check every setting against the live services; exit 1 on a fault."""
    # On a platform that releases, no process starts without REDIS_URL; say so before it does.
    settings = _settings(Role.WEB if settings_only else Role.ALL)
    if settings_only:
        typer.echo("The settings are well formed.")
        return
    from bot import doctor as checks

    logs.configure("WARNING", settings.log_format)
    _run(lambda: checks.run(settings))


@cli.command()
def audit(
    since: Annotated[
        str | None, typer.Option(help="From this time on, such as 2026-01-31 or 2026-01-31T09:00.")
    ] = None,
) -> None:
    """Print the audit as JSON lines, oldest first."""
    from bot import audit_command

    settings = _settings(Role.ALL)
    logs.configure("WARNING", settings.log_format)
    start = _time(since) if since else None
    with _redis(settings, beside=True) as url:
        _run(lambda: audit_command.print_rows(settings, url, start))


@cli.command()
def sandbox(
    once: Annotated[bool, typer.Option(help="Play the main story once and exit.")] = False,
) -> None:
    """Try the bot with a Slack workspace and a Salesforce org on this machine."""
    from bot import sandbox_command

    _run(lambda: sandbox_command.run(once=once))


def _serve(role: Role) -> None:
    from bot import leaving, processes

    settings = _settings(role)
    logs.configure(settings.log_level, settings.log_format)
    with _redis(settings) as url:
        _run(
            lambda: processes.run(
                settings, url, web=role is not Role.WORKER, worker=role is not Role.WEB
            )
        )
    leaving.at_once()


def _settings(role: Role) -> Settings:
    try:
        return Settings.load(_environ, role=role)
    except SettingsError as error:
        _stop(str(error))


@contextmanager
def _redis(settings: Settings, *, beside: bool = False) -> Iterator[str]:
    """Give the URL of Redis; without one, that of a server of our own.

    Args:
        settings: may name a Redis.
        beside: the server of a program that runs already will do.
    """
    from bot.embedded import EmbeddedValkey, EmbeddedValkeyError, running_url

    url = settings.redis_connection_url()
    if url is None and beside:
        url = running_url(settings.data_dir)
    if url is not None:
        yield url
        return
    server = EmbeddedValkey(settings.data_dir)
    try:
        url = server.start()
    except EmbeddedValkeyError as error:
        _stop(str(error))
    try:
        yield url
    finally:
        server.stop()


def _run(main: Callable[[], Awaitable[int | None]]) -> None:
    import uvloop

    async def call() -> int | None:
        return await main()

    code = uvloop.run(call())
    if code:
        raise typer.Exit(code)


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        _stop(f"--since: {text!r} is no time. Write it like 2026-01-31 or 2026-01-31T09:00.")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _stop(why: str) -> NoReturn:
    typer.echo(why, err=True)
    sys.exit(2)
