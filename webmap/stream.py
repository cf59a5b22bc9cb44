"""Server-sent events (实时流): one listener for the process, a bounded queue for each client.

The hub holds one LISTEN connection. On a notification, and every two seconds without one, it
reads the numbered changes after its last from the outbox, takes those of tiles into the process's
versions, and hands each to the clients whose jurisdiction holds it. A client that does not keep up
is told to resync; it never slows others.
"""

import json
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog

from spatial import db, outbox
from spatial.cells import Touched, merged
from spatial.errors import DatabaseError, ShapanError
from spatial.queries import alarms, cells, picture
from spatial.types import Scope
from tiles.versions import Versions

log = structlog.get_logger()

HEARTBEAT_S = 5.0
SAFETY_POLL_S = 2.0
WAKE_S = 0.2
"""How often the listener looks whether it should close."""
WAITING_S = 0.5
"""How often the listener looks for changes that wait for their number or for their sums: either takes a tenth of a
second."""
QUEUE_SIZE = 1000
REPLAY_MOST = 1000
RECONNECT_S = (0.2, 0.5, 1.0, 2.0)

MOST_CELLS = 4096
"""Cells of a layer that a page is told of at once; beyond, every tile of the layer may be another one."""

RESYNC = object()
CLOSED = object()


class TooManyStreams(ShapanError):
    """As many live streams are open as are allowed."""


class Client:
    """One open stream: a bounded queue of changes within a jurisdiction, kinds that it may not hear of left out."""

    def __init__(self, scope: Scope, hidden: frozenset[str] = frozenset()) -> None:
        self.scope = scope
        self.hidden = hidden
        self.queue: queue.Queue[Any] = queue.Queue(QUEUE_SIZE)

    def offer(self, item: object) -> None:
        """Queue a change of this jurisdiction, or RESYNC; when full, drop everything for one resync."""
        if not isinstance(item, outbox.Change) or self.may_hear(item):
            self._put(item, RESYNC)

    def may_hear(self, change: outbox.Change) -> bool:
        """Tell whether a change is for this client. Those of tiles are for everybody."""
        return change.kind == outbox.TILES or (
            change.kind not in self.hidden and change.within(self.scope))

    def end(self) -> None:
        """Tell the stream to close."""
        self._put(CLOSED, CLOSED)

    def _put(self, item: object, when_full: object) -> None:
        try:
            self.queue.put_nowait(item)
        except queue.Full:
            with self.queue.mutex:
                self.queue.queue.clear()
            self.queue.put_nowait(when_full)


class Hub:
    """The process's one listener on the change feed.

    Args:
        conninfo: address of the application role.
        most: streams allowed at once.
        versions: of tiles, which the listener keeps as the feed tells.
    """

    def __init__(self, conninfo: str, most: int, versions: Versions) -> None:
        self._conninfo = conninfo
        self._most = most
        self._versions = versions
        self._clients: set[Client] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._last: int | None = None
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._thread.start()

    def join(self, scope: Scope, hidden: frozenset[str] = frozenset()) -> Client:
        """Open one client's queue.

        Args:
            scope: whose changes it hears.
            hidden: kinds of changes that it may not hear of.

        Raises:
            TooManyStreams: none is free.
        """
        with self._lock:
            if len(self._clients) >= self._most:
                raise TooManyStreams(
                    f"{self._most} live streams are open, as many as are allowed.",
                    "Close a page, or raise SHAPAN_STREAMS.",
                )
            client = Client(scope, hidden)
            self._clients.add(client)
            return client

    def leave(self, client: Client) -> None:
        """Close one client's queue."""
        with self._lock:
            self._clients.discard(client)

    @property
    def open_streams(self) -> int:
        """How many streams are open."""
        return len(self._clients)

    def close(self) -> None:
        """Stop listening and end every stream."""
        self._closing.set()
        with self._lock:
            for client in self._clients:
                client.end()
        self._thread.join(5.0)

    def _run(self) -> None:
        attempt = 0
        while not self._closing.is_set():
            try:
                with db.open_connection(self._conninfo, Scope.everything(), autocommit=True) as connection:
                    connection.execute(f"LISTEN {outbox.CHANNEL}")
                    head = self._versions.load(connection)
                    if self._last is not None and head < self._last:
                        # The database was restored to an earlier state: what pages know has not happened in it.
                        self._offer_all(RESYNC)
                    self._last = head if self._last is None else min(self._last, head)
                    attempt = 0
                    self._listen(connection)
            except Exception as error:
                # Whatever it was: without this thread no page hears of an alarm any more.
                self._versions.distrust()
                known = isinstance(error, (psycopg.Error, DatabaseError))
                log.warning("change feed lost; reconnecting", error=type(error).__name__, exc_info=not known)
                self._closing.wait(RECONNECT_S[min(attempt, len(RECONNECT_S) - 1)])
                attempt += 1

    def _listen(self, connection: psycopg.Connection) -> None:
        read_at = looked_at = 0.0
        head = self._versions.head
        self._versions.late = cells.late(connection, head)
        waiting = outbox.waiting(connection)
        if waiting is None:
            # What waits for its number at the beginning may have waited for long.
            self._versions.confirm()
        newest = waiting[1] if waiting else 0
        while not self._closing.is_set():
            told = any(True for _ in connection.notifies(timeout=WAKE_S, stop_after=1))
            if told or time.monotonic() - read_at >= SAFETY_POLL_S:
                self._deliver(connection)
                read_at = time.monotonic()
            if time.monotonic() - looked_at >= WAITING_S:
                looked_at = time.monotonic()
                waiting = outbox.waiting(connection)
                # What waited for its number at the last look as well has no sequencer, or one that does not keep up.
                if waiting is not None and waiting[0] <= newest:
                    self._versions.distrust()
                else:
                    self._versions.confirm()
                newest = waiting[1] if waiting else 0
                # The job that sums has had as long for what was known at the last look.
                self._versions.late = cells.late(connection, head)
                head = self._versions.head

    def _deliver(self, connection: psycopg.Connection) -> None:
        while changes := outbox.after(connection, self._last):
            if not outbox.whole(changes, self._last):
                # We were away for so long that changes of tiles were forgotten meanwhile.
                self._offer_all(RESYNC)
            for change in changes:
                self._versions.apply(change)
            for change in together(changes):
                self._offer_all(change)
            self._last = changes[-1].seq

    def _offer_all(self, item: object) -> None:
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            client.offer(item)


def together(changes: list[outbox.Change]) -> list[outbox.Change]:
    """Return numbered changes with all that touch tiles put into one, at the place of the last of them.

    However many writers there are, a page hears of its tiles once for a batch of the sequencer.
    """
    tiles = [change for change in changes if change.kind == outbox.TILES]
    if not tiles:
        return changes
    found = [touched if len(touched.cells) <= MOST_CELLS else replace(touched, z=0, cells=((0, 0),))
             for touched in merged([Touched.of(change.payload) for change in tiles])]
    one = replace(tiles[-1], payload={"changes": [touched.payload() for touched in found]})
    return [one if change is tiles[-1] else change
            for change in changes if change.kind != outbox.TILES or change is tiles[-1]]


def message(name: str, data: dict[str, Any], seq: int | None = None) -> bytes:
    """Return one server-sent event as bytes."""
    number = f"id: {seq}\n" if seq is not None else ""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{number}event: {name}\ndata: {text}\n\n".encode()


def _change(change: outbox.Change) -> bytes:
    name = "tiles-changed" if change.kind == outbox.TILES else change.kind
    return message(name, change.payload, change.seq)


def events(database: db.Database, hub: Hub, client: Client, last_seen: int | None) -> Iterator[bytes]:
    """Yield a client's stream: a snapshot or the replay of what it missed, then changes.

    Args:
        database: for the snapshot.
        hub: which the client has joined; it leaves at the end.
        client: its queue.
        last_seen: ``Last-Event-ID``; None for a new page.

    Yields:
        Server-sent events as service.md lists them, a heartbeat every five seconds.
    """
    try:
        yield b"retry: 1000\n\n"
        seq, opening = _opening(database, client, last_seen)
        yield from opening
        beat = time.monotonic() + HEARTBEAT_S
        while True:
            try:
                item = client.queue.get(timeout=max(0.0, beat - time.monotonic()))
            except queue.Empty:
                yield message("heartbeat", {"seq": seq, "now": _now()})
                beat = time.monotonic() + HEARTBEAT_S
                continue
            if item is CLOSED:
                return
            if item is RESYNC:
                yield message("resync", {})
                seq, opening = _opening(database, client, None)
                yield from opening
            elif item.kind == outbox.TILES or item.seq > seq:
                # A snapshot holds what came before it, but tiles may have been asked for before their change was known.
                seq = max(seq, item.seq)
                yield _change(item)
    finally:
        hub.leave(client)


def _opening(database: db.Database, client: Client, last_seen: int | None) -> tuple[int, list[bytes]]:
    if last_seen is not None:
        # Changes of tiles belong to no jurisdiction, and would be hidden from all but the widest.
        with database.transaction(Scope.everything()) as connection:
            seq = outbox.head(connection)
            if 0 <= seq - last_seen <= REPLAY_MOST:
                missed = [change for change in outbox.after(connection, last_seen, REPLAY_MOST) if change.seq <= seq]
                if outbox.whole(missed, last_seen) and last_seen + len(missed) == seq:
                    return seq, [_change(change) for change in together([
                        change for change in missed if client.may_hear(change)])]
        # Too much was missed, or some of it was forgotten.
        again = [message("resync", {})]
    else:
        again = []
    with database.transaction(client.scope) as connection:
        # The number is read first: what comes after it may be in the snapshot as well, and
        # arrives again; every change is a whole state, so that does no harm.
        seq = outbox.head(connection)
        open_alarms = [alarms.as_json(alarm) for alarm in alarms.open_alarms(connection)]
        counts = vars(picture.counts(connection))
    return seq, [*again, message("snapshot", {"seq": seq, "now": _now(), "alarms": open_alarms, "counts": counts}, seq)]


def _now() -> str:
    return datetime.now(UTC).isoformat()
