"""The buttons below the warning: which there are, which stands out, what each asks once more."""

from slack_sdk.models.blocks import ButtonElement

from handlers.blocks import button, confirmation
from handlers.history_wording import no_token_login
from handlers.reset_wording import plain_place, went_ahead
from services.impact.model import Note
from services.orgs import ResetMethod
from services.resets.model import Reset


def buttons(reset: Reset, link: str | None) -> list[ButtonElement]:
    """Put the buttons in order. The one that fits most people in this case is the primary one."""
    cancel_first = bool(no_token_login(reset.impact)) and not reset.leaked
    it_first = _is_locked(reset) and not went_ahead(reset)
    row = [
        _reset_button(reset, link, prominent=not (cancel_first or it_first)),
        button("Cancel", "reset.cancel", reset.id, style="primary" if cancel_first else None),
    ]
    if it_first:  # a new token isn't known to unlock the user, and IT does
        row.insert(0, button("Ask IT first", "reset.ask_it", reset.id, style="primary"))
    elif not went_ahead(reset):
        row.append(button("Ask IT first", "reset.ask_it", reset.id))
    return row


def _is_locked(reset: Reset) -> bool:
    """Whether the user is locked out, and this reset isn't known to unlock it."""
    locked = reset.impact is not None and Note.LOCKED in reset.impact.notes
    return locked and reset.method is not ResetMethod.PASSWORD


def _reset_button(reset: Reset, link: str | None, *, prominent: bool) -> ButtonElement:
    org = plain_place(reset)
    if reset.method is ResetMethod.PASSWORD:
        # Red whatever the history says: it takes the person's own login away as well.
        return button(
            "Reset my password and token",
            "reset.confirm",
            reset.id,
            style="danger",
            confirm=confirmation(
                "Reset your password and token?",
                f"Both stop working in {org} at once. You can't log in with a password until you "
                "have set a new one from the mailed link.",
                yes="Reset both",
                no="Not now",
                style="danger",
            ),
        )
    if reset.method is ResetMethod.GUIDED:
        return button(
            "Open Salesforce",
            "reset.confirm",
            reset.id,
            style="primary" if prominent else None,
            url=link,
            confirm=confirmation(
                "Go to Salesforce?",
                f"Nothing changes in {org} until you press Reset Security Token there.",
                yes="Open Salesforce",
                no="Not now",
            ),
        )
    # Green only for somebody who was seen to need it. Not red: it is what they came for, and a
    # colour that warns each time warns of nothing.
    seen = reset.leaked or (reset.impact is not None and reset.impact.token_logins_seen)
    return button(
        "Reset my token",
        "reset.confirm",
        reset.id,
        style="primary" if seen and prominent else None,
        confirm=confirmation(
            "Reset your security token?",
            f"Your old token stops working in {org} at once. Programs that use it fail until you "
            "give them the new one.",
            yes="Reset my token",
            no="Not now",
        ),
    )
