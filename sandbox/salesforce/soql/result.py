"""What a query finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Result:
    """Every record; `counted` is set for a bare `COUNT()`."""

    records: list[dict[str, Any]]
    counted: int | None = None
    page: int = 2000
    """How many records come at a time."""
