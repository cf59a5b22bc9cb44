"""How fast the roll-up follows, and how fast figures and pictures of the past come: in a private cluster of its own.

    .venv/bin/python benchmarks/rollup.py              10,000 grids, 1,000,000 alarms, 200,000 events, some minutes
    .venv/bin/python benchmarks/rollup.py --quick      1,000 grids, 50,000 alarms, half a minute
    .venv/bin/python benchmarks/rollup.py --json       one JSON object

The city is made by SQL: alarms came in evenly over 400 days and were closed after 1 s to 11 days, as often within one
power of ten as within the next; events likewise, after 10 minutes to 70 days. Answers are those of the views' own
queries as the application role under row security, with the fold of steps and the JSON, one after the other on a warm
cache. Then the job follows a storm.
"""

import json
import random
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import click
import psycopg

from spatial import embedded, migrate, outbox, server
from spatial.db import open_connection
from spatial.jobs import kpi_days
from spatial.jobs import rollup as job
from spatial.queries import alarms, kpi, past, past_events, rollup
from spatial.settings import load
from spatial.types import Scope

GRIDS = """
INSERT INTO grid (code, name, geom, area_code, grid_code, source, source_key, content_hash, valid_from)
SELECT code, 'G', ST_Multi(ST_MakeEnvelope(117 + n % 100 * 0.01, 31 + n / 100 * 0.01, 117.01 + n % 100 * 0.01,
                                           31.01 + n / 100 * 0.01, 4490)),
       left(code, 12), code, 'benchmark', n::text, '', now() - interval '500 days'
FROM (SELECT n, '999' || to_char(1 + n % 3, 'FM000') || to_char(1 + n / 3 % 10, 'FM000')
                || to_char(1 + n / 30 % 20, 'FM000') || to_char(1 + n / 600, 'FM000') AS code
      FROM generate_series(0, %(grids)s - 1) AS n) AS made
"""
ALARMS = """
INSERT INTO alarm (source, event_id, severity, type, geom, occurred_at, received_at, active, acknowledged_at,
                   cleared_at, closed_at, area_code, grid_code)
SELECT 'benchmark', n::text, (ARRAY['critical','major','minor','warning','info'])[1 + n % 5], 'smoke',
       ST_SetSRID(ST_MakePoint(117.5, 31.5), 4490), at, at, ended IS NULL,
       at + (ended - at) / 3, at + (ended - at) / 2, ended, left(code, 12), code
FROM (SELECT n, at, code, CASE WHEN n % 1000 > 0 AND at + life < now() THEN at + life END AS ended
      FROM (SELECT n, now() - interval '400 days' * (1 - n::float8 / %(alarms)s) AS at,
                   10 ^ (random() * 6) * interval '1 second' AS life
            FROM generate_series(1, %(alarms)s - 1) AS n) AS raised
      JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM grid) AS g
        ON g.place = hashint8(n) & 2147483647 % %(grids)s) AS life
"""
STEPS = """
INSERT INTO alarm_step (alarm_id, step, account, at, area_code, grid_code)
SELECT id, step, 'benchmark', at, area_code, grid_code FROM alarm, LATERAL (VALUES
    ('raised', received_at), ('acknowledged', acknowledged_at), ('cleared', cleared_at), ('closed', closed_at)
) AS taken (step, at) WHERE at IS NOT NULL AND (step <> 'cleared' OR id % 3 > 0) ORDER BY at
"""
# A fifth as many events, finished after 10 minutes to 70 days; one in a hundred never is.
EVENTS = """
INSERT INTO event (source, source_key, content_hash, code, class_code, title, geom, occurred_at, received_at, accept_by,
                   deadline, state, told, dispatched_at, accepted_at, done_at, area_code, grid_code)
SELECT 'benchmark', n::text, '', n::text, '0102', 'x', ST_SetSRID(ST_MakePoint(117.5, 31.5), 4490), at, at,
       at + interval '2 h', at + interval '12 h', state, state, at, at + (ended - at) / 3, ended, left(code, 12), code
FROM (SELECT n, at, code, ended, CASE WHEN ended IS NULL THEN 'dispatched' ELSE 'done' END AS state
      FROM (SELECT n, at, code, CASE WHEN n % 100 > 0 AND at + life < now() THEN at + life END AS ended
            FROM (SELECT n, now() - interval '400 days' * (1 - n::float8 / (%(alarms)s / 5)) AS at,
                         10 ^ (1 + random() * 4) * interval '1 minute' AS life
                  FROM generate_series(1, %(alarms)s / 5 - 1) AS n) AS came
            JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM grid) AS g
              ON g.place = hashint8(n) & 2147483647 % %(grids)s) AS life) AS event
"""
EVENT_STEPS = """
INSERT INTO event_step (event_id, step, state, account, at, area_code, grid_code)
SELECT id, step, after, 'benchmark', at, area_code, grid_code FROM event, LATERAL (VALUES
    ('taken', 'open', received_at), ('dispatched', 'dispatched', received_at), ('accepted', 'accepted', accepted_at),
    ('done', 'done', done_at)
) AS taken (step, after, at) WHERE at IS NOT NULL ORDER BY at
"""
TRACK = """
INSERT INTO keeper_track (keeper_id, at, received_at, position, area_code, grid_code)
SELECT keeper.id, at, at + interval '2 s', ST_SetSRID(ST_MakePoint(117.5, 31.5), 4490), area_code, grid_code
FROM keeper, generate_series(now() - interval '30 days', now(), interval '20 minutes') AS at
"""
KEEPERS = """
INSERT INTO keeper (code, name, area_code, grid_code, source, source_key, content_hash)
SELECT 'K' || code, 'K', area_code, grid_code, 'benchmark', code, '' FROM grid ORDER BY code LIMIT %(keepers)s
"""
MONTHS = """
DO $$ DECLARE month timestamp; steps text; BEGIN FOR back IN 1..14 LOOP
    month := date_trunc('month', now() AT TIME ZONE 'UTC') - make_interval(months => back);
    FOREACH steps IN ARRAY ARRAY['alarm_step', 'event_step'] LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       steps || '_' || to_char(month, '"y"YYYY"m"MM'), steps, month || '+00',
                       month + interval '1 month' || '+00');
        PERFORM shapan_protect((steps || '_' || to_char(month, '"y"YYYY"m"MM'))::regclass);
    END LOOP;
END LOOP; END $$
"""

# A storm: so many alarms at once in fifty grids, each told in the feed.
STORM = """
WITH raised AS (
    INSERT INTO alarm (source, event_id, severity, type, geom, occurred_at, area_code, grid_code)
    SELECT 'storm', gen_random_uuid()::text, (ARRAY['critical','major','minor'])[1 + n % 3], 'smoke',
           ST_SetSRID(ST_MakePoint(117.5, 31.5), 4490), now(), left(code, 12), code
    FROM generate_series(1, %(alarms)s) AS n
    JOIN (SELECT code, row_number() OVER (ORDER BY code) AS place FROM grid LIMIT 50) AS g ON place = 1 + n % 50
    RETURNING id, area_code, grid_code
)
INSERT INTO outbox (kind, object, area_code, grid_code, payload)
SELECT 'alarm', id::text, area_code, grid_code, '{}' FROM raised
"""


def fill(owner: str, grids: int, count: int) -> dict[str, float]:
    """Make the city; return the seconds for each part."""
    took = {}
    numbers = {"grids": grids, "alarms": count, "keepers": min(grids, 1000)}
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("SELECT set_config('shapan.scope', %s, false)", [Scope.everything().literal()])
        for name, statement in (("months", MONTHS), ("grids", GRIDS), ("alarms", ALARMS), ("steps", STEPS),
                                ("events", EVENTS), ("event steps", EVENT_STEPS), ("keepers", KEEPERS),
                                ("track", TRACK)):
            start = time.monotonic()
            connection.execute(_bound(statement, numbers))
            took[name] = round(time.monotonic() - start, 1)
        connection.execute("VACUUM ANALYZE alarm, alarm_step, event, event_step, keeper_track, grid, keeper")
    return took


def _bound(statement: str, numbers: dict[str, int]) -> str:
    # The statements are full of remainders; what is bound are whole numbers of our own.
    for name, number in numbers.items():
        statement = statement.replace(f"%({name})s", str(number))
    return statement


def timed(connection: psycopg.Connection, scope: Scope, times: int, ask: Callable[[], object]) -> dict[str, float]:
    """Ask so often, each in a transaction of its own; return milliseconds, and those that both processes computed."""
    taken, pid, cpu = [], connection.info.backend_pid, 0.0
    for turn in range(times + 2):
        if turn == 2:
            cpu = time.thread_time() + _backend_s(pid)
        with connection.transaction():
            connection.execute("SELECT set_config('shapan.scope', %s, true)", [scope.literal()])
            start = time.perf_counter()
            ask()
            taken.append((time.perf_counter() - start) * 1000)
    taken, cpu = taken[2:], time.thread_time() + _backend_s(pid) - cpu
    return {"p50_ms": round(statistics.median(taken), 1), "max_ms": round(max(taken), 1),
            "cpu_ms": round(1000 * cpu / times, 1)}


def answers(connection: psycopg.Connection, times: int) -> list[dict[str, object]]:
    """Measure what the views ask."""
    rng, rows = random.Random(3), []
    now, = connection.execute("SELECT now()").fetchone()
    grid, = connection.execute("SELECT min(code) FROM grid").fetchone()
    scopes = {"everything": Scope.everything(), "street": Scope((grid[:9],)), "grid": Scope((grid,))}

    def events(back: timedelta) -> None:
        at = now - back * rng.uniform(0.9, 1.1)
        past_events.events(connection, at.replace(hour=0, minute=0), at)

    def picture(back: timedelta) -> None:
        at = now - back * rng.uniform(0.9, 1.1)
        found, _ = past.open_alarms(connection, at)
        past.keepers(connection, at)
        past.grids(connection, at)
        shown = past_events.events(connection, at.replace(hour=0, minute=0), at)
        json.dumps([alarms.as_json(alarm) for alarm in found])
        json.dumps(shown.events, default=str)

    questions: dict[str, Callable[[], object]] = {
        **{f"roll-up by {level}": lambda level=level: rollup.places(connection, level, most=1000)
           for level in rollup.LEVELS},
        "roll-up by building": lambda: rollup.buildings(connection),
        "snapshot of the stream": lambda: rollup.snapshot(connection),
        "figures of now": lambda: kpi.now(connection, "", now, now),
        "place of the figures": lambda: kpi.place(connection, ""),
        **{f"events of {days} days ago": lambda days=days: events(timedelta(days=days)) for days in (1, 30, 300)},
        **{f"picture of {days} days ago": lambda days=days: picture(timedelta(days=days))
           for days in (0.01, 1, 30, 300)},
    }
    for name, scope in scopes.items():
        for kind, ask in questions.items():
            rows.append({"scope": name, "question": kind, **timed(connection, scope, times, ask)})
    return rows


def storm(address: str, seconds: int, rate: int) -> dict[str, object]:
    """Have the job follow a storm; return how late it was, and what it took of a core."""
    stop, late = threading.Event(), []
    cpu: list[float] = []

    def follow() -> None:
        with open_connection(address, Scope.everything(), autocommit=True) as connection:
            job.run(connection, stop)
            cpu.append(time.thread_time())
            cpu.append(_backend_s(connection.info.backend_pid))

    def sequence() -> None:
        with open_connection(address, Scope.everything(), autocommit=True) as connection:
            while not stop.wait(0.1):
                with connection.transaction():
                    outbox.stamp(connection, 5000)

    threads = [threading.Thread(target=one) for one in (follow, sequence)]
    for thread in threads:
        thread.start()
    with open_connection(address, Scope.everything(), autocommit=True) as connection:
        while (rollup.state(connection) or (0,))[0] < outbox.head(connection) or outbox.waiting(connection):
            time.sleep(0.1)
        begin = time.monotonic()
        for turn in range(seconds * 5):
            connection.execute(_bound(STORM, {"alarms": rate // 5}))
            head, done = outbox.head(connection), (rollup.state(connection) or (0,))[0]
            if head > done:
                oldest = connection.execute("SELECT now() - at FROM outbox WHERE seq = %s", [done + 1]).fetchone()
                late.append(oldest[0].total_seconds() if oldest else 0.0)
            else:
                late.append(0.0)
            time.sleep(max(0.0, begin + (turn + 1) / 5 - time.monotonic()))
        took = time.monotonic() - begin
        time.sleep(3)
        right = connection.execute(
            "SELECT (SELECT sum(alarms_critical + alarms_major + alarms_minor + alarms_warning + alarms_info) "
            "FROM rollup) = (SELECT count(*) FROM alarm WHERE closed_at IS NULL)").fetchone()[0]
        told = connection.execute("SELECT count(*) FROM outbox WHERE kind = 'kpi'").fetchone()[0]
    stop.set()
    for thread in threads:
        thread.join()
    return {"seconds": round(took, 1), "alarms": seconds * rate, "late_p50_s": round(statistics.median(late), 2),
            "late_max_s": round(max(late), 2), "python_cpu": round(cpu[0] / took, 3),
            "backend_cpu": round(cpu[1] / took, 3), "kpi_changes": told, "counts_right": right}


def _backend_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


@click.command()
@click.option("--quick", is_flag=True, help="A twentieth of the city, half a minute.")
@click.option("--rate", default=500, help="Alarms a second of the storm.")
@click.option("--seconds", type=int, help="How long it lasts.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(quick: bool, rate: int, seconds: int | None, as_json: bool) -> None:
    """Measure the roll-up, figures and pictures of the past."""
    grids, count = (1000, 50_000) if quick else (10_000, 1_000_000)
    parent = Path(tempfile.mkdtemp(prefix="shapan-b-", dir="/tmp"))
    parent.chmod(0o755)
    settings = load({"SHAPAN_HOME": str(parent / "home"), "SHAPAN_MIN_FREE_MB": "64"})
    try:
        migrate.bring_up_to_date(settings)
        addresses = server.addresses(settings)
        facts: dict[str, object] = {"grids": grids, "alarms": count, "filled_s": fill(addresses.owner, grids, count)}
        with open_connection(addresses.worker, Scope.everything(), autocommit=True) as connection:
            while outbox.stamp(connection, 10_000):
                pass
            start = time.monotonic()
            job.follow(connection, job.Progress())
            facts["count_of_everything_s"] = round(time.monotonic() - start, 2)
            while outbox.stamp(connection, 10_000):
                pass
            start = time.monotonic()
            kpi_days.stand(connection, kpi_days.Progress())
            facts["standing_s"] = round(time.monotonic() - start, 2)
        with open_connection(addresses.app, Scope.everything()) as connection:
            facts["answers"] = answers(connection, 10 if quick else 30)
        facts["storm"] = storm(addresses.worker, seconds or (10 if quick else 120), rate)
    finally:
        embedded.stop(settings)
        shutil.rmtree(embedded.cluster(settings).socket_dir, ignore_errors=True)
        shutil.rmtree(parent, ignore_errors=True)
    if as_json:
        click.echo(json.dumps(facts))
        return
    for row in facts.pop("answers"):
        click.echo(f"{row['scope']:<12}{row['question']:<26}{row['p50_ms']:>9} ms{row['max_ms']:>9} ms at most"
                   f"{row['cpu_ms']:>9} ms of a core")
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


if __name__ == "__main__":
    main()
