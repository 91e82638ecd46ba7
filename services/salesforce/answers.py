"""Tell what a page of Salesforce says: why it can't be used, or that a new token was mailed."""

import re
from urllib.parse import urlsplit

from services.salesforce.hosts import is_login_page
from services.salesforce.markup import Page
from services.salesforce.page import BUTTON

_MARKS = {
    "insufficient privileges": "insufficient_privileges",
    "url no longer exists": "url_gone",
}
_SENT_TO_LOG_IN = re.compile(r"(?:^|&)(?:ec|startURL)=")
_ADDRESS = r"[^\s@<>()\[\]\"',;:]+@[^\s@<>()\[\]\"',;:]+\.[a-z*]{2,}"
_MAILED = re.compile(
    r"\b(?:was|were|has been|have been|has just been|we(?:'ve|\u2019ve| have)?(?: just)?"
    r"|security token)(?: successfully)? (?:e-?mailed|mailed|sent)\b",
    re.IGNORECASE,
)
_NOT_SO = re.compile(
    r"\b(?:no|not|never|nothing|if|when|unless|until|would|could|cannot)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?:](?=\s)|\n")
# How far from the words "was mailed" the token and the address may stand, in characters.
_NEAR = 200


def refusal_of(page: Page, url: str) -> str | None:
    """Name what keeps a page that was shown before the submit from being used, or None."""
    place = place_of(url)
    if place is not None:
        return place
    if page.complaint:
        return _marked(page.complaint) or "page_error"
    if _has_button(page):
        return None
    if any(control.type == "password" for control in page.controls):
        return "login_page"
    return _marked(page.text) or "no_button"


def place_of(url: str) -> str | None:
    """Name a place to which Salesforce sends those whom it won't show the page, or None."""
    parts = urlsplit(url)
    path = parts.path.lower()
    if path.startswith("/_ui/system/security/changepassword"):
        return "expired_password"
    if is_login_page(url):
        return "login_page"
    if path.startswith("/login") or (path in {"", "/"} and _SENT_TO_LOG_IN.search(parts.query)):
        return "login_page"
    return None


def says_mailed(page: Page, url: str) -> bool:
    """Whether a page says that a new security token was mailed, and to which address.

    The page's exact words are undocumented, so they are asked for together: something was mailed
    or sent, a security token, and an address, close to each other; not denied or conditional in
    that sentence; no error, and no reset button, which is what a form shown again would have.
    """
    if place_of(url) is not None or page.complaint or _has_button(page):
        return False
    text = page.text
    if _marked(text):
        return False
    return any(_names_token_and_address(text, found) for found in _MAILED.finditer(text))


def _names_token_and_address(text: str, mailed: re.Match[str]) -> bool:
    start = max((end.end() for end in _SENTENCE_END.finditer(text, 0, mailed.start())), default=0)
    stop = _SENTENCE_END.search(text, mailed.end())
    if _NOT_SO.search(text[start : stop.start() if stop else len(text)]):
        return False
    near = text[max(0, mailed.start() - _NEAR) : mailed.end() + _NEAR]
    return "security token" in near.lower() and bool(re.search(_ADDRESS, near, re.IGNORECASE))


def _has_button(page: Page) -> bool:
    return any(
        control.type == "submit" and control.attributes.get("value") == BUTTON
        for control in page.controls
    )


def _marked(text: str) -> str | None:
    low = text.lower()
    return next((code for words, code in _MARKS.items() if words in low), None)
