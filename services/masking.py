"""Addresses are shown and stored masked: enough to recognise one's own, no more."""


def mask_address(address: str) -> str:
    """Mask a mail address: `ada@acme.example` becomes `a…@acme.example`."""
    name, at, host = address.partition("@")
    return f"{name[:1]}…{at}{host}"
