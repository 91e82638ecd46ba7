"""One place reads the time; whoever compares a deadline with it is handed that clock."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
READS = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time(_ns)?\(")

PAUSES = {
    "bot/doctor_redis.py",
    "handlers/breach_card.py",
    "handlers/breach_summary.py",
    "handlers/containment.py",
    "handlers/follow_up.py",
    "handlers/it_channel.py",
    "handlers/showing.py",
    "services/cases/containment.py",
    "services/cases/preparation.py",
    "services/jobs/queue.py",
    "services/salesforce/refusals.py",
    "services/slack/paced_people.py",
}
"""Who asks the machine's clock, for what is no deadline: when a pause ends, or how old a sign of
life is that `doctor` shows."""


def modules() -> dict[str, str]:
    """The text of each module of the program, by its path."""
    found = (
        path for part in ("bot", "handlers", "services") for path in (ROOT / part).rglob("*.py")
    )
    return {str(path.relative_to(ROOT)): path.read_text() for path in found}


def test_one_place_reads_the_time() -> None:
    assert [path for path, text in modules().items() if READS.search(text)] == ["services/clock.py"]


def test_only_pauses_are_counted_from_the_machines_clock() -> None:
    found = {path for path, text in modules().items() if re.search(r"\butc_now\(\)", text)}
    assert found - {"services/clock.py"} == PAUSES
