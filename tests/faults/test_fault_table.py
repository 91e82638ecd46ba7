"""Each call to Salesforce and Slack meets each fault: people see what docs/faults.md says.

That all they were told is true is checked with each (`fault_truth.py`). `make test` tries a sample,
`make faults` all. A call that is new has no rows in the guide yet, and fails here.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.counting import Count
from tests.faults.extent import ALL
from tests.faults.fault_flows import FLOWS, Flow
from tests.faults.fault_rows import Stages, clean, made_impatient, play_all, stages
from tests.faults.fault_table import GUIDE, key, read, results

ONE_OF = 17
"""Of how many pairs a sample takes one: a prime, so that it isn't always the same fault."""

PARTS = 4 if ALL else 1

LEFT_OUT = "Nor are calls that follow on another fault"
"""What the guide says before it names those without rows."""


@pytest.fixture
async def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stages]:
    made_impatient(monkeypatch)
    async with stages(tmp_path) as made:
        yield made


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
async def test_people_see_what_the_guide_says(
    on: Stages, flow: Flow, part: int, count: Count
) -> None:
    written = read(GUIDE.read_text(encoding="utf-8"))
    whole = await clean(flow, on)
    assert {key(*one) for one in whole.pairs()} == {one for one in written if one[0] == flow.name}
    pairs = whole.pairs()[part::PARTS] if ALL else whole.pairs()[ONE_OF // 2 :: ONE_OF]
    found = results(await play_all([whole], pairs, on))
    assert found == {one: written[one] for one in found}
    count("pairs of a call and a fault, each with what people saw, and it was true", len(found))


def test_every_method_of_slacks_has_rows_or_is_named_as_left_out() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    made = {
        name.replace("_", ".")
        for module in (GUIDE.parents[1] / "services/slack").glob("*.py")
        for name in re.findall(r"\._(?:client|poster)\.(\w+)\(", module.read_text(encoding="utf-8"))
    }
    assert "chat.postMessage" in made
    rows = {call.split("`")[1] for _, call, _ in read(guide) if call.startswith("Slack")}
    left_out = set(
        re.findall(r"`(\w+(?:\.\w+)+)`", guide.partition(LEFT_OUT)[2].partition("\n\n")[0])
    )
    assert made - rows == left_out


def test_every_call_to_salesforce_is_explained() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    explained = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \| ", text, re.MULTILINE)))
    made = {call.split("`")[1] for _, call, _ in read(text) if call.startswith("Salesforce")}
    assert set(explained) == made
