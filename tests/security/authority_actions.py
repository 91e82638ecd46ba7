"""What Slack would send if somebody did something: really signed, shown to them or not."""

from dataclasses import dataclass
from typing import Any

from bot.settings import Settings
from bot.wiring_web import build_web
from handlers.form_fields import CHOICE, MANY, PERSON, TEXT
from sandbox.slack import payloads, seed
from sandbox.slack.dispatcher import Kind
from sandbox.slack.model import Json, Message, Modal, Person
from sandbox.slack.workspace import Workspace
from services.cases.steps import StepKind
from tests.security.authority_subjects import Subject
from tests.security.authority_table import Action

WORDS = "It can't wait"

_ID_OF = {
    "reset.choose": "choice",
    "reset.start": "notice",
    "follow.item": "item",
    "breach.approve": "card",
    "breach.override": "card",
    "breach.deny": "card",
    "breach.retry": "step",
}
"""Which id a button or form carries, where it isn't that of the reset or the case."""

_NAMED_OTHERWISE = {
    "ask_it.go_ahead": "go_ahead",
    "ask_it.wait": "wait",
    "breach.address": "breach_confirm_address",
    "breach.evidence": "breach_show_evidence",
    **{
        f"breach.{kind}": f"breach_{kind}"
        for kind in ("approve", "override", "deny", "review", "retry", "unfreeze", "close")
    },
}
"""What the audit calls a decision."""

_KINDS = {
    "action": "button",
    "view": "form",
    "command": "command",
    "shortcut": "shortcut",
    "message_shortcut": "shortcut",
    "event": "event",
    "view_closed": "form closed",
}


class Registry:
    """Stands for Bolt's app, and notes what is registered."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401
        kind = _KINDS[method]

        def register(constraint: Any) -> Any:  # noqa: ANN401
            name = getattr(constraint, "pattern", constraint)
            return lambda _: self.found.append((kind, name))

        return register


def registered(environ: dict[str, str], monkeypatch: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """Everything that the web process listens for, as its own wiring registers it."""
    registry = Registry()
    monkeypatch.setattr("bot.wiring_web.build_app", lambda *_: registry)
    build_web(Settings.load(environ), environ["REDIS_URL"])
    return registry.found


@dataclass(frozen=True)
class Deed:
    """What is sent, and by what its answer is known."""

    kind: Kind
    payload: Json

    @property
    def response_path(self) -> str | None:
        url = self.payload.get("response_url")
        return str(url).partition("/hooks/")[2] if url else None

    @property
    def trigger_id(self) -> str | None:
        return self.payload.get("trigger_id")


def deed(slack: Workspace, person: Person, action: Action, subject: Subject) -> Deed:
    """What Slack sends when this person does this, with the real id of what it is about."""
    channel = slack.channels[seed.IT_CHANNEL if action.in_it_channel else seed.GENERAL]
    about = subject.id(_ID_OF.get(action.name))
    match action.kind:
        case "button":
            message = Message(channel.id, "1.000001", slack.bot.id, "Forged", [])
            pressed = {"type": "button", "block_id": "forged", "action_id": action.name}
            payload = payloads.message_action(slack, person, message, pressed | {"value": about})
        case "form":
            payload = payloads.view_submission(
                slack, person, _form(person, action.name, about, subject)
            )
        case "shortcut":
            message = Message(channel.id, "1.000001", slack.bot.id, "Look at this", [])
            payload = payloads.message_shortcut(slack, person, message, action.name)
        case "command":
            command, _, text = action.name.partition(" ")
            text = text.replace("@user reason", f"<@{seed_id('carl')}|carl> {WORDS}")
            payload = payloads.slash_command(slack, person, channel, command, text)
        case _:
            raise AssertionError(action)
    kind = Kind.COMMAND if action.kind == "command" else Kind.INTERACTION
    return Deed(kind, _from(person, payload, slack))


def refusal_row(action: Action) -> str:
    """What the audit's row of a refusal is called."""
    return f"refused:{_NAMED_OTHERWISE.get(action.name, action.name)}"


def seed_id(name: str) -> str:
    return f"U0{name.upper()}".ljust(9, "0") + "1"


def _from(person: Person, payload: Json, slack: Workspace) -> Json:
    """Let it come from the person's own workspace, where that is an unrelated one."""
    if person.team_id == slack.team_id or person.is_stranger:
        return payload
    if "team_id" in payload:
        return payload | {"team_id": person.team_id}
    if "view" in payload:
        payload["view"] |= {"team_id": person.team_id, "app_installed_team_id": person.team_id}
    return payload | {"team": {"id": person.team_id, "domain": "unrelated"}}


def _form(person: Person, callback: str, about: str, subject: Subject) -> Modal:
    metadata = f"{about}:{subject.id('address')}" if callback == "breach.address" else about
    values: dict[str, Any] = {
        "steps": _many(one for one in StepKind if one.is_effect),
        "cases": _many([subject.id("card")]),
        "decision": {CHOICE: {"selected_option": {"value": "approve"}}},
        **{
            block: {TEXT: {"value": WORDS}}
            for block in ("question", "wait", "note", "reason", "how", "seen")
        },
    }
    if callback in {"breach.report", "breach.plan"}:
        metadata = ""
        values["person"] = {PERSON: {"selected_user": seed_id("carl")}}
        values["owner"] = {PERSON: {"selected_user": seed_id("eve")}}
        values["username"] = {TEXT: {"value": "svc.etl@acme.example"}}
    if callback == "breach.report":
        values["username"] = {TEXT: {"value": ""}}
    view = {"type": "modal", "callback_id": callback, "private_metadata": metadata, "blocks": []}
    return Modal("V0FORGED", person.id, view, "forged", state=values)


def _many(values: Any) -> Json:  # noqa: ANN401
    return {MANY: {"selected_options": [{"value": str(one)} for one in values]}}
