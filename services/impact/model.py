"""What a reset would break, as it is stored and shown: each integration with its verdict."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

MOST_LISTED = 200
"""Integrations that are kept: more than anyone reads. The rest is a count."""

MOST_ADDRESSES = 5
"""Addresses that are kept of one integration, the newest first. The rest is a count."""


class Way(StrEnum):
    """How an integration logs in, as far as `LoginHistory` tells."""

    SOAP_PASSWORD = "soap_password"  # noqa: S105  a way to log in, not a secret
    """SOAP `login()` with a password, and a token unless its network is trusted."""
    OAUTH_PASSWORD = "oauth_password"  # noqa: S105  as above
    """The OAuth username-password flow."""
    OAUTH_REFRESH_TOKEN = "oauth_refresh_token"  # noqa: S105  as above
    OAUTH_WEB = "oauth_web"
    """A person approved it in the browser: web server, user agent, hybrid and one-time password."""
    OAUTH_CLIENT_CREDENTIALS = "oauth_client_credentials"
    OAUTH_TOKEN_EXCHANGE = "oauth_token_exchange"  # noqa: S105  as above
    OAUTH_OTHER = "oauth_other"
    """An OAuth flow that Salesforce names and this program doesn't know."""
    OAUTH_UNNAMED = "oauth_unnamed"
    """OAuth 2.0 without a named flow. JWT bearer logins look like this; the password flow is
    always named."""
    SSO = "sso"
    CERTIFICATE = "certificate"
    BROWSER = "browser"
    """A person on Salesforce's own login page."""
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What a reset does to an integration. Declared in the order of what hurts first."""

    BREAKS = "breaks"
    BREAKS_UNLESS_TRUSTED = "breaks_unless_trusted"
    CANT_TELL = "cant_tell"
    NOT_AFFECTED = "not_affected"


class Sureness(StrEnum):
    """How sure a verdict is. None is certain: Salesforce keeps no record of what sends a token."""

    DOCUMENTED = "documented"
    """Salesforce names the way of logging in, and documents what a reset does to it."""
    INFERRED = "inferred"
    """Concluded from what the login history shows."""
    UNSURE = "unsure"
    """A guess that may well be wrong, or no verdict at all."""


class Trust(StrEnum):
    """Where an integration's addresses lie, seen from the trusted networks of the settings."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    MIXED = "mixed"
    UNKNOWN = "unknown"
    """No networks are set, or no address is known."""


class Why(StrEnum):
    """Why a verdict is as it is. docs/impact.md explains each."""

    SENDS_TOKEN = "sends_token"  # noqa: S105  a reason, not a secret
    """Logs in with password and token, from addresses that aren't trusted."""
    SENDS_TOKEN_UNLESS_TRUSTED = "sends_token_unless_trusted"  # noqa: S105  as above
    TRUSTED_NETWORK = "trusted_network"
    """Every address seen is trusted, so it needs no token. One that sends it anyway may fail."""
    SENDS_PASSWORD = "sends_password"  # noqa: S105  as above
    """The `password` method changes the password that it logs in with."""
    OWN_PASSWORD = "own_password"  # noqa: S105  as above
    """The `password` method changes the password that the person logs in with."""
    PERSON_IN_BROWSER = "person_in_browser"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105  as above
    APPROVED_IN_BROWSER = "approved_in_browser"
    CLIENT_CREDENTIALS = "client_credentials"
    TOKEN_EXCHANGE = "token_exchange"  # noqa: S105  as above
    OTHER_OAUTH = "other_oauth"
    PROBABLY_JWT = "probably_jwt"
    SSO = "sso"
    CERTIFICATE = "certificate"
    NOT_RECOGNISED = "not_recognised"
    FLOW_NOT_READ = "flow_not_read"
    """Older logins that were counted only: how they logged in couldn't be read."""


class Place(StrEnum):
    """Where a new token has to be put, by the kind of program."""

    DATA_LOADER = "data_loader"
    DATALOADER_IO = "dataloader_io"
    WORKBENCH = "workbench"
    ETL = "etl"
    OAUTH_PASSWORD = "oauth_password"  # noqa: S105  an OAuth flow, not a secret
    API_CLIENT = "api_client"
    BROWSER = "browser"
    """Nowhere: a person types the new password."""
    OTHER = "other"


class _Frozen(BaseModel):
    # What a newer version has written an older one beside it keeps, and never looks at.
    model_config = ConfigDict(frozen=True, extra="allow")


class Address(_Frozen):
    """An address that an integration logged in from."""

    ip: str
    """As Salesforce gives it, at most 64 characters; not always an IP address."""
    trusted: bool | None = None
    """Within the trusted networks of the settings; None where none are set or it is no address."""


class Integration(_Frozen):
    """Logins of one application in one way, as one user."""

    name: str
    """Of the application, at most 80 characters; as Salesforce gives it, so not to be trusted."""
    way: Way
    client_version: str | None = None
    api_type: str | None = None
    verdict: Verdict
    why: Why
    sureness: Sureness
    place: Place
    logins: int
    """Attempts seen, failed ones included."""
    read: int = Field(default_factory=lambda known: known["logins"])
    """Attempts that were read one by one, the newest; the others were only counted."""
    at_least: bool = False
    """There were more than could be counted."""
    failures: int = 0
    """How many of the attempts that were read one by one failed."""
    last_login: datetime
    """The newest attempt. Of those that were only counted it may be known no closer than that
    it lies before the oldest that was read."""
    addresses: tuple[Address, ...] = ()
    more_addresses: int = 0

    @property
    def may_fail(self) -> bool:
        """Whether it may need the new token: also where it needs none, if it sends the old one."""
        return self.verdict is not Verdict.NOT_AFFECTED or self.why is Why.TRUSTED_NETWORK


class SurvivingGrant(_Frozen):
    """An app that the user approved once. It goes on after any reset."""

    app: str
    last_used: datetime | None = None
    uses: int = 0


class Note(StrEnum):
    """What is special about the account; a reset may be moot. Declared in the order shown."""

    LOCKED = "locked"
    """`UserLogin.IsPasswordLocked`."""
    API_ONLY = "api_only"
    MFA_FOR_API = "mfa_for_api"
    """Uses an authenticator code in place of the token."""
    LOGIN_IP_RANGES = "login_ip_ranges"
    """Logins were refused by address: the profile has login IP ranges, where no token is needed."""
    DELEGATED_SSO = "delegated_sso"
    """*Is Single Sign-On Enabled*: passwords are checked by another system."""
    SSO_ONLY = "sso_only"
    """Every login seen came through single sign-on."""


class FailedLately(_Frozen):
    """A burst of failed logins just before the reading: a lock-out may be near."""

    count: int
    last_at: datetime
    application: str
    address: str | None = None


class Impact(_Frozen):
    """What depends on the token. An unreadable history is not an empty one."""

    readable: bool = True
    needs: str | None = None
    """The permission that the bot's own Salesforce user lacks, where that is why."""
    integrations: tuple[Integration, ...] = ()
    """What hurts first comes first."""
    more: int = 0
    """Integrations left out, beyond `MOST_LISTED`."""
    grants: tuple[SurvivingGrant, ...] = ()
    """Apps approved by the user. Empty also where the bot may not see them."""
    more_grants: int = 0
    notes: tuple[Note, ...] = ()
    failed_lately: FailedLately | None = None
    days: int
    read_at: datetime
    read_back_to: datetime | None = None
    """Set when more logins were there than could be read: nothing older was seen."""
    details_back_to: datetime | None = None
    """Set when every login was counted, but not every one read: addresses, outcomes and OAuth
    flows are known back to then only."""

    @property
    def token_logins_seen(self) -> bool:
        """Whether any integration was seen that sends the token or the password."""
        return any(
            one.verdict in {Verdict.BREAKS, Verdict.BREAKS_UNLESS_TRUSTED}
            for one in self.integrations
        )

    def with_verdict(self, *verdicts: Verdict) -> tuple[Integration, ...]:
        """Pick the integrations of these verdicts, in order."""
        return tuple(one for one in self.integrations if one.verdict in verdicts)
