"""From an approval to Salesforce, and to the end of all steps: `python -m bench approve`."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bench import alerts, load
from bench.click import reset, to_first_request
from bench.report import Report
from bench.whole import Whole, whole_bot
from sandbox.salesforce.history import OUTLOOK
from sandbox.salesforce.sessions import open_some_sessions
from sandbox.slack import seed
from sandbox.slack.model import Person
from sandbox.slack.shown import Shown

ACCOUNTS = 30

APPROVER = "ivan"

PATIENCE = 30
"""Seconds after which what doesn't come is a fault."""


@dataclass(frozen=True)
class Seen:
    """What one approval showed. Times in seconds, from the moment in which the form is sent."""

    first: float
    """Until the first request at Salesforce."""
    reads: int
    """Requests before the one that freezes."""
    freeze: float
    """Until that one."""
    checked: float
    """Until the last request, which reads back after the last step."""
    told: float
    """Until the person has their DM, and IT what it has to do next."""
    requests: int
    """To Salesforce in all; each session and each grant is ended by one."""
    calls: int
    """Of Slack's, from the alert on."""


async def approve(whole: Whole, person: Person) -> Seen:
    """Report somebody by an alert, approve it as it stands, and wait until all is done."""
    actor, user = whole.slack.actor(person.id), whole.org.person(person.name)
    whole.org.add_grant(OUTLOOK, user)
    open_some_sessions(whole.org, user)
    calls = len(whole.slack.calls)
    alert = alerts.signed_request(user.id, user.username)
    await load.run_paced(whole.port, [alert], within=0, connections=1)
    card = await _comes(
        whole, lambda shown: _has("breach.approve", shown) and user.username in shown.plain
    )
    approver = whole.slack.actor(APPROVER)
    await approver.presses("breach.approve", card)
    await whole.slack.until(lambda: _form_of(whole) == "breach.approve", PATIENCE)
    before, sent_at = len(whole.org.calls), datetime.now(UTC)
    first = await to_first_request(whole, approver.submits({}))
    await actor.sees_soon("frozen", PATIENCE, channel="dm")
    await _comes(whole, lambda shown: shown.thread_ts == card.ts and _has("breach.unfreeze", shown))
    told = _seconds(sent_at, datetime.now(UTC))
    await _comes(whole, lambda shown: shown.thread_ts == card.ts and _shows_the_end(shown))
    requests = whole.org.calls[before:]
    freeze = next(n for n, request in enumerate(requests) if request.endpoint == "userlogin")
    return Seen(
        first=first,
        reads=freeze,
        freeze=_seconds(sent_at, requests[freeze].at),
        checked=_seconds(sent_at, requests[-1].at),
        told=told,
        requests=len(requests),
        calls=len(whole.slack.calls) - calls,
    )


async def _comes(whole: Whole, wanted: Callable[[Shown], bool]) -> Shown:
    """Wait for something in IT's channel."""
    approver = whole.slack.actor(APPROVER)
    return await approver.sees_soon(wanted, PATIENCE, channel=seed.IT_CHANNEL)


def _form_of(whole: Whole) -> str | None:
    form = whole.slack.actor(APPROVER).modal
    return form.callback_id if form else None


def _has(action_id: str, shown: Shown) -> bool:
    return any(button.action_id == action_id for button in shown.buttons)


def _shows_the_end(shown: Shown) -> bool:
    """Whether it is the progress bar, and full."""
    return "▰" in shown.plain and "▱" not in shown.plain


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


async def measure(*, small: bool = False) -> list[Report]:
    """Find the figures, and resets that people ask for themselves in the same run beside them."""
    async with whole_bot(method="password") as whole:
        return [await of(whole, 1 if small else ACCOUNTS)]


async def of(whole: Whole, accounts: int) -> Report:
    """Approve so many, one after the other, and reset as many in between."""
    people = whole.add_people(2 * (accounts + 1))
    found, presses = [], []
    for suspected, other in zip(people[::2], people[1::2], strict=True):
        found.append(await approve(whole, suspected))
        presses.append((await reset(whole, other))[0])
    del found[0], presses[0]  # warm: the integration user has logged in by then
    table = Report(f"An approval of all steps, warm, {accounts} accounts without admin rights")
    first, press = statistics.median(one.first for one in found), statistics.median(presses)
    table.row("the form to the first request, median", _ms(first), target="≤ 50 ms")
    table.row("requests before the freeze", f"{max(one.reads for one in found)}", target="≤ 4")
    for name, seconds in (
        ("the form to the freeze", [one.freeze for one in found]),
        ("the form to the read-back of all steps", [one.checked for one in found]),
        ("the form to the DM and IT's next steps", [one.told for one in found]),
    ):
        table.row(f"{name}, median", _ms(statistics.median(seconds)))
    table.row("requests to Salesforce in all", f"{max(one.requests for one in found)}")
    table.row("calls of Slack's, from the alert on", f"{max(one.calls for one in found)}")
    table.row("a person's own reset, press to request, median", _ms(press))
    table.ratio("the form to the first request", "a reset's press", first / press, "≤ 2.5")
    return table


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
