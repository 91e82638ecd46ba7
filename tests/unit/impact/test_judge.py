"""docs/impact.md is what the code does: these tests are made from its tables."""

from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import product
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.impact.judge import Judgement, judge, way_of
from services.impact.model import Note, Sureness, Trust, Verdict, Way, Why
from services.orgs import ResetMethod
from tests.unit.impact.guide import code, codes, table

A = TypeVar("A", bound=StrEnum)

API_TYPES = ["OtherApi", "Other Apex API", "Partner", "Partner Product", "AppExchange"]
OAUTH_TYPES = ["Oauth2", "Remote Access 2.0", "Oauth", "Remote Access Client"]
SUBTYPES = [None, "N/A", "OauthUsernamePassword", "UsernamePasswordUiLogin", "Something New"]
API_NAMES = [None, "", "SOAP Partner", "REST API", "N/A"]

VERDICTS = table(below="## Verdicts")
RECOGNISED = table(below="## How a login is recognised")

Case = tuple[Way, ResetMethod, Trust]
Row = tuple[str | None, str | None, str | None, Way]


def every(cell: str, kind: type[A]) -> list[A]:
    return list(kind) if cell == "any" else [kind(value) for value in codes(cell)]


def in_the_guide() -> Iterator[tuple[Case, Judgement]]:
    for way, method, addresses, verdict, why, sure, _ in VERDICTS:
        told = Judgement(Verdict(code(verdict)), Why(code(why)), Sureness(code(sure)))
        cells = every(way, Way), every(method, ResetMethod), every(addresses, Trust)
        yield from ((case, told) for case in product(*cells))


def values(cell: str, if_any: list[str | None]) -> list[str | None]:
    if cell == "any":
        return if_any
    if cell == "any OAuth or API type":
        return [*API_TYPES, *OAUTH_TYPES]
    return [*([None, "", "  ", "N/A"] if cell.startswith("none") else []), *codes(cell)]


def recognitions(row: list[str]) -> Iterator[Row]:
    login_type, subtype, api_type, way = row
    cells = values(login_type, []), values(subtype, SUBTYPES), values(api_type, API_NAMES)
    yield from ((*case, Way(code(way))) for case in product(*cells))


JUDGEMENTS = list(in_the_guide())
RECOGNITIONS = [case for row in RECOGNISED for case in recognitions(row)]


@pytest.mark.parametrize(("case", "told"), JUDGEMENTS, ids=str)
def test_a_verdict_is_the_one_in_the_guide(case: Case, told: Judgement) -> None:
    assert judge(*case) == told


def test_the_guide_has_every_case_once() -> None:
    listed = Counter(case for case, _ in JUDGEMENTS)
    assert listed == Counter(product(Way, ResetMethod, Trust))


def test_the_guide_claims_no_more_than_is_known() -> None:
    for row in VERDICTS:
        sure, standing = code(row[5]), row[6]
        assert standing.startswith(("documented", "inferred", "not known"))
        assert (standing == "documented") is (sure == Sureness.DOCUMENTED)


@pytest.mark.parametrize("row", RECOGNISED)
def test_a_login_is_recognised_as_the_guide_says(row: list[str]) -> None:
    told = list(recognitions(row))
    assert told
    assert [(*fields, way_of(*fields)) for *fields, _ in told] == told


def test_the_guide_shows_how_every_way_is_recognised() -> None:
    assert {way for *_, way in RECOGNITIONS} == set(Way)


def test_the_guide_explains_every_reason_and_note() -> None:
    assert [code(row[0]) for row in table(below="### The reasons")] == list(Why)
    notes = table(below="## What is said about the account")
    assert [code(row[0]) for row in notes] == list(Note)


@given(st.sampled_from(RECOGNITIONS), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_and_blanks_do_not_matter(row: Row, change: Callable[[str], str]) -> None:
    *fields, way = row
    changed = [None if field is None else f" {change(field)} " for field in fields]
    assert way_of(*changed) is way


field_texts = st.none() | st.text(max_size=60) | st.sampled_from([*API_TYPES, *OAUTH_TYPES])


@given(field_texts, field_texts | st.sampled_from(SUBTYPES), field_texts)
def test_any_login_has_a_way(
    login_type: str | None, subtype: str | None, api_type: str | None
) -> None:
    assert way_of(login_type, subtype, api_type) in Way


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_type_nobody_knows_is_never_a_way(login_type: str, subtype: str) -> None:
    assert way_of(f"New {login_type}", subtype, "SOAP Partner") is Way.UNKNOWN
