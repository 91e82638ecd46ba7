"""What happens at Salesforce: the mails it sends, its users, and the programs that log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.salesforce.clients import TokenClient
from sandbox.salesforce.mailbox import TOKEN_SUBJECT
from sandbox.salesforce.records import ResetKind

if TYPE_CHECKING:
    from sandbox.salesforce.mailbox import Mail
    from sandbox.salesforce.org import Org
    from sandbox.salesforce.records import Login
    from sandbox.salesforce.timetable import Entry
    from sandbox.salesforce.users import User
    from sandbox.slack.model import Json

_NEWEST_LOGINS = 12
_NEWEST_MAILS = 20


def mails_to(orgs: dict[str, Org], address: str) -> list[Json]:
    """Return the mails to an address, newest first."""
    mails = [mail for org in orgs.values() for mail in org.mailbox(address)]
    mails.sort(key=lambda mail: mail.sent_at, reverse=True)
    return [_mail(mail) for mail in mails[:_NEWEST_MAILS]]


def _mail(mail: Mail) -> Json:
    return {
        "subject": mail.subject,
        "sender": mail.sender,
        "to": mail.to,
        "at": mail.sent_at.timestamp(),
        "text": mail.text,
        "token": mail.security_token,
    }


def users_of(org: Org) -> list[Json]:
    """Return the users of an org, each with what a reset may change."""
    return [_user(org, user) for user in org.users.values()]


def _user(org: Org, user: User) -> Json:
    logins = org.logins_of[user.id]
    sessions = [
        session
        for session in org.sessions.values()
        if session.user is user and org.session(session.token) is session
    ]
    return {
        "id": user.id,
        "name": user.name,
        "username": user.username,
        "profile": user.profile.name,
        "active": user.is_active,
        "frozen": user.is_frozen,
        "tokenVersion": _token_version(org, user),
        "password": _password(user),
        "failedLogins": user.failed_logins,
        "sessions": [
            {"kind": session.kind, "app": session.app, "at": session.created.timestamp()}
            for session in sessions
        ],
        "grants": [
            {"app": grant.app, "at": grant.created.timestamp()}
            for grant in org.grants
            if grant.user is user
        ],
        "loginCount": len(logins),
        "logins": [_login(login) for login in reversed(logins[-_NEWEST_LOGINS:])],
    }


def _token_version(org: Org, user: User) -> int:
    """Count a user's tokens: each reset voids one, and so does a password chosen after one."""
    resets = [reset.kind for reset in org.resets if reset.user_id == user.id]
    mailed = sum(
        mail.subject == TOKEN_SUBJECT and f"Username: {user.username}\n" in mail.text
        for mail in org.mails
    )
    return 1 + resets.count(ResetKind.PASSWORD) + mailed


def _password(user: User) -> str:
    if user.is_password_locked:
        return "locked"
    return "temporary" if user.password_expired else "set"


def _login(login: Login) -> Json:
    return {
        "id": login.id,
        "at": login.time.timestamp(),
        "application": login.client.application,
        "type": login.client.login_type,
        "address": login.source_ip,
        "status": login.status,
    }


def integrations_of(org: Org) -> list[Json]:
    """Return the programs that log in by themselves, and how their last login went."""
    return [_integration(name, entry) for name, entry in org.timetable.entries.items()]


def _integration(name: str, entry: Entry) -> Json:
    client = entry.client
    return {
        "name": name,
        "everyMinutes": entry.every.total_seconds() / 60,
        "keepsToken": isinstance(client, TokenClient) and bool(client.token),
        "works": None if entry.last is None else entry.is_green,
        "error": entry.last.error if entry.last else None,
        "at": entry.last_at.timestamp() if entry.last_at else None,
        "succeeded": entry.succeeded,
        "failed": entry.failed,
    }
