"""The address of a message in Slack."""

import re

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CONVERSATION = re.compile(r"[CDG][A-Z0-9]{2,20}")
_TS = re.compile(r"([0-9]{1,12})\.([0-9]{6})")


def permalink(team_domain: str | None, channel: str, ts: str) -> str | None:
    """Put together the address that `chat.getPermalink` answers with (documented by example).

    None where a part isn't of the form that Slack gives it, so that nothing else gets into a link.
    """
    moment = _TS.fullmatch(ts)
    known = team_domain is not None and _DOMAIN.fullmatch(team_domain)
    if not known or not _CONVERSATION.fullmatch(channel) or moment is None:
        return None
    return f"https://{team_domain}.slack.com/archives/{channel}/p{moment[1]}{moment[2]}"
