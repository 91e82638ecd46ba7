"""End one OAuth grant: the documented revocation endpoint, which lies beside the REST API."""

import json

import requests
from pydantic import SecretStr

from services.salesforce.assertion import Grant
from services.salesforce.errors import NotFound, OutcomeUnknown, SalesforceError, Unexpected
from services.salesforce.home import Home
from services.salesforce.http import Http, Timeouts
from services.salesforce.permissions import CUSTOMIZE_APPLICATION
from services.salesforce.refusals import SessionExpired, broken, effect_refusal, never_left

# Both are documented, and nothing more is said of them: the token stands for no grant (any more).
_GONE = {"unsupported_token_type", "invalid_token"}


def revoke(token: SecretStr, grant: Grant, home: Home, timeouts: Timeouts) -> None:
    """Revoke the grant that a DeleteToken stands for, at the host of our own session. Sent once.

    The token is its own authority, so the request carries no session. NotFound: that grant is
    gone. OutcomeUnknown once the request may have left; any other error means that it was refused
    or never left.
    """
    if not home.owns(grant.instance_url):
        raise Unexpected("foreign_instance")
    try:
        with (
            Http(home.login_url, timeouts.for_effects) as http,
            http.post(
                f"{grant.instance_url}/services/oauth2/revoke",
                data={"token": token.get_secret_value()},
                stream=True,
            ) as answer,
        ):
            _judge(answer)
    except requests.RequestException as error:
        cause = broken(error)
        raise (cause if never_left(error) else OutcomeUnknown(cause.code)) from None


def _judge(answer: requests.Response) -> None:
    try:
        body = answer.content
    except requests.RequestException:
        # The status has been said; what was cut off changes nothing about it.
        body = b""
    if answer.status_code >= 300:
        raise _refused(answer, body)
    is_json = answer.headers.get("Content-Type", "").startswith("application/json")
    if body.strip() and not is_json:
        # A page, which may be anybody's.
        raise OutcomeUnknown("not_json")


def _refused(answer: requests.Response, body: bytes) -> SalesforceError:
    status = answer.status_code
    error = _error(body)
    if status == 400 and error is not None:
        return NotFound(error) if error in _GONE else Unexpected("http_400")
    refusal = effect_refusal(status, answer.headers, body, needs=CUSTOMIZE_APPLICATION)
    if isinstance(refusal, SessionExpired | NotFound):
        # It has no session that could end, and a page that is missing is no grant.
        return Unexpected(f"http_{status}")
    return refusal


def _error(body: bytes) -> str | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, str) else None
