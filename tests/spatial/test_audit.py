"""The audit log: it only grows, whoever tries, and what was changed all the same is found."""

import psycopg
import pytest

from spatial import selftest
from spatial.queries import audit, reveals
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import GRID, OTHER_GRID

HERE = Scope((GRID[:12],))

COUNT = "SELECT count(*) FROM audit"


def tried(number: int = 1, scope: Scope = HERE, **values) -> reveals.Try:
    return reveals.Try(number, "operator-1", ("operator",), "10.0.0.7", scope, **values)


def set_scope(connection: psycopg.Connection, scope: Scope) -> None:
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [scope.literal()])


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize("statement", [
    "UPDATE {} SET account = 'nobody'", "DELETE FROM {}", "TRUNCATE {}",
    "UPDATE audit_head SET id = 0", "INSERT INTO audit_head (id, hash) VALUES (9, '')",
])
def test_a_role_of_the_service_changes_nothing_in_it_nor_in_a_partition(
        shared_database: OwnDatabase, role: str, statement: str) -> None:
    with psycopg.connect(getattr(shared_database.addresses, role)) as connection:
        set_scope(connection, Scope.everything())
        reveals.write(connection, tried(), "not_found")
        (partition,) = connection.execute("SELECT tableoid::regclass::text FROM audit").fetchone()
        for table in ("audit", partition, "audit_default"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement.format(table))
        connection.rollback()


def test_a_partition_that_is_made_later_lets_nobody_change_it_either(shared_database: OwnDatabase) -> None:
    with psycopg.connect(shared_database.addresses.worker) as connection:
        connection.execute("SELECT shapan_month_partitions('audit', 14)")
        rights = connection.execute("""
            SELECT bool_or(has_table_privilege(inhrelid, 'UPDATE, DELETE, TRUNCATE')), count(*)
            FROM pg_inherits WHERE inhparent = 'audit'::regclass""").fetchone()
        connection.rollback()
    assert rights == (False, 16)


def test_the_self_test_names_a_log_that_could_be_changed(shared_database: OwnDatabase, cluster) -> None:
    with psycopg.connect(shared_database.addresses.superuser) as connection:
        connection.execute("GRANT UPDATE ON audit_default TO shapan_app")
        connection.execute("SET SESSION AUTHORIZATION shapan_app")
        broken = {check.name: check for check in selftest.inspect(connection, cluster) if not check.ok}
        connection.rollback()
    assert set(broken) == {"roles"}
    assert "shapan_app may change what is written in audit_default" in broken["roles"].detail


def test_a_row_is_seen_within_its_jurisdiction_only(connection: psycopg.Connection) -> None:
    set_scope(connection, HERE)
    reveals.write(connection, tried(), "not_found")
    reveals.write(connection, tried(), "done", GRID)
    assert connection.execute("SELECT grid_code FROM audit ORDER BY id").fetchall() == [(GRID[:12] + "000",), (GRID,)]
    set_scope(connection, Scope((OTHER_GRID,)))
    assert connection.execute(COUNT).fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reveals.write(connection, tried(), "done", GRID)


def test_words_are_kept_of_a_reveal_only(connection: psycopg.Connection) -> None:
    reveals.write(connection, tried(words="张三在家吗", reason="other"), "too_many")
    reveals.write(connection, tried(words="核对门牌", reason="other"), "done")
    assert connection.execute("SELECT words FROM audit ORDER BY id").fetchall() == [(None,), ("核对门牌",)]


def test_nobody_dates_a_row_back(connection: psycopg.Connection) -> None:
    connection.execute(
        "INSERT INTO audit (id, at, action, outcome, account, roles, resident_id, fields, area_code, grid_code) VALUES "
        "(99, now() - interval '1 second', 'reveal', 'done', 'a', '{}', 1, '{}', %s, %s)", [GRID[:12], GRID])
    assert connection.execute("SELECT id, at = now() FROM audit").fetchone() == (1, True)


CHANGES: dict[str, tuple[str, int | None]] = {
    "a word of a row": ("UPDATE audit SET reason = 'visit' WHERE id = 2", 2),
    "a row that is gone": ("DELETE FROM audit WHERE id = 2", 3),
    "the first row": ("DELETE FROM audit WHERE id = 1", 2),
    "a row and its link": (
        "UPDATE audit SET account = 'x' WHERE id = 2; "
        "UPDATE audit SET hash = shapan_audit_link(previous, to_jsonb(audit)) WHERE id = 2", 3),
    "the last row": ("DELETE FROM audit WHERE id = 3", None),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_superuser_changes_is_found(shared_database: OwnDatabase, change: str) -> None:
    statement, broken = CHANGES[change]
    with psycopg.connect(shared_database.addresses.superuser) as connection:
        set_scope(connection, Scope.everything())
        for number in (1, 2, 3):
            reveals.write(connection, tried(number, reason="case"), "done", GRID)
        whole = audit.verify(connection)
        connection.execute("ALTER TABLE audit DISABLE TRIGGER refuse")
        connection.execute("SET timezone = 'UTC'")
        connection.execute(statement)
        found = audit.verify(connection)
        connection.rollback()
    assert (whole.whole, whole.total) == (True, 3)
    assert not found.whole
    assert found.broken == broken


def test_the_chain_is_the_same_in_whatever_zone_one_asks(connection: psycopg.Connection) -> None:
    connection.execute("SET LOCAL timezone = 'Asia/Shanghai'")
    reveals.write(connection, tried(), "done", GRID)
    connection.execute("SET LOCAL timezone = 'America/New_York'")
    assert audit.verify(connection).whole
