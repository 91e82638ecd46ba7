"""Where a new token goes, in a message that nobody edits later."""

import pytest

from handlers.blocks import MOST_TEXT, sections
from handlers.token_places import IN_PLACE
from handlers.where_it_goes import MOST_SHOWN, NONE_SEEN, needing, where_it_goes
from services.impact.model import Impact, Place, Verdict, Why
from tests.unit.handlers.examples import (
    BROWSER,
    IMPACT,
    LOADER,
    NOTHING_SEEN,
    UNREADABLE,
    strings,
)

PAYROLL = LOADER.model_copy(
    update={
        "name": "Payroll",
        "verdict": Verdict.NOT_AFFECTED,
        "why": Why.TRUSTED_NETWORK,
        "place": Place.ETL,
    }
)


def said(impact: Impact | None) -> str:
    return "\n".join(strings([block.to_dict() for block in where_it_goes(impact)]))


def jobs(count: int, **fields: object) -> Impact:
    listed = tuple(LOADER.model_copy(update={"name": f"Job {n}"}) for n in range(count))
    return IMPACT.model_copy(update={"integrations": (*listed, BROWSER), **fields})


def test_a_program_on_a_trusted_network_is_listed_with_its_doubt() -> None:
    impact = IMPACT.model_copy(update={"integrations": (LOADER, PAYROLL, BROWSER)})
    assert needing(impact) == (LOADER, PAYROLL)
    assert (
        "• *Payroll* (needs none on a trusted network, but may fail if it sends the old one): "
        f"{IN_PLACE[Place.ETL]}"
    ) in said(impact)
    only_payroll = IMPACT.model_copy(update={"integrations": (PAYROLL,)})
    assert NONE_SEEN not in said(only_payroll)


@pytest.mark.parametrize("impact", [NOTHING_SEEN, UNREADABLE, None])
def test_without_a_known_program_none_needs_it(impact: Impact | None) -> None:
    assert needing(impact) == ()
    assert "more" not in said(impact)


@pytest.mark.parametrize(
    ("count", "unlisted", "words"),
    [
        (MOST_SHOWN, 0, ""),
        (MOST_SHOWN + 5, 0, "And 5 more."),
        (MOST_SHOWN + 5, 1800, "And at least 5 more: my list was too long for 1,800 others"),
        (3, 1800, "And maybe more: my list was too long for 1,800 others"),
    ],
)
def test_what_is_left_out_is_counted_and_never_too_low(
    count: int, unlisted: int, words: str
) -> None:
    text = said(jobs(count, more=unlisted))
    assert text.count("• *Job") == min(count, MOST_SHOWN)
    assert words in text
    assert ("more" in text) is bool(words)


def test_sections_are_filled_by_the_length_that_javascript_counts() -> None:
    blocks = [block.to_dict() for block in sections(["🚀" * 700] * 5)]
    assert "\n".join(strings(blocks)).count("🚀") == 3500
    for text in strings(blocks):
        assert len(text.encode("utf-16-le")) // 2 <= MOST_TEXT
