"""That a follow-up can't read the logins any more, or couldn't to its end."""

from handlers.wording import safe, when
from services.follow_ups.model import FollowUp


def cant_read(follow_up: FollowUp) -> str:
    """Say since when it can't, while it keeps trying. Empty while it can."""
    if follow_up.unreadable_since is None:
        return ""
    return (
        f"Since {when(follow_up.unreadable_since, 'date_time')} I can't read the logins, so I "
        f"tick nothing off. I keep trying.{_needs(follow_up)}"
    )


def couldnt_read(follow_up: FollowUp) -> str:
    """Say since when it couldn't, once it is over. Empty where it could to the end."""
    if follow_up.unreadable_since is None:
        return ""
    return (
        f"Since {when(follow_up.unreadable_since, 'date_time')} I couldn't read the logins, so I "
        f"don't know what came after.{_needs(follow_up)}"
    )


def _needs(follow_up: FollowUp) -> str:
    if not follow_up.needs:
        return ""
    return f" For IT: my Salesforce user lacks the permission {safe(follow_up.needs, 100)}."
