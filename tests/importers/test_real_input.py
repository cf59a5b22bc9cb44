"""Real files of other cities, where they lie beside the checkout."""

import zipfile
from pathlib import Path

import pytest

from importers import mapping

SHARED = Path(__file__).parents[3] / "shared" / "data"

pytestmark = [pytest.mark.shared_data,
              pytest.mark.skipif(not SHARED.is_dir(), reason="the real data sets do not lie beside the checkout")]


def test_every_building_of_suzhou_arrives_unplaced_with_its_floors_and_height(importing, database, examples):
    report = importing("buildings", SHARED / "buildings" / "suzhou_buildings.geojson",
                       mapping=mapping.read(examples / "suzhou.yaml"))
    assert (report.counts.inserted, report.counts.unplaced, len(report.rejects)) == (3076, 3076, 0)
    found = database.connect().execute(
        "SELECT min(floors_above), max(floors_above), count(DISTINCT code), bool_and(height_m = 3 * floors_above), "
        "round(ST_XMin(ST_Extent(footprint))::numeric, 3) FROM building WHERE source = 'suzhou'").fetchone()
    assert tuple(map(float, found)) == (1, 28, 3076, 1, 120.597)


@pytest.mark.slow
def test_every_building_of_new_york_arrives(importing, database, examples):
    path, read = SHARED / "buildings" / "nyc_osm_buildings.gpkg", mapping.read(examples / "new-york.yaml")
    report = importing("buildings", path, mapping=read)
    assert (report.counts.inserted, report.counts.unplaced, len(report.rejects)) == (113_089, 113_089, 0)
    assert database.connect().execute(
        "SELECT count(height_m), count(DISTINCT ST_GeometryType(footprint)) FROM building").fetchone() == (109_023, 1)
    again = importing("buildings", path, mapping=read)
    assert (again.counts.unchanged, again.counts.inserted, again.counts.updated) == (113_089, 0, 0)


def test_precincts_of_providence_land_in_providence(importing, database, tmp_path):
    with zipfile.ZipFile(SHARED / "coverage" / "precincts.zip") as archive:
        archive.extractall(tmp_path)
    path = next(tmp_path.rglob("*.shp"))
    report = importing("green", path, set_={"class": "'lawn'"}, max_rejects="10%")
    assert report.route.reference.label == "EPSG:4269"
    assert report.committed
    box = database.connect().execute("SELECT ST_Extent(geom) FROM green").fetchone()[0]
    west, south, east, north = (float(number) for number in box[4:-1].replace(",", " ").split())
    assert -71.48 < west < east < -71.37
    assert 41.77 < south < north < 41.87
