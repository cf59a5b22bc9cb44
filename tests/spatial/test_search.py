"""What a search finds, in which order, for whom, and by which index."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spatial.queries import search, search_entries
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID, Objects

EVERYWHERE = Scope.everything()


def ask(connection: psycopg.Connection, question: str, scope: Scope = EVERYWHERE, session: Scope | None = None,
        **options: object) -> list[str]:
    """Return the labels found with an explicit scope, in a session with another one or the same."""
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [(session or scope).literal()])
    found = [one.label for one in search.find(connection, scope, question, **options)]
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [EVERYWHERE.literal()])
    return found


@pytest.fixture
def street(objects: Objects) -> Objects:
    """Put some named objects on record, with their entries."""
    objects.community(name="望江社区")
    objects.grid()
    objects.keeper()
    objects.building("WJ-1", name="望江苑3号楼", address="人民路18号")
    objects.building("WJ-10", west=117.006, name="望江苑13号楼", address="重庆路20号")
    objects.building("WJ-11", west=117.007, address="人民路望江里2号")
    objects.building("NAMELESS", west=117.008)
    objects.building("X-1", west=117.03, grid=OTHER_GRID, name="望江分院", address="滨河路1号")
    objects.put("place", geometry="POINT(117.01 31.01)", **{"class": "estate"}, name="望江", area_code=COMMUNITY,
                grid_code=GRID)
    objects.device("CAM-7", name="望江东门球机")
    for table in search_entries.SEARCHED:
        search_entries.refresh(objects.connection, table)
    return objects


@pytest.mark.parametrize(("question", "labels"), [
    ("望江", ["望江", "望江分院", "望江社区", "望江东门球机", "望江苑3号楼", "望江苑13号楼", "人民路望江里2号"]),
    ("人民", ["人民路望江里2号", "望江苑3号楼"]),
    ("苑", ["望江苑3号楼", "望江苑13号楼"]),
    ("3号楼", ["望江苑3号楼", "望江苑13号楼"]),
    ("望江 13号", ["望江苑13号楼"]),
    ("wjy", ["望江苑3号楼", "望江苑13号楼"]),
    ("wangjiangsq", []),
    ("wangjiangshe", ["望江社区"]),
    ("wj-1", ["望江苑3号楼", "望江苑13号楼", "人民路望江里2号"]),
    ("WJ-10", ["望江苑13号楼"]),
    ("nameless", ["NAMELESS"]),
    ("cam-", ["望江东门球机"]),
    ("chongqing", []),
    ("zwg", ["周网格"]),
    ("没有的", []),
    ("  ", []),
    ("%", []),
    ("{}'\\", []),
])
def test_a_question_finds_the_best_first(street: Objects, question: str, labels: list[str]) -> None:
    assert ask(street.connection, question) == labels


def test_each_result_says_what_it_is_where_it_is_and_why(street: Objects) -> None:
    [found] = search.find(street.connection, EVERYWHERE, "WJ-10")
    assert (found.kind, found.match, found.also, found.area_code, found.area_name, found.grid_code) == (
        "building", "code", "重庆路20号", COMMUNITY, "望江社区", GRID)
    assert (found.lon, found.lat) == pytest.approx((117.00625, 31.00525))


def test_kinds_and_number_of_results_are_the_askers(street: Objects) -> None:
    assert ask(street.connection, "望江", kinds=("place", "device")) == ["望江", "望江东门球机"]
    assert ask(street.connection, "望江", most=2) == ["望江", "望江分院"]
    assert ask(street.connection, "望江", most=0) == []


PREFIXES = st.sampled_from(["*", "99", "999001", "999001001", COMMUNITY, GRID, OTHER_GRID, OTHER_GRID[:12], "998",
                            "999001001001002", "000000000000"])
SCOPES = st.lists(PREFIXES, max_size=3).map(lambda prefixes: Scope(tuple(prefixes)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_scope=SCOPES, session=SCOPES, question=st.sampled_from(["望江", "苑", "wj", "W", "X-1", "wangj", "号楼"]))
def test_nothing_outside_the_given_scope_or_the_sessions_is_ever_found(
    street: Objects, given_scope: Scope, session: Scope, question: str,
) -> None:
    connection = street.connection
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [EVERYWHERE.literal()])
    whole = search.find(connection, EVERYWHERE, question, most=100)
    assert whole
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [session.literal()])
    found = search.find(connection, given_scope, question, most=100)
    connection.execute("SELECT set_config('shapan.scope', %s, true)", [EVERYWHERE.literal()])
    assert [one.id for one in found] == [
        one.id for one in whole if given_scope.covers(one.grid_code) and session.covers(one.grid_code)]


def test_a_session_without_jurisdiction_finds_nothing_whatever_it_asks_for(street: Objects) -> None:
    assert ask(street.connection, "望江", scope=EVERYWHERE, session=Scope.nothing()) == []
    assert ask(street.connection, "望江", scope=EVERYWHERE, session=Scope((OTHER_GRID,))) == ["望江分院"]


def test_a_table_of_the_sessions_own_does_not_stand_in_for_the_entries(street: Objects) -> None:
    street.connection.execute("CREATE TEMPORARY TABLE search_entry (kind text, object_id int8, label text)")
    assert ask(street.connection, "苑") == ["望江苑3号楼", "望江苑13号楼"]


def test_a_deleted_object_is_not_found_and_a_moved_one_only_where_it_is_now(street: Objects) -> None:
    street.connection.execute("DELETE FROM place WHERE name = '望江'")
    assert "望江" not in ask(street.connection, "望江")
    street.connection.execute("UPDATE building SET area_code = %s, grid_code = %s WHERE code = 'WJ-1'",
                              [OTHER_GRID[:12], OTHER_GRID])
    assert ask(street.connection, "苑", Scope((GRID,))) == ["望江苑13号楼"]
    assert ask(street.connection, "苑", Scope((OTHER_GRID,))) == ["望江苑3号楼"]


def test_only_roles_that_were_given_it_may_run_the_function(shared_database: OwnDatabase) -> None:
    with psycopg.connect(shared_database.addresses.backup) as backup, \
            pytest.raises(psycopg.errors.InsufficientPrivilege):
        search.find(backup, EVERYWHERE, "望江")


FILL = """
INSERT INTO search_entry (kind, object_id, label, sought, pinyin, grams, area_code, grid_code)
SELECT 'building', n, label, label, label, ARRAY[left(label, 1), left(label, 2), substr(label, 2, 2)],
       left(grid_code, 12), grid_code
FROM (SELECT n, chr(19968 + n % 300) || chr(19968 + n % 301) || n AS label,
             '999001' || lpad((n % 500)::text, 9, '0') AS grid_code FROM generate_series(1, 30000) AS n) AS made
"""


@contextmanager
def plans_of(connection: psycopg.Connection) -> Iterator[list[str]]:
    """Yield the plans of every statement from now on, as functions and triggers run them: auto_explain sends them."""
    connection.execute("LOAD 'auto_explain'")
    for name, value in {"log_min_duration": "0", "log_nested_statements": "on"}.items():
        connection.execute(f"SELECT set_config('auto_explain.{name}', %s, true)", [value])
    connection.execute("SET LOCAL client_min_messages = log")
    plans: list[str] = []
    connection.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    yield plans
    connection.rollback()


def test_two_characters_are_looked_up_in_the_index_of_grams_and_a_grid_in_that_of_codes(
    shared_database: OwnDatabase,
) -> None:
    with psycopg.connect(shared_database.addresses.superuser) as connection:
        connection.execute("SELECT set_config('shapan.scope', '{(,)}', true)")
        connection.execute(FILL)
        connection.execute("ANALYZE search_entry")
        with plans_of(connection) as plans:
            rare = chr(0x4e00 + 7) + chr(0x4e00 + 7)
            found = search.find(connection, EVERYWHERE, rare)
            assert 1 <= len(found) <= 20
            by_grams = [plan for plan in plans if plan.partition("Query Text: ")[2].startswith("SELECT pool")
                        and "grams @>" in plan]
            assert by_grams
            assert all("search_entry_grams_idx" in plan and not re.search(r"Seq Scan on search_entry", plan)
                       for plan in by_grams)
            plans.clear()
            search.find(connection, Scope(("999001000000123",)), chr(0x4e00 + 1))
            assert plans
            assert not [plan for plan in plans if re.search(r"Seq Scan on search_entry", plan)]


def test_an_object_that_moves_or_goes_finds_its_entry_by_the_key(shared_database: OwnDatabase) -> None:
    with psycopg.connect(shared_database.addresses.superuser) as connection:
        connection.execute("SELECT set_config('shapan.scope', '{(,)}', true)")
        connection.execute(FILL)
        connection.execute("ANALYZE search_entry")
        building = Objects(connection).building("B1")
        with plans_of(connection) as plans:
            connection.execute("UPDATE building SET area_code = %s, grid_code = %s WHERE id = %s",
                               [OTHER_GRID[:12], OTHER_GRID, building])
            connection.execute("DELETE FROM building WHERE id = %s", [building])
            changes = [plan for plan in plans if re.search(r"(Update|Delete) on search_entry", plan)]
            assert len(changes) == 2
            # Both parts of the key in the index condition: a collation of its own would leave the kind to a filter.
            assert "Index Cond: ((kind = 'building'::text) AND (object_id = " in changes[0]
            assert not [plan for plan in changes if "COLLATE" in plan]
