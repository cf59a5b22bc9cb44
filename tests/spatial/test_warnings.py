"""Warnings on record: places, fates in any order of arrival, the clock, whom they concern."""

import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import shapely

from spatial import outbox
from spatial.errors import InvalidInput
from spatial.jobs import warnings as job
from spatial.queries import cells, warning_messages, warning_places, warnings
from spatial.queries.warning_messages import BeyondJurisdiction, Content, Notice
from spatial.rules import danger_areas
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID, Objects, square
from tests.fixtures.waiting import until

NOW = datetime.now(UTC)
ALL = shapely.box(116.9, 30.9, 117.1, 31.1)
SECOND = shapely.box(117.021, 31.001, 117.03, 31.01)


def content(shape: shapely.Polygon = ALL, **values: Any) -> Content:
    made = {"categories": ["Met"], "event": "暴雨", "urgency": "Immediate", "severity": "Severe", "certainty": "Likely",
            "language": "zh-CN", "headline": "暴雨橙色预警", "description": "三小时内将有暴雨", "instruction": None,
            "texts": [], "area_desc": "望江街道", "begins_at": NOW - timedelta(hours=1),
            "ends_at": NOW + timedelta(hours=1), "shapes": [shape], "codes": {}}
    return Content(**{**made, **values})


def notice(identifier: str, minutes: int = 0, msg_type: str = "Alert", *refers_to: str, **values: Any) -> Notice:
    return Notice("met", identifier, NOW + timedelta(minutes=minutes - 60), values.pop("status", "Actual"), msg_type,
                  frozenset(f"met,{other}" for other in refers_to),
                  None if msg_type == "Cancel" else content(**values))


def take(connection: psycopg.Connection, *args: Any, **values: Any) -> warning_messages.Outcome:
    return warning_messages.take(connection, notice(*args, **values), "gw")


def told(connection: psycopg.Connection) -> list[tuple[str, str, list[str]]]:
    rows = connection.execute("SELECT object, payload->>'state', places FROM outbox WHERE kind = 'warning' ORDER BY id")
    return rows.fetchall()


def steps(connection: psycopg.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT step FROM warning_step ORDER BY id")]


def set_scope(connection: psycopg.Connection, *prefixes: str) -> None:
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope(prefixes).literal()])


@pytest.fixture
def town(objects: Objects) -> psycopg.Connection:
    """Two communities side by side; the first has two grids, the second one."""
    objects.community()
    objects.community(OTHER_COMMUNITY, west=117.02)
    objects.grid(size=0.01)
    objects.grid(COMMUNITY + "002", west=117.01, size=0.01)
    objects.grid(OTHER_GRID, west=117.02)
    return objects.connection


def test_a_warning_belongs_to_the_places_it_touches_and_an_edge_is_no_touch(town: psycopg.Connection) -> None:
    def places(*box: float) -> list[str]:
        return warning_places.touched(town, shapely.MultiPolygon([shapely.box(*box)]))

    assert places(116.9, 30.9, 117.1, 31.1) == [COMMUNITY, OTHER_COMMUNITY]
    assert places(117.002, 31.002, 117.004, 31.004) == [COMMUNITY + "000", GRID]
    assert places(117.0, 31.0, 117.01, 31.01) == [COMMUNITY + "000", GRID]
    assert places(117.0, 31.015, 117.01, 31.018) == [COMMUNITY + "000"]
    assert places(118, 31, 119, 32) == []


@pytest.mark.parametrize(("prefixes", "seen"), [
    ((GRID,), False), ((OTHER_GRID,), True), ((COMMUNITY,), False), (("999001001",), True), (("*",), True), ((), False),
    ((OTHER_COMMUNITY + "002",), True), (("998",), False), ((GRID, OTHER_GRID), True)])
def test_whoever_is_responsible_for_a_part_of_the_area_sees_the_warning_its_steps_and_its_change(
        town: psycopg.Connection, prefixes: tuple[str, ...], seen: bool) -> None:
    take(town, "a", shape=SECOND)
    assert told(town) == [(told(town)[0][0], "in_force", [OTHER_COMMUNITY])]
    set_scope(town, *prefixes)
    found = len(warnings.in_state(town, "in_force", ["Actual"], 0, 10))
    changes = [outbox.Change(1, "warning", "", "0" * 15, {}, NOW, places) for *_, places in told(town)]
    assert (found, len(steps(town)), len(changes)) == ((1, 1, 1) if seen else (0, 0, 0))
    assert outbox.Change(1, "warning", "", "0" * 15, {}, NOW, [OTHER_COMMUNITY]).within(Scope(prefixes)) is seen


def test_a_part_of_a_warning_may_be_seen_and_not_ended(town: psycopg.Connection) -> None:
    take(town, "a")
    set_scope(town, OTHER_COMMUNITY)
    with pytest.raises(BeyondJurisdiction, match="met,a"), town.transaction():
        take(town, "b", 10, "Cancel", "a")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"), town.transaction():
        town.execute("UPDATE warning SET headline = 'x'")
    set_scope(town, "998")
    with pytest.raises(BeyondJurisdiction, match="met,a"), town.transaction():
        take(town, "b", 10, "Cancel", "a")
    set_scope(town, "*")
    assert [one.headline for one in warnings.in_state(town, "in_force", ["Actual"], 0, 10)] == ["暴雨橙色预警"]


def test_a_message_sent_again_changes_nothing(town: psycopg.Connection) -> None:
    first, second = take(town, "a"), take(town, "a", shape=SECOND)
    assert (first.new, second.new) == (True, False)
    assert second.warning == first.warning
    assert (len(told(town)), steps(town)) == (1, ["taken"])


THREAD = [("a", 0, "Alert"), ("b", 10, "Update", "a"), ("old", -5, "Update", "a"), ("c", 20, "Cancel", "b")]


def test_in_whatever_order_messages_come_the_end_is_the_same(town: psycopg.Connection) -> None:
    ends = []
    for order in itertools.permutations(THREAD):
        with town.transaction(force_rollback=True):
            for message in order:
                take(town, *message)
            ends.append(dict(town.execute("SELECT identifier, fate || ' ' || fated_by FROM warning").fetchall()))
            due = town.execute("SELECT count(due_at) FROM warning").fetchone()[0]
            assert due == 0
            # What was last told of each is what is on record.
            last = {row[0]: row[1] for row in town.execute(
                "SELECT payload->>'identifier', payload->>'state' FROM outbox WHERE kind = 'warning' ORDER BY id")}
            assert last == {"a": "replaced", "b": "cancelled", "old": "void"}
    assert ends == [{"a": "replaced met,b", "b": "cancelled met,c", "old": "void met,a"}] * 24


def test_what_a_message_does_not_do_is_said(town: psycopg.Connection) -> None:
    assert "Nothing is on record of met,a" in take(town, "b", 10, "Update", "a").notes[0]
    assert take(town, "a").notes == ["It is replaced already by met,b."]
    assert "no effect" in take(town, "old", -9, "Cancel", "a").notes[0]
    assert "it is left as it is" in take(town, "x", 20, "Cancel", "b", status="Test").notes[0]
    assert "replaced by met,b already, which stays in force" in take(town, "c", 30, "Cancel", "a").notes[0]
    assert "time of arrival" in take(town, "d", 600, begins_at=None, ends_at=None).notes[0]
    assert [one.identifier for one in warnings.in_state(town, "in_force", ["Actual"], 0, 10)] == ["b", "d"]


def test_swapped_coordinates_are_doubted_and_places_nowhere_on_record_refused(town: psycopg.Connection) -> None:
    with pytest.raises(InvalidInput) as caught, town.transaction():
        take(town, "a", shape=shapely.box(31.001, 75.0, 31.01, 76.0))
    assert "touches no community" in caught.value.faults[0][1]
    town.execute("UPDATE area SET geom = ST_Translate(geom, -60, 0) WHERE code = %s", [COMMUNITY])
    with pytest.raises(InvalidInput) as caught, town.transaction():
        take(town, "a", shape=shapely.box(31.001, 57.001, 31.01, 57.01))
    assert "change places" in caught.value.faults[0][1]


def test_codes_stand_for_their_outlines_and_unknown_ones_are_named(town: psycopg.Connection) -> None:
    taken = take(town, "a", shapes=[], codes={"here": OTHER_GRID, "there": COMMUNITY})
    assert taken.warning.places == [COMMUNITY, OTHER_COMMUNITY]
    with pytest.raises(InvalidInput) as caught:
        take(town, "b", shapes=[], codes={"here": "998001", "there": COMMUNITY})
    assert caught.value.faults == [("here", "no area or grid 998001 is on record in your area")]


def test_a_large_area_travels_in_less_than_20_kb(town: psycopg.Connection) -> None:
    shape = shapely.Point(117.01, 31.01).buffer(0.5, quad_segs=2000)
    take(town, "a", shape=shape, description="洪" * 5000, instruction="避" * 5000, headline="红" * 300)
    payload = town.execute("SELECT payload FROM outbox WHERE kind = 'warning'").fetchone()[0]
    assert len(json.dumps(payload, ensure_ascii=False).encode()) < 20_000
    assert payload["colour"] == {"code": "orange", "name": "橙色", "name_en": "Orange"}
    assert payload["real"] is True


def test_the_clock_begins_and_ends_a_warning_by_the_index(town: psycopg.Connection) -> None:
    now = datetime.now(UTC)
    take(town, "soon", begins_at=now + timedelta(minutes=5), ends_at=now + timedelta(minutes=9))
    assert 0 < warnings.next_due_s(town) < 300
    assert warnings.pass_time(town) == 0
    for begins, ends, state in ((-1, 5, "in_force"), (-5, -1, "ended")):
        town.execute("UPDATE warning SET begins_at = %(b)s, ends_at = %(e)s, "
                     "due_at = CASE WHEN due_at <= begins_at THEN %(b)s ELSE %(e)s END",
                     {"b": now + timedelta(minutes=begins), "e": now + timedelta(minutes=ends)})
        assert warnings.pass_time(town) == 1
        assert told(town)[-1][1] == state
        assert warnings.pass_time(town) == 0
    assert steps(town) == ["taken", "begun", "ended"]
    assert warnings.next_due_s(town) is None
    town.execute("SET LOCAL enable_seqscan = off")
    plan = "\n".join(row[0] for row in town.execute("EXPLAIN " + warnings.DUE, [100]))
    assert "warning_due_at_idx" in plan


def test_the_job_ends_a_warning_when_its_time_comes_and_not_at_its_next_round(database: OwnDatabase) -> None:
    objects = Objects(database.connect("worker", autocommit=True))
    objects.community()
    stop, connection = threading.Event(), database.connect("worker", autocommit=True)
    thread = threading.Thread(target=job.run, args=(connection, stop))
    thread.start()
    ends_at = datetime.now(UTC) + timedelta(seconds=1.2)
    writer = database.connect()
    warning_messages.take(writer, Notice("met", "a", NOW, "Actual", "Alert", frozenset(), content(
        begins_at=datetime.now(UTC) + timedelta(seconds=0.7), ends_at=ends_at)), "gw")
    writer.commit()
    reader = database.connect(autocommit=True)
    ended = "SELECT max(at) FROM outbox WHERE payload->>'state' = 'ended'"
    until(lambda: reader.execute(ended).fetchone()[0])
    done = reader.execute(ended).fetchone()[0]
    stop.set()
    thread.join()
    assert timedelta(0) <= done - ends_at < timedelta(seconds=job.PAUSE_S / 2)
    assert [state for _, state, _ in told(reader)] == ["upcoming", "in_force", "ended"]


def test_residents_count_where_their_buildings_point_lies_inside(town: psycopg.Connection, objects: Objects) -> None:
    half = objects.building("HALF", west=117.0051)
    objects.room(objects.building("IN", west=117.003), residents=3, care=["elderly_alone"])
    objects.room(half, residents=2, care=["elderly_alone", "disabled"])
    objects.room(objects.building("OUT", west=117.006), residents=9, care=["disabled"])
    there = objects.building("THERE", west=117.022, grid=OTHER_GRID)
    objects.room(there, residents=4, grid=OTHER_GRID)
    # Two parts: one cuts through HALF right of its middle.
    area = danger_areas.together([shapely.box(117.002, 31.0, 117.0054, 31.01), SECOND])
    taken = take(town, "a", shapes=list(area.geoms)).warning
    found = warning_places.concerned(town, taken.id)
    assert [(one.grid_code, one.buildings, one.residents) for one in found] == [(GRID, 2, 5), (OTHER_GRID, 1, 4)]
    assert warning_places.care(town, taken.id) == {"elderly_alone": 5, "disabled": 2}
    set_scope(town, OTHER_COMMUNITY)
    assert [(one.grid_code, one.residents) for one in warning_places.concerned(town, taken.id)] == [(OTHER_GRID, 4)]


def test_whole_grids_are_counted_by_sums_of_cells_and_the_rest_building_by_building(
        town: psycopg.Connection, objects: Objects) -> None:
    objects.room(objects.building("CUT", west=117.003), residents=3)
    objects.room(objects.building("BEYOND", west=117.006), residents=8)
    objects.room(objects.building("FREE", west=117.005, south=31.015, grid=COMMUNITY + "000"), residents=2,
                 grid=COMMUNITY + "000")
    there = objects.building("WHOLE", west=117.022, grid=OTHER_GRID)
    objects.room(there, residents=4, grid=OTHER_GRID)
    area = danger_areas.together([shapely.box(117.0, 31.0, 117.0055, 31.02), shapely.box(117.0195, 30.9, 117.1, 31.1)])
    taken = take(town, "a", shapes=list(area.geoms)).warning
    exact = [(one.grid_code, one.buildings, one.residents) for one in warning_places.concerned(town, taken.id)]
    assert exact == [(COMMUNITY + "000", 1, 2), (GRID, 1, 3), (OTHER_GRID, 1, 4)]
    with town.transaction(force_rollback=True):
        # Only sums of whole grids are believed.
        town.execute("INSERT INTO cell_sum (layer, seq) VALUES ('buildings', 1)")
        assert [one.grid_code for one in warning_places.concerned(town, taken.id)] == [COMMUNITY + "000", GRID]
    cells.renew(town, cells.TABLES[0], 0, [(0, 0)])
    cells.set_done(town, cells.TABLES[0], 1)
    assert [(one.grid_code, one.buildings, one.residents)
            for one in warning_places.concerned(town, taken.id)] == exact
    # All sums are read once, and not for each grid: of 10,000 grids that took longer than a statement may.
    plan = [row[0] for row in town.execute("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + warning_places.CONCERNED,
                                           {"id": taken.id, "zoom": warning_places.SUMS_ZOOM})]
    assert {line.rpartition(" ")[2] for line in plan if " on building_cell" in line} == {"loops=1)"}


def test_the_nearest_safe_shelter_comes_first_and_one_in_the_area_is_marked(
        town: psycopg.Connection, objects: Objects) -> None:
    def shelter(name: str, west: float, **values: Any) -> None:
        objects.put("facility", geometry=square(west, 31.004, 0.001), code=name, name=name, area_code=COMMUNITY,
                    grid_code=GRID, **{"class_code": "0501", **values})

    shelter("flooded", 117.003)
    shelter("cut", 117.0045)
    shelter("near", 117.008)
    shelter("far", 117.015)
    shelter("gone", 117.007, state="missing")
    shelter("hydrant", 117.0065, class_code="0113")
    taken = take(town, "a", shape=shapely.box(117.002, 31.0, 117.005, 31.01)).warning
    found = warning_places.shelters(town, taken.id)
    assert [(one["name"], one["in_danger"]) for one in found] == [
        ("near", False), ("far", False), ("flooded", True), ("cut", True)]
    # 117.0035 to 117.008 at 31° north: 0.0045° of 95.5 km.
    assert found[0]["distance_m"] == pytest.approx(430, abs=15)
    assert {code: one["name"] for code, one in warning_places.nearest_safe(
        town, taken.id, [GRID, COMMUNITY + "002", "9" * 15]).items()} == {GRID: "near", COMMUNITY + "002": "far"}
    # What is a shelter is data.
    town.execute("UPDATE facility_class SET role = CASE code WHEN '0113' THEN 'shelter' END")
    assert [one["name"] for one in warning_places.shelters(town, taken.id)] == ["hydrant"]
    assert warning_places.nearest_safe(town, taken.id, [GRID])[GRID]["name"] == "hydrant"
