"""How fast an import is, against ogr2ogr on the same file in the same run.

    python benchmarks/importing.py                 10^5 and 10^6 buildings, three rounds
    python benchmarks/importing.py --quick         10^5, one round, under a minute
    python benchmarks/importing.py --rows 10000000 --rounds 1
    python benchmarks/importing.py --json

Needs `ogr2ogr` on the path (Debian: `apt install gdal-bin`; the product never calls it) and the
PostgreSQL server binaries that `shapan db up` finds. Works in a private cluster of its own, which it
removes at the end.

Both sides load the same GeoPackage of 13-vertex polygons in EPSG:4490 in random order into an empty
table with a primary key, unique (code), unique (source, source_key), unique (id, area_code, grid_code),
an index on grid_code and a GiST index on the outline in EPSG:3857, and end with ANALYZE:

- ogr2ogr with PG_USE_COPY=YES makes a table of its own, with its primary key and GiST index, which holds
  the outline in EPSG:3857 alone; the other four indexes are built after it, by SQL, in the time that counts.
  Into our own table it cannot COPY: PostgreSQL's COPY refuses the generated column that ogr2ogr names.
- `shapan import buildings` checks every value and outline, hashes every row, stages it so that a killed run
  goes on, finds doubles and places, and writes the outline in EPSG:4490 and EPSG:3857.

The two take turns, on buildings without names. Of ogr2ogr there is the first load only: for PostgreSQL it has no
upsert (`-upsert` is for GeoPackage, MongoDB and Elasticsearch). A last line is for a file in which every building has a
name, which ours also makes searchable by characters and pinyin; ogr2ogr has nothing to compare with that.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psycopg
import pyogrio.raw
import shapely
from psycopg.conninfo import conninfo_to_dict

from spatial import embedded, migrate, server
from spatial.settings import load

OUTLINE = np.array([[0, 0], [.3, 0], [.3, .2], [.6, .2], [.6, 0], [1, 0], [1, 1], [.7, 1], [.7, .8], [.4, .8],
                    [.4, 1], [0, 1], [0, 0]])
USES = np.array(["residential", "commercial", "office", "school"], object)
CHANGED_SHARE = 0.1

OGR_COLUMNS = ("code, name, \"use\", height_m, floors_above, '000000000000' AS area_code, "
               "'000000000000000' AS grid_code, 'bench' AS source, code AS source_key")
OGR_INDEXES = """
CREATE UNIQUE INDEX ON ogr (code);
CREATE UNIQUE INDEX ON ogr (source, source_key);
CREATE UNIQUE INDEX ON ogr (fid, area_code, grid_code);
CREATE INDEX ON ogr (grid_code);
ANALYZE ogr
"""


@dataclass(frozen=True)
class Outcome:
    """One measured run.

    Attributes:
        what: which of the five. rows: in the file. seconds: from start to end of the process.
        client_mb: peak memory of the client and its children, shared pages counted once.
        backends_mb: peak private memory of the database's processes that work for it, shared buffers not counted.
    """

    what: str
    rows: int
    seconds: float
    client_mb: float
    backends_mb: float


def write_buildings(path: Path, rows: int, changed: float = 0.0, named: bool = False) -> Path:
    """Write a GeoPackage of so many buildings; of a share of them the height is another, and all or none have names."""
    random = np.random.default_rng(1)
    order, side = random.permutation(rows), int(np.ceil(np.sqrt(rows)))
    size = random.uniform(0.0001, 0.00025, (2, rows, 1))
    turn = random.uniform(0, np.pi / 2, (rows, 1))
    x, y = ((OUTLINE[:, axis] - 0.5) * size[axis] for axis in (0, 1))
    east = 117 + (order % side * 0.0003)[:, None] + x * np.cos(turn) - y * np.sin(turn)
    north = 31 + (order // side * 0.0003)[:, None] + x * np.sin(turn) + y * np.cos(turn)
    floors = random.integers(1, 34, rows).astype("int32")
    height = floors * 3.0 + (random.random(rows) < changed)
    pyogrio.raw.write(
        str(path), geometry=shapely.to_wkb(shapely.polygons(np.stack([east, north], -1))),
        field_data=[np.array([f"B{number:08d}" for number in range(rows)], object),
                    np.array([f"{number % 900 + 1}号楼" if named else None for number in range(rows)], object),
                    USES[random.integers(0, len(USES), rows)], height, floors],
        fields=np.array(["code", "name", "use", "height_m", "floors_above"], object), layer="buildings",
        geometry_type="Polygon", crs="EPSG:4490", driver="GPKG", encoding="UTF-8")
    return path


class Memory:
    """Watches, every 100 ms, how much memory a process and the database's working processes take."""

    def __init__(self, process: subprocess.Popen, postmaster: int) -> None:
        self._process, self._postmaster = process, postmaster
        self.client_kb = self.backends_kb = 0
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        while self._process.poll() is None:
            self.client_kb = max(self.client_kb, sum(
                _status(pid, "smaps_rollup", "Pss") for pid in _family(self._process.pid)))
            self.backends_kb = max(self.backends_kb, sum(
                _status(pid, "status", "RssAnon") for pid in _children(self._postmaster) if _works(pid)))
            time.sleep(0.1)

    def stop(self) -> None:
        """Wait until the watching has ended with its process."""
        self._thread.join()


def _status(pid: int, file: str, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field + ":")), 0)


def _works(pid: int) -> bool:
    try:
        title = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False
    return "shapan_" in title or "parallel worker" in title


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir()
                for child in (task / "children").read_text().split()]
    except OSError:
        return []


def _family(pid: int) -> list[int]:
    return [pid, *(member for child in _children(pid) for member in _family(child))]


class Bench:
    """A private cluster of its own and what is measured in it."""

    def __init__(self, folder: Path) -> None:
        self.environment = {**os.environ, "SHAPAN_HOME": str(folder / "home"), "PG_USE_COPY": "YES",
                            "SHAPAN_MIN_FREE_MB": "16"}
        self.settings = load(self.environment)
        addresses = server.bring_up(self.settings)
        migrate.upgrade(addresses.owner)
        self.owner = addresses.owner
        data = psycopg.connect(addresses.superuser).execute("SHOW data_directory").fetchone()[0]
        self.postmaster = int((Path(data) / "postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        """Stop the cluster."""
        embedded.stop(self.settings)

    def sql(self, statements: str) -> None:
        """Run SQL as the owner."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            for statement in statements.split(";"):
                connection.execute(statement)

    def measure(self, what: str, rows: int, command: list[str], then: Callable[[], None] | None = None) -> Outcome:
        """Run a command and what belongs to it, and say what it took."""
        started = time.monotonic()
        process = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        memory = Memory(process, self.postmaster)
        errors = process.communicate()[1].decode()
        memory.stop()
        if process.returncode != 0:
            sys.exit(f"{what} failed: {errors}")
        if then is not None:
            then()
        return Outcome(what, rows, time.monotonic() - started, memory.client_kb / 1024, memory.backends_kb / 1024)

    def round(self, rows: int, same: Path, changed: Path, named: Path) -> list[Outcome]:
        """Measure ogr2ogr's first load, ours, a changed file, an unchanged one, and a first load with names."""
        self.sql("DROP TABLE IF EXISTS ogr; TRUNCATE building CASCADE; TRUNCATE search_entry")
        address = conninfo_to_dict(self.owner)
        target = "PG:" + " ".join(f"{name}={address[name]}" for name in ("host", "port", "dbname", "user"))
        shapan = [str(Path(sys.executable).parent / "shapan"), "import", "buildings"]
        outcomes = [
            self.measure("ogr2ogr, first load", rows, [
                "ogr2ogr", "-q", "-f", "PostgreSQL", target, str(same), "-nln", "ogr", "-nlt", "MULTIPOLYGON",
                "-t_srs", "EPSG:3857", "-lco", "GEOMETRY_NAME=geom_web", "-lco", "FID=fid",
                "-sql", f"SELECT {OGR_COLUMNS}, geom FROM buildings"], lambda: self.sql(OGR_INDEXES)),
            self.measure("shapan, first load", rows, [*shapan, str(same), "--source", "bench"]),
            self.measure("shapan, 10 % changed", rows, [*shapan, str(changed), "--source", "bench"]),
            self.measure("shapan, nothing changed", rows, [*shapan, str(changed), "--source", "bench"]),
        ]
        self.sql("TRUNCATE building CASCADE; TRUNCATE search_entry")
        return [*outcomes, self.measure("shapan, first load, all with names", rows,
                                        [*shapan, str(named), "--source", "bench"])]


def machine() -> str:
    """Return one line about this machine."""
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    gdal = subprocess.run(["ogr2ogr", "--version"], capture_output=True, text=True, check=True).stdout.split(",")[0]
    return (f"{os.cpu_count()} × {model}, {memory:.0f} GB; load before {os.getloadavg()[0]:.1f}; "
            f"Python {platform.python_version()}; {gdal}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if shutil.which("ogr2ogr") is None:
        sys.exit("ogr2ogr is missing; on Debian: apt install gdal-bin")
    sizes, rounds = ([100_000], 1) if arguments.quick else (arguments.rows, arguments.rounds)
    about, outcomes = machine(), []
    with tempfile.TemporaryDirectory(prefix="shapan-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the account that runs PostgreSQL must pass
        bench = Bench(folder)
        try:
            for rows in sizes:
                same = write_buildings(folder / f"same{rows}.gpkg", rows)
                changed = write_buildings(folder / f"changed{rows}.gpkg", rows, CHANGED_SHARE)
                named = write_buildings(folder / f"named{rows}.gpkg", rows, named=True)
                for _ in range(rounds):
                    outcomes += bench.round(rows, same, changed, named)
        finally:
            bench.close()
    if arguments.json:
        print(json.dumps({"machine": about, "runs": [asdict(outcome) for outcome in outcomes]}, ensure_ascii=False))
        return
    print(about)
    print("| rows | what | rows/s (median) | lowest–highest | client MB | backends MB |\n|---|---|---|---|---|---|")
    for rows in sizes:
        for what in dict.fromkeys(outcome.what for outcome in outcomes):
            runs = [outcome for outcome in outcomes if (outcome.rows, outcome.what) == (rows, what)]
            rates = sorted(rows / outcome.seconds for outcome in runs)
            print(f"| {rows:,} | {what} | {statistics.median(rates):,.0f} | {rates[0]:,.0f}–{rates[-1]:,.0f} "
                  f"| {max(run.client_mb for run in runs):,.0f} | {max(run.backends_mb for run in runs):,.0f} |")


if __name__ == "__main__":
    main()
