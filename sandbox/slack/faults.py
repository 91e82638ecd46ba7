"""Faults that can be switched on: what a Slack that is slow, broken or unwilling answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.slack.calls import Call

Lost = Literal["before", "after"]


@dataclass(slots=True)
class Fault:
    """What goes wrong with a call.

    `latency` in seconds; `status` 429 with `retry_after` seconds, or 5xx; `error` a Web API error
    code; `lost` drops the connection without an answer, before or after the effect; `hang` gives
    no answer for that many seconds first, so that the caller's own time-out strikes. `times` is
    how many calls it lasts for (`None`: until removed); `when` picks the calls.
    """

    latency: float = 0
    status: int | None = None
    retry_after: int = 1
    error: str | None = None
    lost: Lost | None = None
    hang: float = 0
    times: int | None = None
    when: Callable[[Call], bool] | None = None


class Faults:
    """The faults in force, by method, `response_url`, or `*` for every Web API method."""

    def __init__(self) -> None:
        self._faults: list[tuple[str, Fault]] = []

    def add(self, method: str, fault: Fault) -> Fault:
        """Switch a fault on; the one added first strikes first."""
        self._faults.append((method, fault))
        return fault

    def remove(self, fault: Fault) -> None:
        """Switch a fault off; one that is used up is off already."""
        self._faults = [(name, other) for name, other in self._faults if other is not fault]

    def clear(self) -> None:
        """Switch every fault off."""
        self._faults.clear()

    def strike(self, call: Call) -> Fault | None:
        """Return the fault that this call meets, and count it."""
        for name, fault in self._faults:
            if not _concerns(name, call) or not (fault.when is None or fault.when(call)):
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.remove(fault)
            return fault
        return None


def _concerns(name: str, call: Call) -> bool:
    return name == call.method or (name == "*" and call.method != "response_url")
