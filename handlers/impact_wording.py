"""What the login history says, in lines: which programs need the token, and what isn't known."""

from handlers.wording import safe, when
from services.impact import MOST_APPLICATIONS, Application, Impact

UNREADABLE = "I couldn't read the login history. Assume that something breaks."


def impact_lines(impact: Impact | None, *, password: bool) -> list[str]:
    """Describe all that was seen, the programs that need the token first."""
    none = no_token_login(impact)
    return [
        *([f"{none}."] if none else []),
        *stopping(impact, password=password),
        *aside(impact, password=password),
    ]


def no_token_login(impact: Impact | None) -> str:
    """Say that no login by token was seen, without a full stop. Empty where that isn't so.

    An unreadable history shows nothing, so it doesn't show that either.
    """
    if impact is None or not impact.readable or impact.token_logins_seen:
        return ""
    since = (
        f"since {when(impact.read_back_to, 'date')}"
        if impact.read_back_to
        else f"in the last {impact.days} days"
    )
    return f"I saw no login by token {since}"


def stopping(impact: Impact | None, *, password: bool) -> list[str]:
    """List the programs that stop working, or say why they aren't known."""
    if impact is None or not impact.readable:
        return [UNREADABLE, *_needs(impact)]
    needing, others = split(impact)
    if not needing:
        return []
    heading = (
        "*These stop working* until they have the new password and, outside a trusted network, "
        "the new token:"
        if password
        else "*These stop working* until they have the new token (except on a trusted network):"
    )
    return [heading, *map(_line, needing), *([] if others else _left_out(impact))]


def aside(impact: Impact | None, *, password: bool) -> list[str]:
    """List the other programs, and say how far the history reaches."""
    if impact is None or not impact.readable:
        return []
    _, others = split(impact)
    if not others:
        return _limits(impact)
    heading = (
        "No sign that these need the token. One that takes your password needs the new one:"
        if password
        else "No sign that these need the token:"
    )
    return [heading, *map(_line, others), *_left_out(impact), *_limits(impact)]


def split(impact: Impact) -> tuple[list[Application], list[Application]]:
    """Part the applications that need the token from the others, as many as are ever listed."""
    listed = impact.applications[:MOST_APPLICATIONS]
    return (
        [one for one in listed if one.needs_token],
        [one for one in listed if not one.needs_token],
    )


def _needs(impact: Impact | None) -> list[str]:
    if impact is None or not impact.needs:
        return []
    return [f"For IT: my Salesforce user lacks the permission {safe(impact.needs, 100)}."]


def _left_out(impact: Impact) -> list[str]:
    count = impact.more + max(0, len(impact.applications) - MOST_APPLICATIONS)
    return [f"And {count} more, not listed here."] if count else []


def _line(application: Application) -> str:
    many = "1 login" if application.logins == 1 else f"{application.logins} logins"
    name = safe(application.name, 120) or "Unnamed application"
    return f"• {name}: {many}, the last on {when(application.last_login, 'date')}"


def _limits(impact: Impact) -> list[str]:
    if impact.read_back_to:
        back = when(impact.read_back_to, "date")
        return [f"There were so many logins that I read back to {back} only."]
    return [
        f"Seen in the last {impact.days} days; a job that runs once a quarter may not be in here."
    ]
