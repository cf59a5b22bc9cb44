"""How fast readings come in, and what watching 100,000 devices costs, in a private cluster of its own.

    .venv/bin/python benchmarks/devices.py             100,000 devices, two minutes
    .venv/bin/python benchmarks/devices.py --quick     10,000 devices
    .venv/bin/python benchmarks/devices.py --json      one JSON object

Readings go through ``spatial/queries/readings.py`` as the application role under row security, the checking of their
items included and HTTP not, one batch after the other, each committed durably. One in two hundred readings breaks a
rule or ends what one has raised. Every device has spoken before; what the first word of each costs is measured apart.
"""

import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import psycopg

from spatial import embedded, migrate, server
from spatial.db import open_connection
from spatial.jobs import freshness
from spatial.queries import device_states, devices, readings
from spatial.rules import measured
from spatial.settings import load
from spatial.types import Scope

KINDS = (("gas", {"gas": 2.0, "battery": 90.0}), ("smoke", {"smoke": False, "temperature": 21.5}),
         ("elevator", {"trapped": False, "fault": False, "floor": 7}), ("camera", {}))
GRIDS = 500

INSERT = """
INSERT INTO device (code, kind, geom, area_code, grid_code, source, source_key, content_hash)
SELECT 'D' || n, (%(kinds)s::text[])[1 + n %% cardinality(%(kinds)s::text[])],
       ST_SetSRID(ST_MakePoint(117 + random(), 31 + random()), 4490), left(grid, 12), grid, 'benchmark', n::text, ''
FROM generate_series(1, %(count)s) AS n, LATERAL (
    SELECT '999001001' || lpad((1 + n %% %(grids)s / 10)::text, 3, '0') || lpad((n %% 10)::text, 3, '0') AS grid
) AS place
"""


def batch(rng: random.Random, count: int, size: int, at: datetime) -> list[dict]:
    """Return readings of devices drawn at random, as their JSON says them."""
    items = []
    for number in rng.sample(range(1, count + 1), size):
        kind, values = KINDS[number % len(KINDS)]
        said = dict(values)
        if kind == "gas" and rng.random() < 0.02:
            said["gas"] = rng.choice((8.0, 2.0))
        items.append({"source": "benchmark", "device": f"D{number}", "at": at.isoformat(), "values": said})
    return items


def rate(connection: psycopg.Connection, count: int, size: int, seconds: float) -> dict[str, float]:
    """Take batches in for some seconds; return values and readings a second, and milliseconds for a batch."""
    rng = random.Random(size)
    values, times = 0, []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        now = datetime.now(UTC)
        items = batch(rng, count, size, now)
        start = time.monotonic()
        good, refused = measured.read(items, now)
        with connection.transaction():
            taken = readings.take(connection, good, now)
        times.append(time.monotonic() - start)
        assert not refused, refused
        assert not taken.refused, taken.refused
        values += sum(max(1, len(item["values"])) for item in items)
    return {"values_per_s": values / sum(times), "readings_per_s": size * len(times) / sum(times),
            "batch_ms_p50": 1000 * statistics.median(times), "batch_ms_worst": 1000 * max(times)}


def first_words(connection: psycopg.Connection, count: int) -> float:
    """Let every device say its first word, which tells the change feed; return readings a second."""
    start = time.monotonic()
    for first in range(1, count + 1, 1000):
        now = datetime.now(UTC)
        good, _ = measured.read([{"source": "benchmark", "device": f"D{number}", "at": now.isoformat()}
                                 for number in range(first, min(first + 1000, count + 1))], now)
        with connection.transaction():
            readings.take(connection, good, now)
    return count / (time.monotonic() - start)


def timed(do: Callable[[], object], times: int = 20) -> float:
    """Return the median of milliseconds that something takes."""
    taken = []
    for _ in range(times):
        start = time.monotonic()
        do()
        taken.append(1000 * (time.monotonic() - start))
    return statistics.median(taken)


def watching(connection: psycopg.Connection, count: int) -> dict[str, float]:
    """Let everything be fresh but one in a hundred, which becomes late; return what the watch takes."""
    now = datetime.now(UTC)
    with connection.transaction():
        connection.execute("UPDATE device_state SET last_seen = %s, received_at = now(), freshness = 'fresh', "
                           "changes_at = %s", (now, now + timedelta(days=1)))
    connection.execute("SELECT shapan_analyze('device_state')")
    device_states.add_up(connection)
    freshness.watch(connection, lambda: now)
    nothing = timed(lambda: freshness.watch(connection, lambda: now))
    with connection.transaction():
        connection.execute("UPDATE device_state SET last_seen = %s - 2 * interval_s * interval '1 s', changes_at = %s "
                           "WHERE device_id %% 100 = 0", (now, now))
    start = time.monotonic()
    changed = freshness.watch(connection, lambda: now)
    return {"idle_round_ms": nothing, "changed": changed, "changing_round_ms": 1000 * (time.monotonic() - start)}


@click.command()
@click.option("--quick", is_flag=True, help="10,000 devices.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(quick: bool, as_json: bool) -> None:
    """Make the cluster, fill it, measure, remove it."""
    count, seconds = (10_000, 3.0) if quick else (100_000, 10.0)
    folder = Path(tempfile.mkdtemp(prefix="shapan-b-", dir="/tmp"))
    folder.chmod(0o755)
    settings = load({"SHAPAN_HOME": str(folder / "home"), "SHAPAN_MIN_FREE_MB": "16"})
    try:
        migrate.bring_up_to_date(settings)
        addresses = server.addresses(settings)
        found: dict[str, object] = {"devices": count}
        with (open_connection(addresses.worker, Scope.everything(), autocommit=True) as worker,
              open_connection(addresses.app, Scope.everything(), autocommit=True) as app):
            start = time.monotonic()
            worker.execute(INSERT, {"kinds": [kind for kind, _ in KINDS], "count": count, "grids": GRIDS})
            found["devices_put_on_record_s"] = time.monotonic() - start
            worker.execute("SELECT shapan_analyze('device'), shapan_analyze('device_state')")
            found["first_words_per_s"] = first_words(app, count)
            worker.execute("SELECT shapan_analyze('device_state'), shapan_analyze('device_tally')")
            for size in (500, 50, 1):
                found[f"batches of {size}"] = rate(app, count, size, seconds)
            found["count_by_kind_ms"] = timed(lambda: device_states.counts(app))
            device_states.add_up(worker)
            found["count_by_kind_added_up_ms"] = timed(lambda: device_states.counts(app))
            found["card_ms"] = timed(lambda: devices.card(app, "D77"))
            found["near_ms"] = timed(lambda: devices.near(app, 117.5, 31.5, 500))
            found["lost_page_ms"] = timed(lambda: devices.page(app, devices.Wanted(state="lost")))
            found["fresh_page_ms"] = timed(lambda: devices.page(app, devices.Wanted(state="fresh")))
            found["watch"] = watching(worker, count)
    finally:
        embedded.stop(settings)
        shutil.rmtree(embedded.cluster(settings).socket_dir, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, value in found.items():
        said = value if isinstance(value, dict) else {"": value}
        click.echo(f"{name}: " + ", ".join(f"{key} {number:,.1f}".strip() for key, number in said.items()))


if __name__ == "__main__":
    main()
