"""Vector tiles over real rows."""

from datetime import UTC, datetime, timedelta

import mapbox_vector_tile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InvalidInput, NotFound
from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID, Objects, square
from tests.tiles.drawn import TMS, address, decoded, features, world_shape
from tiles import layers, thinning, vector
from tiles.layers import CLASSED, EXACT
from tiles.matrix import EXTENT, MAX_ZOOM
from tiles.vector import Address

PERSONAL = ("sealed", "phone", "id_number", "FROM resident", "keeper", "event.title", "event.place", "stream_url")
CENTRE = (117.00525, 31.00525)


def test_a_building_is_in_the_tile_that_holds_it_with_its_fields(objects: Objects) -> None:
    building_id = objects.building("B1", name="一号楼")
    objects.room(building_id, residents=3)
    (found,) = features(objects.connection, "buildings", address(*CENTRE, 16))
    assert found["id"] == building_id
    assert found["properties"] == {
        "code": "B1", "name": "一号楼", "use": "residential", "height_m": 18.0, "drawn_height_m": 18.0,
        "base_m": 0.0, "floors": 6, "residents": 3, "grid_code": GRID, "density": 0, "vacancy": 0,
    }


@pytest.mark.parametrize(("residents", "shown"), [(0, 0), (1, 1), (4, 1), (5, 5), (9, 5), (10, 10), (37, 10)])
def test_roles_without_exact_counts_get_residents_in_classes(objects: Objects, residents: int, shown: int) -> None:
    objects.room(objects.building(), residents=residents)
    (found,) = features(objects.connection, "buildings", address(*CENTRE, 16), CLASSED)
    assert found["properties"]["residents"] == shown


def test_a_grid_is_named_once_inside_it_however_many_tiles_it_reaches_into(objects: Objects) -> None:
    objects.grid()
    objects.grid(OTHER_GRID, west=117.02)
    for z in (12, 15, 16, 17):
        first, last = address(116.99, 31.03, z), address(117.05, 30.99, z)
        named: dict[str, list] = {}
        outlines: dict[str, int] = {}
        for x in range(first.x, last.x + 1):
            for y in range(first.y, last.y + 1):
                where = Address(z, x, y)
                tile = decoded(vector.build(objects.connection, ["grids"], where, EXACT).body)
                shapes = {found["properties"]["code"]: world_shape(found, where) for found in tile.get("grids", [])}
                for code in shapes:
                    outlines[code] = outlines.get(code, 0) + 1
                for point in tile.get("grids_names", []):
                    assert set(point["properties"]) == {"code"}
                    code = point["properties"]["code"]
                    named.setdefault(code, []).append(world_shape(point, where).within(shapes[code]))
        assert named == {GRID: [True], OTHER_GRID: [True]}, z
        if z > 15:
            assert min(outlines.values()) > 1


def test_no_field_of_any_layer_reads_a_sealed_column_or_a_person(objects: Objects) -> None:
    for layer in layers.LAYERS:
        for z in range(layer.lowest, MAX_ZOOM + 1):
            for field_class in (EXACT, CLASSED):
                texts = vector.statement(layer.name, z, field_class) + thinning.statement(layer, z, field_class)
                assert not any(word in texts for word in PERSONAL)


@pytest.mark.parametrize("name", list(layers.BY_NAME))
def test_every_layer_answers_at_every_zoom_from_its_first_and_is_empty_before(name: str, connection) -> None:
    layer = layers.layer(name)
    for z in range(layer.lowest, MAX_ZOOM + 1):
        for at in (None, datetime.now(UTC)) if layer.where_at else (None,):
            built = vector.build(connection, [name], Address(z, 0, 0), EXACT, at)
            assert (built.body, built.features, built.codes) == (b"", 0, frozenset())
            assert [part.layer for part in built.parts] == [name]
        statement = thinning.statement(layer, z, CLASSED)
        (body, *_) = connection.execute(statement, thinning.parameters(layer, Address(z, 0, 0), 50_000)).fetchone()
        assert body == b""
    if layer.lowest:
        built = vector.build(connection, [name], Address(layer.lowest - 1, 0, 0), EXACT)
        assert (built.body, built.parts) == (b"", ())


@pytest.mark.parametrize("z", [16, 17, 18, 22])
def test_a_layer_answers_beyond_the_zoom_that_it_declares(objects: Objects, z: int) -> None:
    building_id = objects.building()
    (found,) = features(objects.connection, "buildings", address(*CENTRE, z))
    assert found["id"] == building_id


@pytest.mark.parametrize(("name", "table", "values", "shown"), [
    ("organisations", "organisation", {"code": "91999001MA0000001X", "name": "望江超市", "industry": "retail"},
     {"code": "91999001MA0000001X", "name": "望江超市", "industry": "retail"}),
    ("facilities", "facility", {"code": "F1", "class_code": "0101", "name": "井盖"},
     {"code": "F1", "class_code": "0101", "name": "井盖", "state": "normal"}),
    ("devices", "device", {"code": "D1", "kind": "smoke", "name": "烟感", "floor": 3, "z_m": 7.5},
     {"code": "D1", "kind": "smoke", "name": "烟感", "floor": 3, "z_m": 7.5}),
    ("events", "event", {"code": "E1", "class_code": "0101", "title": "张三 13800138000", "place": "张三家",
                         "occurred_at": datetime(2026, 1, 2, tzinfo=UTC)},
     {"code": "E1", "class_code": "0101", "origin": "patrol", "state": "open", "occurred_at": 1767312000}),
])
def test_a_point_is_in_its_tile_with_its_fields(
    objects: Objects, name: str, table: str, values: dict, shown: dict
) -> None:
    where = address(*CENTRE, 16)
    feature_id = objects.put(table, geometry=f"POINT({CENTRE[0]} {CENTRE[1]})", area_code=GRID[:12], grid_code=GRID,
                             **values)
    built = vector.build(objects.connection, [name], where, EXACT)
    (found,) = features(objects.connection, name, where)
    assert (found["id"], found["properties"]) == (feature_id, shown)
    assert built.codes == {GRID}


def test_an_entrance_is_drawn_and_a_unit_without_one_is_not(objects: Objects) -> None:
    building_id = objects.building()
    place = {"building_id": building_id, "area_code": GRID[:12], "grid_code": GRID}
    unit_id = objects.put("unit", geometry=f"POINT({CENTRE[0]} {CENTRE[1]})", column="entrance", number="1", floors=6,
                          **place)
    objects.put("unit", number="2", **place)
    (found,) = features(objects.connection, "units", address(*CENTRE, 16))
    assert (found["id"], found["properties"]) == (unit_id, {"building_id": building_id, "number": "1", "floors": 6})


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
    half = 0.00025 / (360 / 2**z) * EXTENT
    assert max(columns(one, 0)) == pytest.approx(EXTENT + half, abs=1)
    assert min(columns(two, EXTENT)) == pytest.approx(EXTENT - half, abs=1)


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
    built = vector.build(objects.connection, ["grids", "places", "buildings"], address(*CENTRE, 15), EXACT)
    decoded = mapbox_vector_tile.decode(built.body)
    assert {name: len(layer["features"]) for name, layer in decoded.items()} == {"grids": 1, "buildings": 1}
    assert [(part.layer, part.features, part.hidden) for part in built.parts] == [
        ("grids", 1, 0), ("places", 0, 0), ("buildings", 1, 0)]
    assert sum(part.bytes for part in built.parts) == len(built.body)


def test_the_codes_of_a_tile_are_the_grids_of_all_its_objects(objects: Objects) -> None:
    objects.grid()
    objects.building("MINE", grid=GRID)
    objects.building("THEIRS", west=117.006, grid=OTHER_GRID)
    where = address(*CENTRE, 15)
    assert vector.build(objects.connection, ["grids"], where, EXACT).codes == {GRID}
    assert vector.build(objects.connection, ["grids", "buildings"], where, EXACT).codes == {GRID, OTHER_GRID}


def test_a_grid_out_of_force_is_not_drawn(objects: Objects) -> None:
    grid_id = objects.grid()
    where = address(117.01, 31.01, 14)
    assert len(features(objects.connection, "grids", where)) == 1
    objects.connection.execute("UPDATE grid SET valid_to = now() + interval '1 s' WHERE id = %s", [grid_id])
    assert features(objects.connection, "grids", where) == []


def test_the_picture_of_an_instant_shows_the_grids_that_were_in_force_then(objects: Objects) -> None:
    old, new = objects.grid(size=0.02), objects.grid(size=0.01, code=OTHER_GRID)
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    objects.connection.execute("UPDATE grid SET valid_from = %s, valid_to = %s WHERE id = %s",
                               [noon - timedelta(days=1), noon, old])
    objects.connection.execute("UPDATE grid SET valid_from = %s, code = %s, area_code = %s, grid_code = %s "
                               "WHERE id = %s", [noon, GRID, GRID[:12], GRID, new])
    where = address(117.005, 31.005, 14)

    def shown(at: datetime | None) -> list[int]:
        body = vector.build(objects.connection, ["grids"], where, EXACT, at).body
        return [found["id"] for found in mapbox_vector_tile.decode(body)["grids"]["features"]] if body else []

    assert shown(noon - timedelta(days=2)) == []
    assert shown(noon - timedelta(seconds=1)) == [old]
    assert shown(noon) == shown(noon + timedelta(days=900)) == shown(None) == [new]


def test_an_instant_is_refused_where_no_layer_has_a_history_and_leaves_the_others_as_they_are(objects: Objects) -> None:
    with pytest.raises(InvalidInput) as refused:
        vector.build(objects.connection, ["roads", "buildings"], Address(14, 0, 0), EXACT, datetime.now(UTC))
    assert [message for _, message in refused.value.faults] == [
        "layer roads has no history", "layer buildings has no history"]
    assert "grids" in refused.value.cure
    objects.building()
    where = address(*CENTRE, 15)
    dated = vector.build(objects.connection, ["grids", "buildings"], where, EXACT, datetime.now(UTC))
    assert dated.body == vector.build(objects.connection, ["buildings"], where, EXACT).body


@pytest.mark.parametrize(("values", "height"), [
    ({"height_m": 18.0, "floors_above": 5}, 18.0), ({"height_m": None, "floors_above": 5}, 15.0),
    ({"height_m": None, "floors_above": None}, 3.0), ({"height_m": None, "floors_above": 0}, 3.0)])
def test_an_unknown_height_is_drawn_from_storeys_or_as_one_and_is_none_itself(
        objects: Objects, values: dict, height: float) -> None:
    objects.building(**values)
    (found,) = features(objects.connection, "buildings", address(*CENTRE, 16))
    assert found["properties"]["drawn_height_m"] == height
    known = {name: value for name, value in found["properties"].items() if name == "height_m"}
    assert known == ({} if values["height_m"] is None else {"height_m": values["height_m"]})


@pytest.mark.parametrize("place", [(-1, 0, 0), (0, 1, 0), (3, 0, 8), (3, -1, 0), (23, 0, 0)])
def test_an_address_outside_the_matrix_is_refused(place: tuple[int, int, int]) -> None:
    with pytest.raises(NotFound, match="no tile"):
        Address(*place)


@pytest.mark.parametrize(("names", "said"), [
    (["nope"], ["'nope'"]), ([], ["of 0 layers"]), ([""], ["no layer ''"]), (["x" * 5000], ["'" + "x" * 40 + "'"]),
    (["roads", "nope", "roads", "neither"], ["'nope'", "'neither'", "'roads' twice"]),
    (["buildings'; DROP TABLE grid --"], ["DROP"]), (["roads"] * 1000, ["of 1000 layers"])])
def test_all_that_is_wrong_with_the_names_of_layers_is_said_at_once(names: list[str], said: list[str]) -> None:
    with pytest.raises(NotFound) as refused:
        vector.checked(names)
    assert all(words in refused.value.what for words in said)
    assert "buildings" in refused.value.cure
    assert len(str(refused.value)) < 600


def test_a_tile_of_names_that_are_no_layers_is_refused_before_the_database_is_asked(connection) -> None:
    with pytest.raises(NotFound, match="nope"):
        vector.build(connection, ["nope"], Address(14, 0, 0), EXACT)


def test_the_fingerprint_tells_layers_and_declarations_apart_and_stays_the_same_otherwise(monkeypatch) -> None:
    prints = {vector.fingerprint([name]) for name in layers.BY_NAME}
    assert len(prints) == len(layers.LAYERS)
    assert vector.fingerprint(["roads", "water"]) != vector.fingerprint(["water", "roads"])
    assert vector.fingerprint(["roads"]) == vector.fingerprint(("roads",))
    before = vector.fingerprint(["roads"])
    monkeypatch.setattr(vector, "BUDGET", 1)
    assert vector.fingerprint(["roads"]) != before


grids = st.builds(lambda count, step: frozenset(f"9{n * step % 10**14:014}" for n in range(count)),
                  st.integers(0, 2000), st.integers(1, 10**12))
jurisdictions = st.lists(st.integers(2, 15).flatmap(lambda size: st.sampled_from("0123456789").map(
    lambda digit: ("9" + "0" * 14)[:size - 1] + digit)), max_size=4).map(lambda found: Scope(tuple(found)))


@given(grids, jurisdictions)
def test_many_codes_are_shortened_so_that_no_jurisdiction_seems_to_cover_what_it_does_not(codes, scope) -> None:
    short = vector.shortened(codes)
    assert len(short) <= vector.MOST_CODES
    assert short == codes or len(codes) > vector.MOST_CODES
    assert all(any(code.startswith(beginning) for beginning in short) for code in codes)
    if short and all(scope.covers(beginning) for beginning in short):
        assert all(scope.covers(code) for code in codes)


@given(st.lists(st.integers(0, 10_000), max_size=12), st.integers(0, 50_000))
def test_a_budget_is_shared_so_that_none_gets_more_than_it_needs_and_those_cut_get_alike(needs, budget) -> None:
    allowed = vector.shares(needs, budget)
    assert sum(allowed) <= budget
    assert all(share <= need for share, need in zip(allowed, needs, strict=True))
    cut = [share for share, need in zip(allowed, needs, strict=True) if share < need]
    assert not cut or max(cut) - min(cut) <= 1
    assert not cut or min(cut) >= max((share for share in allowed if share not in cut), default=0) - 1
    assert bool(cut) == (sum(needs) > budget)


def test_few_statements_serve_all_zooms_so_that_a_connection_keeps_them_prepared() -> None:
    texts = {vector.statement(layer.name, z, field_class) for layer in layers.LAYERS
             for z in range(layer.lowest, MAX_ZOOM + 1) for field_class in (EXACT, CLASSED)}
    assert len(texts) < 40


def test_names_and_codes_of_buildings_are_left_out_where_nobody_could_read_them(objects: Objects) -> None:
    objects.building("B1", name="一号楼")
    near, far = (features(objects.connection, "buildings", address(*CENTRE, z))[0] for z in (15, 13))
    assert {"name", "code", "grid_code", "height_m"} <= set(near["properties"])
    assert set(far["properties"]) == {"use", "drawn_height_m", "base_m", "floors", "residents", "density"}
    assert far["id"] == near["id"]
