"""Surveys of keepers: their list, and the forms that they send."""

import math
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint, Schema
from apiflask.fields import UUID as Uuid
from apiflask.fields import Boolean, Dict, Field, Float, Integer, Nested, String
from apiflask.validators import Length, Range, Regexp
from flask import request
from marshmallow import ValidationError

from spatial.errors import InvalidInput, NotFound
from spatial.queries import survey_edits, survey_limits, survey_list
from spatial.queries.survey_batch import Sent, Who
from spatial.rules import days
from spatial.rules import survey as rules
from spatial.types import Scope
from webmap import identity
from webmap.fields import LATEST, Batch, Instant, Text, storable
from webmap.services import services, transaction
from webmap.survey_limits import TooManyForms

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


class Measured(Float):
    """A number that a device measured; NaN for whatever is none, which costs the form nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        try:
            return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        except OverflowError:
            return math.nan


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
    lon = Measured(load_default=None, allow_none=True, metadata={
        "description": "where the device was, degrees EPSG:4490; what is none (or an accuracy beyond 1,000 km) is left "
                       "out of the form"})
    lat = Measured(load_default=None, allow_none=True)
    accuracy_m = Measured(load_default=None, allow_none=True)


class EditsIn(Schema):
    """Forms in any order, each of which counts for itself."""

    sent_at = Instant(required=True, metadata={"description": "by the device's clock: it may be wrong by any amount"})
    edits = Batch(Nested(EditIn), required=True, validate=Length(1, rules.EDITS_MOST))


class ListQuery(Schema):
    """Where a page begins."""

    after = Text(load_default="", validate=Length(max=100), metadata={"description": "`next` of the page before"})
    limit = Integer(load_default=20, validate=Range(1, survey_list.BUILDINGS_MOST),
                    metadata={"description": "buildings looked at"})


class PageQuery(Schema):
    """Which page of forms."""

    after = Text(load_default=None, validate=Regexp(r"^[0-9TZ:.+-]{1,40}_[0-9a-f-]{36}\Z",
                                                    error="Send back what `next` said."))
    limit = Integer(load_default=100, validate=Range(1, 500))


class EditsQuery(PageQuery):
    """Which forms."""

    open = Boolean(load_default=False, metadata={
        "description": "conflicts in the keeper's grids that nobody has settled, of all keepers; else the own forms"})


def who() -> Who:
    """Return who sends forms, or settles what came of them."""
    one = identity.current()
    return Who(one.keeper or one.account, one.account, one.roles, request.remote_addr, one.scope)


def zone() -> ZoneInfo:
    """Return the command centre's time zone."""
    return ZoneInfo(services().settings.time_zone)


@surveys.get("/worklist")
@identity.needs("survey.read")
@surveys.input(ListQuery, location="query", arg_name="query")
@surveys.doc(summary="What there is to survey in the keeper's grids, building by building, and the form's fields")
def worklist(query: dict[str, Any]) -> dict[str, Any]:
    """Return a page of buildings with their rooms: values, versions, and what is missing; no names, no residents."""
    now, here, one = datetime.now(UTC), zone(), who()
    since, _ = days.bounds(days.day_and_hour(now, here)[0], here)
    with transaction() as connection:
        found = survey_list.page(connection, one.keeper, one.scope, since, query["after"], query["limit"])
        form = survey_list.form(connection)
    return {"keeper": one.keeper, "server_time": now.isoformat(), "form": form, **found}


@surveys.post("/edits")
@identity.needs("survey.write")
@surveys.input(EditsIn, location="json", arg_name="body")
@surveys.doc(summary="Send forms; each is taken once, and what became of it is said and on record")
def send(body: dict[str, Any]) -> dict[str, Any]:
    """Take in forms. ``outcome`` of each: applied, conflict, refused, or waiting for the one that it follows.

    ``unread`` lists, by index, those that are no forms at all: of these nothing is on record.
    """
    now, keeper, batch, most = datetime.now(UTC), who(), body["edits"], services().settings.survey_forms_per_hour
    sent = [_sent(entry, body["sent_at"], now) for _, entry in batch.taken]
    answers, moved = {}, []
    with transaction() as connection:
        if wait_s := survey_limits.forms_wait_s(connection, keeper.keeper, most):
            raise TooManyForms(most, wait_s)
        if sent:
            answers, moved = survey_edits.take(connection, keeper, sent, zone())
        places = survey_edits.moved_places(connection, keeper, moved) if moved else {}
    if places:
        # Rooms whose grid is not theirs any more: written down where the grid's new keeper sees it, and only there.
        grids = Scope(tuple(sorted({grid for _, _, grid in places.values()})))
        with services().database.transaction(grids) as connection:
            there = [one for one in moved if one.edit.id in places]
            answers |= survey_edits.take_moved(connection, keeper, there, places)
    return {"server_time": now.isoformat(), "edits": [vars(answers[one.edit.id]) for one in sent
                                                      if one.edit.id in answers], "unread": batch.refused}


def _sent(entry: dict[str, Any], sent_at: datetime, now: datetime) -> Sent:
    names = ("building", "room", "unit", "floor", "number", "base", "values")
    ids = {name: entry[name] and str(entry[name]) for name in ("id", "follows", "resolves")}
    edit = rules.Edit(**{name: entry[name] for name in names}, **ids)
    position = rules.position(entry["lon"], entry["lat"], entry["accuracy_m"])
    return Sent(edit, entry["done_at"], rules.believed(entry["done_at"], sent_at, now), *position)


@surveys.get("/edits")
@identity.needs("survey.read")
@surveys.input(EditsQuery, location="query", arg_name="query")
@surveys.doc(summary="The keeper's forms with what became of them, the newest first")
def edits(query: dict[str, Any]) -> dict[str, Any]:
    """List forms within the keeper's grids. ``now`` is the room as it stands; ``theirs`` what stood against it then."""
    keeper, limit = None if query["open"] else who().keeper, query["limit"]
    with transaction() as connection:
        found = survey_list.edits(connection, page_end(query["after"]), limit + 1, keeper, query["open"])
    return page_of(found, limit)


def page_of(found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Return forms as a page of so many, and where the next one begins, should one more have been found."""
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return {"edits": [survey_list.told(one) for one in shown],
            "next": last and f"{last['received_at'].astimezone(UTC).isoformat()}_{last['id']}"}


def page_end(after: str | None) -> survey_list.End:
    """Return where a page begins."""
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


def uuid_of(text: str) -> UUID:
    """Return the id in an address.

    Raises:
        NotFound: it is none of anything.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"{text!r} is no id of a form or photograph.", "Send the device's UUID.") from None
