"""Whose account it is in Slack: `Email`, which an attacker may have changed, proves nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import pytest

from services.cases.describing import differs
from services.cases.finding import Finding, Person, is_theirs
from services.cases.model import SlackFact, Source
from services.resets.policy import Profile
from services.slack.errors import SlackRefusedError
from tests.unit.handlers.case_examples import NOT_ME, REPORT, a_case
from tests.unit.test_policy import a_profile, a_user

if TYPE_CHECKING:
    from services.slack.people import People

ADA, EVE = "ada@acme.example", "eve@acme.example"
NEW = "ada.lovelace@acme.example"


class Workspace:
    """A Slack in which people have these addresses."""

    def __init__(self, people: Mapping[str, str]) -> None:
        self._people = people
        self.asked: list[str] = []

    async def find(self, email: str) -> Profile | None:
        """Answer as `People` does."""
        self.asked.append(email)
        if email not in self._people:
            return None
        return a_profile(user_id=self._people[email], email=email)


async def looked_up(people: Mapping[str, str], **user: object) -> tuple[Person, bool | None, int]:
    """Who it is, whether Salesforce mails elsewhere, and how often Slack was asked."""
    slack = Workspace(people)
    found = a_user(**user)
    person = await Finding(cast("People", slack), {}).person_of(found)
    return person, differs(person.address, found), len(slack.asked)


PEOPLE = {ADA: "U0ADA", EVE: "U0EVE"}


@pytest.mark.parametrize(
    ("user", "suspect", "fact", "differ", "asked"),
    [
        # Known by what they log in with, and mail goes there.
        ({"username": ADA}, "U0ADA", None, False, 1),
        ({"federation_identifier": "ADA@acme.example"}, "U0ADA", None, False, 1),
        # Known, but mail goes to an address that nobody has.
        ({"username": ADA, "email": NEW}, "U0ADA", None, True, 2),
        # `Email` alone: they have the mailbox, and that is all.
        ({"username": "sales-7@acme.example"}, "U0ADA", None, None, 2),
        # The username is that address with the org's suffix.
        ({"username": f"{ADA}.prod"}, "U0ADA", None, False, 2),
        ({"username": f"{ADA}x"}, "U0ADA", None, None, 2),
        ({"email": EVE}, "U0EVE", None, None, 2),
        ({"federation_identifier": "4711", "email": EVE}, "U0EVE", None, None, 2),
        # Changed to the address of a colleague.
        ({"username": ADA, "email": EVE}, None, SlackFact.SEVERAL, True, 2),
        ({"federation_identifier": ADA, "email": EVE}, None, SlackFact.SEVERAL, True, 3),
        # The username was changed too.
        (
            {"federation_identifier": ADA, "username": EVE, "email": EVE},
            None,
            SlackFact.SEVERAL,
            True,
            2,
        ),
        ({"email": NEW}, None, SlackFact.NOT_FOUND, None, 2),
    ],
)
async def test_who_it_is_and_whether_their_address_is_proven(
    user: dict[str, object],
    suspect: str | None,
    fact: SlackFact | None,
    differ: bool | None,
    asked: int,
) -> None:
    person, seen, count = await looked_up(PEOPLE, **user)
    assert (person.user_id, person.fact, seen, count) == (suspect, fact, differ, asked)


async def test_where_slack_stops_answering_nothing_is_taken_for_known() -> None:
    class Silent(Workspace):
        async def find(self, email: str) -> Profile | None:
            if self.asked:
                raise SlackRefusedError("ratelimited")
            return await super().find(email)

    slack = Silent(PEOPLE)
    person = await Finding(cast("People", slack), {}).person_of(a_user(username=ADA, email=EVE))
    assert person == Person(None, None, SlackFact.NOT_LOOKED_UP)


@pytest.mark.parametrize(
    ("named", "source", "theirs"),
    [
        (Person("U0ADA", "ADA@acme.example", None), Source.FORM, True),
        (Person("U0EVE", EVE, None), Source.FORM, False),
        (Person("U0EVE", EVE, None), Source.MESSAGE, False),
        (Person("U0ADA", None, None), Source.FORM, False),
        (Person("U0ADA", None, SlackFact.NOT_LOOKED_UP), Source.FORM, True),
    ],
)
def test_whoever_is_named_has_the_account_where_an_address_of_it_is_theirs(
    named: Person, source: Source, *, theirs: bool
) -> None:
    report = REPORT.model_copy(update={"source": source})
    assert is_theirs(a_case(reports=(report,)), named, a_user()) is theirs


def test_whoever_says_this_wasnt_me_has_the_account_wherever_it_mails_by_now() -> None:
    named = Person("U0ADA", ADA, None)
    changed = a_user(email="attacker@elsewhere.example")
    assert is_theirs(a_case(reports=(NOT_ME,)), named, changed)
