"""Spoils JSON and bytes in the ways in which an attacker, or a broken sender, would."""

import copy
import json
import os
import random
from typing import Any

from tests.scenario.test_odd_payloads import paths

EVERYTHING = os.environ.get("FAULTS") == "all"
SCALE = 10 if EVERYTHING else 1
"""`make faults` tries ten times as much, from a seed of its own each time."""


def chance(name: str) -> random.Random:
    """A source of chance: the same in each ordinary run, so that a fault can be seen again."""
    seed = os.urandom(8).hex() if EVERYTHING else "plain"
    print(f"{name}: seed {seed}")  # noqa: T201  pytest shows it with a failure
    return random.Random(f"{name} {seed}")  # noqa: S311


def deep(levels: int) -> list[Any]:
    """A list in a list in a list."""
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


def odd(rng: random.Random) -> Any:  # noqa: ANN401
    """A value that nobody expects there."""
    return rng.choice(
        [
            None,
            True,
            -1,
            10**30,
            float("nan"),
            1e308,
            "",
            "\x00\r\n\x1b[2J",
            "\ud800",
            "<!channel> <@U0ADA00001> <https://evil.example|here>",
            "' OR Name LIKE '%",
            "https://evil.example",
            "https://acme.my.salesforce.com@evil.example",
            "x" * rng.choice([256, 5_000, 40_000]),
            [],
            {},
            {"a": {"b": []}},
            deep(rng.choice([5, 60])),
            ["x"] * 500,
            rng.randbytes(6).hex(),
        ]
    )


def spoilt(rng: random.Random, value: Any) -> Any:  # noqa: ANN401
    """A copy in which up to four fields are missing, odd, or hold what another one holds."""
    copied = copy.deepcopy(value)
    for _ in range(rng.randint(1, 4)):
        ways = list(paths(copied))
        if not ways:
            return odd(rng)
        way = rng.choice(ways)
        holder = copied
        for key in way[:-1]:
            holder = holder[key]
        match rng.randrange(3):
            case 0:
                del holder[way[-1]]
            case 1:
                holder[way[-1]] = odd(rng)
            case _:
                other: Any = value
                for key in rng.choice(list(paths(value))):
                    other = other[key]
                holder[way[-1]] = copy.deepcopy(other)
    return copied


def spoilt_bytes(rng: random.Random, body: bytes) -> bytes:
    """Bytes that were cut off, changed in places, said twice, or are something else."""
    match rng.randrange(6):
        case 0:
            return body[: rng.randrange(len(body) + 1)]
        case 1:
            changed = bytearray(body or b"x")
            for _ in range(rng.randint(1, 8)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            return bytes(changed)
        case 2:
            return body + body
        case 3:
            return rng.randbytes(rng.randrange(200))
        case 4:
            return b"[" * rng.choice([100, 100_000])
        case _:
            return b"<html><body>Service unavailable</body></html>"


def as_json(value: object) -> bytes:
    """What a sender would write, lone surrogates as escapes."""
    return json.dumps(value).encode()
