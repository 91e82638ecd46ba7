"""Connected apps: which program asks for a token, with which key, and for whom it may."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True)
class KeyPair:
    """An RSA key pair in PEM."""

    private: str
    public: str


@functools.cache
def key_pair(name: str) -> KeyPair:  # noqa: ARG001  the name is the cache's key
    """A fresh RSA key pair for `name`, the same one throughout this process: making one is slow."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return KeyPair(private.decode(), public.decode())


@dataclass
class ConnectedApp:
    """A connected app (or External Client App) of the org."""

    name: str
    consumer_key: str
    consumer_secret: str
    scopes: frozenset[str] = frozenset({"api"})
    public_key: str | None = None
    """PEM; without one the app can't use the JWT bearer flow."""
    permission_set: str | None = None
    """Admin-approved users only, through this permission set; `None`: users approve it
    themselves, and an approval is a grant."""
    run_as: str | None = None
    """Username of the user that the client credentials flow acts as."""
