"""Kinds of things that a message may hold: their schema, and how a batch of them is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import psycopg
from apiflask import Schema

from spatial.queries import alarms, events, keepers
from webmap.messages import MessageIn, PositionIn, ReportIn

TAKEN, KNOWN, REFUSED = "taken", "known", "refused"


@dataclass(frozen=True)
class Outcome:
    """What became of one thing: :data:`TAKEN`, :data:`KNOWN` (it had come before) or :data:`REFUSED`, and why."""

    word: str
    reason: str = ""


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
    """

    name: str
    schema: Schema
    take: Callable[[psycopg.Connection, Sequence[dict[str, Any]], str], list[Outcome]]
    identity: str | None
    clock: str


_MESSAGE = {field.name for field in fields(alarms.Message)}


def take_alarms(connection: psycopg.Connection, things: Sequence[dict[str, Any]], account: str) -> list[Outcome]:
    """Write alarm messages; one whose device is not on record is refused."""
    messages = [alarms.Message(**{name: thing[name] for name in _MESSAGE & thing.keys()}) for thing in things]
    devices = alarms.known_devices(connection, sorted({message.device for message in messages}))
    return [
        Outcome(REFUSED, f"no device {message.device!r} is on record") if message.device not in devices else
        Outcome(KNOWN) if alarms.take(connection, message, account) is None else Outcome(TAKEN)
        for message in messages
    ]


def take_events(connection: psycopg.Connection, things: Sequence[dict[str, Any]], account: str) -> list[Outcome]:
    """Write events."""
    return [
        Outcome(KNOWN) if events.take(connection, events.Report(**thing)) is None else Outcome(TAKEN)
        for thing in things
    ]


def take_positions(connection: psycopg.Connection, things: Sequence[dict[str, Any]], account: str) -> list[Outcome]:
    """Write keepers' positions; one of a keeper who is not on record is refused."""
    return [
        Outcome(TAKEN) if keepers.move(connection, thing["keeper"], thing["lon"], thing["lat"], thing["at"]) else
        Outcome(REFUSED, f"no keeper {thing['keeper']!r} is on record")
        for thing in things
    ]


KINDS = {kind.name: kind for kind in (
    Kind("alarms", MessageIn(), take_alarms, "event_id", "occurred_at"),
    Kind("events", ReportIn(), take_events, "code", "occurred_at"),
    Kind("positions", PositionIn(), take_positions, None, "at"),
)}
"""By name."""


def deliver(
    kind: str, things: Sequence[dict[str, Any]], connection: psycopg.Connection, account: str,
) -> list[Outcome]:
    """Write a batch of things of one kind within the caller's transaction.

    Args:
        kind: one of :data:`KINDS`.
        things: as the kind's schema gives them, in the order in which they came.
        connection: inside the transaction, its jurisdiction set.
        account: who delivers them.

    Returns:
        One outcome for each, in order.
    """
    return KINDS[kind].take(connection, things, account)
