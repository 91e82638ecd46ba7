"""Memory of idle processes: `python -m bench.memory`."""

import asyncio
from pathlib import Path

from bench.click import reset
from bench.table import Table
from bench.whole import whole_bot


def resident(pid: int) -> float:
    """Resident memory in MB, from Linux's own account."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no VmRSS")


async def main() -> None:
    """Print what each process holds after a few resets, when nothing is going on."""
    async with whole_bot() as whole:
        for person in whole.add_people(5):
            await reset(whole, person)
        table = Table("Resident memory when idle, after 5 resets")
        table.row("web", f"{resident(whole.web):.0f} MB (target < 110)")
        table.row("worker", f"{resident(whole.workers[0]):.0f} MB (target < 160)")
        table.print()


if __name__ == "__main__":
    asyncio.run(main())
