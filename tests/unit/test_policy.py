from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.orgs import ResetMethod
from services.resets import policy
from services.resets.model import Question, Reason
from services.resets.policy import AnswerCode, Profile
from services.resets.states import WAITING, State
from services.salesforce.records import AccountLock, SalesforceUser
from tests.factories import ADA, EVE, IVAN, NOW, a_reset

MINUTE = timedelta(minutes=1)
FROZEN = AccountLock(is_frozen=True, is_password_locked=False)
LOCKED = AccountLock(is_frozen=False, is_password_locked=True)


def a_profile(**changes: object) -> Profile:
    values = {
        "user_id": ADA.user_id,
        "email": "ada@acme.example",
        "is_email_confirmed": True,
        "deleted": False,
        "is_bot": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_stranger": False,
    }
    return Profile.model_validate(values | changes)


def a_user(**changes: object) -> SalesforceUser:
    values = {
        "id": "005000000000001AAA",
        "username": "ada@acme.example.prod",
        "email": "ada@acme.example",
        "name": "Ada Lovelace",
        "is_active": True,
        "user_type": "Standard",
    }
    return SalesforceUser.model_validate(values | changes)


def refuse_user(
    user: SalesforceUser,
    lock: AccountLock | None = None,
    method: ResetMethod = ResetMethod.TOKEN,
) -> Reason | None:
    return policy.refuse_user(user, lock, integration_username="bot@acme.example", method=method)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"is_bot": True}, Reason.SLACK_BOT),
        ({"deleted": True}, Reason.SLACK_DELETED),
        ({"is_stranger": True}, Reason.SLACK_STRANGER),
        ({"is_restricted": True}, Reason.SLACK_GUEST),
        ({"is_ultra_restricted": True}, Reason.SLACK_GUEST),
        ({"email": None}, Reason.SLACK_NO_EMAIL),
        ({"is_email_confirmed": False}, Reason.SLACK_UNCONFIRMED),
    ],
)
def test_who_slack_does_not_vouch_for_is_refused(
    changes: dict[str, object], reason: Reason | None
) -> None:
    assert policy.refuse_person(a_profile(**changes)) is reason


@given(
    st.fixed_dictionaries(
        {
            name: st.booleans()
            for name in (
                "is_email_confirmed",
                "deleted",
                "is_bot",
                "is_restricted",
                "is_ultra_restricted",
                "is_stranger",
            )
        }
    )
)
def test_only_a_confirmed_full_member_passes(flags: dict[str, bool]) -> None:
    good = flags["is_email_confirmed"] and not any(
        value for name, value in flags.items() if name != "is_email_confirmed"
    )
    assert (policy.refuse_person(a_profile(**flags)) is None) is good


@pytest.mark.parametrize(
    ("changes", "proven"),
    [
        ({}, True),
        ({"email": "ADA@ACME.EXAMPLE"}, True),
        ({"email": "a@b.example", "federation_identifier": "ada@acme.example"}, True),
        ({"email": "a@b.example", "username": "ada@acme.example"}, False),
        ({"email": "ada@acme.example.evil"}, False),
    ],
)
def test_an_equal_address_proves_and_a_username_does_not(
    changes: dict[str, object], *, proven: bool
) -> None:
    assert policy.proves(a_user(**changes), "ada@acme.example") is proven


def test_a_proven_user_beats_a_username_and_an_active_one_an_inactive_one() -> None:
    own, gone = a_user(), a_user(id="005000000000002AAA", is_active=False)
    lookalike = a_user(id="005000000000003AAA", email="x@y.example", username="ada@acme.example")
    assert policy.candidates([lookalike, gone, own], "ada@acme.example") == [own]
    assert policy.candidates([lookalike, gone], "ada@acme.example") == [gone]
    assert policy.candidates([lookalike], "ada@acme.example") == [lookalike]
    assert policy.candidates([], "ada@acme.example") == []


@pytest.mark.parametrize(
    ("changes", "lock", "method", "reason"),
    [
        ({}, None, ResetMethod.TOKEN, None),
        ({"username": "Bot@Acme.example"}, None, ResetMethod.TOKEN, Reason.INTEGRATION_USER),
        ({"is_active": False}, None, ResetMethod.TOKEN, Reason.INACTIVE),
        ({"user_type": "Guest"}, None, ResetMethod.TOKEN, Reason.GUEST_USER),
        ({}, FROZEN, ResetMethod.TOKEN, Reason.FROZEN),
        ({}, LOCKED, ResetMethod.TOKEN, None),
        ({"is_api_only": True}, None, ResetMethod.TOKEN, Reason.API_ONLY),
        ({"is_api_only": True}, None, ResetMethod.GUIDED, Reason.API_ONLY),
        ({"is_api_only": True}, None, ResetMethod.PASSWORD, None),
    ],
)
def test_which_salesforce_users_are_refused(
    changes: dict[str, object],
    lock: AccountLock | None,
    method: ResetMethod,
    reason: Reason | None,
) -> None:
    assert refuse_user(a_user(**changes), lock, method) is reason


@pytest.mark.parametrize(
    ("configured", "is_admin", "method"),
    [
        (ResetMethod.TOKEN, False, ResetMethod.TOKEN),
        (ResetMethod.TOKEN, True, ResetMethod.GUIDED),
        (ResetMethod.PASSWORD, True, ResetMethod.PASSWORD),
        (ResetMethod.GUIDED, False, ResetMethod.GUIDED),
    ],
)
def test_no_key_acts_as_an_admin(
    configured: ResetMethod, *, is_admin: bool, method: ResetMethod
) -> None:
    assert policy.method_for(configured, a_user(is_admin=is_admin))[0] is method


def test_a_button_answers_its_owner_alone() -> None:
    gone = policy.refuse_owner(None, ADA)
    assert gone is not None
    assert gone.code is AnswerCode.GONE
    stolen = policy.refuse_owner(a_reset(), EVE)
    assert stolen is not None
    assert stolen.code is AnswerCode.NOT_YOURS
    assert policy.refuse_owner(a_reset(), ADA.model_copy(update={"team_id": "T0OTHER"})) is None


@given(st.sampled_from(State), st.sampled_from(sorted(WAITING)), st.integers(-60, 60))
def test_a_press_counts_only_in_its_state_and_before_its_deadline(
    state: State, expected: State, minutes: int
) -> None:
    reset = a_reset(state=state, deadline=NOW)
    refused = policy.refuse_press(reset, expected, NOW + minutes * MINUTE)
    assert (refused is None) is (state is expected and minutes < 0)


@given(st.sampled_from(State), st.integers(-60, 60))
def test_nobody_answers_their_own_question(state: State, minutes: int) -> None:
    reset = a_reset(state=state, deadline=NOW, question=Question(text="may I?"))
    refused = policy.refuse_answer(reset, ADA, NOW + minutes * MINUTE)
    assert refused is not None
    assert refused.code is AnswerCode.OWN_QUESTION


def test_who_comes_second_is_told_who_was_first() -> None:
    question = Question(text="may I?", answered_by=IVAN.user_id, answered_at=NOW)
    reset = a_reset(state=State.PREPARING, question=question)
    refused = policy.refuse_answer(reset, EVE, NOW)
    assert refused is not None
    assert (refused.code, refused.by, refused.at) == (
        AnswerCode.ALREADY_ANSWERED,
        IVAN.user_id,
        NOW,
    )
