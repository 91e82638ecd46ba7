"""`python -m bench [NAME]`: all measurements, or some of those that are named below."""

import asyncio
import sys

from bench import ack, acks, approve, click, crowd, flood, history, memory, reads

MEASUREMENTS = {
    "ack": ack.main,
    "acks": acks.main,
    "crowd": crowd.main,
    "history": history.main,
    "click": click.main,
    "approve": approve.main,
    "flood": flood.main,
    "reads": reads.main,
    "memory": memory.main,
}

if __name__ == "__main__":
    wanted = sys.argv[1:] or list(MEASUREMENTS)
    if unknown := set(wanted) - set(MEASUREMENTS):
        sys.exit(f"There is no measurement {', '.join(unknown)}; there are {list(MEASUREMENTS)}.")
    for name in wanted:
        asyncio.run(MEASUREMENTS[name]())
