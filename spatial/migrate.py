"""Bring the schema up to date, one migration at a time, and tell how far it is.

Every revision runs in its own transaction, so a killed migration leaves the schema at a whole
revision and the next run goes on from there. One migrator works at a time (advisory lock); each
waits only so long for a table's lock, because everybody who comes after it would queue behind it.

Every command asks whether the schema is current, and alembic with SQLAlchemy takes a third of a second to
load: so they are imported where they are needed, and that question is answered without them.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from spatial import disk, roles, server
from spatial.errors import DatabaseError, DatabaseUnreachable, MigrationBlocked, SchemaOutOfDate
from spatial.settings import Settings

if TYPE_CHECKING:
    import sqlalchemy
    from alembic.config import Config
    from alembic.script import ScriptDirectory

SCRIPTS = Path(__file__).parent / "migrations"
VERSIONS = SCRIPTS / "versions"
MIGRATION_LOCK = 0x5348_4D47  # "SHMG"
MIGRATE = "Run `shapan db migrate`."


class State(StrEnum):
    """How a database's schema compares with the one this program needs."""

    EMPTY = "empty"
    BEHIND = "behind"
    UP_TO_DATE = "up_to_date"
    AHEAD = "ahead"
    PARTIAL = "partial"


@dataclass(frozen=True)
class Patience:
    """How long a migration waits and runs.

    Attributes:
        turn_s: seconds to wait while another migrator works.
        lock_ms: milliseconds to wait for one table's lock.
        statement_ms: milliseconds that one statement may run.
    """

    turn_s: float = 60
    lock_ms: int = 5_000
    statement_ms: int = 900_000


@dataclass(frozen=True)
class Report:
    """How far the schema is.

    Attributes:
        state: the comparison in one word.
        current: revisions that the database records, usually one.
        heads: revisions that this program needs, usually one.
        waiting: revisions still to be applied, oldest first.
        detail: one sentence for a person.
    """

    state: State
    current: tuple[str, ...]
    heads: tuple[str, ...]
    waiting: tuple[str, ...]
    detail: str


def heads(versions: Path = VERSIONS) -> tuple[str, ...]:
    """Return the newest revisions that this program carries.

    Args:
        versions: folder of the revisions.
    """
    return tuple(_scripts(versions).get_heads())


def current(connection: psycopg.Connection) -> tuple[str, ...]:
    """Return the revisions that a database records; none when it was never migrated.

    Args:
        connection: any of our roles.
    """
    if connection.execute("SELECT to_regclass('public.alembic_version')").fetchone()[0] is None:
        return ()
    rows = connection.execute("SELECT version_num FROM public.alembic_version ORDER BY 1").fetchall()
    return tuple(row[0] for row in rows)


def state(connection: psycopg.Connection, versions: Path = VERSIONS) -> Report:
    """Compare a database's schema with the one this program needs. Changes nothing.

    Args:
        connection: any of our roles.
        versions: folder of the revisions.
    """
    scripts = _scripts(versions)
    wanted, have = tuple(scripts.get_heads()), current(connection)
    known = {script.revision for script in scripts.walk_revisions()}

    def report(verdict: State, detail: str, waiting: tuple[str, ...] = ()) -> Report:
        return Report(verdict, have, wanted, waiting, detail)

    if strangers := sorted(set(have) - known):
        return report(State.AHEAD, f"The database is at revision {', '.join(strangers)}, "
                                   f"which this program ({', '.join(wanted)}) does not know.")
    if broken := _broken_indexes(connection):
        return report(State.PARTIAL, f"A migration was broken off and left unusable indexes: "
                                     f"{', '.join(broken)}.")
    if not have and (tables := _tables(connection)):
        return report(State.PARTIAL, f"The database holds tables ({', '.join(tables[:5])}) "
                                     f"but records no revision.")
    waiting = _waiting(scripts, have)
    if not have:
        return report(State.EMPTY, "The database has no tables yet.", waiting)
    if waiting:
        return report(State.BEHIND, f"The database is at revision {', '.join(have)}; "
                                    f"{len(waiting)} to come, up to {', '.join(wanted)}.", waiting)
    return report(State.UP_TO_DATE, f"The database is at revision {', '.join(have)}, the newest.")


def require_current(connection: psycopg.Connection, versions: Path = VERSIONS) -> None:
    """Refuse to work on a schema that is not the one this program needs.

    Args:
        connection: any of our roles.
        versions: folder of the revisions.

    Raises:
        SchemaOutOfDate: with the cure for the state it is in.
    """
    # Files are called by their revisions, and each follows the one before it (tests/spatial/test_migrate.py).
    newest = max((path.stem[:4] for path in versions.glob("[0-9]*.py")), default="")
    if current(connection) == (newest,) and not _broken_indexes(connection):
        return
    found = state(connection, versions)
    if found.state is State.UP_TO_DATE:
        return
    raise SchemaOutOfDate(found.detail, cure(found.state))


def bring_up_to_date(settings: Settings) -> list[str]:
    """Start the database where it is ours to start, and apply every waiting revision.

    Args:
        settings: the settings in force.

    Returns:
        The revisions applied, oldest first.

    Raises:
        DiskNearlyFull: too little free space; nothing was changed.
        DatabaseError: as :func:`upgrade` and ``server.bring_up``.
    """
    disk.guard_free_space(settings, "the migration")
    return upgrade(server.bring_up(settings).owner)


def upgrade(owner: str, patience: Patience | None = None, versions: Path = VERSIONS) -> list[str]:
    """Apply every waiting revision, each in its own transaction.

    Args:
        owner: address of the owner role.
        patience: how long to wait and run; the defaults when None.
        versions: folder of the revisions.

    Returns:
        The revisions applied, oldest first; none when there was nothing to do.

    Raises:
        MigrationBlocked: another migrator, or somebody's lock, was in the way too long, or a
            statement ran too long. Revisions before the named one are applied, it is not.
        SchemaOutOfDate: the database is newer than this program, or in parts.
        DatabaseUnreachable: nothing answers at the address.
    """
    import sqlalchemy
    from alembic import command

    patience = patience or Patience()
    with _connected(owner) as connection, _turn(connection, patience):
        raw = connection.connection.driver_connection
        found = state(raw, versions)
        if found.state in (State.AHEAD, State.PARTIAL):
            raise SchemaOutOfDate(found.detail, cure(found.state))
        raw.execute(f"SET lock_timeout = {patience.lock_ms}")
        raw.execute(f"SET statement_timeout = {patience.statement_ms}")
        # Else the server goes on with a killed migrator's statement, and holds the lock until it ends.
        raw.execute("SET client_connection_check_interval = '1s'")
        # alembic commits each revision only if no transaction is open when it begins.
        raw.commit()
        applied: list[str] = []
        config = _config(versions)
        config.attributes["connection"] = connection
        config.attributes["applied"] = applied
        try:
            command.upgrade(config, "heads")
        except sqlalchemy.exc.DBAPIError as error:
            raise _explained(error, found.waiting[len(applied):]) from error
        roles.close_version_table(raw)
        raw.commit()
        return applied


def write_revision(owner: str, message: str) -> Path:
    """Write a new revision that takes the database from its schema to the models'.

    Args:
        owner: address of the owner of a database that is up to date.
        message: what the revision does, in a few words.

    Returns:
        The new file, to be read and corrected by its author.
    """
    from alembic import command

    from spatial.models import metadata

    with _connected(owner) as connection:
        config = _config(VERSIONS)
        config.attributes["connection"] = connection
        config.attributes["metadata"] = metadata
        number = 1 + max((int(name.stem[:4]) for name in VERSIONS.glob("[0-9]*.py")), default=0)
        script = command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")
        return Path(script.path)


def _config(versions: Path) -> "Config":
    from alembic.config import Config

    config = Config()
    # '%' begins an interpolation in alembic's configuration.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("version_locations", str(versions).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _scripts(versions: Path) -> "ScriptDirectory":
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config(versions))


def _waiting(scripts: "ScriptDirectory", have: tuple[str, ...]) -> tuple[str, ...]:
    revisions = scripts.iterate_revisions("heads", have or "base")
    return tuple(reversed([script.revision for script in revisions]))


def _tables(connection: psycopg.Connection) -> list[str]:
    """Return the ordinary tables of our schema that belong to no extension."""
    rows = connection.execute("""
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND c.relname <> 'alembic_version'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d
                          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY 1""").fetchall()
    return [row[0] for row in rows]


def _broken_indexes(connection: psycopg.Connection) -> list[str]:
    """Return the indexes that a broken-off CREATE INDEX CONCURRENTLY left behind."""
    # The index of a partitioned table is invalid until every partition has its own; that is no break,
    # and one that is being built right now is not valid yet either.
    rows = connection.execute("""
        SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = 'public'::regnamespace AND NOT i.indisvalid AND c.relkind = 'i'
          AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
        ORDER BY 1""").fetchall()
    return [row[0] for row in rows]


def cure(found: State) -> str:
    """Return what to do about a schema in this state, one sentence."""
    return {
        State.AHEAD: "Install the release of shapan that made it, or a newer one, or restore a backup.",
        State.PARTIAL: "Drop what is named (an unusable index: DROP INDEX name;) and run "
                       "`shapan db migrate`, or restore a backup.",
    }.get(found, MIGRATE)


@contextmanager
def _connected(owner: str) -> Iterator["sqlalchemy.Connection"]:
    import sqlalchemy

    engine = sqlalchemy.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(owner),
                                      # Closing ends what was begun: whoever is interrupted cannot roll back any more.
                                      poolclass=sqlalchemy.NullPool, pool_reset_on_return=None)
    try:
        connection = engine.connect()
    except sqlalchemy.exc.OperationalError as error:
        server.check_reachable(owner)
        raise DatabaseUnreachable(f"The database refused the owner: {error.orig}.", "Try again.") from error
    with connection:
        yield connection


@contextmanager
def _turn(connection: "sqlalchemy.Connection", patience: Patience) -> Iterator[None]:
    """Hold the migrators' lock. It is the session's: a killed migrator gives it back by dying."""
    raw = connection.connection.driver_connection
    deadline = time.monotonic() + patience.turn_s
    while not raw.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATION_LOCK]).fetchone()[0]:
        raw.commit()
        if time.monotonic() > deadline:
            raise MigrationBlocked(f"Another migration has been running for {patience.turn_s:g} s; "
                                   "nothing was changed.",
                                   "Wait until it is done, then run `shapan db migrate` again.")
        time.sleep(0.1)
    raw.commit()
    try:
        yield
    finally:
        if not raw.closed:
            raw.rollback()
            raw.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
            raw.commit()


def _explained(error: "sqlalchemy.exc.DBAPIError", left: tuple[str, ...]) -> DatabaseError:
    where = f"Revision {left[0]}" if left else "The migration"
    kept = "Revisions before it are applied; it left nothing behind."
    if isinstance(error.orig, psycopg.errors.LockNotAvailable):
        return MigrationBlocked(f"{where} waited too long for a lock that somebody else holds. {kept}",
                                "Stop the service or end the long transaction, then run "
                                "`shapan db migrate` again.")
    if isinstance(error.orig, psycopg.errors.QueryCanceled):
        return MigrationBlocked(f"{where} ran too long and was ended. {kept}",
                                "Run `shapan db migrate` again at a quiet hour.")
    reason = str(error.orig).strip().split("\n", 1)[0]
    return DatabaseError(f"{where} failed: {reason}. {kept}",
                         "Remove the cause and run `shapan db migrate` again.")
