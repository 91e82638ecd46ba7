"""Secrets known by their shape, taken out of text: a last net below not logging them at all."""

from __future__ import annotations

import re

REDACTED = "[redacted]"

_SHAPES = re.compile(
    r"""
    -----BEGIN[^-]*-----.*?(?:-----END[^-]*-----|\Z)    # PEM, even when it is cut off
    | \bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9.-]+          # Slack tokens
    | \bxapp-[A-Za-z0-9-]+                              # Slack app-level tokens
    | \bwhsec_[A-Za-z0-9+/=_-]+                         # Standard Webhooks secrets
    | \b00D[A-Za-z0-9]{12,15}(?:!|%21)[A-Za-z0-9._%-]+  # Salesforce session ids
    | \beyJ[\w-]+\.[\w-]+\.[\w-]*                       # JWTs
    | (?<=\bv0=)[0-9a-fA-F]{16,}                        # Slack's request signatures
    | (?<=\bv1,)[A-Za-z0-9+/]{20,}={0,2}                # Standard Webhooks signatures
    | (?i:(?<=\bbearer[ ]))[A-Za-z0-9._~+/!=%-]{8,}     # bearer tokens of any kind
    | (?i:(?<=\bbasic[ ]))[A-Za-z0-9+/]{8,}={0,2}       # user and password in a header
    | https?://hooks\.slack\.com/[^\s"'<>]*             # response_url: whoever has it can post
    | https?://[^\s"'<>/]+/(?:commands|actions|services|triggers)/T[^\s"'<>]*
    | (?i:(?<=[?&]otp=)|(?<=[?&]sid=))[^\s&"'<>]+       # single-use logins in an address
    | (?<=://)[^\s/@:"'<>]*:[^\s/@"'<>]+(?=@)           # user and password in an address
    """,
    re.VERBOSE | re.DOTALL,
)
# One of these is in each of them. Looking for these first takes a twentieth of the time, and
# nearly every text in a log has none.
_MARKS = (
    "-----begin",
    "xox",
    "xapp-",
    "whsec_",
    "00d",
    "eyj",
    "v0=",
    "v1,",
    "bearer ",
    "basic ",
    "://",
    "otp=",
    "sid=",
)


def redact(text: str) -> str:
    """Return `text` with everything that has the shape of a secret replaced."""
    lowered = text.lower()
    if not any(mark in lowered for mark in _MARKS):
        return text
    return _SHAPES.sub(REDACTED, text)
