"""How plans of grids are told (网格规划): GeoJSON in degrees, numbers, violations, and what an account may do now."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg
import shapely
from flask import Response, jsonify, request
from shapely.geometry.base import BaseGeometry

from spatial.coverage import Refused
from spatial.errors import ShapanError
from spatial.geometry import to_degrees
from spatial.queries.plans import desk, exceptions, history, starting, states
from spatial.queries.plans.judgement import Judged
from spatial.queries.plans.record import Face, Plan
from spatial.queries.plans.working import Outcome, Stale
from spatial.rules.grid_rules import ERROR, Violation
from spatial.rules.grid_rules.model import Fix
from webmap import demo_role, identity

LARGE = 10_000
"""Violations told at once; the worst come first."""


class MatchNeeded(ShapanError):
    """A change was asked for without saying which revision its author saw."""


def account() -> str:
    """Return the name under which an account draws and approves.

    The demo account in a role of its own is another person than in another one, so that four eyes can be tried.
    """
    who = identity.current()
    role = demo_role.named(request.environ)
    return f"{who.account}:{role}" if identity.is_demo(who) and role in identity.DEMO_AS else who.account


def seen(plan_id: int) -> int:
    """Return the revision that the request's ``If-Match`` names; 0, which no plan ever has, for a tag that is none.

    Raises:
        MatchNeeded: there is none.
    """
    tags = request.if_match
    if not tags:
        raise MatchNeeded("A change needs If-Match with the ETag of the plan as it was read; nothing was changed.",
                          "Read the plan, then send its ETag.")
    for tag in tags.as_set(include_weak=True):
        plan, _, revision = tag.strip('"').partition("-")
        if plan == str(plan_id) and revision.isascii() and revision.isdigit() and len(revision) < 10:
            return int(revision)
    return 0


def tagged(body: dict[str, Any], plan: Plan, status: int = 200) -> Response:
    """Return an answer with the plan's ETag."""
    response = jsonify(body)
    response.status_code = status
    response.set_etag(plan.etag)
    response.headers["Cache-Control"] = "no-store"
    return response


def whole(connection: psycopg.Connection, plan: Plan, judged: Judged) -> dict[str, Any]:
    """Return everything that the page needs of a plan."""
    name, _ = starting.outline(connection, plan.community)
    held = desk.keepers(connection, plan.community)
    return {
        **head(plan), "community": {"code": plan.community, "name": name}, "outline": geojson(plan.outline),
        "faces": features(plan.faces, judged, held), "keepers": held,
        "violations": violations(connection, plan, judged), "can": can(connection, plan, judged),
        "steps": states.steps(connection, plan),
    }


def head(plan: Plan) -> dict[str, Any]:
    """Return what a plan is, without its faces."""
    running = plan.lease_until is not None and plan.lease_until > datetime.now(UTC)
    return {
        "id": plan.id, "community": plan.community, "title": plan.title, "profile": plan.profile, "state": plan.state,
        "revision": plan.revision, "origin": plan.origin, "based_on": plan.based_on, "created_by": plan.created_by,
        "changed_by": plan.changed_by, "submitted_by": plan.submitted_by, "approved_by": plan.approved_by,
        "published_by": plan.published_by, "remark": plan.remark, "trouble": plan.trouble,
        **{name: _instant(getattr(plan, name)) for name in (
            "created_at", "changed_at", "submitted_at", "approved_at", "publish_at", "published_at")},
        "lease": {"by": plan.lease_by, "until": _instant(plan.lease_until), "mine": plan.lease_by == account()}
        if running else None,
    }


def changed(connection: psycopg.Connection, outcome: Outcome) -> dict[str, Any]:
    """Return what an operation changed, or would change."""
    plan = outcome.plan
    told = {
        "revision": plan.revision,
        "operation": {"seq": outcome.seq, "kind": outcome.kind, "summary": dict(outcome.notes)},
        "faces": features(outcome.changed, outcome.judged, desk.keepers(connection, plan.community)),
        "removed": outcome.removed,
        "numbers": {str(number): counts for number, counts in outcome.judged.numbers.items()},
        "violations": violations(connection, plan, outcome.judged), "can": can(connection, plan, outcome.judged),
    }
    return told if outcome.outline is None else told | {"outline": geojson(outcome.outline)}


def stale(error: Stale) -> dict[str, Any]:
    """Return what has changed since the revision that somebody saw: faces, which there are, by whom, when."""
    plan = error.plan
    newer = {number: face for number, face in plan.faces.items() if face.revision > error.seen}
    return {"revision": plan.revision, "state": plan.state, "by": plan.changed_by, "at": _instant(plan.changed_at),
            "difference": features(newer, None, ()), "present": list(plan.faces)}


def refused(error: Refused) -> dict[str, Any]:
    """Return why an operation was refused, with its place to be drawn."""
    place = error.geometry
    return {"reason": error.reason, "message": error.message, "cure": error.cure, "faces": error.faces,
            "geometry": None if place is None or place.is_empty else geojson(place)}


def features(faces: Mapping[int, Face], judged: Judged | None, keepers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return faces as a GeoJSON FeatureCollection, EPSG:4490 in degrees (lon, lat)."""
    known = {one["id"]: {"code": one["code"], "name": one["name"]} for one in keepers}
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "id": number, "geometry": geojson(face.geometry), "properties": {
            "face": number, "code": face.code, "name": face.name, "kind": face.kind, "keeper": known.get(face.keeper),
            **({"numbers": judged.numbers[number]} if judged is not None and number in judged.numbers else {})}}
        for number, face in faces.items()]}


def violations(connection: psycopg.Connection, plan: Plan, judged: Judged) -> list[dict[str, Any]]:
    """Return what the rules find, each with whether it stands."""
    stand = exceptions.of(connection, plan)
    return [_violation(one, stand) for one in judged.violations[:LARGE]]


def can(connection: psycopg.Connection, plan: Plan, judged: Judged) -> dict[str, bool]:
    """Return what this account may do with a plan now."""
    who, name = identity.current(), account()
    undo, redo = history.ends(connection, plan)
    draws = plan.state == "draft" and who.may("plans.edit")
    stand = exceptions.of(connection, plan)
    errors = any(one.severity == ERROR and one.id not in stand for one in judged.violations)
    return {
        "edit": draws, "undo": draws and undo, "redo": draws and redo,
        "submit": draws and not errors, "discard": draws,
        "withdraw": plan.state in states.WAYS["withdraw"][0] and who.may("plans.edit"),
        "approve": plan.state == "submitted" and who.may("plans.approve")
        and states.may_approve(connection, plan, name),
        "reject": plan.state in states.WAYS["reject"][0] and who.may("plans.approve"),
        "publish": plan.state in ("approved", "scheduled") and who.may("plans.publish"),
        "unschedule": plan.state == "scheduled" and who.may("plans.publish"),
    }


def geojson(shape: BaseGeometry) -> dict[str, Any]:
    """Return a geometry of the lattice as GeoJSON, EPSG:4490 in degrees (lon, lat)."""
    return shapely.geometry.mapping(to_degrees(shape))


def _violation(one: Violation, stand: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    name = one.id
    return {"id": name, "rule": one.rule, "severity": one.severity, "message": one.message, "numbers": one.numbers,
            "faces": one.faces, "objects": one.objects,
            "geometry": None if one.geometry is None or one.geometry.is_empty else geojson(one.geometry),
            "fixes": [_fix(fix) for fix in one.fixes], "excepted": stand.get(name),
            "exceptable": one.rule not in exceptions.NEVER}


def _fix(fix: Fix) -> dict[str, Any]:
    return {"kind": fix.kind, **{name: geojson(value) if isinstance(value, BaseGeometry) else value
                                 for name, value in fix.args.items()}}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()
