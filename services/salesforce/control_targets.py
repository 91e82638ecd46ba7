"""What an effect is aimed at: what is asked before it, and how the answers are judged.

Nothing has changed by then. The integration user's own account is never aimed at.
"""

from collections.abc import Mapping

from pydantic import SecretStr

from services.salesforce import control_soql
from services.salesforce.composite import Answer, Question, is_cut
from services.salesforce.control_reading import lock, people
from services.salesforce.control_shown import (
    Target,
    is_own,
    row_of_target,
    rows_or_raise,
    shown_behind_lock,
    shown_grants,
)
from services.salesforce.errors import NotFound, NotPermitted, Unexpected
from services.salesforce.permissions import CUSTOMIZE_APPLICATION, MANAGE_USERS


def login_row_questions(target: Target) -> dict[str, Question]:
    """Two queries. NotFound when the id can't be a user's."""
    row = Question(control_soql.login_row_of(target.user_id), MANAGE_USERS)
    return {"people": people(target), "row": row}


def session_questions(target: Target) -> dict[str, Question]:
    """Three queries. NotFound when the id can't be a user's."""
    sessions = Question(control_soql.sessions_of(target.user_id), MANAGE_USERS)
    return {"people": people(target), "sessions": sessions, "lock": lock(target)}


def grant_questions(target: Target) -> dict[str, Question]:
    """Two queries. NotFound when the id can't be a user's."""
    tokens = Question(control_soql.delete_tokens_of(target.user_id), CUSTOMIZE_APPLICATION)
    return {"people": people(target), "grants": tokens}


def login_row(answers: Mapping[str, Answer], target: Target) -> str:
    """The id of the user's row of UserLogin. NotFound where there is none."""
    _refuse_own(answers, target)
    rows = rows_or_raise(answers["row"])
    if not rows:
        raise NotFound("no_login_row")
    return control_soql.checked_login_id(rows[0].get("Id"))


def sessions(answers: Mapping[str, Answer], target: Target) -> tuple[list[object], list[str]]:
    """What should be the ids of the user's sessions, and what keeps these from being all."""
    _refuse_own(answers, target)
    rows_or_raise(answers["sessions"])
    shown = shown_behind_lock(answers, "sessions")
    if shown.rows is None:
        rows_or_raise(answers["lock"])
        raise NotPermitted("sessions_hidden", needs=MANAGE_USERS)
    return [row.get("Id") for row in shown.rows], _left_out(answers["sessions"])


def delete_tokens(
    answers: Mapping[str, Answer], target: Target
) -> tuple[list[SecretStr], list[str]]:
    """What revokes the user's grants, and what keeps these from being all."""
    _refuse_own(answers, target)
    rows_or_raise(answers["grants"])
    shown = shown_grants(answers, target)
    if shown.rows is None:
        raise NotPermitted("grants_hidden", needs=CUSTOMIZE_APPLICATION)
    given = [row.get("DeleteToken") for row in shown.rows]
    found = [SecretStr(one) for one in given if isinstance(one, str) and one]
    unreadable = ["unreadable_row"] * (len(given) - len(found))
    return found, unreadable + _left_out(answers["grants"])


def _refuse_own(answers: Mapping[str, Answer], target: Target) -> None:
    rows_or_raise(answers["people"])
    row = row_of_target(answers, target)
    if row is None:
        raise NotFound("no_user")
    if not isinstance(row.get("Username"), str):
        raise Unexpected("unreadable_row")
    if is_own(row, target):
        raise NotPermitted("own_user")


def _left_out(answer: Answer) -> list[str]:
    return ["too_many_rows"] if is_cut(answer) else []
