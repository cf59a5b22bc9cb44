"""GDAL opens the layers as any department's program does: over HTTP, from a running service."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyogrio.raw import read

from tests.fixtures.services import Service, start
from tests.fixtures.web import Web
from tests.webmap.ogc.conftest import BUILDINGS
from tiles import layers

PAGE = "20"
"""Features of a page: the buildings need four."""


@pytest.fixture(scope="module")
def service(town: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield the running service over the town."""
    running = start(town.database, tmp_path_factory.mktemp("service"))
    yield running
    running.stop()


def open_layer(service: Service, name: str, **options: object) -> tuple[dict, np.ndarray, np.ndarray, dict]:
    """Read a layer by the driver OAPIF: what is known of it, ids, geometries, columns by name."""
    known, ids, geometries, columns = read(f"OAPIF:{service.url}/ogc", layer=name, return_fids=True, PAGE_SIZE=PAGE,
                                           **options)
    return known, ids, shapely.from_wkb(geometries), dict(zip(known["fields"], columns, strict=True))


def test_gdal_lists_every_layer(service: Service) -> None:
    found = pyogrio.list_layers(f"OAPIF:{service.url}/ogc")
    assert [name for name, _ in found] == [layer.name for layer in layers.LAYERS]
    assert dict(found)["buildings"] == "MultiPolygon"


def test_gdal_reads_every_page_and_each_feature_as_it_is_on_record(service: Service, town: Web) -> None:
    known, ids, geometries, columns = open_layer(service, "buildings")
    assert len(ids) == BUILDINGS + 1
    assert "CRS84" in known["crs"]
    rows = town.objects.connection.execute(
        "SELECT id, code, name, use, height_m, grid_code, ST_AsBinary(footprint) FROM building ORDER BY id").fetchall()
    assert [*ids] == [row[0] for row in rows]
    for place, column in enumerate(("code", "name", "use", "height_m", "grid_code"), start=1):
        # GDAL's column of numbers has NaN where there is none.
        assert [None if value != value else value for value in columns[column]] == [row[place] for row in rows]
    on_record = shapely.from_wkb([bytes(row[6]) for row in rows])
    assert shapely.equals_exact(geometries, on_record, 1e-9).all()


@pytest.mark.parametrize(("options", "condition"), [
    ({"bbox": (117.0009, 31.0009, 117.0034, 31.0024)},
     "footprint && ST_SetSRID(ST_MakeEnvelope(117.0009, 31.0009, 117.0034, 31.0024), 4490)"),
    ({"where": "use = 'school' AND height_m > 20"}, "use = 'school' AND height_m > 20"),
    ({"where": "name LIKE '1%' OR floors IN (1, 9)"}, "name LIKE '1%' OR floors_above IN (1, 9)"),
    ({"where": "use <> 'school'", "bbox": (117.0, 31.0, 117.01, 31.0024)},
     "use <> 'school' AND ST_Y(ST_Centroid(footprint)) < 31.0024"),
])
def test_gdals_filters_find_what_the_database_finds(
    service: Service, town: Web, options: dict[str, object], condition: str
) -> None:
    expected = [code for code, in town.objects.connection.execute(
        f"SELECT code FROM building WHERE {condition} ORDER BY id")]
    assert len(expected) > 1
    assert [*open_layer(service, "buildings", **options)[3]["code"]] == expected


def test_gdal_gets_axes_in_its_own_order_in_every_system(service: Service) -> None:
    _, _, expected, _ = open_layer(service, "buildings")
    for crs in ("EPSG:4326", "EPSG:4490"):
        assert shapely.equals_exact(open_layer(service, "buildings", CRS=crs)[2], expected, 1e-9).all()
    drawn = open_layer(service, "buildings", CRS="EPSG:3857")[2]
    assert drawn[0].bounds[0] == pytest.approx(np.radians(117.001) * 6378137.0, abs=0.001)


def test_gdal_reads_our_tiles_one_by_one_and_as_a_map(service: Service, tmp_path: Path, town: Web) -> None:
    z, x, y = 15, 27033, 13413
    tile = town.client.get(f"/ogc/collections/buildings/tiles/WebMercatorQuad/{z}/{y}/{x}").data
    (tmp_path / "tile.mvt").write_bytes(tile)
    known, _, geometries, columns = read(tmp_path / "tile.mvt", layer="buildings", Z=str(z), X=str(x), Y=str(y))
    assert known["crs"] == "EPSG:3857"
    assert len(geometries) == len(columns[0]) > 5
    known, _, geometries, columns = read(
        f"MVT:{service.url}/tiles/buildings/{z}", layer="buildings", TILE_EXTENSION="mvt",
        METADATA_FILE=f"{service.url}/tiles/buildings.json",
    )
    # A building on the edge of tiles comes once from each.
    assert {*dict(zip(known["fields"], columns, strict=True))["code"]} == {
        code for code, in town.objects.connection.execute("SELECT code FROM building")}
