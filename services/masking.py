"""Addresses are shown and stored masked: enough to recognise one's own, no more."""

import hashlib


def mask_address(address: str) -> str:
    """Mask a mail address: `ada@acme.example` becomes `a…@acme.example`."""
    name, at, host = address.partition("@")
    return f"{name[:1]}…{at}{host}"


def digest(address: str) -> str:
    """Make of an address what is kept to recognise it by; case doesn't count."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()[:32]
