"""Why a step failed or isn't known, in words, from the codes that steps carry."""

from handlers.case_wording import RUNBOOK
from handlers.wording import code, safe
from services.cases.steps import Step, StepKind

_PERMISSION = "my Salesforce user lacks a permission"
_STRANGE = "Salesforce gave an answer that I don't understand"

_OURS = {
    "last_admin": (
        "this is the last active admin that I can see; frozen, nobody would be left to help"
    ),
    "admins_unreadable": (
        "I couldn't read whether there is another active admin, and I never freeze the last one"
    ),
    "own_user": "that is the Salesforce user that I work with myself, and I never touch it",
    "org_not_configured": "this org isn't in my settings any more",
    "gave_up": "I tried several times and stopped",
    "not_replicated": (
        "the store that I keep notes in couldn't copy this one in time, and without it I begin "
        "nothing"
    ),
    "interrupted": "I was stopped in the middle of it",
    "password_not_reset": (
        "the suspected password was not reset, and whoever has it would be let in too"
    ),
    "internal": "I made a mistake of my own; the log has this report's reference",
    "still_open": "read back afterwards, some are still there",
    "not_frozen": "Salesforce took the request, but read back, the user is not frozen",
    "still_frozen": "Salesforce took the request, but read back, the user is still frozen",
}
"""Causes found here, without or after a request."""

_FAMILIES = {
    "Salesforce didn't answer, or not in full": (
        "connect_timeout connect_failed read_timeout tls_failed connection_broken not_json"
    ),
    "Salesforce was too busy": (
        "UNABLE_TO_LOCK_ROW SERVER_UNAVAILABLE QUERY_TIMEOUT http_408 http_429"
    ),
    "your organisation has used up its Salesforce requests for now": "REQUEST_LIMIT_EXCEEDED",
    _PERMISSION: (
        "API_CURRENTLY_DISABLED API_DISABLED_FOR_ORG FUNCTIONALITY_NOT_ENABLED INSUFFICIENT_ACCESS "
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY INSUFFICIENT_ACCESS_OR_READONLY "
        "INVALID_TYPE http_403 sessions_hidden grants_hidden locks_hidden"
    ),
    "Salesforce says that there is no such user, or doesn't show it to me": (
        "ENTITY_IS_DELETED INVALID_CROSS_REFERENCE_KEY NOT_FOUND http_404 no_user no_login_row"
    ),
    "Salesforce says that a user is inactive: this one, or my own": "inactive_user",
    "Salesforce didn't let me in": (
        "http_401 invalid_app_access invalid_client invalid_client_id invalid_grant "
        "invalid_request unauthorized_client unsupported_grant_type not_preauthorised "
        "audience_invalid invalid_assertion assertion_expired ip_restricted bad_private_key"
    ),
}
"""What `services/salesforce` says, by what it means to whoever reads it."""

_WORDS = _OURS | {one: words for words, codes in _FAMILIES.items() for one in codes.split()}

_BY_HAND = {
    "password_not_reset": "Let the password be reset first: try that step again.",
    "last_admin": "Make a second user an admin in Salesforce, then try again.",
    "own_user": f"If the bot itself is suspected: {RUNBOOK}.",
    "org_not_configured": f"Do it by hand in Salesforce: {RUNBOOK}.",
}


def why(step: Step) -> str:
    """Say why, without a full stop, and with the code that the log has. Empty without a code."""
    if step.code is None:
        return ""
    no_answer = step.code.startswith("http_5")
    words = _WORDS.get(step.code) or (_WORDS["read_timeout"] if no_answer else _STRANGE)
    lacking = f": *{safe(step.needs, 100)}*" if step.needs else ""
    if lacking and words is not _PERMISSION:
        lacking = f"; {_PERMISSION}{lacking}"
    known_as = "" if step.code in _OURS else f" ({code(step.code, 60)})"
    return f"{words}{lacking}{known_as}"


def is_ours(step: Step) -> bool:
    """Whether the cause lies here, and not in an answer of Salesforce's."""
    return step.code in _OURS


def changed(step: Step) -> str:
    """Say whether a failed step has changed anything. Empty where its cause says so already."""
    if step.kind in {StepKind.SESSIONS, StepKind.GRANTS}:
        return _ended(step)
    if step.code in {"not_frozen", "still_frozen"}:
        return ""
    return "Nothing was changed by it."


def what_to_do(step: Step) -> str:
    """Say what helps beside another try. Empty where there is nothing."""
    if step.code in _BY_HAND:
        return _BY_HAND[step.code]
    return "Grant it, then try again." if step.needs else ""


def _ended(step: Step) -> str:
    verb = "ended" if step.kind is StepKind.SESSIONS else "revoked"
    if step.taken_over:
        left = "" if step.left is None else f" {step.left:,} still there."
        return f"I was stopped in the middle of it, so how many were {verb} I can't say.{left}"
    if step.count is None:
        return f"None was {verb}."
    if step.left is None:
        return f"{step.count:,} {verb}. How many are left isn't known."
    return f"{step.count:,} {verb}, {step.left:,} still there."
