"""Every benchmark runs, at a tiny size: what it counts holds, and it prints its ratios."""

from collections.abc import AsyncIterator
from types import ModuleType

import pytest
import pytest_asyncio

from bench import ack, acks, approve, click, crowd, drain, flood, growth, history, memory, reads
from bench.report import Report
from bench.whole import Whole, whole_bot
from tests.counting import Count


def figures_of(report: Report, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What it found by name, after a look at what it prints: a ratio against a baseline."""
    report.print()
    printed = capsys.readouterr().out
    assert report.title in printed
    ratios = [row for row in report.rows if row.is_ratio]
    assert ratios
    for row in ratios:
        assert f"{row.name:<42} {row.seen}" in printed
        value, cross, baseline = row.seen.split(" ", 2)
        assert float(value) > 0
        assert cross == "x"
        assert baseline
    return {row.name: row.seen for row in report.rows}


@pytest.mark.parametrize("bench", [ack, acks, drain, flood, growth, reads])
async def test_it_runs_and_prints_its_ratios(
    bench: ModuleType, count: Count, capsys: pytest.CaptureFixture[str]
) -> None:
    [report] = await bench.measure(small=True)
    figures = figures_of(report, capsys)
    count("benchmarks that ran at a tiny size", 1)
    kept = {name: seen for name, seen in figures.items() if name in EXPECTED}
    assert kept == {name: EXPECTED[name] for name in kept}
    assert len(kept) == COUNTED.get(bench, 0)


EXPECTED = {
    # acks: of so many commands none is lost
    "acked": "100 · 0 refused · 0 cut off",
    "of these not saved": "0",
    # drain: each command has its warning, each person their outcome
    "commands and presses not acked": "0",
    "warnings shown": "8",
    "resets told by DM": "4",
    # flood
    "two workers: accepted (202)": "14",
    "two workers: cases kept": "14",
    "two workers: a second card for one case": "0",
}

COUNTED = {acks: 2, drain: 3, flood: 3}
"""How many of these each has."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole() -> AsyncIterator[Whole]:
    async with whole_bot(method="password") as running:
        yield running


@pytest.mark.asyncio(loop_scope="module")
async def test_a_crowd(whole: Whole, count: Count, capsys: pytest.CaptureFixture[str]) -> None:
    figures = figures_of(await crowd.of(whole, crowd.SMALL), capsys)
    count("benchmarks that ran at a tiny size", 1)
    assert figures["acked"] == "20"
    assert figures["refused, cut off"] == "0, 0"
    assert figures["saved"] == "20"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_reset(whole: Whole, count: Count, capsys: pytest.CaptureFixture[str]) -> None:
    figures = figures_of(await click.of(whole, "password", 1), capsys)
    count("benchmarks that ran at a tiny size", 1)
    assert figures["requests to Salesforce after the press"] == "1"


@pytest.mark.asyncio(loop_scope="module")
async def test_an_approval(whole: Whole, count: Count, capsys: pytest.CaptureFixture[str]) -> None:
    figures = figures_of(await approve.of(whole, 1), capsys)
    count("benchmarks that ran at a tiny size", 1)
    assert figures["requests before the freeze"] == "3"


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_past(whole: Whole, count: Count, capsys: pytest.CaptureFixture[str]) -> None:
    few, many = history.SMALL.past
    async with whole_bot(method="password") as other:
        report = await history.of({few: whole, many: other}, history.SMALL)
    figures = figures_of(report, capsys)
    count("benchmarks that ran at a tiny size", 1)
    assert {"5 of each", "20 of each"} <= set(figures)
    assert [plot.name for plot in report.plots] == ["history-time", "history-bytes"]


@pytest.mark.asyncio(loop_scope="module")
async def test_memory(whole: Whole, count: Count, capsys: pytest.CaptureFixture[str]) -> None:
    figures = figures_of(await memory.of(whole, 1), capsys)
    count("benchmarks that ran at a tiny size", 1)
    assert set(figures) == {"web", "worker", "web, against", "worker, against"}
