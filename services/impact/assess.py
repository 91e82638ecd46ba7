"""What a reset would do to each integration of an account: pure, from what was read at once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network

from services.impact.grouping import Kind, Tally, group
from services.impact.judge import Judgement, is_trusted, judge, trust_of
from services.impact.logins import is_own, name_of, newest_first
from services.impact.model import (
    MOST_ADDRESSES,
    MOST_LISTED,
    Address,
    Impact,
    Integration,
    Sureness,
    SurvivingGrant,
    Trust,
    Verdict,
    Way,
    Why,
)
from services.impact.notes import failed_lately, notes_of
from services.impact.places import place_of
from services.orgs import ResetMethod
from services.salesforce.records import AccountReading, AppGrant, Login, SalesforceUser

MOST_GRANTS = 10

QUIET = timedelta(days=30)
"""What hasn't logged in for so long is listed after the rest of its verdict."""

Networks = Sequence[IPv4Network | IPv6Network]

_VERDICTS = tuple(Verdict)


def assess(
    reading: AccountReading,
    user: SalesforceUser,
    *,
    method: ResetMethod,
    trusted_networks: Networks = (),
    own_apps: Collection[str] = (),
) -> Impact:
    """Judge every integration of an account.

    Args:
        reading: What one request told about the account.
        user: The account.
        method: How the reset is to be made; the verdicts hold for it alone.
        trusted_networks: Logins from there need no token.
        own_apps: The applications with which this program itself logs in; left out.
    """
    rows = newest_first(reading.logins or ())
    grants = _grants(reading.grants or (), own_apps)
    known = {
        "notes": notes_of(reading, user, rows, own_apps),
        "grants": grants[:MOST_GRANTS],
        "more_grants": max(0, len(grants) - MOST_GRANTS),
    }
    if reading.logins is None:
        nothing = unreadable(days=reading.days, at=reading.read_at, needs=reading.needs)
        return nothing.model_copy(update=known)
    integrations = [
        _integration(kind, tally, method, trusted_networks, reading.read_at)
        for kind, tally in group(reading, rows, own_apps).items()
    ]
    integrations.sort(key=lambda one: _order(one, reading.read_at))
    return Impact(
        integrations=tuple(integrations[:MOST_LISTED]),
        more=max(0, len(integrations) - MOST_LISTED),
        failed_lately=failed_lately(rows, reading.read_at),
        days=reading.days,
        read_at=reading.read_at,
        read_back_to=_read_back_to(reading, rows),
        details_back_to=_details_back_to(reading, rows),
    ).model_copy(update=known)


def unreadable(*, days: int, at: datetime, needs: str | None = None) -> Impact:
    """Say what is known when the login history couldn't be read: nothing."""
    return Impact(readable=False, needs=needs, days=days, read_at=at)


def _integration(
    kind: Kind, tally: Tally, method: ResetMethod, networks: Networks, read_at: datetime
) -> Integration:
    ips = sorted(tally.addresses, key=lambda ip: (-tally.addresses[ip].timestamp(), ip))
    judgement = _judged(kind.way, tally, method, trust_of(ips, networks))
    return Integration(
        name=kind.application[:80],
        way=kind.way,
        client_version=kind.client_version and kind.client_version[:80],
        api_type=kind.api_type and kind.api_type[:80],
        verdict=judgement.verdict,
        why=judgement.why,
        sureness=judgement.sureness,
        place=place_of(kind.application, kind.way),
        logins=tally.logins,
        read=tally.read,
        at_least=tally.at_least,
        failures=tally.failures,
        # Salesforce's clock may be ahead of this one.
        last_login=min(tally.last, read_at),
        addresses=tuple(
            Address(ip=ip[:64], trusted=is_trusted(ip, networks)) for ip in ips[:MOST_ADDRESSES]
        ),
        more_addresses=max(0, len(ips) - MOST_ADDRESSES),
    )


def _judged(way: Way, tally: Tally, method: ResetMethod, trust: Trust) -> Judgement:
    """Judge an integration, and claim no more of logins that weren't read than is known."""
    if trust is Trust.INSIDE and (tally.at_least or tally.logins > tally.read):
        trust = Trust.MIXED
    judgement = judge(way, method, trust)
    if tally.read:
        return judgement
    if way is Way.UNKNOWN and tally.is_flow_unread:
        return judgement._replace(why=Why.FLOW_NOT_READ)
    if way is Way.SOAP_PASSWORD:
        # OAuth logins of packaged apps may have the same type and no subtype was read.
        return judgement._replace(sureness=Sureness.UNSURE)
    return judgement


def _order(one: Integration, read_at: datetime) -> tuple[int | bool | float | str, ...]:
    return (
        _VERDICTS.index(one.verdict),
        one.last_login < read_at - QUIET,
        -one.logins,
        -one.last_login.timestamp(),
        one.name,
        one.way,
        one.api_type or "",
        one.client_version or "",
    )


def _is_counted(reading: AccountReading) -> bool:
    return reading.groups is not None and not reading.groups_cut and not reading.groups_unread


def _read_back_to(reading: AccountReading, rows: Sequence[Login]) -> datetime | None:
    if not reading.logins_cut or _is_counted(reading):
        return None
    oldest = _oldest(reading, rows)
    if reading.groups_cut and not reading.groups_unread:
        # The newest come first, so every kind that logged in since the last of them is there.
        return min([oldest, *(one.last for one in reading.groups or ())])
    return oldest


def _details_back_to(reading: AccountReading, rows: Sequence[Login]) -> datetime | None:
    return _oldest(reading, rows) if reading.logins_cut and _is_counted(reading) else None


def _oldest(reading: AccountReading, rows: Sequence[Login]) -> datetime:
    return min([reading.read_at, *(row.time for row in rows[-1:])])


def _grants(grants: Sequence[AppGrant], own_apps: Collection[str]) -> tuple[SurvivingGrant, ...]:
    # Each time that an app is approved makes a grant of its own.
    merged: dict[str, SurvivingGrant] = {}
    for grant in grants:
        if is_own(grant.app, own_apps):
            continue
        app = name_of(grant.app)[:80]
        before = merged.get(app, SurvivingGrant(app=app))
        used = [at for at in (before.last_used, grant.last_used) if at is not None]
        merged[app] = SurvivingGrant(
            app=app, last_used=max(used, default=None), uses=before.uses + grant.uses
        )
    return tuple(
        sorted(
            merged.values(),
            key=lambda one: (-(one.last_used.timestamp() if one.last_used else 0), one.app),
        )
    )
