"""Look for secrets in all that was written, in each form in which they might stand there."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

SHORTEST = 8
"""Letters of the shortest secret that is looked for: a shorter one stands anywhere by chance."""

_BETWEEN = re.compile(r"[\s\"'\\,(){}\[\]<>]+")


def forms(secret: str) -> set[str]:
    """The secret as it is, in hex, as in a URL, and in base64 wherever in a text it began."""
    raw = secret.encode()
    found = {secret, raw.hex(), raw.hex().upper(), quote(secret), quote(secret, safe="")}
    for before in range(3):
        # Three letters make four; where a neighbour has a part in them, they are left out.
        inner = raw[-before % 3 :]
        inner = inner[: len(inner) // 3 * 3]
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(encode(inner).decode())
    return {one for one in found if len(one) >= SHORTEST}


@dataclass
class Secrets:
    """What was secret at any time, by name, and everything that was ever written down, by place."""

    known: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    def learn(self, name: str, secret: str | None) -> None:
        """Add something that is secret."""
        if secret:
            self.known[f"{name}, {len(self.known)}"] = secret

    def leaks(self) -> list[str]:
        """Name each secret that was written down, and where."""
        # Most is written many times over, so it is looked through once.
        words = {word for text in self.written.values() for word in _BETWEEN.split(text)}
        everything = "\n".join(words)
        return [
            f"{name} in {place}"
            for name, form in self._forms()
            if form in everything
            for place, text in self.written.items()
            if form in text
        ]

    @property
    def sought(self) -> int:
        """How many secrets are looked for."""
        return sum(len(one) >= SHORTEST for one in set(self.known.values()))

    def _forms(self) -> Iterator[tuple[str, str]]:
        seen = set()
        for name, secret in self.known.items():
            if secret in seen or len(secret) < SHORTEST:
                continue
            seen.add(secret)
            for form in forms(secret):
                yield name, form
