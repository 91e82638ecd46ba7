"""Signed alerts, as a SIEM sends them: Standard Webhooks."""

import json
from datetime import UTC, datetime

from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def signed_request(message_id: str, user: str) -> bytes:
    """Build the whole HTTP request about one Salesforce user, signed for now.

    Args:
        message_id: of the message, and of what happened.
        user: username or address.
    """
    body = json.dumps(
        {
            "id": message_id,
            "user": user,
            "reason": "Signed in from two countries within an hour",
            "source": "SIEM",
            "severity": "high",
            "evidence": ["203.0.113.9, 02:58", "198.51.100.7, 03:21"],
        }
    )
    now = datetime.now(UTC)
    head = (
        "POST /alerts HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
        f"webhook-id: {message_id}\r\nwebhook-timestamp: {int(now.timestamp())}\r\n"
        f"webhook-signature: {Webhook(SECRET).sign(message_id, now, body)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return f"{head}{body}".encode()
