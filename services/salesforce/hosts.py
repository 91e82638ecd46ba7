"""Which hosts may be sent a bearer token, a session cookie or a form of ours: a pure predicate."""

import re
from ipaddress import ip_address

# One strict reading, so that no two URL parsers can disagree about where a request goes: no
# credentials, no backslash, no space or control character anywhere.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_URL = re.compile(
    r"(?P<scheme>https?)://"
    rf"(?P<host>{_LABEL}(?:\.{_LABEL}){{0,30}}|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?=[/?#]|\Z)",
    re.IGNORECASE | re.ASCII,
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]|[^\x00-\x7f]")
# An org's own hosts, in the forms that Salesforce documents. Two hyphens stand in the names of
# sandboxes only, which had other partitions before, or none; elsewhere the partition is taken to
# tell orgs apart (both inferred).
_OWN = re.compile(
    rf"https://(?P<name>{_LABEL})(?P<partition>\.{_LABEL})?"
    r"\.(?:my\.salesforce\.(?P<zone>com|mil)|lightning\.force\.com)"
)
_SANDBOX_PARTITION = re.compile(r"\.(?:sandbox|cs[0-9]{1,4})")
_INSTANCE = re.compile(r"https://[a-z]{2,4}[0-9]{1,4}s?\.salesforce\.com")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> str | None:
    """Return the origin, in lower case without a default port; None unless it is plain http(s)."""
    found = _URL.match(url)
    if found is None or _UNSAFE.search(url):
        return None
    scheme, host = found["scheme"].lower(), found["host"].lower()
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port < 65536 or len(host) > 253:
        return None
    return f"{scheme}://{host}" if port == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = _host(url)
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def may_receive_token(url: str, known: str) -> bool:
    """Whether `url` may be sent what `known` may: it has the same origin, or is of the same org.

    Below Salesforce's domains every customer has hosts, with content of their own, so the domain
    says nothing; the My Domain name, which leads an org's hosts, does. Of these the one for the API
    and for Classic pages and the one for Lightning count, over https; sites and Visualforce don't.
    Plain http passes only to `known` itself, on loopback.
    """
    target, own = origin(url), origin(known)
    if target is None or own is None:
        return False
    if target == own:
        return target.startswith("https://") or is_loopback(target)
    org = _org(target)
    return org is not None and org == _org(own)


def names_an_org(url: str) -> bool:
    """Whether the host can be told to be one org's, by its My Domain."""
    return _org(origin(url) or "") is not None


def is_instance(url: str) -> bool:
    """Whether the host is one that Salesforce serves many orgs from, such as `na123`."""
    return bool(_INSTANCE.fullmatch(origin(url) or ""))


def is_login_page(url: str) -> bool:
    """Whether the host is Salesforce's own for logging in to any org."""
    return origin(url) in {"https://login.salesforce.com", "https://test.salesforce.com"}


def _org(own: str) -> str | None:
    found = _OWN.fullmatch(own)
    if found is None:
        return None
    name, partition = found["name"], found["partition"] or ""
    if "--" in name and _SANDBOX_PARTITION.fullmatch(partition):
        partition = ""
    return f"{name}{partition}.{found['zone'] or 'com'}"


def _host(url: str) -> str:
    found = _URL.match(url)
    return found["host"].lower() if found else ""
