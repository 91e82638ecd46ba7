"""Spares tests the check of a private key's numbers, which is most of what a start takes."""

from typing import TYPE_CHECKING

from bot import settings_values
from services.salesforce import assertion

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


def parse_keys_by(parse: "Callable[..., PrivateKeyTypes]") -> None:
    """Let this process parse its private keys so, from now to its end."""
    for module in (settings_values, assertion):
        vars(module)["load_pem_private_key"] = parse
