"""What the login history was read for and how far back, and what was not in it."""

from handlers.wording import safe, when
from services.impact.model import Impact, Integration, Verdict, Way, Why

UNREADABLE = "I couldn't read the login history. Assume that something breaks."

_UNCERTAIN = "Salesforce keeps no record of what sends a token, so nothing here is certain."


def no_token_login(impact: Impact | None) -> str:
    """Say that nothing was seen that sends a token, without a full stop. Empty where that isn't so.

    An unreadable history shows nothing, so it doesn't show that either. A person's own login on
    Salesforce's page may break, but sends no token.
    """
    if impact is None or not impact.readable or _with_password(impact) or _trusted(impact):
        return ""
    # JWT has no name in the history, so an OAuth login without one only looks like it.
    unclear = impact.with_verdict(Verdict.CANT_TELL) or any(
        one.way is Way.OAUTH_UNNAMED for one in impact.integrations
    )
    verb = "recognised" if unclear else "saw"
    return f"I {verb} no program that logs in with your password and token {_since(impact)}"


def only_trusted(impact: Impact | None) -> str:
    """Say that passwords came from trusted networks alone, without a full stop.

    Empty where that isn't so. A token isn't needed there, but who sends the old one may fail.
    """
    if impact is None or not impact.readable or _with_password(impact) or not _trusted(impact):
        return ""
    return (
        f"The programs that I saw log in with your password {_since(impact)} did so only from "
        "trusted networks, where no token is needed"
    )


def reach(impact: Impact | None) -> list[str]:
    """Say which logins were read, and when, and that nothing concluded from them is certain."""
    if impact is None or not impact.readable or not impact.integrations:
        return []
    at = when(impact.read_at, "date_time")
    if impact.read_back_to:
        back = when(impact.read_back_to, "date")
        window = f"Logins read {at}. Read back to {back} only; rarer jobs are not in here."
    elif impact.details_back_to:
        back = when(impact.details_back_to, "date")
        window = (
            f"Logins of the last {impact.days} days, counted {at}; where from, how and whether "
            f"they failed is known since {back} only. A quarterly job may not be in here."
        )
    else:
        window = (
            f"Logins of the last {impact.days} days, read {at}. A quarterly job may not be in here."
        )
    return [f"{window} {_UNCERTAIN}"]


def none_seen(impact: Impact) -> str:
    """Say that there were no logins, as far as was read."""
    read = f"Read {when(impact.read_at, 'date_time')}."
    if impact.read_back_to:
        back = when(impact.read_back_to, "date")
        return f"None seen. Read back to {back} only; rarer jobs would not be in here. {read}"
    return f"None seen in {impact.days} days; a quarterly job would not be in here. {read}"


def unreadable(impact: Impact | None) -> list[str]:
    """Say that nothing is known, and which permission would mend that."""
    if impact is None or not impact.needs:
        return [UNREADABLE]
    needs = safe(impact.needs, 100)
    return [UNREADABLE, f"For IT: my Salesforce user lacks the permission *{needs}*."]


def _with_password(impact: Impact) -> list[Integration]:
    breaking = impact.with_verdict(Verdict.BREAKS, Verdict.BREAKS_UNLESS_TRUSTED)
    return [one for one in breaking if one.why is not Why.OWN_PASSWORD]


def _trusted(impact: Impact) -> bool:
    return any(one.why is Why.TRUSTED_NETWORK for one in impact.integrations)


def _since(impact: Impact) -> str:
    if impact.read_back_to:
        return f"since {when(impact.read_back_to, 'date')}"
    return f"in the last {impact.days} days"
