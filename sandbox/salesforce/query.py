"""`GET /services/data/vN/query`: SOQL over REST, as many records at a time as the object gives."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from sandbox.salesforce.answers import RestError, api_session, org_of
from sandbox.salesforce.rest import check_version, not_found
from sandbox.salesforce.soql.errors import SoqlError
from sandbox.salesforce.soql.execute import execute

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.soql.result import Result
    from sandbox.salesforce.users import User

LONGEST_ADDRESS = 16_384
"""Bytes of a request's address; longer ones are refused with 414."""
LONGEST_QUERY = 100_000
"""Characters of a query, however it is sent."""


async def query(request: Request) -> Response:
    """The first page of a query's records."""
    base = f"/services/data/v{check_version(request)}"
    session = api_session(request)
    if len(request.url.query) > LONGEST_ADDRESS:
        raise RestError(414, "UNKNOWN_EXCEPTION", "URI Too Long")
    text = request.query_params.get("q", "")
    return JSONResponse(first_page(org_of(request), session.user, text, base))


async def query_more(request: Request) -> Response:
    """A further page: the address that the page before named."""
    base = f"/services/data/v{check_version(request)}"
    api_session(request)
    cursor, _, start = str(request.path_params["cursor"]).rpartition("-")
    result = org_of(request).cursors.get(cursor)
    if result is None or not start.isdigit():
        raise not_found()
    return JSONResponse(_page(result, f"{base}/query/{cursor}", int(start)))


def first_page(org: Org, viewer: User, text: str, base: str) -> dict[str, Any]:
    """The answer to a query, with the address of the next page if there is one.

    Raises `RestError`.
    """
    if len(text) > LONGEST_QUERY:
        message = f"SOQL statements cannot be longer than {LONGEST_QUERY} characters."
        raise RestError(400, "MALFORMED_QUERY", message)
    try:
        result = execute(org, viewer, text, base)
    except SoqlError as error:
        raise RestError(400, error.code, str(error)) from None
    if result.counted is not None:
        return {"totalSize": result.counted, "done": True, "records": []}
    cursor = f"01g{secrets.token_hex(6)}AAA"
    if len(result.records) > result.page:
        org.cursors[cursor] = result
    return _page(result, f"{base}/query/{cursor}", 0)


def _page(result: Result, address: str, start: int) -> dict[str, Any]:
    end = start + result.page
    done = end >= len(result.records)
    answer: dict[str, Any] = {"totalSize": len(result.records), "done": done}
    if not done:
        answer["nextRecordsUrl"] = f"{address}-{end}"
    return answer | {"records": result.records[start:end]}
