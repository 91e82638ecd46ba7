"""The main story, played once as a person would: somebody needs a new security token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.panel import Panel
from rich.rule import Rule

from sandbox.slack.screen_of import message_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from sandbox.salesforce.clients import LoginResult, SoapClient
    from sandbox.salesforce.org import Org
    from sandbox.salesforce.records import Session
    from sandbox.slack.actor import Actor
    from sandbox.slack.shown import Confirm, Shown
    from sandbox.slack.workspace import Workspace

PATIENCE = 20
"""Seconds for the bot to answer."""


@dataclass
class Story:
    """Ada in Slack, her integration at Salesforce, and the bot between them."""

    workspace: Workspace
    org: Org
    integration: SoapClient
    console: Console

    async def play(self) -> None:
        """Play it. Raises `NotVisible` with the screen when the bot doesn't answer."""
        ada = self.workspace.actor("ada")
        mails = len(self.org.mailbox("ada@acme.example"))
        slack, salesforce = len(self.workspace.calls), 0
        self._scene("Ada's Data Loader logs in with her password and token, as every day")
        await self._logs_in()
        salesforce = len(self.org.calls)

        self._scene("Ada types /reset-token production in #general")
        await ada.types("/reset-token production")
        self._shows(ada.sees("general")[-1])
        warning = await ada.sees_soon(_has("reset.confirm"), PATIENCE, channel="general")
        self._shows(warning)
        before, pressed_at = self.org.count(salesforce), len(self.org.calls)

        self._scene("She presses Reset my token, and Slack asks her once more")
        pressed = await ada.presses("reset.confirm", warning)
        if pressed.confirm:
            self.console.print(Panel(escape(_dialog(pressed.confirm)), width=80))
        self._shows(await ada.sees_soon(_starts("Done"), PATIENCE, channel="general"))
        self._shows(await ada.sees_soon(_has("reset.not_me"), PATIENCE, channel="dm"))

        await self.org.until(lambda: not self._sessions_of("ada"), PATIENCE)
        after = self.org.count(pressed_at)
        slack = len(self.workspace.calls) - slack

        self._scene("Her mailbox")
        new = self.org.mailbox("ada@acme.example")[mails:]
        for mail in new:
            self.console.print(
                Panel(escape(mail.text), title=escape(mail.subject), title_align="left", width=80)
            )

        self._scene("Data Loader still has the old token")
        await self._logs_in()

        self._scene("She puts the new token in, right after her password")
        self.integration.paste_token(self.org.person("ada").security_token)
        await self._logs_in()

        self._scene("What it cost")
        self.console.print(
            f"  {before} requests to Salesforce before the press, the bot's own login included;"
            f" {after} after it; {slack} calls of Slack's."
        )

        self._scene("What she sees with /reset-token status")
        await self._status(ada)

    def _sessions_of(self, alias: str) -> list[Session]:
        user = self.org.person(alias)
        return [s for s in self.org.sessions.values() if s.user is user and s.kind == "UI"]

    async def _status(self, ada: Actor) -> None:
        await ada.types("/reset-token status")
        self._shows(ada.sees("general")[-1])

    async def _logs_in(self) -> None:
        result: LoginResult = await self.integration.login()
        name = escape(self.integration.application)
        if result.ok:
            self.console.print(f"  [green]{name}: logged in[/green]")
        else:
            self.console.print(f"  [red]{name}: {escape(result.error or 'refused')}[/red]")

    def _scene(self, what: str) -> None:
        self.console.print()
        self.console.print(Rule(escape(what), align="left", style="dim"))

    def _shows(self, shown: Shown) -> None:
        self.console.print(Panel(escape(message_text(shown)), width=80))


def _dialog(confirm: Confirm) -> str:
    return f"{confirm.title}\n{confirm.text}\n[ {confirm.confirm} ]  [ {confirm.deny} ]"


def _has(action_id: str) -> Callable[[Shown], bool]:
    return lambda shown: any(button.action_id == action_id for button in shown.buttons)


def _starts(words: str) -> Callable[[Shown], bool]:
    return lambda shown: shown.plain.startswith(words)
