"""Find the reset form in a page and resolve it as a browser would: pure, and it sends nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urlencode, urljoin, urlsplit

from services.salesforce.errors import PageRefused
from services.salesforce.hosts import may_receive_token
from services.salesforce.markup import Control, Form, Page

BUTTON = "Reset Security Token"
PAGE_PATH = (
    "/_ui/system/security/ResetApiTokenEdit"
    "?retURL=%2Fui%2Fsetup%2FSetup%3Fsetupid%3DPersonalInfo&setupid=ResetApiToken"
)
"""The deep link's path, as seen in public code."""

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_NOT_SUBMITTED = {"submit", "button", "reset", "image"}


@dataclass(frozen=True, slots=True)
class ResetForm:
    """What pressing the button sends."""

    method: str
    action: str
    fields: tuple[tuple[str, str], ...]
    multipart: bool = False

    @property
    def url(self) -> str:
        """Where it goes; with GET the fields take the place of the action's query."""
        if self.method == "POST":
            return self.action
        return f"{self.action.partition('?')[0]}?{urlencode(self.fields)}"


def read(body: bytes, content_type: str = "") -> Page:
    """Read a page. PageRefused when that isn't possible."""
    try:
        return Page(_decoded(body, content_type))
    # The library asserts on some malformed declarations.
    except (AssertionError, ValueError, RecursionError):
        raise PageRefused("unreadable_page") from None


def reset_form(page: Page, url: str) -> ResetForm:
    """Return the form that owns the reset button. PageRefused says why there is none to use.

    A GET of ResetApiTokenConfirm is refused whoever asks for it.
    """
    button = _button(page)
    form = _owner(page, button)
    if form is None:
        raise PageRefused("no_form")
    method = _setting("method", button, form).lower()
    if method == "dialog":
        raise PageRefused("no_form")
    method = "POST" if method == "post" else "GET"
    action = _action(page, button, form, url)
    if not may_receive_token(action, url):
        raise PageRefused("offsite")
    if method == "GET" and resets_on_get(action):
        raise PageRefused("get_confirm")
    enctype = _setting("enctype", button, form).lower()
    return ResetForm(
        method=method,
        action=action,
        fields=tuple(_fields(page, form, button)),
        multipart=method == "POST" and enctype == _MULTIPART,
    )


def resets_on_get(url: str) -> bool:
    """Whether a plain GET of this URL is said to reset the token."""
    return "resetapitokenconfirm" in unquote(unquote(urlsplit(url).path)).lower()


def _button(page: Page) -> Control:
    found = [
        control
        for control in page.controls
        if control.tag == "input"
        and control.type == "submit"
        and control.attributes.get("value") == BUTTON
        and control.visible
        and not control.disabled
    ]
    if not found:
        raise PageRefused("no_button")
    # Classic pages show their buttons above and below; two forms would be a guess.
    if len({id(_owner(page, control)) for control in found}) > 1:
        raise PageRefused("several_buttons")
    return found[0]


def _owner(page: Page, control: Control) -> Form | None:
    named = control.attributes.get("form")
    return control.form if named is None else page.ids.get(named)


def _setting(name: str, button: Control, form: Form) -> str:
    own = button.attributes.get(f"form{name}")
    return (form.attributes.get(name, "") if own is None else own).strip()


def _action(page: Page, button: Control, form: Form, url: str) -> str:
    target = _setting("action", button, form)
    try:
        base = urljoin(url, (page.base_href or "").strip())
        return urldefrag(urljoin(base, target) if target else url).url
    except ValueError:
        raise PageRefused("bad_action") from None


def _fields(page: Page, form: Form, button: Control) -> Iterator[tuple[str, str]]:
    """Yield the successful controls in the order of the page, the button among them."""
    for control in page.controls:
        if _owner(page, control) is not form or control.disabled:
            continue
        name = control.attributes.get("name", "")
        if not name or (control is not button and control.type in _NOT_SUBMITTED):
            continue
        for value in _values(control, name):
            yield name, re.sub(r"\r\n|\r|\n", "\r\n", value)


def _values(control: Control, name: str) -> list[str]:
    if control.tag == "select":
        return _selected(control)
    if control.tag == "textarea":
        return [re.sub(r"\A(\r\n|\n)", "", control.text)]
    if control.type in {"checkbox", "radio"}:
        checked = "checked" in control.attributes
        return [control.attributes.get("value", "on")] if checked else []
    if control.type == "file":
        return [""]
    if control.type == "hidden" and name.lower() == "_charset_":
        return ["UTF-8"]
    return [control.attributes.get("value", "")]


def _selected(control: Control) -> list[str]:
    chosen = [option for option in control.options if "selected" in option.attributes]
    if "multiple" not in control.attributes:
        # One choice: the last one marked, or else the first that can be chosen.
        shown = [option for option in control.options if not option.disabled]
        chosen = chosen[-1:] or shown[:1]
    return [option.value for option in chosen if not option.disabled]


def _decoded(body: bytes, content_type: str) -> str:
    named = re.search(r"charset\s*=\s*[\"']?([\w-]{1,40})", content_type, re.IGNORECASE)
    meta = _META_CHARSET.search(body[:2048])
    charset = named[1] if named else meta[1].decode("ascii", "replace") if meta else "utf-8"
    try:
        return body.decode(charset, "replace").removeprefix("\ufeff")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")
