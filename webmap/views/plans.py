"""Plans of grids: reading them, beginning one, operations, undo and redo, whose turn it is to draw."""

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Integer
from apiflask.validators import Length, OneOf, Range, Regexp
from flask import Response, url_for
from marshmallow import INCLUDE

from spatial.queries.plans import communities as listing
from spatial.queries.plans import history, judgement, lease, record, starting, stock, working
from spatial.queries.plans.asked import ARGUMENTS
from spatial.rules.grid_rules import Profile, load_profile, profiles
from webmap import identity
from webmap import plans as said
from webmap.fields import Text
from webmap.services import transaction

plans = APIBlueprint("plans", __name__, url_prefix="/api/plans", tag="Plans")

CONFLICTS = {404: "No such plan within the jurisdiction", 409: "Not a draft", 412: "Changed meanwhile; tells what",
             422: "Refused; tells why and where", 423: "Somebody else draws", 428: "Without If-Match"}


def _community(**options: Any) -> Text:
    return Text(validate=Regexp(r"^[0-9]{12}\Z", error="is 12 digits"), **options)


class PlansQuery(Schema):
    """Of which community."""

    community = _community(load_default=None)


class StartIn(Schema):
    """A new plan."""

    community = _community(required=True)
    title = Text(load_default=None, validate=Length(1, 200))
    start = Text(load_default="published", validate=OneOf(["published", "empty", "plan", "file"]))
    profile = Text(load_default="standard", validate=Length(1, 60))
    plan = Integer(load_default=None, strict=True, validate=Range(1, 2**62))
    source = Text(load_default=None, validate=Length(1, 200))


class OperationIn(Schema):
    """An operation: its kind, and the arguments of that kind beside it."""

    class Meta:
        unknown = INCLUDE

    kind = Text(required=True, validate=OneOf(list(ARGUMENTS)))


class OperationQuery(Schema):
    """Whether it is only tried."""

    preview = Boolean(load_default=False)


@plans.get("")
@identity.needs("plans.read")
@plans.input(PlansQuery, location="query", arg_name="query")
@plans.doc(summary="Plans, the newest first")
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List plans of one community or of all within the jurisdiction."""
    with transaction() as connection:
        return {"plans": [_dated(one) for one in listing.plans(connection, query["community"])]}


@plans.get("/communities")
@identity.needs("plans.read")
@plans.doc(summary="Communities that can be planned, with the plan of each that is on its way")
def communities() -> dict[str, Any]:
    """List communities that lie wholly inside the jurisdiction; ``bounds`` are degrees, EPSG:4490."""
    with transaction() as connection:
        return {"communities": [_dated(one) for one in listing.communities(connection)]}


@plans.get("/files")
@identity.needs("plans.read")
@plans.input(PlansQuery, location="query", arg_name="query")
@plans.doc(summary="Imported plans of which a draft can be made")
def files(query: dict[str, Any]) -> dict[str, Any]:
    """List imports of the concept ``planned_grids`` with grids in a community."""
    with transaction() as connection:
        return {"files": listing.files(connection, query["community"] or "")}


@plans.get("/profiles")
@identity.needs("plans.read")
@plans.doc(summary="Rule profiles: severities, thresholds and where they come from")
def rule_profiles() -> dict[str, Any]:
    """Return every rule profile; ``practice`` is true where no binding document is known."""
    return {"profiles": [_profile(load_profile(name)) for name in profiles()]}


@plans.post("")
@identity.needs("plans.edit")
@plans.input(StartIn, location="json", arg_name="body")
@plans.doc(summary="Begin a plan", responses={201: "Begun; Location names it", 404: "No such community, plan or file",
                                              409: "The community has a plan on its way"})
def start(body: dict[str, Any]) -> Response:
    """Begin a plan of a community; whoever begins it draws."""
    with transaction() as connection:
        plan = starting.start(connection, body["community"], account=said.account(), origin=body["start"],
                              title=body["title"], profile=body["profile"], plan=body["plan"], source=body["source"])
        plan = lease.take(connection, plan, said.account())
        judged = judgement.judge(plan, plan.faces, plan.coverage, judgement.ground(connection, plan))
        response = said.tagged(said.whole(connection, plan, judged), plan, 201)
    response.headers["Location"] = url_for("plans.one", plan_id=plan.id)
    return response


@plans.get("/<int:plan_id>")
@identity.needs("plans.read")
@plans.doc(summary="A plan: faces, numbers, violations, what may be done", responses={404: "No such plan"})
def one(plan_id: int) -> Response:
    """Return a plan; its ETag names the revision. Geometries are GeoJSON in degrees, EPSG:4490."""
    with transaction() as connection:
        plan = record.get(connection, plan_id)
        judged = judgement.judge(plan, plan.faces, plan.coverage, judgement.ground(connection, plan))
        return said.tagged(said.whole(connection, plan, judged), plan)


@plans.post("/<int:plan_id>/operations")
@identity.needs("plans.edit")
@plans.input(OperationQuery, location="query", arg_name="query")
@plans.input(OperationIn, location="json", arg_name="body")
@plans.doc(summary="Carry out one operation, or try it", responses=CONFLICTS, description=(
    "Needs If-Match with the plan's ETag, and the lease unless `preview=1`. Kinds and their arguments, geometries as "
    "GeoJSON in degrees, EPSG:4490: " + "; ".join(f"`{kind}` ({', '.join(names) or 'none'})"
                                                  for kind, names in ARGUMENTS.items())))
def operate(plan_id: int, query: dict[str, Any], body: dict[str, Any]) -> Response:
    """Carry out an operation; the answer tells faces that changed, all numbers and all violations."""
    seen = said.seen(plan_id)
    given = dict(body)
    with transaction() as connection:
        outcome = working.perform(connection, plan_id, given.pop("kind"), given, account=said.account(), seen=seen,
                                  preview=query["preview"])
        return said.tagged(said.changed(connection, outcome), outcome.plan)


@plans.post("/<int:plan_id>/undo")
@identity.needs("plans.edit")
@plans.doc(summary="Undo the last operation", responses=CONFLICTS)
def undo(plan_id: int) -> Response:
    """Take the last operation back; answers as an operation does."""
    return _stepped(plan_id, working.undo)


@plans.post("/<int:plan_id>/redo")
@identity.needs("plans.edit")
@plans.doc(summary="Do the operation again that was undone last", responses=CONFLICTS)
def redo(plan_id: int) -> Response:
    """Do an operation again; answers as an operation does."""
    return _stepped(plan_id, working.redo)


def _stepped(plan_id: int, step) -> Response:
    seen = said.seen(plan_id)
    with transaction() as connection:
        outcome = step(connection, plan_id, account=said.account(), seen=seen)
        return said.tagged(said.changed(connection, outcome), outcome.plan)


@plans.put("/<int:plan_id>/lease")
@identity.needs("plans.edit")
@plans.doc(summary="Draw a plan, or go on drawing, for twenty minutes",
           responses={404: "No such plan", 409: "Somebody else draws, or it is no draft"})
def take_lease(plan_id: int) -> dict[str, Any]:
    """Take or keep the lease."""
    with transaction() as connection:
        plan = record.get(connection, plan_id, lock=True)
        if plan.state != "draft":
            raise working.NotADraft(plan)
        return {"lease": said.head(lease.take(connection, plan, said.account()))["lease"]}


@plans.delete("/<int:plan_id>/lease")
@identity.needs("plans.edit")
@plans.doc(summary="Let somebody else draw", responses={404: "No such plan"})
def give_back_lease(plan_id: int) -> dict[str, Any]:
    """Give the lease back; without one nothing happens."""
    with transaction() as connection:
        lease.give_back(connection, record.get(connection, plan_id, lock=True), said.account())
    return {"lease": None}


@plans.get("/<int:plan_id>/history")
@identity.needs("plans.read")
@plans.doc(summary="What was done to a plan, in order", responses={404: "No such plan"})
def log(plan_id: int) -> dict[str, Any]:
    """List operations with those undone; ``head`` is the last in force."""
    with transaction() as connection:
        plan = record.get(connection, plan_id)
        return {"head": plan.head, "operations": history.listed(connection, plan)}


@plans.get("/<int:plan_id>/history/<int:operation_id>")
@identity.needs("plans.read")
@plans.doc(summary="The faces as they were after an operation; 0 is the beginning",
           responses={404: "No such plan or operation"})
def replayed(plan_id: int, operation_id: int) -> dict[str, Any]:
    """Return faces of the past as GeoJSON."""
    with transaction() as connection:
        plan = record.get(connection, plan_id)
        faces = history.at(connection, plan, operation_id)
        return {"seq": operation_id, "faces": said.features(faces, None, ())}


@plans.get("/<int:plan_id>/buildings")
@identity.needs("plans.read")
@plans.doc(summary="Buildings of a plan's community: id, point, households", responses={404: "No such plan"})
def buildings(plan_id: int) -> dict[str, Any]:
    """Return columns ``id``, ``lon``, ``lat`` (degrees, EPSG:4490), ``households``, ``footprints`` (GeoJSON)."""
    with transaction() as connection:
        held = stock.buildings(connection, record.get(connection, plan_id).outline)
    return {"id": held.ids.tolist(), "households": held.counts["households"].tolist(),
            "lon": [point.x / 1e8 for point in held.points], "lat": [point.y / 1e8 for point in held.points],
            "footprints": [said.geojson(shape) for shape in held.footprints]}


@plans.get("/<int:plan_id>/roads")
@identity.needs("plans.read")
@plans.doc(summary="Centre lines of roads around a plan", responses={404: "No such plan"})
def roads(plan_id: int) -> dict[str, Any]:
    """Return roads as GeoJSON lines, to lay boundaries on."""
    with transaction() as connection:
        found = stock.roads(connection, record.get(connection, plan_id).outline).lines
    return {"roads": [said.geojson(line) for line in found]}


def _profile(found: Profile) -> dict[str, Any]:
    return {"name": found.name, "title": dict(found.title), "rules": {
        rule: {"severity": one.severity, "limits": dict(one.limits), "source": one.source, "practice": one.practice}
        for rule, one in found.rules.items()}}


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


