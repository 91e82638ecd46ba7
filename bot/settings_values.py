"""What a setting's text may be: each rule raises ValueError with words for the deployer.

The words never repeat the value, which may be a secret.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, BeforeValidator, SecretStr

from services.orgs import ResetMethod

if TYPE_CHECKING:
    from collections.abc import Callable

SMALLEST_KEY_BITS = 2048


def _bot_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"xoxb-[A-Za-z0-9-]+", value.get_secret_value()):
        raise ValueError("isn't a bot token, which starts with xoxb-.")
    return value


def _app_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"xapp-[A-Za-z0-9-]+", value.get_secret_value()):
        raise ValueError("isn't an app-level token, which starts with xapp-.")
    return value


def _split_url(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("isn't an address.") from None
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _web_address(value: str) -> SplitResult:
    parts = _split_url(value)
    host = parts.hostname or ""
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password.")
    if not host or parts.scheme not in {"https", "http"}:
        raise ValueError("isn't an address that starts with https://.")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("must start with https://; http is for this machine only.")
    if parts.query or parts.fragment:
        raise ValueError("must end after the path.")
    return parts


def _origin(value: str) -> str:
    parts = _web_address(value)
    if parts.path not in {"", "/"}:
        raise ValueError("must hold nothing after the host's name.")
    return f"{parts.scheme}://{parts.netloc}"


def _slack_api_url(value: str) -> str:
    if not _web_address(value).path.endswith("/api/"):
        raise ValueError("must end in /api/.")
    return value


def _redis_url(value: SecretStr) -> SecretStr:
    parts = _split_url(value.get_secret_value())
    local = parts.scheme == "unix" and parts.path.startswith("/")
    if not local and (parts.scheme not in {"redis", "rediss"} or not parts.hostname):
        raise ValueError("isn't an address that starts with redis://, rediss:// or unix:///.")
    return value


def _tls_verify(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not Path(value).is_file():
        raise ValueError("is neither true nor false nor the path of a CA file that exists.")
    return Path(value)


def _rsa_key(value: SecretStr) -> SecretStr:
    # Configuration pages and .env files often carry the line ends as \n.
    pem = value.get_secret_value().replace("\\n", "\n")
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("is protected by a passphrase; give it without one.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            "isn't a private key in PEM, which starts with -----BEGIN PRIVATE KEY-----."
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("isn't an RSA key, and Salesforce takes no other.")  # noqa: TRY004 - for pydantic
    if key.key_size < SMALLEST_KEY_BITS:
        raise ValueError(f"has {key.key_size} bits; it needs {SMALLEST_KEY_BITS} or more.")
    return SecretStr(pem)


def _split(value: object) -> list[str]:
    """Return the parts of a comma-separated text, or of a list in SALESFORCE_ORGS."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple | set):
        raise ValueError("should be text, separated by commas.")  # noqa: TRY004 - for pydantic
    return [text for part in parts if (text := str(part).strip())]


def _networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    parts = _split(value)
    try:
        networks = tuple(map(ipaddress.ip_network, parts))
    except ValueError:
        raise ValueError(
            "holds something that isn't a network, such as 203.0.113.0/24 (the bits after the"
            " prefix are 0)."
        ) from None
    if any(network.prefixlen == 0 for network in networks):
        raise ValueError("holds a network of every address, which nobody can trust.")
    return networks


def _channel(value: str) -> str:
    if not re.fullmatch(r"[CG][A-Z0-9]{2,30}", value):
        raise ValueError(
            "isn't a channel id, which starts with C or G. Slack shows it at the foot of the"
            " channel's details."
        )
    return value


def _approvers(value: object) -> tuple[str, ...]:
    ids = _split(value)
    if not all(re.fullmatch(r"[UWS][A-Z0-9]{2,30}", part) for part in ids):
        raise ValueError(
            "holds something that is neither a user id (U… or W…) nor a user group id (S…)."
        )
    return tuple(dict.fromkeys(ids))


def _escalation(value: str) -> str:
    if value.casefold() == "channel":
        return "channel"
    if re.fullmatch(r"S[A-Z0-9]{2,20}", value) is None:
        raise ValueError("is neither a user group id (S…) nor the word channel")
    return value


def _app_names(value: object) -> tuple[str, ...]:
    names = _split(value)
    if any(len(name) > 80 for name in names):
        raise ValueError("holds a name of more than 80 characters, which no app has.")
    return tuple(dict.fromkeys(names))


def _is_alert_secret(text: str) -> bool:
    """Say whether it is a Standard Webhooks secret: whsec_ and the base64 of 24 to 64 bytes."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return text.startswith("whsec_") and 24 <= len(key) <= 64


def _alert_secrets(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not all(map(_is_alert_secret, value.split())):
        raise ValueError("holds something that isn't whsec_ and the base64 of 24 to 64 bytes.")
    return tuple(map(SecretStr, value.split()))


def _in_case(change: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: change(value) if isinstance(value, str) else value)


BotToken = Annotated[SecretStr, AfterValidator(_bot_token)]
AppToken = Annotated[SecretStr, AfterValidator(_app_token)]
SlackApiUrl = Annotated[str, AfterValidator(_slack_api_url)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
TlsVerify = Annotated[bool | Path, BeforeValidator(_tls_verify)]
Origin = Annotated[str, AfterValidator(_origin)]
RsaKey = Annotated[SecretStr, AfterValidator(_rsa_key)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]
Method = Annotated[ResetMethod, _in_case(str.lower)]
Channel = Annotated[str, AfterValidator(_channel)]
Approvers = Annotated[tuple[str, ...], BeforeValidator(_approvers)]
Escalation = Annotated[str, AfterValidator(_escalation)]
AppNames = Annotated[tuple[str, ...], BeforeValidator(_app_names)]
AlertSecrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_alert_secrets)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], _in_case(str.upper)]
LogFormat = Annotated[Literal["json", "console"], _in_case(str.lower)]
