"""The tables and plots that benchmarks leave in docs: the same figures, the same files."""

import re
from pathlib import Path

import pytest
from lxml import etree

from bench import guide, machine
from bench.__main__ import MEASUREMENTS
from bench.plots import drawn
from bench.report import Report

PLOTS = sorted((guide.DOCS / guide.PLOTS).glob("*.svg"))


def a_report() -> Report:
    report = Report("Some acks")
    report.row("acked", "24,000", "0 refused", target="24,000")
    report.ratio("median", "an empty handler", 2.25, "≤ 4")
    report.plot(
        "some-acks",
        "Acks <of> an hour",
        unit="ms",
        labels=["median", "p99"],
        series={"the bot": [3.7, 6.2], "an empty handler": [1.6, 3.4]},
    )
    return report


def assert_plain(svg: str) -> None:
    """It runs nothing, loads nothing, and names no day."""
    root = etree.fromstring(svg)
    for node in root.iter():
        assert not isinstance(node, etree._Comment | etree._ProcessingInstruction)
        name = etree.QName(node).localname
        assert name not in {"script", "foreignObject", "image", "use", "a"}
        for attribute, value in node.attrib.items():
            assert not str(attribute).endswith("href")
            assert not str(attribute).startswith("on")
            assert "url(" not in str(value)
    assert "@import" not in svg
    assert "url(" not in svg
    assert not re.search(r"https?://(?!www\.w3\.org/)", svg)
    assert not re.search(r"20\d\d-\d\d-\d\d", svg)


@pytest.mark.parametrize("lines", [False, True])
def test_the_same_figures_make_the_same_plain_picture(lines: bool) -> None:
    [plot] = a_report().plots
    report = Report(
        "",
    )
    report.plot(
        plot.name,
        plot.title,
        unit=plot.unit,
        labels=plot.labels,
        series=plot.series,
        lines=lines,
    )
    first, second = drawn(report.plots[0]), drawn(report.plots[0])
    assert first == second
    assert_plain(first)
    shown = "".join(etree.fromstring(first).itertext())
    for words in ("Acks <of> an hour", "the bot", "an empty handler", "p99", "ms"):
        assert words in shown
    assert len(first.encode()) < 40_000


def test_tables_stand_between_their_marks_and_replace_older_ones(tmp_path: Path) -> None:
    begin, end = guide.marks("acks")
    page = tmp_path / guide.GUIDE
    page.write_text(f"Before\n\n{begin}\nold figures\n{end}\n\nAfter\n")
    for _ in range(2):  # again: nothing is added
        guide.write("acks", [a_report(), Report("Second")], "2 cores", tmp_path)
    text = page.read_text()
    assert "old figures" not in text
    assert text.startswith(f"Before\n\n{begin}\n\n*Some acks.*\n\n| figure | seen | target |\n")
    assert "| acked | 24,000 · 0 refused | 24,000 |\n" in text
    assert "| median | 2.250 x an empty handler | ≤ 4 |\n" in text
    assert "![Acks <of> an hour](plots/some-acks.svg)\n\n*Second.*" in text
    assert text.endswith(f"\n\n2 cores.\n\n{end}\n\nAfter\n")
    assert_plain((tmp_path / "plots" / "some-acks.svg").read_text())


def test_a_guide_without_a_place_is_left_as_it_was(tmp_path: Path) -> None:
    page = tmp_path / guide.GUIDE
    page.write_text("Nothing\n")
    with pytest.raises(ValueError, match="no place for acks"):
        guide.write("acks", [a_report()], "2 cores", tmp_path)
    assert page.read_text() == "Nothing\n"


def test_what_the_machine_was_worth_is_told() -> None:
    before = machine.Machine(additions=0.05, write=0.0011, ticks=1_000, stolen=10)
    after = machine.Machine(additions=0.12, write=0.0024, ticks=3_000, stolen=110)
    told = machine.between(before, after)
    assert "A million additions took 50.00 ms before and 120.00 ms after" in told
    assert "a line written to the disk 1.10 ms and 2.40 ms" in told
    assert told.endswith("5% of the processors' time went to other machines")


def test_the_machine_is_measured() -> None:
    seen = machine.look()
    assert seen.additions > 0
    assert seen.write > 0
    assert seen.ticks > seen.stolen >= 0


def test_the_guide_has_the_figures_of_every_benchmark() -> None:
    text = (guide.DOCS / guide.GUIDE).read_text()
    for name in MEASUREMENTS:
        begin, end = guide.marks(name)
        between = text.partition(begin)[2].partition(end)[0]
        assert "| figure | seen | target |" in between, name
        assert " x " in between, name


def test_the_guide_shows_every_plot_and_each_is_plain() -> None:
    text = (guide.DOCS / guide.GUIDE).read_text()
    shown = re.findall(r"!\[[^]]+\]\(plots/([\w-]+)\.svg\)", text)
    assert sorted(shown) == [path.stem for path in PLOTS]
    assert PLOTS
    for path in PLOTS:
        assert_plain(path.read_text(encoding="utf-8"))
