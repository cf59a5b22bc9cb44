"""Tasks: made once, worked off, handed on; surveys of rooms; the figures of keepers."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from spatial.errors import InvalidInput
from spatial.jobs import due
from spatial.queries import assessment, event_life, survey, task_life, tasks
from spatial.queries.task_life import New, Step
from spatial.rules.events import StepRefused
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID, Objects

DUE = datetime(2026, 12, 1, 9, tzinfo=UTC)
HERE = {"area_code": COMMUNITY, "grid_code": GRID}
KEEPER = f"K{GRID}"


@pytest.fixture
def town(objects: Objects) -> Objects:
    objects.community()
    objects.grid()
    objects.keeper()
    return objects


def make(town: Objects, *new: New) -> task_life.Made:
    return task_life.create(town.connection, new, "li")


def listed(town: Objects, **wanted: object) -> list[tasks.Task]:
    return tasks.find(town.connection, tasks.Wanted(**wanted), 100)


def told(connection: psycopg.Connection) -> list[dict]:
    return [row[0] for row in connection.execute("SELECT payload FROM outbox WHERE kind = 'task' ORDER BY id")]


def test_a_task_is_placed_by_its_target_and_goes_to_the_keeper_of_the_grid(town: Objects) -> None:
    building = town.building()
    room = town.room(building)
    household = town.connection.execute("SELECT id FROM household").fetchone()[0]
    hydrant = town.put("facility", geometry="POINT(117.006 31.006)", code="H1", class_code="0113", **HERE)
    targets = (("building", building), ("room", room), ("household", household), ("facility", hydrant))
    made = make(town, *(New("visit", kind, kind, target, DUE + timedelta(hours=n))
                        for n, (kind, target) in enumerate(targets)))
    assert sorted(made.ids) == [0, 1, 2, 3]
    found = listed(town)
    assert [(t.title, t.keeper, t.grid_code, t.building_code, t.room) for t in found] == [
        ("building", KEEPER, GRID, "B1", None), ("room", KEEPER, GRID, "B1", "101"),
        ("household", KEEPER, GRID, "B1", "101"), ("facility", KEEPER, GRID, None, None)]
    assert [t.target_id for t in found] == [building, room, household, hydrant]
    assert all(t.lon == pytest.approx(117.0055, abs=0.001) for t in found)
    assert len(told(town.connection)) == 4
    assert not {"title", "note"} & told(town.connection)[0].keys()


def test_the_same_open_task_is_made_once_and_a_bad_one_loses_no_other(town: Objects) -> None:
    building = town.building()
    visit = New("visit", "走访", "building", building, DUE)
    batch = (visit, visit, New("visit", "x", "room", 999, DUE), New("patrol", "巡查", "building", building, DUE, "K0"))
    made = make(town, *batch)
    assert (list(made.ids), made.known) == ([0], 1)
    assert [(f.index, f.field, f.value) for f in made.faults] == [(2, "target_id", "999"), (3, "keeper", "K0")]
    assert (make(town, visit).ids, make(town, visit).known) == ({}, 1)
    task_life.take_step(town.connection, made.ids[0], Step("done", "zhou"))
    assert len(make(town, visit).ids) == 1


def test_a_task_is_worked_off_with_who_and_when_on_record(town: Objects) -> None:
    town.put("keeper", code="K9", name="吴网格", area_code=OTHER_GRID[:12], grid_code=OTHER_GRID)
    task_id = make(town, New("visit", "走访", "building", town.building(), DUE)).ids[0]
    for one in (Step("comment", "li", "下午去"), Step("reassign", "li", keeper="K9"),
                Step("done", "wu", "见到本人", result="正常")):
        task_life.take_step(town.connection, task_id, one)
    task = tasks.get(town.connection, task_id)
    assert (task.state, task.keeper, task.result, task.done_at is None) == ("done", "K9", "正常", False)
    assert [(s.step, s.account, s.keeper) for s in tasks.steps(town.connection, task_id)] == [
        ("created", "li", KEEPER), ("commented", "li", KEEPER), ("reassigned", "li", "K9"), ("done", "wu", "K9")]
    with pytest.raises(StepRefused, match="done by wu at"):
        task_life.take_step(town.connection, task_id, Step("cancel", "li", "x"))
    with pytest.raises(StepRefused, match="changed since version 1: done by wu"):
        task_life.take_step(town.connection, task_id, Step("comment", "li", "x", version=1))
    with pytest.raises(InvalidInput, match="nobody to send it to"):
        task_life.take_step(town.connection, make(town, New("visit", "a", "building", 0, DUE), New(
            "visit", "b", "building", task.building_id, DUE)).ids[1], Step("reassign", "li", keeper="K0"))


def test_worklists_hold_what_was_asked_for_page_by_page(town: Objects) -> None:
    building = town.building()
    make(town, *(New("patrol" if n % 2 else "visit", f"T{n}", "building", building, DUE + timedelta(hours=n // 2))
                 for n in range(6)))
    page, after = [], None
    while found := tasks.find(town.connection, tasks.Wanted(after=after), 2):
        page += [task.title for task in found]
        after = (found[-1].due_at, found[-1].id)
    assert sorted(page) == [f"T{n}" for n in range(6)]
    assert {t.title for t in listed(town, due_before=DUE + timedelta(hours=1))} == {"T0", "T1"}
    assert {t.title for t in listed(town, kind="patrol", keeper=KEEPER, state="due")} == {"T1", "T3", "T5"}
    assert listed(town, keeper="K0") == listed(town, state="overdue") == listed(town, grid_prefix="998") == []
    town.connection.execute("UPDATE task SET due_at = now() - interval '1 s' WHERE title = 'T4'")
    assert [t.title for t in listed(town, state="overdue")] == ["T4"]


def test_a_task_without_a_target_is_cancelled_and_one_without_a_keeper_gets_the_next_one(town: Objects) -> None:
    gone, stays = (make(town, New("visit", code, "building", town.building(code), DUE)).ids[0] for code in ("B1", "B2"))
    town.connection.execute("DELETE FROM building WHERE code = 'B1'")
    town.connection.execute("DELETE FROM keeper")
    due.look(town.connection)
    assert tasks.get(town.connection, gone).state == "cancelled"
    assert (tasks.get(town.connection, stays).state, tasks.get(town.connection, stays).keeper) == ("due", None)
    town.put("keeper", code="K7", name="新", **HERE)
    due.look(town.connection)
    assert tasks.get(town.connection, stays).keeper == "K7"
    assert due.look(town.connection) == 0


def test_tasks_move_with_the_building_that_their_rooms_and_households_are_in(town: Objects) -> None:
    building = town.building()
    room = town.room(building)
    household = town.connection.execute("SELECT id FROM household").fetchone()[0]
    make(town, New("visit", "a", "room", room, DUE), New("visit", "b", "household", household, DUE),
         New("visit", "c", "building", building, DUE))
    town.connection.execute("UPDATE building SET area_code = %s, grid_code = %s", (OTHER_GRID[:12], OTHER_GRID))
    town.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    rows = town.connection.execute("SELECT grid_code FROM task UNION SELECT grid_code FROM task_step").fetchall()
    assert rows == [(OTHER_GRID,)]


@pytest.fixture
def tower(town: Objects) -> Objects:
    """A building of two storeys with two rooms each expected: one room is complete, one lacks its area and tenure."""
    building = town.building("B1", name="望江苑", floors_above=2)
    unit = town.put("unit", number="1", building_id=building, **HERE)
    for number, floor, values in (("101", 1, {"area_m2": 80.0, "tenure": "owner"}), ("102", 1, {}), ("201", 2, {})):
        town.put("room", unit_id=unit, building_id=building, floor=floor, number=number, **values, **HERE)
    town.put("expected", kind="housing", basis="rooms_per_floor", value=2, building_id=building, declared_by="年报",
             as_of="2025-12-31", **HERE)
    return town


def ids(tower: Objects) -> dict[str, int]:
    return dict(tower.connection.execute("SELECT number, id FROM room").fetchall())


def test_rooms_without_required_fields_and_missing_ones_are_listed_by_storey(tower: Objects) -> None:
    tower.building("A0")
    found = survey.worklist(tower.connection)
    assert found.required == ["area_m2", "tenure", "use"]
    assert [(r.building_code, r.unit, r.floor, r.number, r.missing, r.task_id) for r in found.rooms] == [
        ("B1", "1", 1, "102", ["area_m2", "tenure"], None), ("B1", "1", 2, "201", ["area_m2", "tenure"], None)]
    assert [(g.building_code, g.floor, g.expected, g.recorded) for g in found.gaps] == [("B1", 2, 2, 1)]
    first = survey.worklist(tower.connection, most=1)
    assert (first.rooms, first.next) == ([], "A0")
    assert len(survey.worklist(tower.connection, after="A0").rooms) == 2
    assert len(survey.worklist(tower.connection, "B1", GRID).rooms) == 2
    assert survey.worklist(tower.connection, grid_prefix=OTHER_GRID).rooms == []


def test_a_survey_ends_when_its_room_has_what_is_required_and_not_before(tower: Objects) -> None:
    room = ids(tower)
    building = tower.connection.execute("SELECT id FROM building WHERE code = 'B1'").fetchone()[0]
    made = survey.assign(tower.connection, [room["101"], room["102"], room["201"]], [building], DUE, "li")
    assert (sorted(made.ids), made.known) == ([1, 2, 3], 0)
    assert [(f.index, f.field, f.reason) for f in made.faults] == [(0, "rooms", "has every required field")]
    assert survey.assign(tower.connection, [room["102"]], [building], DUE + timedelta(1), "li").known == 2
    assert {t.title for t in listed(tower)} == {"望江苑 1 102", "望江苑 1 201", "望江苑"}
    assert [r.task_id for r in survey.worklist(tower.connection).rooms] == [made.ids[1], made.ids[2]]

    def states() -> list[str]:
        due.look(tower.connection)
        return [tasks.get(tower.connection, made.ids[n]).state for n in (1, 2, 3)]

    tower.connection.execute("UPDATE room SET area_m2 = 70")
    assert states() == ["due", "due", "due"]
    tower.connection.execute("UPDATE room SET tenure = 'rented' WHERE number = '102'")
    assert states() == ["done", "due", "due"]
    step = tasks.steps(tower.connection, made.ids[1])[-1]
    assert (step.step, step.account) == ("done", event_life.SYSTEM)
    unit = tower.connection.execute("SELECT id FROM unit").fetchone()[0]
    tower.put("room", unit_id=unit, building_id=building, floor=2, number="202", **HERE)
    assert states() == ["done", "due", "done"]
    tower.connection.execute("DELETE FROM entry_requirement WHERE field = 'tenure'")
    assert states() == ["done", "done", "done"], "what is required is data"
    assert due.look(tower.connection) == 0


def test_a_room_that_changes_while_the_job_looks_at_its_survey_is_looked_at_again(database: OwnDatabase) -> None:
    job, imports = (database.connect("worker", autocommit=True) for _ in range(2))
    town = Objects(job)
    town.community()
    town.grid()
    room = town.room(town.building())
    survey.assign(job, [room], [], DUE, "li")
    job.execute("UPDATE room SET area_m2 = 70")
    with imports.transaction():
        imports.execute("UPDATE room SET tenure = 'owner'")
        with job.transaction():
            assert survey.finish(job) == []
    with job.transaction():
        assert len(survey.finish(job)) == 1


def test_a_total_of_a_building_is_compared_as_a_whole(tower: Objects) -> None:
    tower.connection.execute("UPDATE expected SET basis = 'total', value = 5")
    [gap] = survey.worklist(tower.connection).gaps
    assert (gap.floor, gap.expected, gap.recorded) == (None, 5, 3)
    tower.connection.execute("DELETE FROM expected")
    assert survey.worklist(tower.connection).gaps == []


def test_the_figures_of_keepers_grids_and_communities_are_those_of_the_window(town: Objects) -> None:
    start = datetime(2026, 10, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    keeper = town.connection.execute("SELECT id FROM keeper").fetchone()[0]
    town.put("keeper", code="K1", name="=1+1", area_code=OTHER_GRID[:12], grid_code=OTHER_GRID)
    for n, (state, values) in enumerate((
        ("done", {"done_at": start + 5 * hour, "deadline": start + 5 * hour, "dispatched_at": start + hour,
                  "accepted_at": start + 2 * hour}),
        ("closed", {"done_at": start + 7 * hour, "deadline": start + 6 * hour, "dispatched_at": start + hour,
                    "accepted_at": start + 4 * hour}),
        ("done", {"done_at": start + 9 * hour}), ("done", {"done_at": start - hour}),
        ("accepted", {"deadline": start}), ("dispatched", {"deadline": datetime(2199, 1, 1, tzinfo=UTC)}),
    )):
        town.put("event", geometry="POINT(117.005 31.005)", code=f"F{n}", class_code="0102", title="x", state=state,
                 keeper_id=keeper, occurred_at=start, told=state, **HERE, **values)
    building = town.building()
    done = make(town, *(New("visit", f"{n}", "building", building, DUE) for n in range(3))).ids
    task_life.take_step(town.connection, done[0], Step("done", "zhou"))
    task_life.take_step(town.connection, done[1], Step("cancel", "li", "x"))
    end = datetime.now(UTC) + hour
    for by, code in (("keeper", KEEPER), ("grid", GRID), ("community", COMMUNITY)):
        found = {one.code: one for one in assessment.figures(town.connection, by, start, end)}
        one = found.pop(code)
        assert (one.events_open, one.events_overdue, one.events_new, one.events_done) == (2, 1, 6, 3), by
        assert (one.events_with_deadline, one.events_on_time, one.events_on_time_share) == (2, 1, 0.5)
        assert (one.accept_mean_s, one.finish_mean_s) == (2 * 3600, 5 * 3600)
        assert (one.tasks_open, one.tasks_new, one.tasks_done, one.tasks_on_time) == (1, 3, 1, 1)
        assert all(other.events_new == 0 and other.events_on_time_share is None for other in found.values())
    assert assessment.figures(town.connection, "keeper", start, end, after=KEEPER) == []
    assert assessment.figures(town.connection, "keeper", start, end, grid_prefix=OTHER_GRID)[0].code == "K1"
    town.connection.execute("SELECT set_config('shapan.scope', %s, true)", (Scope((OTHER_GRID,)).literal(),))
    assert [one.code for one in assessment.figures(town.connection, "keeper", start, end)] == ["K1"]
