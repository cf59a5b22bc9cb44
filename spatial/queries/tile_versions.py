"""Versions of tiles (瓦片版本): the number of the last change that shows in each."""

from dataclasses import dataclass

import psycopg

from spatial.cells import Touched


@dataclass(frozen=True)
class TileVersion:
    """The last change of one cell: see ``spatial/models/tile_versions.py``."""

    layer: str
    z: int
    x: int
    y: int
    whole: bool
    seq: int


# Parameters: six arrays, one element of each for a cell. Numbers only grow, so the last one stands.
RECORD = """
INSERT INTO tile_version (layer, z, x, y, whole, seq)
SELECT * FROM unnest(%s::text[], %s::int2[], %s::int4[], %s::int4[], %s::bool[], %s::int8[])
ON CONFLICT (layer, z, x, y, whole) DO UPDATE SET seq = excluded.seq
"""


def record(connection: psycopg.Connection, changes: list[tuple[int, Touched]]) -> None:
    """Write down which tiles are other ones since numbered changes. The sequencer alone calls this.

    Args:
        connection: inside the transaction that gives the numbers.
        changes: number and what was touched, in the order of the numbers.
    """
    found: dict[tuple[str, int, int, int, bool], int] = {}
    for seq, change in changes:
        for cell in change.above():
            found[(change.layer, *cell, False)] = seq
        for cell in change.whole():
            found[(change.layer, *cell, True)] = seq
    if found:
        # In one order, so that two sequencers that meet do not wait for one another in a circle.
        columns = zip(*((*key, seq) for key, seq in sorted(found.items())), strict=True)
        connection.execute(RECORD, [list(column) for column in columns])


EVERY = "SELECT layer, z, x, y, whole, seq FROM tile_version"


def every(connection: psycopg.Connection) -> list[TileVersion]:
    """Return all versions; a tile without one has not changed since the database was made."""
    return [TileVersion(*row) for row in connection.execute(EVERY)]


EPOCH = """
SELECT to_hex(oid::bigint) || '-' || to_hex((extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint)
       || '-' || to_hex(pg_relation_filenode('outbox_head')::bigint)
FROM pg_database WHERE datname = current_database()
"""


def epoch(connection: psycopg.Connection) -> str:
    """Return what is another text after each start of the server, in each database, and after each restore into it.

    A table that is made anew or emptied has another file. A database that was restored counts its changes from an
    earlier number again: a version means something only together with the epoch in which it was seen.
    """
    return connection.execute(EPOCH).fetchone()[0]
