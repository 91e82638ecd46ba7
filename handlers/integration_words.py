"""One integration in a line: its name, how it logs in, how often, when last, from where."""

from handlers.wording import code, safe, when
from services.impact.model import Address, Integration, Sureness, SurvivingGrant, Verdict, Way, Why

UNNAMED = "Unnamed application"

_WAYS = {
    Way.SOAP_PASSWORD: "with username and password",
    Way.OAUTH_PASSWORD: "with username and password, through OAuth",
    Way.OAUTH_REFRESH_TOKEN: "with OAuth (a refresh token)",
    Way.OAUTH_WEB: "with OAuth, approved in the browser",
    Way.OAUTH_CLIENT_CREDENTIALS: "with OAuth (client credentials)",
    Way.OAUTH_TOKEN_EXCHANGE: "with OAuth (a token exchange)",
    Way.OAUTH_OTHER: "with OAuth, in a way that I don't know",
    Way.OAUTH_UNNAMED: "with OAuth, in a way that Salesforce doesn't name",
    Way.SSO: "with single sign-on (SSO)",
    Way.CERTIFICATE: "with a certificate",
    Way.BROWSER: "a person on Salesforce's login page, with a password",
    Way.UNKNOWN: "a kind of sign-in I don't know",
}

_WHYS = {
    Why.TRUSTED_NETWORK: (
        "with username and password from trusted networks only, where no token is needed"
    ),
    Why.PERSON_IN_BROWSER: "a person on Salesforce's login page, where no token is asked for",
    Why.PROBABLY_JWT: "with OAuth, probably with a key of its own (JWT) and no password",
    Why.FLOW_NOT_READ: "older logins; how they were made couldn't be read",
}
"""What is said in place of the way, where the way alone doesn't tell why."""

_BREAKS = {
    Sureness.DOCUMENTED: "breaks, as Salesforce documents",
    Sureness.INFERRED: "probably breaks",
    Sureness.UNSURE: "breaks, at a guess",
}

_GOES_ON = {
    Sureness.DOCUMENTED: "goes on, as Salesforce documents",
    Sureness.INFERRED: "probably goes on",
    Sureness.UNSURE: "goes on, at a guess",
}

_MAY_BREAK = frozenset({Verdict.BREAKS, Verdict.BREAKS_UNLESS_TRUSTED})

_NOT_TOLD = {"", "n/a", "unknown"}
"""What `LoginHistory` has in a column that doesn't apply, in any case."""

_IN_BROWSER = _NOT_TOLD | {"browser"}
"""Names that add nothing to a person's own login."""


def line(one: Integration, *, yours: bool = False, detailed: bool = True) -> str:
    """Describe an integration with all that is known of it.

    Args:
        one: the integration.
        yours: whether its user reads this, and not IT.
        detailed: with the client's version and the kind of API.
    """
    return _joined(_titled(one, yours=yours, detailed=detailed), one, _from(one))


def short_line(one: Integration, *, detailed: bool = True) -> str:
    """Describe one that isn't affected. Addresses stay only where the verdict rests on them."""
    title = _titled(one, yours=False, detailed=detailed)
    return _joined(title, one, _from(one) if one.why is Why.TRUSTED_NETWORK else "")


def fails_already(one: Integration) -> bool:
    """Whether it never worked: a reset can't break it, and may be what it waits for."""
    all_read = one.read == one.logins and not one.at_least
    return one.verdict in _MAY_BREAK and all_read and one.failures == one.logins


def grant_line(grant: SurvivingGrant) -> str:
    """Describe an app that the user approved."""
    parts = [
        f"used {_times(grant.uses)}" if grant.uses > 0 else "",
        f"last on {when(grant.last_used, 'date')}" if grant.last_used else "",
    ]
    known = ", ".join(part for part in parts if part)
    return f"• *{name(grant.app)}*" + (f": {known}" if known else "")


def name(application: str) -> str:
    """Write an application's name, which comes from outside."""
    return safe(application, 120) or UNNAMED


def _joined(title: str, one: Integration, addresses: str) -> str:
    parts = [title, _often(one), addresses, _sure(one)]
    return f"• {' · '.join(part for part in parts if part)}"


def _titled(one: Integration, *, yours: bool, detailed: bool) -> str:
    if one.why is Why.OWN_PASSWORD:
        whose = "Your" if yours else "The person's"
        program = "" if one.name.strip().casefold() in _IN_BROWSER else f" ({name(one.name)})"
        return f"*{whose} own login* with a password{program}"
    how = _WHYS.get(one.why, _WAYS[one.way])
    return f"*{name(one.name)}*{_details(one) if detailed else ''}: {how}"


def _details(one: Integration) -> str:
    details = [
        safe(detail, 40)
        for detail in (one.client_version, one.api_type)
        if detail and detail.strip().casefold() not in _NOT_TOLD
    ]
    return f" ({', '.join(filter(None, details))})" if any(details) else ""


def _often(one: Integration) -> str:
    logins = "1 login" if one.logins == 1 else f"{one.logins:,} logins"
    least = "at least " if one.at_least else ""
    # Where older logins were only counted, the newest of them may be known by its latest date.
    about = " or before" if one.why is Why.FLOW_NOT_READ else ""
    return f"{least}{logins}{_failed(one)}, last on {when(one.last_login, 'date')}{about}"


def _failed(one: Integration) -> str:
    if not one.failures:
        return ""
    if one.read < one.logins or one.at_least:
        newest = "newest" if one.read == 1 else f"newest {one.read:,}"
        return f", {one.failures:,} of the {newest} failed"
    if one.failures == one.logins:
        return ", which failed" if one.logins == 1 else ", all of which failed"
    return f", {one.failures:,} of them failed"


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
    if one.verdict is Verdict.CANT_TELL or fails_already(one):
        return ""
    sure = (_BREAKS if one.verdict in _MAY_BREAK else _GOES_ON)[one.sureness]
    return f"{sure}, unless it sends the old token" if one.why is Why.TRUSTED_NETWORK else sure


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
