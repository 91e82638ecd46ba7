"""What the login history says, in lines: which programs need the token, and what isn't known."""

from handlers.wording import safe, when
from services.impact import MOST_APPLICATIONS, Application, Impact

UNREADABLE = "I couldn't read the login history. Assume that something breaks."


def impact_lines(impact: Impact | None, *, password: bool) -> list[str]:
    """Describe the applications seen, those that need the token first."""
    if impact is None or not impact.readable:
        return [UNREADABLE, *_needs(impact)]
    days = f"the last {impact.days} days"
    if not impact.applications:
        return [
            f"*Programs seen in {days}*",
            f"None seen in {impact.days} days.",
            *_limits(impact),
        ]
    needing, others = split(impact)
    left_out = impact.more + len(impact.applications) - len(needing) - len(others)
    return [
        f"*Programs seen in {days}*",
        *_needing(needing, password=password),
        *_others(others, password=password),
        *([f"And {left_out} more, not listed here."] if left_out else []),
        *_limits(impact),
    ]


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


def _needing(applications: list[Application], *, password: bool) -> list[str]:
    if not applications:
        return ["I saw no login by token."]
    heading = (
        "These log in with your password. They stop working until they have the new password and, "
        "outside a trusted network, the new token:"
        if password
        else "These log in with your password and, outside a trusted network, your token. There "
        "they stop working until they have the new token:"
    )
    return [heading, *map(_line, applications)]


def _others(applications: list[Application], *, password: bool) -> list[str]:
    if not applications:
        return []
    heading = "No sign in the login history that these need the token:"
    if password:
        heading = (
            "No sign in the login history that these need the token. "
            "One that takes your password needs the new password:"
        )
    return [heading, *map(_line, applications)]


def _line(application: Application) -> str:
    many = "1 login" if application.logins == 1 else f"{application.logins} logins"
    name = safe(application.name, 120) or "Unnamed application"
    return f"• {name}: {many}, the last on {when(application.last_login, 'date')}"


def _limits(impact: Impact) -> list[str]:
    if impact.read_back_to:
        back = when(impact.read_back_to, "date")
        return [
            (
                f"There were so many logins that I read back to {back} only; "
                "rarer jobs are not in here."
            )
        ]
    return ["A job that runs once a quarter may not be in here."]
