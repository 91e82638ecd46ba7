"""`POST /services/data/vN/composite`: several reads in one request, which counts as one call.

The limits and shapes are documented; the words of the refusals are mostly inferred.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from starlette.responses import JSONResponse

from sandbox.salesforce.answers import RestError, api_session, json_object, org_of
from sandbox.salesforce.query import first_page
from sandbox.salesforce.rest import check_version, not_found, user_record

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.users import User

OLDEST_VERSION = 38
MOST_SUBREQUESTS = 25
MOST_QUERIES = 5

_REFERENCE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OUTER_KEYS = frozenset({"allOrNone", "collateSubrequests", "compositeRequest"})
_INNER_KEYS = frozenset({"method", "url", "referenceId", "body", "httpHeaders"})


@dataclass(frozen=True)
class _Subrequest:
    method: str
    resource: str
    """What comes after the version: `/query`."""
    parameters: dict[str, str]
    reference_id: str

    @property
    def is_query(self) -> bool:
        return self.resource.split("/")[1] == "query"


@dataclass(frozen=True)
class _Part:
    """What became of a subrequest."""

    status: int
    body: object


async def composite(request: Request) -> Response:
    """Carry out every subrequest; one that fails doesn't fail the others, unless all or none."""
    version = check_version(request)
    session = api_session(request)
    if int(version[:-2]) < OLDEST_VERSION:
        raise not_found()
    base = f"/services/data/v{version}"
    body = await json_object(request)
    asked = _subrequests(body, base)
    parts = [_carried_out(org_of(request), session.user, each, base) for each in asked]
    if body.get("allOrNone") and any(part.status >= HTTPStatus.BAD_REQUEST for part in parts):
        parts = [part if part.status >= HTTPStatus.BAD_REQUEST else _HALTED for part in parts]
    return JSONResponse(
        {
            "compositeResponse": [
                {
                    "body": part.body,
                    "httpHeaders": {},
                    "httpStatusCode": part.status,
                    "referenceId": each.reference_id,
                }
                for each, part in zip(asked, parts, strict=True)
            ]
        }
    )


def _subrequests(body: dict[str, object], base: str) -> list[_Subrequest]:
    """The subrequests that a body asks for. Raises `RestError`: then none is carried out."""
    _check_keys(body, _OUTER_KEYS)
    for name in ("allOrNone", "collateSubrequests"):
        if not isinstance(body.get(name, False), bool):
            raise _unparsable(f"Cannot deserialize {name} as a boolean")
    given = body.get("compositeRequest")
    if not isinstance(given, list) or not given:
        raise _unparsable("compositeRequest must be a list of subrequests")
    if len(given) > MOST_SUBREQUESTS:
        raise _too_many(f"The request can't contain more than {MOST_SUBREQUESTS} operations.")
    asked = [_subrequest(each, base) for each in given]
    if sum(each.is_query for each in asked) > MOST_QUERIES:
        raise _too_many(f"The request can't contain more than {MOST_QUERIES} query operations.")
    if len({each.reference_id for each in asked}) < len(asked):
        raise _bad("Duplicate referenceId")
    return asked


def _subrequest(given: object, base: str) -> _Subrequest:
    if not isinstance(given, dict):
        raise _unparsable("a subrequest must be an object")
    _check_keys(given, _INNER_KEYS)
    texts = [given.get(name) for name in ("method", "url", "referenceId")]
    if not all(isinstance(text, str) and text for text in texts):
        raise _unparsable("a subrequest needs method, url and referenceId")
    method, url, reference_id = (str(text) for text in texts)
    if not _REFERENCE_ID.fullmatch(reference_id):
        raise _bad(
            f"Provided referenceId ('{reference_id}') must start with a letter, and it can contain"
            " only letters, numbers and underscores ('_')."
        )
    if not url.isascii() or any(sign in url for sign in (" ", "\n", "@{")):
        raise _bad("url must be encoded; references to other subrequests aren't served here")
    address = urlsplit(url)
    # Stricter than Salesforce may be: a careful client names one version throughout.
    if not url.startswith(f"{base}/"):
        raise _bad(f"url must start with {base}/")
    parameters = parse_qs(address.query, keep_blank_values=True)
    return _Subrequest(
        method,
        address.path.removeprefix(base).rstrip("/") or "/",
        {name: values[0] for name, values in parameters.items()},
        reference_id,
    )


def _carried_out(org: Org, viewer: User, asked: _Subrequest, base: str) -> _Part:
    try:
        return _Part(HTTPStatus.OK, _answer(org, viewer, asked, base))
    except RestError as error:
        return _Part(error.status_code, [{"errorCode": error.code, "message": error.detail}])


def _answer(org: Org, viewer: User, asked: _Subrequest, base: str) -> object:
    user = re.fullmatch(r"/sobjects/User/([^/]+)", asked.resource)
    if user is None and asked.resource != "/query":
        raise not_found()
    if asked.method != "GET":
        raise RestError(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed.")
    if user:
        return user_record(org, user[1], asked.parameters.get("fields"), base)
    return first_page(org, viewer, asked.parameters.get("q", ""), base)


_HALTED = _Part(
    HTTPStatus.BAD_REQUEST,
    [
        {
            "errorCode": "PROCESSING_HALTED",
            "message": "The transaction was rolled back since another operation in the same"
            " transaction failed.",
        }
    ],
)


def _check_keys(given: dict[str, object], known: frozenset[str]) -> None:
    unknown = sorted(given.keys() - known)
    if unknown:
        raise _unparsable(f'Unrecognized field "{unknown[0]}"')


def _unparsable(message: str) -> RestError:
    return RestError(400, "JSON_PARSER_ERROR", message)


def _too_many(message: str) -> RestError:
    return RestError(400, "LIMIT_EXCEEDED", message)


def _bad(message: str) -> RestError:
    return RestError(400, "BAD_REQUEST", message)
