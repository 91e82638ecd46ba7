"""What tests count is added up and printed."""

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest


@pytest.mark.parametrize("number", [1, 2])
def test_passes(count, number):
    count("kills", number)


@pytest.fixture
def looks_afterwards(count):
    yield
    count("looks", 5)


def test_is_looked_at_afterwards(looks_afterwards):
    pass


def test_fails(count):
    count("kills", 100)
    assert False
"""


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["alone", "in parallel"])
def test_counts_are_summed(pytester: pytest.Pytester, processes: list[str]) -> None:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest("-p", "tests.counting", *processes)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*What was tried*", "*3  kills", "*5  looks"])
