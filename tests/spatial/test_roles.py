"""Roles may do what they need and no more; the spatial index survives row security."""

import re

import psycopg
import pytest

from spatial import migrate, roles
from spatial.types import Scope
from tests.fixtures.databases import copy_template, drop

TABLE = "CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text)"


@pytest.fixture
def thing(database):
    """A database in which a migration has made a table."""
    database.connect("owner", autocommit=True).execute(TABLE)
    return database


@pytest.fixture(scope="module")
def staged_cluster(cluster, tmp_path_factory):
    """A database with the rights of a private cluster, in which run 7 has staged rows."""
    made = copy_template(cluster, tmp_path_factory.mktemp("staged"), migrated=False)
    migrate.upgrade(made.addresses.owner)
    made.connect("worker", autocommit=True).execute("SELECT shapan_stage(7, '{row_number,grid_code}', '{int8,text}')")
    yield made
    drop(cluster, made)


@pytest.mark.parametrize("role", ["app", "worker"])
def test_the_service_reads_and_writes_what_a_migration_made(thing, role):
    connection = thing.connect(role)
    connection.execute("INSERT INTO thing (word) VALUES ('a')")
    connection.execute("UPDATE thing SET word = 'b'")
    assert connection.execute("DELETE FROM thing RETURNING word").fetchone() == ("b",)


@pytest.mark.parametrize("statement", [
    "TRUNCATE building", "DROP TABLE building", "ALTER TABLE building ADD other text", "CREATE TABLE own (x int)",
    "CREATE SCHEMA own", "CREATE ROLE friend", "CREATE EXTENSION file_fdw", "SET ROLE shapan_owner",
    "UPDATE alembic_version SET version_num = 'x'", "ALTER TABLE building DISABLE ROW LEVEL SECURITY",
    "COPY building TO PROGRAM 'true'", "SELECT pg_read_file('/etc/passwd')",
])
@pytest.mark.parametrize("role", ["app", "worker"])
def test_the_service_may_not(shared_database, role, statement):
    with (psycopg.connect(getattr(shared_database.addresses, role)) as connection,
          pytest.raises(psycopg.errors.InsufficientPrivilege)):
        connection.execute(statement)


def test_backup_reads_past_row_security_and_writes_nothing(thing):
    backup = thing.connect("backup", scope=Scope.nothing(), autocommit=True)
    assert backup.execute("SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone() == (True,)
    assert backup.execute("SELECT count(*) FROM thing").fetchone() == (0,)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        backup.execute("INSERT INTO thing (word) VALUES ('a')")
    backup.execute("SET default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        backup.execute("INSERT INTO thing (word) VALUES ('a')")


@pytest.mark.parametrize("statement", [
    "SELECT shapan_stage(1, '{a}', '{text}')", "SELECT shapan_unstage(1)", "SELECT shapan_indexes_off('building')",
    "SELECT * FROM staging.run_7"])
def test_the_service_does_not_reach_what_imports_stage(staged_cluster, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        staged_cluster.connect("app").execute(statement)


def test_the_worker_stages_in_tables_that_it_does_not_own(staged_cluster):
    worker = staged_cluster.connect("worker")
    worker.execute("INSERT INTO staging.run_7 VALUES (1, 'x')")
    assert worker.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'run_7'").fetchone() == (roles.OWNER,)
    for statement in ("SELECT shapan_stage(8, '{a}', '{int8 DEFAULT 1/0}')", "DROP TABLE staging.run_7",
                      "INSERT INTO staging.index_put_aside VALUES ('building', 1, 'DROP TABLE building')",
                      "CREATE TABLE staging.own (x int)"):
        with pytest.raises(psycopg.Error), worker.transaction():
            worker.execute(statement)
    worker.execute("SELECT shapan_unstage(7)")
    assert worker.execute("SELECT to_regclass('staging.run_7')").fetchone() == (None,)


def test_a_function_is_closed_to_a_role_that_is_not_ours(thing):
    thing.connect("owner", autocommit=True).execute(
        "CREATE FUNCTION door() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
    assert thing.connect("app").execute("SELECT door()").fetchone() == (1,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        thing.connect("backup").execute("SELECT door()")


def test_a_role_that_is_not_ours_cannot_connect(database):
    superuser = database.connect("superuser", autocommit=True)
    assert superuser.execute(
        "SELECT bool_or(acl.grantee = 0) FROM pg_database, aclexplode(datacl) acl WHERE datname = current_database()"
    ).fetchone() == (False,)


def test_each_role_has_its_time_limits(database, cluster):
    for rule in roles.rules(cluster):
        role = rule.name.removeprefix("shapan_")
        shown = {name: database.connect(role).execute(
            "SELECT setting::int FROM pg_settings WHERE name = %s", [name]).fetchone()[0]
            for name in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")}
        assert shown == {"statement_timeout": rule.statement_timeout_ms, "lock_timeout": rule.lock_timeout_ms,
                         "idle_in_transaction_session_timeout": rule.idle_timeout_ms}, role


def test_ensuring_twice_changes_nothing_and_restores_a_lost_flag_and_a_gained_right(database, cluster):
    superuser = database.connect("superuser", autocommit=True)
    maintenance = psycopg.conninfo.make_conninfo(database.addresses.superuser, dbname="postgres")
    superuser.execute("ALTER FUNCTION geometry_overlaps(geometry,geometry) NOT LEAKPROOF")
    superuser.execute("ALTER ROLE shapan_app BYPASSRLS")
    for _ in range(2):
        roles.ensure(maintenance, database.addresses.superuser, cluster)
        assert superuser.execute(
            "SELECT proleakproof FROM pg_proc WHERE oid = 'geometry_overlaps(geometry,geometry)'::regprocedure"
        ).fetchone() == (True,)
        assert superuser.execute(
            "SELECT rolbypassrls FROM pg_roles WHERE rolname = 'shapan_app'").fetchone() == (False,)


def test_a_managed_owner_without_superuser_gives_the_rights_and_leaves_the_flag(bare_database):
    superuser = bare_database.connect("superuser", autocommit=True)
    superuser.execute("ALTER FUNCTION geometry_overlaps(geometry,geometry) NOT LEAKPROOF")
    roles.ensure_managed(bare_database.addresses.owner, bare_database.addresses.app)
    bare_database.connect("owner", autocommit=True).execute(TABLE)
    bare_database.connect("app").execute("INSERT INTO thing (word) VALUES ('a')")


def test_a_managed_server_without_postgis_is_told_what_to_run(bare_database):
    bare_database.connect("superuser", autocommit=True).execute("DROP EXTENSION postgis")
    with pytest.raises(roles.DatabaseError, match="lacks the extension postgis") as caught:
        roles.ensure_managed(bare_database.addresses.owner, bare_database.addresses.app)
    assert "CREATE EXTENSION postgis" in caught.value.cure


def test_row_security_leaves_the_spatial_index_in_use_only_while_the_flag_is_set(database):
    database.connect("owner", autocommit=True).execute("""
        CREATE TABLE spot (grid_code text COLLATE "C" NOT NULL, geom_web geometry(Point, 3857) NOT NULL);
        SELECT shapan_protect('spot');
        INSERT INTO spot SELECT '999001001001001', ST_SetSRID(ST_MakePoint(n, n), 3857) FROM generate_series(1, 5000) n;
        CREATE INDEX ON spot USING gist (geom_web);
        ANALYZE spot""")
    app, superuser = database.connect("app", autocommit=True), database.connect("superuser", autocommit=True)

    def plan():
        rows = app.execute("EXPLAIN SELECT * FROM spot WHERE geom_web && ST_MakeEnvelope(10, 10, 20, 20, 3857)")
        return "\n".join(row[0] for row in rows)

    assert re.search(r"Index Cond: \(geom_web &&", plan())
    superuser.execute("ALTER FUNCTION geometry_overlaps(geometry,geometry) NOT LEAKPROOF")
    assert "Seq Scan on spot" in plan()
