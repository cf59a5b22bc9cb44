"""Cities to open: the samples of `shapan sample`, and New York as OpenStreetMap has it."""

import gzip
import subprocess
import sys
from pathlib import Path

from benchmarks.tile_servers.city import City
from benchmarks.tile_servers.new_york import FILE, import_new_york

SEED = 7
SMALL, FULL, NEW_YORK = "small", "full", "new-york"

# One feature collection with all that the sandbox draws when it opens, each row a feature with the fields that its tile
# has; coordinates as exact as a tile of zoom 16 has them (seven digits, a centimetre).
LAYERS = {
    "building": """id, code, name, use, coalesce(height_m, floors_above * 3.0, 3) AS height_m, floors_above AS floors,
                   coalesce(residents, 0) AS residents, building.grid_code, footprint AS geom
                   FROM building LEFT JOIN building_tally ON building_id = id""",
    "area": "code, level, name, geom FROM area",
    "grid": "code, name, kind, geom FROM grid",
    "water": "class, name, geom FROM water",
    "green": "class, name, geom FROM green",
    "road": "class, name, width_m, geom FROM road",
    "place": "class, name, rank, geom FROM place",
}
PLAIN = " UNION ALL ".join(
    f"SELECT ST_AsGeoJSON(each.*, 'geom', 7) FROM (SELECT '{name}' AS layer, {rest}) AS each"  # noqa: S608 - our own words
    for name, rest in LAYERS.items())

# Devices with a place, the one after the other from all over the city. Fields: code, lon, lat, height in metres.
DEVICES = """
SELECT code, ST_X(geom), ST_Y(geom), coalesce(z_m, 0) FROM device ORDER BY md5(code) LIMIT 2000
"""


def fill(city: City, name: str, folder: Path) -> bool:
    """Put a city on record as a person would; False where its file is not there."""
    if name == NEW_YORK:
        return FILE.exists() and import_new_york(city)
    files = folder / "files"
    _run(city, "sample", str(files), "--seed", str(SEED), "--size", name)
    _run(city, "import", "all", str(files / "sandbox.gpkg"))
    city.settle("building", "building_tally", "device", "event", "road", "place")
    return True


def plain(city: City, path: Path) -> int:
    """Write the city as one GeoJSON, packed as the service packs; return how many features it has."""
    rows = [row[0] for row in city.worker.execute(PLAIN)]
    with gzip.open(path, "wt", compresslevel=6, encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[' + ",\n".join(rows) + "]}")
    return len(rows)


def devices(city: City) -> list[tuple[str, float, float, float]]:
    """Return devices that can raise an alarm: code, lon, lat, metres."""
    return city.worker.execute(DEVICES).fetchall()


def buildings(city: City) -> int:
    """Count what is drawn most of."""
    return city.worker.execute("SELECT count(*) FROM building").fetchone()[0]


def _run(city: City, *words: str) -> None:
    command = [str(Path(sys.executable).parent / "shapan"), *words]
    done = subprocess.run(command, env=city.environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"shapan {' '.join(words)}:\n{done.stdout}{done.stderr}")
