"""What becomes of a form that a keeper filled in on the street (入户采集), perhaps hours before it arrives. Pure.

Forms come late, twice, and in any order. Each has an id that the device chose, and says which version of the room it
saw (``base``), or that it follows an earlier form of the same device. A form whose room has changed meanwhile is a
conflict: it changes nothing, stays on record, and ends by another form that saw the room as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from spatial.rules import rooms

APPLIED, CONFLICT, REFUSED, WAITING = "applied", "conflict", "refused", "waiting"

OUTCOMES = (APPLIED, CONFLICT, REFUSED)
"""What is on record of a form. ``waiting`` is not: the one that it follows has to come first, then it is sent again."""

CHANGED, TAKEN, REDRAWN, NOT_FOUND, FAULTY = "changed", "taken", "redrawn", "not_found", "faulty"

ID_TAKEN = "id_taken"
"""Why a form is refused of which nothing is written down: another keeper's form has its id."""

REASONS = (CHANGED, TAKEN, REDRAWN, NOT_FOUND, FAULTY)
"""Why a form was not applied: somebody changed the room; somebody entered the new room first, otherwise; the grid was
redrawn, and the room is in none of the keeper's any more; no such room on any list of theirs; faults in its values."""

FORM, TAKEN_OVER, KEPT = "form", "applied", "kept"

ENDINGS = (FORM, TAKEN_OVER, KEPT)
"""How a conflict ends: by another form; by somebody who takes the keeper's values over; or the record stands."""

SHOWN_DAYS = 7
"""Days for which conflicts that somebody settled are listed."""

EDITS_MOST = 50
"""Forms in one request."""

NEVER = -1
"""A version that no room has."""

VAGUEST_M = 1e6
"""An accuracy beyond tells nothing of where a device was."""

AHEAD = timedelta(minutes=5)
"""How far a device's clock may run ahead before it is not believed, as for positions."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one value: its field, reason code, and words."""

    field: str
    reason: str
    words: str


@dataclass(frozen=True)
class Edit:
    """One form.

    Attributes:
        id: chosen by the device.
        building: internal key. room: internal key; None for a room that was not on record, which has ``unit``,
            ``floor`` and ``number``.
        values: by name of the field.
        base: version of the room that it saw; None for a new one.
        follows: id of the device's earlier form for the same room, which this one saw.
        resolves: id of the form whose conflict it ends.
    """

    id: str
    building: int
    room: int | None
    values: Mapping[str, Any]
    base: int | None = None
    follows: str | None = None
    resolves: str | None = None
    unit: str | None = None
    floor: Any = None
    number: Any = None


@dataclass(frozen=True)
class Room:
    """A room as it stands: internal key, version, values by name."""

    id: int
    version: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    """What becomes of a form. ``version``: of the room after it, or of the one that stands against it; of a
    faulty one, the version that it saw, which is what the next one saw as well."""

    outcome: str
    reason: str | None = None
    version: int | None = None
    faults: tuple[Fault, ...] = field(default_factory=tuple)


def faults(edit: Edit) -> tuple[Fault, ...]:
    """Return all that is wrong with a form by itself, as an import would say it of a row."""
    found = [Fault(name, "unknown-field", "is no field of a survey") for name in edit.values
             if name not in {one.name for one in rooms.SURVEYED}]
    asked = [(one, edit.values.get(one.name)) for one in rooms.SURVEYED]
    if edit.room is not None:
        # Where a room on record is says the record: a form that says it too would be believed by nobody.
        found += [Fault(name, "on-record", "is for a room that is not on record; leave it out")
                  for name in ("unit", "floor", "number") if not rooms.empty(getattr(edit, name))]
    else:
        asked += [(rooms.FLOOR, edit.floor), (rooms.NUMBER, edit.number)]
        found += [Fault(name, "missing", "is empty; it is needed")
                  for name in ("unit", "floor", "number") if rooms.empty(getattr(edit, name))]
    found.extend(Fault(one.name, *wrong) for one, value in asked if (wrong := rooms.wrong(one, value)))
    return tuple(found)


def said(edit: Edit) -> dict[str, Any]:
    """Return the values of a form without fault as the table holds them; fields that it does not name are left out."""
    return {one.name: rooms.cleaned(one, edit.values[one.name]) for one in rooms.SURVEYED if one.name in edit.values}


def judge(edit: Edit, room: Room | None, before: Mapping[str, Judged]) -> Judged:
    """Decide what becomes of a form that is seen for the first time.

    Args:
        edit: the form, its building within the keeper's grids.
        room: the room that it is about as it stands; None where none is on record.
        before: what became of forms on record, by id; the one that it follows is among them if it has come.

    Returns:
        For ``applied``, the version that the room has before it: the caller writes, and knows the one after.
    """
    base, follows = edit.base, before.get(edit.follows) if edit.follows else None
    if edit.follows:
        if follows is None:
            return Judged(WAITING)
        # After a conflict: what it was made after is not on record, and somebody has to look at both.
        base = follows.version if follows.outcome != CONFLICT else NEVER
    if wrong := faults(edit):
        return Judged(REFUSED, FAULTY, base, wrong)
    if room is None:
        return Judged(REFUSED, NOT_FOUND) if edit.room is not None else Judged(APPLIED)
    if room.version == base or same(edit, room):
        return Judged(APPLIED, version=room.version)
    return Judged(CONFLICT, TAKEN if edit.room is None and base is None else CHANGED, room.version)


def same(edit: Edit, room: Room) -> bool:
    """Tell whether a form says of a room what is on record: then it does not matter what it saw."""
    stands = all(room.values.get(name) == value for name, value in said(edit).items())
    return stands and (edit.room is not None or room.values.get("floor") == edit.floor)


def in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Return forms so that each comes after the one that it follows; of two with one id, the first."""
    waiting = {edit.id: edit for edit in reversed(list(edits))}
    waiting = dict(reversed(waiting.items()))
    ordered: list[Edit] = []
    while waiting:
        ready = [edit for edit in waiting.values() if edit.follows not in waiting or edit.follows == edit.id]
        # A ring of forms that follow one another is none that a device makes; they wait for ever, in any order.
        ordered += ready or waiting.values()
        done = {edit.id for edit in ordered}
        waiting = {key: edit for key, edit in waiting.items() if key not in done}
    return ordered


def position(lon: float | None, lat: float | None, accuracy_m: float | None,
             ) -> tuple[float | None, float | None, float | None]:
    """Return where a device was: degrees, degrees, metres. Nothing of it where a part is none: the form counts without.

    Args:
        lon, lat: as it says, NaN for what is no number. accuracy_m: None where it does not know.
    """
    limits = ((lon, -180, 180), (lat, -90, 90), (0 if accuracy_m is None else accuracy_m, 0, VAGUEST_M))
    sound = all(value is not None and low <= value <= high for value, low, high in limits)
    return (lon, lat, accuracy_m) if sound else (None, None, None)


def believed(done_at: datetime, sent_at: datetime, received_at: datetime) -> datetime:
    """Return when a form was filled in, by the server's clock.

    Args:
        done_at, sent_at: by the device's clock, which may be wrong by any amount.
        received_at: the server's time when it came.

    Returns:
        The instant as long before ``received_at`` as the device says, unless its clock agrees with ours anyway; never
        in the future.
    """
    wrong_by = received_at - sent_at
    if -AHEAD <= wrong_by <= AHEAD:
        wrong_by = timedelta(0)
    return min(done_at + wrong_by, received_at)
