"""What can go wrong with a call to Salesforce or Slack, by name. Each happens once."""

from collections.abc import Callable

from sandbox.salesforce import faults as salesforce
from sandbox.salesforce.faults import Fault as SalesforceFault
from sandbox.slack.faults import Fault as SlackFault

TIME_OUT = 4.0
"""Seconds after which the bot gives up waiting in these tests, for Salesforce and for Slack."""

_LONGER = TIME_OUT + 1

SALESFORCE: dict[str, SalesforceFault] = {
    "time-out before the effect": salesforce.hang(),
    "time-out after the effect": salesforce.hang(after_effect=True),
    "connection reset before the effect": salesforce.drop(),
    "connection reset after the effect": salesforce.drop(after_effect=True),
    "connection cut in the answer": salesforce.cut_off(),
    "401 in JSON": salesforce.expired_session(),
    "401 in odd JSON": salesforce.odd_unauthorized(),
    "401 as a page": salesforce.html_unauthorized(),
    "403, request limit": salesforce.request_limit(),
    "403, no permission": salesforce.no_permission(),
    "404": salesforce.not_found(),
    "409": salesforce.locked_row(409),
    "429": salesforce.status(429),
    "500": salesforce.status(500),
    "503": salesforce.status(503),
    "503 after the effect": salesforce.status(503, after_effect=True),
    "503, wait 1 s": salesforce.status(503, retry_after=1),
    "503, wait 60 s": salesforce.status(503, retry_after=60),
    "truncated answer": salesforce.truncated(),
    "wrong JSON": salesforce.wrong_json(),
    "another page": salesforce.other_page(),
    "redirect to the login page": salesforce.to_login(),
}

SLACK: dict[str, Callable[[], SlackFault]] = {
    "429, wait 1 s": lambda: SlackFault(status=429, retry_after=1),
    "429, wait 3 s": lambda: SlackFault(status=429, retry_after=3),
    "500": lambda: SlackFault(status=500),
    "503": lambda: SlackFault(status=503),
    "time-out before the effect": lambda: SlackFault(hang=_LONGER, lost="before"),
    "time-out after the effect": lambda: SlackFault(hang=_LONGER, lost="after"),
    "connection reset before the effect": lambda: SlackFault(lost="before"),
    "connection reset after the effect": lambda: SlackFault(lost="after"),
    "`channel_not_found`": lambda: SlackFault(error="channel_not_found"),
    "`not_in_channel`": lambda: SlackFault(error="not_in_channel"),
    "`account_inactive`": lambda: SlackFault(error="account_inactive"),
    "`invalid_blocks`": lambda: SlackFault(error="invalid_blocks"),
    "`expired_url`": lambda: SlackFault(error="expired_url"),
}

_ONLY_A_URLS = "`expired_url`"


def of_slack(method: str) -> list[str]:
    """The faults that a method can meet: only a `response_url` expires."""
    return [one for one in SLACK if one != _ONLY_A_URLS or method.startswith("response_url")]
