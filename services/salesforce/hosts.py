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
_SALESFORCE = (".salesforce.com", ".force.com", ".salesforce.mil")
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


def may_receive_token(url: str, login_url: str) -> bool:
    """Whether `url` may be sent a bearer token: the login origin, or https to Salesforce's domains.

    Plain http passes only where the login URL itself is that same origin, on loopback.
    """
    target = origin(url)
    if target is None:
        return False
    if target == origin(login_url):
        return target.startswith("https://") or is_loopback(target)
    # Salesforce serves its own hosts on the default port only, so `target` ends in the host.
    return target.startswith("https://") and target.endswith(_SALESFORCE)


def _host(url: str) -> str:
    found = _URL.match(url)
    return found["host"].lower() if found else ""
