"""Handovers: freezing an alarm or the picture, reading and accepting what was frozen; what changed in a shift."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from apiflask.validators import Length, OneOf, Range, Regexp
from flask import Response
from marshmallow import ValidationError, validates_schema

from spatial import cipher
from spatial.errors import InvalidInput, NotFound
from spatial.queries import alarms, dossier, handovers, kpi, shift
from spatial.queries import warnings as warning_queries
from spatial.queries.alarms import listing
from spatial.queries.measures import MEASURES
from spatial.rules import days
from spatial.rules import handovers as rules
from spatial.rules import shifts as shift_rules
from webmap import identity
from webmap.fields import EARLIEST, LATEST, Instant, Text, Words
from webmap.services import services, transaction
from webmap.views.kpi import shown, zone

handover = APIBlueprint("handovers", __name__, url_prefix="/api", tag="Handovers")

ALARMS_MOST = 200
STEPS_MOST = 500
LONGEST = timedelta(days=31)


class Picture(String):
    """A picture in Base64, of which the bytes are taken."""

    default_error_messages = {"unusable": "Is not WebP, PNG or JPEG in Base64, 1.2 MB at most."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            picture = base64.b64decode(super()._deserialize(value, attr, data, **kwargs), validate=True)
        except (binascii.Error, ValueError):
            raise self.make_error("unusable") from None
        if rules.media_type(picture) is None or len(picture) > rules.PICTURE_BYTES:
            raise self.make_error("unusable")
        return picture


class Freeze(Schema):
    """What to freeze."""

    kind = String(required=True, validate=OneOf(rules.KINDS))
    alarm_id = Integer(load_default=None, validate=Range(1, 2**63 - 1), metadata={"description": "of kind alarm"})
    note = Words(load_default=None, allow_none=True, lines=True, validate=Length(max=2000))
    view = Text(load_default="", validate=[Length(max=600), Regexp(r"^(\?[!-~]*)?\Z", error="Is no query string.")],
                metadata={"description": "query string of the page: metric, layers, camera"})
    picture = Picture(load_default=None, allow_none=True,
                      metadata={"description": "what the page drew: WebP, PNG or JPEG in Base64, 1.2 MB at most"})

    @validates_schema(skip_on_field_errors=False)
    def needs_what_its_kind_needs(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse an alarm without its number, and a picture with one."""
        if data.get("kind") in rules.KINDS and (data["kind"] == "alarm") != (data.get("alarm_id") is not None):
            raise ValidationError("Is needed for kind alarm, and only for it.", "alarm_id")


class Page(Schema):
    """Which handovers."""

    start = Instant(data_key="from", load_default=None)
    end = Instant(data_key="to", load_default=None)
    before = Integer(load_default=None, validate=Range(1, 2**63 - 1),
                     metadata={"description": "`next` of the page before"})
    limit = Integer(load_default=50, validate=Range(1, 200))


class Window(Schema):
    """Which time."""

    start = Instant(data_key="from", load_default=None,
                    metadata={"description": "if not given, the beginning of the shift that is handed over"})
    end = Instant(data_key="to", load_default=None, metadata={"description": "now, if not given"})


@handover.post("/handovers")
@identity.needs("handover.write")
@handover.input(Freeze, location="json", arg_name="body")
@handover.doc(summary="Freeze an alarm or the whole picture for the next shift",
           responses={404: "No such alarm within the jurisdiction"})
def freeze(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Freeze what the server knows now; the browser adds the picture that it drew. Names of residents are masked."""
    account = identity.current()
    with transaction() as connection:
        content = _alarm(connection, body["alarm_id"]) if body["kind"] == "alarm" else _whole(connection)
        made = handovers.make(
            connection, account.scope, kind=body["kind"], account=account.account, content=content, view=body["view"],
            alarm_id=body["alarm_id"], note=body["note"] or None, picture=body["picture"])
    return handovers.as_json(made), 201


def _alarm(connection: Any, alarm_id: int) -> dict[str, Any]:
    account, settings = identity.current(), services().settings
    may_see = account.may("residents.read")
    sees = dossier.Sees(may_see, account.may("residents.count"), account.may("keepers.read"),
                        cipher.existing(settings.key_file) if may_see else None)
    found = dossier.get(connection, alarm_id, sees, datetime.now(UTC), settings.keeper_fresh_s)
    steps = listing.last_steps(connection, alarm_id, STEPS_MOST)
    return {"dossier": found | {"steps": [{**vars(step), "at": step.at.isoformat()} for step in steps]}}


def _whole(connection: Any) -> dict[str, Any]:
    counts = kpi.now(connection, "", *days.bounds(days.day_and_hour(datetime.now(UTC), zone())[0], zone()))
    return {
        "counts": {name: shown(name, counts[name]) for name in MEASURES},
        "alarms": [alarms.as_json(one) for one in alarms.worst_open(connection, ALARMS_MOST)],
        "alarms_total": alarms.count_open(connection),
        "warnings": [warning_queries.as_json(one, texts=False) for one in warning_queries.in_state(
            connection, "in_force", ["Actual"], 0, shift.LISTED)],
        "shift": _changes(connection, None, None),
    }


@handover.get("/handovers")
@identity.needs("handover.read")
@handover.input(Page, location="query", arg_name="query")
@handover.doc(summary="What was frozen, the newest first")
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List handovers within the jurisdiction, page by page."""
    with transaction() as connection:
        found = handovers.page(connection, query["start"] or EARLIEST, query["end"] or LATEST, query["before"],
                               query["limit"] + 1)
    shown_now = found[:query["limit"]]
    return {"handovers": [handovers.as_json(one) for one in shown_now],
            "next": shown_now[-1].id if len(found) > len(shown_now) else None}


@handover.get("/handovers/<int:handover_id>")
@identity.needs("handover.read")
@handover.doc(summary="One handover with what was frozen", responses={404: "No such handover within the jurisdiction"})
def one(handover_id: int) -> dict[str, Any]:
    """Return a handover and its content; the picture has an address of its own."""
    with transaction() as connection:
        found = handovers.get(connection, handover_id)
        content, _ = handovers.content(connection, handover_id)
    return handovers.as_json(found) | {"content": content}


@handover.get("/handovers/<int:handover_id>/picture")
@identity.needs("handover.read")
@handover.doc(summary="The picture of a handover", responses={404: "No such handover, or it has no picture"})
def picture(handover_id: int) -> Response:
    """Return the picture as the browser drew it."""
    with transaction() as connection:
        _, found = handovers.content(connection, handover_id)
    if found is None:
        raise NotFound(f"Handover {handover_id} has no picture.", "It was frozen without a map.")
    return Response(bytes(found), mimetype=rules.media_type(found), headers={"Cache-Control": "private, max-age=86400"})


@handover.post("/handovers/<int:handover_id>/accept")
@identity.needs("handover.write")
@handover.doc(summary="Take a handover over", responses={404: "No such handover within the jurisdiction",
                                                      409: "Another account has accepted it"})
def accept(handover_id: int) -> dict[str, Any]:
    """Note that the next shift has taken note; again by the same account it changes nothing."""
    with transaction() as connection:
        return handovers.as_json(handovers.accept(connection, handover_id, identity.current().account))


@handover.get("/shift")
@identity.needs("handover.read")
@handover.input(Window, location="query", arg_name="query")
@handover.doc(summary="What changed since the last shift")
def changed(query: dict[str, Any]) -> dict[str, Any]:
    """Return what changed within a time, 31 days at most, and what is open now."""
    with transaction() as connection:
        return _changes(connection, query["start"], query["end"])


def _changes(connection: Any, start: datetime | None, end: datetime | None) -> dict[str, Any]:
    """Return what changed between two instants.

    Raises:
        InvalidInput: the time is empty, too long, or begins in the future.
    """
    settings = services().settings
    now = connection.execute("SELECT now()").fetchone()[0]
    end = min(end or now, now)
    start = start or shift_rules.handed_over(end, settings.shifts, settings.time_zone)
    if not end - LONGEST <= start < end:
        raise InvalidInput("The time is empty, longer than 31 days, or still to come.",
                           [("from", f"must lie before to, by 31 days at most; it is {now} now")])
    return {"from": start.isoformat(), "to": end.isoformat(), **shift.changes(connection, start, end)}
