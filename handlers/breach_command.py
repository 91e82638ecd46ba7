"""Reads what stands behind `/reset-token breach`."""

import re
from dataclasses import dataclass

_PERSON = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>\s*(.*)", re.DOTALL)
_ADDRESS = re.compile(
    r"(?:<mailto:[^|>\s]+\|)?([^\s<>|@]{1,80}@[^\s<>|@]{0,79}[^\s<>|@,;:.])>?[,;:.]*"
    r"(?:\s+(.*)|\s*)\Z",
    re.DOTALL,
)
"""A Salesforce username has the shape of an address, and Slack makes a link of one."""

_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
"""How Slack sends three of the characters that are typed behind a command."""


@dataclass(frozen=True)
class Said:
    """Whom, where and why, as far as it was said."""

    person: str | None = None
    username: str | None = None
    org: str | None = None
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing has to be asked."""
        return bool((self.person or self.username) and self.reason)


def read(text: str, orgs: tuple[str, ...]) -> Said:
    """Read `[org] @person reason…` or `[org] username reason…`.

    Args:
        text: what was typed behind `breach`; people arrive as `<@U…|name>`.
        orgs: the names of the orgs.
    """
    text = text.strip()
    first, _, rest = text.partition(" ")
    org = first.casefold() if first.casefold() in orgs else None
    text = rest.strip() if org else text
    if person := _PERSON.match(text):
        return Said(person=person[1], org=org, reason=_as_typed(person[2]))
    if address := _ADDRESS.match(text):
        return Said(username=address[1], org=org, reason=_as_typed(address[2] or ""))
    return Said(org=org, reason=_as_typed(text))


def _as_typed(text: str) -> str:
    for sent, typed in _ESCAPED:
        text = text.replace(sent, typed)
    return text.strip()
