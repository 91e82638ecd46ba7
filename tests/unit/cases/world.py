"""One case in memory, with the real decisions about it, and whoever presses its buttons."""

from collections.abc import Callable
from typing import Any, cast

from services.audit import AuditRow
from services.cases.decisions import CaseDecisions
from services.cases.model import Case
from services.cases.policy import Rules
from services.cases.states import after
from services.cases.steps import StepKind
from services.masking import digest
from services.resets.model import SlackUser, new_id
from services.resets.policy import Answer
from services.standing import Presser
from services.store.case_changes import CaseChange
from services.store.errors import StaleError
from services.store.presses import Press, PressKind
from tests.factories import FakeClock
from tests.unit.handlers.case_examples import BEN, IRIS, IVAN
from tests.unit.handlers.examples import NOW

ADA = SlackUser(user_id="U0ADA", team_id="T0ACME")
"""The suspected person."""
ADAS_OTHER = SlackUser(user_id="U0ADAX", team_id="T0ACME")
"""Another Slack account, with an address of the suspected Salesforce user."""
EVE = SlackUser(user_id="U0EVE", team_id="T0ACME")
"""No approver."""
KAI = SlackUser(user_id="U0KAI", team_id="T0ACME")

APPROVERS = frozenset(one.user_id for one in (ADA, ADAS_OTHER, BEN, IVAN, IRIS, KAI))
ADDRESS = "ada@acme.example"
ADDRESSES = (digest(ADDRESS),)
"""What a target has that is Ada's."""

ON_CARD: frozenset[PressKind] = frozenset({"approve", "override", "deny"})
CLICKS: tuple[PressKind, ...] = (
    *sorted(ON_CARD),
    "confirm_address",
    "retry",
    "unfreeze",
    "close",
)

ALL_STEPS = tuple(one.value for one in StepKind)

Watch = Callable[[Case, CaseChange, Case], None]


class MemoryStore:
    """Keeps one case as `CaseStore` does: each move names the version that it saw."""

    def __init__(self, case: Case, watch: Watch) -> None:
        self.case = case
        self._watch = watch
        self._cards = {case.card.id} if case.card else set()

    async def get(self, case_id: str) -> Case | None:
        return self.case if case_id == self.case.id else None

    async def of_card(self, card_id: str) -> Case | None:
        return self.case if card_id in self._cards else None

    async def of_step(self, step_id: str) -> Case | None:
        return self.case if self.case.step(step_id) else None

    async def move(self, before: Case, change: CaseChange) -> Case:
        if before.version != self.case.version:
            raise StaleError("stale")
        state = after(before.state, change.move)
        moved = change.after.model_copy(update={"version": before.version + 1, "state": state})
        self._watch(before, change, moved)
        self.case = moved
        if moved.card:
            self._cards.add(moved.card.id)
        return moved


class World:
    """Who is an approver may change at any time, as may what the clock says."""

    def __init__(self, case: Case, rules: Rules, watch: Watch = lambda *_: None) -> None:
        self.store = MemoryStore(case, watch)
        self.clock = FakeClock(NOW)
        self.approvers = set(APPROVERS)
        self.refused: list[AuditRow] = []
        anything = cast("Any", self)
        self.decisions = CaseDecisions(
            cast("Any", self.store), anything, anything, rules, self.clock
        )

    @property
    def case(self) -> Case:
        return self.store.case

    async def of(self, person: SlackUser) -> Presser:
        """Stand for `Standing`."""
        address = ADDRESS.upper() if person == ADAS_OTHER else None
        return Presser(person, is_approver=person.user_id in self.approvers, address=address)

    async def append(self, row: AuditRow) -> None:
        """Stand for `AuditLog`."""
        self.refused.append(row)

    async def click(
        self, kind: PressKind, person: SlackUser, *, steps: tuple[str, ...] = (), number: int = 0
    ) -> Case | Answer:
        """Press a button; `number` says below which step, and what is said of an address."""
        card, case = self.case.card, self.case
        about = case.id
        if kind in ON_CARD:
            about = card.id if card else ""
        elif kind == "retry":
            about = case.steps[number % len(case.steps)].id if case.steps else ""
        press = Press(
            id=new_id(),
            reset_id=about,
            person=person,
            kind=kind,
            text="because",
            steps=steps,
            address=case.target.address if case.target else None,
            is_approval=kind != "confirm_address" or number % 4 != 0,
        )
        decide = {
            "approve": self.decisions.approve,
            "override": self.decisions.override,
            "deny": self.decisions.deny,
            "confirm_address": self.decisions.confirm_address,
            "retry": self.decisions.retry,
            "unfreeze": self.decisions.unfreeze,
            "close": self.decisions.close,
        }
        return await decide[kind](press)
