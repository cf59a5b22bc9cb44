"""The self-test: every promise of protection, broken one at a time, is reported by name."""

import psycopg
import pytest

from spatial import selftest
from spatial.settings import load

# A row that an empty jurisdiction must not see.
ROW = ("INSERT INTO place (area_code, grid_code, source, source_key, content_hash, class, name, rank, geom)"
       " VALUES ('000000000000', '000000000000000', 's', 'k', '', 'park', 'n', 1, 'SRID=4490;POINT(117 31)')")


@pytest.fixture
def inspect(shared_database, cluster):
    """Return a function that breaks things as superuser, runs the self-test as the application, rolls back.

    It returns the promises that are not kept, by name.
    """
    with psycopg.connect(shared_database.addresses.superuser) as connection:

        def broken(*statements: str, settings=cluster, thorough: bool = True) -> dict[str, selftest.Check]:
            for statement in statements:
                connection.execute(statement)
            connection.execute("SET SESSION AUTHORIZATION shapan_app")
            checks = selftest.inspect(connection, settings, thorough)
            connection.rollback()
            assert len({check.name for check in checks}) == len(checks)
            return {check.name: check for check in checks if not check.ok}

        yield broken


def test_a_sound_database_keeps_every_promise(inspect):
    assert inspect() == {}
    assert inspect(thorough=False) == {}


def test_a_row_that_is_there_is_no_fault_while_the_policy_holds(inspect):
    assert inspect(ROW) == {}


@pytest.mark.parametrize("thorough", [True, False])
def test_a_policy_that_lets_everything_through_is_found_by_its_text_and_by_what_it_shows(inspect, thorough):
    broken = inspect(ROW, "DROP POLICY jurisdiction ON place", "CREATE POLICY open ON place USING (true)",
                     thorough=thorough)
    assert set(broken) == {"row_security", "empty_jurisdiction"}
    assert "place lacks the policy" in broken["row_security"].detail
    assert "sees rows of place" in broken["empty_jurisdiction"].detail
    assert not selftest.ready(list(broken.values()))


def test_a_second_policy_that_opens_the_table_is_found(inspect):
    broken = inspect(ROW, "CREATE POLICY also ON place USING (name = 'n')")
    assert set(broken) == {"row_security", "empty_jurisdiction"}


def test_a_scope_function_that_takes_nothing_for_everything_is_found(inspect):
    broken = inspect(ROW, "CREATE OR REPLACE FUNCTION shapan_scope() RETURNS code_multirange LANGUAGE sql STABLE AS "
                          "$$ SELECT '{(,)}'::code_multirange $$")
    assert set(broken) == {"empty_jurisdiction"}


@pytest.mark.parametrize("statement", [
    "CREATE TABLE fresh (area_code text, x int)",
    "CREATE TABLE fresh (grid_code text); ALTER TABLE fresh ENABLE ROW LEVEL SECURITY; "
    "CREATE POLICY p ON fresh USING (shapan_scope() IS NOT NULL)",
    "CREATE SCHEMA side CREATE TABLE fresh (grid_code text)",
], ids=["no row security", "not forced", "in another schema"])
def test_a_new_table_with_a_place_and_no_forced_row_security_is_named(inspect, statement):
    assert "fresh has no forced row security" in inspect(statement)["row_security"].detail


def test_a_partition_without_row_security_of_its_own_is_named(inspect):
    broken = inspect("CREATE TABLE log (grid_code text, at date) PARTITION BY RANGE (at)",
                     "SELECT shapan_protect('log')",
                     "CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')")
    assert "log_2026 has no forced row security" in broken["row_security"].detail


@pytest.mark.parametrize("view", ["VIEW peek", "MATERIALIZED VIEW peek"])
def test_a_view_that_reads_past_row_security_is_named(inspect, view):
    broken = inspect(f"CREATE {view} AS SELECT * FROM place")
    assert "view peek" in broken["row_security"].detail


def test_a_view_that_reads_as_its_caller_is_no_fault(inspect):
    assert inspect("CREATE VIEW peek WITH (security_invoker=true) AS SELECT * FROM place") == {}


@pytest.mark.parametrize(("statement", "detail"), [
    ("ALTER ROLE shapan_app SUPERUSER", "shapan_app is a superuser"),
    ("ALTER ROLE shapan_worker BYPASSRLS", "shapan_worker bypasses row security"),
    ("GRANT shapan_owner TO shapan_app", "shapan_app can become another role"),
    ("ALTER TABLE place OWNER TO shapan_worker", "shapan_worker owns "),
    ("GRANT TRUNCATE ON place TO shapan_app", "shapan_app may TRUNCATE 1 tables"),
])
def test_a_role_with_too_many_rights_is_named(inspect, statement, detail):
    assert detail in inspect(statement)["roles"].detail


def test_a_lost_operator_flag_is_vital_where_we_can_set_it_and_a_warning_where_we_cannot(inspect, database):
    lost = "ALTER FUNCTION geometry_overlaps(geometry,geometry) NOT LEAKPROOF"
    assert inspect(lost)["spatial_operator"].vital
    with database.connect("superuser", autocommit=True) as connection:
        connection.execute(lost)
    checks = selftest.run(database.settings)
    assert selftest.ready(checks)
    assert [check.name for check in checks if not check.ok] == ["spatial_operator"]


def test_a_schema_of_another_release_is_reported(inspect):
    assert "9999" in inspect("UPDATE alembic_version SET version_num = '9999'")["schema"].detail


def test_a_missing_extension_is_named(inspect):
    assert "btree_gist is missing" in inspect("DROP EXTENSION btree_gist CASCADE")["server_version"].detail


def test_little_free_space_is_a_warning_so_that_reading_goes_on(inspect, cluster):
    tight = load({"SHAPAN_HOME": str(cluster.home), "SHAPAN_MIN_FREE_MB": "1000000"})
    broken = inspect(settings=tight)
    assert set(broken) == {"free_space"}
    assert selftest.ready(list(broken.values()))


def test_a_month_without_partitions_ahead_or_a_row_beside_them_is_told(inspect):
    ahead = """DO $$ BEGIN EXECUTE format('DROP TABLE %I',
        'outbox' || to_char(now() AT TIME ZONE 'UTC' + interval '1 month', '"_y"YYYY"m"MM')); END $$"""
    beside = ("INSERT INTO alarm_step (alarm_id, step, account, area_code, grid_code, at) VALUES "
              "(1, 'raised', 'a', '000000000000', '000000000000000', '2001-01-01')")
    without_alarm = "ALTER TABLE alarm_step DROP CONSTRAINT IF EXISTS alarm_step_alarm_id_fkey"
    broken = inspect(ahead, without_alarm, beside)
    assert set(broken) == {"partitions"}
    assert broken["partitions"].detail == ("alarm_step_default has rows. outbox has no partition for next month.")
    assert selftest.ready(list(broken.values()))


def test_a_check_that_cannot_be_made_counts_as_broken_and_raises_nothing(inspect):
    broken = inspect("REVOKE ALL ON place FROM shapan_app")
    assert "could not be checked" in broken["empty_jurisdiction"].detail


def test_a_database_that_does_not_answer_is_the_one_thing_reported(home):
    (check,) = selftest.run(home)
    assert (check.name, check.ok, check.vital) == ("database", False, True)
    assert "shapan db up" in check.cure
