"""Why a reset can't go on, and what a failure at Salesforce means for it."""

from datetime import datetime

from services.resets.model import Reason
from services.salesforce.errors import (
    LimitReached,
    LoginRefused,
    NotPermitted,
    PageRefused,
    SalesforceError,
    Unavailable,
)

_PAGE_REASONS = {
    "api_only": Reason.API_ONLY,
    "expired_password": Reason.PASSWORD_EXPIRED,
}


class Refused(Exception):
    """The reset can't go on, for a reason that the person is told."""

    def __init__(
        self,
        reason: Reason,
        *,
        detail: str | None = None,
        available_at: datetime | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.available_at = available_at


def reason_for(error: SalesforceError) -> Reason:
    """Name the reason that a person is told. Holds for every error raised before an effect."""
    match error:
        case LimitReached():
            return Reason.SALESFORCE_LIMIT
        case Unavailable():
            return Reason.SALESFORCE_UNAVAILABLE
        case NotPermitted():
            return Reason.SALESFORCE_PERMISSION
        case PageRefused():
            return _PAGE_REASONS.get(error.code, Reason.PAGE_UNUSABLE)
        case LoginRefused():
            return Reason.SALESFORCE_LOGIN
        case _:
            return Reason.SALESFORCE_UNEXPECTED
