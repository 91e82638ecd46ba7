"""The stores on a real Valkey, and cases brought to where a test wants them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from valkey.asyncio import Valkey

from services.cases import plans
from services.cases.model import Card, Case, CaseKind, Report
from services.cases.policy import Rules
from services.cases.preparation import card_found
from services.cases.reporting import NEW_CASE_JOBS
from services.cases.states import CaseMove
from services.resets.model import SlackUser, new_id
from services.standing import Presser
from services.store import keys
from services.store.case_changes import AlertOp, CaseChange, QueueOp
from services.store.presses import Press
from services.store.stores import Stores
from tests.unit.handlers.case_examples import BEN, IRIS, REPORT, TARGET
from tests.unit.handlers.examples import NOW

if TYPE_CHECKING:
    from collections.abc import Awaitable


def open_stores(url: str) -> Stores:
    return Stores(
        url,
        retention=timedelta(days=90),
        audit_retention=timedelta(days=365),
        cooldown=timedelta(minutes=10),
        evidence=timedelta(days=30),
        run_held_for=timedelta(seconds=15),
    )


def a_new_case(*, reporter: SlackUser | None = BEN, **fields: Any) -> Case:  # noqa: ANN401
    case_id = new_id()
    report = REPORT.model_copy(update={"id": case_id, "reporter": reporter})
    given: dict[str, Any] = {
        "id": case_id,
        "created_at": NOW,
        "suspect": "U0ADA",
        "reports": (report,),
    }
    return Case(**(given | fields))


def reporting(case: Case, **more: Any) -> CaseChange:  # noqa: ANN401
    given: dict[str, Any] = {"jobs": NEW_CASE_JOBS, "preparing": QueueOp.JOIN}
    return CaseChange(CaseMove.REPORT, case, NOW, actor=case.origin.reporter, **(given | more))


def presenting(case: Case, **fields: Any) -> CaseChange:  # noqa: ANN401
    """Bring it before IT, as the preparation does once it knows the account."""
    card = Card(id=new_id(), until=NOW + timedelta(hours=4))
    given = {"target": TARGET, "org": TARGET.org, "card": card, "first_card_at": NOW}
    return CaseChange(
        CaseMove.PRESENT,
        case.model_copy(update=given | fields),
        NOW,
        puts=card_found(card, case.id),
        claims_account=True,
        alert=AlertOp.OPEN if case.kind is CaseKind.BREACH else AlertOp.NONE,
        alerts_taken_over=case.resets,
        preparing=QueueOp.LEAVE,
        card=QueueOp.JOIN,
    )


async def reported(stores: Stores, **fields: Any) -> Case:  # noqa: ANN401
    return await stores.cases.move(None, reporting(a_new_case(**fields)))


async def presented(stores: Stores, case: Case | None = None, **fields: Any) -> Case:  # noqa: ANN401
    before = case or await reported(stores)
    return await stores.cases.move(before, presenting(before, **fields))


def press_of(case: Case, person: SlackUser = IRIS, text: str = "phoned her") -> Press:
    about = case.card.id if case.card else case.id
    chosen = ("freeze", "sessions", "grants", "password")
    return Press(id=new_id(), reset_id=about, person=person, text=text, steps=chosen)


def approving(case: Case, person: SlackUser = IRIS) -> CaseChange:
    presser = Presser(person, is_approver=True)
    change = plans.approval(case, press_of(case, person), presser, NOW, Rules())
    assert isinstance(change, CaseChange)
    return change


def denying(case: Case) -> CaseChange:
    change = plans.denial(case, press_of(case), NOW)
    assert isinstance(change, CaseChange)
    return change


def finishing(case: Case) -> CaseChange:
    return CaseChange(CaseMove.FINISH, case, NOW, leaves_account=True)


def closing(case: Case) -> CaseChange:
    change = plans.closing(case, press_of(case), NOW)
    assert isinstance(change, CaseChange)
    return change


async def approved(stores: Stores, case: Case) -> Case:
    return await stores.cases.move(case, approving(case))


async def contained(stores: Stores, case: Case) -> Case:
    running = await approved(stores, case)
    return await stores.cases.move(running, finishing(running))


async def denied(stores: Stores, case: Case) -> Case:
    return await stores.cases.move(case, denying(case))


def a_voice(**fields: Any) -> Report:  # noqa: ANN401
    return REPORT.model_copy(update={"id": new_id()} | fields)


async def fields_of(raw: Valkey, key: str) -> dict[str, str]:
    return await cast("Awaitable[dict[str, str]]", raw.hgetall(key))


async def write(raw: Valkey, key: str, **fields: str) -> None:
    """Write into a hash, as another version or damage would."""
    await cast("Awaitable[int]", raw.hset(key, mapping=fields))


async def everything(raw: Valkey) -> dict[str, bytes | None]:
    """What is stored, byte for byte."""
    return {key: await raw.dump(key) for key in sorted(await raw.keys("*"))}


async def queued(raw: Valkey) -> dict[str, list[str]]:
    """Whose turn comes when: the ids in each of the sorted sets of cases."""
    names = (keys.CASES_OPEN, keys.CASES_PREPARING, keys.CARDS_DUE)
    return {name: list(await raw.zrange(name, 0, -1)) for name in names}
