"""Slack's request signature, version 0."""

from __future__ import annotations

import hashlib
import hmac


def signature_headers(secret: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the two headers that prove a body to come from Slack; `timestamp` in seconds."""
    base = b"v0:%d:%s" % (timestamp, body)
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": f"v0={digest}",
    }
