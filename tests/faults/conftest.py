"""What all tests of faults share."""

import pytest

# What is true at the end is asserted there: a failure shows both sides.
pytest.register_assert_rewrite(
    *(f"tests.faults.crash_{name}" for name in ("breach", "checks", "follow_up", "resets")),
    *(f"tests.faults.fault_{name}" for name in ("flows", "rows", "truth")),
)
