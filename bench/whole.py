"""The whole bot in processes of its own, between the sandbox's Slack and Salesforce in this one."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench.surroundings import a_port, environ, process, valkey
from sandbox.salesforce.app import create_app
from sandbox.salesforce.seed import BOT_ACCESS, RESETTABLE, SeededOrg, acme
from sandbox.serving import serving
from sandbox.slack import seed
from sandbox.slack.model import Person
from sandbox.slack.serve import slack_serving
from sandbox.slack.transports import http_transport
from sandbox.slack.workspace import Workspace


@dataclass
class Whole:
    """What a benchmark drives and counts."""

    slack: Workspace
    org: SeededOrg
    port: int
    redis_url: str
    web: int
    """Process id."""
    worker: int

    def add_people(self, count: int) -> list[Person]:
        """Add so many people with a Salesforce user each, in #general."""
        people = []
        general = self.slack.channel("general")
        for number in range(count):
            name = f"p{number}"
            email = f"{name}@acme.example"
            person = Person(f"U1{number:08d}", name, name, email, self.slack.team_id)
            self.slack.add_person(person)
            general.members.append(person.id)
            user = self.org.add_user(f"{email}.prod", email, name)
            self.org.assign(user, RESETTABLE)
            people.append(person)
        return people


@contextlib.asynccontextmanager
async def whole_bot(*, method: str = "token", workers: int = 1) -> AsyncIterator[Whole]:
    """Start it with one web process and so many workers; Slack's rate limits are lifted."""
    async with contextlib.AsyncExitStack() as stack:
        org, slack = acme(), seed.acme()
        if method == "password":
            org.permission_sets[BOT_ACCESS].permissions |= {"ResetPasswords"}
        slack.rate_limits.off()
        slack.own_events = False
        origin = await stack.enter_async_context(serving(create_app(org)))
        slack_origin = await stack.enter_async_context(slack_serving(slack))
        redis_url = stack.enter_context(valkey())
        port = a_port()
        env = environ(
            SLACK_API_URL=f"{slack_origin}/api/",
            REDIS_URL=redis_url,
            PORT=str(port),
            LOG_LEVEL="WARNING",
            SALESFORCE_LOGIN_URL=origin,
            SALESFORCE_CONSUMER_KEY=org.bot_consumer_key,
            SALESFORCE_PRIVATE_KEY=org.bot_private_key_pem,
            SALESFORCE_USERNAME=org.bot_user.username,
            SALESFORCE_USER_CONSUMER_KEY=org.user_app_consumer_key,
            SALESFORCE_USER_PRIVATE_KEY=org.user_app_private_key_pem,
            SALESFORCE_RESET_METHOD=method,
        )
        web = await stack.enter_async_context(process("bot", "web", env=env, port=port))
        running = [
            await stack.enter_async_context(process("bot", "worker", env=env))
            for _ in range(workers)
        ]
        slack.dispatcher.transport = await stack.enter_async_context(
            http_transport(f"http://127.0.0.1:{port}/slack/events")
        )
        yield Whole(slack, org, port, redis_url, web.pid, running[0].pid)
