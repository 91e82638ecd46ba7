"""A worker to be killed: `python -m tests.faults.worker`, with its settings in the environment."""

import asyncio
import os
from datetime import timedelta

from bot import logs
from bot.settings import Role, Settings
from bot.wiring_worker import build_worker


async def main() -> None:
    settings = Settings.load(dict(os.environ), role=Role.WORKER)
    logs.configure(settings.log_level, "json")
    worker = build_worker(settings, os.environ["REDIS_URL"], redelivery=timedelta(seconds=1))
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
