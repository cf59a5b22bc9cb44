"""The snapshot with which a live stream begins (快照): everything live within a jurisdiction, at one moment.

Each concept declares here what it adds. After a restart every open page asks at once: those that hear the same are
given the same bytes, made once.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg

from spatial import outbox
from spatial.db import Database, Overloaded
from spatial.queries import alarms, picture, positions, rollup, warnings
from spatial.rules.warnings import STATUSES
from webmap import told
from webmap.told import Audience

AT_ONCE = 2
"""Snapshots made at the same time: with more, other requests would find no database connection."""

WARNINGS_MOST = 100
"""Warnings that a snapshot holds: many times what is ever in force at once in one city."""

WAIT_S = 5.0
"""Longest wait for one's turn; the page comes again."""


class Section(NamedTuple):
    """One member of the snapshot.

    Attributes:
        name: of the member.
        permission: who lacks it gets a snapshot without this member.
        read: returns its JSON value, within the connection's jurisdiction; no personal data.
        unless: who holds this permission gets it without this member: another one holds more of the same.
    """

    name: str
    permission: str
    read: Callable[[psycopg.Connection], Any]
    unless: str = ""

    def is_for(self, permissions: frozenset[str]) -> bool:
        """Tell whether whoever holds some permissions gets it."""
        return self.permission in permissions and self.unless not in permissions


def _open(connection: psycopg.Connection) -> list[dict[str, Any]]:
    return [alarms.as_json(alarm, written=False) for alarm in alarms.open_alarms(connection)]


SECTIONS: tuple[Section, ...] = (
    Section("alarms", "alarms.read", _open),
    Section("briefs", "alarms.brief", lambda connection: [alarms.brief(alarm) for alarm in _open(connection)],
            unless="alarms.read"),
    Section("keepers", "keepers.read", positions.latest),
    Section("warnings", "warnings.read",
            lambda connection: [warnings.as_json(warning, texts=False) for warning in warnings.in_state(
                connection, "in_force", list(STATUSES), 0, WARNINGS_MOST)]),
    Section("kpi", "picture.read", rollup.snapshot),
    Section("counts", "picture.read", lambda connection: vars(picture.counts(connection))),
)


class Snapshot(NamedTuple):
    """A snapshot as JSON and as server-sent event, and the number up to which it holds every change."""

    seq: int
    data: bytes
    event: bytes


class Snapshots:
    """Makes snapshots, one for all who ask at the same time and hear the same.

    Args:
        database: the service's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._awaited: dict[Audience, Future[Snapshot]] = {}

    def take(self, audience: Audience) -> Snapshot:
        """Return a snapshot that was begun after this call.

        Raises:
            DatabaseError: it could not be made.
        """
        with self._lock:
            snapshot = self._awaited.get(audience)
            if mine := snapshot is None:
                snapshot = self._awaited[audience] = Future()
        if mine:
            try:
                snapshot.set_result(self._in_turn(audience))
            except BaseException as error:
                snapshot.set_exception(error)
        return snapshot.result()

    def _in_turn(self, audience: Audience) -> Snapshot:
        taken = self._turns.acquire(timeout=WAIT_S)
        with self._lock:
            # Who asks from here on has to see what is committed from here on, and waits for the next one.
            del self._awaited[audience]
        if not taken:
            raise Overloaded("Too many streams begin at once.", "Try again in a moment.")
        try:
            return self._make(audience)
        finally:
            self._turns.release()

    def _make(self, audience: Audience) -> Snapshot:
        with self._database.transaction(audience.scope) as connection:
            # The number is read first: what comes after it may be in the snapshot as well, and
            # arrives again; every change is a whole state, so that does no harm.
            seq = outbox.head(connection)
            members = {section.name: section.read(connection) for section in SECTIONS
                       if section.is_for(audience.permissions)}
        data = told.encoded({"seq": seq, "now": now(), **members})
        return Snapshot(seq, data, told.framed("snapshot", data, seq))


def now() -> str:
    """Return the server's time as messages carry it: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat()
