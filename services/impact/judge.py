"""What a reset does to one way of logging in.

docs/impact.md has this as a table, and a test holds the two together. The facts behind it are
`LoginType`, `LoginSubType` and `ApiType` of Salesforce's `LoginHistory`.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)
from typing import NamedTuple

from services.impact.model import Sureness, Trust, Verdict, Way, Why
from services.orgs import ResetMethod


class Family(StrEnum):
    """A type of login, whether it is given as its value or as its label."""

    API = "api"
    OAUTH_2 = "oauth_2"
    OAUTH_1 = "oauth_1"
    SSO = "sso"
    CERTIFICATE = "certificate"
    BROWSER = "browser"


_TYPES = {
    "otherapi": Family.API,
    "otherapexapi": Family.API,
    "partner": Family.API,
    "partnerproduct": Family.API,
    "appexchange": Family.API,
    "oauth2": Family.OAUTH_2,
    "remoteaccess20": Family.OAUTH_2,
    "oauth": Family.OAUTH_1,
    "remoteaccessclient": Family.OAUTH_1,
    "application": Family.BROWSER,
    "saml": Family.SSO,
    "saml2": Family.SSO,
    "samlidpinitiatedsso": Family.SSO,
    "samlsfdcinitiatedsso": Family.SSO,
    "thirdpartysso": Family.SSO,
    "certificate": Family.CERTIFICATE,
    "certificatebasedlogin": Family.CERTIFICATE,
}
_WITHOUT_SUBTYPE = {
    Family.OAUTH_2: Way.OAUTH_UNNAMED,
    Family.SSO: Way.SSO,
    Family.CERTIFICATE: Way.CERTIFICATE,
    Family.BROWSER: Way.BROWSER,
}
WITH_SUBTYPE = frozenset({Family.API, Family.OAUTH_1, Family.OAUTH_2})
"""Types whose subtype may name an OAuth flow: Partner is also given to OAuth logins of packaged
apps."""

_FLOWS = (
    # By how the subtype begins, the first that fits.
    ("oauthusernamepassword", Way.OAUTH_PASSWORD),
    ("oauthrefreshtoken", Way.OAUTH_REFRESH_TOKEN),
    ("oauthhybridrefreshtoken", Way.OAUTH_REFRESH_TOKEN),
    ("hybridrefreshtoken", Way.OAUTH_REFRESH_TOKEN),
    ("oauthwebserver", Way.OAUTH_WEB),
    ("oauthuseragent", Way.OAUTH_WEB),
    ("oauthhybrid", Way.OAUTH_WEB),
    ("hybrid", Way.OAUTH_WEB),
    ("oauthotplogin", Way.OAUTH_WEB),
    ("oauthclientcredential", Way.OAUTH_CLIENT_CREDENTIALS),
    ("oauthtokenexchange", Way.OAUTH_TOKEN_EXCHANGE),
    ("oauth", Way.OAUTH_OTHER),
)


class Judgement(NamedTuple):
    """A verdict with its reason."""

    verdict: Verdict
    why: Why
    sureness: Sureness


_SPARED = {
    Way.OAUTH_REFRESH_TOKEN: (Why.REFRESH_TOKEN, Sureness.DOCUMENTED),
    Way.OAUTH_WEB: (Why.APPROVED_IN_BROWSER, Sureness.INFERRED),
    Way.OAUTH_CLIENT_CREDENTIALS: (Why.CLIENT_CREDENTIALS, Sureness.DOCUMENTED),
    Way.OAUTH_TOKEN_EXCHANGE: (Why.TOKEN_EXCHANGE, Sureness.INFERRED),
    Way.OAUTH_OTHER: (Why.OTHER_OAUTH, Sureness.INFERRED),
    Way.OAUTH_UNNAMED: (Why.PROBABLY_JWT, Sureness.UNSURE),
    Way.SSO: (Why.SSO, Sureness.INFERRED),
    Way.CERTIFICATE: (Why.CERTIFICATE, Sureness.INFERRED),
}


def way_of(login_type: str | None, login_subtype: str | None, api_type: str | None) -> Way:
    """Tell how a login was made from its row's fields; what isn't recognised is `Way.UNKNOWN`.

    The fields come as values or as labels (`OtherApi`, `Other Apex API`), in any case.
    """
    family, subtype = family_of(login_type), _plain(login_subtype)
    if family in WITH_SUBTYPE:
        for start, way in _FLOWS:
            if subtype.startswith(start):
                return way
        if subtype:
            return Way.UNKNOWN
    return way_without_subtype(family, api_type)


def way_without_subtype(family: Family | None, api_type: str | None) -> Way:
    """Tell how a login without a subtype was made."""
    if family is Family.API:
        return Way.SOAP_PASSWORD if _plain(api_type).startswith("soap") else Way.UNKNOWN
    return _WITHOUT_SUBTYPE.get(family, Way.UNKNOWN) if family else Way.UNKNOWN


def family_of(login_type: str | None) -> Family | None:
    """Recognise a type of login; None where it isn't known."""
    return _TYPES.get(_plain(login_type))


def judge(way: Way, method: ResetMethod, trust: Trust) -> Judgement:
    """Say what a reset by this method does to logins of this way from these addresses."""
    if way in {Way.SOAP_PASSWORD, Way.OAUTH_PASSWORD}:
        return _judge_password_login(way, method, trust)
    if way is Way.BROWSER:
        if method is ResetMethod.PASSWORD:
            return Judgement(Verdict.BREAKS, Why.OWN_PASSWORD, Sureness.INFERRED)
        return Judgement(Verdict.NOT_AFFECTED, Why.PERSON_IN_BROWSER, Sureness.INFERRED)
    if spared := _SPARED.get(way):
        return Judgement(Verdict.NOT_AFFECTED, *spared)
    return Judgement(Verdict.CANT_TELL, Why.NOT_RECOGNISED, Sureness.UNSURE)


def is_trusted(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool | None:
    """Whether an address lies within one of the networks.

    Returns:
        None where no networks are set, or where it is no address: Salesforce also writes
        `Salesforce.com IP`.
    """
    if not networks:
        return None
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return None
    return any(form in network for form in _forms(parsed) for network in networks)


def trust_of(addresses: Iterable[str], networks: Sequence[IPv4Network | IPv6Network]) -> Trust:
    """Sum up where addresses lie. One that can't be read is never taken for a trusted one."""
    seen = {is_trusted(address, networks) for address in addresses}
    if True in seen:
        return Trust.INSIDE if seen == {True} else Trust.MIXED
    return Trust.OUTSIDE if False in seen else Trust.UNKNOWN


def _judge_password_login(way: Way, method: ResetMethod, trust: Trust) -> Judgement:
    named = Sureness.DOCUMENTED if way is Way.OAUTH_PASSWORD else Sureness.INFERRED
    if method is ResetMethod.PASSWORD:
        # That it stops logins from trusted networks too is concluded, not documented.
        sure = named if trust is Trust.OUTSIDE else Sureness.INFERRED
        return Judgement(Verdict.BREAKS, Why.SENDS_PASSWORD, sure)
    if trust is Trust.OUTSIDE:
        return Judgement(Verdict.BREAKS, Why.SENDS_TOKEN, named)
    if trust is Trust.INSIDE:
        return Judgement(Verdict.NOT_AFFECTED, Why.TRUSTED_NETWORK, Sureness.UNSURE)
    return Judgement(Verdict.BREAKS_UNLESS_TRUSTED, Why.SENDS_TOKEN_UNLESS_TRUSTED, named)


def _plain(text: str | None) -> str:
    # Values and labels differ in case, blanks and hyphens only; `N/A` is nothing.
    plain = "".join(letter for letter in (text or "").casefold() if letter.isalnum())
    return "" if plain == "na" else plain


def _forms(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    # An IPv4 address may be written as IPv6 (::ffff:10.0.0.1), in a row and in the settings.
    if isinstance(address, IPv4Address):
        return address, IPv6Address((0xFFFF << 32) | int(address))
    mapped = address.ipv4_mapped
    return (address,) if mapped is None else (address, mapped)
