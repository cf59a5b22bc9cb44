"""How fast a search answers: questions of each kind against generated entries, in a private cluster of its own.

    .venv/bin/python benchmarks/search.py              1,000,000 entries, some minutes
    .venv/bin/python benchmarks/search.py --quick      100,000 entries, under a minute
    .venv/bin/python benchmarks/search.py --json       one JSON object

The entries come by the way of imports (``spatial/queries/search_entries.py``), the questions go through
``spatial/queries/search.py`` as the application role under row security, one after the other on a warm
cache. Questions are pieces of labels drawn at random, so that common pieces are asked for as often as they occur.
"""

import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import psycopg

from spatial import embedded, migrate, server
from spatial.db import open_connection
from spatial.queries import search, search_entries
from spatial.rules.pinyin import pinyin
from spatial.rules.search import sought
from spatial.settings import load
from spatial.types import Scope

CHARACTERS = "望江湖山河东西南北中阳光金银桂花园林海天龙凤华福安康宁和平新城建设文化教育民生广场大学滨翠柳竹松梅"
ENDINGS = ("苑", "小区", "花园", "家园", "公寓", "新村", "大厦", "里", "广场", "商铺")
STREETS, COMMUNITIES, GRIDS = 20, 15, 12

INSERT = """
INSERT INTO place (class, name, geom, area_code, grid_code, source, source_key, content_hash)
SELECT 'estate', name, ST_SetSRID(ST_MakePoint(lon, lat), 4490), left(grid_code, 12), grid_code, 'benchmark', n::text,
       ''
FROM unnest(%s::text[], %s::float8[], %s::float8[], %s::text[], %s::int8[]) AS new (name, lon, lat, grid_code, n)
"""
BATCH = 50_000


def names(rng: random.Random, count: int) -> list[str]:
    """Return labels as buildings have them: an estate, a number, and a word for what it is."""
    estates = ["".join(rng.sample(CHARACTERS, rng.choice((2, 2, 3)))) + rng.choice(ENDINGS)
               for _ in range(max(50, count // 60))]
    return [f"{rng.choice(estates)}{rng.randint(1, 60)}号楼" for _ in range(count)]


def fill(connection: psycopg.Connection, labels: list[str], rng: random.Random) -> tuple[float, float]:
    """Put places of these names on record; return the seconds for the rows and for their entries."""
    start = time.monotonic()
    for first in range(0, len(labels), BATCH):
        part = labels[first:first + BATCH]
        codes = [f"999001{rng.randint(1, STREETS):03d}{rng.randint(1, COMMUNITIES):03d}{rng.randint(1, GRIDS):03d}"
                 for _ in part]
        connection.execute(INSERT, (part, [117 + rng.random() for _ in part], [31 + rng.random() for _ in part], codes,
                                    list(range(first, first + len(part)))))
    between = time.monotonic()
    search_entries.refresh(connection, "place")
    connection.commit()
    connection.execute("SELECT shapan_analyze('search_entry'), shapan_analyze('place')")
    connection.commit()
    return between - start, time.monotonic() - between


def piece(rng: random.Random, text: str, length: int) -> str:
    """Return a piece of a text."""
    at = rng.randint(0, max(0, len(text) - length))
    return text[at:at + length]


QUESTIONS: dict[str, Callable[[random.Random, str], str]] = {
    "1 character": lambda rng, label: piece(rng, label, 1),
    "2 characters": lambda rng, label: piece(rng, label, 2),
    "4 characters": lambda rng, label: piece(rng, label, 4),
    "whole label": lambda rng, label: label,
    "2 initials": lambda rng, label: piece(rng, pinyin(sought(label))[1].rstrip("0123456789"), 2),
    "4 initials": lambda rng, label: piece(rng, pinyin(sought(label))[1], 4),
    "pinyin": lambda rng, label: pinyin(sought(label))[0][:8],
    "no match": lambda rng, label: "龘" + piece(rng, label, 1),
}


def scopes(rng: random.Random) -> dict[str, Scope]:
    """Return jurisdictions of every size."""
    street = f"999001{rng.randint(1, STREETS):03d}"
    return {"everything": Scope.everything(), "street": Scope((street,)), "grid": Scope((f"{street}001001",))}


def ask(connection: psycopg.Connection, labels: list[str], rng: random.Random, times: int) -> list[dict[str, object]]:
    """Ask every kind of question in every jurisdiction; return milliseconds and results."""
    rows = []
    for name, scope in scopes(rng).items():
        for kind, make in QUESTIONS.items():
            taken, found = [], 0
            for _ in range(times + 3):
                question = make(rng, rng.choice(labels))
                with connection.transaction():
                    connection.execute("SELECT set_config('shapan.scope', %s, true)", [scope.literal()])
                    start = time.perf_counter()
                    found += bool(search.find(connection, scope, question))
                    taken.append((time.perf_counter() - start) * 1000)
            # The first ones prepare statements and warm the cache.
            taken = taken[3:]
            rows.append({"scope": name, "question": kind, "p50_ms": round(statistics.median(taken), 1),
                         "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1), "max_ms": round(max(taken), 1),
                         "answered": round(found / (times + 3), 2)})
    return rows


@click.command()
@click.option("--quick", is_flag=True, help="100,000 entries, under a minute.")
@click.option("--entries", type=click.IntRange(1000), help="Number of entries; 1,000,000 by default.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(quick: bool, entries: int | None, as_json: bool) -> None:
    """Measure the search."""
    count, times = entries or (100_000 if quick else 1_000_000), 40 if quick else 200
    parent = Path(tempfile.mkdtemp(prefix="shapan-b-", dir="/tmp"))
    parent.chmod(0o755)
    settings = load({"SHAPAN_HOME": str(parent / "home"), "SHAPAN_MIN_FREE_MB": "64"})
    try:
        migrate.bring_up_to_date(settings)
        addresses, rng = server.addresses(settings), random.Random(1)
        labels = names(rng, count)
        with open_connection(addresses.worker, Scope.everything()) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.commit()
            rows_s, entries_s = fill(connection, labels, rng)
        with psycopg.connect(addresses.owner) as connection:
            size = connection.execute("SELECT pg_total_relation_size('search_entry')").fetchone()[0]
        with psycopg.connect(addresses.app) as connection:
            connection.commit()
            rows = ask(connection, labels, rng, times)
    finally:
        embedded.stop(settings)
        shutil.rmtree(embedded.cluster(settings).socket_dir, ignore_errors=True)
        shutil.rmtree(parent, ignore_errors=True)
    facts = {"entries": count, "questions_each": times, "rows_s": round(rows_s, 1), "entries_s": round(entries_s, 1),
             "entries_per_s": round(count / entries_s), "size_mb": round(size / 2**20), "results": rows}
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(f"{count:,} entries: rows in {rows_s:.1f} s, entries in {entries_s:.1f} s "
               f"({count / entries_s:,.0f}/s), {size / 2**20:,.0f} MB with indexes; {times} questions each")
    click.echo(f"{'scope':<12}{'question':<14}{'p50 ms':>8}{'p95 ms':>8}{'max ms':>8}{'answered':>10}")
    for row in rows:
        click.echo(f"{row['scope']:<12}{row['question']:<14}{row['p50_ms']:>8}{row['p95_ms']:>8}{row['max_ms']:>8}"
                   f"{row['answered']:>10.0%}")


if __name__ == "__main__":
    main()
