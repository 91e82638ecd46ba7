"""The names of everything kept in Redis. docs/data.md lists them for people."""

AUDIT = "audit"
OUTBOX = "outbox"
MOVES = "moves"
"""Hash: how often each move was made, by whatever process, for the metrics."""

WORKER_SEEN = "worker:seen"


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
