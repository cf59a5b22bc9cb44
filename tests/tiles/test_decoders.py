"""Three decoders by other people read every layer alike: Python's, GDAL's and the browser's own."""

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon, shape

from tests.fixtures.homes import REPOSITORY
from tests.fixtures.objects import GRID, Objects, square
from tests.tiles.drawn import address, decoded
from tiles import layers, vector
from tiles.layers import EXACT
from tiles.matrix import EXTENT

CENTRE = (117.00525, 31.00525)
PLACE = {"area_code": GRID[:12], "grid_code": GRID}

# The packages with which MapLibre itself reads tiles. Input: a tile in base64. Output: its layers as JSON.
NODE = """
import { readFileSync } from 'node:fs';
import { VectorTile } from '@mapbox/vector-tile';
import Pbf from 'pbf';

const tile = new VectorTile(new Pbf(Buffer.from(readFileSync(0, 'utf8'), 'base64')));
const read = (layer) => Array.from({ length: layer.length }, (_, index) => {
  const feature = layer.feature(index);
  const parts = feature.loadGeometry().map((part) => part.map(({ x, y }) => [x, y]));
  return { id: feature.id, type: feature.type, properties: feature.properties, parts };
});
console.log(JSON.stringify(Object.fromEntries(Object.entries(tile.layers).map(([name, layer]) => [
  name, { version: layer.version, extent: layer.extent, features: read(layer) }]))));
"""

Read = dict[int, tuple[dict[str, Any], str]]
"""Features by id: properties, and the normalised shape in units of the tile, y to the south, as WKT."""


@pytest.fixture
def town(objects: Objects) -> Objects:
    """Yield a place with something of every layer in the tile of ``CENTRE`` at zoom 16, and cells above it."""
    lon, lat = CENTRE
    here = f"POINT({lon} {lat})"
    pond = Polygon([(lon, lat), (lon + 0.003, lat), (lon + 0.003, lat + 0.002), (lon, lat + 0.002)],
                   [[(lon + 0.001, lat + 0.0005), (lon + 0.002, lat + 0.0005), (lon + 0.0015, lat + 0.0015)]])
    islands = MultiPolygon([pond, Polygon([(lon - 0.001, lat), (lon - 0.0005, lat), (lon - 0.0007, lat - 0.001)])])
    objects.put("water", geometry=islands.wkt, **{"class": "lake"}, name="望江", **PLACE)
    objects.put("green", geometry=MultiPolygon([pond]).wkt, **{"class": "park"}, **PLACE)
    for number in range(3):
        line = [(lon - 0.004, lat + number * 0.0003), (lon, lat), (lon + 0.004, lat - number * 0.0003)]
        objects.put("road", geometry=MultiLineString([LineString(line)]).wkt, **{"class": "inner"},
                    name=f"第{number}路", width_m=4.5 + number, **PLACE)
    objects.community(west=117.0)
    objects.grid()
    for number in range(5):
        building_id = objects.building(f"B{number}", west=lon + number * 0.0006, name="一号楼" if number else None,
                                       height_m=10.25 * (number + 1))
    objects.put("unit", geometry=here, column="entrance", number="1", building_id=building_id, **PLACE)
    objects.put("organisation", geometry=here, code="91999001MA0000001X", name="望江超市", **PLACE)
    objects.put("facility", geometry=here, code="F1", class_code="0101", **PLACE)
    objects.put("facility", geometry=square(lon, lat, 0.0004), code="F2", class_code="0102", **PLACE)
    objects.device(lon=lon, lat=lat, z_m=-3.5)
    objects.put("event", geometry=here, code="E1", class_code="0101", title="x", occurred_at=datetime.now(UTC), **PLACE)
    objects.put("place", geometry=here, **{"class": "community"}, name="望江社区", name_en="Wangjiang", rank=3, **PLACE)
    cell = address(lon, lat, 17)
    objects.connection.execute("INSERT INTO building_cell VALUES (17, %s, %s, %s, %s, 5, 12, 100.5, 30, 5, "
                               "900.5, 12, 20, 3, 15, 25)",
                               [cell.x, cell.y, GRID[:12], GRID])
    objects.connection.execute("INSERT INTO event_cell VALUES (17, %s, %s, %s, %s, 5, 2)",
                               [cell.x, cell.y, GRID[:12], GRID])
    return objects


def drawable(geometry: shapely.Geometry) -> str:
    """Return a shape as all decoders can say it: single parts as such, rings in one order."""
    parts = getattr(geometry, "geoms", [geometry])
    return shapely.normalize(parts[0] if len(parts) == 1 else geometry).wkt


def by_python(body: bytes, name: str) -> Read:
    return {found["id"]: (found["properties"], drawable(shape(found["geometry"]))) for found in decoded(body)[name]}


def by_gdal(body: bytes, name: str, folder: Path) -> Read:
    path = folder / "tile.mvt"
    path.write_bytes(body)
    meta, _, shapes, columns = pyogrio.raw.read(path, layer=name, CLIP="NO")
    found: Read = {}
    # A tile without an address has units as coordinates, y to the north.
    for geometry, *values in zip(shapely.from_wkb(shapes), *columns, strict=True):
        properties = dict(zip(meta["fields"], values, strict=True))
        key = int(properties.pop("mvt_id"))
        properties = {field: value.item() if hasattr(value, "item") else value for field, value in properties.items()}
        found[key] = (properties, drawable(shapely.transform(geometry, lambda at: [0, EXTENT] + at * [1, -1])))
    return found


def by_browser(body: bytes, name: str) -> Read:
    node = Path(sys.executable).with_name("node")
    done = subprocess.run([node, "--input-type=module", "-e", NODE], input=base64.b64encode(body).decode(), text=True,
                          cwd=REPOSITORY / "webmap" / "frontend", capture_output=True, check=True, timeout=30)
    layer = json.loads(done.stdout)[name]
    assert (layer["version"], layer["extent"]) == (2, EXTENT)
    return {found["id"]: (found["properties"], drawable(from_parts(found["type"], found["parts"])))
            for found in layer["features"]}


def from_parts(kind: int, parts: list[list[list[int]]]) -> shapely.Geometry:
    """Return the shape of MVT's parts: points 1, lines 2, rings 3, where one of positive area begins a polygon."""
    if kind == 1:
        return MultiPoint([Point(place) for part in parts for place in part])
    if kind == 2:
        return MultiLineString(parts)
    polygons: list[tuple[list, list]] = []
    for ring in parts:
        if sum(x * y2 - x2 * y for (x, y), (x2, y2) in zip(ring, ring[1:], strict=False)) > 0:
            polygons.append((ring, []))
        else:
            polygons[-1][1].append(ring)
    return MultiPolygon([Polygon(outer, holes) for outer, holes in polygons])


def known(properties: dict[str, Any]) -> dict[str, Any]:
    """Return properties that have a value: tiles leave out the others, GDAL fills them up."""
    return {name: value for name, value in properties.items() if value is not None and value == value}


@pytest.mark.parametrize(("name", "inside", "z"), [
    *((layer.name, layer.name, 16) for layer in layers.LAYERS),
    ("buildings", "building_cells", 12), ("events", "event_cells", 11), ("areas", "areas", 9)])
def test_a_layer_is_read_alike_by_three_decoders(town: Objects, tmp_path: Path, name: str, inside: str, z: int) -> None:
    body = vector.build(town.connection, [name], address(*CENTRE, z), EXACT).body
    python, gdal, browser = by_python(body, inside), by_gdal(body, inside, tmp_path), by_browser(body, inside)
    assert python
    assert python.keys() == gdal.keys() == browser.keys()
    for key, (properties, outline) in python.items():
        assert known(gdal[key][0]) == browser[key][0] == properties
        assert gdal[key][1] == browser[key][1] == outline
