"""The stated limits: how long the work of a run takes at the least, by each of them."""

from dataclasses import dataclass

from sandbox.slack.rate_limits import DEFAULTS
from services.resets.preparation import AT_ONCE


@dataclass(frozen=True)
class Limit:
    """A limit, and the seconds in which it lets the work of a run through."""

    name: str
    seconds: float


def of_method(method: str, count: int) -> Limit:
    """Give what Slack's limit takes for so many calls, the first of them in a burst."""
    limit = DEFAULTS[method]
    assert limit is not None
    over = max(count - limit.burst, 0)
    pace = f"{limit.burst} at once, then {limit.per_minute:g} a minute"
    return Limit(f"Slack's `{method}`: {count:,} calls, {pace}", over / limit.per_minute * 60)


def slots(workers: int, commands: int, requests: float, answer: float) -> Limit:
    """Give what the slots for preparations take.

    Args:
        workers: each has `AT_ONCE` slots, over all orgs.
        commands: to be prepared.
        requests: to Salesforce for each, one after the other.
        answer: seconds that each takes.
    """
    taken = commands * requests * answer / (workers * AT_ONCE)
    return Limit(f"Salesforce: {workers * AT_ONCE} slots, {requests:.2f} requests a command", taken)
