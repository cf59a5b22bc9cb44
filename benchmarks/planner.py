"""How long an operation on a plan takes, with all its numbers and violations, for plans of 50, 500 and 5,000 grids; and
an automatic draft of a community of 5,000 households.

    .venv/bin/python benchmarks/planner.py              some minutes
    .venv/bin/python benchmarks/planner.py --quick      50 and 500 grids, under a minute
    .venv/bin/python benchmarks/planner.py --json       one JSON object

Each grid has ten buildings of eight households. An operation is what a request carries out: read the plan, cut a grid
by a line, log it, read what lies in the community, count and judge all grids; then it is undone. In a private cluster
of its own, as the application role under row security. Targets: 150 ms at 500 grids, 1 s at 5,000 (p99). A draft
divides 64 grids anew, as a request does it that stores nothing; target: 5 s.
"""

import json
import random
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import click
import psycopg

from spatial import embedded, migrate, server
from spatial.db import open_connection
from spatial.drafting.methods import METHODS
from spatial.queries.plans import judgement, lease, record, starting, working
from spatial.settings import load
from spatial.types import Scope

COMMUNITY = "999001001001"
SIDE = 0.002
"""Degrees: a grid is some 200 m across."""

TARGETS_MS = {500: 150.0, 5000: 1000.0}
BUILDINGS, HOUSEHOLDS = 10, 8
DRAFTED, DRAFT_TARGET_S = 64, 5.0
"""Grids whose ground is drafted anew: with 5,120 households."""

_AREA = """
INSERT INTO area (code, level, name, geom, area_code, grid_code, source, source_key, content_hash)
VALUES (%(code)s, 'community', 'benchmark', ST_Multi(ST_MakeEnvelope(117, 31, %(east)s, %(north)s, 4490)), %(code)s,
        %(code)s || '000', 'benchmark', 'area', '')
"""
_BUILDINGS = """
INSERT INTO building (code, footprint, area_code, grid_code, source, source_key, content_hash)
SELECT 'B' || n, ST_Multi(ST_MakeEnvelope(x, y, x + 0.0001, y + 0.0001, 4490)), %(community)s, %(community)s || '000',
       'benchmark', n, ''
FROM unnest(%(lon)s::float8[], %(lat)s::float8[]) WITH ORDINALITY AS place (x, y, n)
"""
_UNITS = """
INSERT INTO unit (building_id, number, area_code, grid_code, source, source_key, content_hash)
SELECT id, '1', area_code, grid_code, 'benchmark', id, '' FROM building
"""
_ROOMS = """
INSERT INTO room (building_id, unit_id, floor, number, area_code, grid_code, source, source_key, content_hash)
SELECT building_id, id, 1, '101', area_code, grid_code, 'benchmark', id, '' FROM unit
"""
_HOUSEHOLDS = """
INSERT INTO household (building_id, room_id, number, area_code, grid_code, source, source_key, content_hash)
SELECT building_id, id, h, area_code, grid_code, 'benchmark', id || '-' || h, '' FROM room, generate_series(1, %s) AS h
"""
_FACES = """
INSERT INTO plan_face (plan_id, face, code, name, geom, revision, area_code, grid_code)
SELECT %(plan)s, n, NULL, 'grid ' || n, ST_Multi(ST_GeomFromText(shape, 4490)), 1, %(community)s, %(community)s || '000'
FROM unnest(%(shapes)s::text[]) WITH ORDINALITY AS face (shape, n)
ON CONFLICT (plan_id, face) DO UPDATE SET geom = EXCLUDED.geom
"""
_OUTLINE = """
UPDATE grid_plan SET next_face = %(next)s, outline = ST_Multi(ST_GeomFromText(%(shape)s, 4490)) WHERE id = %(plan)s
"""


def mesh(grids: int) -> tuple[list[str], str, float, float]:
    """Return grids as WKT whose inner corners lie at random, their outline with all its corners, and its far corner."""
    draw, across = random.Random(1), max(2, round(grids**0.5))
    up = -(-grids // across)
    place = {}
    for column in range(across + 1):
        for row in range(up + 1):
            inner = 0 < column < across and 0 < row < up
            shift = [draw.randint(-40_000, 40_000) / 1e8 if inner else 0.0 for _ in range(2)]
            place[column, row] = (round(117 + column * SIDE + shift[0], 8), round(31 + row * SIDE + shift[1], 8))

    def ring(corners: list[tuple[int, int]]) -> str:
        return "POLYGON((" + ", ".join(f"{place[one][0]!r} {place[one][1]!r}" for one in [*corners, corners[0]]) + "))"

    cells = [ring([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)]) for y in range(up) for x in range(across)]
    around = [*((x, 0) for x in range(across)), *((across, y) for y in range(up)),
              *((x, up) for x in range(across, 0, -1)), *((0, y) for y in range(up, 0, -1))]
    return cells, ring(around), place[across, up][0], place[across, up][1]


def fill(connection: psycopg.Connection, grids: int) -> record.Plan:
    """Put a community with its buildings and a plan of so many grids on record; return the plan, drawn by us."""
    for table in ("grid_plan", "area", "building"):
        connection.execute(f"DELETE FROM {table}")
    cells, outline, east, north = mesh(grids)
    connection.execute(_AREA, {"code": COMMUNITY, "east": east, "north": north})
    draw = random.Random(2)
    across = round((east - 117) / SIDE)
    homes = [(number % across, number // across) for number in range(len(cells)) for _ in range(BUILDINGS)]
    connection.execute(_BUILDINGS, {
        "community": COMMUNITY,  # within their grids, of which the corners differ by a fifth of a side
        "lon": [117 + (column + 0.25 + draw.random() * 0.4) * SIDE for column, _ in homes],
        "lat": [31 + (row + 0.25 + draw.random() * 0.4) * SIDE for _, row in homes]})
    connection.execute(_UNITS)
    connection.execute(_ROOMS)
    connection.execute(_HOUSEHOLDS, (HOUSEHOLDS,))
    plan = starting.start(connection, COMMUNITY, account="benchmark", origin="empty")
    connection.execute(_FACES, {"plan": plan.id, "shapes": cells, "community": COMMUNITY})
    connection.execute(_OUTLINE, {"plan": plan.id, "next": len(cells) + 1, "shape": outline})
    plan = lease.take(connection, record.get(connection, plan.id), "benchmark")
    connection.commit()
    connection.execute("SELECT shapan_analyze('building'), shapan_analyze('building_tally')")
    connection.commit()
    return plan


def measure(connection: psycopg.Connection, plan: record.Plan, times: int) -> dict[str, float]:
    """Cut random grids and undo each cut; return milliseconds of the cuts, and of their parts."""
    draw, cuts, reads, judges = random.Random(3), [], [], []
    for _ in range(times):
        face = draw.choice(list(plan.faces))
        west, south, east, north = (edge / 1e8 for edge in plan.faces[face].geometry.bounds)
        middle = (south + north) / 2
        line = {"type": "LineString", "coordinates": [[west - SIDE / 10, middle], [east + SIDE / 10, middle]]}
        start = time.perf_counter()
        done = working.perform(connection, plan.id, "split", {"line": line, "faces": [face]}, account="benchmark",
                               seen=plan.revision)
        connection.commit()
        cuts.append(time.perf_counter() - start)
        start = time.perf_counter()
        around = judgement.ground(connection, done.plan)
        reads.append(time.perf_counter() - start)
        start = time.perf_counter()
        judgement.judge(done.plan, done.plan.faces, done.plan.coverage, around)
        judges.append(time.perf_counter() - start)
        plan = working.undo(connection, plan.id, account="benchmark", seen=done.plan.revision).plan
        connection.commit()
    return {"grids": len(plan.faces), "buildings": len(around.buildings.ids), "operations": times,
            "p50_ms": round(statistics.median(cuts) * 1000, 1),
            "p99_ms": round(sorted(cuts)[min(len(cuts) - 1, int(len(cuts) * 0.99))] * 1000, 1),
            "reading_p50_ms": round(statistics.median(reads) * 1000, 1),
            "judging_p50_ms": round(statistics.median(judges) * 1000, 1)}


def measure_drafts(connection: psycopg.Connection, plan: record.Plan, times: int) -> list[dict[str, float | str]]:
    """Draft the whole community anew by each method; return seconds, and how even the grids come out."""
    found = []
    for method in METHODS:
        taken = []
        for seed in range(1, times + 1):
            start = time.perf_counter()
            done = working.perform(connection, plan.id, "auto_draft", {"method": method, "seed": seed},
                                   account="benchmark", seen=plan.revision, preview=True)
            taken.append(time.perf_counter() - start)
        found.append({"method": method, "households": DRAFTED * BUILDINGS * HOUSEHOLDS, "drafts": times,
                      "p50_s": round(statistics.median(taken), 2), "most_s": round(max(taken), 2),
                      **{name: done.notes[name] for name in ("grids", "fewest", "most", "outside")}})
    return found


@click.command()
@click.option("--quick", is_flag=True, help="50 and 500 grids, under a minute.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(quick: bool, as_json: bool) -> None:
    """Measure operations on plans of 50, 500 and 5,000 grids, and drafts; exit code 1 where a target is missed."""
    parent = Path(tempfile.mkdtemp(prefix="shapan-b-", dir="/tmp"))
    parent.chmod(0o755)
    settings = load({"SHAPAN_HOME": str(parent / "home"), "SHAPAN_MIN_FREE_MB": "64"})
    results = []
    try:
        migrate.bring_up_to_date(settings)
        addresses = server.addresses(settings)
        for grids in (50, 500) if quick else (50, 500, 5000):
            with open_connection(addresses.worker, Scope.everything()) as connection:
                connection.execute("SET statement_timeout = 0")
                connection.commit()
                plan = fill(connection, grids)
            with open_connection(addresses.app, Scope.everything()) as connection:
                results.append(measure(connection, plan, 20 if quick or grids > 500 else 60))
        with open_connection(addresses.worker, Scope.everything()) as connection:
            plan = fill(connection, DRAFTED)
        with open_connection(addresses.app, Scope.everything()) as connection:
            drafts = measure_drafts(connection, plan, 3 if quick else 9)
    finally:
        embedded.stop(settings)
        shutil.rmtree(embedded.cluster(settings).socket_dir, ignore_errors=True)
        shutil.rmtree(parent, ignore_errors=True)
    missed = [one["grids"] for one in results for grids, target in TARGETS_MS.items()
              if abs(one["grids"] - grids) < grids / 10 and one["p99_ms"] > target]
    missed += [one["method"] for one in drafts if one["most_s"] > DRAFT_TARGET_S]
    if as_json:
        click.echo(json.dumps({"results": results, "drafts": drafts, "missed": missed}))
    else:
        for one in results:
            click.echo(f"{one['grids']:>6,} grids, {one['buildings']:>7,} buildings: p50 {one['p50_ms']:>8,.1f} ms, "
                       f"p99 {one['p99_ms']:>8,.1f} ms (reading {one['reading_p50_ms']:,.1f}, judging "
                       f"{one['judging_p50_ms']:,.1f})")
        for one in drafts:
            click.echo(f"Draft of {one['households']:,} households by {one['method']:>5}: p50 {one['p50_s']} s, most "
                       f"{one['most_s']} s; {one['grids']} grids of {one['fewest']} to {one['most']}")
    raise SystemExit(1 if missed else 0)


if __name__ == "__main__":
    main()
