"""Who may take what off a checklist."""

import subprocess
import sys

import pytest

from services.follow_ups.ending import end
from services.follow_ups.model import Ended, FollowUp, ItemState
from services.follow_ups.policy import dismiss, refuse_owner
from services.resets.policy import Answer, AnswerCode
from tests.factories import ADA, EVE, NOW
from tests.unit.follow_ups.examples import a_follow_up, after, an_integration


@pytest.mark.parametrize(
    ("field", "state"), [("id", ItemState.NOT_MINE), ("dismiss_id", ItemState.DISMISSED)]
)
def test_a_press_takes_the_item_off(field: str, state: ItemState) -> None:
    follow_up = a_follow_up(an_integration(), an_integration("Acme ETL"))
    pressed = getattr(follow_up.items[0], field)
    changed = dismiss(follow_up, pressed, NOW)
    assert isinstance(changed, FollowUp)
    assert [item.state for item in changed.items] == [state, ItemState.OPEN]
    assert changed.ended is None
    assert dismiss(changed, pressed, NOW) is changed


def test_the_last_one_ends_it_and_a_second_press_is_harmless() -> None:
    follow_up = a_follow_up()
    changed = dismiss(follow_up, follow_up.items[0].id, after(minutes=2))
    assert isinstance(changed, FollowUp)
    assert (changed.ended, changed.ended_at) == (Ended.ALL_DONE, after(minutes=2))
    assert changed.next_at is None
    assert dismiss(changed, follow_up.items[0].id, NOW) is changed


def test_after_the_end_nothing_changes() -> None:
    over = end(a_follow_up(), Ended.TIME_IS_UP, after(days=7))
    answer = dismiss(over, over.items[0].id, after(days=8))
    assert answer == Answer(code=AnswerCode.FOLLOW_UP_OVER, at=after(days=7))


def test_an_item_that_is_not_there_is_gone() -> None:
    assert dismiss(a_follow_up(), "0" * 32, NOW) == Answer(code=AnswerCode.GONE)


def test_only_its_owner_may() -> None:
    assert refuse_owner(a_follow_up(), ADA) is None
    assert refuse_owner(a_follow_up(), EVE) == Answer(code=AnswerCode.NOT_YOURS)
    assert refuse_owner(None, ADA) == Answer(code=AnswerCode.GONE)


def test_a_web_process_loads_nothing_that_speaks_to_salesforce() -> None:
    look = (
        "import sys, services.follow_ups.dismissals;"
        "print([name for name in sys.modules if name in"
        " {'simple_salesforce', 'requests', 'docket', 'services.salesforce.org'}])"
    )
    ran = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
