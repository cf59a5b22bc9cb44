"""Kinds of things that a message may hold: their schema, and how a batch of them is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from apiflask import Schema

from spatial.queries import alarms, event_intake, positions, readings
from spatial.rules import measured
from spatial.types import Scope
from webmap.messages import MessageIn, PositionIn, ReadingIn, ReportIn

TAKEN, KNOWN, REFUSED = "taken", "known", "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one thing: :data:`TAKEN`, :data:`KNOWN` (it had come before) or :data:`REFUSED`, and why."""

    word: str
    reason: str = ""


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
        schema: what one thing must be; the same as by HTTP.
        take: writes things of this kind, in order, in the caller's transaction; one outcome for each.
        identity: field by which it is known when it comes again, made from the message where a route does not say;
            None where a thing is known by all it says.
        clock: field of the device's time.
        members: fields whose members a route may name one by one, as ``values.temperature``.
    """

    name: str
    schema: Schema
    take: Callable[[psycopg.Connection, Sequence[dict[str, Any]], Sender], list[Outcome]]
    identity: str | None
    clock: str
    members: tuple[str, ...] = ()

    def has_member(self, name: str) -> bool:
        """Tell whether a name is that of one member of a field, as ``values.temperature``."""
        field, _, member = name.partition(".")
        return field in self.members and member != ""


_ALARM_WORDS = {"refused": REFUSED, "known": KNOWN}


def take_alarms(connection: psycopg.Connection, things: Sequence[dict[str, Any]], sender: Sender) -> list[Outcome]:
    """Write alarm messages. One whose device is not on record waits for it, as by HTTP."""
    messages = [alarms.Message(**thing) for thing in things]
    return [
        Outcome(TAKEN) if outcome.kept else Outcome(_ALARM_WORDS.get(outcome.taken, TAKEN), outcome.reason)
        for outcome in alarms.take_all(connection, messages, sender.account)
    ]


def take_readings(connection: psycopg.Connection, things: Sequence[dict[str, Any]], sender: Sender) -> list[Outcome]:
    """Write readings. One of which a value or the device cannot be taken is refused; its good values are kept."""
    now = datetime.now(UTC)
    good, refused = measured.read([{**thing, "at": thing["at"].isoformat()} for thing in things], now)
    refused += readings.take(connection, good, now).refused if good else []
    reasons: dict[int, str] = {}
    for fault in refused:
        reasons.setdefault(fault.index, f"{fault.field} {fault.reason}")
    return [Outcome(REFUSED, reasons[index]) if index in reasons else Outcome(TAKEN) for index in range(len(things))]


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
    Kind("alarms", MessageIn(), take_alarms, "event_id", "occurred_at"),
    Kind("readings", ReadingIn(), take_readings, None, "at", ("values", "units")),
    Kind("events", ReportIn(), take_events, "code", "occurred_at"),
    Kind("positions", PositionIn(), take_positions, None, "at"),
)}
"""By name."""


def deliver(
    kind: str, things: Sequence[dict[str, Any]], connection: psycopg.Connection, sender: Sender,
) -> list[Outcome]:
    """Write a batch of things of one kind within the caller's transaction.

    Args:
        kind: one of :data:`KINDS`.
        things: as the kind's schema gives them, in the order in which they came.
        connection: inside the transaction, its jurisdiction set.
        sender: who delivers them; the connection's jurisdiction is that one's.

    Returns:
        One outcome for each, in order.
    """
    return KINDS[kind].take(connection, things, sender)
