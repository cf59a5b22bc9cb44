"""Events from intake to closed in the database: placing, deadlines, dispatch, steps, what becomes overdue."""

import itertools
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from spatial.errors import InvalidInput, NotFound
from spatial.jobs import due
from spatial.queries import event_classes, event_intake, event_keepers, event_life, events, task_life, tasks
from spatial.queries.event_classes import EventClass
from spatial.queries.event_intake import Report
from spatial.queries.event_life import Step
from spatial.rules import events as rules
from spatial.rules.events import StepRefused
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID, Objects
from tests.fixtures.plans import rows_read

HERE = {"lon": 117.005, "lat": 31.005}
SECOND_GRID = COMMUNITY + "002"


def report(code: str = "E1", **values: object) -> Report:
    values = {"source": "12345", "class_code": "0102", "origin": "12345", "title": "暴露垃圾",
              "occurred_at": datetime(2026, 11, 1, tzinfo=UTC), **values}
    return Report(code=code, **(values if "lon" in values or "building" in values or "address" in values
                                else {**HERE, **values}))


def take(connection: psycopg.Connection, *reports: Report) -> event_intake.Taken:
    return event_intake.take_all(connection, Scope.everything(), reports, "gateway")


@pytest.fixture
def town(objects: Objects) -> Objects:
    objects.community()
    objects.grid()
    objects.keeper()
    return objects


def one(town: Objects, **values: object) -> events.Event:
    return events.get(town.connection, take(town.connection, report(**values)).ids[0])


def step(town: Objects, event_id: int, name: str, **values: object) -> events.Event:
    event_life.take_step(town.connection, event_id, Step(name, "li", **values))
    return events.get(town.connection, event_id)


def told(connection: psycopg.Connection, kind: str = "event") -> list[dict]:
    return [row[0] for row in connection.execute("SELECT payload FROM outbox WHERE kind = %s ORDER BY id", (kind,))]


def worklist(town: Objects) -> list[tasks.Task]:
    return tasks.find(town.connection, tasks.Wanted(), 100)


def test_an_event_goes_to_the_keeper_of_its_grid_with_the_deadlines_of_its_class(town: Objects) -> None:
    event = one(town)
    assert (event.state, event.keeper, event.grid_code, event.held) == ("dispatched", f"K{GRID}", GRID, None)
    assert event.accept_by - event.received_at == timedelta(hours=2)
    assert event.deadline - event.received_at == timedelta(hours=12)
    assert event.due_at == event.accept_by
    steps = [(s.step, s.state, s.account, s.keeper) for s in events.steps(town.connection, event.id)]
    assert steps == [("taken", "open", "gateway", None), ("dispatched", "dispatched", "gateway", f"K{GRID}")]
    [payload] = told(town.connection)
    assert (payload["state"], payload["keeper"], payload["overdue"]) == ("dispatched", f"K{GRID}", False)
    assert not {"title", "place"} & payload.keys()


def test_whatever_is_due_in_the_database_is_what_the_rule_says(town: Objects) -> None:
    instants = (None, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
    for n, (state, accept_by, deadline) in enumerate(itertools.product(events_states(), instants, instants)):
        town.put("event", geometry="POINT(117.005 31.005)", code=f"S{n}", class_code="0102", title="x", state=state,
                 accept_by=accept_by, deadline=deadline, occurred_at=instants[1], area_code=COMMUNITY, grid_code=GRID)
    rows = town.connection.execute("SELECT state, accept_by, deadline, due_at FROM event").fetchall()
    assert len(rows) == 54
    assert [row[3] for row in rows] == [rules.due_at(*row[:3]) for row in rows]


def events_states() -> tuple[str, ...]:
    return ("open", "dispatched", "accepted", "rejected", "done", "closed")


def test_why_an_event_stays_open_is_said(town: Objects) -> None:
    town.grid(OTHER_GRID, west=117.5)
    classes = event_classes.classes(town.connection)
    by_hand = [EventClass(**{**vars(c), "dispatch": False}) if c.code == "0601" else c for c in classes]
    event_classes.replace(town.connection, by_hand)
    held = {"no_grid": {"lon": 118.9, "lat": 31.0}, "no_keeper": {"lon": 117.505, "lat": 31.005},
            "unknown_class": {"class_code": "9999"}, "by_hand": {"class_code": "0601"}}
    for reason, values in held.items():
        event = one(town, code=reason, **values)
        assert (event.state, event.held, event.keeper) == ("open", reason, None)
        assert [s.step for s in events.steps(town.connection, event.id)] == ["taken"]
    assert one(town, code="M", class_code="0199").state == "dispatched"


def test_an_unknown_minor_class_keeps_its_code_is_marked_and_has_the_deadlines_of_its_major_one(town: Objects) -> None:
    event = one(town, class_code="0499")
    assert (event.class_code, event.class_known, event.class_name) == ("0499", False, "突发事件")
    assert event.accept_by - event.received_at == timedelta(minutes=15)
    lost = one(town, code="X", class_code="9900")
    assert (lost.class_known, lost.class_name, lost.due_at) == (False, None, None)


def test_on_the_border_of_two_grids_the_lowest_code_has_it(town: Objects) -> None:
    town.grid(SECOND_GRID, west=117.02)
    for west in (117.02, 117.0200001):
        event = one(town, code=f"B{west}", lon=west, lat=31.005)
        assert event.grid_code == (GRID if west == 117.02 else SECOND_GRID)


def test_every_permutation_of_two_deliveries_gives_the_same_events_once(town: Objects) -> None:
    reports = [report("A"), report("B"), report("A"), report("A", source="other")]
    for permuted in itertools.permutations(reports):
        with town.connection.transaction(force_rollback=True):
            first, again = take(town.connection, *permuted), take(town.connection, *reversed(permuted))
            assert (len(first.ids), first.known, len(again.ids), again.known) == (3, 1, 0, 4)
            assert len(told(town.connection)) == 3
            assert {permuted[n].code for n in first.ids} == {"A", "B"}


def test_a_place_is_a_point_a_building_or_an_address_that_one_object_has(town: Objects) -> None:
    building = town.building("B1", name="望江苑1栋", address="望江路12号")
    for n, label in enumerate(("望江苑1栋", "文化广场", "文化广场")):
        town.connection.execute(
            "INSERT INTO search_entry (kind, object_id, label, also, sought, pinyin, grams, area_code, grid_code) "
            "VALUES (%s, %s, %s, %s, %s, '', %s, %s, %s)",
            ("building" if n == 0 else "place", building if n == 0 else n, label, "望江路12号" if n == 0 else None,
             label, gram(label + "望江路12号" if n == 0 else label), COMMUNITY, GRID))
    taken = take(town.connection, report("1", building="B1"), report("2", address="望江路12号"),
                 report("3", address="望江苑 1栋"), report("4", address="文化广场"), report("5", address="望江路"),
                 report("6", building="B9"), report("7", building="B1", **HERE))
    assert sorted(taken.ids) == [0, 1, 2, 6]
    assert [(f.index, f.field, f.reason) for f in taken.faults] == [
        (3, "address", "means 2 objects on record"), (4, "address", "means nothing on record (0 candidates)"),
        (5, "building", "no building of this code is on record")]
    for n in (0, 1, 2, 6):
        event = events.get(town.connection, taken.ids[n])
        assert (event.building_id, event.grid_code) == (building, GRID)
    assert events.get(town.connection, taken.ids[6]).lon == 117.005
    assert 117.005 < events.get(town.connection, taken.ids[0]).lon < 117.0055


def gram(text: str) -> list[str]:
    return sorted({*text, *(a + b for a, b in itertools.pairwise(text))})


def test_a_time_in_the_future_counts_as_the_servers_and_is_marked(town: Objects) -> None:
    late = datetime.now(UTC) + timedelta(hours=1)
    taken = take(town.connection, report("F", occurred_at=late), report("N"))
    event = events.get(town.connection, taken.ids[0])
    assert taken.marked == [0]
    assert event.occurred_at == event.received_at
    assert late.isoformat() in events.steps(town.connection, event.id)[0].note
    assert events.steps(town.connection, taken.ids[1])[0].note is None


def test_an_event_outside_the_senders_area_is_a_fault_and_the_others_are_taken(town: Objects) -> None:
    town.connection.execute("SELECT set_config('shapan.scope', %s, true)", (Scope((GRID,)).literal(),))
    taken = event_intake.take_all(town.connection, Scope((GRID,)), [report("A", lon=117.9, lat=31.0), report("B")], "g")
    assert list(taken.ids) == [1]
    assert [(f.index, f.reason) for f in taken.faults] == [(0, "lies outside your area")]


def test_from_accepted_to_closed_each_step_is_recorded_told_and_has_its_task(town: Objects) -> None:
    event = one(town)
    assert step(town, event.id, "accept").due_at == event.deadline
    [task] = worklist(town)
    assert (task.kind, task.target_kind, task.target_id, task.keeper, task.due_at) == (
        "check", "event", event.id, f"K{GRID}", event.deadline)
    done = step(town, event.id, "finish", note="清运完毕")
    assert (done.state, done.due_at, done.done_at is None) == ("done", None, False)
    assert worklist(town)[0].state == "done"
    again = step(town, event.id, "return", note="还有残留")
    assert (again.state, again.keeper, again.done_at) == ("dispatched", f"K{GRID}", None)
    step(town, event.id, "accept")
    task_life.take_step(town.connection, worklist(town)[-1].id, task_life.Step("done", "zhou", result="ok"))
    assert events.get(town.connection, event.id).state == "done"
    assert step(town, event.id, "close").state == "closed"
    assert [s.step for s in events.steps(town.connection, event.id)] == [
        "taken", "dispatched", "accepted", "done", "returned", "accepted", "done", "closed"]
    assert [payload["state"] for payload in told(town.connection)] == [
        "dispatched", "accepted", "done", "dispatched", "accepted", "done", "closed"]
    assert sorted(payload["state"] for payload in told(town.connection, "task")) == ["done", "done", "due", "due"]


def test_a_rejected_event_is_with_nobody_until_it_goes_to_another(town: Objects) -> None:
    town.put("keeper", code="K9", name="吴网格", area_code=OTHER_GRID[:12], grid_code=OTHER_GRID)
    event = one(town)
    step(town, event.id, "accept")
    rejected = step(town, event.id, "reject", note="不属本网格")
    assert (rejected.state, rejected.keeper, worklist(town)[0].state) == ("rejected", None, "cancelled")
    sent = step(town, event.id, "dispatch", keeper="K9")
    assert (sent.state, sent.keeper) == ("dispatched", "K9")
    assert step(town, event.id, "reassign").keeper == f"K{GRID}"
    with pytest.raises(InvalidInput, match="nobody to send it to") as fault:
        step(town, event.id, "reassign", keeper="K0")
    assert fault.value.faults == [("keeper", "no keeper 'K0' is on record")]


def test_the_task_of_an_event_is_neither_cancelled_nor_handed_on_by_itself(town: Objects) -> None:
    event = one(town)
    step(town, event.id, "accept")
    for name in ("cancel", "reassign"):
        with pytest.raises(StepRefused, match=f"is that of event {event.id}"):
            task_life.take_step(town.connection, worklist(town)[0].id, task_life.Step(name, "li", "x", "K9"))


def test_an_event_of_elsewhere_is_not_there(town: Objects) -> None:
    event = one(town)
    town.connection.execute("SELECT set_config('shapan.scope', %s, true)", (Scope((OTHER_GRID,)).literal(),))
    for ask in (lambda: step(town, event.id, "accept"), lambda: events.steps(town.connection, event.id)):
        with pytest.raises(NotFound):
            ask()


def test_an_event_is_told_as_overdue_once_for_each_thing_that_was_due(town: Objects) -> None:
    event = one(town)
    tick = timedelta(microseconds=1)
    assert event_life.tell_overdue(town.connection, event.accept_by) == []
    assert event_life.tell_overdue(town.connection, event.accept_by + tick) == [event.id]
    assert event_life.tell_overdue(town.connection, event.accept_by + tick) == []
    step(town, event.id, "accept")
    assert event_life.tell_overdue(town.connection, event.deadline) == []
    assert event_life.tell_overdue(town.connection, event.deadline + tick) == [event.id]
    assert task_life.tell_overdue(town.connection, event.deadline) == []
    assert task_life.tell_overdue(town.connection, event.deadline + tick) == [worklist(town)[0].id]
    step(town, event.id, "finish")
    assert event_life.tell_overdue(town.connection, event.deadline + timedelta(days=9)) == []
    assert len(told(town.connection)) == 5


def test_what_is_overdue_is_read_from_indexes_that_hold_nothing_else(town: Objects) -> None:
    town.connection.execute("SET LOCAL enable_seqscan = off")
    plan = "\n".join(row[0] for row in town.connection.execute(f"EXPLAIN {event_life.OVERDUE}", (datetime.now(UTC), 9)))
    assert "event_untold_idx" in plan
    assert "due_at <" in plan.split("Index Cond", 1)[1].split("\n")[0]


def test_the_events_of_a_keeper_who_left_the_record_go_to_the_next_one_or_stay_open(town: Objects) -> None:
    event = one(town)
    step(town, event.id, "accept")
    town.connection.execute("DELETE FROM keeper")
    assert due.look(town.connection) >= 1
    lost = events.get(town.connection, event.id)
    assert (lost.state, lost.held, lost.keeper) == ("open", "keeper_gone", None)
    assert worklist(town)[0].state == "cancelled"
    town.keeper()
    step(town, event.id, "dispatch")
    town.put("keeper", code="K0", name="新网格员", area_code=COMMUNITY, grid_code=GRID)
    town.connection.execute("DELETE FROM keeper WHERE code <> 'K0'")
    due.look(town.connection)
    found = events.get(town.connection, event.id)
    assert (found.state, found.keeper) == ("dispatched", "K0")
    assert [s.step for s in events.steps(town.connection, event.id)].count("orphaned") == 2
    assert due.look(town.connection) == 0


def test_events_that_wait_for_a_keeper_go_to_the_one_whom_their_grid_gets(town: Objects) -> None:
    """No keeper, no grid, a keeper who left: whatever it was, it is over when the grid has one."""
    town.connection.execute("DELETE FROM keeper")
    classes = event_classes.classes(town.connection)
    event_classes.replace(town.connection, [
        EventClass(**{**vars(c), "dispatch": False}) if c.code == "0601" else c for c in classes])
    waits = {code: one(town, code=code, **values) for code, values in {
        "no keeper": {}, "no grid": {"lon": 118.9, "lat": 31.0}, "keeper gone": {}, "by hand": {"class_code": "0601"},
        "unknown": {"class_code": "9999"}, "elsewhere": {"lon": 118.9, "lat": 31.0}}.items()}
    town.connection.execute("UPDATE event SET held = 'keeper_gone', class_code = '0601' WHERE code = 'keeper gone'")
    assert due.look(town.connection) == 0
    # The grid of one came after it, as `shapan place` gives it.
    town.connection.execute("UPDATE event SET area_code = %s, grid_code = %s WHERE code = 'no grid'", (COMMUNITY, GRID))
    assert due.look(town.connection) == 0
    town.keeper()
    changes = len(told(town.connection))
    assert due.look(town.connection) == 5
    assert due.look(town.connection) == 0
    now = {code: events.get(town.connection, event.id) for code, event in waits.items()}
    assert {code: (event.state, event.held, event.keeper) for code, event in now.items()} == {
        "no keeper": ("dispatched", None, f"K{GRID}"), "no grid": ("dispatched", None, f"K{GRID}"),
        "keeper gone": ("dispatched", None, f"K{GRID}"), "by hand": ("open", "by_hand", None),
        "unknown": ("open", "unknown_class", None), "elsewhere": ("open", "no_grid", None)}
    steps = [(s.step, s.state, s.account, s.keeper) for s in events.steps(town.connection, waits["no keeper"].id)]
    assert steps == [("taken", "open", "gateway", None), ("dispatched", "dispatched", "shapan", f"K{GRID}")]
    assert [s.step for s in events.steps(town.connection, waits["by hand"].id)] == ["taken"]
    new = told(town.connection)[changes:]
    assert {payload["code"]: payload["held"] for payload in new} == {
        "no keeper": None, "no grid": None, "keeper gone": None, "by hand": "by_hand", "unknown": "unknown_class"}
    assert now["no keeper"].dispatched_at is not None


def test_who_waits_is_found_grid_by_grid_and_not_event_by_event(town: Objects) -> None:
    """However many wait in a grid without a keeper, one of them is looked at, a second."""
    town.connection.execute("DELETE FROM keeper")
    where = {"area_code": COMMUNITY, "grid_code": GRID, "geometry": "POINT(117.005 31.005)", "title": "x",
             "occurred_at": datetime(2026, 11, 1, tzinfo=UTC), "told": "open", "held": "no_keeper", "class_code": "01"}
    for n in range(50):
        town.put("event", code=f"W{n}", **where)
    building = town.building()
    soon = datetime(2026, 12, 1, tzinfo=UTC)
    visits = [task_life.New("visit", f"{n}", "building", building, soon) for n in range(50)]
    task_life.create(town.connection, visits, "li")
    town.connection.execute("ANALYZE event, task, keeper")
    assert rows_read(town.connection, event_keepers.KEPT, {"most": 9}, "event") <= 1
    assert rows_read(town.connection, task_life.KEPT, (9,), "task") <= 1


def test_what_an_import_gives_back_or_reopens_is_with_nobody_and_not_accepted(town: Objects) -> None:
    event = one(town)
    step(town, event.id, "accept")
    town.connection.execute("UPDATE event SET state = 'rejected'")
    due.look(town.connection)
    rejected = events.get(town.connection, event.id)
    assert (rejected.state, rejected.keeper, rejected.accepted_at) == ("rejected", None, None)
    assert worklist(town)[0].state == "cancelled"


def test_what_an_import_brings_or_changes_is_settled_by_the_job(town: Objects) -> None:
    where = {"area_code": COMMUNITY, "grid_code": GRID, "class_code": "0102", "title": "x",
             "occurred_at": datetime(2026, 10, 1, tzinfo=UTC), "geometry": "POINT(117.005 31.005)"}
    deadline = datetime(2026, 10, 2, tzinfo=UTC)
    ids = {state: town.put("event", code=state, state=state, deadline=deadline, **where) for state in events_states()}
    assert due.look(town.connection) > 0
    state = {name: events.get(town.connection, number) for name, number in ids.items()}
    assert {name: one.state for name, one in state.items()} == {
        "open": "dispatched", "dispatched": "dispatched", "accepted": "accepted", "rejected": "rejected",
        "done": "done", "closed": "closed"}
    assert {one.deadline for one in state.values()} == {deadline}
    assert state["open"].keeper == state["accepted"].keeper == f"K{GRID}"
    assert events.steps(town.connection, ids["done"]) == [], "history stays as it was told"
    changes = [payload["code"] for payload in told(town.connection)]
    assert set(changes) == {"open", "dispatched", "accepted", "rejected"}
    assert {payload["code"] for payload in told(town.connection) if payload["overdue"]} == set(changes)
    town.connection.execute("UPDATE event SET state = 'done' WHERE code = 'accepted'")
    due.look(town.connection)
    assert events.steps(town.connection, ids["accepted"])[-1].step == "imported"
    assert told(town.connection)[-1]["done_at"] is not None
    assert due.look(town.connection) == 0


def test_lists_hold_what_was_asked_for_page_by_page(town: Objects) -> None:
    codes = [f"E{n}" for n in range(7)]
    at = {code: datetime(2026, 11, 1, n // 2, tzinfo=UTC) for n, code in enumerate(codes)}
    taken = take(town.connection, *(report(code, occurred_at=at[code], class_code="0102" if n % 2 else "0401")
                                    for n, code in enumerate(codes)))
    page, after = [], None
    while found := events.find(town.connection, events.Wanted(after=after), 3):
        page += found
        after = (found[-1].occurred_at, found[-1].id)
    assert [e.code for e in page] == sorted(codes, key=lambda code: (at[code], code), reverse=True)
    step(town, taken.ids[0], "accept")
    step(town, taken.ids[0], "finish")

    def codes_of(**wanted: object) -> set[str]:
        return {e.code for e in events.find(town.connection, events.Wanted(**wanted), 100)}

    assert codes_of(state="done") == {"E0"}
    assert codes_of(state="unfinished") == set(codes[1:])
    assert codes_of(class_prefix="04") == {"E0", "E2", "E4", "E6"}
    assert codes_of(grid_prefix=OTHER_GRID[:12]) == set()
    assert codes_of(keeper=f"K{GRID}", end=at["E2"]) == {"E0", "E1"}
    assert codes_of(start=at["E4"]) == {"E4", "E5", "E6"}
    assert codes_of(overdue=True) == set()
    town.connection.execute("UPDATE event SET accept_by = now() - interval '1 s' WHERE code IN ('E0', 'E1')")
    assert codes_of(overdue=True) == {"E1"}


def test_steps_and_tasks_move_with_their_event(town: Objects) -> None:
    building = town.building()
    event = one(town, building="B1")
    step(town, event.id, "accept")
    town.connection.execute("UPDATE building SET area_code = %s, grid_code = %s WHERE id = %s",
                            (OTHER_GRID[:12], OTHER_GRID, building))
    for table in ("event", "event_step", "task", "task_step"):
        assert {row[0] for row in town.connection.execute(f"SELECT grid_code FROM {table}")} == {OTHER_GRID}, table


def test_classes_are_replaced_whole_or_not_at_all(town: Objects) -> None:
    before = event_classes.classes(town.connection)
    assert [c.code for c in before if len(c.code) == 2] == ["01", "02", "03", "04", "05", "06"]
    bad = [EventClass("01", "x", "x", "city", 60, None, None), EventClass("0201", "", "x", "moon", 0, 1, None),
           EventClass("1", "x", "x\n", "city", None, None, None), EventClass("01", "x", "x", "city", 1, 1, None)]
    with pytest.raises(InvalidInput) as fault:
        event_classes.replace(town.connection, bad)
    assert [(place, message.split()[0]) for place, message in fault.value.faults] == [
        ("row 1", "a"), ("row 2", "name"), ("row 2", "kind"), ("row 2", "respond_s"), ("row 3", "code"),
        ("row 3", "name_en"), ("row 2", "its"), ("row 4", "code")]
    assert event_classes.classes(town.connection) == before
    new = [EventClass("07", "森林防火", "Forest fire", "emergency", 60, 600, True)]
    event_classes.replace(town.connection, new)
    assert event_classes.classes(town.connection) == new
