"""An org whose integrations can be had as programs that really log in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.salesforce.apps import key_pair
from sandbox.salesforce.clients import (
    InsistentClient,
    JwtClient,
    PasswordFlowClient,
    RefreshTokenClient,
    SoapClient,
)
from sandbox.salesforce.history import (
    ACME_ETL,
    ACME_SYNC,
    ADDRESSES,
    DATA_LOADER,
    DATALOADER_IO,
    INVOICE_ROBOT,
    OUTLOOK,
    PAYROLL,
)
from sandbox.salesforce.org import Org
from sandbox.salesforce.timetable import Timetable

if TYPE_CHECKING:
    from sandbox.salesforce.apps import ConnectedApp
    from sandbox.salesforce.clients import Integration
    from sandbox.salesforce.users import User


class IntegratedOrg(Org):
    """An org with programs that log in as its users, from where its history says they do."""

    def app(self, name: str) -> ConnectedApp:
        """The connected app of that name. Raises `KeyError` when there is none."""
        return {app.name: app for app in self.apps.values()}[name]

    def data_loader(self, user: User, origin: str) -> SoapClient:
        """Data Loader in password mode, with the user's present password and token."""
        return _soap(user, origin, DATA_LOADER, f"{DATA_LOADER}/59.0.0")

    def acme_etl(self, user: User, origin: str) -> SoapClient:
        """A nightly job of Acme's own over SOAP, with the user's present password and token."""
        return _soap(user, origin, ACME_ETL)

    def payroll(self, user: User, origin: str) -> SoapClient:
        """A job that sends the password alone.

        It gets in only where `trusted_networks` holds its address, 10.20.0.5.
        """
        client = _soap(user, origin, PAYROLL)
        client.token = ""
        return client

    def invoice_robot(self, user: User, origin: str, retries: int = 12) -> InsistentClient:
        """A job that tries again at once when it is refused; a dozen times lock the account."""
        return InsistentClient(
            origin,
            user.username,
            user.password,
            user.security_token,
            INVOICE_ROBOT,
            ADDRESSES[INVOICE_ROBOT],
            retries=retries,
        )

    def dataloader_io(self, user: User, origin: str) -> PasswordFlowClient:
        """A hosted tool with the OAuth username-password flow."""
        app = self.app(DATALOADER_IO)
        return PasswordFlowClient(
            origin,
            user.username,
            user.password,
            user.security_token,
            app.consumer_key,
            app.consumer_secret,
            ADDRESSES[DATALOADER_IO],
        )

    def outlook(self, user: User, origin: str) -> RefreshTokenClient:
        """A mail add-in with a refresh token, which no reset touches."""
        app = self.app(OUTLOOK)
        grant = next(g for g in self.grants if g.app == OUTLOOK and g.user is user)
        return RefreshTokenClient(origin, app.consumer_key, grant.refresh_token, ADDRESSES[OUTLOOK])

    def acme_sync(self, user: User, origin: str) -> JwtClient:
        """A sync job with a signed assertion, which no reset touches."""
        return JwtClient(
            origin,
            self.app(ACME_SYNC).consumer_key,
            key_pair(ACME_SYNC).private,
            user.username,
            self.clock,
            ADDRESSES[ACME_SYNC],
        )

    def integrations(self, user: User, origin: str) -> Timetable:
        """All of them, with the user's present password and token, each every few minutes.

        After a reset they lock the account within ten minutes, unless somebody mends them: a
        login of Payroll's, which still works, sets the count of failures back.
        """
        timetable = Timetable(self.clock)
        every: dict[str, tuple[Integration, int]] = {
            DATA_LOADER: (self.data_loader(user, origin), 2),
            ACME_ETL: (self.acme_etl(user, origin), 5),
            DATALOADER_IO: (self.dataloader_io(user, origin), 3),
            OUTLOOK: (self.outlook(user, origin), 1),
            ACME_SYNC: (self.acme_sync(user, origin), 1),
            PAYROLL: (self.payroll(user, origin), 15),
            INVOICE_ROBOT: (self.invoice_robot(user, origin, retries=4), 5),
        }
        for name, (client, minutes) in every.items():
            timetable.add(name, client, timedelta(minutes=minutes))
        return timetable


def _soap(user: User, origin: str, name: str, shown: str | None = None) -> SoapClient:
    return SoapClient(
        origin, user.username, user.password, user.security_token, shown or name, ADDRESSES[name]
    )
