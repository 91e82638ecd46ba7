"""Who is refused a reset, and why: nothing is read or changed for them that needn't be."""

from collections.abc import Callable, Mapping

import pytest

from sandbox.salesforce.seed import RESETTABLE
from services.resets.model import Reason
from services.salesforce.composite import Question
from services.salesforce.rest import Rest
from services.store.errors import Hindrance
from tests.scenario.steps import (
    TOKEN_MAIL,
    UNCHANGED,
    answered,
    audit,
    audited,
    ended,
    has,
    newcomer,
    offered,
    on_screen,
    refused,
)
from tests.scenario.traces import lines, logged
from tests.scenario.world import World, a_world

Who = str | Callable[[World], str]
"""Names who asks; where the world has nobody like that, it prepares somebody first."""


def a_bot(world: World) -> str:
    return newcomer(world, "robo", "ada@acme.example", is_bot=True).name


def deactivated(world: World) -> str:
    world.slack.person("eve").deleted = True
    return "eve"


def without_address(world: World) -> str:
    return newcomer(world, "noa", None).name


def unknown_to_salesforce(world: World) -> str:
    return newcomer(world, "zoe", "zoe@acme.example").name


def frozen(world: World) -> str:
    world.org.person("eve").is_frozen = True
    return "eve"


def guest_of_a_site(world: World) -> str:
    email = newcomer(world, "lou", "lou@acme.example").email or ""
    world.org.add_user(email, email, "Lou Guest", user_type="Guest")
    return "lou"


def integration_user(world: World) -> str:
    return newcomer(world, "resetter", world.org.bot_user.email).name


REFUSED: list[tuple[Who, Reason, str]] = [
    ("gus", Reason.SLACK_GUEST, "You're a guest"),
    ("sam", Reason.SLACK_STRANGER, "another organisation"),
    ("una", Reason.SLACK_UNCONFIRMED, "isn't confirmed"),
    (a_bot, Reason.SLACK_BOT, "A bot or an app"),
    (deactivated, Reason.SLACK_DELETED, "deactivated"),
    (without_address, Reason.SLACK_NO_EMAIL, "no email address"),
    (unknown_to_salesforce, Reason.NO_SALESFORCE_USER, "I found no Salesforce user"),
    ("pia", Reason.INACTIVE, "inactive"),
    (frozen, Reason.FROZEN, "frozen"),
    ("omar", Reason.API_ONLY, "for programs only"),
    (guest_of_a_site, Reason.GUEST_USER, "guest user"),
    (integration_user, Reason.INTEGRATION_USER, "that I work with myself"),
]
BY_SLACK_ALONE = {reason for reason in Reason if reason.startswith("slack_")}
"""For these, Salesforce isn't even asked."""


@pytest.mark.parametrize(
    ("who", "reason", "words"), [pytest.param(*row, id=str(row[1])) for row in REFUSED]
)
async def test_refused_with_the_reason_and_what_to_do(
    redis_url: str, who: Who, reason: Reason, words: str
) -> None:
    async with a_world(redis_url) as world:
        name = who if isinstance(who, str) else who(world)
        with logged("INFO") as log:
            shown = await refused(world, name, words)
            row = await audited(world, "refuse")

        assert UNCHANGED in shown.plain
        assert str(reason) in shown.plain, "IT can look it up"
        assert len(shown.plain.splitlines()) >= 3, "why, what to do, and for IT"
        assert (row.why, row.after, row.requester) == (
            reason,
            "failed",
            world.slack.person(name).id,
        )
        assert world.org.resets == []
        assert world.org.mails == []
        assert world.org.count(0, "page") == 0
        if reason in BY_SLACK_ALONE:
            assert world.org.calls == []
        address = world.slack.person(name).email
        assert address is None or address not in log.getvalue(), "ids only"
        assert any(line["event"] == "audit" for line in lines(log))


async def test_an_inactive_user_beside_an_active_one_is_left_aside(world: World) -> None:
    world.org.add_user("eve.old@acme.example", "eve@acme.example", "Eve", is_active=False)
    warning = await offered(world, "eve")
    assert "eve@acme.example.prod" in warning.plain
    assert "eve.old" not in warning.plain


async def test_an_api_only_user_is_refused_by_guided_too(redis_url: str) -> None:
    async with a_world(redis_url, SALESFORCE_RESET_METHOD="guided") as world:
        await refused(world, "omar", "for programs only")
        assert world.org.resets == []


async def test_an_api_only_user_may_reset_password_and_token(redis_url: str) -> None:
    async with a_world(redis_url, SALESFORCE_RESET_METHOD="password") as world:
        warning = await offered(world, "omar")
        await world.person("omar").presses("reset.confirm", warning)
        assert (await ended(world, "omar")).state == "done"
        assert [reset.user_id for reset in world.org.resets] == [world.org.person("omar").id]


async def test_a_profile_that_slack_wont_show_refuses(world: World) -> None:
    world.slack.scopes.discard("users:read")
    await refused(world, "ada", "didn't let me read your profile")
    assert world.org.calls == []


async def test_an_address_that_differs_is_shown_in_the_warning(world: World) -> None:
    world.slack.person("una").is_email_confirmed = True
    warning = await offered(world, "una")
    assert "u…@elsewhere.example" in warning.plain
    assert "isn't the address Slack has for you" in warning.plain
    assert "una.keller@elsewhere.example" not in warning.plain, "masked"
    same = await offered(world, "ada")
    assert "isn't the address" not in same.plain


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query that leaves for Salesforce."""
    asked: list[str] = []
    query, queries = Rest.query, Rest.queries

    def one(self: Rest, soql: str, *, needs: str) -> object:
        asked.append(soql)
        return query(self, soql, needs=needs)

    def several(self: Rest, questions: Mapping[str, Question]) -> object:
        asked.extend(question.soql for question in questions.values())
        return queries(self, questions)

    monkeypatch.setattr(Rest, "query", one)
    monkeypatch.setattr(Rest, "queries", several)
    return asked


async def unproven(world: World) -> None:
    """Let Dana ask, whose Salesforce user has nothing of hers but the username."""
    await world.person("dana").types("/reset-token")
    await world.person("dana").sees_soon(has("reset.ask_it"))


async def test_a_match_by_username_alone_offers_it_and_nothing_else(
    world: World, asked: list[str]
) -> None:
    dana = world.person("dana")
    await unproven(world)
    shown = dana.sees("general")[-1]
    assert [button.text for button in shown.buttons] == ["Ask IT first", "Cancel"]
    assert "username alone" in shown.plain
    for hidden in ("Programs seen", "elsewhere.example", "login"):
        assert hidden not in shown.plain
    assert asked
    assert not [query for query in asked if "LoginHistory" in query]
    reset = await world.newest("dana")
    assert reset.impact is None
    await dana.presses("reset.cancel")
    await dana.sees_soon("Cancelled. Nothing has changed.")


async def test_a_forged_press_of_a_reset_that_isnt_proven_has_no_effect(world: World) -> None:
    dana = world.person("dana")
    await unproven(world)
    payload = dana.press_payload("reset.cancel")
    payload["actions"][0]["action_id"] = "reset.confirm"
    before = on_screen(dana)
    assert (await dana.presses_raw(payload)).error is None
    await answered(dana, "I can't be sure that this Salesforce user is yours", before)
    assert (await world.newest("dana")).state == "awaiting_user"
    assert (await audit(world))[-1].why == "not_proven"
    assert world.org.resets == []


async def test_it_can_vouch_for_a_match_by_username_alone(world: World, asked: list[str]) -> None:
    dana, ivan = world.person("dana"), world.person("ivan")
    await unproven(world)
    await dana.presses("reset.ask_it")
    await dana.submits({"question": "It is me"})
    card = await ivan.sees_soon(has("ask_it.go_ahead"), channel="it-approvals")
    assert "you vouch that this Salesforce user is theirs" in card.plain
    assert "Programs seen" not in card.plain
    assert not [query for query in asked if "LoginHistory" in query]
    await ivan.presses("ask_it.go_ahead", card)
    offer = await dana.sees_soon(has("reset.confirm"), channel="dm")
    assert "says go ahead" in offer.plain
    assert [query for query in asked if "LoginHistory" in query], "vouched for, so it is read"
    await dana.presses("reset.confirm", offer)
    assert (await ended(world, "dana")).state == "done"
    await dana.sees_soon(TOKEN_MAIL, channel="dm")
    assert [reset.user_id for reset in world.org.resets] == [world.org.user("dana@acme.example").id]
    account = (await world.newest("dana")).account
    assert account is not None
    hindered = await world.web.stores.resets.hindrance("production", account.user_id, world.clock())
    assert hindered is not None
    assert hindered[0] is Hindrance.COOLING_DOWN


async def test_a_user_who_isnt_preauthorised_is_guided_in_the_same_message(world: World) -> None:
    user = world.org.person("eve")
    user.assignments = [one for one in user.assignments if one.permission_set.name != RESETTABLE]
    eve = world.person("eve")
    warning = await offered(world, "eve")
    await eve.presses("reset.confirm", warning)
    guided = await eve.sees_soon("I couldn't do it for you")
    assert guided.ts == warning.ts
    assert UNCHANGED in guided.plain
    assert world.org.resets == []
