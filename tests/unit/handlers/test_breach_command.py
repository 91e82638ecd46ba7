"""What stands behind `/reset-token breach`: whom, where and why, as far as it was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.breach_command import Said, read
from tests.unit.handlers.strategies import HOSTILE

ORGS = ("production", "uat")
ADA = "<@U0ADA00001|ada>"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", Said()),
        ("   ", Said()),
        (ADA, Said(person="U0ADA00001")),
        ("<@U0ADA00001>", Said(person="U0ADA00001")),
        ("<@W0ADA00001|>", Said(person="W0ADA00001")),
        (f"{ADA} odd logins", Said(person="U0ADA00001", reason="odd logins")),
        (f"{ADA}odd logins", Said(person="U0ADA00001", reason="odd logins")),
        (f"uat {ADA} odd", Said(person="U0ADA00001", org="uat", reason="odd")),
        (f"UAT   {ADA} odd", Said(person="U0ADA00001", org="uat", reason="odd")),
        ("production", Said(org="production")),
        ("production odd logins", Said(org="production", reason="odd logins")),
        # A Salesforce username, as it is typed and as Slack makes a link of it
        ("ada@acme.example.uat odd", Said(username="ada@acme.example.uat", reason="odd")),
        (
            "<mailto:ada@acme.example|ada@acme.example> odd",
            Said(username="ada@acme.example", reason="odd"),
        ),
        ("<mailto:a@b.example|a@b.example>", Said(username="a@b.example")),
        ("uat ada@acme.example", Said(username="ada@acme.example", org="uat")),
        ("ada@acme.example", Said(username="ada@acme.example")),
        # Nobody was named first, so all of it is the reason, and the form asks
        ("odd logins", Said(reason="odd logins")),
        (f"I think {ADA} is hacked", Said(reason=f"I think {ADA} is hacked")),
        ("somewhere <@U0ADA00001>", Said(reason="somewhere <@U0ADA00001>")),
        ("@ada odd logins", Said(reason="@ada odd logins")),
        ("<#C0GENERAL1|general> odd", Said(reason="<#C0GENERAL1|general> odd")),
        ("<!subteam^S0ADMINS01> odd", Said(reason="<!subteam^S0ADMINS01> odd")),
    ],
)
def test_whom_where_and_why_are_told_apart(text: str, said: Said) -> None:
    assert read(text, ORGS) == said


def test_a_reason_is_kept_with_its_lines_and_whomever_it_names() -> None:
    said = read(f"{ADA} odd logins\nfrom Oslo, ask <@U0BEN00001|ben>\n", ORGS)
    assert said.person == "U0ADA00001"
    assert said.reason == "odd logins\nfrom Oslo, ask <@U0BEN00001|ben>"


@pytest.mark.parametrize(
    ("text", "is_whole"),
    [
        (f"{ADA} odd", True),
        ("ada@acme.example odd", True),
        (ADA, False),
        ("ada@acme.example", False),
        ("odd logins", False),
        ("uat", False),
        ("", False),
    ],
)
def test_it_is_reported_at_once_where_nothing_has_to_be_asked(text: str, *, is_whole: bool) -> None:
    assert read(text, ORGS).is_whole is is_whole


def test_an_org_is_one_only_where_it_is_configured() -> None:
    assert read(f"uat {ADA} odd", ("production",)) == Said(reason=f"uat {ADA} odd")
    assert read(f"uat {ADA} odd", ()).org is None


def sent(typed: str) -> str:
    """What Slack makes of what is typed behind a command."""
    return typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(st.text(max_size=80) | HOSTILE, st.sampled_from(["", "uat ", "Production "]))
def test_whatever_is_typed_behind_a_person_is_the_reason(typed: str, org: str) -> None:
    said = read(f"{org}{ADA} {sent(typed)}", ORGS)
    assert said == Said(
        person="U0ADA00001", org=org.strip().casefold() or None, reason=typed.strip()
    )


@given(st.text(max_size=80) | HOSTILE)
def test_whatever_slack_sends_names_a_person_by_id_or_a_user_by_address_or_nobody(
    text: str,
) -> None:
    said = read(text, ORGS)
    assert said.person is None or said.person.isalnum()
    assert said.username is None or said.username.count("@") == 1
    assert said.person is None or said.username is None
    assert said.org in {None, *ORGS}
    assert len(said.reason) <= len(text)


def test_a_comma_behind_a_username_is_none_of_it() -> None:
    said = read("ada@acme.example.prod, she typed her password", ())
    assert (said.username, said.reason) == ("ada@acme.example.prod", "she typed her password")
