"""The self-test of protection: does the database keep the promises the product stands on?

Run at start, by ``/health/ready`` and by ``shapan db check``. It reads the system catalogues, as
the application role, and raises nothing: each promise gives one :class:`Check`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from spatial import binaries, disk, migrate, roles, server
from spatial.errors import ShapanError
from spatial.settings import Settings
from spatial.types import Scope

OLDEST_POSTGIS = (3, 3)
SAMPLED_PAGES = 100
THOROUGH_TIMEOUT_MS = 120_000

# Which rows: every table and partition with a place, in any schema of ours.
# Fields: name, row security forced, whether each policy asks for the jurisdiction, pages on disk.
PROTECTED_TABLES = """
SELECT c.oid::regclass::text,
       c.relrowsecurity AND c.relforcerowsecurity,
       coalesce((SELECT bool_and(p.polcmd = '*' AND pg_get_expr(p.polqual, p.polrelid) LIKE '%shapan_scope()%'
                                 AND pg_get_expr(coalesce(p.polwithcheck, p.polqual), p.polrelid)
                                     LIKE '%shapan_scope()%')
                 FROM pg_policy p WHERE p.polrelid = c.oid), false),
       pg_relation_size(c.oid) / current_setting('block_size')::int
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
              AND a.attname IN ('area_code', 'grid_code'))
ORDER BY 1
"""

# Which rows: every view of ours that reads with its owner's rights, and the owner bypasses row security.
# A materialised view always does.
OPEN_VIEWS = """
SELECT c.oid::regclass::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND (c.relkind = 'm'
       OR NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false))
  AND NOT EXISTS (SELECT 1 FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""

# Fields: superuser, bypasses row security, roles it can become, objects it owns, tables it can empty
# (row security does not apply to TRUNCATE).
ROLE = """
SELECT r.rolsuper, r.rolbypassrls,
       (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid),
       (SELECT count(*) FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass
          AND d.refobjid = r.oid AND d.deptype = 'o'),
       (SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
          AND c.relkind IN ('r', 'p') AND has_table_privilege(r.oid, c.oid, 'TRUNCATE'))
FROM pg_roles r WHERE r.rolname = %s
"""


# Rows: the audit log and its partitions, where a role could change what is written. Parameters: role.
CHANGEABLE = """
SELECT c.oid::regclass::text FROM pg_class c
WHERE (c.oid = 'public.audit'::regclass OR c.oid = 'public.audit_head'::regclass
       OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'public.audit'::regclass))
  AND (has_table_privilege(%(role)s, c.oid, 'UPDATE, DELETE, TRUNCATE')
       OR c.relname = 'audit_head' AND has_table_privilege(%(role)s, c.oid, 'INSERT'))
ORDER BY 1
"""

# Rows: tables in monthly partitions. Fields: name, default partition, whether next month has a partition.
PARTITIONED = """
SELECT parent.relname, partdefid::regclass::text,
       to_regclass(format('public.%I', parent.relname ||
           to_char(now() AT TIME ZONE 'UTC' + interval '1 month', '"_y"YYYY"m"MM'))) IS NOT NULL
FROM pg_partitioned_table JOIN pg_class parent ON parent.oid = partrelid
WHERE partstrat = 'r' AND partdefid <> 0 ORDER BY 1
"""


@dataclass(frozen=True)
class Check:
    """One promise and whether it is kept.

    Attributes:
        name: stable key, such as ``row_security``.
        ok: it is kept.
        vital: the service must not serve while it is broken.
        detail: one sentence; names what breaks it.
        cure: what to do; empty while it is kept.
    """

    name: str
    ok: bool
    vital: bool
    detail: str
    cure: str = ""


def ready(checks: list[Check]) -> bool:
    """Tell whether the service may serve: every vital promise is kept."""
    return all(check.ok for check in checks if check.vital)


def run(settings: Settings, thorough: bool = True) -> list[Check]:
    """Connect as the application role and check every promise.

    Args:
        settings: where the database is.
        thorough: read every row of every protected table, not a sample.

    Returns:
        The checks; the one named ``database`` alone when it cannot be reached.
    """
    try:
        address = server.addresses(settings).app
        server.check_reachable(address)
        with psycopg.connect(address) as connection:
            reached = Check("database", True, True, "The database answers.")
            return [reached, *inspect(connection, settings, thorough)]
    except ShapanError as error:
        return [Check("database", False, True, error.what, error.cure)]
    except psycopg.Error as error:
        reason = f"The database broke off: {str(error).strip()}."
        return [Check("database", False, True, reason, "Try again.")]


def inspect(connection: psycopg.Connection, settings: Settings, thorough: bool = False) -> list[Check]:
    """Check every promise on an open connection of the application role.

    Args:
        connection: the application's; what is set here is rolled back.
        settings: tells the private cluster from a managed server, and the least free space.
        thorough: read every row of every protected table; else a sample of its pages, which
            a poll every few seconds can afford.

    Returns:
        One check for each promise.
    """
    promises: list[tuple[str, bool, Callable[[], Iterator[str]], str, str]] = [
        ("server_version", True, lambda: _versions(connection),
         "PostgreSQL and PostGIS are new enough.", "Upgrade the database server."),
        ("schema", True, lambda: _schema(connection),
         "The schema is the one this program needs.", migrate.MIGRATE),
        ("row_security", True, lambda: _row_security(connection),
         "Every table with a place has forced row security.",
         "In a migration call protect(table), and make views WITH (security_invoker=true)."),
        ("empty_jurisdiction", True, lambda: _empty_jurisdiction(connection, thorough),
         "An empty jurisdiction sees no row.", "Stop the service; restore the policies with protect(table)."),
        ("roles", True, lambda: _roles(connection, settings),
         "The service's roles own nothing and bypass nothing.",
         "Private cluster: run `shapan db up`. Managed server: correct the role as its superuser."),
        # Without the flag answers are right but slow; on a managed server we may be unable to set it.
        ("spatial_operator", settings.embedded, lambda: _operators(connection),
         "Row security leaves the spatial index in use.",
         "Private cluster: run `shapan db up`. Managed server, as its superuser: "
         + " ".join(f"ALTER FUNCTION {name} LEAKPROOF;" for name in roles.LEAKPROOF_FUNCTIONS)),
        # Nothing is lost: rows go into the default partition, where they are slower to find and to be rid of.
        ("partitions", False, lambda: _partitions(connection),
         "Next month has its partitions, and no row had to go elsewhere.",
         "See why the job `partitions` fails in the service's log; move the rows of default partitions."),
        # Reading goes on; imports and migrations refuse by themselves.
        ("free_space", False, lambda: _free_space(settings),
         "There is free space to write.", "Free some space, or lower SHAPAN_MIN_FREE_MB."),
    ]
    return [_kept(connection, *promise) for promise in promises]


def _kept(connection: psycopg.Connection, name: str, vital: bool, find: Callable[[], Iterator[str]],
          kept: str, cure: str) -> Check:
    try:
        with connection.transaction(force_rollback=True):
            faults = list(find())
    except psycopg.Error as error:
        faults = [f"It could not be checked: {str(error).strip()}."]
    except ShapanError as error:
        faults = [str(error)]
    if faults:
        return Check(name, False, vital, " ".join(faults), cure)
    return Check(name, True, vital, kept)


def _versions(connection: psycopg.Connection) -> Iterator[str]:
    major = connection.info.server_version // 10_000
    if major < binaries.OLDEST_MAJOR:
        yield f"PostgreSQL is {major}, {binaries.OLDEST_MAJOR} or newer is needed."
    for name in roles.EXTENSIONS:
        row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = %s", [name]).fetchone()
        if row is None:
            yield f"The extension {name} is missing."
        elif name == "postgis" and tuple(map(int, row[0].split(".")[:2])) < OLDEST_POSTGIS:
            yield f"PostGIS is {row[0]}, {'.'.join(map(str, OLDEST_POSTGIS))} or newer is needed."


def _schema(connection: psycopg.Connection) -> Iterator[str]:
    report = migrate.state(connection)
    if report.state is not migrate.State.UP_TO_DATE:
        yield report.detail


def _row_security(connection: psycopg.Connection) -> Iterator[str]:
    for table, forced, asks, _ in connection.execute(PROTECTED_TABLES).fetchall():
        if not forced:
            yield f"{table} has no forced row security."
        if not asks:
            yield f"{table} lacks the policy on the jurisdiction, or has one that does not ask for it."
    for (view,) in connection.execute(OPEN_VIEWS).fetchall():
        yield f"The view {view} reads with its owner's rights, past row security."


def _empty_jurisdiction(connection: psycopg.Connection, thorough: bool) -> Iterator[str]:
    if thorough:
        connection.execute("SELECT set_config('statement_timeout', %s, true)", [str(THOROUGH_TIMEOUT_MS)])
    # '' and not unset: that is what a pooled connection reads after a transaction that set it.
    connection.execute("SELECT set_config('shapan.scope', '', true)")
    for table, _, _, pages in connection.execute(PROTECTED_TABLES).fetchall():
        share = 100 if thorough else min(100, 100 * SAMPLED_PAGES / max(pages, 1))
        query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {}{})").format(
            sql.SQL(table), sql.SQL("" if share == 100 else f" TABLESAMPLE SYSTEM ({share:.6f})"))
        if connection.execute(query).fetchone()[0]:
            yield f"An empty jurisdiction sees rows of {table}."


def _roles(connection: psycopg.Connection, settings: Settings) -> Iterator[str]:
    names = (roles.APP, roles.WORKER) if settings.embedded else (connection.info.user,)
    for name in names:
        row = connection.execute(ROLE, [name]).fetchone()
        if row is None:
            yield f"The role {name} is missing."
            continue
        superuser, bypasses, memberships, owned, emptied = row
        if superuser:
            yield f"{name} is a superuser."
        if bypasses:
            yield f"{name} bypasses row security."
        if memberships:
            yield f"{name} can become another role."
        if owned:
            yield f"{name} owns {owned} objects."
        if emptied:
            yield f"{name} may TRUNCATE {emptied} tables, to which row security does not apply."
        for (table,) in connection.execute(CHANGEABLE, {"role": name}).fetchall():
            yield f"{name} may change what is written in {table}."


def _operators(connection: psycopg.Connection) -> Iterator[str]:
    for name in roles.LEAKPROOF_FUNCTIONS:
        row = connection.execute(
            "SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure(%s)", [name]).fetchone()
        if row is None or not row[0]:
            yield f"{name} is not LEAKPROOF, so row security disables the spatial index."


def _partitions(connection: psycopg.Connection) -> Iterator[str]:
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [Scope.everything().literal()])
    for table, default, ahead in connection.execute(PARTITIONED).fetchall():
        if not ahead:
            yield f"{table} has no partition for next month."
        if connection.execute(sql.SQL("SELECT EXISTS (SELECT 1 FROM {})").format(sql.SQL(default))).fetchone()[0]:
            yield f"{default} has rows."


def _free_space(settings: Settings) -> Iterator[str]:
    free = disk.free_mb(settings.home)
    if free < settings.min_free_mb:
        yield f"Only {free} MB are free in {settings.home}, {settings.min_free_mb} MB are needed."
