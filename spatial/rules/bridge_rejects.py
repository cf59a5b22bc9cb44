"""How much is kept of what came over a bridge (桥接) and could not be taken."""

PAYLOAD_BYTES = 4096
"""Bytes of a message that are kept."""

KEPT_DAYS = 30
KEPT_MOST = 10_000

REASON_MOST = 1000
"""Characters of a reason that are kept."""
