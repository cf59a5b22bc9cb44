"""Conflicts of surveys (采集核对): those that nobody has settled, and how somebody settles one."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import UUID as Uuid
from apiflask.fields import Boolean, Integer, String
from apiflask.validators import Length, OneOf, Range, Regexp

from spatial.errors import InvalidInput
from spatial.queries import survey_list, survey_settling
from spatial.queries.survey_settling import Decision
from spatial.rules import survey as rules
from webmap import identity
from webmap.fields import AREA, Words
from webmap.services import transaction
from webmap.views.surveys import PageQuery, page_end, page_of, uuid_of, who, zone

survey_conflicts = APIBlueprint("survey_conflicts", __name__, url_prefix="/api/survey", tag="Survey")

SETTLED_MOST = 200
"""Settled conflicts that are listed at most."""

REMARK_CHARACTERS = 200


class WithinQuery(Schema):
    """Where."""

    within = String(load_default="", validate=Regexp(r"^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15})?\Z"),
                    metadata={"description": AREA})


class ConflictsQuery(WithinQuery, PageQuery):
    """Which conflicts."""

    settled = Boolean(load_default=False, metadata={
        "description": f"those that somebody settled in the last {rules.SHOWN_DAYS} days, at most {SETTLED_MOST}"})
    id = Uuid(load_default=None, metadata={
        "description": "this one alone, settled or not; nothing is listed where it is not within the jurisdiction"})


class DecisionIn(Schema):
    """What somebody decides."""

    take = String(required=True, validate=OneOf(survey_settling.TAKES), metadata={
        "description": "`form`: the keeper's values are taken over; `record`: what is on record stands"})
    version = Integer(required=True, allow_none=True, strict=True, validate=Range(0, 2**31 - 1), metadata={
        "description": "of the room that was seen (`now.version`); null where none was on record"})
    remark = Words(load_default="", validate=Length(max=REMARK_CHARACTERS), metadata={
        "description": "why; needed where the record stands, so that the keeper's visit was not for nothing"})


@survey_conflicts.get("/conflicts")
@identity.needs("rooms.read")
@survey_conflicts.input(ConflictsQuery, location="query", arg_name="query")
@survey_conflicts.doc(summary="Forms that stand against the record: those still open, or those settled of late")
def conflicts(query: dict[str, Any]) -> dict[str, Any]:
    """List conflicts within the jurisdiction, the newest first: those of redrawn grids are among them.

    ``said`` is the keeper's finding, ``theirs`` what stood against it when it came, ``now`` the room as it stands, null
    where none is on record. ``form``: the fields with their words. ``open``: how many there are in all.
    """
    limit = query["limit"]
    with transaction() as connection:
        if query["id"]:
            one = survey_list.conflict(connection, str(query["id"]))
            found = [one] if one else []
        elif query["settled"]:
            found = survey_list.settled(connection, query["within"], SETTLED_MOST)
            limit = SETTLED_MOST
        else:
            found = survey_list.conflicts(connection, query["within"], page_end(query["after"]), limit + 1)
        return {**page_of(found, limit), "form": survey_list.form(connection),
                "open": survey_list.count(connection, query["within"])}


@survey_conflicts.get("/conflicts/count")
@identity.needs("rooms.read")
@survey_conflicts.input(WithinQuery, location="query", arg_name="query")
@survey_conflicts.doc(summary="How many conflicts of surveys nobody has settled")
def count(query: dict[str, Any]) -> dict[str, Any]:
    """Count the open conflicts within the jurisdiction."""
    with transaction() as connection:
        return {"open": survey_list.count(connection, query["within"])}


@survey_conflicts.post("/conflicts/<edit_id>/settle")
@identity.needs("survey.settle")
@survey_conflicts.input(DecisionIn, location="json", arg_name="body")
@survey_conflicts.doc(summary="Settle a conflict: take the keeper's values over, or let the record stand",
                      responses={404: "No such conflict within the jurisdiction",
                                 409: "Somebody settled it, or changed the room; `conflict` is as it stands",
                                 422: "The values cannot be taken over, or there is no remark"})
def settle(edit_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """End a conflict and return it as it is afterwards. Who did stands in the audit log."""
    decision = Decision(body["take"], body["version"], body["remark"].strip())
    if decision.take == survey_settling.RECORD and not decision.remark:
        raise InvalidInput("There is no remark.", [("remark", "is needed where the record stands")],
                           "Say why the keeper's finding is put aside.")
    with transaction() as connection:
        return survey_list.told(survey_settling.settle(connection, who(), uuid_of(edit_id), decision, zone()))


@survey_conflicts.post("/edits/<edit_id>/aside")
@identity.needs("survey.write")
@survey_conflicts.doc(summary="Put a conflict aside whose room is not on record, as the keeper of its grid",
                      responses={404: "No such conflict in the keeper's grids",
                                 409: "Somebody settled it, or the room is on record by now"})
def put_aside(edit_id: str) -> dict[str, Any]:
    """End a conflict about a room that is not on record and, says its keeper, need not be."""
    with transaction() as connection:
        return survey_list.told(survey_settling.put_aside(connection, who(), uuid_of(edit_id), zone()))
