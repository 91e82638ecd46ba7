"""SOAP `login()`: username, and password with token, for a session id."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lxml import etree
from starlette.responses import Response

from sandbox.salesforce.answers import address_of, org_of
from sandbox.salesforce.credentials import Refusal, log_in
from sandbox.salesforce.records import Client

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.salesforce.records import Session

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_PARTNER = "urn:partner.soap.sforce.com"
_KINDS = {
    "u": ("SOAP Partner", _PARTNER),
    "c": ("SOAP Enterprise", "urn:enterprise.soap.sforce.com"),
}
OLDEST_WITHOUT_LOGIN = 65
"""From this version on there is no `login()`."""

_INVALID_LOGIN = "Invalid username, password, security token; or user locked out."
_TOKEN_NEEDED = (
    f"{_INVALID_LOGIN} Are you at a new location? When accessing Salesforce--either via a desktop"
    " client or the API--from outside of your company's trusted networks, you must add a security"
    " token to your password to log in."
)


class FaultError(Exception):
    """A SOAP fault, by its exception code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def login(request: Request) -> Response:
    """Answer `login()`; every other operation is refused."""
    kind, version = request.path_params["kind"], request.path_params["version"]
    try:
        return await _login(request, kind, version)
    except FaultError as fault:
        return _fault(fault)


async def _login(request: Request, kind: str, version: str) -> Response:
    major = version.partition(".")[0]
    if kind not in _KINDS or not major.isdigit() or int(major) >= OLDEST_WITHOUT_LOGIN:
        raise FaultError(
            "UNSUPPORTED_API_VERSION", f"Invalid Api version specified on URL: {version}"
        )
    api_type, namespace = _KINDS[kind]
    envelope = _parsed(await request.body())
    operation = envelope.find(f"{{{_ENVELOPE}}}Body/{{{namespace}}}login")
    if operation is None:
        raise FaultError("INVALID_OPERATION", "only login() is served here")
    named = envelope.findtext(
        f"{{{_ENVELOPE}}}Header/{{{namespace}}}CallOptions/{{{namespace}}}client"
    )
    application, _, client_version = (named or "N/A").partition("/")
    host = request.url.netloc
    client = Client(
        "Other Apex API", None, application, api_type, f"{major}.0", client_version or None, host
    )
    org = org_of(request)
    attempt = log_in(
        org,
        operation.findtext(f"{{{namespace}}}username") or "",
        operation.findtext(f"{{{namespace}}}password") or "",
        client,
        address_of(request),
    )
    if attempt.login is None:
        if attempt.refusal is Refusal.TOKEN:
            raise FaultError("LOGIN_MUST_USE_SECURITY_TOKEN", _TOKEN_NEEDED)
        if attempt.refusal is Refusal.ADDRESS:
            raise FaultError("LOGIN_DURING_RESTRICTED_DOMAIN", "cannot log in from current domain")
        raise FaultError("INVALID_LOGIN", _INVALID_LOGIN)
    session = org.open_session(attempt.login, "API", {"full", "api", "web"})
    return _success(
        session, namespace, f"{org.origin}/services/Soap/{kind}/{major}.0/{org.id[:15]}"
    )


def _parsed(body: bytes) -> etree._Element:
    """The envelope. Document types and entities are refused, so nothing can be expanded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise FaultError("INVALID_SOAP", "the envelope is not well-formed XML") from None
    if root.getroottree().docinfo.doctype:
        raise FaultError("INVALID_SOAP", "DOCTYPE is not allowed")
    return root


def _success(session: Session, namespace: str, server_url: str) -> Response:
    user = session.user
    return _answer(
        f'<loginResponse xmlns="{namespace}"><result>'
        f"<passwordExpired>{str(user.password_expired).lower()}</passwordExpired>"
        f"<sandbox>false</sandbox><serverUrl>{escape(server_url)}</serverUrl>"
        f"<sessionId>{escape(session.token)}</sessionId><userId>{user.id}</userId>"
        "</result></loginResponse>",
        200,
    )


def _fault(fault: FaultError) -> Response:
    return _answer(
        "<soapenv:Fault><faultcode>sf:" + fault.code + "</faultcode>"
        f"<faultstring>{fault.code}: {escape(str(fault))}</faultstring><detail>"
        '<sf:LoginFault xmlns:sf="urn:fault.partner.soap.sforce.com">'
        f"<sf:exceptionCode>{fault.code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{escape(str(fault))}</sf:exceptionMessage>"
        "</sf:LoginFault></detail></soapenv:Fault>",
        500,
    )


def _answer(body: str, status: int) -> Response:
    envelope = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{_ENVELOPE}">'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    return Response(envelope, status, media_type="text/xml; charset=utf-8")
