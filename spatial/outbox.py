"""The change feed (变更流): written with the change, numbered after it, told to every process.

A writer appends rows to ``outbox`` in the transaction of the change itself. One sequencer
(``spatial/jobs/sequencer.py``) gives committed rows gap-free numbers and sends one NOTIFY for
a batch: a NOTIFY in every writer would serialise their commits, and a number taken before
the commit would be overtaken by a slower transaction and lost to readers.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg.types.json import Jsonb

from spatial.cells import Touched
from spatial.queries import tile_versions
from spatial.types import UNPLACED_AREA, UNPLACED_GRID, Scope

log = structlog.get_logger()

CHANNEL = "shapan_outbox"
"""NOTIFY channel; the payload is the last number stamped."""

TILES = "tiles"
"""Kind of a change whose payload says which tiles are other ones now (``spatial/cells.py``)."""

KEEPER = "keeper"
"""Kind of a change that says where a keeper is now."""

KPI = "kpi"
"""Kind of a change that says what the counts of a grid are now (``spatial/jobs/rollup.py``)."""

PLACED = "placed"
"""Kind of a change that says that rows of a table got another grid (``shapan place``)."""

SURVEY = "survey"
"""Kind of a change that says that keepers surveyed rooms of a grid; only the roll-up hears of it."""

PASSING = (TILES, KEEPER, KPI, SURVEY)
"""Kinds that are forgotten after a while: there are many, the next says all, and where staff walked is their own."""

UNREADABLE = "unreadable"
"""Kind that a change of tiles gets whose payload says nothing."""

SEQUENCER_LOCK = 0x5348_4150_0001
"""Advisory lock of the one sequencer."""


@dataclass(frozen=True)
class Change:
    """One numbered change.

    Attributes:
        seq: number without gaps, in the order in which changes became visible.
        kind: ``alarm``, ``event``, ``device``, ``keeper``, ``task``, ``kpi``, ``warning`` or ``tiles``.
        object: id of the changed thing, or the layer's name.
        grid_code: whose listeners may hear of it, unless it concerns several places.
        payload: JSON object as the stream sends it; holds no personal data.
        at: server time of the change.
        places: prefixes of grid codes whose listeners may hear of it; None where ``grid_code`` says it.
    """

    seq: int
    kind: str
    object: str
    grid_code: str
    payload: dict[str, Any]
    at: datetime
    places: Sequence[str] | None = None

    def within(self, scope: Scope) -> bool:
        """Tell whether a listener with a jurisdiction may hear of it, as row security decides it."""
        return scope.covers(self.grid_code) if self.places is None else scope.concerns(self.places)


# Parameters: kind, object, area_code, grid_code, payload. The row gets its number later.
APPEND = """
INSERT INTO outbox (kind, object, area_code, grid_code, payload)
VALUES (%s, %s, %s, %s, %s)
"""


def append(
    connection: psycopg.Connection, kind: str, object_id: str, area_code: str, grid_code: str,
    payload: dict[str, Any],
) -> None:
    """Append one change within the caller's transaction.

    Args:
        connection: inside the transaction of the change itself; its jurisdiction must hold
            ``grid_code``.
        kind: see :class:`Change`.
        object_id: id of the changed thing.
        area_code: 12 digits. grid_code: 15 digits.
        payload: JSON object without personal data.
    """
    connection.execute(APPEND, (kind, object_id, area_code, grid_code, Jsonb(payload)))


# As APPEND, for many changes, which get their ids in the order given. The payloads come as one JSON array: as an array
# of texts each of their quotes would be escaped. Parameters: kinds, objects, area codes, grid codes; payloads.
APPEND_ALL = """
INSERT INTO outbox (kind, object, area_code, grid_code, payload)
SELECT kind, object, area_code, grid_code, payload
FROM ROWS FROM (unnest(%b::text[], %b::text[], %b::text[], %b::text[]), jsonb_array_elements(%t::jsonb)) WITH ORDINALITY
     AS change (kind, object, area_code, grid_code, payload, n)
ORDER BY n
"""


def append_all(connection: psycopg.Connection, rows: Sequence[tuple[str, str, str, str, dict[str, Any]]]) -> None:
    """Append many changes within the caller's transaction by one statement.

    Args:
        connection: inside the transaction of the changes themselves.
        rows: kind, object, area_code, grid_code and payload of each, as :func:`append` takes them, in order.
    """
    if rows:
        *columns, payloads = (list(column) for column in zip(*rows, strict=True))
        connection.execute(APPEND_ALL, (*columns, json.dumps(payloads, ensure_ascii=False)))


# Parameters: kind, object, area_code, grid_code, payload, places.
APPEND_WIDELY = """
INSERT INTO outbox (kind, object, area_code, grid_code, payload, places)
VALUES (%s, %s, %s, %s, %s, %s)
"""


def append_widely(
    connection: psycopg.Connection, kind: str, object_id: str, places: Sequence[str], payload: dict[str, Any],
) -> None:
    """Append one change that concerns several places: everybody responsible for a part of them hears of it, once.

    Args:
        connection: inside the transaction of the change itself; its jurisdiction must hold all places.
        kind: see :class:`Change`.
        object_id: id of the changed thing.
        places: prefixes of grid codes.
        payload: JSON object without personal data.
    """
    connection.execute(
        APPEND_WIDELY, (kind, object_id, UNPLACED_AREA, UNPLACED_GRID, Jsonb(payload), list(places)))


def touched(connection: psycopg.Connection, change: Touched) -> None:
    """Append that tiles have changed. Triggers do so for drawn rows; this is for what is made of them."""
    append(connection, TILES, change.layer, UNPLACED_AREA, UNPLACED_GRID, change.payload())


ANY_WAITING = "SELECT EXISTS (SELECT FROM outbox WHERE seq IS NULL)"

# A statement of its own: the next one must see what another sequencer, which held the row until now, has numbered.
# There is none while the lock is held; but a lock that is lost with its connection is not noticed at once.
HOLD_HEAD = "SELECT seq FROM outbox_head FOR UPDATE"

# Rows: changes that are stamped now, the unstamped ones in the order of their id, with the numbers after the head:
# number, whether it touches tiles, and the payload of those that do. Every row it sees is committed; one that commits
# later is stamped in a later batch. The head is held. Parameters: batch size, kind.
STAMP = """
WITH head AS (
    SELECT seq FROM outbox_head
), batch AS (
    SELECT id, at, row_number() OVER (ORDER BY id) AS n
    FROM (SELECT id, at FROM outbox WHERE seq IS NULL ORDER BY id LIMIT %s) AS unstamped
), stamped AS (
    UPDATE outbox SET seq = head.seq + batch.n
    FROM batch, head
    WHERE outbox.id = batch.id AND outbox.at = batch.at
    RETURNING outbox.seq, outbox.kind = %s AS tiles, outbox.payload
), moved AS (
    UPDATE outbox_head SET seq = (SELECT max(seq) FROM stamped)
    WHERE EXISTS (SELECT FROM stamped)
)
SELECT seq, tiles, CASE WHEN tiles THEN payload END FROM stamped ORDER BY seq
"""

# Parameters: kind, number.
PUT_ASIDE = "UPDATE outbox SET kind = %s WHERE seq = %s"

NOTIFY = "SELECT pg_notify(%s, %s)"


def stamp(connection: psycopg.Connection, batch: int = 1000) -> int | None:
    """Number the next committed changes, record the versions of touched tiles, announce both: one transaction.

    Args:
        connection: of the worker role, jurisdiction everything, holding the sequencer's lock; outside a transaction,
            or in one whose isolation is READ COMMITTED.
        batch: rows at most.

    Returns:
        The last number given, or None when nothing was new.
    """
    if not connection.execute(ANY_WAITING).fetchone()[0]:
        return None
    with connection.transaction():
        return _stamp(connection, batch)


def _stamp(connection: psycopg.Connection, batch: int) -> int | None:
    connection.execute(HOLD_HEAD)
    stamped = connection.execute(STAMP, (batch, TILES)).fetchall()
    if not stamped:
        return None
    touched = []
    for seq, tiles, payload in stamped:
        try:
            if tiles:
                touched.append((seq, Touched.of(payload)))
        except ValueError:
            # Not of our making. It must not stop the numbers, and nobody shall stumble over it again.
            log.error("a change of tiles that cannot be read was put aside", seq=seq)
            connection.execute(PUT_ASIDE, (UNREADABLE, seq))
    tile_versions.record(connection, touched)
    last = stamped[-1][0]
    connection.execute(NOTIFY, (CHANNEL, str(last)))
    return last


HEAD = "SELECT seq FROM outbox_head"


def head(connection: psycopg.Connection) -> int:
    """Return the last number given out; 0 before the first."""
    return connection.execute(HEAD).fetchone()[0]


# Rows: changes after a number, in order. Parameters: number, limit.
AFTER = """
SELECT seq, kind, object, grid_code, payload, at, places FROM outbox
WHERE seq > %s ORDER BY seq LIMIT %s
"""


def after(connection: psycopg.Connection, seq: int, limit: int = 1000) -> list[Change]:
    """Return the changes after a number, in order, within the connection's jurisdiction."""
    return [Change(*row) for row in connection.execute(AFTER, (seq, limit))]


def whole(changes: Sequence[Change], seq: int) -> bool:
    """Tell whether changes, in order, are all that were numbered after a number, up to the last of them."""
    return not changes or changes[-1].seq - seq == len(changes)


# One row: the ids of the oldest and of the newest change without a number; null where all have one.
WAITING = "SELECT min(id), max(id) FROM outbox WHERE seq IS NULL"


def waiting(connection: psycopg.Connection) -> tuple[int, int] | None:
    """Return the ids of the oldest and the newest committed change that has no number yet; None where all have one."""
    oldest, newest = connection.execute(WAITING).fetchone()
    return None if oldest is None else (oldest, newest)


# One row: the last number that all sums by cell have taken in; null before the first.
SUMMED = "SELECT min(seq) FROM cell_sum"

# Parameters: kinds, number after which and up to which.
FORGET = "DELETE FROM outbox WHERE kind = ANY(%s) AND seq > %s AND seq <= %s"

# Parameters: kind, number.
RAISE_FLOOR = """
INSERT INTO outbox_floor (kind, seq) VALUES (%s, %s)
ON CONFLICT (kind) DO UPDATE SET seq = greatest(outbox_floor.seq, excluded.seq)
"""

EVERY_KIND = "*"
"""The kind of a floor under changes of every kind."""


def forget_passing(connection: psycopg.Connection, after: int, upto: int) -> int:
    """Delete changes of the kinds in ``PASSING``. Those stay that a sum by cell has not taken in yet.

    Args:
        connection: of the worker role, jurisdiction everything; the caller commits.
        after: number up to which it was done before.
        upto: number of the last change that may go.

    Returns:
        The number up to which it is done now.
    """
    upto = min(upto, connection.execute(SUMMED).fetchone()[0] or 0)
    if upto <= after:
        return after
    for kind in PASSING:
        connection.execute(RAISE_FLOOR, (kind, upto))
    connection.execute(FORGET, (list(PASSING), after, upto))
    return upto


# One row: up to which number changes of some kinds may have been forgotten. Parameters: array of kinds.
FLOOR = "SELECT coalesce(max(seq), 0) FROM outbox_floor WHERE kind = ANY(%s)"


def floor(connection: psycopg.Connection, kinds: Sequence[str]) -> int:
    """Return up to which number changes of some kinds may have been forgotten; 0 where none was.

    A hole between two numbers says nothing to a reader with a jurisdiction: it may be a change of another place.
    """
    return connection.execute(FLOOR, ([*kinds, EVERY_KIND],)).fetchone()[0]


# One row: how many were deleted, and the last number of them. Of the oldest numbered changes those go that are older
# than some days. Parameters: last number that may go, changes at most, days.
FORGET_OLD = """
WITH oldest AS (
    SELECT id, at, seq FROM outbox WHERE seq <= %s ORDER BY seq LIMIT %s
), gone AS (
    DELETE FROM outbox USING oldest
    WHERE outbox.id = oldest.id AND outbox.at = oldest.at AND oldest.at < now() - make_interval(days => %s)
    RETURNING outbox.seq
)
SELECT count(*), max(seq) FROM gone
"""


def forget_old(connection: psycopg.Connection, days: int, most: int = 2000) -> int:
    """Delete the oldest changes of every kind, and remember up to where.

    Args:
        connection: of the worker role, jurisdiction everything; the caller commits.
        days: older ones go. Those stay that a sum by cell has not taken in yet.
        most: changes at once; the sequencer waits meanwhile.

    Returns:
        How many are gone; fewer than ``most`` where no old one is left.
    """
    upto = connection.execute(SUMMED).fetchone()[0] or 0
    with connection.transaction():
        gone, last = connection.execute(FORGET_OLD, (upto, most, days)).fetchone()
        if gone:
            connection.execute(RAISE_FLOOR, (EVERY_KIND, last))
    return gone
