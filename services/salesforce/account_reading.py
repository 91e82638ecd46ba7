"""What is asked about an account before a reset, in one request, and how the answers are read."""

from collections.abc import Mapping
from datetime import datetime

from services.salesforce import login_rows, soql
from services.salesforce.composite import Answer, Question, is_cut, needed, rows_of
from services.salesforce.permissions import CUSTOMIZE_APPLICATION, MANAGE_USERS, VIEW_SETUP
from services.salesforce.records import AccountReading


def questions(user_id: str, days: int) -> dict[str, Question]:
    """Five queries, which is what one request holds. NotFound when the id can't be a user's."""
    return {
        "logins": Question(soql.logins_of(user_id, days), MANAGE_USERS),
        "groups": Question(soql.login_groups_of(user_id, days), MANAGE_USERS),
        "grants": Question(soql.grants_of(user_id), CUSTOMIZE_APPLICATION),
        "lock": Question(soql.lock_of(user_id), MANAGE_USERS),
        "rules": Question(soql.login_rules_of(user_id), VIEW_SETUP),
    }


def reading(answers: Mapping[str, Answer], *, days: int, read_at: datetime) -> AccountReading:
    """Read the answers; what wasn't answered is None, and never an empty list."""
    logins, groups, grants, lock, rules = (
        rows_of(answers[name]) for name in ("logins", "groups", "grants", "lock", "rules")
    )
    needs = needed(answers["logins"])
    if logins == [] and not lock:
        # Without the permission one finds one's own logins only (documented), and no error. Each
        # user has a row of UserLogin, so somebody who sees neither isn't shown them.
        logins, groups, needs = None, None, needs or MANAGE_USERS
    counted, all_counted = (None, True) if groups is None else login_rows.login_groups(groups)
    return AccountReading(
        days=days,
        read_at=read_at,
        logins=None if logins is None else login_rows.logins(logins),
        logins_cut=is_cut(answers["logins"]),
        groups=counted,
        # A group that can't be read is an integration that isn't there: the count isn't whole.
        groups_cut=is_cut(answers["groups"]) or not all_counted,
        grants=None if grants is None else login_rows.grants(grants),
        lock=login_rows.account_lock(lock[0]) if lock else None,
        rules=None if rules is None else login_rows.login_rules(rules),
        needs=needs,
    )
