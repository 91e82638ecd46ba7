"""What the bot is told about a Salesforce org: where it is, which keys open it, how it resets."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from pydantic import BaseModel, ConfigDict, SecretStr


class ResetMethod(StrEnum):
    """How a user's security token is reset in an org."""

    TOKEN = "token"  # noqa: S105 - the method's name, not a secret
    """The page *Reset My Security Token*, in a session of that same user."""
    PASSWORD = "password"  # noqa: S105 - the method's name, not a secret
    """The documented REST call, which resets the password as well."""
    GUIDED = "guided"
    """A link; the user presses the last button in Salesforce."""


class OrgConfig(BaseModel):
    """One org's settings, as the environment gives them."""

    model_config = ConfigDict(frozen=True)

    name: str
    login_url: str
    """An https origin, or http on loopback only."""
    consumer_key: str
    private_key: SecretStr
    """PEM; signs the integration user's assertions."""
    username: str
    """The integration user."""
    user_consumer_key: str
    user_private_key: SecretStr
    """PEM; signs assertions as the person whose token is reset (method `token`)."""
    reset_method: ResetMethod
    trusted_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Logins from there need no token."""

    @property
    def label(self) -> str:
        """The org's name as people read it: "Production"."""
        return self.name.replace("_", " ").title()
