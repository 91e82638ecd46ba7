"""What is special about an account: first what is urgent, then why a reset may not be needed."""

from handlers.integration_words import name
from handlers.wording import code, when
from services.impact.model import FailedLately, Impact, Note

_LOCKED = (
    "*{This} Salesforce user is locked* after too many failed logins: until it is unlocked, every "
    "login with its password fails, whatever the token is. Stop the program that keeps trying "
    "first."
)

_UNLOCKING = "A new token isn't known to unlock it; a Salesforce admin can, in Setup."

_NOTES = {
    Note.API_ONLY: (
        "*API Only:* programs log in as {this} Salesforce user, and people can't. Whoever looks "
        "after those programs needs to be ready before the reset."
    ),
    Note.MFA_FOR_API: (
        "*MFA for API logins:* {whose} programs probably send an authenticator code in place of "
        "the token, so a new token may change nothing."
    ),
    Note.LOGIN_IP_RANGES: (
        "*Login IP ranges:* Salesforce refused logins because of where they came from, so {whose} "
        "profile probably lists allowed addresses. Logins from these may need no token, so a new "
        "one may change nothing."
    ),
    Note.DELEGATED_SSO: (
        "*Delegated single sign-on:* another system checks {whose} password, and Salesforce may "
        "refuse to reset it. Whether {who} a token at all is unknown."
    ),
    Note.SSO_ONLY: (
        "*Single sign-on (SSO) only:* I saw no login with a password that succeeded, and SSO sends "
        "no token. A new token may change nothing."
    ),
}

_YOU = {"This": "Your", "this": "your", "whose": "your", "who": "you need"}
_THEY = {"This": "This", "this": "this", "whose": "this user's", "who": "this user needs"}


def urgent(impact: Impact | None, *, password: bool, yours: bool = False) -> list[str]:
    """Say what can't wait for the rest: the account is locked, or may be soon.

    Args:
        impact: None where it wasn't read.
        password: whether the reset takes the password too.
        yours: whether the person reads this, and not IT.
    """
    if impact is None:
        return []
    lines = []
    if Note.LOCKED in impact.notes:
        locked = _LOCKED.format_map(_YOU if yours else _THEY)
        # A reset of the password unlocks the user, and the warning says so where it says the rest.
        lines.append(locked if password else f"{locked} {_UNLOCKING}")
    if impact.failed_lately is not None:
        is_locked = Note.LOCKED in impact.notes
        lines.append(_failed(impact.failed_lately, locked=is_locked, yours=yours))
    return lines


def notes(impact: Impact | None, *, yours: bool = False) -> list[str]:
    """Say what may make a reset pointless, a sentence or two each."""
    if impact is None:
        return []
    words = _YOU if yours else _THEY
    return [said.format_map(words) for note, said in _NOTES.items() if note in impact.notes]


def _failed(lately: FailedLately, *, locked: bool, yours: bool) -> str:
    from_where = f" from {code(lately.address, 50)}" if lately.address else ""
    seen = (
        f"*The last {lately.count:,} logins with a password failed*, the latest "
        f"{when(lately.last_at, 'date_time')} by {name(lately.application)}{from_where}"
    )
    if locked:
        return f"{seen}."
    near = "your Salesforce user" if yours else "this user"
    return (
        f"{seen}: {near} may be near a lock-out. Orgs lock after 3, 5 or 10 wrong ones. "
        "Pause whatever keeps trying before you do anything else."
    )
