"""Plans of grids on their way: submitted, approved, sent back; exceptions, comparison, export."""

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
from apiflask import APIBlueprint, Schema
from apiflask.validators import Length
from flask import Response

from spatial.queries.plans import comparison, exceptions, judgement, publication, record, states, working
from spatial.queries.plans.record import Plan
from webmap import identity, plan_files
from webmap import plans as said
from webmap.fields import Instant, Text
from webmap.services import transaction
from webmap.views.plans import CONFLICTS

plan_states = APIBlueprint("plan_states", __name__, url_prefix="/api/plans", tag="Plans")


class ReasonIn(Schema):
    """Why."""

    reason = Text(required=True, validate=Length(1, 500))


class PublishIn(Schema):
    """When."""

    at = Instant(load_default=None, metadata={"description": "server time, with its zone; now where it is missing"})


@plan_states.post("/<int:plan_id>/submit")
@identity.needs("plans.edit")
@plan_states.doc(summary="Submit a draft to be approved", responses=CONFLICTS | {409: "Errors are left, or no draft"})
def submit(plan_id: int) -> Response:
    """Submit a plan without errors; nothing of it can be drawn until it comes back."""
    return _step(plan_id, "submit")


@plan_states.post("/<int:plan_id>/withdraw")
@identity.needs("plans.edit")
@plan_states.doc(summary="Make a submitted or approved plan a draft again", responses=CONFLICTS)
def withdraw(plan_id: int) -> Response:
    """Take a plan back to draw on."""
    return _step(plan_id, "withdraw")


@plan_states.post("/<int:plan_id>/discard")
@identity.needs("plans.edit")
@plan_states.doc(summary="Give a draft up for good", responses=CONFLICTS)
def discard(plan_id: int) -> Response:
    """Give a draft up; it stays readable."""
    return _step(plan_id, "discard")


@plan_states.post("/<int:plan_id>/approve")
@identity.needs("plans.approve")
@plan_states.doc(summary="Approve a submitted plan",
                 responses=CONFLICTS | {403: "The account drew or submitted it"})
def approve(plan_id: int) -> Response:
    """Approve a plan; whoever drew or submitted it does not."""
    return _step(plan_id, "approve")


@plan_states.post("/<int:plan_id>/reject")
@identity.needs("plans.approve")
@plan_states.input(ReasonIn, location="json", arg_name="body")
@plan_states.doc(summary="Send a plan back with the reason", responses=CONFLICTS)
def reject(plan_id: int, body: dict[str, Any]) -> Response:
    """Send a plan back to be drawn on."""
    return _step(plan_id, "reject", body["reason"])


@plan_states.post("/<int:plan_id>/publish")
@identity.needs("plans.publish")
@plan_states.input(PublishIn, location="json", arg_name="body")
@plan_states.doc(summary="Publish an approved plan now, or at an instant", responses=CONFLICTS | {
    200: "Scheduled: the stream tells when it is in force, and `trouble` of the plan why it could not be"})
def publish(plan_id: int, body: dict[str, Any]) -> Response:
    """Have a plan published; a job does it within a second of its time, in one transaction."""
    seen = said.seen(plan_id)
    with transaction() as connection:
        publication.schedule(connection, plan_id, at=body["at"] or datetime.now(UTC), account=said.account(), seen=seen)
        return _whole(connection, plan_id)


@plan_states.post("/<int:plan_id>/unschedule")
@identity.needs("plans.publish")
@plan_states.doc(summary="Take the date of a scheduled plan back", responses=CONFLICTS)
def unschedule(plan_id: int) -> Response:
    """Keep a plan approved, without a date."""
    seen = said.seen(plan_id)
    with transaction() as connection:
        publication.unschedule(connection, plan_id, account=said.account(), seen=seen)
        return _whole(connection, plan_id)


def _step(plan_id: int, kind: str, remark: str | None = None) -> Response:
    seen = said.seen(plan_id)
    with transaction() as connection:
        states.step(connection, plan_id, kind, account=said.account(), seen=seen, remark=remark)
        return _whole(connection, plan_id)


@plan_states.put("/<int:plan_id>/exceptions/<violation>")
@identity.needs("plans.edit")
@plan_states.input(ReasonIn, location="json", arg_name="body")
@plan_states.doc(summary="Let a violation stand, with the reason", responses=CONFLICTS)
def let_stand(plan_id: int, violation: str, body: dict[str, Any]) -> Response:
    """Let a violation stand; answers as reading the plan does."""
    seen = said.seen(plan_id)
    with transaction() as connection:
        plan = working.checked(connection, plan_id, said.account(), seen)
        exceptions.put(connection, plan, violation, body["reason"], said.account())
        return _whole(connection, plan_id)


@plan_states.delete("/<int:plan_id>/exceptions/<violation>")
@identity.needs("plans.edit")
@plan_states.doc(summary="End an exception", responses=CONFLICTS)
def end_exception(plan_id: int, violation: str) -> Response:
    """Let a violation count again; answers as reading the plan does."""
    seen = said.seen(plan_id)
    with transaction() as connection:
        plan = working.checked(connection, plan_id, said.account(), seen)
        exceptions.remove(connection, plan, violation, said.account())
        return _whole(connection, plan_id)


def _whole(connection: psycopg.Connection, plan_id: int) -> Response:
    plan = record.get(connection, plan_id)
    judged = judgement.judge(plan, plan.faces, plan.coverage, judgement.ground(connection, plan))
    return said.tagged(said.whole(connection, plan, judged), plan)


@plan_states.get("/<int:plan_id>/comparison")
@identity.needs("plans.read")
@plan_states.doc(summary="What publishing a plan would change", responses={404: "No such plan"})
def compared(plan_id: int) -> dict[str, Any]:
    """Return moved buildings and households, what becomes of each grid, changed keepers, ground that changes hands."""
    with transaction() as connection:
        found = comparison.compare(connection, record.get(connection, plan_id))
    pieces = [{"type": "Feature", "geometry": said.geojson(one["geometry"]),
               "properties": {name: one[name] for name in ("from", "to", "m2")}} for one in found.pop("ground")]
    return {**found, "ground": {"type": "FeatureCollection", "features": pieces}}


@plan_states.get("/<int:plan_id>/export.<any(geojson, gpkg, zip):form>")
@identity.needs("plans.read")
@plan_states.doc(summary="A plan's grids as a file", responses={404: "No such plan", 200: (
    "GeoJSON, a GeoPackage, or a shapefile in a zip; code, name and kind; degrees, EPSG:4490 (lon, lat)")})
def export(plan_id: int, form: str) -> Response:
    """Return the faces as a file, which the import of ``planned_grids`` takes back as they are."""
    with transaction() as connection:
        plan = record.get(connection, plan_id)
    if form == "geojson":
        body, kind = _geojson(plan), "application/geo+json"
    else:
        body, kind = plan_files.written(plan, form), plan_files.DRIVERS[form][1]
    return Response(body, mimetype=kind, headers={
        "Content-Disposition": f'attachment; filename="plan-{plan.id}-{plan.revision}.{form}"',
        "Cache-Control": "no-store"})


def _geojson(plan: Plan) -> str:
    features = [{"type": "Feature", "geometry": said.geojson(face.geometry),
                 "properties": {"code": face.code, "name": face.name, "kind": face.kind}}
                for face in plan.faces.values()]
    return json.dumps({"type": "FeatureCollection", "name": plan_files.LAYER, "features": features},
                      ensure_ascii=False)
