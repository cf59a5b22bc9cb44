"""Tasks: worklists of keepers, new tasks, steps, rooms still to survey."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range, Regexp

from spatial.errors import InvalidInput
from spatial.queries import survey as surveys
from spatial.queries import survey_places, task_life
from spatial.queries import tasks as queries
from spatial.rules.tasks import KINDS, STATES
from webmap import batches, identity
from webmap.fields import Batch, Cursor, Instant, Sorted, Text, Words, cursor
from webmap.services import transaction

tasks = APIBlueprint("tasks", __name__, url_prefix="/api/tasks", tag="Tasks")

LARGEST_ID = 2**63 - 1
SURVEY_WITHIN = timedelta(days=30)
"""When surveys are due if nobody says so."""

GRID_PREFIX = Regexp(r"^[0-9]{0,15}\Z", error="write the first digits of a grid code")


class TasksQuery(Schema):
    """Which tasks."""

    keeper = Text(load_default=None, validate=Length(1, 100), metadata={"description": "code of a keeper"})
    state = String(load_default=None, validate=OneOf([*STATES, "overdue"]))
    kind = String(load_default=None, validate=OneOf(KINDS))
    grid = Text(load_default="", validate=GRID_PREFIX)
    due_before = Instant(load_default=None)
    event = Integer(load_default=None, validate=Range(1, LARGEST_ID), metadata={"description": "id of an event"})
    after = Cursor(load_default=None)
    limit = Integer(load_default=100, validate=Range(1, 1000))


class TaskIn(Schema):
    """One task. Tasks of events are made by accepting the event."""

    kind = String(required=True, validate=OneOf(KINDS))
    title = Words(required=True, validate=Length(1, 200))
    target_kind = String(required=True, validate=OneOf(["building", "room", "household", "facility"]))
    target_id = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    due_at = Instant(required=True)
    keeper = Words(load_default=None, allow_none=True, validate=Length(1, 100),
                   metadata={"description": "code; the keeper of the target's grid when not given"})
    note = Words(lines=True, load_default=None, allow_none=True, validate=Length(max=1000))


class TasksIn(Schema):
    """A batch of tasks, each of which counts for itself."""

    tasks = Batch(Nested(TaskIn), required=True, validate=Length(1, 1000))


class StepIn(Schema):
    """What goes with a step."""

    note = Words(lines=True, load_default=None, allow_none=True, validate=Length(max=1000),
                 metadata={"description": "cancel and comment need one"})
    keeper = Words(load_default=None, allow_none=True, validate=Length(1, 100),
                   metadata={"description": "code, for reassign"})
    result = Words(load_default=None, allow_none=True, validate=Length(max=200),
                   metadata={"description": "what came of it, for done"})
    version = Integer(load_default=None, allow_none=True, validate=Range(0, 2**31 - 1),
                      metadata={"description": "that of the task as it was seen; another one refuses the step"})


class SurveyQuery(Schema):
    """Where: one of building, grid and community; everywhere when none is given."""

    building = Text(load_default=None, validate=Length(1, 100), metadata={"description": "code of a building"})
    grid = Text(load_default="", validate=Regexp(r"^([0-9]{15})?\Z", error="write the 15 digits of a grid"))
    community = Text(load_default="", validate=Regexp(r"^([0-9]{12})?\Z", error="write the 12 digits of a community"))
    after = Text(load_default="", validate=Length(max=100), metadata={"description": "`next` of the page before"})
    limit = Integer(load_default=50, validate=Range(1, 200), metadata={"description": "buildings looked at"})


class SurveyPlacesQuery(Schema):
    """Places of which level."""

    level = String(load_default="grid", validate=OneOf(survey_places.LEVELS))
    within = Text(load_default="", validate=GRID_PREFIX)


class SurveyIn(Schema):
    """Rooms to survey, and buildings whose missing rooms are to be found."""

    rooms = List(Integer(strict=True, validate=Range(1, LARGEST_ID)), load_default=list, validate=Length(max=1000))
    buildings = List(Integer(strict=True, validate=Range(1, LARGEST_ID)), load_default=list,
                     validate=Length(max=1000))
    due_at = Instant(load_default=None, allow_none=True, metadata={"description": "in 30 days when not given"})
    keeper = Words(load_default=None, allow_none=True, validate=Length(1, 100))


@tasks.get("")
@identity.needs("tasks.read")
@tasks.input(TasksQuery, location="query", arg_name="query")
@tasks.doc(summary="Tasks, those due first before the rest, page by page")
def find(query: dict[str, Any]) -> dict[str, Any]:
    """List tasks; what people wrote is for those who handle tasks."""
    wanted = queries.Wanted(query["keeper"], query["state"], query["kind"], query["grid"], query["due_before"],
                            query["event"], query["after"])
    with transaction() as connection:
        found = queries.find(connection, wanted, query["limit"])
    full = len(found) == query["limit"]
    return {"tasks": [_shown(one) for one in found], "next": cursor(found[-1].due_at, found[-1].id) if full else None}


def _shown(thing: queries.Task | queries.Recorded) -> dict[str, object]:
    return queries.as_json(thing, written=identity.current().may("tasks.handle"))


@tasks.post("")
@identity.needs("tasks.handle")
@tasks.input(TasksIn, location="json", arg_name="body")
@tasks.doc(summary="Make tasks",
           responses={201: "Made, after the commit; `refused` names what was not", 422: "Nothing could be made"})
def create(body: dict[str, Sorted]) -> tuple[dict[str, Any], int]:
    """Make a batch of tasks; the same open task is not made twice, a faulty one loses no other."""
    batch = body["tasks"]
    with transaction() as connection:
        made = task_life.create(connection, [task_life.New(**entry) for _, entry in batch.taken],
                                identity.current().account)
    return batches.answer("tasks", batch, made.ids, made.known, made.faults)


@tasks.get("/survey")
@identity.needs("tasks.read")
@tasks.input(SurveyQuery, location="query", arg_name="query")
@tasks.doc(summary="Rooms still to survey, building by building, unit by unit, storey by storey")
def survey(query: dict[str, Any]) -> dict[str, Any]:
    """List rooms without required fields, and storeys or buildings with fewer rooms than were declared."""
    given = [name for name in ("building", "grid", "community") if query[name]]
    if len(given) > 1:
        raise InvalidInput("Say one place only.", [(name, "goes not together with another place") for name in given])
    with transaction() as connection:
        found = surveys.worklist(connection, query["building"], query["grid"] or query["community"], query["after"],
                                 query["limit"])
    return {**asdict(found), "gaps": [{**asdict(gap), "missing": gap.expected - gap.recorded} for gap in found.gaps]}


@tasks.get("/survey/places")
@identity.needs("tasks.read")
@tasks.input(SurveyPlacesQuery, location="query", arg_name="query")
@tasks.doc(summary="Where rooms are still to survey: grids or communities with how many, assigned and done")
def survey_in_places(query: dict[str, Any]) -> dict[str, Any]:
    """List the places that hold rooms or open surveys, by code; keepers are null where their names may not be read."""
    named = identity.current().may("keepers.named")
    with transaction() as connection:
        found = survey_places.places(connection, query["level"], query["within"])
    return {"level": query["level"],
            "places": [{**asdict(one), "keeper": one.keeper if named else None} for one in found]}


@tasks.post("/survey")
@identity.needs("tasks.handle")
@tasks.input(SurveyIn, location="json", arg_name="body")
@tasks.doc(summary="Make surveys of rooms, and of buildings for rooms that are missing",
           responses={201: "Made, after the commit; `refused` names what was not", 422: "Nothing could be made"})
def assign(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Make one open survey for each room and building; one that has it already is left alone."""
    if not body["rooms"] and not body["buildings"]:
        raise InvalidInput("Nothing is to be surveyed.", [("rooms", "name rooms or buildings by id")])
    rooms, buildings = (list(dict.fromkeys(body[name])) for name in ("rooms", "buildings"))
    due_at = body["due_at"] or datetime.now(UTC) + SURVEY_WITHIN
    with transaction() as connection:
        made = surveys.assign(connection, rooms, buildings, due_at, identity.current().account, body["keeper"])
    every = Sorted([(position, None) for position in range(len(rooms) + len(buildings))], [])
    return batches.answer("surveys", every, made.ids, made.known, made.faults)


@tasks.get("/<int:task_id>")
@identity.needs("tasks.read")
@tasks.doc(summary="One task", responses={404: "No such task"})
def get(task_id: int) -> dict[str, Any]:
    """Return one task."""
    with transaction() as connection:
        return _shown(queries.get(connection, task_id))


@tasks.get("/<int:task_id>/steps")
@identity.needs("tasks.read")
@tasks.doc(summary="The steps of a task's life, in order", responses={404: "No such task"})
def steps(task_id: int) -> dict[str, Any]:
    """Return what was done with a task, by whom and when."""
    with transaction() as connection:
        return {"steps": [_shown(one) for one in queries.steps(connection, task_id)]}


@tasks.post("/<int:task_id>/<any(done, cancel, reassign, comment):step>")
@identity.needs("tasks.handle")
@tasks.input(StepIn, location="json", arg_name="body")
@tasks.doc(summary="Take a step in a task's life; finishing the task of an event finishes the event",
           responses={404: "No such task", 409: "Its state does not allow the step; says who did what and when"})
def take_step(task_id: int, step: str, body: dict[str, Any]) -> dict[str, Any]:
    """Take one step and return the task after it."""
    with transaction() as connection:
        task_life.take_step(connection, task_id, task_life.Step(step, identity.current().account, **body))
        return _shown(queries.get(connection, task_id))
