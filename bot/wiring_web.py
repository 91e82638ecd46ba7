"""Composes the process that answers Slack."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.alerts import AlertDoor
from bot.intake import Intake
from bot.settings import Settings
from bot.slack_app import build_app
from bot.wiring import build_messenger, open_stores, terms
from handlers.ask_it import AskItListeners
from handlers.breach_decision import BreachDecisionListeners
from handlers.breach_report import BreachReportListeners
from handlers.direct_messages import DirectMessageListeners
from handlers.fallbacks import Fallbacks
from handlers.follow_up import FollowUpListeners
from handlers.next_steps import NextStepsListeners
from handlers.presses import Presses
from handlers.reset import ResetListeners
from handlers.show_impact import ImpactListeners
from services.cases.reporting import Reporting
from services.clock import Clock, utc_now
from services.follow_ups.dismissals import Dismissals
from services.resets.aftermath import Aftermath
from services.resets.desk import Desk
from services.resets.own_presses import OwnPresses
from services.resets.questions import Questions
from services.store.stores import Stores


@dataclass(frozen=True)
class Web:
    """What answers Slack, and other systems' alerts."""

    app: AsyncApp
    intake: Intake | None
    """None where Slack is reached by Socket Mode alone."""
    stores: Stores
    alerts: AlertDoor | None = None
    """None without `ALERT_SECRET`."""

    async def aclose(self) -> None:
        """Close what is open."""
        await self.stores.aclose()


def build_web(settings: Settings, redis_url: str, clock: Clock = utc_now) -> Web:
    """Build the process that answers Slack."""
    stores = open_stores(settings, redis_url)
    messenger = build_messenger(settings, stores)
    how_long = terms(settings)
    own = OwnPresses(stores.resets, clock)
    desk = Desk(stores.resets, own, how_long, clock)
    questions = Questions(stores.resets, own, how_long, clock)
    presses = Presses(stores.presses, stores.audit_log, messenger, clock, settings.it_channel)
    names = tuple(org.name for org in settings.orgs)
    reporting = Reporting(stores.cases, clock)
    breach = BreachReportListeners(reporting, presses, messenger, names, settings.it_channel)
    app = build_app(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    for listeners in (
        ResetListeners(desk, breach, presses, orgs=names, it_channel=settings.it_channel),
        breach,
        BreachDecisionListeners(presses, settings.it_channel),
        AskItListeners(questions, presses, settings.it_channel),
        ImpactListeners(stores.resets, presses, settings.it_channel),
        NextStepsListeners(desk, own, Aftermath(own), presses),
        FollowUpListeners(Dismissals(stores.follow_ups, clock), presses),
        DirectMessageListeners(desk, stores.notices, presses),
        Fallbacks(presses, names, settings.it_channel),  # last: it takes whatever nobody else took
    ):
        listeners.register(app)
    secret = settings.slack_signing_secret
    return Web(
        app,
        Intake(app, secret.get_secret_value()) if secret else None,
        stores,
        AlertDoor(settings.alert_secret, names, reporting.alert) if settings.alert_secret else None,
    )
