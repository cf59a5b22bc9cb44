"""Migrations: one at a time, bounded, whole or not at all, and clear about what is missing."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from geoalchemy2 import alembic_helpers

from spatial import migrate, roles
from spatial.errors import DatabaseError, DatabaseUnreachable, DiskNearlyFull, MigrationBlocked, SchemaOutOfDate
from spatial.migrate import Patience, State
from spatial.models import metadata
from tests.fixtures.homes import REPOSITORY

REVISION = '''"""{number}"""
from alembic import op
revision = "{number}"
down_revision = {before!r}
def upgrade():
    op.execute("""{sql}""")
'''


def revisions(folder: Path, *statements: str) -> Path:
    """Write revisions a1, a2 … with one statement each; return their folder."""
    before = None
    for position, statement in enumerate(statements, 1):
        number = f"a{position}"
        (folder / f"{number}.py").write_text(REVISION.format(number=number, before=before, sql=statement))
        before = number
    return folder


def only_first(folder: Path) -> Path:
    """Return a folder beside the revisions that holds the first of them."""
    only = folder / "first"
    only.mkdir()
    (only / "a1.py").write_text((folder / "a1.py").read_text())
    return only


def tables(database) -> set[str]:
    rows = database.connect("superuser").execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row[0] for row in rows} - {"spatial_ref_sys"}


def state(database, versions=migrate.VERSIONS):
    return migrate.state(database.connect("app"), versions)


def test_an_empty_database_gets_every_revision_and_the_next_run_does_nothing(bare_database):
    assert state(bare_database).state is State.EMPTY
    applied = migrate.upgrade(bare_database.addresses.owner)
    assert tuple(applied) == tuple(f"{number:04d}" for number in range(1, len(applied) + 1))
    assert state(bare_database).state is State.UP_TO_DATE
    assert migrate.upgrade(bare_database.addresses.owner) == []


def test_the_history_is_one_line_to_one_head_whose_file_is_the_last():
    assert migrate.heads() == (max(path.name for path in migrate.VERSIONS.glob("[0-9]*.py"))[:4],)


def test_asking_whether_the_schema_is_current_loads_no_migration_tool(database):
    code = ("import sys, psycopg; from spatial import migrate; "
            "migrate.require_current(psycopg.connect(sys.argv[1])); "
            "print({'alembic', 'sqlalchemy'} & set(sys.modules))")
    ran = subprocess.run([sys.executable, "-c", code, database.addresses.app], capture_output=True, text=True,
                         cwd=REPOSITORY, check=False)
    assert (ran.stdout, ran.stderr) == ("set()\n", "")


def test_models_and_migrated_schema_do_not_differ(database):
    engine = sqlalchemy.create_engine("postgresql+psycopg://", poolclass=sqlalchemy.NullPool,
                                      creator=lambda: psycopg.connect(database.addresses.owner))

    # Partitions are made by the database itself, month by month.
    partitions = {row[0] for row in database.connect("owner").execute(
        "SELECT relname FROM pg_class WHERE relispartition")}

    def include(thing, name, kind, reflected, compared):
        if kind == "table" and name in partitions:
            return False
        return alembic_helpers.include_object(thing, name, kind, reflected, compared)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "include_object": include, "compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_two_migrators_at_once_apply_each_revision_once(bare_database):
    due = list(state(bare_database).waiting)
    with ThreadPoolExecutor(3) as migrators:
        answers = list(migrators.map(migrate.upgrade, [bare_database.addresses.owner] * 3))
    assert sorted(answers) == [[], [], due]
    assert state(bare_database).state is State.UP_TO_DATE


def test_a_migrator_waits_for_its_turn_only_so_long(bare_database):
    bare_database.connect("owner", autocommit=True).execute(
        "SELECT pg_advisory_lock(%s)", [migrate.MIGRATION_LOCK])
    with pytest.raises(MigrationBlocked, match="Another migration has been running for 0.3 s; nothing was changed"):
        migrate.upgrade(bare_database.addresses.owner, Patience(turn_s=0.3))
    assert tables(bare_database) == set()


def test_somebody_elses_lock_blocks_it_only_so_long_and_the_next_run_goes_on(bare_database, tmp_path):
    versions = revisions(
        tmp_path, "CREATE TABLE held (x int)", "ALTER TABLE held ADD y int", "CREATE TABLE last (x int)")
    holder = bare_database.connect("app")
    migrate.upgrade(bare_database.addresses.owner, versions=only_first(tmp_path))
    holder.execute("SELECT * FROM held")
    with pytest.raises(MigrationBlocked, match="Revision a2 waited too long for a lock"):
        migrate.upgrade(bare_database.addresses.owner, Patience(lock_ms=200), versions)
    assert state(bare_database, versions).waiting == ("a2", "a3")
    holder.rollback()
    assert migrate.upgrade(bare_database.addresses.owner, versions=versions) == ["a2", "a3"]


def test_a_statement_runs_only_so_long(bare_database, tmp_path):
    versions = revisions(tmp_path, "CREATE TABLE one (x int)", "SELECT pg_sleep(30)")
    with pytest.raises(MigrationBlocked, match="Revision a2 ran too long and was ended"):
        migrate.upgrade(bare_database.addresses.owner, Patience(statement_ms=200), versions)
    assert state(bare_database, versions).current == ("a1",)


def test_a_failed_revision_leaves_nothing_and_those_before_it_stay(bare_database, tmp_path):
    versions = revisions(tmp_path, "CREATE TABLE one (x int)", "CREATE TABLE two (x int); SELECT 1/0")
    with pytest.raises(DatabaseError, match="Revision a2 failed: division by zero"):
        migrate.upgrade(bare_database.addresses.owner, versions=versions)
    assert tables(bare_database) == {"one", "alembic_version"}


def test_a_migrator_killed_in_the_middle_leaves_a_whole_revision_and_the_next_run_converges(bare_database, tmp_path):
    versions = revisions(tmp_path, "CREATE TABLE one (x int)", "CREATE TABLE two (x int); SELECT pg_sleep(120)")
    code = (f"from pathlib import Path; from spatial import migrate; "
            f"migrate.upgrade({bare_database.addresses.owner!r}, versions=Path({str(versions)!r}))")
    process = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY)
    watcher = bare_database.connect("superuser", autocommit=True)
    for _ in range(400):
        if watcher.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                           " AND datname = current_database() AND pid <> pg_backend_pid()").fetchone():
            break
        watcher.execute("SELECT pg_sleep(0.05)")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert tables(bare_database) == {"one", "alembic_version"}
    revisions(tmp_path, "CREATE TABLE one (x int)", "CREATE TABLE two (x int)")
    assert migrate.upgrade(bare_database.addresses.owner, Patience(turn_s=20), versions) == ["a2"]
    assert tables(bare_database) == {"one", "two", "alembic_version"}


def test_a_database_that_is_behind_lists_what_is_to_come(bare_database, tmp_path):
    versions = revisions(tmp_path, "CREATE TABLE one (x int)", "CREATE TABLE two (x int)")
    migrate.upgrade(bare_database.addresses.owner, versions=only_first(tmp_path))
    found = state(bare_database, versions)
    assert (found.state, found.current, found.waiting) == (State.BEHIND, ("a1",), ("a2",))
    with pytest.raises(SchemaOutOfDate, match="Run `shapan db migrate`"):
        migrate.require_current(bare_database.connect("app"), versions)


def test_a_database_of_a_newer_release_is_not_touched(database):
    database.connect("owner", autocommit=True).execute("UPDATE alembic_version SET version_num = '9999'")
    assert state(database).state is State.AHEAD
    with pytest.raises(SchemaOutOfDate, match="9999, which this program .* does not know") as caught:
        migrate.upgrade(database.addresses.owner)
    assert "Install the release" in caught.value.cure


def test_tables_without_a_revision_are_called_partial_and_not_touched(bare_database):
    bare_database.connect("owner", autocommit=True).execute("CREATE TABLE building (x int)")
    with pytest.raises(SchemaOutOfDate, match=r"holds tables \(building\) but records no revision"):
        migrate.upgrade(bare_database.addresses.owner)


def test_an_index_that_a_broken_off_migration_left_is_named_with_its_cure(database):
    owner = database.connect("owner", autocommit=True)
    owner.execute("CREATE TABLE twice AS SELECT 1 AS x FROM generate_series(1, 2)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute("CREATE UNIQUE INDEX CONCURRENTLY twice_x ON twice (x)")
    with pytest.raises(SchemaOutOfDate, match="unusable indexes: twice_x.*DROP INDEX"):
        migrate.require_current(database.connect("app"))


def test_a_current_database_passes(connection):
    migrate.require_current(connection)


def test_nothing_is_migrated_on_a_nearly_full_disk(make_home):
    with pytest.raises(DiskNearlyFull, match="the migration was not started"):
        migrate.bring_up_to_date(make_home(SHAPAN_MIN_FREE_MB="1000000"))


def test_a_silent_server_is_reported_as_such():
    with pytest.raises(DatabaseUnreachable, match="127.0.0.1:1"):
        migrate.upgrade("host=127.0.0.1 port=1 user=owner dbname=x")


def test_no_revision_names_a_role_because_a_managed_server_has_others():
    named = [path.name for path in migrate.VERSIONS.glob("*.py")
             if any(role in path.read_text() for role in (roles.OWNER, roles.APP, roles.WORKER, roles.BACKUP))]
    assert named == []
