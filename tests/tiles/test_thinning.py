"""Tiles that are too full: what stays, what goes, and that both sides of an edge agree on it."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, combinations

import mapbox_vector_tile
import psycopg
import pytest

from spatial.cells import REACH
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.tiles.drawn import TMS, decoded
from tiles import features, layers, thinning, vector
from tiles.layers import CLASSED, EXACT
from tiles.matrix import EXTENT
from tiles.vector import BUDGET, Address, Built

CORNER = TMS.bounds(6757, 3351, 13)
"""Where four tiles meet, at zoom 13 and at every higher one: its north-western corner."""

WEST, NORTH = CORNER.left, CORNER.top

# Points around the corner, three quarters of them to the west of it; one in five is not done.
EVENTS = """
INSERT INTO event (source, source_key, content_hash, code, class_code, state, title, geom, area_code, grid_code,
                   occurred_at)
SELECT 'crowd', n, '', 'E' || n, lpad((n %% 40)::text, 4, '0'), CASE n %% 5 WHEN 0 THEN 'open' ELSE 'done' END, 'x',
       ST_SetSRID(ST_MakePoint(%(west)s + (x - 0.75) * 0.02, %(north)s + (y - 0.5) * 0.02), 4490),
       '999001001001', '99900100100100' || n %% 7, timestamptz '2026-01-01' + n * interval '1 min'
FROM (SELECT n, n * 0.7548776662 - floor(n * 0.7548776662) AS x, n * 0.5698402910 - floor(n * 0.5698402910) AS y
      FROM generate_series(1, 45000) AS n) AS place
"""

# Outlines of 30 to 40 metres that overlap, nearly all of them to the south-west of the corner, some across the edges.
BUILDINGS = """
INSERT INTO building (source, source_key, content_hash, code, name, footprint, height_m, area_code, grid_code)
SELECT 'crowd', n, '', 'B' || n, n || '号楼',
       ST_Multi(ST_MakeEnvelope(lon, lat, lon + size, lat + size, 4490)), 1 + n * 0.001, '999001001001',
       '99900100100100' || n %% 7
FROM (SELECT n, %(west)s - 0.0155 + x * 0.016 AS lon, %(north)s - 0.0135 + y * 0.014 AS lat,
             0.0003 + (n %% 100) * 0.000001 AS size
      FROM (SELECT n, n * 0.7548776662 - floor(n * 0.7548776662) AS x, n * 0.5698402910 - floor(n * 0.5698402910) AS y
            FROM generate_series(1, 18000) AS n) AS place) AS outline
"""


@pytest.fixture(scope="module")
def crowd(shared_database: OwnDatabase) -> Iterator[psycopg.Connection]:
    """Yield a connection within a transaction that holds more events and buildings than a tile can."""
    with psycopg.connect(shared_database.addresses.app) as connection:
        connection.execute("SELECT set_config('shapan.scope', %s, false)", [Scope.everything().literal()])
        # The crowd is not what is tested, however long it takes to come.
        connection.execute("SET LOCAL statement_timeout = 0")
        for statement in (EVENTS, BUILDINGS):
            connection.execute(statement, {"west": WEST, "north": NORTH})
        yield connection
        connection.rollback()


def around(z: int) -> list[Address]:
    """Return the four tiles that meet in the corner: north-west, north-east, south-west, south-east."""
    tile = TMS.tile(WEST + 1e-9, NORTH - 1e-9, z)
    return [Address(z, x, y) for y in (tile.y - 1, tile.y) for x in (tile.x - 1, tile.x)]


def ids(built: Built, name: str) -> set[int]:
    return {feature["id"] for feature in decoded(built.body).get(name, [])}


def thinned(connection: psycopg.Connection, name: str, where: Address, budget: int) -> tuple[set[int], int, int]:
    """Return the ids that a budget leaves of a layer's tile, how many it hides, and its bytes."""
    layer = layers.layer(name)
    body, _, hidden, _ = connection.execute(
        thinning.statement(layer, where.z, EXACT), thinning.parameters(layer, where, budget)).fetchone()
    return {feature["id"] for feature in decoded(body).get(name, [])}, hidden, len(body)


def all_ids(connection: psycopg.Connection, name: str, where: Address) -> set[int]:
    """Return the ids that a tile would show if it had no limit."""
    layer = layers.layer(name)
    statement = features.statement(layer, where.z, EXACT).replace(f"LIMIT {features.GUARD}", "LIMIT 1000000")
    body = connection.execute(statement, features.parameters(layer, where)).fetchone()[0]
    return {feature["id"] for feature in decoded(body).get(name, [])}


@pytest.mark.parametrize(("name", "z"), [("events", 14), ("events", 15), ("buildings", 13), ("buildings", 14),
                                         ("buildings", 15)])
def test_a_crowded_tile_keeps_its_budget_and_nothing_goes_uncounted(crowd: psycopg.Connection, name: str, z: int):
    tiles = {where: vector.build(crowd, [name], where, EXACT) for where in around(z)}
    assert max(len(built.body) for built in tiles.values()) > BUDGET * 0.6, "the budget is put to use"
    assert all(len(built.body) <= BUDGET for built in tiles.values())
    shown = set().union(*(ids(built, name) for built in tiles.values()))
    hidden = sum(part.hidden for built in tiles.values() for part in built.parts)
    total = set().union(*(all_ids(crowd, name, where) for where in around(z)))
    assert hidden > 0
    assert len(shown) + hidden == len(total)
    assert shown <= total


@pytest.mark.slow
@pytest.mark.parametrize("budget", [10_000, 40_000, 80_000])
@pytest.mark.parametrize(("name", "z"), [("events", 14), ("events", 16), ("buildings", 13), ("buildings", 16)])
def test_any_budget_is_kept_and_the_larger_it_is_the_more_is_shown(
    crowd: psycopg.Connection, name: str, z: int, budget: int
) -> None:
    where = around(z)[2]
    kept, hidden, size = thinned(crowd, name, where, budget)
    assert budget * 0.4 < size <= budget
    assert hidden > 0
    assert len(kept) < len(thinned(crowd, name, where, budget * 2)[0])


def test_what_is_hidden_stands_in_the_tile_at_its_centre(crowd: psycopg.Connection) -> None:
    where = around(15)[2]
    built = vector.build(crowd, ["buildings"], where, EXACT)
    (point,) = mapbox_vector_tile.decode(built.body)["buildings_hidden"]["features"]
    assert point["geometry"] == {"type": "Point", "coordinates": [2048, 2048]}
    assert point["properties"] == {"hidden": built.parts[0].hidden}
    assert built.parts[0].features == built.features == len(ids(built, "buildings"))


@pytest.mark.parametrize("name", ["events", "buildings"])
@pytest.mark.parametrize("budgets", [(350_000, 350_000), (350_000, BUDGET)])
def test_two_tiles_agree_on_what_lies_in_both_whatever_their_budgets(
    crowd: psycopg.Connection, name: str, budgets: tuple[int, int]
) -> None:
    west, east = around(14)[2:]
    both = all_ids(crowd, name, west) & all_ids(crowd, name, east)
    assert len(both) > 20
    for where, budget in zip((west, east), budgets, strict=True):
        kept, hidden, size = thinned(crowd, name, where, budget)
        assert both <= kept
        assert size <= budget
    assert thinned(crowd, name, west, budgets[0])[1] > 0


def test_two_tiles_agree_when_only_one_of_them_is_too_full(crowd: psycopg.Connection) -> None:
    west, east = around(14)[2:]
    one, other = (vector.build(crowd, ["buildings"], where, EXACT) for where in (west, east))
    assert one.parts[0].hidden > 0
    assert other.parts[0].hidden == 0
    both = all_ids(crowd, "buildings", west) & all_ids(crowd, "buildings", east)
    assert len(both) > 20
    assert both <= ids(one, "buildings")
    assert both <= ids(other, "buildings")


@pytest.mark.parametrize("budget", [20_000, 40_000, 60_000, 120_000])
def test_full_tiles_show_the_same_along_the_edges_between_them(crowd: psycopg.Connection, budget: int) -> None:
    tile = TMS.tile(WEST - 0.005, NORTH - 0.005, 15)
    block = [Address(15, x, y) for x in range(tile.x - 1, tile.x + 2) for y in range(tile.y - 1, tile.y + 2)]
    whole = {where: all_ids(crowd, "events", where) for where in block}
    built = {where: thinned(crowd, "events", where, budget) for where in block}
    in_tiles = Counter(chain.from_iterable(whole.values()))
    left_out = 0
    for one, other in combinations([where for where in block if built[where][1] > 0], 2):
        # At the rim of the block some of these reach a third tile that is not looked at: they are in all of them.
        between = {each for each in whole[one] & whole[other] if in_tiles[each] == 2}
        kept = built[one][0] & between
        assert kept == built[other][0] & between
        left_out += len(between - kept)
    assert (left_out > 0) == (budget < 100_000)


@pytest.mark.parametrize(("name", "z"), [("events", 15), ("buildings", 15)])
def test_a_full_tile_is_the_same_however_the_rows_lie_in_the_table(
    crowd: psycopg.Connection, name: str, z: int
) -> None:
    where = around(z)[2]
    first = vector.build(crowd, [name], where, EXACT)
    assert first.parts[0].hidden > 0
    with crowd.transaction(force_rollback=True):
        table = layers.layer(name).table
        crowd.execute(f"UPDATE {table} SET content_hash = 'moved' WHERE id % 3 = 1")
        assert vector.build(crowd, [name], where, EXACT).body == first.body


def test_what_matters_most_stays(crowd: psycopg.Connection) -> None:
    where = around(14)[2]
    shown = ids(vector.build(crowd, ["events"], where, EXACT), "events")
    ranked = [found for (found,) in crowd.execute(
        "SELECT id FROM event WHERE geom_web @ ST_TileEnvelope(%s, %s, %s, margin => -80 / 4096.0) "
        "ORDER BY state = 'done', occurred_at DESC", [where.z, where.x, where.y])]
    inside = shown & set(ranked)
    assert 0 < len(inside) < len(ranked)
    assert inside == set(ranked[:len(inside)])


def test_layers_of_one_tile_share_the_budget_and_who_needs_little_leaves_it_to_the_others(
    crowd: psycopg.Connection
) -> None:
    where = around(15)[2]
    built = vector.build(crowd, ["events", "roads", "buildings"], where, CLASSED)
    events, roads, buildings = built.parts
    assert (roads.bytes, roads.hidden) == (0, 0)
    assert len(built.body) <= BUDGET
    assert min(events.bytes, buildings.bytes) > BUDGET / 2 * 0.6
    assert events.hidden > 0
    assert buildings.hidden > 0
    # What was asked for each is told: all of it, and then what matters most in its share.
    assert [len(part.asked) for part in (events, roads, buildings)] == [2, 1, 2]
    assert events.asked[-1][1]["budget"] + buildings.asked[-1][1]["budget"] <= BUDGET
    assert built.body == vector.build(crowd, ["events", "roads", "buildings"], where, CLASSED).body


def test_the_codes_of_a_full_tile_are_those_of_the_hidden_too(crowd: psycopg.Connection) -> None:
    where = around(14)[2]
    built = vector.build(crowd, ["events"], where, EXACT)
    assert built.parts[0].hidden > 0
    assert built.codes == {f"99900100100100{n}" for n in range(7)}


def test_bytes_that_were_estimated_too_low_are_thinned_again(crowd: psycopg.Connection) -> None:
    with crowd.transaction(force_rollback=True):
        # A shared property whose values are all different weighs more than was reckoned with.
        crowd.execute("UPDATE event SET class_code = md5(id::text) || md5(code)")
        built = vector.build(crowd, ["events"], around(14)[2], EXACT)
    assert len(built.body) <= BUDGET
    assert built.parts[0].hidden > 0


def test_a_full_tile_does_not_take_longer_where_statistics_say_that_the_table_is_empty(
    crowd: psycopg.Connection, shared_database: OwnDatabase
) -> None:
    with psycopg.connect(shared_database.addresses.owner, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE event")  # sees none of the rows of a transaction that has not ended
        (rows,) = owner.execute("SELECT reltuples FROM pg_class WHERE oid = 'event'::regclass").fetchone()
    assert rows == 0
    layer, where = layers.layer("events"), around(15)[2]
    plan = "\n".join(line for (line,) in crowd.execute(
        "EXPLAIN (ANALYZE, TIMING OFF) " + thinning.statement(layer, where.z, EXACT),
        thinning.parameters(layer, where, BUDGET)))
    looked_up = plan[plan.index("CTE drawn"):plan.index("CTE shown")]
    assert re.search(r"CTE Scan on chosen .*loops=1\)", looked_up)


def test_no_feature_is_looked_at_from_further_away_than_a_change_is_told() -> None:
    for layer in layers.LAYERS:
        assert layer.buffer + thinning.SLACK <= REACH * EXTENT, layer.name
