"""Readings of an account, for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.impact.assess import assess
from services.impact.model import Impact, Integration
from services.orgs import ResetMethod
from services.salesforce.records import AccountReading, Login, LoginGroup, SalesforceUser

NOW = datetime(2026, 1, 31, 14, 5, tzinfo=UTC)

USER = SalesforceUser(
    id="005000000000001AAA",
    username="ada@acme.example",
    email="ada@acme.example",
    name="Ada",
    is_active=True,
    user_type="Standard",
)

SOAP = {"login_type": "OtherApi", "api_type": "SOAP Partner"}
REFRESH = {"login_type": "Oauth2", "login_subtype": "OauthRefreshToken"}
OAUTH_PASSWORD = {"login_type": "Remote Access 2.0", "login_subtype": "OauthUsernamePassword"}
JWT = {"login_type": "Oauth2"}
SSO = {"login_type": "Saml2"}
BROWSER = {"login_type": "Application"}


def ago(**by: float) -> datetime:
    return NOW - timedelta(**by)


def a_login(how: dict[str, str] = SOAP, /, **changes: Any) -> Login:  # noqa: ANN401
    values = {"time": NOW, "application": "Loader", "status": "Success"}
    return Login.model_validate({**values, **how, **changes})


def a_count(logins: int, how: dict[str, str] = SOAP, /, **changes: Any) -> LoginGroup:  # noqa: ANN401
    """What Salesforce counts: it can't tell subtypes apart."""
    told = {key: value for key, value in how.items() if key != "login_subtype"}
    values = {"application": "Loader", "logins": logins, "last": NOW}
    return LoginGroup.model_validate({**values, **told, **changes})


def a_reading(*logins: Login, **changes: Any) -> AccountReading:  # noqa: ANN401
    values = {"days": 90, "read_at": NOW, "logins": logins}
    return AccountReading.model_validate({**values, **changes})


def assessed(*logins: Login, **changes: Any) -> Impact:  # noqa: ANN401
    return assess(a_reading(*logins, **changes), USER, method=ResetMethod.TOKEN)


def only(impact: Impact) -> Integration:
    (integration,) = impact.integrations
    return integration
