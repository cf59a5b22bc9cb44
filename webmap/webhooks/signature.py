"""Signatures of webhooks after the Standard Webhooks specification 1.0 (standardwebhooks.com)."""

import base64
import hashlib
import hmac
import os

PREFIX = "whsec_"
SECRET_BYTES = 32
"""Between the 24 and 64 that the specification asks for."""


def new_secret() -> str:
    """Return a new secret as receivers are given it: ``whsec_`` and base64."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one attempt: ``v1,`` and base64 of HMAC-SHA256 over ``id.timestamp.body``.

    Args:
        secret: as :func:`new_secret` returns it.
        message_id: the same for each attempt to send a message.
        timestamp: of the attempt, seconds since 1970.
        body: as it is sent.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(
        hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)).decode()


def headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of one attempt."""
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(secret, message_id, timestamp, body), "Content-Type": "application/json",
            "User-Agent": "Shapan-Webhooks/1"}
