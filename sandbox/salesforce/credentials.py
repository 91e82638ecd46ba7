"""Passwords and security tokens: checking them at a login, and resetting them."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from ipaddress import ip_address
from typing import TYPE_CHECKING

from sandbox.salesforce.mailbox import password_mail, token_mail
from sandbox.salesforce.records import Client, Login, ResetKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Network, IPv6Network

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.users import User


class Refusal(StrEnum):
    """Why a login was refused, as LoginHistory's Status words it."""

    PASSWORD = "Invalid Password"
    TOKEN = "Failed: API security token required"
    LOCKED = "Password Lockout"
    INACTIVE = "User is Inactive"
    FROZEN = "User Is Frozen"
    ADDRESS = "Restricted IP"


class LinkUsedError(Exception):
    """The link to choose a password was used before, or never existed."""


@dataclass(frozen=True)
class Attempt:
    """What became of a login by password: a login, or a refusal."""

    refusal: Refusal | None
    login: Login | None = None


def within(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    """Whether the address lies in one of the networks."""
    return any(ip_address(address) in network for network in networks)


def make_security_token() -> str:
    """24 or 25 letters and digits, with both cases and a digit, as Salesforce mails them."""
    alphabet = string.ascii_letters + string.digits
    length = secrets.choice((24, 25))
    must = [
        secrets.choice(each)
        for each in (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    ]
    letters = must + [secrets.choice(alphabet) for _ in range(length - len(must))]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def standing(user: User) -> Refusal | None:
    """Why this user can't log in by any means."""
    if not user.is_active:
        return Refusal.INACTIVE
    return Refusal.FROZEN if user.is_frozen else None


def judge(org: Org, user: User, secret: str, address: str, *, browser: bool) -> Refusal | None:
    """Why this user can't log in with this password, or password and token joined.

    A browser needs no security token, nor does an address that the org or the profile trusts.
    """
    barred = standing(user)
    if barred or user.is_password_locked:
        return barred or Refusal.LOCKED
    ranges = user.profile.login_ip_ranges
    if ranges and not within(address, ranges):
        return Refusal.ADDRESS
    given = secret.encode()
    if user.may("TwoFactorApi") and not browser:
        return _judge_with_code(user, given)
    if compare_digest(given, (user.password + user.security_token).encode()):
        return None
    if compare_digest(given, user.password.encode()):
        return None if browser or ranges or org.trusts(address) else Refusal.TOKEN
    return Refusal.PASSWORD


def _judge_with_code(user: User, given: bytes) -> Refusal | None:
    """The same for *MFA for API Logins*: a code stands in the token's place.

    That no address is excused from it, and how Status words a missing code, is made up.
    """
    if compare_digest(given, (user.password + user.authenticator_code).encode()):
        return None
    bare = compare_digest(given, user.password.encode())
    return Refusal.TOKEN if bare else Refusal.PASSWORD


def log_in(
    org: Org, username: str, secret: str, client: Client, address: str, *, browser: bool = False
) -> Attempt:
    """Try a login by password, write it down, and lock the user after too many wrong ones."""
    user = org.find_user(username)
    if user is None:
        return Attempt(Refusal.PASSWORD)
    refusal = judge(org, user, secret, address, browser=browser)
    login = org.record_login(user, client, address, refusal or "Success")
    if refusal is None:
        user.failed_logins = 0
        return Attempt(None, login)
    if refusal is Refusal.PASSWORD:
        user.failed_logins += 1
        if user.failed_logins >= org.lockout_after:
            user.is_password_locked = True
            user.login_changed = org.clock()
    return Attempt(refusal)


def reset_token(org: Org, user: User) -> None:
    """Void the user's security token and mail a new one."""
    user.security_token = make_security_token()
    org.record_reset(ResetKind.TOKEN, user)
    org.send(token_mail(user, org.clock()))


def reset_password(org: Org, by: User, user: User) -> str:
    """Void password and token, unlock, mail a link; return the temporary password, which works.

    The new token isn't mailed yet: that comes with the permanent password.
    """
    temporary = f"{secrets.token_hex(4)}!Tmp9"
    _set_password(org, user, temporary)
    user.password_expired = True
    code = secrets.token_urlsafe(24)
    org.password_links[code] = user
    org.record_setup_change(
        by,
        "resetpassword",
        "Manage Users",
        f"Reset password for user {user.username} ({user.name})",
    )
    org.record_reset(ResetKind.PASSWORD, user)
    org.send(password_mail(user, org.origin, code, org.clock()))
    return temporary


def choose_password(org: Org, code: str, new_password: str) -> None:
    """Set the permanent password of whom the link was mailed to. Raises `LinkUsedError`."""
    user = org.password_links.pop(code, None)
    if user is None:
        raise LinkUsedError
    _set_password(org, user, new_password)
    user.password_expired = False
    org.send(token_mail(user, org.clock()))


def _set_password(org: Org, user: User, password: str) -> None:
    """Every change of the password voids the security token, and unlocks."""
    user.password = password
    user.security_token = make_security_token()
    user.last_password_change = org.clock()
    user.is_password_locked = False
    user.failed_logins = 0
    user.login_changed = org.clock()
