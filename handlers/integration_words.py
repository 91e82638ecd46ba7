"""One integration in a line: its name, how it logs in, how often, when last, from where."""

from handlers.wording import code, safe, when
from services.impact.model import Address, Integration, Sureness, SurvivingGrant, Verdict, Way, Why

UNNAMED = "Unnamed application"

_WAYS = {
    Way.SOAP_PASSWORD: "with username and password",
    Way.OAUTH_PASSWORD: "with username and password, through OAuth",
    Way.OAUTH_REFRESH_TOKEN: "with an OAuth refresh token",
    Way.OAUTH_WEB: "with OAuth, approved in the browser",
    Way.OAUTH_CLIENT_CREDENTIALS: "with OAuth client credentials",
    Way.OAUTH_TOKEN_EXCHANGE: "with an OAuth token exchange",
    Way.OAUTH_OTHER: "with an OAuth flow that I don't know",
    Way.OAUTH_UNNAMED: "with an OAuth flow that isn't named",
    Way.SSO: "with single sign-on (SSO)",
    Way.CERTIFICATE: "with a certificate",
    Way.BROWSER: "a person on Salesforce's login page, with a password",
    Way.UNKNOWN: "in a way that I don't know",
}

_WHYS = {
    Why.TRUSTED_NETWORK: (
        "with username and password from trusted networks only, where no token is needed; it may "
        "fail all the same if it sends the old one"
    ),
    Why.PERSON_IN_BROWSER: "a person on Salesforce's login page, where no token is asked for",
    Why.PROBABLY_JWT: "with an OAuth flow that isn't named, probably JWT",
}
"""What is said in place of the way, where the way alone doesn't tell why nothing breaks."""

_SURE = {
    Sureness.DOCUMENTED: "documented",
    Sureness.INFERRED: "probable",
    Sureness.UNSURE: "a guess",
}

HOW_SURE = (
    "How sure I am: *documented*, *probable* or *a guess*. Salesforce keeps no record of what "
    "sends a token, so nothing here is certain."
)

_NOT_TOLD = {"", "n/a", "unknown"}
"""What `LoginHistory` has in a column that doesn't apply, in any case."""


def line(one: Integration) -> str:
    """Describe an integration with all that is known of it."""
    return _joined(one, _from(one))


def short_line(one: Integration) -> str:
    """Describe one that isn't affected. Addresses stay only where the verdict rests on them."""
    return _joined(one, _from(one) if one.why is Why.TRUSTED_NETWORK else "")


def grant_line(grant: SurvivingGrant) -> str:
    """Describe an app that the user approved."""
    uses = "" if grant.uses < 1 else f", used {_times(grant.uses)}"
    last = f", last on {when(grant.last_used, 'date')}" if grant.last_used else ""
    return f"• *{name(grant.app)}*: approved by the user{uses}{last}"


def name(application: str) -> str:
    """Write an application's name, which comes from outside."""
    return safe(application, 120) or UNNAMED


def _joined(one: Integration, addresses: str) -> str:
    parts = [_titled(one), _often(one), addresses, _sure(one)]
    return f"• {' · '.join(part for part in parts if part)}"


def _titled(one: Integration) -> str:
    details = [
        safe(detail, 40)
        for detail in (one.client_version, one.api_type)
        if detail and detail.strip().casefold() not in _NOT_TOLD
    ]
    known = f" ({', '.join(filter(None, details))})" if any(details) else ""
    how = _WHYS.get(one.why, _WAYS[one.way])
    return f"*{name(one.name)}*{known}: {how}"


def _often(one: Integration) -> str:
    logins = "1 login" if one.logins == 1 else f"{one.logins:,} logins"
    least = "at least " if one.at_least else ""
    failed = f", {one.failures:,} of them failed" if one.failures else ""
    return f"{least}{logins}{failed}, last on {when(one.last_login, 'date')}"


def _from(one: Integration) -> str:
    if not one.addresses:
        return ""
    shown = ", ".join(_address(address) for address in one.addresses)
    return f"from {shown}{f' and {one.more_addresses:,} more' if one.more_addresses else ''}"


def _address(address: Address) -> str:
    # As code: in an IPv6 address, ":100:" would be shown as an emoji.
    mark = {True: " (trusted)", False: " (not trusted)", None: ""}[address.trusted]
    return f"{code(address.ip, 50)}{mark}"


def _sure(one: Integration) -> str:
    return "" if one.verdict is Verdict.CANT_TELL else _SURE[one.sureness]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
