"""Orders of features: what has no value comes last, and an index gives the order where there is one."""

import psycopg
import pytest

from spatial.queries import features
from spatial.queries.features import Wanted
from tests.fixtures.objects import GRID, Objects
from webmap.ogc.collections import collection


@pytest.mark.parametrize(("layer", "name", "index"), [
    ("events", "occurred_at", "event_occurred_at_idx"), ("events", "code", "event_code_idx"),
    ("buildings", "code", "building_code_key"), ("devices", "code", "device_code_key"),
])
@pytest.mark.parametrize("down", [True, False])
def test_the_order_of_a_column_without_nulls_comes_from_its_index(
    connection: psycopg.Connection, layer: str, name: str, index: str, down: bool
) -> None:
    found = collection(layer, "exact")
    text, values = features.page_statement(found.source, Wanted(order=((found.properties[name].sql, down),)))
    connection.execute("SET LOCAL enable_seqscan = off")
    plan = "\n".join(line for line, in connection.execute(b"EXPLAIN " + text.as_bytes(connection), values))
    assert f"Index Scan {'Backward ' if down else ''}using {index}" in plan, plan


def test_what_has_no_value_comes_last_in_either_direction(connection: psycopg.Connection, objects: Objects) -> None:
    for code, deadline in (("NONE", None), ("EARLY", "2026-11-01T00:00:00Z"), ("LATE", "2026-11-02T00:00:00Z")):
        objects.put("event", geometry="POINT(117.001 31.002)", code=code, class_code="0102", title="积水",
                    occurred_at="2026-10-31T00:00:00Z", deadline=deadline, area_code=GRID[:12], grid_code=GRID)
    events = collection("events", "exact")
    for down, expected in ((True, ["LATE", "EARLY", "NONE"]), (False, ["EARLY", "LATE", "NONE"])):
        wanted = Wanted(order=((events.properties["deadline"].sql, down),))
        found = features.page(connection, events.source, wanted)
        assert [feature.properties["code"] for feature in found] == expected
