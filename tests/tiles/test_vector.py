"""Vector tiles over real rows."""

import mapbox_vector_tile
import morecantile
import psycopg
import pytest

from spatial.errors import NotFound
from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID, Objects, square
from tiles import layers, vector
from tiles.layers import CLASSED, EXACT
from tiles.vector import Address

TMS = morecantile.tms.get("WebMercatorQuad")
PERSONAL = ("sealed", "phone", "id_number", "FROM resident", "keeper")
CENTRE = (117.00525, 31.00525)


def address(lon: float, lat: float, z: int) -> Address:
    found = TMS.tile(lon, lat, z)
    return Address(z, found.x, found.y)


def features(connection: psycopg.Connection, name: str, where: Address, field_class: str = EXACT) -> list[dict]:
    body = vector.tile(connection, [name], where, field_class)
    return mapbox_vector_tile.decode(body)[name]["features"] if body else []


def test_a_building_is_in_the_tile_that_holds_it_with_its_fields(objects: Objects) -> None:
    building_id = objects.building("B1", name="一号楼")
    objects.room(building_id, residents=3)
    (found,) = features(objects.connection, "buildings", address(*CENTRE, 16))
    assert found["id"] == building_id
    assert found["properties"] == {
        "code": "B1", "name": "一号楼", "use": "residential", "height_m": 18.0, "base_m": 0.0, "floors": 6,
        "residents": 3, "grid_code": GRID,
    }


@pytest.mark.parametrize(("residents", "shown"), [(0, 0), (1, 1), (4, 1), (5, 5), (9, 5), (10, 10), (37, 10)])
def test_roles_without_exact_counts_get_residents_in_classes(objects: Objects, residents: int, shown: int) -> None:
    objects.room(objects.building(), residents=residents)
    (found,) = features(objects.connection, "buildings", address(*CENTRE, 16), CLASSED)
    assert found["properties"]["residents"] == shown


def test_no_field_of_any_layer_reads_a_sealed_column_or_a_person(objects: Objects) -> None:
    for layer in layers.LAYERS:
        for z in range(layer.minzoom, layer.maxzoom + 1):
            for field_class in (EXACT, CLASSED):
                statement = vector.statement(layer.name, z, field_class)
                assert not any(word in statement for word in PERSONAL)


@pytest.mark.parametrize("name", list(layers.BY_NAME))
def test_every_layer_answers_at_every_zoom_of_its_own_and_is_empty_outside(name: str, connection) -> None:
    layer = layers.layer(name)
    for z in range(layer.minzoom, layer.maxzoom + 1):
        assert vector.tile(connection, [name], Address(z, 0, 0), EXACT) == b""
    assert vector.tile(connection, [name], Address(layer.minzoom - 1, 0, 0), EXACT) == b""


def test_a_building_across_a_tile_edge_is_whole_in_both_tiles_together(objects: Objects) -> None:
    z = 14
    tile = TMS.tile(*CENTRE, z)
    edge = TMS.bounds(tile).right
    objects.building("EDGE", west=edge - 0.00025, south=CENTRE[1])
    left, right = Address(z, tile.x, tile.y), Address(z, tile.x + 1, tile.y)
    (one,), (two,) = features(objects.connection, "buildings", left), features(objects.connection, "buildings", right)
    assert one["id"] == two["id"]

    def columns(feature: dict, offset: int) -> set[int]:
        return {x + offset for ring in feature["geometry"]["coordinates"] for x, _ in ring}

    # Half of a building 0.0005 degrees wide, in units of a tile that is 360 / 2^14 degrees wide.
    half = 0.00025 / (360 / 2**z) * vector.EXTENT
    assert max(columns(one, 0)) == pytest.approx(vector.EXTENT + half, abs=1)
    assert min(columns(two, vector.EXTENT)) == pytest.approx(vector.EXTENT - half, abs=1)


def test_what_is_too_small_to_see_is_left_out_alike_on_both_sides_of_an_edge(objects: Objects) -> None:
    z = 13
    tile = TMS.tile(*CENTRE, z)
    edge = TMS.bounds(tile).right
    for number in range(20):
        size = 2e-5 * (number + 1)
        wkt = square(edge - size / 2, 31.001 + number * 0.001, size)
        objects.put("building", geometry=wkt, column="footprint", code=f"S{number}", area_code=GRID[:12],
                    grid_code=GRID)
    both = [
        {feature["id"] for feature in features(objects.connection, "buildings", Address(z, x, tile.y))}
        for x in (tile.x, tile.x + 1)
    ]
    assert both[0] == both[1]
    assert 0 < len(both[0]) < 20


def test_a_tile_holds_only_what_the_jurisdiction_may_see(objects: Objects) -> None:
    objects.building("MINE", grid=GRID)
    objects.building("THEIRS", west=117.006, grid=OTHER_GRID)
    connection, where = objects.connection, address(*CENTRE, 15)
    assert len(features(connection, "buildings", where)) == 2
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope((GRID,)).literal()])
    assert [found["properties"]["code"] for found in features(connection, "buildings", where)] == ["MINE"]


def test_joined_layers_are_one_tile(objects: Objects) -> None:
    objects.grid()
    objects.building()
    body = vector.tile(objects.connection, ["grids", "buildings"], address(*CENTRE, 15), EXACT)
    decoded = mapbox_vector_tile.decode(body)
    assert {name: len(layer["features"]) for name, layer in decoded.items()} == {"grids": 1, "buildings": 1}


def test_a_grid_out_of_force_is_not_drawn(objects: Objects) -> None:
    grid_id = objects.grid()
    where = address(117.01, 31.01, 14)
    assert len(features(objects.connection, "grids", where)) == 1
    objects.connection.execute("UPDATE grid SET valid_to = now() + interval '1 s' WHERE id = %s", [grid_id])
    assert features(objects.connection, "grids", where) == []


@pytest.mark.parametrize(("values", "height"), [
    ({"height_m": 18.0, "floors_above": 5}, 18.0), ({"height_m": None, "floors_above": 5}, 15.0),
    ({"height_m": None, "floors_above": None}, 3.0), ({"height_m": None, "floors_above": 0}, 3.0)])
def test_an_unknown_height_is_drawn_from_storeys_or_as_one(objects: Objects, values: dict, height: float) -> None:
    objects.building(**values)
    (found,) = features(objects.connection, "buildings", address(*CENTRE, 16))
    assert found["properties"]["height_m"] == height


@pytest.mark.parametrize("place", [(-1, 0, 0), (0, 1, 0), (3, 0, 8), (3, -1, 0), (23, 0, 0)])
def test_an_address_outside_the_matrix_is_refused(place: tuple[int, int, int]) -> None:
    with pytest.raises(NotFound, match="no tile"):
        Address(*place)


@pytest.mark.parametrize("names", [["nope"], ["buildings", "buildings"], [""], ["buildings'; DROP TABLE grid --"]])
def test_a_name_that_is_no_layer_or_stands_twice_is_refused(connection, names: list[str]) -> None:
    with pytest.raises(NotFound):
        vector.tile(connection, names, Address(14, 0, 0), EXACT)


def test_names_and_codes_of_buildings_are_left_out_where_nobody_could_read_them(objects: Objects) -> None:
    objects.building("B1", name="一号楼")
    near, far = (features(objects.connection, "buildings", address(*CENTRE, z))[0] for z in (15, 13))
    assert {"name", "code", "grid_code"} <= set(near["properties"])
    assert set(far["properties"]) == {"use", "height_m", "base_m", "floors", "residents"}
    assert far["id"] == near["id"]
