"""How fast an alarm's dossier is, and how fast keepers' positions are taken: a made county in a cluster of its own.

    .venv/bin/python benchmarks/dossier.py             1,000,000 buildings, some minutes
    .venv/bin/python benchmarks/dossier.py --quick     100,000 buildings, under a minute
    .venv/bin/python benchmarks/dossier.py --json      one JSON object

Everything goes through HTTP to ``shapan serve``, one request after the other on a warm cache; the dossier within one
street is asked of the same functions as the application role. Hydrants are a thousandth of the facilities and all lie
in one corner, so that most alarms have none near: the worst case of a search for the nearest.
"""

import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import psycopg

from spatial import cipher, embedded, migrate, server
from spatial.queries import dossier
from spatial.settings import Settings, load
from spatial.types import Scope

ALARMS, WARM = 200, 20
KEEPERS_SENDING = 500
BATCHES = 60

# Buildings stand 30 m apart, a hundred to a grid, four grids to a community, 25 communities to a street. Parameters:
# side of the square, in buildings.
PLACED = """
CREATE TEMPORARY TABLE place AS
SELECT x, y, 117 + x * 0.0003 AS lon, 31 + y * 0.00027 AS lat, row_number() OVER (ORDER BY x, y) AS n,
       '999001' || lpad((1 + x / 100 * 10 + y / 100)::text, 3, '0')
           || lpad((1 + (x % 100) / 20 * 5 + (y % 100) / 20)::text, 3, '0')
           || lpad((1 + (x % 20) / 10 * 2 + (y % 20) / 10)::text, 3, '0') AS grid_code
FROM generate_series(0, {side} - 1) AS x, generate_series(0, {side} - 1) AS y;
CREATE INDEX ON place (n);
ANALYZE place
"""

SOURCED = "'benchmark', n::text, ''"

# Every 10th building has a device; of ten devices one is a camera. Of 200 buildings one has storeys with rooms, people
# and detectors. Devices and facilities are a tenth of the buildings each.
FILL = {
    "buildings": f"""
INSERT INTO building (code, name, address, use, footprint, height_m, floors_above, area_code, grid_code, source,
                      source_key, content_hash)
SELECT 'B' || n, n || '号楼', '望江路' || n || '号', 'residential',
       ST_Multi(ST_MakeEnvelope(lon, lat, lon + 0.0002, lat + 0.00012, 4490)), 54, 18, left(grid_code, 12), grid_code,
       {SOURCED} FROM place""",
    "grids": """
INSERT INTO grid (code, name, geom, area_code, grid_code, source, source_key, content_hash)
SELECT grid_code, grid_code, ST_Multi(ST_MakeEnvelope(min(lon), min(lat), max(lon) + 0.0003, max(lat) + 0.00027, 4490)),
       left(grid_code, 12), grid_code, 'benchmark', grid_code, '' FROM place GROUP BY grid_code""",
    "areas": """
INSERT INTO area (code, level, name, geom, area_code, grid_code, source, source_key, content_hash)
SELECT left(grid_code, 12), 'community', left(grid_code, 12),
       ST_Multi(ST_MakeEnvelope(min(lon), min(lat), max(lon) + 0.0003, max(lat) + 0.00027, 4490)),
       left(grid_code, 12), left(grid_code, 12) || '000', 'benchmark', left(grid_code, 12), ''
FROM place GROUP BY left(grid_code, 12)""",
    "keepers": """
INSERT INTO keeper (code, name, phone, position, position_at, area_code, grid_code, source, source_key, content_hash)
SELECT 'K' || grid_code, '周网格', '10012345678', ST_SetSRID(ST_MakePoint(min(lon), min(lat)), 4490),
       now() - random() * interval '1 hour', left(grid_code, 12), grid_code, 'benchmark', grid_code, ''
FROM place GROUP BY grid_code""",
    "units": f"""
INSERT INTO unit (building_id, number, floors, area_code, grid_code, source, source_key, content_hash)
SELECT building.id, '1', 18, building.area_code, building.grid_code, {SOURCED}
FROM place JOIN building ON building.code = 'B' || n WHERE n %% 200 = 0""",
    "rooms": """
INSERT INTO room (unit_id, building_id, floor, number, area_code, grid_code, source, source_key, content_hash)
SELECT unit.id, building_id, floor, floor || lpad(nth::text, 2, '0'), area_code, grid_code, 'benchmark',
       unit.id || '-' || floor || '-' || nth, ''
FROM unit, generate_series(1, 18) AS floor, generate_series(1, 4) AS nth""",
    "households": """
INSERT INTO household (room_id, building_id, area_code, grid_code, source, source_key, content_hash)
SELECT id, building_id, area_code, grid_code, 'benchmark', id::text, '' FROM room""",
    "residents": """
INSERT INTO resident (household_id, building_id, name_sealed, phone_sealed, care, area_code, grid_code, source,
                      source_key, content_hash)
SELECT id, building_id, %(name)s, %(phone)s, CASE WHEN id %% 9 = 0 THEN '{elderly_alone}' ELSE '{}' END::text[],
       area_code, grid_code, 'benchmark', id || '-' || nth, '' FROM household, generate_series(1, 3) AS nth""",
    "detectors": """
INSERT INTO device (code, kind, building_id, unit_id, room_id, floor, z_m, geom, area_code, grid_code, source,
                    source_key, content_hash)
SELECT 'S' || room.id, 'smoke', building_id, unit_id, room.id, floor, floor * 3.0,
       ST_SetSRID(ST_MakePoint(lon + right(room.number, 2)::int * 0.00004, lat), 4490), room.area_code, room.grid_code,
       'benchmark', 'S' || room.id, ''
FROM room JOIN building ON building.id = building_id JOIN place ON building.code = 'B' || n
WHERE room.id %% 8 = 0""",
    "devices": """
INSERT INTO device (code, kind, building_id, floor, geom, area_code, grid_code, source, source_key, content_hash)
SELECT 'D' || n, CASE WHEN n %% 100 = 0 THEN 'camera' ELSE 'water_meter' END, building.id, 1,
       ST_SetSRID(ST_MakePoint(lon, lat), 4490), building.area_code, building.grid_code, 'benchmark', 'D' || n, ''
FROM place JOIN building ON building.code = 'B' || n WHERE n %% 10 = 0""",
    "facilities": f"""
INSERT INTO facility (code, class_code, name, geom, area_code, grid_code, source, source_key, content_hash)
SELECT 'F' || n, CASE WHEN n %% 10000 = 0 THEN '0113' WHEN n %% 2000 = 10 THEN '0501' ELSE '0118' END, n::text,
       CASE WHEN n %% 10000 = 0 THEN ST_SetSRID(ST_MakePoint(117 + n * 1e-9, 31), 4490)
            WHEN n %% 2000 = 10 THEN ST_MakeEnvelope(lon, lat, lon + 0.001, lat + 0.001, 4490)
            ELSE ST_SetSRID(ST_MakePoint(lon, lat), 4490) END, left(grid_code, 12), grid_code, {SOURCED}
FROM place WHERE n %% 10 = 0""",
    "alarms": """
INSERT INTO alarm (source, event_id, severity, type, active, device_id, building_id, unit, room, floor, z_m, geom,
                   occurred_at, received_at, acknowledged_at, cleared_at, closed_at, area_code, grid_code)
SELECT 'benchmark', device.id || '-' || nth, 'major', 'smoke', nth = 0, device.id, device.building_id, '1', room.number,
       device.floor, device.z_m, device.geom, at, at, at, CASE WHEN nth > 0 THEN at END, CASE WHEN nth > 0 THEN at END,
       device.area_code, device.grid_code
FROM device JOIN room ON room.id = device.room_id, generate_series(0, 12) AS nth,
     LATERAL (SELECT now() - nth * interval '4 days' AS at) AS day
WHERE nth > 0 OR device.id %% 20 = 0""",
}


def fill(settings: Settings, side: int) -> dict[str, int]:
    """Put the county on record; return how many rows of each kind."""
    sealer = cipher.from_file(settings.key_file)
    values = {"name": sealer.seal("张三丰"), "phone": sealer.seal("13812348000")}
    counts = {}
    with psycopg.connect(server.addresses(settings).superuser, autocommit=True) as connection:
        # Foreign keys, tallies and the news of tiles are not what is measured here.
        connection.execute("SET session_replication_role = replica")
        connection.execute(PLACED.format(side=side))
        for name, statement in FILL.items():
            counts[name] = connection.execute(statement, values).rowcount
        connection.execute("VACUUM ANALYZE")
    return counts


class Service:
    """``shapan serve`` over the county, and one connection to it."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "SHAPAN_HOME": str(settings.home), "SHAPAN_PORT": str(self.port),
                       "SHAPAN_DEMO_ACCOUNT": "1", "SHAPAN_MIN_FREE_MB": "64"}
        self.process = subprocess.Popen([sys.executable, "-c", "import spatial.cli; spatial.cli.main()", "serve"],
                                        env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for _ in range(300):
            try:
                self.ask("GET", "/health/live")
                return
            except OSError:
                self.client.close()
                time.sleep(0.1)
        raise TimeoutError("the service did not start within 30 s")

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Send one request and return its answer."""
        data = None if body is None else json.dumps(body)
        self.client.request(method, path, data, {"Content-Type": "application/json"} if data else {})
        answer = self.client.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    def stop(self) -> None:
        """End it and wait."""
        self.process.terminate()
        self.process.wait(20)


def timed(what: Callable[..., object], *values: object) -> float:
    """Return how many milliseconds a call takes."""
    start = time.perf_counter()
    what(*values)
    return (time.perf_counter() - start) * 1000


def summary(name: str, taken: list[float]) -> dict[str, object]:
    """Return percentiles of milliseconds."""
    return {"what": name, "times": len(taken), "p50_ms": round(statistics.median(taken), 1),
            "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1), "max_ms": round(max(taken), 1)}


OF_ALARMS = "SELECT id, grid_code FROM alarm WHERE closed_at IS NULL"


def dossiers(settings: Settings, service: Service, rng: random.Random) -> list[dict[str, object]]:
    """Ask for dossiers of random alarms: over HTTP, and within their street as the application role."""
    with psycopg.connect(server.addresses(settings).app) as connection:
        connection.execute("SELECT set_config('shapan.scope', %s, false)", [Scope.everything().literal()])
        chosen = rng.choices(connection.execute(OF_ALARMS).fetchall(), k=ALARMS + WARM)
        connection.commit()
        over_http = [timed(service.ask, "GET", f"/api/alarms/{alarm}/dossier") for alarm, _ in chosen]
        sees = dossier.Sees(True, True, True, cipher.from_file(settings.key_file))
        within = []
        for alarm, grid in chosen:
            with connection.transaction():
                connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((grid[:9],)).literal()])
                within.append(timed(dossier.get, connection, alarm, sees, datetime.now(UTC), 600))
    return [summary("dossier over HTTP, whole county", over_http[WARM:]),
            summary("dossier by function, one street", within[WARM:])]


def positions(settings: Settings, service: Service, rng: random.Random) -> dict[str, object]:
    """Have 500 keepers send a position every 5 s, a batch for each round, as fast as batches are taken."""
    with psycopg.connect(server.addresses(settings).superuser) as connection:
        places = connection.execute("SELECT code, ST_X(position), ST_Y(position) FROM keeper ORDER BY code").fetchall()
    senders = rng.sample(places, min(KEEPERS_SENDING, len(places)))
    first = datetime.now(UTC) - timedelta(seconds=5 * BATCHES)
    taken = []
    for n in range(BATCHES):
        at = (first + timedelta(seconds=5 * n)).isoformat()
        body = {"positions": [{"keeper": code, "lon": lon + n * 0.00005, "lat": lat, "at": at}
                              for code, lon, lat in senders]}
        taken.append(timed(service.ask, "POST", "/api/keepers/positions", body))
    return summary(f"{len(senders)} positions in one batch", taken)


@click.command()
@click.option("--quick", is_flag=True, help="100,000 buildings, under a minute.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(quick: bool, as_json: bool) -> None:
    """Measure dossiers and positions."""
    parent = Path(tempfile.mkdtemp(prefix="shapan-b-", dir="/tmp"))
    parent.chmod(0o755)
    settings = load({"SHAPAN_HOME": str(parent / "home"), "SHAPAN_MIN_FREE_MB": "64"})
    try:
        migrate.bring_up_to_date(settings)
        start = time.monotonic()
        counts = fill(settings, 316 if quick else 1000)
        filled_s = round(time.monotonic() - start, 1)
        service, rng = Service(settings), random.Random(1)
        try:
            rows = [*dossiers(settings, service, rng), positions(settings, service, rng)]
        finally:
            service.stop()
    finally:
        embedded.stop(settings)
        shutil.rmtree(embedded.cluster(settings).socket_dir, ignore_errors=True)
        shutil.rmtree(parent, ignore_errors=True)
    if as_json:
        click.echo(json.dumps({"rows": counts, "filled_s": filled_s, "results": rows}))
        return
    click.echo(", ".join(f"{count:,} {name}" for name, count in counts.items()) + f"; filled in {filled_s} s")
    click.echo(f"{'what':<36}{'times':>6}{'p50 ms':>8}{'p95 ms':>8}{'max ms':>8}")
    for row in rows:
        click.echo(f"{row['what']:<36}{row['times']:>6}{row['p50_ms']:>8}{row['p95_ms']:>8}{row['max_ms']:>8}")


if __name__ == "__main__":
    main()
