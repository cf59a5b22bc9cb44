"""Server-sent events (实时流): one listener for the process, a bounded queue for each client.

The hub holds one LISTEN connection. On a notification, and every two seconds without one, it
reads the numbered changes after its last from the outbox, takes those of tiles into the process's
versions, and hands what each audience hears of them (``told.py``) to its clients: one item and one
wake-up for a batch. A client that does not keep up is told to resync; it never slows others.
"""

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import structlog

from spatial import db, outbox
from spatial.errors import DatabaseError, ShapanError
from spatial.queries import cells
from spatial.types import Scope
from tiles.versions import Versions
from webmap import told
from webmap.client import CLOSED, RESYNC, Client, offer
from webmap.snapshot import Snapshots, now
from webmap.told import Audience

log = structlog.get_logger()

HEARTBEAT_S = 5.0
SAFETY_POLL_S = 2.0
WAKE_S = 0.2
"""How often the listener looks whether it should close."""
WAITING_S = 0.5
"""How often the listener looks for changes that wait for their number or for their sums: either takes a tenth of a
second."""
REST_MOST_S = 0.2
"""Longest rest of the listener between two batches; it rests as long as the last one took."""
REPLAY_MOST = 1000
RECONNECT_S = (0.2, 0.5, 1.0, 2.0)

STUCK_S = 15.0
"""Longest time for one write to a client. A page would have opened another stream after 12 s of silence."""

class TooManyStreams(ShapanError):
    """As many live streams are open as are allowed."""


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
        self._clients: dict[Audience, set[Client]] = {}
        self._open = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._last: int | None = None
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._thread.start()

    def join(self, audience: Audience, account: str = "") -> Client:
        """Open one client's queue.

        Args:
            audience: what it hears.
            account: whose it is.

        Raises:
            TooManyStreams: none is free.
        """
        with self._lock:
            if self._open >= self._most:
                raise TooManyStreams(
                    f"{self._most} live streams are open, as many as are allowed.",
                    "Close a page, or raise SHAPAN_STREAMS.",
                )
            client = Client(audience, account)
            self._clients.setdefault(audience, set()).add(client)
            self._open += 1
            return client

    def leave(self, client: Client) -> None:
        """Close one client's queue."""
        with self._lock:
            found = self._clients.get(client.audience, set())
            if client in found:
                found.discard(client)
                self._open -= 1
                if not found:
                    del self._clients[client.audience]

    def end_of(self, account: str) -> None:
        """End all streams of an account, whose roles are other ones now; those who still listen begin anew."""
        for client in self._all():
            if client.account == account:
                client.end()

    @property
    def open_streams(self) -> int:
        """How many streams are open."""
        return self._open

    @property
    def told(self) -> int:
        """Number of the last change that every client was offered."""
        return self._last or 0

    def close(self) -> None:
        """Stop listening and end every stream."""
        self._closing.set()
        for client in self._all():
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
                        self._resync()
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
            notified = any(True for _ in connection.notifies(timeout=WAKE_S, stop_after=1))
            if notified or time.monotonic() - read_at >= SAFETY_POLL_S:
                began = time.monotonic()
                self._deliver(connection)
                read_at = time.monotonic()
                # With many streams, telling them takes most of a core: requests get as much. What comes meanwhile is
                # told together.
                self._closing.wait(min(read_at - began, REST_MOST_S))
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
            # First of all: a page asks for its tiles as soon as it is told.
            for change in changes:
                self._versions.apply(change)
            if not outbox.whole(changes, self._last):
                # We were away for so long that changes of tiles were forgotten meanwhile.
                self._resync()
            with self._lock:
                audiences = [(audience, list(clients)) for audience, clients in self._clients.items()]
            said = told.messages(changes) if audiences else []
            for audience, clients in audiences:
                part = told.part(said, audience)
                if part is not None:
                    offer(clients, part)
            self._last = changes[-1].seq

    def _resync(self) -> None:
        for client in self._all():
            client.resync()

    def _all(self) -> list[Client]:
        with self._lock:
            return [client for clients in self._clients.values() for client in clients]


def events(database: db.Database, snapshots: Snapshots, hub: Hub, client: Client, last_seen: int | None,
           still: Callable[[], bool]) -> Iterator[bytes]:
    """Yield a client's stream: a snapshot or the replay of what it missed, then changes.

    Args:
        database: for the replay.
        snapshots: of all streams.
        hub: which the client has joined; it leaves at the end.
        client: its queue.
        last_seen: ``Last-Event-ID``; None for a new page.
        still: tells whether the client may still hear what it hears; asked every five seconds, and False ends it.

    Yields:
        Server-sent events as docs/live.md lists them, a heartbeat every five seconds.
    """
    try:
        yield b"retry: 1000\n\n"
        seq, body = _opening(database, snapshots, client.audience, last_seen)
        beat = asked = time.monotonic() + HEARTBEAT_S
        while True:
            if time.monotonic() >= asked:
                if not still():
                    return
                asked = time.monotonic() + HEARTBEAT_S
            if body:
                began = time.monotonic()
                yield body
                if time.monotonic() - began > STUCK_S:
                    return  # whoever takes so long for so little is not there, or holds the thread for nothing
            known = hub.told
            items = client.take(max(0.0, beat - time.monotonic()))
            if not items:
                # Nothing waited, so that everything up to there was not for this client, or has been sent.
                seq = max(seq, known)
                body = told.event("heartbeat", {"seq": seq, "now": now()}, seq)
                beat = time.monotonic() + HEARTBEAT_S
            elif items[0] is CLOSED:
                return
            elif items[0] is RESYNC:
                yield told.event("resync", {})
                snapshot = snapshots.take(client.audience)
                seq, body = snapshot.seq, snapshot.event
            else:
                body = b"".join([part.after(seq) for part in items])
                seq = max(seq, items[-1].last)
    finally:
        hub.leave(client)


def _opening(database: db.Database, snapshots: Snapshots, audience: Audience,
             last_seen: int | None) -> tuple[int, bytes]:
    if last_seen is None:
        snapshot = snapshots.take(audience)
        return snapshot.seq, snapshot.event
    # Changes of tiles belong to no jurisdiction, and would be hidden from all but the widest.
    with database.transaction(Scope.everything()) as connection:
        seq = outbox.head(connection)
        if 0 <= seq - last_seen <= REPLAY_MOST:
            missed = [change for change in outbox.after(connection, last_seen, REPLAY_MOST) if change.seq <= seq]
            if outbox.whole(missed, last_seen) and last_seen + len(missed) == seq:
                heard = told.part(told.messages(missed), audience)
                return seq, heard.after(last_seen) if heard else b""
    # Too much was missed, or some of it was forgotten.
    snapshot = snapshots.take(audience)
    return snapshot.seq, told.event("resync", {}) + snapshot.event
