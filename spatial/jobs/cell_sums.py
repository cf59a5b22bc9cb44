"""Keeps the sums by cell as the objects are (网格单元汇总), within half a second of each commit."""

import threading
import time

import psycopg

from spatial import outbox
from spatial.cells import BASE_ZOOM, DEEPEST, Touched, merged
from spatial.queries import cells
from spatial.queries.cells import CellTable

LOCK = 0x5348_4150_0002
"""Advisory lock of the one job that sums."""

PAUSE_S = 0.1
"""Seconds between two rounds at least; as long as the last round took at most, so that half a core is left."""

CHANGES = 1000
CELLS = 64
"""Changes looked at, and cells summed anew, in one transaction."""

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"

# Rows: number and payload of the changes of one layer's objects after a number. Parameters: number, kind, layer, limit.
CHANGED = """
SELECT seq, payload FROM outbox WHERE seq > %s AND kind = %s AND object = %s ORDER BY seq LIMIT %s
"""


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Sum what changed until told to stop, or until the connection breaks.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
    """
    while not stop.is_set():
        if connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
            break
        stop.wait(1.0)
    while not stop.is_set():
        started = time.monotonic()
        for table in cells.TABLES:
            follow(connection, table)
        stop.wait(max(PAUSE_S, time.monotonic() - started))


def follow(connection: psycopg.Connection, table: CellTable) -> None:
    """Bring one table of sums up to the last numbered change; from nothing when it was never filled.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        table: which sums.
    """
    head = outbox.head(connection)
    done = cells.done(connection, table)
    if done is None:
        everything = Touched(table.layer, 0, table.maxzoom, 0, ((0, 0),))
        with connection.transaction():
            cells.renew(connection, table, 0, [(0, 0)])
            cells.set_done(connection, table, head)
            outbox.touched(connection, everything)
        return
    while done < head:
        rows = connection.execute(CHANGED, (done, outbox.TILES, table.layer, CHANGES)).fetchall()
        # Our own words about the sums stand in the same feed.
        changes = merged([change for _, payload in rows if (change := Touched.of(payload)).maxzoom == DEEPEST])
        for change in changes:
            _renew(connection, table, change)
        done = rows[-1][0] if len(rows) == CHANGES else head
        cells.set_done(connection, table, done)


def _renew(connection: psycopg.Connection, table: CellTable, change: Touched) -> None:
    """Sum the touched cells anew and say which tiles show it. Done twice, it does no harm."""
    for first in range(0, len(change.cells), CELLS):
        with connection.transaction():
            told = cells.renew(connection, table, change.z, list(change.cells[first:first + CELLS]))
            if told:
                change_of_sums = Touched(table.layer, 0, table.maxzoom, BASE_ZOOM, tuple(told))
                outbox.touched(connection, change_of_sums.bounded())
