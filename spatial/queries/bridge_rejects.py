"""What came over a bridge and could not be taken: keeping it, listing it, forgetting the oldest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from spatial.rules.bridge_rejects import KEPT_DAYS, KEPT_MOST, PAYLOAD_BYTES, REASON_MOST
from spatial.types import UNPLACED_AREA, UNPLACED_GRID

WHOLE = -1
"""Item of a reject that is a message as a whole."""


@dataclass(frozen=True)
class Reject:
    """Something that could not be taken.

    Attributes:
        topic: as far as it is text. payload: the whole message, or its beginning. size: bytes of the whole one.
        item: which of several things in it, from 0; :data:`WHOLE` for all of it.
        reason: what was wrong; may name values.
        digest: SHA-256 of the whole message; worked out of ``payload`` where that is the whole.
    """

    topic: str
    payload: bytes
    size: int
    item: int
    reason: str
    digest: bytes | None = None

    def fingerprint(self, bridge: str) -> bytes:
        """Return what is the same when the same comes again: SHA-256 over bridge, topic, message and item."""
        digest = self.digest or hashlib.sha256(self.payload).digest()
        head = "\0".join((bridge, self.topic, str(self.item))).encode("utf-8", "surrogatepass")
        return hashlib.sha256(head + b"\0" + digest).digest()


# One row for each of some rejects; one that is there already counts once more. Parameters: bridge, area code, grid
# code, then columns of equal length: topic, item, payload, bytes, reason, fingerprint (no two the same).
KEEP = """
INSERT INTO bridge_reject AS kept (bridge, area_code, grid_code, topic, item, payload, bytes, reason, fingerprint)
SELECT %s, %s, %s, topic, item, payload, bytes, reason, fingerprint
FROM unnest(%s::text[], %s::int[], %s::bytea[], %s::bigint[], %s::text[], %s::bytea[])
     AS new (topic, item, payload, bytes, reason, fingerprint)
ORDER BY fingerprint
ON CONFLICT (fingerprint)
DO UPDATE SET times = kept.times + 1, last_at = now(), reason = excluded.reason
"""


def keep(connection: psycopg.Connection, bridge: str, rejects: Sequence[Reject]) -> None:
    """Keep what could not be taken.

    Args:
        connection: inside the caller's transaction, in sight of what is unplaced.
        bridge: name of the bridge.
        rejects: any number; the same one twice counts once.
    """
    rows = {reject.fingerprint(bridge): reject for reject in rejects}
    columns = [
        (_storable(reject.topic), reject.item, reject.payload[:PAYLOAD_BYTES], reject.size,
         _storable(reject.reason)[:REASON_MOST], fingerprint)
        for fingerprint, reject in rows.items()
    ]
    if columns:
        values = [list(column) for column in zip(*columns, strict=True)]
        connection.execute(KEEP, (bridge, UNPLACED_AREA, UNPLACED_GRID, *values))


def _storable(text: str) -> str:
    """Return a text as PostgreSQL can hold it: without NUL, and without halves of surrogate pairs."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()


FORGET_OLD = "DELETE FROM bridge_reject WHERE last_at < now() - %s * interval '1 day'"
FORGET_MANY = """
DELETE FROM bridge_reject
WHERE last_at <= (SELECT last_at FROM bridge_reject ORDER BY last_at DESC OFFSET %s LIMIT 1)
"""


def forget(connection: psycopg.Connection, days: int = KEPT_DAYS, most: int = KEPT_MOST) -> None:
    """Delete what has not come for so many days, and the oldest beyond so many."""
    connection.execute(FORGET_OLD, (days,))
    connection.execute(FORGET_MANY, (most,))


@dataclass(frozen=True)
class Kept:
    """A reject on record; see ``spatial.models.bridge.BridgeReject``."""

    id: int
    bridge: str
    topic: str
    item: int
    payload: bytes
    bytes: int
    reason: str
    times: int
    first_at: datetime
    last_at: datetime


RECENT = """
SELECT id, bridge, topic, item, payload, bytes, reason, times, first_at, last_at
FROM bridge_reject ORDER BY last_at DESC, id DESC LIMIT %s
"""


def recent(connection: psycopg.Connection, limit: int) -> list[Kept]:
    """List rejects, the one that came last first."""
    with connection.cursor(row_factory=class_row(Kept)) as cursor:
        return cursor.execute(RECENT, (limit,)).fetchall()


COUNT = "SELECT count(*) FROM bridge_reject"


def count(connection: psycopg.Connection) -> int:
    """Count the rejects on record."""
    return connection.execute(COUNT).fetchone()[0]
