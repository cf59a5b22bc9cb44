"""Rooms of a building, the household of one, and one resident as they are, for a reason."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List, String
from apiflask.validators import Length, OneOf, Range
from flask import request

from spatial import cipher
from spatial.errors import InvalidInput, NotFound, ShapanError
from spatial.queries import households as queries
from spatial.queries import reveals
from spatial.rules import reveals as rules
from webmap import identity
from webmap.fields import Words
from webmap.reveals import KeyMissing, TooManyReveals
from webmap.services import services, transaction

households = APIBlueprint("households", __name__, url_prefix="/api", tag="Households")

LARGEST_ID = 2**63 - 1


class RevealIn(Schema):
    """Why, and what."""

    reason = String(required=True, validate=OneOf(rules.REASONS))
    words = Words(load_default="", validate=Length(max=rules.MOST_WORDS),
                  metadata={"description": "more about the reason; `other` needs some. Never the person's name."})
    alarm_id = Integer(strict=True, load_default=None, allow_none=True, validate=Range(1, LARGEST_ID),
                       metadata={"description": "open alarm in the resident's building"})
    event_id = Integer(strict=True, load_default=None, allow_none=True, validate=Range(1, LARGEST_ID),
                       metadata={"description": "event in the resident's building that is not done"})
    fields = List(String(validate=OneOf(rules.FIELDS)), load_default=lambda: ["name", "phone"],
                  validate=Length(1, len(rules.FIELDS)),
                  metadata={"description": "name and telephone when not given; `id_number` is to be asked for"})


def _sees() -> dict[str, bool]:
    """Return what the account may see of rooms and who lives in them."""
    may = identity.current().may
    return {"residents": may("residents.read"), "exact": may("residents.count"), "alarms": may("alarms.read")}


@households.get("/buildings/<int:building_id>/rooms")
@identity.needs("rooms.read")
@households.doc(summary="The rooms of a building with their states",
                responses={404: "No such building within the jurisdiction"})
def rooms(building_id: int) -> dict[str, Any]:
    """List rooms by unit, storey from above and number; ``total`` counts those that are not listed as well.

    ``state`` is ``alarm`` where one is open, else ``care`` (somebody needs help), ``business``, ``unsurveyed``,
    ``vacant``, ``rented`` or ``occupied``. What an account may not see is null, and no part of the state.
    """
    with transaction() as connection:
        return queries.of_building(connection, building_id, **_sees())


@households.get("/rooms/<int:room_id>")
@identity.needs("rooms.read")
@households.doc(summary="One room: its households (masked), devices, and the organisations of its building",
                responses={404: "No such room within the jurisdiction"})
def room(room_id: int) -> dict[str, Any]:
    """Return a room and who lives in it, by first character of the name and band of age.

    ``photos`` are those of surveys, for who may look at them (``GET /api/survey/photos/{id}``); null for others.
    ``households`` is null where ``hidden`` says why: ``not_permitted``. With ``no_key`` names are missing.
    Organisations are on record by building, not by room.
    """
    sees, settings = _sees(), services().settings
    key = cipher.existing(settings.key_file) if sees["residents"] else None
    may = identity.current().may
    with transaction() as connection:
        return queries.of_room(connection, room_id, devices=may("devices.read"), photos=may("residents.reveal"),
                               cipher=key, **sees)


def _try(resident_id: int, **wanted: Any) -> reveals.Try:
    who = identity.current()
    return reveals.Try(resident_id, who.account, who.roles, request.remote_addr, who.scope, **wanted)


def _write_down(resident_id: int) -> None:
    """Write down that somebody tried who may not."""
    with transaction() as connection:
        reveals.write(connection, _try(resident_id), rules.NOT_PERMITTED)


@households.post("/residents/<int:resident_id>/reveal")
@identity.needs("residents.reveal", refused=_write_down)
@households.input(RevealIn, location="json", arg_name="body")
@households.doc(summary="See one resident as they are, for a reason; each try is written down",
                responses={404: "No such resident within the jurisdiction", 422: "The reason does not do",
                           429: "Too many in this hour; Retry-After", 503: "The key is not here"})
def reveal(resident_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Return the values asked for, null where none is on record, after the try has been written down.

    ``shown_s``: seconds for which a page may show them. ``left``: reveals that the account has left in this hour.
    """
    words = body["words"].strip()
    if faults := list(rules.faults(body["reason"], words, body["alarm_id"], body["event_id"])):
        raise InvalidInput("The reason does not do.", faults)
    settings = services().settings
    fields = tuple(name for name in rules.FIELDS if name in body["fields"])
    wanted = _try(resident_id, **{**body, "words": words, "fields": fields})
    with transaction() as connection:
        found = reveals.reveal(connection, wanted, cipher.existing(settings.key_file), settings.reveals_per_hour)
    # Committed: from here on it may be told.
    if found.outcome != rules.DONE:
        raise _refusal(found, wanted, settings.reveals_per_hour)
    return {"resident_id": resident_id, **found.values, "shown_s": rules.SHOWN_S, "left": found.left}


def _refusal(found: reveals.Revealed, wanted: reveals.Try, most: int) -> ShapanError:
    match found.outcome:
        case rules.TOO_MANY:
            return TooManyReveals(most, found.retry_s)
        case rules.NOT_CONCERNED:
            place = "alarm_id" if wanted.alarm_id is not None else "event_id"
            return InvalidInput("The reason does not do.", [(place, "is over, or is not of this resident's building")])
        case rules.NAMES_PERSON:
            return InvalidInput("The reason does not do.", [("words", "names the person; say why without it")])
        case rules.NO_KEY:
            return KeyMissing("Names cannot be opened on this machine.", "Restore the key file from the backup.")
        case _:
            return NotFound(f"There is no resident {wanted.resident_id}.", "It may lie outside your area.")
