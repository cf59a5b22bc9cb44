"""Connections, and the jurisdiction that every transaction sets first.

A query function never commits and never opens a connection: the view or command does, with
``Database.transaction``, which sets the jurisdiction before the first statement. Without
one a connection sees no row at all, because row security reads an empty setting as nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from spatial import server
from spatial.errors import DatabaseError, DatabaseUnreachable
from spatial.settings import Settings
from spatial.types import Scope

SET_SCOPE = "SELECT set_config('shapan.scope', %s, true)"
SET_SESSION_SCOPE = "SELECT set_config('shapan.scope', %s, false)"
SET_SESSION_TIMEOUT = "SELECT set_config('statement_timeout', %s, false)"
SET_LOCK_TIMEOUT = "SELECT set_config('lock_timeout', %s, false)"

POOL_WAIT_S = 2.0
"""How long a request waits for a connection before it is refused as overload."""

WAITING_PER_CONNECTION = 4
"""How many requests may wait for each connection of the pool before more are refused."""

PREPARED_MOST = 500
"""Statements that a connection keeps prepared: all of the tiles', and whatever filters people ask open layers with."""


class Overloaded(DatabaseError):
    """All connections are busy and enough requests wait already."""


class DeadlineExceeded(DatabaseError):
    """A statement ran longer than it may."""


def open_connection(conninfo: str, scope: Scope, *, autocommit: bool = False) -> psycopg.Connection:
    """Open one connection outside any pool, for a command or job that keeps it.

    Args:
        conninfo: libpq address, from ``spatial.server.addresses``.
        scope: jurisdiction for the whole session.
        autocommit: True for a listener that holds no transaction.

    Returns:
        The connection; the caller closes it and owns its transactions.

    Raises:
        DatabaseUnreachable: nothing answers, or we are refused.
    """
    try:
        connection = psycopg.connect(conninfo, autocommit=autocommit)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(
            f"No database answers at {server.place(conninfo)}.", "Look at it with: shapan db status"
        ) from error
    connection.execute("SELECT set_config('shapan.scope', %s, false)", (scope.literal(),))
    connection.commit()
    return connection


@contextmanager
def pipelined(connection: psycopg.Connection) -> Iterator[None]:
    """Send the statements of a block without waiting for each one's answer.

    When one fails while others are on their way, the library alone would complain of these to the log as well.

    Raises:
        psycopg.Error: that of the first statement that failed, inside the block or at its end.
    """
    with connection.pipeline() as pipeline:
        try:
            yield
        except psycopg.Error:
            with suppress(psycopg.Error):
                pipeline.sync()
            raise


class Database:
    """The service's pool of connections to the application role.

    Args:
        settings: where the database is and how many connections may be kept.
        size: connections at most; the settings' pool size when None.
        name: of the pool, in messages of the library.
        setting: which setting makes it larger.
        waiting: how many requests may wait for a connection; a few for each when None.
        checked: look whether a connection lives before it is lent. After a restart of the server every pooled
            connection is dead; who does without must try again.
        lock_timeout_ms: longest wait for a locked table; the role's when None.

    Use as a context manager, or call ``close()``.
    """

    def __init__(self, settings: Settings, size: int | None = None, name: str = "app", *,
                 setting: str = "SHAPAN_POOL_SIZE", waiting: int | None = None, checked: bool = True,
                 lock_timeout_ms: int | None = None) -> None:
        self._timeout_ms = settings.statement_timeout_ms
        self._lock_timeout_ms = lock_timeout_ms
        self._setting = setting
        # The jurisdiction that the session of a connection has, of those lent by `statements`.
        self._scopes: WeakKeyDictionary[psycopg.Connection, str] = WeakKeyDictionary()
        self._address = server.addresses(settings).app
        self.size = size = size or settings.pool_size
        self._pool: ConnectionPool[psycopg.Connection[TupleRow]] = ConnectionPool(
            self._address,
            min_size=1,
            max_size=size,
            timeout=POOL_WAIT_S,
            max_waiting=size * WAITING_PER_CONNECTION if waiting is None else waiting,
            check=ConnectionPool.check_connection if checked else None,
            configure=self._configure,
            open=True,
            name=name,
        )

    def _configure(self, connection: psycopg.Connection) -> None:
        # Once for a connection and not in every transaction: a round trip less for each request.
        connection.execute(SET_SESSION_TIMEOUT, (str(self._timeout_ms),))
        if self._lock_timeout_ms is not None:
            connection.execute(SET_LOCK_TIMEOUT, (str(self._lock_timeout_ms),))
        # Each layer has some statements of its own; the library keeps 100 and forgets the rest.
        connection.prepared_max = PREPARED_MOST
        connection.commit()

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back all connections."""
        self._pool.close()

    @contextmanager
    def statements(self, scope: Scope, *, wait_s: float = POOL_WAIT_S) -> Iterator[psycopg.Connection]:
        """Lend a connection for reading within a jurisdiction, each statement a transaction of its own.

        A third of the time of a small tile went into BEGIN, the jurisdiction, COMMIT and the look whether the
        connection lives. Here the jurisdiction belongs to the session, is remembered with the connection, and is
        said again only when another one is wanted.

        Args:
            scope: what the user may see.
            wait_s: longest wait for a free connection.

        Yields:
            The connection, in autocommit.

        Raises:
            Overloaded, DatabaseUnreachable, DeadlineExceeded: as ``transaction`` does.
        """
        with self._faults(), self._pool.connection(timeout=wait_s) as connection:
            literal = scope.literal()
            if self._scopes.get(connection) != literal:
                self._scopes.pop(connection, None)
                connection.autocommit = True
                connection.execute(SET_SESSION_SCOPE, (literal,))
                self._scopes[connection] = literal
            yield connection

    def connections(self) -> dict[str, int]:
        """Return how many connections the pool has and how many of them are free, and how many requests wait."""
        stats = self._pool.get_stats()
        return {name: stats.get(name, 0) for name in ("pool_size", "pool_available", "requests_waiting")}

    @contextmanager
    def transaction(self, scope: Scope) -> Iterator[psycopg.Connection]:
        """Run one transaction within a jurisdiction; commit at the end, roll back on an error.

        Args:
            scope: what the user may see and write.

        Yields:
            The connection, inside the transaction.

        Raises:
            Overloaded: no connection came free in time.
            DatabaseUnreachable: the database does not answer.
            DeadlineExceeded: a statement was cancelled by its time limit, or waited too long for a lock.
        """
        with self._faults(), self._pool.connection() as connection, connection.transaction():
            connection.execute(SET_SCOPE, (scope.literal(),), prepare=True)
            yield connection

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what the library and the server say into our errors."""
        try:
            yield
        except (TooManyRequests, PoolTimeout) as error:
            # A pool that cannot connect runs out of time as well: ask which of the two it is.
            server.check_reachable(self._address)
            raise Overloaded(
                "All database connections are busy.", f"Try again in a moment, or raise {self._setting}."
            ) from error
        except psycopg.errors.QueryCanceled as error:
            raise DeadlineExceeded(
                f"A statement ran longer than {self._timeout_ms} ms and was stopped.",
                "Ask for a smaller area or time.",
            ) from error
        except psycopg.errors.LockNotAvailable as error:
            raise DeadlineExceeded(
                "A table was locked for longer than a request may wait.", "Try again when the import has ended."
            ) from error
        except psycopg.OperationalError as error:
            raise DatabaseUnreachable(
                "The database connection was lost; what was begun has been undone.", "Look at: shapan db status"
            ) from error
