"""What whoever drives the sandbox by hand can see and do: read mail, look after integrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from sandbox.salesforce.answers import form, org_of
from sandbox.salesforce.timetable import NoTokenError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.salesforce.timetable import Entry, Timetable


async def mailbox(request: Request) -> Response:
    """The mails to an address."""
    mails = org_of(request).mailbox(request.path_params["address"])
    return PlainTextResponse(
        "\n".join(f"{mail.subject}\n\n{mail.text}" for mail in mails) or "No mail.\n"
    )


async def integrations(request: Request) -> Response:
    """GET: the integrations and how their last login went. POST: let all log in now, first."""
    timetable = org_of(request).timetable
    if request.method == "POST":
        await timetable.all_log_in()
    return PlainTextResponse(_listed(timetable))


async def paste_token(request: Request) -> Response:
    """POST: put the security token in field `token` into an integration, and let it log in."""
    timetable = org_of(request).timetable
    wanted = request.path_params["name"]
    name = next((each for each in timetable.entries if wanted in (each, slug(each))), None)
    if name is None:
        return PlainTextResponse(f"There is no integration {wanted}.\n", 404)
    token = (await form(request)).get("token", "").strip()
    if not token:
        return PlainTextResponse("Send the token in the field token.\n", 400)
    try:
        timetable.paste_token(name, token)
    except NoTokenError:
        return PlainTextResponse(f"{name} keeps no security token.\n", 400)
    await timetable.log_in(name)
    return PlainTextResponse(_line(name, timetable.entries[name]))


def slug(name: str) -> str:
    """The name as it is written in an address: `data-loader`."""
    return name.lower().replace(" ", "-")


def _listed(timetable: Timetable) -> str:
    lines = [_line(name, entry) for name, entry in timetable.entries.items()]
    return "".join(lines) or "No integrations.\n"


def _line(name: str, entry: Entry) -> str:
    if entry.last is None or entry.last_at is None:
        return f"        {slug(name):<14} has not logged in yet\n"
    colour = "green" if entry.is_green else "red"
    said = "logged in" if entry.is_green else entry.last.error
    return (
        f"{colour:<6}  {slug(name):<14} {entry.last_at:%H:%M:%S}  {said}"
        f"  ({entry.succeeded} worked, {entry.failed} didn't)\n"
    )
