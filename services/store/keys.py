"""The names of everything kept in Redis. docs/data.md lists them for people."""

AUDIT = "audit"
OUTBOX = "outbox"
MOVES = "moves"
"""Hash: how often each move was made, by whatever process, for the metrics."""

WORKER_SEEN = "worker:seen"

REPLICATED = "replicated"
"""Written so that a replica can confirm it, and with it all that was written before."""


def reset(reset_id: str) -> str:
    """Hash of one reset: version, state, last claim, document, and its posted messages."""
    return f"reset:{reset_id}"


def account(org: str, user_id: str) -> str:
    """Hash of one Salesforce user: the running reset, the last effect, an open alert."""
    return f"account:{org}:{user_id[:15]}"


def resets_of(slack_user: str) -> str:
    """List of a person's newest resets."""
    return f"resets_of:{slack_user}"


def response_url(owner: str) -> str:
    """A `response_url`: whoever holds it can write to that person, so it lives 30 minutes."""
    return f"response_url:{owner}"


def press(press_id: str) -> str:
    """What a press was, until its answer has been given."""
    return f"press:{press_id}"


def press_posts(press_id: str) -> str:
    """Hash of the messages that answer a press."""
    return f"press:{press_id}:posts"


def choice(choice_id: str) -> str:
    """Which reset a choice belongs to."""
    return f"choice:{choice_id}"


def impact(org: str, user_id: str, method: str) -> str:
    """What was read about a Salesforce user a moment ago, judged for one method."""
    return f"impact:{org}:{user_id[:15]}:{method}"


def profile(user_id: str) -> str:
    """What Slack said about a person a moment ago, for an offer."""
    return f"profile:{user_id}"


def told_it(org: str) -> str:
    """Hash of what IT was told about an org, such as a permission that is missing."""
    return f"told_it:{org}"


def notice(notice_id: str) -> str:
    """Hash of a message to a person that belongs to no reset, and its posted messages."""
    return f"notice:{notice_id}"


def follow_up(reset_id: str) -> str:
    """Hash of what is watched after one reset: version, last claim, document."""
    return f"follow_up:{reset_id}"


def following(org: str, user_id: str) -> str:
    """The follow-up that watches a Salesforce user: its beginning in ms, a colon, its reset."""
    return f"following:{org}:{user_id[:15]}"


def follow_ups_due(org: str) -> str:
    """Sorted set of an org's open follow-ups, by when each is looked at."""
    return f"follow_ups_due:{org}"


def follow_round(org: str) -> str:
    """Held while an org's accounts are looked at: the token of the round that holds it."""
    return f"follow_round:{org}"


def follow_item(pressed_id: str) -> str:
    """Which follow-up an item's button belongs to."""
    return f"follow_item:{pressed_id}"


CASES_OPEN = "cases_open"
"""Sorted set of the cases that IT has still to decide, by when they were reported."""

CASES_PREPARING = "cases_preparing"
"""Sorted set of the cases that are still to be read up on, by when that is due."""

CARDS_DUE = "cards_due"
"""Sorted set of the cases whose card is still to be posted, by when that is due."""

SUMMARY = "summary"
"""Hash of the summary card's messages."""

IT_CHANNEL_REFUSED = "it_channel_refused"
"""Why IT's channel took no card the last time; absent while it takes them."""


def case(case_id: str) -> str:
    """Hash of one case: version, state, last claim, document."""
    return f"case:{case_id}"


def case_posts(case_id: str) -> str:
    """Hash of the messages about one case."""
    return f"case:{case_id}:posts"


def case_run(case_id: str) -> str:
    """Held while a case's steps run: the token of whoever runs them."""
    return f"case_run:{case_id}"


def posting(name: str) -> str:
    """Held while a message is posted: the token of whoever does it."""
    return f"posting:{name}"


def joined(case_id: str) -> str:
    """Which case a report has joined that isn't marked so yet."""
    return f"joined:{case_id}"


def acted_on(org: str, user_id: str) -> str:
    """IT's last freeze or reset of a Salesforce user: when in ms, a colon, its case."""
    return f"acted_on:{org}:{user_id[:15]}"


def freezing(org: str) -> str:
    """Held while an admin of an org is frozen: the token of whoever does it."""
    return f"freezing:{org}"


def card(card_id: str) -> str:
    """Which case a card's buttons belong to."""
    return f"card:{card_id}"


def step(step_id: str) -> str:
    """Which case a step's button belongs to."""
    return f"step:{step_id}"


def evidence(case_id: str) -> str:
    """What the account looked like before anything was done to it."""
    return f"evidence:{case_id}"


def reports_of(slack_user: str) -> str:
    """Sorted set of a person's reports of the last hour."""
    return f"reports_of:{slack_user}"


def overrides_of(slack_user: str) -> str:
    """Sorted set of an approver's emergency overrides of the last hour."""
    return f"overrides_of:{slack_user}"


def alert(digest: str) -> str:
    """Which case an alert made, by a digest of its id or of its message's id."""
    return f"alert:{digest}"


def line(method: str) -> str:
    """When the next call of a method would be due, if all came at an even pace: milliseconds."""
    return f"line:{method}"


def place(method: str, name: str) -> str:
    """When it is somebody's turn in that line, or that they are asking now."""
    return f"place:{method}:{name}"


def turn(name: str) -> str:
    """Held for as long as nobody else may do the same, such as post a card."""
    return f"turn:{name}"
