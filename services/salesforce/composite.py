"""Several queries in one request: Salesforce's composite resource, which counts as one API call.

Documented: at most five queries in a request; each is answered or refused by itself.
"""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from services.salesforce.errors import LoginRefused, NotPermitted, SalesforceError, Unexpected
from services.salesforce.refusals import SessionExpired, part_refusal
from services.salesforce.rows import Row
from services.salesforce.soql import MOST_ROWS

MOST_QUERIES = 5


class Question(NamedTuple):
    """A query, and the permission that it needs."""

    soql: str
    needs: str


class Rows(NamedTuple):
    """A query's rows, and whether these are all of them."""

    rows: list[Row]
    all_read: bool


Answer = Rows | SalesforceError


def rows_of(answer: Answer) -> list[Row] | None:
    """The rows of an answer, or None where the query wasn't answered."""
    return answer.rows if isinstance(answer, Rows) else None


def is_cut(answer: Answer) -> bool:
    """Whether there may have been more rows than the answer holds."""
    return isinstance(answer, Rows) and (not answer.all_read or len(answer.rows) >= MOST_ROWS)


def needed(answer: Answer) -> str | None:
    """Name the permission that is missing, where that is why a query wasn't answered."""
    return (answer.needs or None) if isinstance(answer, NotPermitted) else None


def request(asked: Mapping[str, Question], version: str) -> dict[str, object]:
    """Put queries into the body of one request, each under its name. ValueError for too many."""
    if not 0 < len(asked) <= MOST_QUERIES:
        raise ValueError(f"a composite request holds 1 to {MOST_QUERIES} queries")
    return {
        "allOrNone": False,
        "compositeRequest": [
            {
                "method": "GET",
                # Quoted whole: an `@{…}` inside would refer to another query's answer.
                "url": f"/services/data/v{version}/query/?q={quote(question.soql, safe='')}",
                "referenceId": name,
            }
            for name, question in asked.items()
        ],
    }


def answers(
    given: object, asked: Mapping[str, Question], *, is_renewed: bool = False
) -> dict[str, Answer]:
    """Take an answer apart, by the queries' names.

    Unexpected when it isn't an answer to exactly these queries. SessionExpired when one of them
    was refused for that: the session ended in between, and all may be asked again. With a session
    that was renewed for it already, the refusal is that query's own.
    """
    parts = given.get("compositeResponse") if isinstance(given, dict) else None
    if not isinstance(parts, list):
        raise Unexpected("unreadable_answer")
    found: dict[str, Answer] = {}
    for part in parts:
        name = part.get("referenceId") if isinstance(part, dict) else None
        if not isinstance(name, str) or name not in asked or name in found:
            raise Unexpected("unreadable_answer")
        answer = _answer(part.get("httpStatusCode"), part.get("body"), asked[name].needs)
        if isinstance(answer, SessionExpired):
            if not is_renewed:
                raise answer
            answer = LoginRefused(answer.code)
        found[name] = answer
    if found.keys() != asked.keys():
        raise Unexpected("unreadable_answer")
    return found


def _answer(status: object, body: object, needs: str) -> Answer:
    if not isinstance(status, int) or not 200 <= status < 600:
        return Unexpected("unreadable_answer")
    if status >= 300:
        return part_refusal(status, body, needs=needs)
    rows = body.get("records") if isinstance(body, dict) else None
    done = body.get("done") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not isinstance(done, bool):
        return Unexpected("unreadable_answer")
    if not all(isinstance(row, dict) for row in rows):
        return Unexpected("unreadable_row")
    return Rows(rows, done)
