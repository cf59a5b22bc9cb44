"""Surveys of keepers: their list, the forms that they send, photographs, conflicts; and the page's own files."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint, Schema
from apiflask.fields import UUID as Uuid
from apiflask.fields import Boolean, Dict, Field, Float, Integer, Nested, String
from apiflask.validators import Length, Range, Regexp
from flask import Response, request
from marshmallow import ValidationError

from spatial.errors import InvalidInput, NotFound
from spatial.queries import survey_edits, survey_list, survey_photos
from spatial.queries.survey_batch import Sent, Who
from spatial.rules import days, jpeg
from spatial.rules import survey as rules
from spatial.types import Scope
from webmap import identity
from webmap.fields import LATEST, Batch, Instant, Text, storable
from webmap.guard import also_takes
from webmap.services import services, transaction

surveys = APIBlueprint("surveys", __name__, url_prefix="/api/survey", tag="Surveys")

LARGEST_ID = 2**63 - 1
VALUE_CHARACTERS = 2000
LAST = UUID(int=2**128 - 1)


class Value(Field):
    """What a form's field holds: text, number or nothing; more is looked at by the rules of rooms."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and len(value) <= VALUE_CHARACTERS and storable(value):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e15 < value < 1e15:
            raise ValidationError("Is neither a text that can be stored nor a number.")
        return value


class EditIn(Schema):
    """One form. Its values are judged like a row of an import, and what is wrong with them is on record."""

    id = Uuid(required=True, metadata={"description": "chosen by the device; the same form sent twice counts once"})
    building = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    room = Integer(load_default=None, allow_none=True, strict=True, validate=Range(1, LARGEST_ID),
                   metadata={"description": "null for a room that was not on record: then unit, floor and number"})
    unit = Text(load_default=None, allow_none=True, validate=Length(max=100))
    floor = Value(load_default=None, allow_none=True)
    number = Text(load_default=None, allow_none=True, validate=Length(max=VALUE_CHARACTERS))
    base = Integer(load_default=None, allow_none=True, strict=True, validate=Range(0, 2**31 - 1),
                   metadata={"description": "version of the room that the form saw"})
    follows = Uuid(load_default=None, allow_none=True,
                   metadata={"description": "the same device's earlier form for this room, which it saw"})
    resolves = Uuid(load_default=None, allow_none=True, metadata={"description": "form whose conflict it ends"})
    values = Dict(keys=String(validate=Length(1, 50)), values=Value(allow_none=True), required=True,
                  validate=Length(max=20))
    done_at = Instant(required=True, metadata={"description": "by the device's clock"})
    lon = Float(load_default=None, allow_none=True, validate=Range(-180, 180))
    lat = Float(load_default=None, allow_none=True, validate=Range(-90, 90))
    accuracy_m = Float(load_default=None, allow_none=True, validate=Range(0, 1e6))


class EditsIn(Schema):
    """Forms in any order, each of which counts for itself."""

    sent_at = Instant(required=True, metadata={"description": "by the device's clock: it may be wrong by any amount"})
    edits = Batch(Nested(EditIn), required=True, validate=Length(1, rules.EDITS_MOST))


class ListQuery(Schema):
    """Where a page begins."""

    after = Text(load_default="", validate=Length(max=100), metadata={"description": "`next` of the page before"})
    limit = Integer(load_default=20, validate=Range(1, survey_list.BUILDINGS_MOST),
                    metadata={"description": "buildings looked at"})


class EditsQuery(Schema):
    """Which forms."""

    open = Boolean(load_default=False, metadata={
        "description": "conflicts in the keeper's grids that nobody has settled, of all keepers; else the own forms"})
    after = Text(load_default=None, validate=Regexp(r"^[0-9TZ:.+-]{1,40}_[0-9a-f-]{36}\Z",
                                                    error="Send back what `next` said."))
    limit = Integer(load_default=100, validate=Range(1, 500))


class PhotoQuery(Schema):
    """What a photograph belongs to."""

    edit = Uuid(required=True, metadata={"description": "id of the form, sent before"})


def _who() -> Who:
    who = identity.current()
    return Who(who.keeper or who.account, who.account, who.roles, request.remote_addr, who.scope)


def _zone() -> ZoneInfo:
    return ZoneInfo(services().settings.time_zone)


@surveys.get("/worklist")
@identity.needs("survey.read")
@surveys.input(ListQuery, location="query", arg_name="query")
@surveys.doc(summary="What there is to survey in the keeper's grids, building by building, and the form's fields")
def worklist(query: dict[str, Any]) -> dict[str, Any]:
    """Return a page of buildings with their rooms: values, versions, and what is missing; no names, no residents."""
    now, zone, who = datetime.now(UTC), _zone(), _who()
    since, _ = days.bounds(days.day_and_hour(now, zone)[0], zone)
    with transaction() as connection:
        found = survey_list.page(connection, who.keeper, who.scope, since, query["after"], query["limit"])
        form = survey_list.form(connection)
    return {"keeper": who.keeper, "server_time": now.isoformat(), "form": form, **found}


@surveys.post("/edits")
@identity.needs("survey.write")
@surveys.input(EditsIn, location="json", arg_name="body")
@surveys.doc(summary="Send forms; each is taken once, and what became of it is said and on record")
def send(body: dict[str, Any]) -> dict[str, Any]:
    """Take in forms. ``outcome`` of each: applied, conflict, refused, or waiting for the one that it follows.

    ``unread`` lists, by index, those that are no forms at all: of these nothing is on record.
    """
    now, who, batch = datetime.now(UTC), _who(), body["edits"]
    sent = [_sent(entry, body["sent_at"], now) for _, entry in batch.taken]
    answers, moved = {}, []
    with transaction() as connection:
        if sent:
            answers, moved = survey_edits.take(connection, who, sent, _zone())
        places = survey_edits.moved_places(connection, who, moved) if moved else {}
    if places:
        # Rooms whose grid is not theirs any more: written down where the grid's new keeper sees it, and only there.
        grids = Scope(tuple(sorted({grid for _, _, grid in places.values()})))
        with services().database.transaction(grids) as connection:
            there = [one for one in moved if one.edit.id in places]
            answers |= survey_edits.take_moved(connection, who, there, places)
    return {"server_time": now.isoformat(), "edits": [vars(answers[one.edit.id]) for one in sent
                                                      if one.edit.id in answers], "unread": batch.refused}


def _sent(entry: dict[str, Any], sent_at: datetime, now: datetime) -> Sent:
    names = ("building", "room", "unit", "floor", "number", "base", "values")
    ids = {name: entry[name] and str(entry[name]) for name in ("id", "follows", "resolves")}
    edit = rules.Edit(**{name: entry[name] for name in names}, **ids)
    return Sent(edit, entry["done_at"], rules.believed(entry["done_at"], sent_at, now), entry["lon"], entry["lat"],
                entry["accuracy_m"])


@surveys.get("/edits")
@identity.needs("survey.read")
@surveys.input(EditsQuery, location="query", arg_name="query")
@surveys.doc(summary="The keeper's forms with what became of them, the newest first")
def edits(query: dict[str, Any]) -> dict[str, Any]:
    """List forms within the keeper's grids. ``now`` is the room as it stands; ``theirs`` what stood against it then."""
    return _page(query, None if query["open"] else _who().keeper, query["open"])


@surveys.get("/conflicts")
@identity.needs("rooms.read")
@surveys.input(EditsQuery(exclude=("open",)), location="query", arg_name="query")
@surveys.doc(summary="Forms that stand against the record and that nobody has settled, the newest first")
def conflicts(query: dict[str, Any]) -> dict[str, Any]:
    """List conflicts within the jurisdiction: those of redrawn grids wait for whoever keeps the grid now."""
    return _page(query, None, True)


def _page(query: dict[str, Any], keeper: str | None, unsettled: bool) -> dict[str, Any]:
    limit = query["limit"]
    with transaction() as connection:
        found = survey_list.edits(connection, _end(query["after"]), limit + 1, keeper, unsettled)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return {"edits": [{name: value.isoformat() if isinstance(value, datetime) else value
                       for name, value in one.items()} for one in shown],
            "next": last and f"{last['received_at'].astimezone(UTC).isoformat()}_{last['id']}"}


def _end(after: str | None) -> survey_list.End:
    if after is None:
        return LATEST, str(LAST)
    at, _, key = after.partition("_")
    try:
        instant, end = datetime.fromisoformat(at), UUID(key)
    except ValueError:
        raise InvalidInput("There is no such page.", [("after", "Send back what `next` said.")]) from None
    if instant.tzinfo is None:
        raise InvalidInput("There is no such page.", [("after", "Send back what `next` said.")])
    return instant, str(end)


@surveys.put("/photos/<photo_id>")
@identity.needs("survey.write")
@surveys.input(PhotoQuery, location="query", arg_name="query")
@surveys.doc(summary="Send a photograph of a form that was sent before: a JPEG, 2 MB at most",
             responses={404: "No such form of this keeper", 413: "Too large; the page shrinks photographs first",
                        422: "No JPEG, or the form has as many as it may"})
@also_takes("image/jpeg")
def put_photo(photo_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """Keep a photograph without its metadata; the same one sent twice is one."""
    key, picture, who, edit = _uuid(photo_id), jpeg.stripped(request.get_data()), _who(), str(query["edit"])
    with transaction() as connection:
        grid = survey_photos.place_of(connection, who.keeper, edit)
    # Where the form is: that may be a grid which is not the keeper's any more.
    with services().database.transaction(Scope((grid,))) as connection:
        if not survey_photos.put_photo(connection, who.keeper, str(key), edit, picture):
            raise InvalidInput(f"The form has {survey_photos.PHOTOS_MOST} photographs.",
                               [("photo", "is one too many")], "Leave it out.")
    return {"id": str(key), "width": picture.width, "height": picture.height, "bytes": len(picture.data)}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"{text!r} is the id of no photograph.", "Send the UUID that the device chose.") from None


@surveys.get("/photos/<photo_id>")
@identity.needs("residents.read")
@surveys.doc(summary="A photograph of a form; people may be on it", responses={404: "None within the jurisdiction"})
def get_photo(photo_id: str) -> Response:
    """Return a JPEG without metadata."""
    with transaction() as connection:
        return Response(survey_photos.photo(connection, _uuid(photo_id)), mimetype="image/jpeg")
