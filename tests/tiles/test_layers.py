"""What layers are declared to read, held against the database: no change of it may leave a tile as it was."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
import pytest

from spatial.cells import DEEPEST
from spatial.queries import cells as sums
from tiles import cells, features, thinning
from tiles.layers import CLASSED, EXACT, LAYERS, Layer
from tiles.matrix import MAX_ZOOM, Address

NOW = datetime(2026, 11, 1, tzinfo=UTC)

EVERY_STATEMENT = ("insert", "update", "delete", "truncate")

# Rows: table, and name and bit of each statement trigger's event, whether it fires, and the function's text.
TRIGGERS = """
SELECT tgrelid::regclass::text, event, tgenabled = 'O', prosrc
FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid,
     (VALUES ('insert', 4), ('delete', 8), ('update', 16), ('truncate', 32)) AS events (event, bit)
WHERE NOT tgisinternal AND tgtype & bit <> 0 AND tgtype & 1 = 0 AND prosrc ~ 'shapan_tell_tiles'
"""

# Rows: table and column that a view reads. Parameters: the view.
READ = """
SELECT DISTINCT refobjid::regclass::text, attname FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid
JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
WHERE classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass AND ev_class = %s::regclass
  AND refobjid <> ev_class
"""


class Told(NamedTuple):
    """What a table's triggers tell: of which layer, from and to which zoom, after a change of which columns."""

    layer: str
    minzoom: int
    maxzoom: int
    compared: frozenset[str]


@pytest.fixture
def told(connection: psycopg.Connection) -> dict[str, set[Told]]:
    """Return what each table tells after every kind of statement."""
    found: dict[str, dict[Told, set[str]]] = defaultdict(lambda: defaultdict(set))
    for table, event, fires, text in connection.execute(TRIGGERS):
        layer, minzoom, maxzoom = re.search(r"shapan_tell_tiles\('(\w+)', (\d+), (\d+), spans\)", text).groups()
        row, tally = re.search(r"DISTINCT FROM ROW\((.*?)\)|\(SELECT ([\w, ]+) FROM new_rows EXCEPT", text).groups()
        compared = frozenset(name.removeprefix("n.").strip('"') for name in (row or tally).split(", "))
        if fires:
            found[table][Told(layer, int(minzoom), int(maxzoom), compared)].add(event)
    return {table: {one for one, events in tells.items() if events == set(EVERY_STATEMENT)}
            for table, tells in found.items()}


def statements(layer: Layer) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every statement by which a layer's objects get into tiles, with what it is bound to."""
    seen = set()
    for z in range(layer.minzoom, MAX_ZOOM + 1):
        for field_class in (EXACT, CLASSED):
            for at in (None, NOW):
                for module, more in ((features, ()), (thinning, (500_000,))):
                    text = module.statement(layer, z, field_class, at is not None)
                    if text not in seen:
                        seen.add(text)
                        yield text, module.parameters(layer, Address(z, 0, 0), *more, at=at)


def read(connection: psycopg.Connection, text: str, bound: dict[str, Any]) -> set[tuple[str, str]]:
    """Return table and column of all that a statement reads, as the database understands it."""
    columns = len(psycopg.Cursor(connection).execute(text, bound).description)
    names = ", ".join(f"column_{number}" for number in range(columns))
    psycopg.ClientCursor(connection).execute(f"CREATE TEMP VIEW what_is_read ({names}) AS {text}", bound)
    found = set(connection.execute(READ, ["what_is_read"]).fetchall())
    connection.execute("DROP VIEW what_is_read")
    return found


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_change_of_anything_that_a_layer_reads_is_told_in_all_its_zooms(
        connection: psycopg.Connection, told: dict[str, set[Told]], layer: Layer):
    """A new layer, or a column that it shows, needs a migration that calls ``shapan_tells_tiles``."""
    found = set().union(*(read(connection, *statement) for statement in statements(layer)))
    assert (layer.table, "geom_web") in found
    for table in {table for table, _ in found}:
        tells = [one for one in told.get(table, ()) if one.layer == layer.name]
        assert tells, f"{table} does not tell {layer.name}: a migration must call shapan_tells_tiles"
        assert min(one.minzoom for one in tells) <= layer.minzoom, table
        assert max(one.maxzoom for one in tells) == DEEPEST == MAX_ZOOM
        # An id never changes.
        assert {name for where, name in found if where == table} - {"id"} <= set().union(
            *(one.compared for one in tells)), table


def test_layers_with_cells_are_those_whose_sums_are_kept_and_end_where_their_objects_begin():
    kept = {table.layer: (table.name, table.maxzoom) for table in sums.TABLES}
    assert kept == {layer.name: (layer.cells.table, layer.minzoom - 1) for layer in LAYERS if layer.cells}


@pytest.mark.parametrize("table", sums.TABLES, ids=lambda table: table.name)
def test_a_change_of_anything_that_is_summed_by_cell_is_told(
        connection: psycopg.Connection, told: dict[str, set[Told]], table: sums.CellTable):
    values = ", ".join(value for value, _ in table.sums.values())
    found = read(connection, f"SELECT {values}, {table.table}.geom_web, {table.table}.area_code, "
                             f"{table.table}.grid_code FROM {table.source}", {})
    for name in {name for name, _ in found}:
        # The job follows what rows tell, and these alone tell of the deepest zoom.
        compared = set().union(*(one.compared for one in told.get(name, ())
                                 if (one.layer, one.maxzoom) == (table.layer, DEEPEST)))
        assert {column for where, column in found if where == name} - {"id"} <= compared, name


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer.cells], ids=lambda layer: layer.name)
def test_cells_show_nothing_but_sums_that_are_kept(connection: psycopg.Connection, layer: Layer):
    (table,) = [table for table in sums.TABLES if table.layer == layer.name]
    found = read(connection, cells.statement(layer, CLASSED), cells.parameters(Address(0, 0, 0)))
    kept = {"z", "x", "y", "area_code", "grid_code", *table.sums}
    assert found == {(table.name, column) for column in kept}
