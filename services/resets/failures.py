"""What a failure at Salesforce means for a reset, decided from its kind alone."""

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
