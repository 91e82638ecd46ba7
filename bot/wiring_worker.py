"""Composes the process that does the work."""

import asyncio
import os
import secrets
import socket
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.settings import Settings
from bot.wiring import build_messenger, open_stores, terms
from bot.wiring_cases import build_case_jobs
from handlers.ask_it import AskItJobs
from handlers.direct_messages import DirectMessageJobs
from handlers.follow_up import FollowUpJobs
from handlers.next_steps import NextStepsJobs
from handlers.presses import Answering
from handlers.reset import ResetJobs
from handlers.surface import Surface
from handlers.tools import Tools
from services.cases.reporting import Reporting
from services.clock import Clock, utc_now
from services.follow_ups.followers import FollowUps
from services.jobs.queue import JobQueue
from services.jobs.relay import Relay
from services.resets.asker import Asker
from services.resets.decisions import Decisions
from services.resets.execution import Execution
from services.resets.preparation import AT_ONCE, Preparation
from services.salesforce.org import Org
from services.slack import client
from services.slack.approvers import Approvers
from services.slack.messenger import Messenger
from services.slack.paced_people import PacedPeople
from services.slack.people import People
from services.standing import Standing
from services.store.stores import Stores

REDELIVERY = timedelta(seconds=15)
"""When the work of a worker that died goes to another one."""


IN_LINE_FOR = 5.0
"""Seconds until one of Redis' connections is free: a hundred jobs at once share them, nobody waits
for an ack, and a job that fails for it would count as a try."""

CLOSED_WITHIN = 1.0
"""Seconds for closing idle connections; threads that hang may leave none free to do it."""


@dataclass(frozen=True)
class Worker:
    """What does the work."""

    queue: JobQueue
    relay: Relay
    orgs: dict[str, Org]
    threads: Executor
    """In which the orgs' requests run."""
    stores: Stores

    async def run(self) -> None:
        """Run until cancelled, then let running jobs end."""
        await self.queue.run(self.relay.run)

    async def aclose(self) -> None:
        """Close what is open. A thread that still waits for Salesforce isn't waited for."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.stores.aclose)
            # What hasn't begun never does: its job will be run again by another worker.
            stack.callback(self.threads.shutdown, wait=False, cancel_futures=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSED_WITHIN):
                    await asyncio.gather(*(org.close() for org in self.orgs.values()))


def build_worker(
    settings: Settings,
    redis_url: str,
    clock: Clock = utc_now,
    *,
    redelivery: timedelta = REDELIVERY,
) -> Worker:
    """Build the process that does the work."""
    stores = open_stores(settings, redis_url, run_held_for=redelivery, in_line_for=IN_LINE_FOR)
    # Two threads a preparation, and as many again.
    threads = ThreadPoolExecutor(4 * AT_ONCE, thread_name_prefix="salesforce")
    orgs = {config.name: Org(config, clock, threads) for config in settings.orgs}
    queue = JobQueue(redis_url, redelivery=redelivery)
    follow_ups = FollowUps(
        stores.follow_ups,
        orgs,
        clock,
        days=settings.reset_follow_days,
        own_apps=settings.reset_own_apps,
    )
    slack = client.build(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    people, messenger = People(slack), build_messenger(settings, stores)
    approvers = Approvers(slack, settings.it_approvers, clock)
    standing = Standing(approvers, people, clock)
    answering = Answering(stores.presses, stores.resets, messenger, settings.it_channel)
    cases = build_case_jobs(
        settings,
        stores,
        orgs,
        follow_ups,
        standing=standing,
        people=people,
        messenger=messenger,
        answering=answering,
        clock=clock,
    )
    own = build_jobs(
        settings,
        stores,
        orgs,
        follow_ups,
        standing=standing,
        people=PacedPeople(slack, stores.line),
        messenger=messenger,
        answering=answering,
        clock=clock,
    )
    for jobs in (*own, cases):
        jobs.register(queue)

    async def wake() -> None:
        await follow_ups.wake()
        await cases.wake()

    name = f"{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}"
    relay = Relay(
        stores.outbox(name, claim_after=redelivery),
        queue,
        stores.health,
        clock,
        wake=wake,
    )
    return Worker(queue, relay, orgs, threads, stores)


class Jobs(Protocol):
    """A conversation's jobs."""

    def register(self, queue: JobQueue) -> None: ...  # noqa: D102


def build_jobs(
    settings: Settings,
    stores: Stores,
    orgs: dict[str, Org],
    follow_ups: FollowUps,
    *,
    standing: Standing,
    people: People,
    messenger: Messenger,
    answering: Answering,
    clock: Clock,
) -> tuple[Jobs, ...]:
    """Build the jobs of every conversation about a reset."""
    surface = Surface(messenger, stores.resets, stores.posts)
    decisions = Decisions(stores.resets, standing, stores.audit_log, clock)
    asker = Asker(people, stores.profiles, clock)
    preparation = Preparation(
        stores.resets,
        stores.impacts,
        asker,
        orgs,
        terms(settings),
        clock,
        impact_days=settings.reset_impact_days,
        own_apps=settings.reset_own_apps,
    )
    execution = Execution(stores.resets, stores.replicas, orgs, asker, terms(settings), clock)
    tools = Tools(
        decisions=decisions,
        presses=stores.presses,
        answering=answering,
        store=stores.resets,
        posts=stores.posts,
        messenger=messenger,
        clock=clock,
        it_channel=settings.it_channel,
        approvers=settings.it_approvers,
    )
    return (
        ResetJobs(
            preparation,
            execution,
            follow_ups,
            stores.resets,
            surface,
            messenger,
            clock,
            settings.it_channel,
        ),
        AskItJobs(tools, surface),
        FollowUpJobs(
            follow_ups,
            stores.resets,
            stores.posts,
            messenger,
            clock,
            settings.it_channel,
            settings.it_approvers,
        ),
        NextStepsJobs(tools, Reporting(stores.cases, clock)),
        DirectMessageJobs(stores.notices, messenger, tuple(orgs), settings.it_channel),
        answering,
    )
