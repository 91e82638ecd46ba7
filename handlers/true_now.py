"""What Salesforce said about an account when it was last asked."""

from handlers.case_wording import counted
from handlers.wording import safe, when
from services.cases.model import Case, Truth


def true_now(case: Case) -> list[str]:
    """Say what was read back, and when; what Salesforce didn't say is unknown."""
    truth = case.truth
    if truth is None:
        return ["*What is true now* isn't known: I haven't been able to read it back."]
    lacking = [f"• I lack the permission *{safe(truth.needs, 100)}*."] if truth.needs else []
    return [
        f"*What is true now*, as Salesforce showed it {when(truth.at, 'date_time')}:",
        f"• {_frozen(truth)}",
        f"• {_count(truth.sessions, 'open session', 'open sessions')}",
        f"• {_count(truth.grants, 'OAuth grant', 'OAuth grants')}",
        f"• {_password(truth)}",
        *lacking,
    ]


def _frozen(truth: Truth) -> str:
    if truth.is_frozen is None:
        return "Whether the user is frozen couldn't be read"
    return "The user is frozen" if truth.is_frozen else "The user is not frozen"


def _count(number: int | None, one: str, many: str) -> str:
    if number is None:
        return f"{many[0].upper()}{many[1:]} couldn't be read"
    return f"No {one}" if number == 0 else counted(number, one, many)


def _password(truth: Truth) -> str:
    if truth.last_password_change is None:
        return "When the password was last changed couldn't be read"
    return f"Password last changed {when(truth.last_password_change, 'date_time')}"
