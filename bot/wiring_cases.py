"""Composes what the worker does about cases: reports, cards, decisions, containment."""

from dataclasses import dataclass

from bot.settings import Settings
from handlers.breach_card import BreachCardJobs
from handlers.breach_decision_jobs import BreachDecisionJobs
from handlers.breach_reporters import BreachReporterJobs
from handlers.breach_summary import BreachSummaryJobs
from handlers.card_places import CardPlaces
from handlers.case_tools import CaseTools
from handlers.containment import ContainmentJobs
from handlers.it_channel import ItChannel
from handlers.presses import Answering
from handlers.showing import Showing
from services.cases.containment import Containment
from services.cases.decisions import CaseDecisions
from services.cases.describing import Describing
from services.cases.finding import Finding
from services.cases.performing import Performing
from services.cases.policy import Rules
from services.cases.preparation import CasePreparation
from services.cases.second_look import SecondLook
from services.clock import Clock
from services.follow_ups.followers import FollowUps
from services.jobs.queue import JobQueue
from services.salesforce.org import Org
from services.slack.messenger import Messenger
from services.slack.people import People
from services.standing import Standing
from services.store.stores import Stores


@dataclass(frozen=True)
class CaseJobs:
    """Every job about cases."""

    cards: BreachCardJobs
    summary: BreachSummaryJobs
    reporters: BreachReporterJobs
    decisions: BreachDecisionJobs
    containment: ContainmentJobs
    preparation: CasePreparation

    def register(self, queue: JobQueue) -> None:
        """Tell the queue what to send here."""
        for jobs in (
            self.cards,
            self.summary,
            self.reporters,
            self.decisions,
            self.containment,
        ):
            jobs.register(queue)

    async def wake(self) -> None:
        """Ask for what a worker left behind."""
        await self.preparation.wake()
        await self.cards.wake()


def build_case_jobs(
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
) -> CaseJobs:
    """Build them."""
    rules = Rules(
        admin_approvers=settings.breach_admin_approvers, emergency=settings.breach_emergency
    )
    finding = Finding(people, orgs)
    preparation = CasePreparation(
        stores.cases,
        stores.preparing,
        finding,
        Describing(clock, days=settings.reset_impact_days, own_apps=settings.reset_own_apps),
        standing,
        stores.turns,
        clock,
    )
    tools = CaseTools(
        cases=stores.cases,
        decisions=CaseDecisions(stores.cases, standing, stores.audit_log, rules, clock),
        presses=stores.presses,
        answering=answering,
        posts=stores.posts,
        turns=stores.turns,
        showing=Showing(stores.cases, stores.posts, stores.turns, stores.showing),
        messenger=messenger,
        it=ItChannel(messenger, stores.posts, stores.health, settings.it_channel),
        people=people,
        clock=clock,
        rules=rules,
        it_channel=settings.it_channel,
        approvers=settings.it_approvers,
        escalation=settings.breach_escalation,
    )
    places = CardPlaces(tools)
    second_look = SecondLook(stores.cases, finding, orgs, clock)
    return CaseJobs(
        cards=BreachCardJobs(tools, places, preparation, stores.cards, stores.health),
        summary=BreachSummaryJobs(tools, stores.summaries),
        reporters=BreachReporterJobs(tools),
        decisions=BreachDecisionJobs(tools, places, second_look, stores.evidence),
        containment=ContainmentJobs(
            tools,
            Containment(
                stores.cases,
                stores.replicas,
                stores.case_runs,
                Performing(stores.evidence, stores.freezes),
                orgs,
                clock,
            ),
            second_look,
            follow_ups,
        ),
        preparation=preparation,
    )
