"""Whether what a process holds grows with the number of inputs that it was given."""

import gc
import sys

WARM = 300
"""Inputs until caches are full, after which nothing may pile up."""


class Memory:
    """Looks when caches are full, half of the inputs later, and at the end.

    A cache that fills once grows in one half; what keeps something of each input grows in both.
    What is counted are small objects, of at most 512 bytes: Python tells no number of the others.
    """

    def __init__(self, inputs: int) -> None:
        half = (inputs - WARM) // 2
        assert half >= WARM, "too few inputs to tell a leak from chance"
        self._due = [WARM, WARM + half, WARM + 2 * half]
        self._seen: list[tuple[int, int]] = []

    def look(self, done: int) -> None:
        """Look, if it is time, once so many inputs were taken."""
        if len(self._seen) < len(self._due) and done >= self._due[len(self._seen)]:
            gc.collect()
            self._seen.append((done, sys.getallocatedblocks()))

    def stays_flat(self) -> None:
        """Fail for as much as one object kept of each input."""
        first, middle, last = self._seen
        halves = [(b[0] - a[0], b[1] - a[1]) for a, b in ((first, middle), (middle, last))]
        print(f"inputs and blocks more: {halves}")  # noqa: T201  pytest shows it with a failure
        assert any(grown < inputs / 2 for inputs, grown in halves), halves
