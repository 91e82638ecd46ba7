"""Memory of idle processes: `python -m bench memory`."""

from pathlib import Path

from bench.click import reset
from bench.report import Report
from bench.serve import BASELINES
from bench.surroundings import a_port, environ, process
from bench.whole import Whole, whole_bot

BASELINE = list(BASELINES)[1]
RESETS = 5


def resident(pid: int) -> float:
    """Resident memory in MB, from Linux's own account."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmRSS")


async def measure(*, small: bool = False) -> list[Report]:
    """Find what each process holds after a few resets, when nothing is going on."""
    async with whole_bot() as whole:
        return [await of(whole, 1 if small else RESETS)]


async def of(whole: Whole, resets: int) -> Report:
    """Reset a few times, then look."""
    for person in whole.add_people(resets):
        await reset(whole, person)
    port = a_port()
    async with process("bench.serve", BASELINE, str(port), env=environ(), port=port) as bare:
        empty = resident(bare.pid)
    web, worker = resident(whole.webs[0]), resident(whole.workers[0])
    table = Report(f"Resident memory when idle, after {resets} resets")
    table.row("web", f"{web:.0f} MB", target="< 110 MB")
    table.row("worker", f"{worker:.0f} MB", target="< 160 MB")
    table.ratio("web, against", f"{BASELINE}, the same imports", web / empty, "≤ 1.25")
    table.ratio("worker, against", f"{BASELINE}, the same imports", worker / empty, "≤ 1.75")
    return table
