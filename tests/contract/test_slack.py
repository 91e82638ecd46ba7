"""Our side of Slack against the sandbox's workspace, and a real Valkey for what was posted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from handlers.message import Message
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.serve import slack_serving
from sandbox.slack.workspace import Workspace
from services.slack import client
from services.slack.approvers import CACHED_FOR, Approvers, ApproversUnknownError
from services.slack.errors import SlackRefusedError, SlackUnavailableError
from services.slack.messenger import Messenger, may_respond_to
from services.slack.people import People
from services.store.posts import Place
from tests.contract.test_store import open_stores
from tests.factories import FakeClock

ADA = "U0ADA00001"
HELLO = Message(text="Hello", blocks=())


@dataclass
class Slack:
    workspace: Workspace
    messenger: Messenger
    people: People
    clock: FakeClock

    def approvers(self, *ids: str) -> Approvers:
        url = f"{self.workspace.origin}/api/"
        return Approvers(client.build(seed.BOT_TOKEN, url), ids, self.clock)

    async def post(self) -> Place:
        return await self.messenger.post_once(ADA, HELLO, owner="reset:1", slot="dm")

    async def reply(self, to: Place) -> Place:
        return await self.messenger.post_once(
            to.channel, HELLO, owner="reset:1", slot="no_email", thread_ts=to.ts
        )

    def posted(self) -> list[str]:
        return [shown.text for shown in self.workspace.actor("ada").sees("dm")]


@pytest.fixture
async def slack(redis_url: str) -> AsyncIterator[Slack]:
    workspace = seed.acme()
    workspace.own_events = False
    async with slack_serving(workspace) as origin, open_stores(redis_url) as stores:
        url = f"{origin}/api/"
        reader = client.build(seed.BOT_TOKEN, url)
        poster = client.build_poster(seed.BOT_TOKEN, url)
        messenger = Messenger(reader, poster, stores.posts, stores.posting, url)
        yield Slack(workspace, messenger, People(reader), FakeClock())


async def test_a_message_is_posted_once_however_often_it_is_asked_for(slack: Slack) -> None:
    places = [await slack.post() for _ in range(3)]
    assert slack.posted() == ["Hello"]
    assert len(set(places)) == 1


async def test_a_post_whose_answer_was_lost_is_found_again(slack: Slack) -> None:
    slack.workspace.faults.add("chat.postMessage", Fault(lost="after", times=1))
    with pytest.raises(SlackUnavailableError):
        await slack.post()
    place = await slack.post()
    assert slack.posted() == ["Hello"]
    assert place.ts == slack.workspace.actor("ada").sees("dm")[0].ts


async def test_a_post_that_never_arrived_is_posted_at_the_next_try(slack: Slack) -> None:
    slack.workspace.faults.add("chat.postMessage", Fault(lost="before", times=1))
    with pytest.raises(SlackUnavailableError):
        await slack.post()
    assert slack.posted() == []
    await slack.post()
    assert slack.posted() == ["Hello"]


async def test_a_lost_reply_in_a_thread_is_found_there(slack: Slack) -> None:
    first = await slack.post()
    slack.workspace.faults.add("chat.postMessage", Fault(lost="after", times=1))
    with pytest.raises(SlackUnavailableError):
        await slack.reply(first)
    await slack.reply(first)
    assert slack.posted() == ["Hello", "Hello"]


async def test_two_messages_of_one_reset_are_two(slack: Slack) -> None:
    await slack.messenger.post_once(ADA, HELLO, owner="reset:1", slot="dm")
    await slack.messenger.post_once(ADA, HELLO, owner="reset:1", slot="not_me")
    assert slack.posted() == ["Hello", "Hello"]


async def test_a_rate_limit_is_waited_out(slack: Slack) -> None:
    slack.workspace.faults.add("chat.postMessage", Fault(status=429, retry_after=1, times=1))
    await slack.post()
    assert slack.posted() == ["Hello"]


async def test_two_jobs_that_post_the_same_at_once_post_one(slack: Slack) -> None:
    """The second finds the first one's intent, and nothing in the conversation yet."""
    slack.workspace.faults.add("chat.postMessage", Fault(status=429, retry_after=1, times=1))
    first, second = await asyncio.gather(slack.post(), slack.post())
    assert first == second
    assert slack.posted() == ["Hello"]


async def test_a_server_error_of_an_edit_is_retried(slack: Slack) -> None:
    place = await slack.post()
    slack.workspace.faults.add("chat.update", Fault(status=503, times=1))
    await slack.messenger.update(place, Message(text="Goodbye", blocks=()))
    assert slack.posted() == ["Goodbye"]


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "account_inactive"])
async def test_a_refusal_is_a_code_and_not_retried(slack: Slack, error: str) -> None:
    slack.workspace.faults.add("chat.postMessage", Fault(error=error))
    with pytest.raises(SlackRefusedError) as refused:
        await slack.post()
    assert refused.value.code == error
    assert len(slack.workspace.calls.to("chat.postMessage")) == 1


async def test_a_token_of_a_removed_app_is_a_refusal(slack: Slack) -> None:
    slack.workspace.installed = False
    with pytest.raises(SlackRefusedError) as refused:
        await slack.messenger.update(Place("C1", "1.1"), HELLO)
    assert refused.value.code == "account_inactive"


async def test_what_slack_knows_of_people(slack: Slack) -> None:
    ada, gus, sam, una = [
        await slack.people.profile(slack.workspace.person(name).id)
        for name in ("ada", "gus", "sam", "una")
    ]
    assert ada.email == "ada@acme.example"
    assert ada.is_email_confirmed
    assert gus.is_restricted
    assert sam.is_stranger
    assert not una.is_email_confirmed


async def test_without_the_scope_there_is_no_address(slack: Slack) -> None:
    slack.workspace.scopes = slack.workspace.scopes - {"users:read.email"}
    assert (await slack.people.profile(ADA)).email is None


async def test_a_person_is_found_by_their_address_however_it_is_written(slack: Slack) -> None:
    found = await slack.people.find("Gus@Acme.example")
    assert found == await slack.people.profile(slack.workspace.person("gus").id)
    assert found is not None
    assert found.is_restricted


async def test_an_address_of_nobody_or_of_somebody_deactivated_finds_nobody(slack: Slack) -> None:
    slack.workspace.person("eve").deleted = True
    assert await slack.people.find("nobody@acme.example") is None
    assert await slack.people.find("eve@acme.example") is None


async def test_who_has_an_address_is_unknown_where_slack_does_not_say(slack: Slack) -> None:
    slack.workspace.faults.add("users.lookupByEmail", Fault(error="internal_error", times=1))
    with pytest.raises(SlackUnavailableError):
        await slack.people.find("ada@acme.example")
    slack.workspace.scopes = slack.workspace.scopes - {"users:read.email"}
    with pytest.raises(SlackRefusedError) as refused:
        await slack.people.find("ada@acme.example")
    assert refused.value.code == "missing_scope"
    assert "ada" not in str(refused.value)


async def test_nobody_named_means_nobody(slack: Slack) -> None:
    assert not await slack.approvers().include("U0IVAN0001")


async def test_an_approver_by_id_needs_no_call(slack: Slack) -> None:
    assert await slack.approvers("U0IVAN0001").include("U0IVAN0001")
    assert slack.workspace.calls.to("usergroups.users.list") == []


async def test_a_group_is_read_and_kept_a_minute(slack: Slack) -> None:
    approvers = slack.approvers(seed.APPROVERS)
    assert await approvers.include("U0IVAN0001")
    assert not await approvers.include("U0EVE00001")
    assert len(slack.workspace.calls.to("usergroups.users.list")) == 1
    slack.workspace.groups[seed.APPROVERS].members.remove("U0IVAN0001")
    assert await approvers.include("U0IVAN0001")
    slack.clock.now += CACHED_FOR
    assert not await approvers.include("U0IVAN0001")


async def test_an_unreadable_group_lets_nobody_in(slack: Slack) -> None:
    slack.workspace.paid_plan = False
    approvers = slack.approvers(seed.APPROVERS, "U0IRIS0001")
    with pytest.raises(ApproversUnknownError):
        await approvers.include("U0IVAN0001")
    assert await approvers.include("U0IRIS0001")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://hooks.slack.com/commands/T1/2/3", True),
        ("https://slack.com/x", True),
        ("http://hooks.slack.com/commands/T1/2/3", False),
        ("https://hooks.slack.com.evil.example/x", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("https://hooks.slack.com:8443/x", False),
        ("https://evil.example/hooks.slack.com", False),
        ("file:///etc/passwd", False),
        ("https://[", False),
        ("https://hooks.slack.com\t/commands/T1/2/3", False),
        ("https://hooks.sla\nck.com/commands/T1/2/3", False),
        (" https://hooks.slack.com/commands/T1/2/3", False),
        ("https://hooks.slack.com/commands/T1/2/3\r\n", False),
        ("https://hooks.slack.com\\@evil.example/x", False),
        ("https://hooks.slack.com/\x7f", False),
        ("https://hooks.slack.com/\u2028", False),
        ("", False),
    ],
)
def test_a_response_url_leads_to_slack(url: str, *, allowed: bool) -> None:
    assert may_respond_to(url, "https://slack.com/api/") is allowed


async def test_a_response_url_elsewhere_gets_nothing(slack: Slack) -> None:
    with pytest.raises(SlackRefusedError) as refused:
        await slack.messenger.respond("http://127.0.0.1:1/x", HELLO, replace=False)
    assert refused.value.code == "response_url_host"
