"""Builds what the web process and the worker have in common, from the settings alone.

Everything is built once and handed over by constructor: `wiring_web` and `wiring_worker` finish
the work, apart so that a web process loads neither the job queue nor what speaks to Salesforce.
"""

from datetime import timedelta

from bot.settings import Settings
from services.resets.terms import Terms
from services.slack import client
from services.slack.messenger import Messenger
from services.store.connection import TIMEOUT
from services.store.stores import RUN_HELD_FOR, Stores


def open_stores(
    settings: Settings,
    redis_url: str,
    *,
    run_held_for: timedelta = RUN_HELD_FOR,
    in_line_for: float = TIMEOUT,
) -> Stores:
    """Open what is kept in Redis."""
    return Stores(
        redis_url,
        retention=timedelta(days=settings.reset_retention_days),
        audit_retention=timedelta(days=settings.reset_audit_days),
        cooldown=timedelta(minutes=settings.reset_cooldown_minutes),
        evidence=timedelta(days=settings.breach_evidence_days),
        run_held_for=run_held_for,
        in_line_for=in_line_for,
    )


def terms(settings: Settings) -> Terms:
    """Read how long things hold."""
    return Terms(
        offer=timedelta(minutes=settings.reset_offer_minutes),
        it_wait=timedelta(hours=settings.reset_it_wait_hours),
        cooldown=timedelta(minutes=settings.reset_cooldown_minutes),
        paused=settings.paused,
    )


def build_messenger(settings: Settings, stores: Stores) -> Messenger:
    """Build what says things in Slack."""
    token, api_url = settings.slack_bot_token.get_secret_value(), settings.slack_api_url
    return Messenger(
        client.build(token, api_url),
        client.build_poster(token, api_url),
        stores.posts,
        stores.posting,
        api_url,
    )
