"""The last active admin is never frozen, also where two are frozen at the same moment."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from services.cases.performing import Performing
from services.cases.steps import Step, StepKind, StepState
from services.salesforce.errors import Unavailable
from services.salesforce.records import Standing
from services.store.stores import Stores
from tests.unit.handlers.case_examples import a_case, a_target
from tests.unit.handlers.examples import NOW

if TYPE_CHECKING:
    from services.salesforce.org import Org

ADMINS = ("005000000000001AAA", "005000000000002AAA")


@dataclass
class AnOrg:
    """Two admins; whoever is asked to freeze one takes a moment for it."""

    admins: set[str] = field(default_factory=lambda: set(ADMINS))
    frozen: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    config: Any = field(default_factory=lambda: SimpleNamespace(username="bot@acme.example"))

    @property
    def control(self) -> "AnOrg":
        return self

    async def user(self, user_id: str) -> Any:  # noqa: ANN401 - a stand-in for a record
        self.asked.append("user")
        return SimpleNamespace(is_admin=user_id in self.admins)

    async def other_admins(self, user_id: str) -> int:
        self.asked.append("other_admins")
        await asyncio.sleep(0)  # lets the other one ask too, if nothing stops it
        return len(self.admins - self.frozen - {user_id})

    async def set_frozen(self, user_id: str, *, frozen: bool) -> None:
        assert frozen
        await asyncio.sleep(0)
        self.frozen.add(user_id)

    async def read_standing(self, user_id: str) -> Standing:
        return Standing(
            read_at=NOW,
            is_frozen=user_id in self.frozen,
            is_active=True,
            sessions=0,
            grants=0,
            last_password_change=None,
        )


async def froze(stores: Stores, org: AnOrg, user_id: str, *, is_admin: bool) -> tuple[str, str]:
    case = a_case(target=a_target(user_id=user_id, is_admin=is_admin))
    step = Step(id="1" * 32, kind=StepKind.FREEZE, state=StepState.RUNNING)
    performing = Performing(stores.evidence, stores.freezes)
    outcome = await performing.perform(case, step, cast("Org", org))
    return outcome.state, outcome.code or ""


async def test_of_the_last_two_admins_one_is_left(stores: Stores) -> None:
    org = AnOrg()
    ended = await asyncio.gather(*(froze(stores, org, one, is_admin=True) for one in ADMINS))
    assert sorted(ended) == [("done", ""), ("failed", "last_admin")]
    assert len(org.frozen) == 1


async def test_who_was_made_an_admin_since_is_treated_as_one(stores: Stores) -> None:
    org = AnOrg(admins={ADMINS[0]})
    assert await froze(stores, org, ADMINS[0], is_admin=False) == (
        "failed",
        "last_admin",
    )
    assert org.frozen == set()


async def test_a_read_that_fails_holds_up_no_freeze(stores: Stores) -> None:
    class Away(AnOrg):
        async def user(self, user_id: str) -> Any:  # noqa: ANN401 - as above
            raise Unavailable(f"http_503 for {user_id}")

    org = Away()
    assert await froze(stores, org, ADMINS[0], is_admin=False) == ("done", "")
    assert "other_admins" not in org.asked
