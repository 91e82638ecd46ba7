"""Every setting of the program, read once from the environment and checked before anything runs."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from bot import settings_orgs
from bot.settings_errors import Problem, SettingsError, example_of, problems_of
from bot.settings_values import (
    AlertSecrets,
    AppNames,
    Approvers,
    AppToken,
    BotToken,
    Channel,
    Escalation,
    LogFormat,
    LogLevel,
    RedisUrl,
    SlackApiUrl,
    TlsVerify,
)
from services.orgs import OrgConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo


class Role(StrEnum):
    """Which process reads the settings: it decides what is required."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


class Settings(BaseSettings):
    """The settings, each named as its environment variable in lower case, and the orgs."""

    model_config = SettingsConfigDict(
        alias_generator=str.upper,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    slack_bot_token: BotToken = Field(
        description="The bot user's OAuth token (OAuth & Permissions).", examples=["xoxb-1234-…"]
    )
    slack_signing_secret: SecretStr | None = Field(
        None,
        description="Checks what Slack sends over HTTP (Basic Information). Not needed with"
        " SLACK_APP_TOKEN.",
        examples=["8f742231b10e8888abcd99yyyzzz85a5"],
    )
    slack_app_token: AppToken | None = Field(
        None,
        description="An app-level token with connections:write: Socket Mode, which needs no"
        " public address. Unset: HTTP.",
        examples=["xapp-1-A0123-…"],
    )
    slack_api_url: SlackApiUrl = Field(
        "https://slack.com/api/",
        description="Base URL of Slack's Web API; ends in /api/.",
        examples=["https://slack.com/api/"],
    )
    redis_url: RedisUrl | None = Field(
        None,
        description="Redis or Valkey, redis:// or rediss://. Unset: `all` and `sandbox` start"
        " their own in DATA_DIR.",
        examples=["rediss://:password@redis.acme.com:6380/0"],
    )
    redis_tls_verify: TlsVerify = Field(
        default=True,
        description="Whether the certificate behind rediss:// is checked: true, false, or the"
        " path of a CA file.",
        examples=["true"],
    )
    data_dir: Path = Field(
        Path(".data"),
        description="Where the embedded Valkey keeps its data.",
        examples=[".data"],
    )
    it_channel: Channel = Field(
        description="The id of the private channel in which IT answers and approves.",
        examples=["C0123ABCD"],
    )
    it_approvers: Approvers = Field(
        (),
        description="Who may answer and approve: user ids (U…, W…) and user group ids (S…),"
        " comma-separated. Empty: nobody.",
        examples=["U0123ABCD,S0456EFGH"],
    )
    paused: str | None = Field(
        None,
        max_length=500,
        description="A reason: no new resets start, and the reason is told.",
        examples=["Salesforce is being upgraded until 14:00"],
    )
    alert_secret: AlertSecrets = Field(
        (),
        description="One or more whsec_… secrets, space-separated, for POST /alerts. Unset: the"
        " route answers 404.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    port: int = Field(
        3000, ge=0, le=65535, description="The port of the web process.", examples=["3000"]
    )
    log_level: LogLevel = Field(
        "INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL.", examples=["INFO"]
    )
    log_format: LogFormat | None = Field(
        None,
        description="json or console. Unset: console on a terminal, else json.",
        examples=["json"],
    )
    # An offer's end is told through the command's response_url, which Slack takes for 30 minutes.
    reset_offer_minutes: int = Field(
        25,
        ge=1,
        le=28,
        description="How long a warning and its buttons hold, in minutes.",
        examples=["25"],
    )
    reset_cooldown_minutes: int = Field(
        10,
        ge=0,
        le=1440,
        description="How long after a reset the same Salesforce user can't start another, in"
        " minutes.",
        examples=["10"],
    )
    reset_it_wait_hours: int = Field(
        24,
        ge=1,
        le=720,
        description="How long a question to IT stays open, in hours.",
        examples=["24"],
    )
    reset_retention_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="How long a finished reset is kept, in days.",
        examples=["90"],
    )
    reset_audit_days: int = Field(
        365,
        ge=1,
        le=3650,
        description="How long the audit's copy in Redis is kept, in days.",
        examples=["365"],
    )
    # Salesforce keeps LoginHistory for six months.
    reset_impact_days: int = Field(
        90,
        ge=1,
        le=180,
        description="How far back the logins in a warning go, in days.",
        examples=["90"],
    )
    reset_follow_days: int = Field(
        7,
        ge=1,
        le=30,
        description="How long the bot watches after a reset until every integration works again, in"
        " days.",
        examples=["7"],
    )
    reset_own_apps: AppNames = Field(
        ("Reset Token", "Reset Token as the user"),
        description="The names of the Salesforce apps with which the bot itself logs in,"
        " comma-separated: their logins are left out of warnings.",
        examples=["Reset Token,Reset Token as the user"],
    )
    reset_doctor_username: str | None = Field(
        None,
        description="A Salesforce test user, as whom `doctor` tries the method token's session.",
        examples=["reset-test@acme.com"],
    )
    reset_user_permission_set: str | None = Field(
        None,
        pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$",
        description="The API name of the permission set that pre-authorises the app for the method"
        " token; `doctor` checks that it holds no admins.",
        examples=["Reset_Token_Users"],
    )
    breach_admin_approvers: int = Field(
        2,
        ge=1,
        le=5,
        description="How many different approvers it takes to contain an account with admin"
        " rights.",
        examples=["2"],
    )
    breach_emergency: bool = Field(
        default=True,
        description="Whether an approver may act alone on their own report in an emergency, told"
        " to the whole channel: true or false.",
        examples=["true"],
    )
    breach_escalation: Escalation = Field(
        "channel",
        description="Whom a report goes to that nobody decided on within the hour: a user group"
        " id (S…), or `channel` for everybody in IT's channel.",
        examples=["S0456EFGH"],
    )
    breach_evidence_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="How long the evidence of an approved report is kept, in days.",
        examples=["90"],
    )
    orgs: tuple[OrgConfig, ...] = Field(
        (),
        alias=settings_orgs.ORGS,
        description="Several orgs: a JSON object, name to the SALESFORCE_ settings in lower case"
        " without the prefix. Replaces them.",
        examples=[settings_orgs.ORGS_EXAMPLE],
    )

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load` hands over and nothing else: no environment is read behind its back."""
        return (init_settings,)

    @classmethod
    def load(cls, environ: Mapping[str, str], *, role: Role = Role.ALL) -> Self:
        """Read and check the settings; an empty variable counts as unset.

        Raises SettingsError, which names every missing or malformed one.
        """
        given = {
            name: value.strip()
            for name, value in environ.items()
            if name in variables() and value.strip()
        }
        orgs, problems = settings_orgs.read_orgs(given)
        problems += _required_here(given, role)
        settings: Self | None = None
        try:
            settings = cls.model_validate({**given, settings_orgs.ORGS: orgs})
        except ValidationError as error:
            problems += [
                replace(problem, example=f"{problem.name}={problem.example}")
                for problem in problems_of(error, variables(), shown=_SHOWN)
            ]
        else:
            problems += _contradictions(settings)
        if settings is None or problems:
            raise SettingsError(sorted(problems, key=attrgetter("name")))
        return settings

    def redis_connection_url(self) -> str | None:
        """Return REDIS_URL for redis-py, with REDIS_TLS_VERIFY said in its query."""
        if self.redis_url is None:
            return None
        return _with_tls(self.redis_url.get_secret_value(), verify=self.redis_tls_verify)


def variables() -> dict[str, FieldInfo]:
    """Return every environment variable of the program, with its description and example."""
    own = {field.alias or "": field for field in Settings.model_fields.values()}
    return own | settings_orgs.VARIABLES


# Free of secrets, so that an error may repeat what was written.
_SHOWN = frozenset(
    {"REDIS_TLS_VERIFY", "IT_CHANNEL", "IT_APPROVERS", "PORT", "LOG_LEVEL", "LOG_FORMAT"}
    | {"RESET_OWN_APPS", "BREACH_ADMIN_APPROVERS", "BREACH_EMERGENCY", "BREACH_ESCALATION"}
    | {
        field.alias or ""
        for name, field in Settings.model_fields.items()
        if name.endswith(("_minutes", "_hours", "_days"))
    }
)


def _required_here(given: Mapping[str, str], role: Role) -> list[Problem]:
    """Return what is missing because of the process, or because of another setting."""
    missing = []
    if "SLACK_SIGNING_SECRET" not in given and "SLACK_APP_TOKEN" not in given:
        missing.append(("SLACK_SIGNING_SECRET", "is missing, and SLACK_APP_TOKEN too: set one."))
    if "REDIS_URL" not in given and role is not Role.ALL:
        missing.append(("REDIS_URL", f"is missing; `{role}` needs it when it runs on its own."))
    return [
        Problem(name, wrong, f"{name}={example_of(variables()[name])}") for name, wrong in missing
    ]


def _contradictions(settings: Settings) -> list[Problem]:
    """Return what is in order by itself, but not together."""
    # A follow-up's last words need the reset that they are about.
    if settings.reset_retention_days >= settings.reset_follow_days + 2:
        return []
    name = "RESET_FOLLOW_DAYS"
    wrong = "must be at least 2 days less than RESET_RETENTION_DAYS."
    return [Problem(name, wrong, f"{name}={example_of(variables()[name])}")]


def _with_tls(url: str, *, verify: bool | Path) -> str:
    """Return a rediss:// URL whose query tells redis-py how to check the certificate."""
    parts = urlsplit(url)
    if parts.scheme != "rediss":
        return url
    query = dict(parse_qsl(parts.query))
    if isinstance(verify, Path):
        query |= {"ssl_cert_reqs": "required", "ssl_ca_certs": str(verify)}
    elif verify:
        query |= {"ssl_cert_reqs": "required"}
    else:
        query |= {"ssl_cert_reqs": "none", "ssl_check_hostname": "false"}
    return parts._replace(query=urlencode(query)).geturl()
