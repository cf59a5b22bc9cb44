"""A private cluster with a generated city that grows, and the same rows as a view for the peers."""

import os
import shutil
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from spatial import embedded, migrate, outbox, server
from spatial.db import open_connection
from spatial.jobs import cell_sums
from spatial.queries.building_metrics import DENSITY, ENTRY_RATE, VACANCY
from spatial.queries.buildings import DRAWN_HEIGHT
from spatial.queries.cells import TABLES
from spatial.settings import load
from spatial.types import Scope

PEER = "bench_peer"
"""Role of the peers: it only reads, and row security does not bind it. An advantage that we grant."""

LONGEST_S = 30
"""Seconds after which a statement of a peer is stopped: from afar, Martin puts every building into one tile."""

SCHEMA, VIEW, TABLE = "bench", "buildings", "building"

WEST, SOUTH = 13504, 6687
"""Column and row, at zoom 14, of the city's first cell; it grows east and north. 117° east, 31° north."""

CELL_SIDE = 50
"""Buildings along the side of a cell of zoom 14: 2,500 in a cell, at every size."""

CELL_M = 2 * 20037508.342789244 / 2**14
HALF_M = 20037508.342789244

STREET, STREET_SIDE = "999001001", 135
"""A jurisdiction: the city's first street, and how many buildings lie along its side."""

# Outlines of 12 to 16 corners, one metre wide and high: cross, H, block with two and with three bays, L with two.
SHAPES = (
    "-.2 -.5,.2 -.5,.2 -.2,.5 -.2,.5 .2,.2 .2,.2 .5,-.2 .5,-.2 .2,-.5 .2,-.5 -.2,-.2 -.2,-.2 -.5",
    "-.5 -.5,-.2 -.5,-.2 -.1,.2 -.1,.2 -.5,.5 -.5,.5 .5,.2 .5,.2 .1,-.2 .1,-.2 .5,-.5 .5,-.5 -.5",
    "-.5 -.5,-.2 -.5,-.2 -.3,.1 -.3,.1 -.5,.5 -.5,.5 .5,.2 .5,.2 .3,-.1 .3,-.1 .5,-.5 .5,-.5 -.5",
    "-.5 -.4,-.3 -.4,-.3 -.2,-.1 -.2,-.1 -.4,.1 -.4,.1 -.2,.3 -.2,.3 -.4,.5 -.4,.5 .4,.1 .4,.1 .1,-.2 .1,-.2 .4,"
    "-.5 .4,-.5 -.4",
    "-.5 -.5,-.2 -.5,-.2 -.3,.1 -.3,.1 -.5,.5 -.5,.5 0,0 0,0 .2,-.1 .2,-.1 .3,0 .3,0 .5,-.5 .5,-.5 -.5",
)

# Building n stands in shell floor(sqrt(n)) around the city's south-west corner, so that any number of them is a square
# without gaps: the first 10^4 stay where they are when there are 10^6. A block of 15 × 15 is a grid, 3 × 3 blocks are a
# community, 3 × 3 communities a street. Parameters: first and last number.
PLACED = f"""
    SELECT n, col, row, {WEST * CELL_M - HALF_M!r} + (col + 0.5) * {CELL_M / CELL_SIDE!r} AS x,
           {HALF_M - (SOUTH + 1) * CELL_M!r} + (row + 0.5) * {CELL_M / CELL_SIDE!r} AS y,
           '999001' || lpad((col / 135 + row / 135 * 30 + 1)::text, 3, '0')
                    || lpad((col / 45 %% 3 + row / 45 %% 3 * 3 + 1)::text, 3, '0') AS area_code,
           lpad((col / 15 %% 3 + row / 15 %% 3 * 3 + 1)::text, 3, '0') AS grid
    FROM (SELECT n, CASE WHEN n - k * k <= k THEN k ELSE 2 * k - (n - k * k) END AS col,
                    CASE WHEN n - k * k <= k THEN n - k * k ELSE k END AS row
          FROM (SELECT n, floor(sqrt(n::float8))::int AS k FROM generate_series(%s::int, %s::int) AS n) AS shell
    ) AS cell
"""

BUILDINGS = f"""
INSERT INTO building (code, name, use, footprint, height_m, base_given_m, floors_above, area_code, grid_code, source,
                      source_key, content_hash)
SELECT 'B' || lpad(n::text, 8, '0'),
       CASE WHEN luck < 0.8 THEN
           substr('望江湖滨翠竹金桂阳光福安锦绣天和明月', 1 + 2 * (col / 15 * 7 + row / 15) %% 17, 2)
           || (ARRAY['苑', '小区', '花园', '家园', '新村'])[1 + (col / 15 + row / 15 * 3) %% 5]
           || (col %% 15 * 15 + row %% 15 + 1) || '号楼' END,
       (ARRAY['residential', 'residential', 'residential', 'commercial', 'office', 'school'])[1 + floor(luck * 6)::int],
       ST_SetSRID(ST_Multi(ST_Transform(ST_SetSRID(ST_Affine(
           shapes[1 + floor(luck * 97)::int %% {len(SHAPES)}],
           size * cos(turn), -size * sin(turn), size * sin(turn), size * cos(turn), x, y), 3857), 4326)), 4490),
       3 * floors + luck, round((20 + 5 * luck)::numeric, 1), floors, area_code, area_code || grid, 'bench', n::text,
       ''
FROM (SELECT *, random() AS luck, 12 + 20 * random() AS size, random() * pi() AS turn,
             1 + floor(33 * random() ^ 2)::int AS floors FROM ({PLACED}) AS placed) AS building,
     (SELECT %s::text[]::geometry[] AS shapes OFFSET 0) AS drawn
"""

# Two of three buildings are lived in.
TALLIES = """
INSERT INTO building_tally (building_id, area_code, grid_code, rooms, households, residents, dwellings, vacant,
                            rooms_entered, rooms_declared)
SELECT id, area_code, grid_code, 4 * floors_above, 4 * floors_above, 4 * floors_above * (1 + id %% 5) / 2,
       4 * floors_above, floors_above * (id %% 7) / 2, 4 * floors_above * (id %% 9) / 10, 4 * floors_above + id %% 3
FROM building WHERE use = 'residential' AND code BETWEEN 'B' || lpad(%s::text, 8, '0') AND 'B' || lpad(%s::text, 8, '0')
"""

EVENTS = f"""
INSERT INTO event (code, class_code, state, title, geom, area_code, grid_code, occurred_at, source, source_key,
                   content_hash)
SELECT 'E' || n, '0101', (ARRAY['open', 'dispatched', 'done', 'done'])[1 + n %% 4], '占道堆物',
       ST_SetSRID(ST_Transform(ST_SetSRID(ST_MakePoint(x, y), 3857), 4326), 4490), area_code, area_code || grid,
       now() - n %% 525600 * interval '1 minute', 'bench', n::text, ''
FROM ({PLACED}) AS placed
"""

DEVICES = f"""
INSERT INTO device (code, kind, name, geom, area_code, grid_code, source, source_key, content_hash)
SELECT 'D' || n, 'smoke', '烟感', ST_SetSRID(ST_Transform(ST_SetSRID(ST_MakePoint(x, y), 3857), 4326), 4490),
       area_code, area_code || grid, 'bench', n::text, ''
FROM ({PLACED}) AS placed
"""

AS_PEERS_SEE_IT = f"""
CREATE SCHEMA {SCHEMA};
CREATE VIEW {SCHEMA}.{VIEW} AS
SELECT building.id, building.code, building.name, building.use, building.height_m,
       {DRAWN_HEIGHT} AS drawn_height_m, building.base_m, building.floors_above AS floors,
       coalesce(tally.residents, 0) AS residents, {DENSITY} AS density, {ENTRY_RATE} AS entry_rate,
       {VACANCY} AS vacancy, building.grid_code, building.geom_web
FROM building LEFT JOIN building_tally AS tally ON tally.building_id = building.id;
CREATE ROLE {PEER} LOGIN BYPASSRLS;
ALTER ROLE {PEER} SET statement_timeout = '{LONGEST_S}s';
GRANT CONNECT, TEMPORARY ON DATABASE shapan TO {PEER};
GRANT USAGE ON SCHEMA {SCHEMA}, public TO {PEER};
GRANT SELECT ON {SCHEMA}.{VIEW}, building, building_tally TO {PEER}
"""

BATCH = 100_000


class City:
    """A private cluster of its own in a folder, and the buildings in it.

    Attributes:
        settings, addresses: of the cluster.
        environment: of a process that works on it.
        side: buildings along the city's side.
    """

    def __init__(self, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SHAPAN_", "PG"))}
        self.environment = {**kept, "SHAPAN_HOME": str(folder / "home"), "SHAPAN_MIN_FREE_MB": "16"}
        self.settings = load(self.environment)
        self.side = 0
        try:
            self.addresses = server.bring_up(self.settings)
            migrate.upgrade(self.addresses.owner)
            with psycopg.connect(self.addresses.superuser) as connection:
                connection.execute(AS_PEERS_SEE_IT)
            self.peer = psycopg.conninfo.make_conninfo(self.addresses.worker, user=PEER)
            self.worker = open_connection(self.addresses.worker, Scope.everything(), autocommit=True)
            self.worker.execute("SELECT setseed(0.5)")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop the cluster and remove its socket's folder."""
        embedded.stop(self.settings)
        shutil.rmtree(embedded.cluster(self.settings).socket_dir, ignore_errors=True)

    def versions(self) -> list[str]:
        """Return the versions of the database and its extension."""
        row = self.worker.execute("SELECT current_setting('server_version'), postgis_lib_version()").fetchone()
        return [f"PostgreSQL {row[0].split()[0]}", f"PostGIS {row[1]}"]

    def peer_url(self) -> str:
        """Return the peers' address in the form of a URL."""
        at = conninfo_to_dict(self.peer)
        return f"postgresql://{PEER}@{quote(at['host'], safe='')}:{at['port']}/{at['dbname']}"

    def grow(self, first: int, last: int) -> None:
        """Put buildings first … last - 1 on record."""
        shapes = [f"POLYGON(({shape}))" for shape in SHAPES]
        for start in range(first, last, BATCH):
            numbers = start, min(start + BATCH, last) - 1
            self.worker.execute(BUILDINGS, (*numbers, shapes))
            self.worker.execute(TALLIES, numbers)
        self.side = int(last**0.5)
        self.settle("building", "building_tally")

    def put_events(self, count: int) -> None:
        """Put events on record, and a few devices that can raise alarms."""
        for start in range(0, count, BATCH):
            self.worker.execute(EVENTS, (start, min(start + BATCH, count) - 1))
        self.worker.execute(DEVICES, (0, 499))
        self.settle("event", "device")

    def settle(self, *tables: str) -> None:
        """Vacuum and analyse tables, number what is committed, and sum the cells: nothing is left to do beside."""
        with psycopg.connect(self.addresses.superuser, autocommit=True) as connection:
            for table in tables:
                connection.execute(f"VACUUM (ANALYZE) {table}")
        while outbox.stamp(self.worker) is not None:
            pass
        for table in TABLES:
            cell_sums.follow(self.worker, table)
        while outbox.stamp(self.worker) is not None:
            pass
        with psycopg.connect(self.addresses.superuser, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE) building_cell")
            connection.execute("VACUUM (ANALYZE) event_cell")
            connection.execute("CHECKPOINT")
