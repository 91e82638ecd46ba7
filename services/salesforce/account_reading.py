"""What is asked about an account before a reset, in one request, and how the answers are read."""

from collections.abc import Mapping
from datetime import datetime

from services.salesforce import login_rows, soql
from services.salesforce.composite import Answer, Question, is_cut, needed, rows_of
from services.salesforce.errors import NotPermitted
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


def may_be_hidden(answers: Mapping[str, Answer]) -> bool:
    """Whether no logins may mean that they aren't shown to us, rather than that there are none.

    Without the permission one finds one's own logins only (documented), and no error. Each user
    has a row of UserLogin, so whoever sees one has *Manage Users*. Whoever doesn't may still have
    *Monitor Login History*, which shows the logins but no locks.
    """
    lock = answers["lock"]
    not_shown = isinstance(lock, NotPermitted) or rows_of(lock) == []
    return rows_of(answers["logins"]) == [] and not_shown


def whether_shown(user_id: str) -> dict[str, Question]:
    """Ask for any login of a user, however old, where their logins may be hidden."""
    return {"shown": Question(soql.any_login_of([user_id]), MANAGE_USERS)}


def reading(answers: Mapping[str, Answer], *, days: int, read_at: datetime) -> AccountReading:
    """Read the answers, that to `whether_shown` too where it was asked.

    What wasn't answered is None, and never an empty list.
    """
    logins, groups, grants, lock, rules = (
        rows_of(answers[name]) for name in ("logins", "groups", "grants", "lock", "rules")
    )
    needs = needed(answers["logins"])
    shown = answers.get("shown")
    if shown is not None and not rows_of(shown):
        logins, groups = None, None
        needs = MANAGE_USERS if rows_of(shown) == [] else needed(shown)
    read, all_read = (None, True) if logins is None else login_rows.logins(logins)
    counted, all_counted = (None, True) if groups is None else login_rows.login_groups(groups)
    return AccountReading(
        days=days,
        read_at=read_at,
        logins=read,
        logins_cut=is_cut(answers["logins"]) or not all_read,
        groups=counted,
        groups_cut=is_cut(answers["groups"]),
        # A count that can't be read is an integration that isn't there.
        groups_unread=not all_counted,
        grants=None if grants is None else login_rows.grants(grants),
        lock=login_rows.account_lock(lock[0]) if lock else None,
        rules=None if rules is None else login_rows.login_rules(rules),
        needs=needs,
    )
