"""Which endpoint a request asks for, and the log of every request that arrived."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_DATA = r"/services/data/v\d+\.\d"
_ENDPOINTS = [
    ("token", "POST", r"/services/oauth2/token"),
    ("revoke", None, r"/services/oauth2/revoke"),
    ("singleaccess", None, r"/services/oauth2/singleaccess"),
    ("userinfo", None, r"/services/oauth2/userinfo"),
    ("soap", "POST", r"/services/Soap/[uc]/.*"),
    ("query", None, rf"{_DATA}/query.*"),
    ("composite", "POST", rf"{_DATA}/composite/?"),
    ("password", "DELETE", rf"{_DATA}/sobjects/User/[^/]+/password"),
    ("user", None, rf"{_DATA}/sobjects/User/[^/]+"),
    ("userlogin", None, rf"{_DATA}/sobjects/UserLogin/[^/]+"),
    ("authsession", None, rf"{_DATA}/sobjects/AuthSession/[^/]+"),
    ("limits", None, rf"{_DATA}/limits"),
    ("frontdoor", None, r"/secur/frontdoor\.jsp"),
    ("logout", None, r"/secur/logout\.jsp"),
    ("page", "GET", r"/_ui/system/security/ResetApiTokenEdit"),
    ("submit", None, r"/_ui/system/security/(ResetApiTokenConfirm|TokenResetRequest)"),
    ("result", "GET", r"/_ui/system/security/ResetApiTokenResult"),
]
_RULES = [(name, method, re.compile(pattern)) for name, method, pattern in _ENDPOINTS]

ENDPOINTS = frozenset(name for name, *_ in _ENDPOINTS) | {"other"}
"""The names by which faults and counts know the endpoints; all else is `other`."""


@dataclass(frozen=True)
class Call:
    """A request that arrived, whatever became of it. The path is without its query."""

    endpoint: str
    method: str
    path: str
    user: str | None
    """Username behind the session that the request carried, if that session lived."""
    at: datetime


def endpoint_of(method: str, path: str) -> str:
    """The name of the endpoint that this request asks for."""
    for name, wanted, pattern in _RULES:
        if wanted in (None, method) and pattern.fullmatch(path):
            return name
    return "other"
