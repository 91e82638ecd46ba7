"""The Salesforce orgs of the settings: the `SALESFORCE_…` variables, or `SALESFORCE_ORGS`."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.settings_errors import Problem, problems_of
from bot.settings_values import Method, Networks, Origin, RsaKey
from services.orgs import OrgConfig, ResetMethod

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "SALESFORCE_"
ORGS = "SALESFORCE_ORGS"
DEFAULT_ORG = "production"
ORGS_EXAMPLE = (
    ORGS + '={"production": {"consumer_key": "3MVG9…", "private_key": "-----BEGIN PRIVATE'
    ' KEY-----\\n…", "username": "resets@acme.com"}, "partner": {…}}'
)
PEM_EXAMPLE = "-----BEGIN PRIVATE KEY-----\\nMIIE…\\n-----END PRIVATE KEY-----"


class OrgSettings(BaseModel):
    """One org as it is written: `SALESFORCE_` and a field's name in capitals, or JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    login_url: Origin = Field(
        "https://login.salesforce.com",
        description="Where the org's users log in: an https origin.",
        examples=["https://acme.my.salesforce.com"],
    )
    consumer_key: str = Field(
        description="The consumer key of the External Client App for the integration user.",
        examples=["3MVG9…"],
    )
    private_key: RsaKey = Field(
        description="That app's private key (PEM); \\n may stand for the line ends.",
        examples=[PEM_EXAMPLE],
    )
    username: str = Field(
        description="The integration user's Salesforce username.", examples=["resets@acme.com"]
    )
    user_consumer_key: str | None = Field(
        None,
        description="The consumer key of the app that may act as the users, for the method token."
        " Unset: SALESFORCE_CONSUMER_KEY.",
        examples=["3MVG9…"],
    )
    user_private_key: RsaKey | None = Field(
        None,
        description="That app's private key (PEM). Unset: SALESFORCE_PRIVATE_KEY.",
        examples=[PEM_EXAMPLE],
    )
    reset_method: Method = Field(
        ResetMethod.TOKEN,
        description="What /reset-token does for a user: token, password or guided.",
        examples=["guided"],
    )
    trusted_networks: Networks = Field(
        (),
        description="Networks (CIDR, comma-separated) whose logins need no token.",
        examples=["203.0.113.0/24,2001:db8::/32"],
    )

    def as_config(self, name: str) -> OrgConfig:
        """Return what the services are told about this org."""
        return OrgConfig(
            name=name,
            login_url=self.login_url,
            consumer_key=self.consumer_key,
            private_key=self.private_key,
            username=self.username,
            user_consumer_key=self.user_consumer_key or self.consumer_key,
            user_private_key=self.user_private_key or self.private_key,
            reset_method=self.reset_method,
            trusted_networks=self.trusted_networks,
        )


VARIABLES = {PREFIX + name.upper(): field for name, field in OrgSettings.model_fields.items()}
_SHOWN = frozenset({"reset_method", "trusted_networks"})


def read_orgs(given: Mapping[str, str]) -> tuple[tuple[OrgConfig, ...], list[Problem]]:
    """Return the orgs that the environment names, and what is wrong with the others."""
    if ORGS in given:
        return _read_many(given[ORGS])
    written = {
        name.removeprefix(PREFIX).lower(): given[name] for name in VARIABLES if name in given
    }
    org, complaints = _read_one(DEFAULT_ORG, written)
    problems = [
        replace(
            problem,
            name=PREFIX + problem.name.upper(),
            example=f"{PREFIX}{problem.name.upper()}={problem.example}",
        )
        for problem in complaints
    ]
    return ((org,) if org else ()), problems


def _read_many(text: str) -> tuple[tuple[OrgConfig, ...], list[Problem]]:
    try:
        written = json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return (), [Problem(ORGS, "isn't JSON, or names something twice.", ORGS_EXAMPLE)]
    if not isinstance(written, dict) or not written or not all(map(_is_object, written.values())):
        return (), [
            Problem(
                ORGS,
                "isn't a JSON object that gives each org's settings by its name.",
                ORGS_EXAMPLE,
            )
        ]
    orgs, problems = [], []
    for name, fields in written.items():
        if complaint := _complaint_about(name):
            problems.append(Problem(ORGS, complaint, ORGS_EXAMPLE))
            continue
        org, complaints = _read_one(name, fields)
        orgs += [org] if org else []
        problems += [
            replace(
                problem,
                name=f"{ORGS}, {name}, {problem.name}",
                example=f'"{problem.name}": "{problem.example}"',
            )
            for problem in complaints
        ]
    return tuple(orgs), problems


def _complaint_about(name: str) -> str | None:
    if not re.fullmatch(r"[a-z0-9_-]{1,40}", name):
        return "holds an org's name that isn't 1 to 40 of a-z, 0-9, _ and -."
    if name in {"help", "status", "breach"}:
        return f"names an org {name}, which /reset-token takes for a word of its own."
    return None


def _read_one(name: str, written: object) -> tuple[OrgConfig | None, list[Problem]]:
    """Return the org, or else its problems, under the fields' names."""
    try:
        return OrgSettings.model_validate(written).as_config(name), []
    except ValidationError as error:
        return None, problems_of(error, OrgSettings.model_fields, shown=_SHOWN)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
