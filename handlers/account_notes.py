"""What is special about an account: first what is urgent, then why a reset may not be needed."""

from handlers.integration_words import name
from handlers.wording import code, when
from services.impact.model import FailedLately, Impact, Note

LOCKED = (
    "*This Salesforce user is locked* after too many failed logins: until it is unlocked, every "
    "login with its password fails, whatever the token is. Stop the program that keeps trying "
    "first."
)

_UNLOCKING = "A new token isn't known to unlock it; a Salesforce admin can, in Setup."

_NOTES = {
    Note.API_ONLY: (
        "*API Only:* programs log in as this user, and people can't. Whoever looks after those "
        "programs needs to be ready before the reset."
    ),
    Note.MFA_FOR_API: (
        "*MFA for API logins:* programs of this user probably send an authenticator code in place "
        "of the token, so a new token may change nothing."
    ),
    Note.LOGIN_IP_RANGES: (
        "*Login IP ranges:* Salesforce refused logins because of where they came from, so this "
        "user's profile probably lists allowed addresses. Logins from these may need no token, so "
        "a new one may change nothing."
    ),
    Note.DELEGATED_SSO: (
        "*Delegated single sign-on:* another system checks this user's password, and Salesforce "
        "may refuse to reset it. Whether this user needs a token at all is unknown."
    ),
    Note.SSO_ONLY: (
        "*Single sign-on (SSO) only:* I saw no login with a password that succeeded, and SSO sends "
        "no token. A new token may change nothing."
    ),
}


def urgent(impact: Impact | None, *, password: bool) -> list[str]:
    """Say what can't wait for the rest: the account is locked, or may be soon."""
    if impact is None:
        return []
    lines = []
    if Note.LOCKED in impact.notes:
        # A reset of the password unlocks the user, and the warning says so where it says the rest.
        lines.append(LOCKED if password else f"{LOCKED} {_UNLOCKING}")
    if impact.failed_lately is not None:
        lines.append(_failed(impact.failed_lately, locked=Note.LOCKED in impact.notes))
    return lines


def notes(impact: Impact | None) -> list[str]:
    """Say what may make a reset pointless, a sentence or two each."""
    if impact is None:
        return []
    return [words for note, words in _NOTES.items() if note in impact.notes]


def _failed(lately: FailedLately, *, locked: bool) -> str:
    from_where = f" from {code(lately.address, 50)}" if lately.address else ""
    count = "login" if lately.count == 1 else f"{lately.count} logins"
    seen = (
        f"*The last {count} with a password failed*, the latest {when(lately.last_at, 'date_time')}"
        f" by {name(lately.application)}{from_where}"
    )
    if locked:
        return f"{seen}."
    return (
        f"{seen}: this user may be near a lock-out. Orgs lock after 3, 5 or 10 wrong ones. "
        "Pause whatever keeps trying before you do anything else."
    )
