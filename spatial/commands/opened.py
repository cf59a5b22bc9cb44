"""What commands share: the database, opened as a person at a shell means it."""

import psycopg

from spatial import db, migrate, server
from spatial.settings import load
from spatial.types import Scope


def open_database(scope: Scope | None = None) -> psycopg.Connection:
    """Return a connection as the worker to a database whose schema is this program's.

    Args:
        scope: jurisdiction of the session; everything when None.

    Returns:
        The connection, for a ``with`` statement: it commits at the end of its block and closes.

    Raises:
        DatabaseUnreachable: nothing answers.
        SchemaOutOfDate: the schema is another one.
    """
    address = server.addresses(load()).worker
    server.check_reachable(address)
    connection = db.open_connection(address, scope or Scope.everything())
    try:
        migrate.require_current(connection)
    except BaseException:
        connection.close()
        raise
    return connection
