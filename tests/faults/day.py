"""What people do in a day, hour by hour, and what has to be told to whom when."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.slack import seed
from sandbox.slack.shown import Shown
from services.cases import policy
from services.cases.states import CaseState
from services.follow_ups.model import FollowUp
from services.resets.states import State
from tests.faults.fast_forward import PATIENCE, STEP, FastForward, members
from tests.scenario.breach_attempts import NOT_APPROVER, told_in_form
from tests.scenario.breach_steps import (
    approves,
    cards,
    case_in,
    contained,
    denies,
    form,
    reported,
    the_case,
)
from tests.scenario.programs import programs_of
from tests.scenario.steps import answered, done, offered, on_screen, refused, replaced
from tests.scenario.test_ask_it import asked

if TYPE_CHECKING:
    from services.cases.model import Case

IT_WAIT = timedelta(hours=6)
EXPIRED = "The offer above has expired"
MOMENT = timedelta(seconds=1)


class Day:
    """Each story goes to its moments itself, and says what must have been told by the end."""

    def __init__(self, time: FastForward) -> None:
        self.time = time
        self.world = time.world
        self.people = list(members(self.world, 9))
        self.asking, (self.suspect, self.robbed, self.asker) = self.people[:6], self.people[6:]
        self.expected: list[tuple[str, str, datetime]] = []
        """Who must be told what, once, at what time."""
        self.resets: list[str] = []
        self.stories = {
            0: self.a_program_fails,
            1: self.nobody_decides,
            2: self.it_approves,
            3: self.nobody_answers,
            8: self.one_reports_too_often,
            10: self.one_is_no_approver_any_more,
        }
        self.undecided: Case | None = None

    async def hour(self, number: int) -> None:
        """Let three people ask, each to another end, and what else is on."""
        begun = self.time.now
        await self.three_ask(number)
        if story := self.stories.get(number):
            await story()
        if number == 6:
            await self.it_denies_at_last()
        await self.time.until(begun + timedelta(hours=1))

    async def three_ask(self, number: int) -> None:
        """One resets and may not again for a while, one leaves it, one cancels."""
        resets, leaves, cancels = (self.asking[(number + by) % 6] for by in (0, 2, 4))
        await done(self.world, resets)
        self.resets.append((await self.world.newest(resets)).id)
        offer = await offered(self.world, leaves)
        left = await self.world.newest(leaves)
        assert left.deadline is not None
        self.must_be_told(leaves, EXPIRED, left.deadline)
        other = await offered(self.world, cancels)
        await self.world.person(cancels).presses("reset.cancel", other)
        await self.time.drained()
        await self.cools_down(resets)
        await self.time.until(left.deadline - MOMENT)
        assert (await self.world.newest(leaves)).state is State.AWAITING_USER, "too early"
        await self.time.until(left.deadline)
        assert (await self.world.newest(leaves)).state is State.EXPIRED
        person = self.world.person(leaves)
        await person.presses("reset.confirm", offer)
        await person.sees_soon(replaced(offer, "This offer has expired"), PATIENCE)

    async def cools_down(self, name: str) -> None:
        """Nothing more until the cool-down ends, and then at once."""
        free_at = (await self.world.newest(name)).available_at
        assert free_at is not None
        await self.time.until(free_at - MOMENT)
        await refused(self.world, name, "Another reset is possible from")
        await self.time.until(free_at)
        again = await offered(self.world, name)
        await self.world.person(name).presses("reset.cancel", again)
        await self.time.drained()

    async def a_program_fails(self) -> None:
        """Ada's Data Loader still sends the old token: she is told at the next look."""
        programs = await programs_of(self.world)
        await done(self.world, "ada")
        reset = await self.world.newest("ada")
        follow_up = await self.world.web.stores.follow_ups.get(reset.id)
        assert follow_up is not None
        assert follow_up.next_at is not None
        await self.time.forward(seconds=40)
        assert not (await programs.log_in("Data Loader")).ok
        self.must_be_told("ada", "fails to log in to Production", follow_up.next_at)

    async def nobody_decides(self) -> None:
        """The card is called for again and again, and posted afresh."""
        case = await the_case(self.world, await reported(self.world, whom=self.suspect))
        assert case.first_card_at is not None
        assert case.card is not None
        assert case.card.until is not None
        for after in policy.REMINDERS:
            minutes = int(after / timedelta(minutes=1))
            words = f"No decision after {minutes} minutes"
            self.must_be_told("ivan", words, case.first_card_at + after)
        words = "Nobody of IT's approvers has decided"
        self.must_be_told("ivan", words, case.first_card_at + policy.ESCALATION)
        self.must_be_told("eve", "hasn't decided yet about your report", case.card.until)
        self.undecided = case

    async def it_denies_at_last(self) -> None:
        """On the fresh card; the old one's time is over."""
        assert self.undecided is not None
        case = await self.world.web.stores.cases.get(self.undecided.id)
        assert case is not None
        assert case.state is CaseState.AWAITING_APPROVAL
        assert case.card is not None
        assert case.card.number == 2
        (fresh,) = cards(self.world)
        assert self.undecided.card is not None
        assert self.undecided.card.until is not None
        late = _posted_at(fresh) - self.undecided.card.until
        assert timedelta(0) <= late <= STEP
        await self.deny_all()
        await case_in(self.world, case.id, CaseState.DENIED)

    async def it_approves(self) -> None:
        """And self-service stays stopped."""
        seen = await reported(self.world, whom=self.robbed)
        case = await the_case(self.world, seen)
        await approves(self.world, seen)
        await contained(self.world, seen)
        await self.time.drained()
        assert case.target is not None
        assert self.world.org.users[case.target.user_id].is_frozen

    async def nobody_answers(self) -> None:
        """A question to IT: one reminder, and an end that the asker is told."""
        await asked(self.world, self.asker)
        await self.time.drained()
        deadline = (await self.world.newest(self.asker)).deadline
        assert deadline is not None
        self.must_be_told(
            "ivan", "still waits for an answer", deadline - IT_WAIT + timedelta(hours=1)
        )
        self.must_be_told(self.asker, "IT hasn't answered your question", deadline)

    async def one_reports_too_often(self) -> None:
        """Five an hour; the next one an hour after the first."""
        eve, first = self.world.person("eve"), self.time.now
        text = f"/reset-token breach @{self.suspect} They clicked on a link"
        for _ in range(policy.REPORTS_AN_HOUR):
            await eve.types(text)
            await self.time.drained()
        before = on_screen(eve)
        await eve.types(text)
        await answered(eve, "You have reported 5 times within an hour", before)
        await self.deny_all()
        await self.time.until(first + timedelta(hours=1) - MOMENT)
        before = on_screen(eve)
        await eve.types(text)
        await answered(eve, "You have reported 5 times within an hour", before)
        await self.time.forward(seconds=2)
        await reported(self.world, whom=self.suspect)
        await self.deny_all()

    async def one_is_no_approver_any_more(self) -> None:
        """Who is in the group is kept for a minute, and asked again then."""
        iris = self.world.person("iris")
        seen = await reported(self.world, by="pia", whom=self.suspect)
        await iris.presses("breach.deny", seen)
        await form(iris, "breach.deny")
        await iris.closes()
        group = self.world.slack.groups[seed.APPROVERS]
        group.members.remove(iris.person.id)
        await self.time.forward(seconds=61)
        await iris.presses("breach.deny", seen)
        await told_in_form(iris, NOT_APPROVER)
        group.members.append(iris.person.id)
        await self.deny_all()

    async def deny_all(self) -> None:
        """Deny whatever card waits, so that nobody is called for it."""
        await self.time.drained()
        for seen in cards(self.world):
            await denies(self.world, seen)
        await self.time.drained()

    def must_be_told(self, who: str, words: str, at: datetime) -> None:
        self.expected.append((who, words, at))

    def told(self, who: str, words: str) -> list[datetime]:
        """When somebody was told these words, each time."""
        seen = self.world.person(who).sees()
        return [_posted_at(one) for one in seen if words in f"{one.text}\n{one.plain}"]

    async def follow_ups(self) -> list[FollowUp]:
        """The follow-ups of all resets of the three who ask."""
        watched = await self.world.web.stores.follow_ups.watched(self.resets)
        return watched.found


def _posted_at(shown: Shown) -> datetime:
    return datetime.fromtimestamp(float(shown.ts), UTC)
