"""What a reset does to one way of logging in.

docs/impact.md has this as a table, and a test holds the two together. The facts behind it are
`LoginType`, `LoginSubType` and `ApiType` of Salesforce's `LoginHistory`.
"""

from collections.abc import Iterable, Sequence
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

_API_LOGINS = frozenset({"otherapi", "otherapexapi", "partner", "partnerproduct", "appexchange"})
_OAUTH_2 = frozenset({"oauth2", "remoteaccess20"})
_OAUTH_1 = frozenset({"oauth", "remoteaccessclient"})
_OTHER_LOGINS = {
    "application": Way.BROWSER,
    "saml": Way.SSO,
    "saml2": Way.SSO,
    "samlidpinitiatedsso": Way.SSO,
    "samlsfdcinitiatedsso": Way.SSO,
    "thirdpartysso": Way.SSO,
    "certificate": Way.CERTIFICATE,
    "certificatebasedlogin": Way.CERTIFICATE,
}
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
    kind, subtype = _plain(login_type), _plain(login_subtype)
    flow = next((way for start, way in _FLOWS if subtype.startswith(start)), None)
    if kind in _API_LOGINS:
        # The Partner type is also given to OAuth logins of packaged apps.
        return flow or (Way.SOAP_PASSWORD if _is_soap_login(subtype, api_type) else Way.UNKNOWN)
    if kind in _OAUTH_1:
        return flow or Way.UNKNOWN
    if kind in _OAUTH_2:
        return flow or (Way.UNKNOWN if subtype else Way.OAUTH_UNNAMED)
    return _OTHER_LOGINS.get(kind, Way.UNKNOWN)


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
    # Values and labels differ in case, blanks and hyphens only.
    return "".join(letter for letter in (text or "").casefold() if letter.isalnum())


def _is_soap_login(subtype: str, api_type: str | None) -> bool:
    return not subtype and _plain(api_type).startswith("soap")


def _forms(address: IPv4Address | IPv6Address) -> tuple[IPv4Address | IPv6Address, ...]:
    # An IPv4 address may be written as IPv6 (::ffff:10.0.0.1), in a row and in the settings.
    if isinstance(address, IPv4Address):
        return address, IPv6Address((0xFFFF << 32) | int(address))
    mapped = address.ipv4_mapped
    return (address,) if mapped is None else (address, mapped)
