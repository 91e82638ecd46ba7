"""Know every secret of a world as it comes up, and look in the end at all that was written down."""

import contextlib
import io
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import standardwebhooks
from valkey.exceptions import ConnectionError as NotConnectedError

from sandbox.salesforce import credentials, org
from sandbox.salesforce.records import Grant, Session
from sandbox.slack.dispatcher import Kind, Retry
from sandbox.slack.model import Json
from services.salesforce.assertion import Signer
from tests.scenario.searching import Secrets
from tests.scenario.traces import everything_in
from tests.scenario.world import World

SETTINGS = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN")


class Watch(Secrets):
    """The secrets of all worlds of a test: from the settings, and as the sandboxes make them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self._patch = monkeypatch
        self.worlds = 0
        self.log = io.StringIO()
        self.may_leak = False
        """Set by a test that lets a secret out, to see it found."""
        self._on_return(org.Org, "open_session", self._session)
        self._on_return(org.Org, "add_grant", self._grant)
        self._on_return(org, "make_security_token", self._token)
        self._on_return(credentials, "make_security_token", self._token)
        self._on_return(credentials, "reset_password", self._password)
        self._on_return(standardwebhooks.Webhook, "sign", self._alert_signature)
        self._on_return(Signer, "_assertion", lambda one: self.learn("assertion", one))

    @contextlib.asynccontextmanager
    async def over(self, world: World) -> AsyncIterator[None]:
        """Look on at one world."""
        self.worlds += 1
        self._settings(world)
        self._acks(world, f"acks of world {self.worlds}")
        self._on_return(world.slack.dispatcher, "signed", self._signature)
        for one in world.orgs.values():
            one.frontdoors = _Noted(self, one.frontdoors)
        self.remember(world)
        yield
        self.remember(world)
        await self.look(world)

    def leaks(self) -> list[str]:
        """Name each secret that was written down, and where; the log is read as it is now."""
        self.written["log"] = self.log.getvalue()
        return super().leaks()

    def remember(self, world: World) -> None:
        """Add what is secret now."""
        for one in world.orgs.values():
            for user in one.users.values():
                self.learn(f"password of {user.username}", user.password)
                self.learn(f"token of {user.username}", user.security_token)
            for session in one.sessions.values():
                self._session(session)
            for grant in one.grants:
                self._grant(grant)
            for app in one.apps.values():
                self.learn(f"secret of {app.name}", app.consumer_secret)
            for mail in one.mails:
                self.learn("code of a mailed link", mail.link_code)

    def look_at_screens(self, world: World, *people: str) -> None:
        """Read what these see, with what others wrote."""
        shown = [one.blocks for name in people for one in world.person(name).sees()]
        self.written[f"screens of world {self.worlds}"] = repr(shown)

    async def look(self, world: World) -> None:
        """Read all that has been written down."""
        number = self.worlds
        with contextlib.suppress(NotConnectedError):  # a test that took it away
            for key, text in (await everything_in(world.redis_url)).items():
                if key.startswith("response_url:"):
                    # The one place where it has to stand.
                    self.learn("response_url", text.rpartition("/")[2])
                else:
                    self.written[f"redis {key} of world {number}"] = text
        calls = [(call.method, call.args) for call in world.slack.calls]
        self.written[f"slack of world {number}"] = repr(calls)
        self.written[f"metrics of world {number}"] = (await world.client.get("/metrics")).text

    def _settings(self, world: World) -> None:
        for name in SETTINGS:
            self.learn(name, world.environ.get(name))
        self.learn("password of Redis", unquote(urlsplit(world.redis_url).password or ""))
        for secret in world.environ.get("ALERT_SECRET", "").split():
            self.learn("alert secret", secret.removeprefix("whsec_"))
        for one in world.orgs.values():
            for pem in (one.bot_private_key_pem, one.user_app_private_key_pem):
                for line in pem.splitlines()[3:6]:
                    self.learn("private key", line)

    def _acks(self, world: World, place: str) -> None:
        """Note what the bot answers to each delivery, be it a refusal, or too late for Slack."""
        send = world.slack.dispatcher._send
        self.written[place] = ""

        async def noting(
            kind: Kind, payload: Json, retry: Retry | None
        ) -> tuple[int, dict[str, str], bytes]:
            status, headers, body = await send(kind, payload, retry)
            self.written[place] += f"{body.decode(errors='backslashreplace')}\n"
            return status, headers, body

        self._patch.setattr(world.slack.dispatcher, "_send", noting)

    def _session(self, session: Session) -> None:
        self.learn(f"session of {session.user.username}", session.token)

    def _grant(self, grant: Grant) -> None:
        self.learn(f"DeleteToken of {grant.app}", grant.delete_token)
        self.learn(f"refresh token of {grant.app}", grant.refresh_token)

    def _token(self, token: str) -> None:
        self.learn("security token", token)

    def _password(self, temporary: str) -> None:
        self.learn("temporary password", temporary)

    def _signature(self, sent: tuple[bytes, dict[str, str]]) -> None:
        self.learn("Slack's signature", sent[1]["X-Slack-Signature"].removeprefix("v0="))

    def _alert_signature(self, signature: str) -> None:
        self.learn("alert's signature", signature.removeprefix("v1,"))

    def _on_return(self, owner: object, name: str, learn: Callable[[Any], None]) -> None:
        real = getattr(owner, name)

        def noting(*args: object, **more: object) -> object:
            made = real(*args, **more)
            learn(made)
            return made

        self._patch.setattr(owner, name, noting)


class _Noted(dict[str, Any]):
    """The codes of UI bridges, each of which lives for one use."""

    def __init__(self, watch: Watch, held: dict[str, Any]) -> None:
        super().__init__(held)
        self._watch = watch

    def __setitem__(self, code: str, leads: object) -> None:
        self._watch.learn("code of a front door", code)
        super().__setitem__(code, leads)
