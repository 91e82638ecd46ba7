"""`GET /services/data/vN/query`: SOQL over REST, 2000 records at a time."""

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

PAGE = 2000
LONGEST_QUERY = 16_384
"""Bytes of a request's address; longer ones are refused with 414."""


async def query(request: Request) -> Response:
    """The first page of a query's records."""
    base = f"/services/data/v{check_version(request)}"
    session = api_session(request)
    if len(request.url.query) > LONGEST_QUERY:
        raise RestError(414, "UNKNOWN_EXCEPTION", "URI Too Long")
    org = org_of(request)
    try:
        result = execute(org, session.user, request.query_params.get("q", ""), base)
    except SoqlError as error:
        raise RestError(400, error.code, str(error)) from None
    if result.counted is not None:
        return JSONResponse({"totalSize": result.counted, "done": True, "records": []})
    cursor = f"01g{secrets.token_hex(6)}AAA"
    if len(result.records) > PAGE:
        org.cursors[cursor] = result.records
    return _page(result.records, f"{base}/query/{cursor}", 0)


async def query_more(request: Request) -> Response:
    """A further page: the address that the page before named."""
    base = f"/services/data/v{check_version(request)}"
    api_session(request)
    cursor, _, start = str(request.path_params["cursor"]).rpartition("-")
    records = org_of(request).cursors.get(cursor)
    if records is None or not start.isdigit():
        raise not_found()
    return _page(records, f"{base}/query/{cursor}", int(start))


def _page(records: list[dict[str, Any]], address: str, start: int) -> Response:
    end = start + PAGE
    done = end >= len(records)
    answer: dict[str, object] = {"totalSize": len(records), "done": done}
    if not done:
        answer["nextRecordsUrl"] = f"{address}-{end}"
    return JSONResponse(answer | {"records": records[start:end]})
