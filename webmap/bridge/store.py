"""Writes what came: one transaction for a batch, and item by item when one thing spoils it."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import structlog

from spatial import db, server
from spatial.errors import DatabaseError, ShapanError
from spatial.queries import bridge_rejects
from spatial.queries.bridge_rejects import Reject
from spatial.settings import Settings
from spatial.types import Scope
from webmap.bridge.config import Config
from webmap.bridge.kinds import KINDS, REFUSED, Sender, deliver
from webmap.bridge.link import Received
from webmap.bridge.mapping import Refused, Thing

log = structlog.get_logger()

ACCOUNT = "bridge"
"""Who delivers, in the steps of what is delivered."""

BRIDGE_LOCKS = 0x5348_4252_0000_0000
"""Advisory locks of bridges, one for each session at a broker."""

REJECTED = "rejected"
THINGS_MOST = 2000
"""Things of one transaction at most: a batch may have 500 messages of 1,000 things each."""

FORGET_AFTER = 1000
"""Rejects after which it is looked whether too many are kept."""

# A host that vanished without a word holds its lock no longer than half a minute.
KEEP_ALIVE = """
SELECT set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '3', false)
"""
TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


class Away(Exception):
    """The database cannot take anything now; the same batch later may succeed. The text says why."""


class Elsewhere(Exception):
    """Another bridge works on this session."""


@dataclass(frozen=True)
class Prepared:
    """A message with what it holds."""

    received: Received
    things: Sequence[Thing | Refused]


class Store:
    """The bridge's own connection to the database. It is opened when needed, and again after it broke.

    Args:
        settings: where the database is.
        config: jurisdiction, and whose session it is.
    """

    def __init__(self, settings: Settings, config: Config) -> None:
        broker = config.broker
        self._address = server.addresses(settings).app
        self._sender, self._name = Sender(ACCOUNT, config.jurisdiction), broker.client_id
        self._lock = BRIDGE_LOCKS + zlib.crc32(f"{broker.host}:{broker.port}/{broker.client_id}".encode())
        self._connection: psycopg.Connection | None = None
        self._unchecked = FORGET_AFTER

    def open(self) -> psycopg.Connection:
        """Return the connection, with the lock of this bridge's session.

        Raises:
            Away: the database does not answer.
            Elsewhere: another bridge holds the lock.
        """
        if self._connection is not None and not self._connection.closed:
            return self._connection
        try:
            connection = db.open_connection(self._address, self._sender.scope, autocommit=True)
            connection.execute(KEEP_ALIVE)
            mine = connection.execute(TRY_LOCK, (self._lock,)).fetchone()[0]
        except (psycopg.Error, DatabaseError) as error:
            raise Away(type(error).__name__) from error
        if not mine:
            connection.close()
            raise Elsewhere
        self._connection = connection
        return connection

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def commit(self, batch: Sequence[Prepared]) -> Counter[str]:
        """Write a batch. When it returns, each thing of it is committed, or kept as a reject; of some a part each.

        Each kind has transactions of its own: the locks that it takes are in no order with those of another one.

        Returns:
            How many things were taken, known before, and rejected.

        Raises:
            Away, Elsewhere: nothing that is not on record was lost; the same batch may be given again.
        """
        try:
            connection = self.open()
            counts: Counter[str] = Counter()
            for kind in KINDS:
                found = [(message.received, thing) for message in batch for thing in message.things
                         if isinstance(thing, Thing) and thing.kind == kind]
                for start in range(0, len(found), THINGS_MOST):
                    counts += self._write(connection, kind, found[start:start + THINGS_MOST])
            refused = [_reject(message.received, thing.item, thing.reason) for message in batch
                       for thing in message.things if isinstance(thing, Refused)]
            for start in range(0, len(refused), THINGS_MOST):
                counts += self._keep(connection, refused[start:start + THINGS_MOST])
            return counts
        except (psycopg.Error, DatabaseError) as error:
            self.close()
            raise Away(type(error).__name__) from error

    def _write(
        self, connection: psycopg.Connection, kind: str, found: Sequence[tuple[Received, Thing]],
    ) -> Counter[str]:
        """Write things of one kind: together, or each by itself when one spoils it."""
        try:
            return self._write_together(connection, kind, found)
        except Exception as error:
            if not poison(error):
                raise
            if len(found) == 1:
                (received, thing), = found
                log.warning("one thing was refused by the database", error=type(error).__name__)
                reason = f"the database refused it: {_why(error)}"
                return self._keep(connection, [_reject(received, thing.item, reason)])
        log.warning("a batch was refused; its things are taken one by one", kind=kind, things=len(found))
        return sum((self._write(connection, kind, [alone]) for alone in found), Counter())

    def _write_together(
        self, connection: psycopg.Connection, kind: str, found: Sequence[tuple[Received, Thing]],
    ) -> Counter[str]:
        with connection.transaction():
            outcomes = deliver(kind, [thing.values for _, thing in found], connection, self._sender)
            rejects = [_reject(received, thing.item, "; ".join(filter(None, (outcome.reason, thing.lost))))
                       for (received, thing), outcome in zip(found, outcomes, strict=True)
                       if outcome.word == REFUSED or outcome.reason or thing.lost]
            kept = self._keep(connection, rejects)
        return kept + Counter(outcome.word for outcome in outcomes if outcome.word != REFUSED)

    def _keep(self, connection: psycopg.Connection, rejects: Sequence[Reject]) -> Counter[str]:
        """Keep rejects; return how many."""
        if rejects:
            with connection.transaction():
                # Nobody knows where a reject belongs: it is outside every jurisdiction but the widest.
                connection.execute(db.SET_SCOPE, (Scope.everything().literal(),))
                bridge_rejects.keep(connection, self._name, rejects)
                self._unchecked += len(rejects)
                if self._unchecked >= FORGET_AFTER:
                    self._unchecked = 0
                    bridge_rejects.forget(connection)
        return Counter({REJECTED: len(rejects)})


def poison(error: Exception) -> bool:
    """Tell whether an error comes from what was written, and not from the state of the database.

    Only then may a message be given up. A missing table or column, for one, is a migration on its way.
    """
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return error.diag.source_function == "ExecWithCheckOptions"  # row security: outside the jurisdiction
    if isinstance(error, psycopg.Error):
        return isinstance(error, psycopg.DataError | psycopg.IntegrityError)
    return not isinstance(error, DatabaseError)


def _why(error: Exception) -> str:
    if isinstance(error, psycopg.Error):
        return error.diag.message_primary or type(error).__name__
    return error.what if isinstance(error, ShapanError) else type(error).__name__


def _reject(received: Received, item: int, reason: str) -> Reject:
    return Reject(received.topic, received.payload, received.size, item, reason, received.digest)
