"""Publishing: grids come into force with everything in them, or nothing changes at all."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from spatial.jobs import plans as job
from spatial.queries import placing
from spatial.queries.plans import lease, publication, record, starting, states, working
from spatial.queries.plans.record import Plan
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, Objects

EAST = COMMUNITY + "002"
MIDDLE = {"type": "LineString", "coordinates": [[117.01, 30.999], [117.01, 31.021]]}


@dataclass
class Town:
    """A community of one grid in which things lie west and east of the middle."""

    connection: psycopg.Connection
    objects: Objects
    building: int

    def rows(self, statement: str, *values: Any) -> list[tuple]:
        return self.connection.execute(statement, values).fetchall()

    def approved(self, kind: str = "split", **args: Any) -> Plan:
        """Return a plan that divides the community in its middle, approved."""
        plan = lease.take(self.connection, starting.start(self.connection, COMMUNITY, account="a"), "a")
        done = working.perform(self.connection, plan.id, kind, args or {"line": MIDDLE}, account="a",
                               seen=plan.revision)
        plan = states.step(self.connection, plan.id, "submit", account="a", seen=done.plan.revision)
        return states.step(self.connection, plan.id, "approve", account="b", seen=plan.revision)

    def due(self, plan: Plan, in_s: float = -1.0) -> Plan:
        at = datetime.now(UTC) + timedelta(seconds=in_s)
        return publication.schedule(self.connection, plan.id, at=at, account="b", seen=plan.revision)


@pytest.fixture
def town(database: OwnDatabase) -> Town:
    connection = database.connect("worker", autocommit=True)
    objects = Objects(connection)
    objects.community()
    objects.grid()
    connection.execute("UPDATE grid SET valid_from = now() - interval '1 day'")
    objects.keeper()
    west, east = objects.building("B1"), objects.building("B2", west=117.015)
    for building in (west, east):
        room = objects.room(building, residents=2)
        connection.execute("INSERT INTO task (kind, title, target_kind, building_id, due_at, created_by, area_code, "
                           "grid_code) VALUES ('visit', '走访', 'building', %s, now(), 'a', %s, %s)",
                           (building, COMMUNITY, GRID))
        objects.device(f"D{room}", building, lon=117.0052)
    objects.device("D-street", lon=117.0152)
    for name, lon in (("road", 117.015), ("facility", 117.0155)):
        more = {"class": "inner"} if name == "road" else {"code": "F1", "class_code": "0113"}
        shape = f"MULTILINESTRING(({lon} 31.001, {lon} 31.002))" if name == "road" else f"POINT({lon} 31.001)"
        objects.put(name, geometry=shape, area_code=COMMUNITY, grid_code=GRID, **more)
    return Town(connection, objects, east)


def test_everything_lies_in_the_new_grids_and_the_old_one_has_ended(town: Town) -> None:
    plan = town.due(town.approved())
    assert job.look(town.connection)
    assert town.rows("SELECT code, valid_to IS NULL, source FROM grid ORDER BY code, valid_from") == [
        (GRID, False, "test"), (GRID, True, "plan"), (EAST, True, "plan")]
    for table in ("unit", "room", "household", "resident", "building_tally", "task", "device"):
        statement = (f"SELECT DISTINCT b.code, t.grid_code FROM {table} AS t JOIN building AS b "
                     "ON b.id = t.building_id ORDER BY 1")
        assert town.rows(statement) == [("B1", GRID), ("B2", EAST)], table
    for table in ("road", "facility"):
        assert town.rows(f"SELECT grid_code FROM {table}") == [(EAST,)], table
    assert town.rows("SELECT grid_code FROM device WHERE building_id IS NULL") == [(EAST,)]
    assert town.rows("SELECT grid_code FROM keeper") == [(GRID,)]
    assert town.rows("SELECT label FROM search_entry WHERE kind = 'grid' ORDER BY 1") == [("第2网格",), ("第一网格",)]
    told = set(town.rows("SELECT kind, payload->>'state' FROM outbox WHERE kind IN ('plan', 'placed')"))
    assert {("plan", "published"), ("placed", None)} <= told
    assert town.rows("SELECT DISTINCT object FROM outbox WHERE kind = 'tiles' AND object = 'grids'") == [("grids",)]
    assert record.get(town.connection, plan.id).state == "published"
    assert not job.look(town.connection), "once is enough"


def test_a_grid_that_stays_keeps_its_row_and_the_former_ones_come_back_by_a_plan_of_them(town: Town) -> None:
    town.due(town.approved())
    job.look(town.connection)
    ids = dict(town.rows("SELECT code, id FROM grid WHERE valid_to IS NULL"))
    numbers = {face.code: number for number, face in starting.start(
        town.connection, COMMUNITY, account="a").faces.items()}
    plan_id = town.rows("SELECT max(id) FROM grid_plan")[0][0]
    plan = lease.take(town.connection, record.get(town.connection, plan_id), "a")
    done = working.perform(town.connection, plan_id, "rename", {"face": numbers[EAST], "name": "东网格"}, account="a",
                           seen=plan.revision)
    plan = states.step(town.connection, plan_id, "submit", account="a", seen=done.plan.revision)
    town.due(states.step(town.connection, plan_id, "approve", account="b", seen=plan.revision))
    job.look(town.connection)
    now = dict(town.rows("SELECT code, id FROM grid WHERE valid_to IS NULL"))
    assert now[GRID] == ids[GRID]
    assert now[EAST] != ids[EAST]

    was = town.rows("SELECT id FROM grid_plan WHERE origin = 'record'")
    assert len(was) == 1, "the grids of before the first plan were kept, once"
    plan = starting.start(town.connection, COMMUNITY, account="a", origin="plan", plan=was[0][0])
    plan = states.step(town.connection, plan.id, "submit", account="a", seen=plan.revision)
    town.due(states.step(town.connection, plan.id, "approve", account="b", seen=plan.revision))
    job.look(town.connection)
    assert town.rows("SELECT code, name FROM grid WHERE valid_to IS NULL") == [(GRID, "第一网格")]
    assert town.rows("SELECT DISTINCT grid_code FROM building") == [(GRID,)]
    assert [state for state, in town.rows("SELECT state FROM grid_plan ORDER BY id")].count("published") == 1


def test_a_plan_comes_into_force_at_its_time_or_says_why_it_did_not(
        town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = town.due(town.approved(), in_s=3600)
    assert not job.look(town.connection), "its time has not come"
    plan = publication.unschedule(town.connection, plan.id, account="b", seen=plan.revision)
    assert (plan.state, plan.publish_at) == ("approved", None)
    with pytest.raises(working.Stale):
        publication.schedule(town.connection, plan.id, at=datetime.now(UTC), account="b", seen=1)
    town.due(plan)

    def broken(*_: object) -> None:
        raise publication.NotPublishable("Half way.", "")

    monkeypatch.setattr(placing, "settle", broken)
    before = town.rows("SELECT id, valid_to FROM grid ORDER BY id")
    assert job.look(town.connection)
    assert town.rows("SELECT id, valid_to FROM grid ORDER BY id") == before, "nothing changed half way"
    failed = record.get(town.connection, plan.id)
    assert (failed.state, failed.trouble) == ("approved", "Half way.")
    monkeypatch.undo()
    town.connection.execute("UPDATE area SET geom = ST_Multi(ST_Translate(geom, 0.001, 0)) WHERE level = 'community'")
    town.due(failed)
    job.look(town.connection)
    assert "another outline" in record.get(town.connection, plan.id).trouble
