"""Drive people by hand with curl: type, press, choose, fill in, write, and look at their screen.

A field that is given several times is a choice of several options.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.slack.elements_in_use import NotVisible
from sandbox.slack.screen_of import screen_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from sandbox.slack.actor import Actor
    from sandbox.slack.shown import Shown
    from sandbox.slack.workspace import Workspace

    Form = dict[str, list[str]]
    Deed = Callable[[Actor, Form], Awaitable[object]]


async def _type(actor: Actor, form: Form) -> object:
    return await actor.types(form["text"][-1], _channel(form))


async def _press(actor: Actor, form: Form) -> object:
    return await actor.presses(form["button"][-1])


async def _select(actor: Actor, form: Form) -> object:
    options = [int(one) if one.isdecimal() else one for one in form["option"]]
    return await actor.selects(form["menu"][-1], options if len(options) > 1 else options[0])


async def _submit(actor: Actor, form: Form) -> object:
    return await actor.submits(
        {name: given if len(given) > 1 else given[0] for name, given in form.items()}
    )


async def _close(actor: Actor, _form: Form) -> object:
    await actor.closes()
    return "closed"


async def _say(actor: Actor, form: Form) -> object:
    return await actor.says(form["text"][-1])


async def _post(actor: Actor, form: Form) -> object:
    await actor.posts(form["text"][-1], _channel(form))
    return "posted"


async def _shortcut(actor: Actor, form: Form) -> object:
    words = form["message"][-1]
    message = _newest(actor.sees(_channel(form)), words)
    return await actor.uses_shortcut(form["callback"][-1], message)


def _newest(seen: list[Shown], words: str) -> Shown:
    for shown in reversed(seen):
        if words in shown.plain and not shown.ephemeral:
            return shown
    raise NotVisible(f"no message with {words!r}")


def _channel(form: Form) -> str:
    return form.get("channel", ["general"])[-1]


_DEEDS: dict[str, Deed] = {
    "type": _type,
    "press": _press,
    "select": _select,
    "submit": _submit,
    "close": _close,
    "say": _say,
    "post": _post,
    "shortcut": _shortcut,
}


def control_routes(workspace: Workspace) -> list[Route]:
    """Return the routes below `/people`."""

    async def people(_request: Request) -> Response:
        members = [p for p in workspace.people.values() if not p.is_bot]
        lines = [f"{p.name:8}{p.id:14}{p.real_name}" for p in members]
        return PlainTextResponse("\n".join(lines) + "\n")

    async def screen(request: Request) -> Response:
        try:
            actor = workspace.actor(request.path_params["name"])
            return PlainTextResponse(
                screen_of(workspace, actor, request.query_params.get("channel"))
            )
        except (KeyError, NotVisible):
            return PlainTextResponse("Nobody, or no channel of theirs, of that name.\n", 404)

    async def act(request: Request) -> Response:
        deed = _DEEDS.get(request.path_params["deed"])
        try:
            actor = workspace.actor(request.path_params["name"])
        except KeyError:
            return PlainTextResponse("Nobody of that name.\n", 404)
        if deed is None:
            return PlainTextResponse(f"One of: {', '.join(_DEEDS)}.\n", 404)
        form = parse_qs((await request.body()).decode(errors="replace"))
        try:
            done = await deed(actor, form)
        except KeyError as missing:
            return PlainTextResponse(f"No such field or channel: {missing}\n", 400)
        except NotVisible as refusal:
            return PlainTextResponse(f"{refusal}\n", 409)
        return PlainTextResponse(f"{done}\n\n{screen_of(workspace, actor)}")

    return [
        Route("/", people),
        Route("/{name}/screen", screen),
        Route("/{name}/{deed}", act, methods=["POST"]),
    ]
