"""The loop between broker and database: gather, commit, acknowledge.

The caller's thread does all work with the database; the network has another (``link.py``). A message is acknowledged
after the commit that holds it, and in the order in which it came. While the database is away nothing is acknowledged,
so the broker stops after ``in_flight`` messages and keeps the rest; a connection that ends meanwhile is not made again
before what came on it is committed. Nothing that came is thrown away: a broker that lost its session would not send
it again.
"""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

import structlog

from spatial.queries.bridge_rejects import WHOLE
from spatial.settings import Settings
from webmap.bridge import mapping
from webmap.bridge.config import Config
from webmap.bridge.link import BrokerRefused, BrokerUnreachable, Link, Received
from webmap.bridge.mapping import Refused, Thing
from webmap.bridge.status import Status
from webmap.bridge.store import Away, Elsewhere, Prepared, Store

log = structlog.get_logger()

GATHERS_S = 0.05
"""How long after its first message a batch is closed."""

QUIET_S = 0.005
"""How long without a message closes it at once: a broker that has filled its window sends no more before we answer."""

LOOKS_EVERY_S = 0.2
AGAIN_AFTER_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LIVED_WELL_S = 30.0
"""A connection that lived so long begins again at once; one that did not waits longer each time, so that two clients
that throw each other out do it ever more rarely."""

SHORT_LIVES = 3
"""Connections that ended soon after they began, one after the other, from which on another client with our id is the
likely cause. Only MQTT 5 can say so, and mosquitto does since 2.0.15."""

TAKEN_OVER_S = (30.0, 60.0, 120.0, 300.0)
"""How long whoever has our id is left alone."""
STANDS_BY_S = 2.0


class Bridge:
    """Runs until it is told to stop.

    Args:
        settings: where the database is.
        config: the file.
        stop: set by whoever wants it to end; what is committed is acknowledged before it does.
        status: what is told outside.
    """

    def __init__(self, settings: Settings, config: Config, stop: threading.Event, status: Status) -> None:
        self._config, self._stop, self._status = config, stop, status
        self._store = Store(settings, config)
        self._arrivals: SimpleQueue[Received | None] = SimpleQueue()
        self._connected_once = False

    def run(self) -> None:
        """Work until told to stop.

        Raises:
            BrokerRefused: the broker does not let us in, the first time we ask.
        """
        tries = short = takeovers = 0
        try:
            while self._stand_by():
                born = time.monotonic()
                link = self._connect()
                if link is not None:
                    self._serve(link)
                    short += not link.overrun
                    if time.monotonic() - born >= LIVED_WELL_S:
                        tries = short = takeovers = 0
                    if not self._stop.is_set() and (link.taken_over or short >= SHORT_LIVES):
                        self._leave_alone(takeovers, sure=link.taken_over)
                        takeovers += 1
                        continue
                self._stop.wait(AGAIN_AFTER_S[min(tries, len(AGAIN_AFTER_S) - 1)])
                tries += 1
        finally:
            self._store.close()

    def _stand_by(self) -> bool:
        """Wait for the database, and until no other bridge works on our session; False when told to stop."""
        tries, told = 0, False
        while not self._stop.is_set():
            try:
                self._store.open()
            except Away as error:
                self._status.database = False
                self._tell_away(error, tries)
                self._stop.wait(AGAIN_AFTER_S[min(tries, 4)])
                tries += 1
            except Elsewhere:
                if not told:
                    log.warning("another bridge works for this client id on this database; standing by",
                                client_id=self._config.broker.client_id)
                told = True
                self._status.standing_by = True
                self._stop.wait(STANDS_BY_S)
            else:
                self._status.database, self._status.standing_by = True, False
                return True
        return False

    def _connect(self) -> Link | None:
        link = Link(self._config, self._arrivals)
        try:
            link.open(subscribe=not self._connected_once)
        except (BrokerUnreachable, BrokerRefused) as error:
            link.close()
            self._drain()
            if isinstance(error, BrokerRefused) and not self._connected_once:
                raise
            log.warning("not connected to the broker; trying again", reason=error.what)
            return None
        self._connected_once = True
        self._status.connected = True
        self._status.connections += 1
        log.info("connected to the broker", host=self._config.broker.host, port=self._config.broker.port,
                 session_kept=link.session_present)
        return link

    def _serve(self, link: Link) -> None:
        """Take what comes on one connection until it ends, or until told to stop."""
        dropped = self._status.dropped
        try:
            while not self._stop.is_set() and (link.alive and not link.overrun or not self._arrivals.empty()):
                batch = self._gather()
                if batch and not self._commit(batch):
                    break
                if link.dropped and self._status.dropped == dropped:
                    log.error("messages that want no acknowledgement (QoS 0) came faster than they can be written, and "
                              "were dropped; let gateways publish with QoS 1")
                self._status.dropped = dropped + link.dropped
        finally:
            link.close()
            self._status.connected = False
            if not self._stop.is_set():
                log.warning("the connection to the broker ended",
                            reason="more came than may wait; the rest comes again" if link.overrun else link.reason)
            self._drain()

    def _drain(self) -> None:
        """Commit what came on a connection that has ended; what cannot be is not acknowledged and comes again."""
        while not self._stop.is_set():
            batch = self._gather(wait_s=0)
            if not batch:
                return
            if not self._commit(batch):
                break
        while not self._arrivals.empty():
            self._arrivals.get()

    def _gather(self, wait_s: float = LOOKS_EVERY_S) -> list[Received]:
        """Return the next messages: as many as came within a moment, none when nothing came."""
        return [received for received in self._arriving(wait_s) if received is not None]

    def _arriving(self, wait_s: float) -> Iterator[Received | None]:
        until = None
        for _ in range(self._config.batch):
            try:
                yield self._arrivals.get(timeout=wait_s) if wait_s > 0 else self._arrivals.get_nowait()
            except Empty:
                return
            now = time.monotonic()
            until = until or now + GATHERS_S
            wait_s = min(QUIET_S, until - now)

    def _commit(self, batch: list[Received]) -> bool:
        """Commit a batch and acknowledge it; False where it was given up, unacknowledged."""
        prepared = [Prepared(received, self._things(received)) for received in batch]
        tries = 0
        while True:
            try:
                began = time.monotonic()
                counts = self._store.commit(prepared)
                break
            except Away as error:
                self._status.database = False
                self._tell_away(error, tries)
                self._stop.wait(AGAIN_AFTER_S[min(tries, 4)])
                tries += 1
                if self._stop.is_set():
                    return False
            except Elsewhere:
                log.warning("another bridge has taken over")
                return False
        self._status.committed(batch, counts, time.monotonic() - began)
        for received in batch:
            received.link.ack(received)
        return True

    def _things(self, received: Received) -> list[Thing | Refused]:
        if received.size > self._config.payload_bytes:
            return [Refused(WHOLE, f"has {received.size} bytes; {self._config.payload_bytes} at most are taken")]
        try:
            return mapping.things(self._config.routes, received.topic, received.payload, received.at)
        except Exception as error:
            # A fault of ours must not hold up what comes after, now and after each start.
            log.error("a message could not be mapped", error=type(error).__name__, exc_info=True)
            return [Refused(WHOLE, f"the bridge failed on it ({type(error).__name__})")]

    def _leave_alone(self, takeovers: int, sure: bool) -> None:
        wait_s = TAKEN_OVER_S[min(takeovers, len(TAKEN_OVER_S) - 1)]
        what = ("another client came with our client id, and the broker ended our connection" if sure else
                "connections end soon after they begin, as if another client came with our client id")
        log.error(f"{what}; give each its own client_id", client_id=self._config.broker.client_id,
                  again_after_s=wait_s)
        self._status.taken_over += 1
        self._stop.wait(wait_s)

    def _tell_away(self, error: Away, tries: int) -> None:
        if tries in (0, 10) or tries % 60 == 0:
            log.warning("the database is away; nothing is acknowledged meanwhile", error=str(error),
                        since=datetime.now(UTC).isoformat() if tries == 0 else None)
