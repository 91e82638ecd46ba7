"""Pages as Salesforce Classic draws them: a header with forms of its own around the content."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

_HEADER = """\
<div id="AppBodyHeader">
<form action="/_ui/search/ui/UnifiedSearchResults" id="phSearchForm" method="get">
<input type="hidden" name="searchType" value="2"><input id="phSearchInput" name="str" type="text">
<input id="phSearchButton" type="submit" value="Search">
</form>
<a href="/secur/logout.jsp">Logout</a>
</div>"""

_FOOTER = """\
<form action="/_ui/feedback/Submit" id="feedback" method="post">
<input type="hidden" name="_CONFIRMATIONTOKEN" value="feedback-only">
<textarea name="comment">How are we doing?</textarea>
<input type="submit" name="send" value="Send Feedback">
</form>"""


def page(title: str, content: str, status: int = 200) -> HTMLResponse:
    """A whole page around `content`, which is HTML already."""
    return HTMLResponse(
        f"<!DOCTYPE html>\n<html lang=en><head><title>{escape(title)}</title></head>\n"
        f"<body class='setupTab'>\n{_HEADER}\n<div id='contentWrapper'>\n"
        f"<h1 class='pageType'>{escape(title)}</h1>\n{content}\n</div>\n{_FOOTER}\n</body></html>",
        status,
        {"Cache-Control": "no-cache, no-store"},
    )


def error_page(title: str, text: str, status: int = 200) -> HTMLResponse:
    """A page that says what is wrong, with the marks of Classic's error pages."""
    content = (
        f"<table id='error'><tr><td><span id='errorTitle'>{escape(title)}</span>"
        f"<div id='errorDesc'>{escape(text)}</div></td></tr></table>"
    )
    return page(title, content, status)


def login_page(start_url: str = "/", message: str = "") -> HTMLResponse:
    """The login page."""
    return HTMLResponse(
        "<!DOCTYPE html>\n<html lang=en><head><title>Login | Salesforce</title></head><body>"
        f"<div id='error' role='alert'>{escape(message)}</div>"
        "<form id='login_form' name='login' method='post' action='/'>"
        "<label>Username <input type='email' name='un' id='username'></label>"
        "<label>Password <input type='password' name='pw' id='password'></label>"
        f"<input type='hidden' name='startURL' value='{escape(start_url)}'>"
        "<input type='submit' id='Login' name='Login' value='Log In'></form></body></html>",
        headers={"Cache-Control": "no-cache, no-store"},
    )
