"""Disaster warnings: messages in, what is in force, whom and what a warning concerns."""

from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List, Nested
from apiflask.validators import Length, OneOf, Range, Regexp
from flask import request
from marshmallow import ValidationError

from spatial.errors import InvalidInput
from spatial.queries import warning_messages, warning_places
from spatial.queries import warnings as queries
from spatial.rules import masks
from spatial.rules.warnings import CATEGORIES, CERTAINTIES, MESSAGE_TYPES, SEVERITIES, STATUSES, URGENCIES
from webmap import cap, cap_xml, guard, identity
from webmap.fields import Instant, Text, Words
from webmap.problems import faults_of
from webmap.services import transaction

warnings = APIBlueprint("warnings", __name__, url_prefix="/api/warnings", tag="Warnings")

LARGEST_ID = 2**63 - 1
LONGEST = timedelta(days=366)
GRIDS_MOST = 200
"""Grids of which each is told its nearest shelter."""

CARE_MOST = 20_000
"""Buildings in whose area residents are counted by category of care; a county's would take seconds."""

NAME = Regexp(r"^[^\s,<&\x00-\x1f\x7f]{1,200}$(?!\n)",
              error="write 1 to 200 characters without blanks, commas, < and &")
"""CAP 1.2, 3.2.1: identifiers and senders hold neither blanks nor commas nor restricted characters."""


def _said(most: int, **options: Any) -> Words:
    # XML breaks lines anywhere.
    return Words(lines=True, load_default=None, allow_none=True, validate=Length(max=most), **options)


def _when() -> Instant:
    return Instant(load_default=None, allow_none=True)


class GeocodeIn(Schema):
    """A code of an area: 6, 9 or 12 digits, or of a grid: 15."""

    value_name = Text(data_key="valueName", load_default="", validate=Length(max=100))
    value = Text(required=True, validate=Length(1, 100))


class AreaIn(Schema):
    """Where: polygons ``lat,lon lat,lon …``, circles ``lat,lon radius-in-km`` (WGS 84), codes."""

    area_desc = _said(500, data_key="areaDesc")
    polygon = List(Text(validate=Length(1, 1_000_000)), load_default=list, validate=Length(max=100))
    circle = List(Text(validate=Length(1, 100)), load_default=list, validate=Length(max=100))
    geocode = List(Nested(GeocodeIn), load_default=list, validate=Length(max=500))


class InfoIn(Schema):
    """What, in one language."""

    language = Text(load_default="zh-CN", validate=Regexp(r"^[A-Za-z0-9-]{2,20}$(?!\n)"))
    category = List(Text(validate=OneOf(CATEGORIES)), required=True, validate=Length(1, 12))
    event = Words(lines=True, required=True, validate=Length(1, 200))
    urgency = Text(required=True, validate=OneOf(URGENCIES))
    severity = Text(required=True, validate=OneOf(SEVERITIES))
    certainty = Text(required=True, validate=OneOf(CERTAINTIES))
    effective, onset, expires = _when(), _when(), _when()
    headline = _said(300)
    description = _said(5000)
    instruction = _said(5000)
    area = List(Nested(AreaIn), load_default=list, validate=Length(max=100))


class MessageIn(Schema):
    """A CAP 1.2 message; in JSON by the names that its XML has."""

    identifier = Words(required=True, validate=NAME)
    sender = Words(required=True, validate=NAME)
    sent = Instant(required=True)
    status = Text(required=True, validate=OneOf(STATUSES))
    msg_type = Text(data_key="msgType", required=True, validate=OneOf(MESSAGE_TYPES))
    scope = Text(load_default="Public", validate=OneOf(["Public"], error="only Public messages are shown to everybody"))
    references = Text(load_default="", validate=Length(max=40_000),
                      metadata={"description": "sender,identifier,sent of each message, with blanks between them"})
    info = List(Nested(InfoIn), load_default=list, validate=Length(max=10))


class ListQuery(Schema):
    """Which warnings: those in force now, upcoming ones, or all of a half-open window."""

    state = Text(load_default="in_force", validate=OneOf(["in_force", "upcoming"]))
    start = Instant(data_key="from", load_default=None)
    end = Instant(data_key="to", load_default=None)
    status = Text(load_default="Actual", validate=OneOf(STATUSES))
    after = Integer(load_default=0, validate=Range(0, LARGEST_ID))
    limit = Integer(load_default=100, validate=Range(1, 500))


@warnings.post("")
@identity.needs("warnings.send")
@guard.also_takes(*cap_xml.MEDIA_TYPES)
@warnings.input(MessageIn, location="json", arg_name="body", validation=False)
@warnings.doc(summary="Take in a CAP 1.2 message, as JSON or as XML",
              responses={200: "Taken before", 201: "Taken, after the commit", 403: "It refers to a warning that "
                         "reaches beyond the account's area", 413: "Too large", 422: "All faults"})
def take(body: Any) -> tuple[dict[str, Any], int]:
    """Take in one message; sent again it changes nothing.

    ``notes`` says what it did not do: references that are unknown, older than what they replace, or of another status.
    """
    if request.mimetype in cap_xml.MEDIA_TYPES:
        body = cap_xml.read(request.get_data())
    try:
        message = MessageIn().load(body)
    except ValidationError as error:
        raise cap.refusal(faults_of(error.messages)) from error
    notice = cap.notice(message)
    with transaction() as connection:
        outcome = warning_messages.take(connection, notice, identity.current().account)
    warning = outcome.warning
    return {"new": outcome.new, "id": warning and warning.id, "state": warning and warning.state,
            "places": warning.places if warning else [], "notes": outcome.notes}, 201 if outcome.new else 200


@warnings.get("")
@identity.needs("warnings.read")
@warnings.input(ListQuery, location="query", arg_name="query")
@warnings.doc(summary="Warnings in force, or upcoming, or of a window")
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List warnings by number; ``next`` is the ``after`` of the next page. Exercises and tests only by ``status``."""
    start, end = query["start"], query["end"]
    if (start is None) != (end is None) or (start and not start < end <= start + LONGEST):
        raise InvalidInput("The window is empty, half given, or longer than a year.",
                           [("from", "must lie before to, by a year at most")])
    page = (query["after"], query["limit"] + 1)
    with transaction() as connection:
        found = (queries.in_window(connection, start, end, [query["status"]], *page) if start else
                 queries.in_state(connection, query["state"], [query["status"]], *page))
    shown = found[:query["limit"]]
    return {"warnings": [queries.as_json(warning) for warning in shown],
            "next": shown[-1].id if len(found) > len(shown) else None}


@warnings.get("/<int:warning_id>")
@identity.needs("warnings.read")
@warnings.doc(summary="One warning with the residents it concerns and the nearest shelters",
              responses={404: "No such warning within the jurisdiction"})
def one(warning_id: int) -> dict[str, Any]:
    """Return a warning, whom it concerns by count (in classes for roles without exact counts), and shelters.

    ``care`` is null for roles that may not see it, and for areas of more than 20,000 buildings. A shelter ``in_danger``
    lies in the area itself; safe ones come first. Distances in metres.
    """
    exact = identity.current().may("residents.count")
    with transaction() as connection:
        warning = queries.get(connection, warning_id)
        grids = warning_places.concerned(connection, warning_id)
        buildings = sum(grid.buildings for grid in grids)
        care = warning_places.care(connection, warning_id) if exact and buildings <= CARE_MOST else None
        shelters = warning_places.shelters(connection, warning_id)
        nearest = warning_places.nearest_safe(connection, warning_id, [grid.grid_code for grid in grids[:GRIDS_MOST]])

    def shown(count: int) -> int:
        return count if exact else masks.at_least(count)

    return {
        **queries.as_json(warning),
        "concerned": {
            "buildings": buildings,
            "residents": shown(sum(grid.residents for grid in grids)), "exact": exact,
            "care": None if care is None else [{"category": word, "count": n} for word, n in care.items()],
        },
        "grids": [{"code": grid.grid_code, "area_code": grid.area_code, "name": grid.name, "buildings": grid.buildings,
                   "residents": shown(grid.residents), "shelter": nearest.get(grid.grid_code)} for grid in grids],
        "shelters": shelters,
    }
