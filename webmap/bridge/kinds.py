"""Kinds of things that a message may hold: how one is read, as HTTP reads it, and how a batch of them is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from apiflask import Schema
from marshmallow import ValidationError

from spatial.queries import alarms, event_intake, positions, readings
from spatial.rules import alarm_messages, measured
from spatial.types import Scope
from webmap.messages import MessageIn, PositionIn, ReadingIn, ReportIn

TAKEN, KNOWN, REFUSED = "taken", "known", "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one thing: :data:`TAKEN`, :data:`KNOWN` (it came before) or :data:`REFUSED`, and why it, or a part
    of one that was taken, was refused."""

    word: str
    reason: str = ""


@dataclass(frozen=True)
class Read:
    """What one thing says, once looked at.

    Attributes:
        values: as the kind's ``take`` wants them; None where nothing of it can be used.
        faults: what is wrong, by the name of its field. With values, only these parts of the thing are lost.
    """

    values: dict[str, Any] | None
    faults: dict[str, str]


@dataclass(frozen=True)
class Sender:
    """Who delivers: the account that the steps name, and its jurisdiction."""

    account: str
    scope: Scope


@dataclass(frozen=True)
class Kind:
    """One kind.

    Attributes:
        name: as a route names it.
        schema: names and types of its fields.
        read: looks at one thing as HTTP does, at the instant when it came.
        take: writes things of this kind, in order, in the caller's transaction; one outcome for each.
        identity: field by which it is known when it comes again, made from the message where a route does not say;
            None where a thing is known by all it says.
        clock: field of the device's time.
        members: fields whose members a route may name one by one, as ``values.temperature``: quantities.
    """

    name: str
    schema: Schema
    read: Callable[[dict[str, Any], datetime], Read]
    take: Callable[[psycopg.Connection, Sequence[dict[str, Any]], Sender], list[Outcome]]
    identity: str | None
    clock: str
    members: tuple[str, ...] = ()

    def has_member(self, name: str) -> bool:
        """Tell whether a name is that of one member of a field, as ``values.temperature``."""
        field, dot, _ = name.partition(".")
        return field in self.members and dot != ""


def by_schema(schema: Schema) -> Callable[[dict[str, Any], datetime], Read]:
    """Return a reader that takes what a schema takes."""
    def read(values: dict[str, Any], _received: datetime) -> Read:
        try:
            return Read(schema.load(values), {})
        except ValidationError as error:
            said = error.normalized_messages()
            return Read(None, {name: " ".join(map(str, faults)) for name, faults in said.items()})
    return read


def read_alarm(values: dict[str, Any], _received: datetime) -> Read:
    """Read an alarm message."""
    found = alarm_messages.read(values)
    if isinstance(found, alarm_messages.Message):
        return Read({name: getattr(found, name) for name in alarm_messages.FIELDS}, {})
    return Read(None, {fault.field: f"{fault.value} {fault.reason}" for fault in found})


def read_reading(values: dict[str, Any], received: datetime) -> Read:
    """Read what a device measured. A value that cannot be taken is lost, and the others are not."""
    good, refused = measured.read([values], received)
    faults = {fault.field: f"{fault.value} {fault.reason}" for fault in refused}
    if not good:
        return Read(None, faults)
    return Read({**values, "values": {name: values["values"][name] for name in good[0].values}}, faults)


_ALARM_WORDS = {"refused": REFUSED, "known": KNOWN}
"""Of the outcomes of alarms; with ``raised``, ``repeated``, ``cleared`` and ``late`` a message was taken."""


def take_alarms(connection: psycopg.Connection, things: Sequence[dict[str, Any]], sender: Sender) -> list[Outcome]:
    """Write alarm messages. One whose device is not on record waits for it, as by HTTP."""
    messages = [alarms.Message(**thing) for thing in things]
    return [
        Outcome(TAKEN) if outcome.kept else Outcome(_ALARM_WORDS.get(outcome.taken, TAKEN), outcome.reason)
        for outcome in alarms.take_all(connection, messages, sender.account)
    ]


def take_readings(connection: psycopg.Connection, things: Sequence[dict[str, Any]], sender: Sender) -> list[Outcome]:
    """Write readings; those of a device that is not on record are refused, and values that are none of its kind."""
    now = datetime.now(UTC)
    good, refused = measured.read(things, now)
    taken = readings.take(connection, good, now)
    reasons: dict[int, list[str]] = {}
    for fault in (*refused, *taken.refused):
        reasons.setdefault(fault.index, []).append(f"{fault.field}: {fault.value} {fault.reason}")
    return [Outcome(TAKEN if index in taken.new else REFUSED if index in reasons else KNOWN,
                    "; ".join(reasons.get(index, ()))) for index in range(len(things))]


def take_events(connection: psycopg.Connection, things: Sequence[dict[str, Any]], sender: Sender) -> list[Outcome]:
    """Write events."""
    reports = [event_intake.Report(**thing) for thing in things]
    taken = event_intake.take_all(connection, sender.scope, reports, sender.account)
    faults = {fault.index: f"{fault.field}: {fault.reason}" for fault in taken.faults}
    return [Outcome(REFUSED, faults[index]) if index in faults else
            Outcome(TAKEN if index in taken.ids else KNOWN) for index in range(len(things))]


def take_positions(connection: psycopg.Connection, things: Sequence[dict[str, Any]], sender: Sender) -> list[Outcome]:
    """Write keepers' positions; one of a keeper who is not on record is refused."""
    moved = positions.move_all(connection, [positions.Position(**thing) for thing in things], datetime.now(UTC))
    words = {**dict.fromkeys(moved.known, KNOWN), **dict.fromkeys(moved.unknown, REFUSED)}
    return [Outcome(word := words.get(index, TAKEN), "its keeper is not on record" if word == REFUSED else "")
            for index in range(len(things))]


KINDS = {kind.name: kind for kind in (
    Kind("alarms", MessageIn(), read_alarm, take_alarms, "event_id", "occurred_at"),
    Kind("readings", ReadingIn(), read_reading, take_readings, None, "at", ("values", "units")),
    Kind("events", ReportIn(), by_schema(ReportIn()), take_events, "code", "occurred_at"),
    Kind("positions", PositionIn(), by_schema(PositionIn()), take_positions, None, "at"),
)}
"""By name."""


def deliver(
    kind: str, things: Sequence[dict[str, Any]], connection: psycopg.Connection, sender: Sender,
) -> list[Outcome]:
    """Write a batch of things of one kind within the caller's transaction.

    Args:
        kind: one of :data:`KINDS`.
        things: as the kind reads them, in the order in which they came.
        connection: inside the transaction, its jurisdiction set.
        sender: who delivers them; the connection's jurisdiction is that one's.

    Returns:
        One outcome for each, in order.
    """
    return KINDS[kind].take(connection, things, sender)
