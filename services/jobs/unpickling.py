"""Reads what Docket keeps in Redis, without letting it name code (docs/decisions/0020).

Docket keeps the arguments of a job as a pickle, and a pickle may name any function and have it
called while it is read. Ours hold one string each, so a pickle that names anything is refused.
"""

import io
import pickle
from typing import Never

import cloudpickle  # type: ignore[import-untyped]  # it has no types; Docket brings it
import structlog
from typing_extensions import override

log = structlog.get_logger(__name__)


class Nothing(dict[str, object]):
    """What is read in the place of what was refused: no arguments, by place or by name."""

    @override
    def __getitem__(self, key: str | slice, /) -> object:
        """Docket takes a part of what was given by place, and its worker would end by an error."""
        return () if isinstance(key, slice) else super().__getitem__(key)

    @override
    def __hash__(self) -> int:  # type: ignore[override]  # Docket keeps some of it in sets
        return id(self)


class _NamesNothing(pickle.Unpickler):
    """Builds plain values only. Python's documentation calls this restricting globals."""

    @override
    def find_class(self, module_name: str, global_name: str, /) -> Never:
        raise pickle.UnpicklingError("a pickle that names code")


def read(data: bytes) -> tuple[object, ...] | dict[str, object]:
    """Read a pickle of plain arguments; of anything else, or of what is no pickle, nothing."""
    try:
        value = _NamesNothing(io.BytesIO(data)).load()
    except Exception as error:  # noqa: BLE001  a damaged pickle raises anything
        log.error("job.payload_refused", error=type(error).__name__)  # noqa: TRY400  without its text
        return Nothing()
    return value if isinstance(value, tuple | dict) else Nothing()


def restrict() -> None:
    """Let Docket read by `read`, wherever it reads. It has no setting for that."""
    cloudpickle.loads = read
