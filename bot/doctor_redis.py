"""`doctor`: whether Redis keeps what it is given, who can reach it, and whether a worker lives."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from bot.doctor_lines import fault, not_checked, ok
from services.clock import utc_now
from services.store.errors import StoreUnavailableError
from services.store.strangers import lets_strangers_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from bot.doctor_lines import Line
    from services.store.health import Health, Server

_OLDEST = 7
_SUBJECT = "Redis"


async def redis_lines(health: Health, url: str) -> AsyncIterator[Line]:
    """Check the server behind `url`, and look for a worker."""
    try:
        server = await health.server()
        seen = await health.worker_seen()
    except StoreUnavailableError as error:
        yield fault(
            _SUBJECT,
            f"doesn't answer as it should ({error.code}).",
            "Check REDIS_URL, its password, REDIS_TLS_VERIFY and the network.",
        )
        yield not_checked("Worker", "not checked, because Redis couldn't be read.")
        return
    yield version_line(server)
    yield persistence_line(server)
    yield eviction_line(server)
    strangers = None if _is_local(url) else await lets_strangers_in(url)
    for line in access_lines(url, strangers=strangers):
        yield line
    yield worker_line(seen)


def version_line(server: Server) -> Line:
    """Judge the version: Redis 7 and every Valkey, which began with 7.2."""
    found = re.match(r"\d+", server.version)
    if found is None:
        return not_checked(_SUBJECT, "answers, but its version couldn't be read.")
    number = re.match(r"[\d.]+", server.version)
    told = f"{'Valkey' if server.name == 'valkey' else 'Redis'} {number[0] if number else '?'}"
    if int(found[0]) < _OLDEST:
        return fault(
            _SUBJECT, f"{told} is too old.", "Use Redis 7 or newer, or Valkey 7.2 or newer."
        )
    return ok(_SUBJECT, f"{told} answers.")


def persistence_line(server: Server) -> Line:
    """Judge what a crash of the server would lose."""
    if server.appendonly is None:
        return not_checked(
            _SUBJECT,
            "whether it keeps its data on disk couldn't be read.",
            "Look in your provider's plan: it must persist (append-only file).",
        )
    remedy = "Set appendonly yes and appendfsync always (or everysec)."
    if not server.appendonly:
        return fault(_SUBJECT, "a restart may lose every reset, running or finished.", remedy)
    if server.appendfsync == "no":
        return fault(_SUBJECT, "a crash may lose half a minute of resets and audit.", remedy)
    if server.appendfsync == "everysec":
        return ok(_SUBJECT, "keeps its data on disk; a crash may lose the last second.")
    if server.appendfsync == "always":
        return ok(_SUBJECT, "keeps its data on disk; a crash loses nothing.")
    return not_checked(_SUBJECT, "keeps its data on disk; how often it writes couldn't be read.")


def eviction_line(server: Server) -> Line:
    """Judge what the server does when its memory is full."""
    if server.maxmemory_policy is None:
        return not_checked(
            _SUBJECT,
            "whether it throws data away when full couldn't be read.",
            "It must run with maxmemory-policy noeviction.",
        )
    if server.maxmemory_policy != "noeviction":
        return fault(
            _SUBJECT,
            "throws data away when its memory is full, resets and timers among it.",
            "Set maxmemory-policy noeviction.",
        )
    return ok(_SUBJECT, "refuses to write when full, and throws nothing away.")


def access_lines(url: str, *, strangers: bool | None) -> Iterator[Line]:
    """Judge who could reach the server: whoever writes to it decides what the bot does.

    A certificate that isn't checked is no fault: some providers have nothing else.

    Args:
        url: of the server.
        strangers: whether it took somebody who gave no password; None where that isn't known.
    """
    if _is_local(url):
        yield ok(_SUBJECT, "is reached on this machine only.")
        return
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if strangers:
        yield fault(
            _SUBJECT,
            "takes anyone without a password, over the network: whoever can write to it decides"
            " what the bot does.",
            "Give it a password (and with ACLs, switch the user `default` off), put it in"
            " REDIS_URL, and use rediss://.",
        )
    elif strangers is None:
        yield not_checked(
            _SUBJECT,
            "whether it takes anyone without a password couldn't be tried.",
            "Try from here: redis-cli without a password must be refused.",
        )
    else:
        yield ok(_SUBJECT, "refuses whoever doesn't say who they are.")
    if parts.scheme != "rediss":
        yield fault(
            _SUBJECT,
            "isn't encrypted (redis://): whoever can listen on the network can read its password.",
            "Use rediss://.",
        )
    elif query.get("ssl_cert_reqs") == ["none"]:
        yield not_checked(
            _SUBJECT,
            "is encrypted, but REDIS_TLS_VERIFY=false: nothing proves that it is the right server.",
            "Set it to true or to a CA file, unless your provider's certificate is self-signed.",
        )
    else:
        yield ok(_SUBJECT, "is encrypted, and its certificate is checked.")
    yield not_checked(
        _SUBJECT,
        "whether only your own processes can reach it can't be seen from here.",
        "Try from a machine outside your network: redis-cli must get no answer.",
    )


def worker_line(seen: datetime | None) -> Line:
    """Judge when a worker last said that it lives; None when that is too long ago."""
    if seen is None:
        return fault(
            "Worker",
            "none was seen in the last seconds, so nothing would be reset.",
            "Start one: python -m bot worker (or all).",
        )
    ago = max(0, round((utc_now() - seen).total_seconds()))
    return ok("Worker", f"one is alive (seen {ago} s ago).")


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "unix" or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
