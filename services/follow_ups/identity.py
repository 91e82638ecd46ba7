"""Which of the watched integrations a login belongs to."""

import hashlib
from collections.abc import Callable, Sequence

from services.follow_ups.model import Item
from services.impact.logins import name_of, text_of, way_of_login
from services.impact.model import Way
from services.salesforce.records import Login

_LONGEST = 80
"""Characters kept of a name, as in the warning."""

MAY_SEND_TOKEN = frozenset({Way.SOAP_PASSWORD, Way.OAUTH_PASSWORD, Way.UNKNOWN})
"""Ways in which a program may log in with the password and the token."""

Kind = tuple[str, Way, str | None, str | None]
"""Name, way, API type and client version: what makes an integration one."""


def kind_of(item: Item) -> Kind:
    """Say what makes this item one integration."""
    return item.name, item.way, item.api_type, item.client_version


def kind_of_login(login: Login) -> Kind:
    """Say to which kind a login belongs, as the warning says it of its integrations."""
    name = name_of(login.application)[:_LONGEST]
    return name, way_of_login(login), _cut(login.api_type), _cut(login.client_version)


def find(items: Sequence[Item], kind: Kind) -> Item | None:
    """Find the item that a login of this kind belongs to; None where that isn't clear.

    First the very same kind. Then a program may have been updated, so one of the same name and
    way will do, whatever its version, if it is the only one. Last, where a program's logins were
    only counted before the reset, the way wasn't known: then the same program, API type and
    version will do, if it logs in with a password. Neither a refresh token nor a person in the
    browser shows that the program has the new token. A way that was read and not recognised is no
    such way: a login that is recognised is another's.

    A guess among several would tick off a program that never logged in.
    """
    name, way, api_type, version = kind
    same: tuple[Callable[[Item], bool], ...] = (
        lambda item: kind_of(item) == kind,
        lambda item: (item.name, item.way, item.api_type) == (name, way, api_type),
        lambda item: (item.name, item.way) == (name, way),
        lambda item: (
            not item.flow_read
            and way in MAY_SEND_TOKEN
            and kind_of(item) == (name, Way.UNKNOWN, api_type, version)
        ),
    )
    for matches in same:
        found = [item for item in items if matches(item)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def item_ids(reset_id: str, kind: Kind) -> tuple[str, str]:
    """Make the ids of an item and of its *Don't follow this*, the same ones each time.

    As hard to guess as the reset's own id, and nothing about the program can be read from them.
    """
    return _digest("item", reset_id, kind), _digest("dismiss", reset_id, kind)


def _digest(use: str, reset_id: str, kind: Kind) -> str:
    return hashlib.sha256(repr((use, reset_id, *map(str, kind))).encode()).hexdigest()[:32]


def _cut(text: str | None) -> str | None:
    known = text_of(text)
    return known and known[:_LONGEST]
