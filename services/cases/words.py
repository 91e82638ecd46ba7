"""What people and programs write in a report, made fit to be kept."""

from services.token_shape import hide_tokens

MOST_REASON = 10_000
"""Characters of a reason that are kept; a card shows the beginning."""

MOST_LINE = 1000
"""Characters of one line of evidence."""

MOST_LINES = 20


def kept(text: str, most: int = MOST_REASON) -> str:
    """Cut to what is kept, without what looks like a security token."""
    text = hide_tokens(text.strip())
    return text if len(text) <= most else f"{text[: most - 1]}…"
