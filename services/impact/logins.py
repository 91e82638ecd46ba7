"""What one row of the login history says, with its blanks and its odd fields."""

from collections.abc import Collection, Iterable
from datetime import datetime

from services.impact.judge import way_of
from services.impact.model import Way
from services.salesforce.records import Login

UNNAMED = "Unnamed application"

WITH_PASSWORD = frozenset({Way.SOAP_PASSWORD, Way.OAUTH_PASSWORD, Way.BROWSER})
"""Ways that send a password, so in which nobody gets in while the user is locked out."""

OAUTH_WITHOUT_PASSWORD = frozenset(
    {
        Way.OAUTH_REFRESH_TOKEN,
        Way.OAUTH_WEB,
        Way.OAUTH_CLIENT_CREDENTIALS,
        Way.OAUTH_TOKEN_EXCHANGE,
        Way.OAUTH_OTHER,
        Way.OAUTH_UNNAMED,
    }
)


def text_of(text: str | None) -> str | None:
    """Read a field, where a blank and Salesforce's `N/A` are nothing."""
    plain = (text or "").strip()
    return None if plain.casefold() in {"", "n/a"} else plain


def name_of(application: str | None) -> str:
    """Name an application as Salesforce does, or say that it has no name."""
    return text_of(application) or UNNAMED


def way_of_login(login: Login) -> Way:
    """Tell how a login was made."""
    return way_of(login.login_type, login.login_subtype, login.api_type)


def has_succeeded(login: Login) -> bool:
    """Whether a login is known to have succeeded."""
    return (login.status or "").strip().casefold().startswith("success")


def has_failed(login: Login) -> bool:
    """Whether a login is known to have failed. One without a status isn't."""
    return text_of(login.status) is not None and not has_succeeded(login)


def met_a_lock(login: Login) -> bool:
    """Whether a login failed because the user was locked out: "Password Lockout" (seen in public).

    It says nothing of what it sent: with a right password it would have failed as well.
    """
    return (login.status or "").strip().casefold().startswith("password lockout")


def is_own(application: str | None, own_apps: Collection[str]) -> bool:
    """Whether an application is one with which this program itself logs in."""
    name = name_of(application).casefold()
    return any(name == own.strip().casefold() for own in own_apps)


def is_made_by_us(login: Login, own_apps: Collection[str]) -> bool:
    """Whether this program made a login itself. It never logs in with a password."""
    return is_own(login.application, own_apps) and way_of_login(login) in OAUTH_WITHOUT_PASSWORD


def newest_first(logins: Iterable[Login]) -> list[Login]:
    """Sort logins, to the same end whatever order they come in."""
    return sorted(logins, key=_order, reverse=True)


def _order(login: Login) -> tuple[datetime, list[str]]:
    fields = (
        login.id,
        login.status,
        login.application,
        login.source_ip,
        login.login_type,
        login.login_subtype,
        login.api_type,
        login.client_version,
    )
    return login.time, [field or "" for field in fields]
