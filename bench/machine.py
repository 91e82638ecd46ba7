"""What the machine was worth while something was measured, to be read beside its figures."""

import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5
ADDITIONS = 1_000_000


@dataclass(frozen=True)
class Machine:
    """What it did at one moment."""

    additions: float
    """Seconds for a million additions in Python."""
    write: float
    """Seconds for a line to be on the disk, as each of Redis' writes is here."""
    ticks: int
    """What its processors have counted since it started, in Linux's units."""
    stolen: int
    """Of these, those that the host gave to other machines."""


def look() -> Machine:
    """Measure it."""
    ticks, stolen = _ticks()
    return Machine(
        statistics.median(_adding() for _ in range(ROUNDS)),
        statistics.median(_writing() for _ in range(ROUNDS)),
        ticks,
        stolen,
    )


def between(before: Machine, after: Machine) -> str:
    """Say what it was worth from one look to another."""
    passed = max(after.ticks - before.ticks, 1)
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}. "
        f"A million additions took {_ms(before.additions)} before and {_ms(after.additions)} "
        f"after, a line written to the disk {_ms(before.write)} and {_ms(after.write)}; "
        f"{(after.stolen - before.stolen) / passed:.0%} of the processors' time went to "
        "other machines"
    )


def _adding() -> float:
    start, total = time.perf_counter(), 0
    for number in range(ADDITIONS):
        total += number
    return time.perf_counter() - start


def _writing() -> float:
    with tempfile.TemporaryFile(buffering=0) as file:  # where `surroundings.valkey` has its file
        file.write(b"warm\n")
        os.fsync(file.fileno())
        start = time.perf_counter()
        file.write(b"one more line\n")
        os.fsync(file.fileno())
        return time.perf_counter() - start


def _ticks() -> tuple[int, int]:
    """Read them: the first line sums up all processors, its eighth figure is the time stolen."""
    figures = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(figures), figures[7]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
