"""The follow-up's jobs against the sandbox's Slack and a real Valkey."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock

import pytest
import structlog
from valkey.asyncio import Valkey

from handlers.follow_up import AT_ONCE, TURN, FollowUpJobs, FollowUpListeners
from handlers.next_steps_messages import next_steps
from handlers.presses import Presses
from handlers.reset import ResetJobs
from handlers.surface import Surface
from sandbox.slack import seed
from sandbox.slack.faults import Fault
from sandbox.slack.serve import slack_serving
from sandbox.slack.workspace import Workspace
from services.follow_ups.changes import change_of
from services.follow_ups.dismissals import Dismissals
from services.follow_ups.followers import FollowUps
from services.follow_ups.model import Alert, AlertKind, Ended, FollowUp, Item, ItemState
from services.impact.model import Impact
from services.jobs.timer import RunAgain
from services.resets.model import Reset, SlackUser
from services.resets.states import Move, State
from services.slack import client
from services.slack.errors import SlackUnavailableError
from services.slack.messenger import Messenger
from services.store import keys
from services.store.changes import Change, JobName
from services.store.follow_ups import FollowUpChange, FollowUpStore
from services.store.stores import Stores
from tests.contract.follow_up_stores import jobs as waiting
from tests.contract.follow_up_stores import open_store
from tests.contract.test_store import open_stores
from tests.factories import ADA, EVE, NOW, FakeClock, a_reset, an_account
from tests.unit.handlers.follow_up_examples import FAILS, OPEN, WORKS, a_follow_up, an_alert


@dataclass
class Talk:
    """One reset of Ada's, its next steps in her DM, and what the worker does about it."""

    workspace: Workspace
    jobs: FollowUpJobs
    messenger: Messenger
    listeners: FollowUpListeners
    store: FollowUpStore
    stores: Stores
    reset: Reset
    clock: FakeClock

    async def begin(self, *items: Item) -> FollowUp:
        follow_up = a_follow_up(*items, id=self.reset.id, requester=ADA)
        change = change_of(None, follow_up, self.clock(), life=timedelta(days=8))
        await self.store.start(change)
        return await self.now()

    async def post_steps(self, follow_up: FollowUp) -> None:
        await self.messenger.post_once(
            ADA.user_id,
            next_steps(self.reset, follow_up, self.clock()),
            owner=keys.reset(self.reset.id),
            slot="dm",
        )

    async def change(self, **fields: object) -> FollowUp:
        before = await self.now()
        after = before.model_copy(update=fields)
        return await self.store.save(before, FollowUpChange(after, self.clock()))

    async def alert(self, kind: AlertKind, **fields: object) -> None:
        alerts: tuple[Alert, ...] = (an_alert(kind, at=self.clock()),)
        await self.change(alerts=alerts, **fields)

    async def now(self) -> FollowUp:
        found = await self.store.get(self.reset.id)
        assert found is not None
        return found

    async def tell(self) -> None:
        """Run the job that sends the next steps."""
        surface = Surface(self.messenger, self.stores.resets, self.stores.posts)
        jobs = ResetJobs(
            MagicMock(),
            MagicMock(),
            FollowUps(self.store, {}, self.clock, days=7),
            self.stores.resets,
            surface,
            self.messenger,
            self.clock,
            self.workspace.channel(seed.IT_CHANNEL).id,
        )
        await jobs.tell(self.reset.id)

    async def done(self) -> None:
        """The reset had its effect; nobody was told yet."""
        fields = {"intent_at": NOW, "finished_at": NOW, "impact": Impact(days=90, read_at=NOW)}
        for move in (Move.OFFER, Move.CONFIRM, Move.RUN, Move.INTEND, Move.SUCCEED):
            after = self.reset.model_copy(update=fields)
            self.reset = await self.stores.resets.move(self.reset, Change(move, after, NOW))
        assert self.reset.state is State.DONE

    async def show(self) -> None:
        await self.jobs.show(self.reset.id)

    async def press(self, pressed_id: str, person: SlackUser = ADA) -> None:
        acked = []

        async def ack() -> None:
            acked.append(pressed_id)

        action = {"action_id": "follow.item", "selected_option": {"value": pressed_id}}
        body = {"user": {"id": person.user_id}, "actions": [action]}
        await self.listeners.item(ack, body)  # type: ignore[arg-type]  # all that it uses of Bolt's
        assert acked == [pressed_id]

    def dms(self) -> list[str]:
        return [shown.plain for shown in self.workspace.actor("ada").sees("dm")]

    def it_reads(self) -> list[str]:
        return [shown.plain for shown in self.workspace.actor("ivan").sees(seed.IT_CHANNEL)]


@pytest.fixture
async def talk(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    workspace, clock = seed.acme(), FakeClock()
    monkeypatch.setattr("handlers.follow_up.utc_now", clock)  # turns are counted from that
    workspace.own_events = False
    async with (
        slack_serving(workspace) as origin,
        open_stores(redis_url) as stores,
        open_store(redis_url) as store,
    ):
        url = f"{origin}/api/"
        reader, poster = client.build(seed.BOT_TOKEN, url), client.build_poster(seed.BOT_TOKEN, url)
        messenger = Messenger(reader, poster, stores.posts, stores.posting, url)
        it_channel = workspace.channel(seed.IT_CHANNEL).id
        follow_ups = FollowUps(store, {}, clock, days=7)
        jobs = FollowUpJobs(follow_ups, stores.resets, stores.posts, messenger, clock, it_channel)
        presses = Presses(stores.presses, stores.audit_log, messenger, clock, it_channel)
        listeners = FollowUpListeners(Dismissals(store, clock), presses)
        reset = a_reset(account=an_account(), org="production")
        reset = await stores.resets.move(None, Change(Move.START, reset, NOW, actor=ADA))
        yield Talk(workspace, jobs, messenger, listeners, store, stores, reset, clock)


@pytest.fixture
async def raw(redis_url: str) -> AsyncIterator[Valkey]:
    async with Valkey.from_url(redis_url, decode_responses=True) as opened:
        yield opened


async def test_the_checklist_is_edited_in_place(talk: Talk) -> None:
    await talk.post_steps(await talk.begin(OPEN))
    await talk.change(items=(WORKS,))
    await talk.show()
    [dm] = talk.dms()
    assert "✅ *Workbench*" in dm
    assert "Data Loader" not in dm


async def test_nothing_is_posted_for_a_dm_that_isnt_there(talk: Talk) -> None:
    await talk.begin(OPEN)
    await talk.show()
    assert talk.dms() == []


async def test_what_is_long_gone_is_left_alone(talk: Talk) -> None:
    await talk.show()
    await talk.jobs.show("f" * 32)
    assert talk.dms() == []


async def test_a_change_during_the_edit_is_shown_too(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.post_steps(await talk.begin(OPEN))
    update, edits = talk.messenger.update, 0

    async def slow_update(*args: object) -> None:
        nonlocal edits
        edits += 1
        if edits == 1:
            await talk.change(items=(WORKS,))
        await update(*args)  # type: ignore[arg-type]  # passed through as they came

    monkeypatch.setattr(talk.messenger, "update", slow_update)
    await talk.show()
    assert edits == 2
    assert "✅ *Workbench*" in talk.dms()[0]


async def test_a_failing_program_is_told_once(talk: Talk) -> None:
    await talk.post_steps(await talk.begin(FAILS))
    await talk.alert(AlertKind.FAILING)
    await talk.show()
    await talk.show()
    steps, told = talk.dms()
    assert "❌ *Nightly sync*" in steps
    assert told.startswith("*Nightly sync fails to log in to Production*")
    assert talk.it_reads() == []


async def test_a_lock_is_told_to_the_person_and_to_it(talk: Talk) -> None:
    await talk.post_steps(await talk.begin(FAILS))
    await talk.alert(AlertKind.LOCKED, locked_since=NOW)
    talk.clock.forward(minutes=25)
    await talk.show()
    await talk.show()
    assert "(25 minutes when I wrote this" in talk.dms()[1]
    [card] = talk.it_reads()
    assert "*Locked out:*" in card
    assert "ada@acme.example" in card
    assert len(talk.dms()) == 2


async def test_a_lock_reaches_it_where_the_dm_is_refused(talk: Talk) -> None:
    await talk.begin(FAILS)
    await talk.alert(AlertKind.LOCKED, locked_since=NOW)
    talk.workspace.faults.add("chat.postMessage", Fault(error="cannot_dm_bot", times=1))
    await talk.show()
    assert talk.dms() == []
    assert len(talk.it_reads()) == 1


async def test_an_alert_comes_although_the_steps_were_deleted(talk: Talk) -> None:
    await talk.post_steps(await talk.begin(FAILS))
    await talk.alert(AlertKind.FAILING)
    talk.workspace.faults.add("chat.update", Fault(error="message_not_found"))
    await talk.show()
    assert len(talk.dms()) == 2


async def test_what_slack_didnt_take_is_told_at_the_next_try(talk: Talk) -> None:
    await talk.post_steps(await talk.begin(FAILS))
    await talk.alert(AlertKind.FAILING)
    talk.workspace.faults.add("chat.postMessage", Fault(lost="before", times=1))
    with pytest.raises(SlackUnavailableError):
        await talk.show()
    await talk.show()
    assert len(talk.dms()) == 2


async def test_an_alert_that_is_old_news_is_left_out(talk: Talk) -> None:
    await talk.post_steps(await talk.begin(FAILS))
    await talk.alert(AlertKind.FAILING)
    talk.clock.forward(days=3)
    await talk.show()
    assert len(talk.dms()) == 1


async def test_a_round_is_run_for_the_org_and_the_moment_of_its_id(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds: list[tuple[str, datetime]] = []

    async def run_round(_: FollowUps, org: str, moment: datetime) -> None:
        rounds.append((org, moment))

    monkeypatch.setattr(FollowUps, "run_round", run_round)
    moment = datetime(2026, 1, 31, 14, 6, tzinfo=UTC)
    await talk.jobs.round(f"eu:production:{int(moment.timestamp())}")
    assert rounds == [("eu:production", moment)]


async def test_a_look_while_the_steps_are_posted_is_shown_in_them(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.begin(OPEN)
    await talk.done()
    post = talk.messenger._post

    async def slow_post(*args: object) -> object:
        if "dm" in args:  # the slot of the next steps
            await talk.change(items=(WORKS,), ended=Ended.ALL_DONE, next_at=None)
            with pytest.raises(RunAgain):
                await talk.show()
        return await post(*args)  # type: ignore[arg-type]  # passed through as they came

    monkeypatch.setattr(talk.messenger, "_post", slow_post)
    await talk.tell()
    [steps] = [dm for dm in talk.dms() if "Workbench" in dm or "Data Loader" in dm]
    assert "Every program on the list works again" in steps
    assert "Data Loader" not in steps


@pytest.mark.parametrize("lost", [True, False])
async def test_steps_that_a_dead_worker_posted_are_brought_up_to_date(
    talk: Talk, raw: Valkey, *, lost: bool
) -> None:
    await talk.done()
    await talk.post_steps(await talk.begin(OPEN))
    if lost:  # the worker died before it saved where they stand
        nowhere = raw.hset(keys.reset(talk.reset.id), "p:dm", "")
        assert await nowhere == 0  # type: ignore[misc]  # typed for both kinds of client
    await talk.change(items=(WORKS,))
    await talk.tell()
    [steps] = [dm for dm in talk.dms() if "Workbench" in dm or "Data Loader" in dm]
    assert "✅ *Workbench*" in steps


async def test_a_checklist_whose_message_isnt_posted_yet_comes_back(talk: Talk) -> None:
    await talk.begin(FAILS)
    await talk.done()
    await talk.alert(AlertKind.FAILING)
    with pytest.raises(RunAgain) as again:
        await talk.show()
    assert NOW < again.value.at <= NOW + timedelta(seconds=10)
    assert len(talk.dms()) == 1, "an alert doesn't wait for it"
    await talk.post_steps(await talk.now())
    await talk.show()


async def test_few_are_shown_at_once_and_the_others_give_their_place_back(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.post_steps(await talk.begin(OPEN))
    update, busy, others = talk.messenger.update, asyncio.Semaphore(0), asyncio.Event()

    async def slow_update(*args: object) -> None:
        busy.release()
        await others.wait()
        await update(*args)  # type: ignore[arg-type]  # passed through as they came

    monkeypatch.setattr(talk.messenger, "update", slow_update)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(talk.show())
        for _ in range(AT_ONCE):
            await busy.acquire()
        booked = []
        for _ in range(3):
            with pytest.raises(RunAgain) as again:
                await talk.show()
            booked.append(again.value.at)
        others.set()
    assert booked == [NOW + number * TURN for number in (1, 2, 3)], "each has a turn of its own"
    await talk.show()


async def test_a_long_rate_limit_is_no_sleep_and_holds_for_the_next_edit(talk: Talk) -> None:
    await talk.post_steps(await talk.begin(FAILS))
    await talk.alert(AlertKind.FAILING)
    limit = talk.workspace.faults.add("chat.update", Fault(status=429, retry_after=30))
    for number in (1, 2):
        with pytest.raises(RunAgain) as again:
            await talk.show()
        assert again.value.at == NOW + timedelta(seconds=30) + number * TURN
    assert len(talk.workspace.calls.to("chat.update")) == 1
    assert len(talk.dms()) == 2, "an alert doesn't wait for it"
    talk.workspace.faults.remove(limit)
    talk.clock.forward(seconds=31)
    await talk.show()


async def test_an_alert_that_is_limited_is_told_when_slack_says(talk: Talk) -> None:
    await talk.post_steps(await talk.begin(FAILS))
    await talk.alert(AlertKind.FAILING)
    fault = Fault(status=429, retry_after=20, times=1)
    talk.workspace.faults.add("chat.postMessage", fault)
    with pytest.raises(SlackUnavailableError) as limited:
        await talk.show()
    assert limited.value.retry_after == 20
    await talk.show()
    assert len(talk.dms()) == 2


@pytest.mark.parametrize(
    ("code", "level"), [("msg_blocks_too_long", "error"), ("message_not_found", "warning")]
)
async def test_an_edit_that_is_too_long_is_logged_as_a_defect(
    talk: Talk, code: str, level: str
) -> None:
    await talk.post_steps(await talk.begin(OPEN))
    talk.workspace.faults.add("chat.update", Fault(error=code))
    with structlog.testing.capture_logs() as logged:
        await talk.show()
    [line] = [one for one in logged if one["event"] == "slack.steps_not_edited"]
    assert (line["log_level"], line["code"]) == (level, code)


@pytest.mark.parametrize(
    ("pressed", "state"), [(OPEN.id, ItemState.NOT_MINE), (OPEN.dismiss_id, ItemState.DISMISSED)]
)
async def test_a_choice_in_the_menu_changes_the_checklist(
    talk: Talk, raw: Valkey, pressed: str, state: ItemState
) -> None:
    await talk.post_steps(await talk.begin(OPEN, FAILS))
    await talk.press(pressed)
    assert (JobName.FOLLOW_SHOW, talk.reset.id) in await waiting(raw)
    await talk.show()
    assert [one.state for one in (await talk.now()).items] == [state, ItemState.FAILS]
    assert "▫️ *Data Loader*" not in talk.dms()[0]


async def test_a_choice_of_somebody_else_is_answered_and_changes_nothing(
    talk: Talk, raw: Valkey
) -> None:
    before = await talk.begin(OPEN)
    await talk.press(OPEN.id, EVE)
    assert await talk.now() == before
    assert JobName.ANSWER in [name for name, _ in await waiting(raw)]
