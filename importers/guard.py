"""The run's hold on the database: one run of a concept at a time, errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from importers import concepts
from importers.concepts.declare import Concept
from spatial.errors import DatabaseError, DatabaseUnreachable
from spatial.queries import placing

# The worker's limits suit short jobs. A run waits for others and for the file, and joins and sorts all its rows.
_NO_LIMITS = """
SELECT set_config('statement_timeout', '0', true),
       set_config('idle_in_transaction_session_timeout', '0', true),
       set_config('lock_timeout', '600s', true),
       set_config('work_mem', '128MB', true)
"""
# Classes of SQLSTATE (manual, appendix A): connection exception, operator intervention.
_GONE = ("08", "57P")


def lift_limits(connection: psycopg.Connection) -> None:
    """Lift the time limits of this transaction."""
    connection.execute(_NO_LIMITS)


def wait_for_turn(connection: psycopg.Connection, concept: Concept) -> None:
    """Lift the time limits of this transaction and wait until no other run fills the same table, or one above it.

    A building that moves takes along what hangs on it: a row that is being hung there would find it gone.
    Everybody waits for parents before children, so that nobody waits for ever.

    Args:
        connection: at the beginning of the transaction that writes.
        concept: what is imported.
    """
    lift_limits(connection)
    for parent in concepts.above(concept.name):
        placing.lock(connection, parent.name, shared=True)
    placing.lock(connection, concept.name)


@contextmanager
def guarded(file: str, left: str = "Nothing was imported.") -> Iterator[None]:
    """Turn errors of the database into ours. The values of rows that they quote are left out.

    Args:
        file: name of the file or of what is being done, for messages.
        left: in which state things are left, a sentence.

    Raises:
        DatabaseUnreachable: the connection broke.
        DatabaseError: anything else that the database refused.
    """
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        raise DatabaseError(f"{file}: another import of the same concept, or somebody who reads its table, "
                            "held it for ten minutes.", f"{left} Try again when they have ended.") from error
    except psycopg.errors.DiskFull as error:
        raise DatabaseError(f"{file}: the database's disk is full.",
                            f"{left} Free some space and try again.") from error
    except psycopg.errors.IntegrityError as error:
        rule = error.diag.constraint_name
        raise DatabaseError(
            f"{file}: the database refused the rows by its rule {rule} on {error.diag.table_name}.",
            f"{left} Two rows may have exchanged their codes: import them in two steps.") from error
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
        raise DatabaseError(f"{file}: another import changed the same rows at the same time.",
                            f"{left} Try again.") from error
    except psycopg.OperationalError as error:
        if error.sqlstate is not None and not error.sqlstate.startswith(_GONE):
            raise _refused(file, left, error) from error
        raise DatabaseUnreachable(
            f"{file}: the database went away.",
            f"{left} Look at `shapan db status`, then try again.") from error
    except psycopg.Error as error:
        raise _refused(file, left, error) from error


def _refused(file: str, left: str, error: psycopg.Error) -> DatabaseError:
    # Errors of data quote the value.
    words = None if isinstance(error, psycopg.DataError) else error.diag.message_primary
    return DatabaseError(f"{file}: the database refused: {words or type(error).__name__}.",
                         f"{left} Run `shapan db check`.")
