"""What is asked about many users after their resets, in one request, and how it is read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.salesforce import login_rows, soql
from services.salesforce.composite import Answer, Question, is_cut, needed, rows_of
from services.salesforce.errors import Unavailable
from services.salesforce.permissions import MANAGE_USERS
from services.salesforce.records import NewLogins


def questions(user_ids: Sequence[str], since: datetime) -> dict[str, Question]:
    """Three queries. NotFound when an id can't be a user's; ValueError for none or too many."""
    return {
        "logins": Question(soql.logins_since(user_ids, since), MANAGE_USERS),
        "shown": Question(soql.any_login_of(user_ids), MANAGE_USERS),
        "locks": Question(soql.locks_of(user_ids), MANAGE_USERS),
    }


def reading(answers: Mapping[str, Answer]) -> NewLogins:
    """Read the answers; what wasn't answered is None, and never an empty list.

    Unavailable where the logins weren't answered for a reason that passes: like a whole request
    that wasn't, it is asked again soon.
    """
    if isinstance(answers["logins"], Unavailable):
        raise answers["logins"]
    logins, locks = rows_of(answers["logins"]), rows_of(answers["locks"])
    needs = needed(answers["logins"])
    if logins == [] and rows_of(answers["shown"]) == []:  # as in `account_reading`
        logins, needs = None, needs or MANAGE_USERS
    # A row that can't be read isn't asked for again: it would be no more readable then.
    read, _ = (None, False) if logins is None else login_rows.logins(logins)
    return NewLogins(
        logins=None if read is None else read[::-1],
        cut=is_cut(answers["logins"]),
        locks=None if locks is None else login_rows.account_locks(locks),
        needs=needs,
    )
