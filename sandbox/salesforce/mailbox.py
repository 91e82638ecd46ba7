"""The mails that Salesforce would send, and how their texts read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.salesforce.users import User

TOKEN_SUBJECT = "Your new Salesforce security token"
PASSWORD_SUBJECT = "Finish resetting your Salesforce password"
SENDER = "support@salesforce.com"

_TOKEN = re.compile(r"Security token \(case-sensitive\): (\w{24,25})$", re.MULTILINE)
_LINK_CODE = re.compile(r"ChangePassword\?c=([\w-]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """A mail as it lies in the mailbox."""

    to: str
    subject: str
    sender: str
    text: str
    sent_at: datetime

    @property
    def security_token(self) -> str | None:
        """The token that this mail brings."""
        found = _TOKEN.search(self.text)
        return found[1] if found else None

    @property
    def link_code(self) -> str | None:
        """The single-use code in the link to choose a new password."""
        found = _LINK_CODE.search(self.text)
        return found[1] if found else None


def token_mail(user: User, sent_at: datetime) -> Mail:
    """The mail that brings a new security token."""
    text = (
        "We've reset your Salesforce security token. Append it to your password when you log in\n"
        "to the API or a desktop client from outside of your company's trusted networks.\n\n"
        f"Username: {user.username}\n"
        f"Security token (case-sensitive): {user.security_token}\n"
    )
    return Mail(user.email, TOKEN_SUBJECT, SENDER, text, sent_at)


def password_mail(user: User, origin: str, code: str, sent_at: datetime) -> Mail:
    """The mail with a link to choose a permanent password; it brings no token."""
    text = (
        "Your Salesforce password has been reset. Choose a new one within 24 hours:\n\n"
        f"Username: {user.username}\n"
        f"{origin}/_ui/system/security/ChangePassword?c={code}\n"
    )
    return Mail(user.email, PASSWORD_SUBJECT, SENDER, text, sent_at)
