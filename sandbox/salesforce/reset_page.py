"""The page *Reset My Security Token* as HTML, in the shapes that it may turn out to have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape

FOLDER = "/_ui/system/security"
CONFIRM = f"{FOLDER}/ResetApiTokenConfirm"
ELSEWHERE = f"{FOLDER}/TokenResetRequest"
BUTTON = "Reset Security Token"


class Variant(StrEnum):
    """What the page is like. Its real HTML is undocumented, so a client must bear them all."""

    CLASSIC = "classic"
    GET_METHOD = "get_method"
    """The form uses GET, to another path than the confirm page."""
    GET_CONFIRM = "get_confirm"
    """The form uses GET, to the confirm page itself."""
    RENAMED = "renamed"
    """Another action, and other names for the fields."""
    RELATIVE_ACTION = "relative_action"
    FORM_ACTION = "form_action"
    """The button's own `formaction` and `formmethod` are what counts."""
    OUTSIDE_BUTTON = "outside_button"
    """The button stands outside its form and names it in its `form` attribute."""
    TWO_BUTTONS = "two_buttons"
    """The same button above and below, as Classic's pages have."""
    NO_BUTTON = "no_button"
    OFFSITE_ACTION = "offsite_action"
    INSUFFICIENT_PRIVILEGES = "insufficient_privileges"
    URL_NO_LONGER_EXISTS = "url_no_longer_exists"
    EXPIRED_PASSWORD = "expired_password"
    REFUSED = "refused"
    """The submit changes nothing and answers with an error page."""
    ODD_ANSWER = "odd_answer"
    """The submit resets, but its answer says nothing about it."""


@dataclass(frozen=True)
class ResetPage:
    """Which shape the org's reset page has."""

    variant: Variant = Variant.CLASSIC

    @property
    def method(self) -> str:
        """With which method the form is sent."""
        return "get" if self.variant in (Variant.GET_METHOD, Variant.GET_CONFIRM) else "post"

    @property
    def path(self) -> str:
        """Where the form is sent."""
        elsewhere = self.variant in (Variant.GET_METHOD, Variant.RENAMED)
        return ELSEWHERE if elsewhere else CONFIRM

    def name(self, field: str) -> str:
        """What a field is called."""
        return f"p3_{field.strip('_').lower()}" if self.variant is Variant.RENAMED else field

    def fields(self, confirmation_token: str, ret_url: str) -> dict[str, str]:
        """Everything that must arrive with a submit, and nothing else may."""
        fields = {
            "_CONFIRMATIONTOKEN": confirmation_token,
            "cancelURL": "/ui/setup/Setup?setupid=PersonalInfo",
            "retURL": ret_url,
            "setupid": "ResetApiToken",
            "notify": "1",
            "language": "en_US",
            "note": "",
            "resetToken": BUTTON,
        }
        return {self.name(field): value for field, value in fields.items()}

    def html(self, confirmation_token: str, ret_url: str) -> str:
        """The content of the page: what it warns of, and the form."""
        return (
            "<p>When you access Salesforce from an IP address that is outside your company's"
            " trusted IP range using a desktop client or the API, you need a security token to"
            " log in. Clicking the button invalidates your existing token.</p>\n"
            + self._form(confirmation_token, ret_url)
        )

    def _form(self, confirmation_token: str, ret_url: str) -> str:
        values = self.fields(confirmation_token, ret_url)
        hidden = "\n".join(
            f'<input type="hidden" name="{escape(self.name(field))}"'
            f' value="{escape(values[self.name(field)])}">'
            for field in ("_CONFIRMATIONTOKEN", "cancelURL", "retURL", "setupid")
        )
        visible = f"""\
<input type="checkbox" name="{self.name("notify")}" value="1" checked>
<input type="checkbox" name="{self.name("subscribe")}" value="1">
<input type="text" name="{self.name("legacy")}" value="x" disabled>
<select name="{self.name("language")}"><option value="de">Deutsch</option>
<option value="en_US" selected>English</option></select>
<textarea name="{self.name("note")}"></textarea>"""
        cancel = f'<input type="submit" class="btn" name="{self.name("cancel")}" value="Cancel">'
        form = (
            f'<form id="editPage" name="editPage" action="{self._action()}"'
            f' method="{self._form_method()}">\n'
        )
        button = self._button()
        if self.variant is Variant.OUTSIDE_BUTTON:
            return f"{button}\n{form}{hidden}\n{visible}\n{cancel}\n</form>"
        above = button if self.variant is Variant.TWO_BUTTONS else ""
        return f"{form}{above}{hidden}\n{visible}\n{button}\n{cancel}\n</form>"

    def _button(self) -> str:
        if self.variant is Variant.NO_BUTTON:
            return ""
        more = ""
        if self.variant is Variant.FORM_ACTION:
            more = f' formaction="{self.path}" formmethod="post"'
        if self.variant is Variant.OUTSIDE_BUTTON:
            more = ' form="editPage"'
        name = self.name("resetToken")
        return f'<input type="submit" class="btn" name="{name}" value="{BUTTON}"{more}>'

    def _action(self) -> str:
        match self.variant:
            case Variant.RELATIVE_ACTION:
                return CONFIRM.rpartition("/")[2]
            case Variant.OFFSITE_ACTION:
                return f"https://reset.elsewhere.example{CONFIRM}"
            case Variant.FORM_ACTION:
                return f"{FOLDER}/Preview"
        return self.path

    def _form_method(self) -> str:
        return "get" if self.variant is Variant.FORM_ACTION else self.method
