"""`doctor`: what a refusal by Salesforce means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.doctor_lines import fault
from services.salesforce.errors import LimitReached, NotPermitted, PageRefused, Unavailable

if TYPE_CHECKING:
    from bot.doctor_lines import Line
    from services.salesforce.errors import SalesforceError

_CONSUMER: Final = "Compare the consumer key with the External Client App's."
_REMEDIES: Final = {
    "audience_invalid": "Set SALESFORCE_LOGIN_URL to where this org's users log in: production or"
    " sandbox.",
    "bad_private_key": "Give an RSA private key in PEM.",
    "inactive_org": "The org is locked or has expired; ask Salesforce.",
    "inactive_user": "Activate the user in Salesforce.",
    "invalid_app_access": "Allow the user to use the External Client App (its policies).",
    "invalid_assertion": "Upload the certificate of this private key to the External Client App.",
    "assertion_expired": "Set this machine's clock.",
    "invalid_client": _CONSUMER,
    "invalid_client_id": _CONSUMER,
    "invalid_grant": "Check the username, the certificate and who is pre-authorised.",
    "ip_restricted": "Let this machine's address in: the app's and the user's IP ranges.",
    "not_preauthorised": "Pre-authorise the user for the External Client App, by a permission set.",
    "unauthorized_client": "Turn the JWT bearer flow on in the External Client App.",
    # Why the reset page can't be used.
    "api_only": "Take the permission API Only User from the test user: it has no pages.",
    "expired_password": "Log in as the test user once and choose a new password.",
    "insufficient_privileges": "The test user may not open the page: look at its profile's login"
    " IP ranges.",
    "login_page": "Give the app the scope web; a session policy of high assurance blocks it too.",
    "no_ui_session": "Give the app the scope web; a session policy of high assurance blocks it"
    " too.",
}
_OTHER_PAGE: Final = (
    "The page isn't what the bot knows, and it touches no other: set SALESFORCE_RESET_METHOD=guided"
    " and report it."
)
_OTHER: Final = "Look at the user's login history in Salesforce's Setup."


def salesforce_fault(subject: str, doing: str, error: SalesforceError) -> Line:
    """Tell of something that Salesforce refused, or of an answer that never came."""
    if isinstance(error, LimitReached):
        return fault(
            subject,
            f"{doing}: the org has used up its API requests.",
            "Wait, or ask for a higher limit.",
        )
    if isinstance(error, Unavailable):
        return fault(
            subject,
            f"{doing}: no good answer ({error.code}).",
            "Try again in a minute; check SALESFORCE_LOGIN_URL and the network.",
        )
    if isinstance(error, NotPermitted):
        return fault(
            subject,
            f"{doing}: not permitted ({error.code}).",
            f"Give the integration user the permission {error.needs}.",
        )
    other = _OTHER_PAGE if isinstance(error, PageRefused) else _OTHER
    remedy = _REMEDIES.get(error.code, other)
    return fault(subject, f"{doing}: refused ({error.code}).", remedy)
