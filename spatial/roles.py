"""Database roles, their rights and time limits; extensions; the leakproof operator.

Who connects as what: ``shapan_owner`` owns the schema and migrates it; ``shapan_app`` serves
requests; ``shapan_worker`` runs jobs and imports; ``shapan_backup`` dumps. Row security binds app
and worker. The owner has BYPASSRLS because an UPDATE of a migration under FORCE ROW LEVEL
SECURITY changes 0 rows without a word. Backup has it because pg_dump turns row security off and
stops at the first protected table otherwise; it can only SELECT, and its transactions are read-only.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from spatial.errors import DatabaseError
from spatial.settings import Settings

OWNER = "shapan_owner"
APP = "shapan_app"
WORKER = "shapan_worker"
BACKUP = "shapan_backup"

EXTENSIONS = ("postgis", "btree_gist")

# `geom && box` is the filter of every spatial query. Under row security the planner may use an
# index for it only when the operator's function is LEAKPROOF (1 ms instead of 100 ms). It reads
# nothing but bounding boxes. pg_dump does not keep the flag and ALTER EXTENSION … UPDATE resets
# it, hence at every start. `<->` orders rows and is no filter, so it needs no flag.
LEAKPROOF_FUNCTIONS = ("geometry_overlaps(geometry,geometry)",)

# Any two starts or migrations that touch roles and rights take turns on this lock.
ROLES_LOCK = 0x5348_524F  # "SHRO"


@dataclass(frozen=True)
class RoleRules:
    """What one role may do.

    Attributes:
        name: role.
        bypass_rls: row security does not apply to it.
        statement_timeout_ms: longest statement, 0 for no limit.
        idle_timeout_ms: longest idle time inside a transaction, 0 for no limit.
        lock_timeout_ms: longest wait for a lock.
        read_only: its transactions are read-only unless it asks otherwise.
    """

    name: str
    bypass_rls: bool
    statement_timeout_ms: int
    idle_timeout_ms: int
    lock_timeout_ms: int
    read_only: bool = False


def rules(settings: Settings) -> tuple[RoleRules, ...]:
    """Return the rules of the four roles.

    Args:
        settings: gives the statement timeout of the service.
    """
    return (
        RoleRules(OWNER, True, 900_000, 60_000, 5_000),
        RoleRules(APP, False, settings.statement_timeout_ms, 30_000, 2_000),
        RoleRules(WORKER, False, 600_000, 60_000, 5_000),
        # A dump holds one long transaction that waits between tables: no limit but the one on locks.
        RoleRules(BACKUP, True, 0, 0, 60_000, read_only=True),
    )


def ensure(maintenance: str, inside: str, settings: Settings) -> None:
    """Bring roles, database, extensions, operator flag and rights of the private cluster in order.

    Idempotent; two callers at once take turns.

    Args:
        maintenance: superuser's address of the database ``postgres``.
        inside: superuser's address of our database, which is made when it is missing.
        settings: gives the time limits.

    Raises:
        DatabaseError: an extension cannot be made.
    """
    database = conninfo_to_dict(inside)["dbname"]
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '30s'")
        connection.execute("SELECT pg_advisory_lock(%s)", [ROLES_LOCK])
        for role in rules(settings):
            _ensure_role(connection, role)
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(database), sql.Identifier(OWNER)))
        grant_connect(connection, database)
        # The lock is held on this session until the work inside the database is done.
        with psycopg.connect(inside) as own:
            ensure_extensions(own)
            ensure_leakproof(own)
            grant_objects(own, OWNER, writers=(APP, WORKER), readers=(BACKUP,), importers=(WORKER,))


def ensure_managed(owner: str, app: str) -> None:
    """Bring extensions and rights on a managed server in order, as far as the owner may.

    The operator flag needs a superuser; where it cannot be set, the self-test says so.

    Args:
        owner: address of the owner role.
        app: address of the application role; only its user name is used.

    Raises:
        DatabaseError: an extension is missing and the owner may not make it.
    """
    with psycopg.connect(owner) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [ROLES_LOCK])
        ensure_extensions(connection)
        try:
            with connection.transaction():
                ensure_leakproof(connection)
        except psycopg.errors.InsufficientPrivilege:
            pass
        parts = conninfo_to_dict(app)
        user = parts.get("user") or ""
        grant_objects(connection, connection.info.user, writers=(user,), readers=(), importers=(user,))


def ensure_extensions(connection: psycopg.Connection) -> None:
    """Create the extensions that are missing.

    Args:
        connection: a role that may create extensions; the caller commits.

    Raises:
        DatabaseError: the server lacks an extension or refuses to make it.
    """
    for name in EXTENSIONS:
        # CREATE EXTENSION IF NOT EXISTS would ask for the right even when the extension is there.
        present = connection.execute("SELECT 1 FROM pg_extension WHERE extname = %s", [name]).fetchone()
        if present:
            continue
        try:
            connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(name)))
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported,
                psycopg.errors.UndefinedFile) as error:
            raise DatabaseError(
                f"The database lacks the extension {name} and it could not be made: {error.diag.message_primary}.",
                f"Install PostGIS on the server, then as its superuser run: CREATE EXTENSION {name};",
            ) from error


def ensure_leakproof(connection: psycopg.Connection) -> None:
    """Mark the spatial operator's function LEAKPROOF where it is not.

    Args:
        connection: a superuser's; the caller commits.
    """
    for function in LEAKPROOF_FUNCTIONS:
        flagged = connection.execute(
            "SELECT proleakproof FROM pg_proc WHERE oid = %s::regprocedure", [function]).fetchone()
        if not flagged[0]:
            connection.execute(f"ALTER FUNCTION {function} LEAKPROOF")


def grant_connect(connection: psycopg.Connection, database: str) -> None:
    """Let our roles, and nobody else, into a database of the private cluster.

    Args:
        connection: a superuser's, in any database of the cluster.
        database: name of the database.
    """
    name = sql.Identifier(database)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}, {}").format(
        name, *map(sql.Identifier, (APP, WORKER, BACKUP))))
    # Imports stage rows in temporary tables.
    connection.execute(sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}, {}").format(
        name, *map(sql.Identifier, (APP, WORKER))))


def grant_objects(connection: psycopg.Connection, owner: str, writers: tuple[str, ...],
                  readers: tuple[str, ...], importers: tuple[str, ...]) -> None:
    """Give rights on every table, sequence and function that the owner has or will make.

    Migrations therefore name no role, and run the same on a managed server.

    Args:
        connection: the owner's or a superuser's, in our database; the caller commits.
        owner: role that owns the objects.
        writers: roles that select, insert, update, delete.
        readers: roles that select.
        importers: roles that may enter the schema ``staging`` as well.
    """
    future = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {}").format(sql.Identifier(owner))
    # A SECURITY DEFINER function open to PUBLIC would be a door around row security.
    connection.execute(future + sql.SQL(" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC"))
    for role in writers:
        to = sql.SQL(" TO {}").format(sql.Identifier(role))
        connection.execute(future + sql.SQL(" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES") + to)
        connection.execute(future + sql.SQL(" GRANT USAGE, SELECT ON SEQUENCES") + to)
        connection.execute(future + sql.SQL(" GRANT EXECUTE ON FUNCTIONS") + to)
    for role in readers:
        to = sql.SQL(" TO {}").format(sql.Identifier(role))
        connection.execute(future + sql.SQL(" GRANT SELECT ON TABLES") + to)
        connection.execute(future + sql.SQL(" GRANT SELECT ON SEQUENCES") + to)
    for role in (*importers, *readers):
        connection.execute(future + sql.SQL(" GRANT USAGE ON SCHEMAS TO {}").format(sql.Identifier(role)))
        if connection.execute("SELECT to_regnamespace('staging')").fetchone()[0] is not None:
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA staging TO {}").format(sql.Identifier(role)))


def close_version_table(connection: psycopg.Connection) -> None:
    """Leave alembic's record of the schema's revision readable, and writable by its owner alone.

    Args:
        connection: the owner's; the caller commits.
    """
    grantees = connection.execute("""
        SELECT DISTINCT pg_get_userbyid(a.grantee) FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = 'public.alembic_version'::regclass AND a.grantee <> c.relowner
          AND a.privilege_type <> 'SELECT'""").fetchall()
    for (name,) in grantees:
        connection.execute(sql.SQL("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.alembic_version FROM {}").format(
            sql.Identifier(name)))


def _ensure_role(connection: psycopg.Connection, role: RoleRules) -> None:
    name = sql.Identifier(role.name)
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.name]).fetchone()
    bypass = sql.SQL("BYPASSRLS" if role.bypass_rls else "NOBYPASSRLS")
    # INHERIT, because a database's owner may create in its schema through an implicit membership.
    connection.execute(sql.SQL(
        "{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT {}"
    ).format(sql.SQL("ALTER" if known else "CREATE"), name, bypass))
    limits = {
        "statement_timeout": f"{role.statement_timeout_ms}ms",
        "idle_in_transaction_session_timeout": f"{role.idle_timeout_ms}ms",
        "lock_timeout": f"{role.lock_timeout_ms}ms",
        "default_transaction_read_only": "on" if role.read_only else "off",
    }
    for setting, value in limits.items():
        connection.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(
            name, sql.Identifier(setting), sql.Literal(value)))
