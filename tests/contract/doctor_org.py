"""An org that answers each kind of query that `doctor` asks, and the asking."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.doctor_lines import Line, Mark
from bot.doctor_salesforce import org_lines
from bot.settings import Settings
from sandbox.salesforce.apps import key_pair
from services.orgs import OrgConfig, ResetMethod
from services.salesforce.checks import CheckedOrg
from services.salesforce.http import Timeouts
from tests.unit.salesforce import parts
from tests.unit.salesforce import stub as sf
from tests.unit.salesforce.stub import Stub, page, redirect, rows

BOT, ADA, BEN = "005000000000001AAA", "005000000000002AAA", "005000000000003AAA"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EDIT_PAGE = (
    '<form method="post" action="go"><input type="hidden" name="_CONFIRMATIONTOKEN" value="c">'
    '<input type="submit" name="save" value="Reset Security Token"></form>'
)


def a_user(user_id: str, username: str, *, admin: bool = False) -> dict[str, object]:
    return {
        "Id": user_id,
        "Username": username,
        "Email": username,
        "FederationIdentifier": None,
        "Name": "Somebody",
        "IsActive": True,
        "UserType": "Standard",
        "LastPasswordChangeDate": None,
        "Profile": {"Name": "Standard User", "PermissionsManageUsers": admin},
        "PermissionSetAssignments": None,
    }


@dataclass
class Salesforce:
    """A stub that answers each kind of query; a test replaces an answer."""

    stub: Stub = field(default_factory=Stub)
    answers: dict[str, Callable[[str], Response]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stub.on(sf.QUERY, self._answer)
        self.stub.on(sf.COMPOSITE, parts.composite(parts.account()))
        self.answers = {
            "Id FROM User WHERE": lambda _: rows({"Id": ADA}),
            "FROM User WHERE Email": self._users,
            "FROM LoginHistory": lambda _: rows({"UserId": ADA}),
            "FROM UserLogin": lambda _: rows({"UserId": ADA}),
            "FROM UserPermissionAccess": lambda _: rows(
                {
                    "PermissionsManageUsers": True,
                    "PermissionsCustomizeApplication": True,
                    "PermissionsResetPasswords": True,
                }
            ),
            "FROM SetupAuditTrail": lambda _: rows({"Id": "0Ym"}),
            "FROM PermissionSetGroupComponent": lambda _: rows(),
            "FROM PermissionSetAssignment WHERE PermissionSet.P": lambda _: rows(
                {"AssigneeId": BEN}, {"AssigneeId": BOT}
            ),
            "FROM PermissionSetAssignment WHERE PermissionSet.N": lambda _: rows(),
            "FROM PermissionSetAssignment WHERE PermissionSetGroupId": lambda _: rows(),
            "FROM PermissionSet WHERE": lambda _: rows({"Id": "0PS"}),
        }

    def open_pages(self) -> None:
        origin = self.stub.origin
        self.stub.on(sf.BRIDGE, JSONResponse({"frontdoor_uri": f"{origin}{sf.FRONTDOOR}?otp=1"}))
        self.stub.on(sf.FRONTDOOR, redirect(sf.EDIT))
        self.stub.on(sf.EDIT, page(EDIT_PAGE))
        self.stub.on(sf.LOGOUT, Response())
        self.stub.on(sf.REVOKE, Response())

    async def _answer(self, request: Request) -> Response:
        query = request.query_params["q"]
        self.queries.append(query)
        return next(answer for part, answer in self.answers.items() if part in query)(query)

    @staticmethod
    def _users(query: str) -> Response:
        known = [
            a_user(BOT, "bot@acme.example", admin=True),
            a_user(ADA, "ada@acme.example"),
            a_user(BEN, "ben@acme.example", admin=True),
        ]
        return rows(*(one for one in known if f"'{one['Username']}'" in query))


async def ask(
    salesforce: Salesforce,
    method: ResetMethod = ResetMethod.TOKEN,
    *,
    user_app: str = "user-app",
    test_user: str | None = "ada@acme.example",
    permission_set: str | None = "Reset_Token_Users",
    orgs: int = 1,
) -> list[Line]:
    pem = SecretStr(key_pair("bot").private)
    config = OrgConfig(
        name="production",
        login_url=salesforce.stub.origin,
        consumer_key="integration-app",
        private_key=pem,
        username="bot@acme.example",
        user_consumer_key=user_app,
        user_private_key=pem,
        reset_method=method,
    )
    settings = Settings.model_validate(
        {
            "SLACK_BOT_TOKEN": SecretStr("xoxb-1"),
            "IT_CHANNEL": "C0ITAPPROVAL",
            "SALESFORCE_ORGS": (config,) * orgs,
            "RESET_DOCTOR_USERNAME": test_user,
            "RESET_USER_PERMISSION_SET": permission_set,
        }
    )
    timeouts = Timeouts(connect=1.0, read=0.5, effect=0.5)
    with ThreadPoolExecutor(2) as executor:
        org = CheckedOrg(config, lambda: NOW, executor, timeouts)
        found = [line async for line in org_lines(org, settings)]
        await org.close()
    assert not [one for one in salesforce.stub.asked if one.method == "DELETE"]
    assert sf.CONFIRM not in salesforce.stub.paths
    assert "/_ui/system/security/go" not in salesforce.stub.paths
    assert "SECRET" not in "".join(map(str, found))
    return found


def told(lines: list[Line], mark: Mark) -> list[str]:
    return [str(line) for line in lines if line.mark is mark]
