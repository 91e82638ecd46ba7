"""Whatever those press who may not decide, nothing changes; and each of them is told why."""

from hypothesis import given
from hypothesis import strategies as st

from services.cases.model import Case, Target
from services.cases.policy import Rules
from services.cases.steps import Step
from services.resets.model import SlackUser
from services.resets.policy import Answer, AnswerCode
from services.store.presses import PressKind
from tests.unit.cases.strategies import CASES, STEPS, TARGETS, patient
from tests.unit.cases.world import ADA, ADAS_OTHER, ADDRESSES, ALL_STEPS, CLICKS, EVE, World
from tests.unit.handlers.case_examples import BEN, a_case

Click = tuple[PressKind, SlackUser, int]

WHY = {
    EVE.user_id: AnswerCode.NOT_APPROVER,
    ADA.user_id: AnswerCode.SUSPECTED,
    ADAS_OTHER.user_id: AnswerCode.SUSPECTED,
}


def clicks(*people: SlackUser) -> st.SearchStrategy[list[Click]]:
    one = st.tuples(st.sampled_from(CLICKS), st.sampled_from(people), st.integers(0, 9))
    return st.lists(one, min_size=1, max_size=12)


async def pressed(world: World, all_of_it: list[Click]) -> list[Answer]:
    """Press all of it, in order. Every press has to be refused, and written down."""
    before, answers = world.case, []
    for kind, person, number in all_of_it:
        answer = await world.click(kind, person, steps=ALL_STEPS, number=number)
        assert isinstance(answer, Answer)
        answers.append(answer)
    assert world.case is before
    assert [row.why for row in world.refused] == [answer.code for answer in answers]
    assert [row.slack_user for row in world.refused] == [one.user_id for _, one, _ in all_of_it]
    return answers


@patient
@given(CASES, TARGETS, clicks(EVE, ADA, ADAS_OTHER))
async def test_neither_a_stranger_nor_the_suspected_person_changes_any_case(
    case: Case, target: Target, all_of_it: list[Click]
) -> None:
    mine = {"suspect": ADA.user_id, "target": target.model_copy(update={"addresses": ADDRESSES})}
    world = World(case.model_copy(update=mine), Rules())
    answers = await pressed(world, all_of_it)
    for (kind, person, _), answer in zip(all_of_it, answers, strict=True):
        is_gone = kind == "retry" and not case.steps
        is_gone |= kind in {"approve", "override", "deny"} and case.card is None
        gone = AnswerCode.GONE if person != EVE else AnswerCode.NOT_APPROVER
        assert answer.code is (gone if is_gone else WHY[person.user_id])


@patient
@given(TARGETS, clicks(BEN, EVE, ADA, ADAS_OTHER))
async def test_nor_does_the_reporter_decide_where_overrides_are_off(
    target: Target, all_of_it: list[Click]
) -> None:
    fresh = a_case(target=target.model_copy(update={"addresses": ADDRESSES}))
    await pressed(World(fresh, Rules(emergency=False)), all_of_it)


@patient
@given(CASES, st.lists(STEPS, max_size=5, unique_by=lambda one: one.id), clicks(BEN, EVE, ADA))
async def test_nobody_does_anything_where_there_are_no_approvers(
    case: Case, steps: list[Step], all_of_it: list[Click]
) -> None:
    world = World(case.model_copy(update={"steps": tuple(steps)}), Rules())
    world.approvers.clear()
    answers = await pressed(world, all_of_it)
    assert {answer.code for answer in answers} == {AnswerCode.NOT_APPROVER}
