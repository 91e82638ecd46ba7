"""`python -m bench [--small] [NAME…]`: all measurements, or some of those that are named below.

Each prints what it found, puts it into docs/benchmarks.md and draws its plots; `--small` tries it
out in seconds and only prints.
"""

import asyncio
import sys
import time

from bench import (
    ack,
    acks,
    approve,
    click,
    crowd,
    drain,
    flood,
    growth,
    guide,
    history,
    machine,
    memory,
    reads,
)

MEASUREMENTS = {
    "ack": ack,
    "acks": acks,
    "crowd": crowd,
    "drain": drain,
    "growth": growth,
    "history": history,
    "click": click,
    "approve": approve,
    "flood": flood,
    "reads": reads,
    "memory": memory,
}


def main(words: list[str]) -> None:
    """Measure."""
    small = "--small" in words
    wanted = [word for word in words if word != "--small"] or list(MEASUREMENTS)
    if unknown := set(wanted) - set(MEASUREMENTS):
        sys.exit(f"There is no measurement {', '.join(unknown)}; there are {list(MEASUREMENTS)}.")
    start = time.monotonic()
    for name in wanted:
        before = machine.look()
        reports = asyncio.run(MEASUREMENTS[name].measure(small=small))
        worth = machine.between(before, machine.look())
        for report in reports:
            report.print()
        print(f"  {worth}.")
        if not small:
            guide.write(name, reports, worth)
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    print(f"Measured in {minutes} min {seconds} s.")


if __name__ == "__main__":
    main(sys.argv[1:])
