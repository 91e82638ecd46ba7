"""Two believable orgs: Acme's production, and a partner's in which two of the same people work."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sandbox.salesforce.apps import ConnectedApp, KeyPair, key_pair
from sandbox.salesforce.history import ACME_SYNC, DATALOADER_IO, OUTLOOK, write_history
from sandbox.salesforce.integrations import IntegratedOrg
from sandbox.salesforce.org import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.salesforce.users import User

BOT_APP = "Reset Token"
"""The app with which the bot logs in as itself."""
USER_APP = "Reset Token as the user"
"""The app with which the bot logs in as a person."""
BOT_ACCESS = "Reset_Bot"
"""The permission set of the bot's own user: who may use the bot's app, and what it may do."""
CONTAINMENT = frozenset({"CustomizeApplication", "ResetPasswords"})
"""What the bot's own user needs besides, for breach reports."""
RESETTABLE = "Security_Token_Self_Service"
"""The permission set of the people as whom the user app may act. It holds no admins."""

ACME_SYNC_USERS = "Acme_Sync"
"""The permission set of the people as whom Acme's sync job may act."""


class SeededOrg(IntegratedOrg):
    """An org with the bot's user and its two apps, and the keys to them."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        super().__init__(name, clock)
        self._bot_keys = key_pair(f"{name} bot")
        self._user_app_keys = key_pair(f"{name} users")
        _add_profiles(self)
        self.bot_app = self.add_app(
            _app(BOT_APP, {"api", "refresh_token"}, self._bot_keys, BOT_ACCESS)
        )
        self.user_app = self.add_app(
            _app(USER_APP, {"api", "web"}, self._user_app_keys, RESETTABLE)
        )
        self.bot_user = self.add_user(
            f"reset.bot@{name}.example",
            f"reset.bot@{name}.example",
            "Reset Bot",
            profile="Minimum Access - API Only",
            permission_sets=(BOT_ACCESS,),
        )

    @property
    def bot_consumer_key(self) -> str:
        """The consumer key of the bot's own app."""
        return self.bot_app.consumer_key

    @property
    def bot_private_key_pem(self) -> str:
        """The private key of the bot's own app."""
        return self._bot_keys.private

    @property
    def user_app_consumer_key(self) -> str:
        """The consumer key of the app that may act as the users."""
        return self.user_app.consumer_key

    @property
    def user_app_private_key_pem(self) -> str:
        """The private key of the app that may act as the users."""
        return self._user_app_keys.private


def acme(clock: Callable[[], datetime] = utc_now) -> SeededOrg:
    """Acme's production org: a dozen people, their integrations, and 90 days of logins."""
    org = SeededOrg("acme", clock)
    may_reset = (RESETTABLE,)
    for first, last in (("ivan", "Horvat"), ("iris", "Lund"), ("eve", "Okafor")):
        _person(org, first, last, permission_sets=may_reset)
    ada = org.add_user(
        "ada@acme.example", "ada@acme.example", "Ada Park", permission_sets=may_reset
    )
    _person(org, "ben", "Ruiz", profile="System Administrator")
    _person(org, "carl", "Novak", permission_sets=may_reset)
    org.add_user(
        "carl.dev@acme.example.prod", "carl@acme.example", "Carl Novak", permission_sets=may_reset
    )
    org.add_user(
        "dana@acme.example", "d.miller@elsewhere.example", "Dana Miller", permission_sets=may_reset
    )
    org.add_user(
        "una@acme.example.prod",
        "una.keller@elsewhere.example",
        "Una Keller",
        permission_sets=may_reset,
        federation_identifier="una@acme.example",
    )
    _person(org, "omar", "Haddad", profile="API Only Integration", permission_sets=may_reset)
    _person(org, "pia", "Berg", is_active=False)
    etl = org.add_user(
        "svc.etl@acme.example",
        "data-team@acme.example",
        "ETL Service",
        profile="API Only Integration",
    )
    mia = _person(org, "mia", "Sato", permission_sets=may_reset)
    for name in (OUTLOOK, DATALOADER_IO):
        org.add_app(_app(name, {"api", "refresh_token"}))
        org.add_grant(name, ada)
    warehouse = _app("Acme Warehouse", {"api"})
    warehouse.run_as = etl.username
    org.add_app(warehouse)
    org.add_permission_set(ACME_SYNC_USERS)
    org.add_app(_app(ACME_SYNC, {"api"}, key_pair(ACME_SYNC), ACME_SYNC_USERS))
    org.assign(ada, ACME_SYNC_USERS)
    write_history(org, ada, etl, mia)
    return org


def partner(clock: Callable[[], datetime] = utc_now) -> SeededOrg:
    """A partner's org in which Ada and Ben have users too."""
    org = SeededOrg("partner", clock)
    org.add_user(
        "ada@acme.example.partner", "ada@acme.example", "Ada Park", permission_sets=(RESETTABLE,)
    )
    org.add_user(
        "ben@acme.example.partner", "ben@acme.example", "Ben Ruiz", permission_sets=(RESETTABLE,)
    )
    return org


def _add_profiles(org: SeededOrg) -> None:
    everything = {
        "ApiEnabled",
        "AuthorApex",
        "CustomizeApplication",
        "FreezeUsers",
        "ManageUsers",
        "ModifyAllData",
        "MonitorLoginHistory",
        "ResetPasswords",
        "ViewAllData",
        "ViewSetup",
    }
    org.add_profile("Standard User", {"ApiEnabled"})
    org.add_profile("System Administrator", everything)
    org.add_profile("API Only Integration", {"ApiEnabled", "ApiUserOnly"})
    org.add_profile("Minimum Access - API Only", {"ApiEnabled", "ApiUserOnly"})
    org.add_permission_set(BOT_ACCESS, {"ApiEnabled", "ManageUsers", "ViewSetup"})
    org.add_permission_set(RESETTABLE)


def _person(
    org: SeededOrg,
    first: str,
    last: str,
    *,
    profile: str = "Standard User",
    permission_sets: tuple[str, ...] = (),
    is_active: bool = True,
) -> User:
    return org.add_user(
        f"{first}@acme.example.prod",
        f"{first}@acme.example",
        f"{first.title()} {last}",
        profile=profile,
        permission_sets=permission_sets,
        is_active=is_active,
    )


def _app(
    name: str,
    scopes: set[str],
    keys: KeyPair | None = None,
    permission_set: str | None = None,
) -> ConnectedApp:
    return ConnectedApp(
        name,
        consumer_key=f"3MVG9{secrets.token_urlsafe(60)}",
        consumer_secret=secrets.token_hex(32).upper(),
        scopes=frozenset(scopes),
        public_key=keys.public if keys else None,
        permission_set=permission_set,
    )
