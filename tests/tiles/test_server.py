"""Tiles as they are asked for: never an old one, never another jurisdiction's, and built once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import mapbox_vector_tile
import morecantile
import psycopg
import pytest

from spatial import outbox
from spatial.db import Database, DeadlineExceeded, Overloaded
from spatial.errors import DatabaseUnreachable
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import GRID, OTHER_GRID, Objects
from tiles import vector
from tiles.declaration import CLASSED, EXACT
from tiles.server import Asked, TileServer
from tiles.versions import Versions

TMS = morecantile.tms.get("WebMercatorQuad")


def address(z: int = 15, lon: float = 117.012, lat: float = 31.005) -> vector.Address:
    tile = TMS.tile(lon, lat, z)
    return vector.Address(z, tile.x, tile.y)


EVERYTHING = Scope.everything()


def asked(scope: Scope = EVERYTHING, field_class: str = EXACT, names: tuple[str, ...] = ("buildings",),
          **place: float) -> Asked:
    return Asked(names, address(**place), field_class, scope)


class Town:
    """A database with a tile server over it, and a feed that a test moves by hand."""

    def __init__(self, database: OwnDatabase, cache_bytes: int = 2**20) -> None:
        self.database = database
        self.objects = Objects(database.connect("worker", autocommit=True))
        self.job = database.connect("worker", autocommit=True)
        self.versions = Versions()
        self.versions.load(self.job)
        self.versions.confirm()
        self.pool = Database(database.settings, 2, "tiles")
        self.server = TileServer(self.pool, self.versions, cache_bytes)

    def sequence(self) -> None:
        before = self.versions.head
        while outbox.stamp(self.job):
            pass
        for change in outbox.after(self.job, before):
            self.versions.apply(change)

    def codes(self, wanted: Asked) -> set[str]:
        body = self.server.ask(wanted).tile.plain()
        found = mapbox_vector_tile.decode(body) if body else {"buildings": {"features": []}}
        return {feature["properties"]["code"] for feature in found["buildings"]["features"]}


@pytest.fixture
def town(database: OwnDatabase):
    made = Town(database)
    yield made
    made.server.close()


def test_a_tile_is_built_once_and_then_comes_from_memory(town: Town):
    town.objects.building("B1", west=117.012)
    town.sequence()
    assert [town.server.ask(asked()).how for _ in range(3)] == ["MISS", "HIT", "HIT"]
    assert town.server.cached(asked()).etag == town.server.etag(asked())


def test_a_change_makes_exactly_the_touched_tiles_anew(town: Town):
    town.objects.building("B1", west=117.012)
    town.objects.building("FAR", west=117.5)
    town.sequence()
    here, far = asked(), asked(lon=117.5)
    tags = [town.server.ask(one).etag for one in (here, far)]
    town.objects.connection.execute("UPDATE building SET name = 'x' WHERE code = 'FAR'")
    town.sequence()
    assert [town.server.ask(one).how for one in (here, far)] == ["HIT", "MISS"]
    assert town.server.etag(here) == tags[0]
    assert town.server.etag(far) != tags[1]


def test_an_empty_tile_is_remembered_and_fills_with_the_first_row(town: Town):
    assert [town.server.ask(asked()).how for _ in range(2)] == ["MISS", "HIT"]
    assert town.server.ask(asked()).tile.body == b""
    town.objects.building("B1", west=117.012)
    town.sequence()
    assert town.codes(asked()) == {"B1"}


def test_a_tile_inside_a_jurisdiction_is_the_one_of_everybody_and_one_across_its_border_is_not(town: Town):
    town.objects.building("MINE", west=117.012, grid=GRID)
    town.sequence()
    assert town.server.ask(asked()).how == "MISS"
    assert town.server.ask(asked(Scope((GRID,)))).how == "HIT"
    town.objects.building("THEIRS", west=117.0126, grid=OTHER_GRID)
    town.sequence()
    assert town.codes(asked(Scope((GRID,)))) == {"MINE"}
    assert town.codes(asked(Scope((OTHER_GRID,)))) == {"THEIRS"}
    assert town.codes(asked(Scope.nothing())) == set()
    assert town.codes(asked(Scope(("999001",)))) == {"MINE", "THEIRS"}
    # Another jurisdiction that holds the same of these grids shares the border tile.
    assert town.server.ask(asked(Scope((GRID, "998")))).how == "HIT"


def test_a_row_of_a_grid_that_was_not_in_the_tile_is_in_no_ones_border_tile_by_mistake(town: Town, monkeypatch):
    third = OTHER_GRID[:12] + "009"
    town.objects.building("MINE", west=117.012, grid=GRID)
    town.objects.building("THEIRS", west=117.0126, grid=OTHER_GRID)
    town.sequence()
    wide, query = Scope((GRID, third)), TileServer.query

    def late(connection: psycopg.Connection, wanted: Asked, deadline: float) -> vector.Built:
        scope = connection.execute("SELECT current_setting('shapan.scope')").fetchone()[0]
        if scope != Scope.everything().literal():
            # Committed between the look at the whole tile and the building of the border tile.
            Objects(town.database.connect("worker", autocommit=True)).building(
                "LATE", west=117.0132, grid=third, source_key="late")
        return query(connection, wanted, deadline)

    monkeypatch.setattr(TileServer, "query", staticmethod(late))
    assert town.codes(asked(wide)) == {"MINE"}
    monkeypatch.undo()
    assert town.codes(asked(Scope((GRID,)))) == {"MINE"}
    town.sequence()
    assert town.codes(asked(wide)) == {"MINE", "LATE"}


def test_a_border_tile_is_never_vouched_for_by_the_number_of_a_change_that_it_lacks(town: Town, monkeypatch):
    third = OTHER_GRID[:12] + "009"
    town.objects.building("MINE", west=117.012, grid=GRID)
    town.objects.building("THEIRS", west=117.0126, grid=OTHER_GRID)
    town.sequence()
    wide, query = asked(Scope((GRID, third))), TileServer.query

    def overtaken(connection: psycopg.Connection, wanted: Asked, deadline: float) -> vector.Built:
        built = query(connection, wanted, deadline)
        monkeypatch.undo()
        # Committed and heard between the tile of all rows and the border tile.
        town.objects.building("NEW", west=117.0132, grid=third)
        town.sequence()
        return built

    monkeypatch.setattr(TileServer, "query", staticmethod(overtaken))
    answer = town.server.ask(wide)
    assert answer.etag != town.server.etag(wide)
    assert town.codes(wide) == {"MINE", "NEW"}


def test_a_restored_database_that_gives_its_numbers_again_gets_no_tile_of_its_former_life(town: Town):
    town.sequence()
    head = town.versions.head
    town.objects.building("LOST", west=117.012)
    town.sequence()
    assert town.codes(asked()) == {"LOST"}
    superuser = town.database.connect("superuser", autocommit=True)
    superuser.execute("SET session_replication_role = replica")
    for statement in ("DELETE FROM building", "DELETE FROM outbox WHERE seq > %(head)s", "DELETE FROM tile_version",
                      "TRUNCATE outbox_head", "INSERT INTO outbox_head (seq) VALUES (%(head)s)"):
        superuser.execute(statement, {"head": head})
    town.versions.load(town.job)
    town.objects.building("NEW", west=117.012)
    town.sequence()
    assert town.codes(asked()) == {"NEW"}


def test_each_question_is_counted_once(town: Town):
    for _ in range(3):
        town.server.ask(asked())
    town.server.ask(asked(Scope((GRID,))))
    cache = town.server.summary()["cache"]
    assert (cache["hits"], cache["misses"]) == (3, 1)
    assert (town.server.look(asked()), town.server.look(asked(lon=117.6))) == ("current", "none")
    town.objects.building("B1", west=117.012)
    town.sequence()
    assert town.server.look(asked()) == "old"


def test_tags_differ_by_what_may_be_seen_and_by_the_database(town: Town, cluster):
    town.objects.room(town.objects.building("B1", west=117.012), residents=7)
    town.sequence()
    tags = {town.server.etag(one) for one in (
        asked(), asked(field_class=CLASSED), asked(Scope((GRID,))), asked(names=("buildings", "grids")))}
    assert len(tags) == 4
    town.versions.epoch = "another start of the server"
    assert town.server.etag(asked()) not in tags


def test_exact_and_classed_counts_never_meet(town: Town):
    town.objects.room(town.objects.building("B1", west=117.012), residents=7)
    town.sequence()
    for field_class, residents in ((EXACT, 7), (CLASSED, 5), (EXACT, 7), (CLASSED, 5)):
        body = town.server.ask(asked(field_class=field_class)).tile.plain()
        (feature,) = mapbox_vector_tile.decode(body)["buildings"]["features"]
        assert feature["properties"]["residents"] == residents


def test_without_the_feed_nothing_is_taken_from_memory_nor_vouched_for(town: Town):
    town.server.ask(asked())
    town.versions.distrust()
    town.objects.building("B1", west=117.012)
    answer = town.server.ask(asked())
    assert (answer.how, answer.etag) == ("BYPASS", None)
    assert town.codes(asked()) == {"B1"}
    assert town.server.cached(asked()) is None
    town.sequence()
    town.versions.confirm()
    assert town.codes(asked()) == {"B1"}


def test_without_the_feed_nobody_gets_what_was_begun_before_a_change(town: Town, monkeypatch):
    query, built, go_on = TileServer.query, threading.Event(), threading.Event()

    def slow(connection: psycopg.Connection, wanted: Asked, deadline: float) -> vector.Built:
        found = query(connection, wanted, deadline)
        built.set()
        go_on.wait(5)
        return found

    town.versions.distrust()
    with ThreadPoolExecutor(1) as threads, monkeypatch.context() as patch:
        patch.setattr(TileServer, "query", staticmethod(slow))
        early = threads.submit(town.server.ask, asked())
        assert built.wait(5)
        patch.undo()
        town.objects.building("B1", west=117.012)
        assert town.codes(asked()) == {"B1"}
        go_on.set()
        assert early.result().tile.body == b""


def test_a_tile_is_in_memory_before_anybody_has_it(town: Town, monkeypatch):
    kept = []
    monkeypatch.setattr(town.server._cache, "put", lambda *entry: kept.append(len(town.server._flights._flying)))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: town.server.ask(asked()), range(8)))
    assert set(kept) == {1}


def test_fifty_who_ask_at_once_cost_one_query(town: Town, monkeypatch):
    town.objects.building("B1", west=117.012)
    town.sequence()
    queries, query, hold = [], TileServer.query, threading.Event()

    def slow(connection: psycopg.Connection, wanted: Asked, deadline: float) -> vector.Built:
        queries.append(wanted)
        hold.wait(0.3)
        return query(connection, wanted, deadline)

    monkeypatch.setattr(TileServer, "query", staticmethod(slow))
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda _: town.server.ask(asked()), range(50)))
    assert len({answer.tile.body for answer in answers}) == 1
    assert len(queries) == 1


def test_a_locked_table_is_a_stated_deadline_and_gives_its_connection_back(town: Town):
    lock = town.database.connect("owner")
    lock.execute("LOCK TABLE building IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(DeadlineExceeded):
        town.server.ask(asked())
    lock.rollback()
    assert town.server.ask(asked()).how == "MISS"
    assert town.pool.connections()["pool_available"] == town.pool.connections()["pool_size"]


def test_no_statement_begins_after_the_deadline(town: Town, monkeypatch):
    begun = []

    class Slow(psycopg.Cursor):
        def execute(self, query, *arguments, **options):
            begun.append(query)
            time.sleep(0.3)
            return super().execute(query, *arguments, **options)

    layers = ("roads", "water", "green", "buildings")
    with town.pool.statements(EVERYTHING) as connection:
        connection.cursor_factory = Slow
        with pytest.raises(DeadlineExceeded, match="too long"):
            TileServer.query(connection, asked(names=layers), time.monotonic() + 0.5)
        connection.cursor_factory = psycopg.Cursor
    assert len(begun) == 2


def test_a_database_that_is_away_is_not_called_a_wait(town: Town, monkeypatch):
    def away(*_: object) -> vector.Built:
        time.sleep(0.2)
        raise DatabaseUnreachable("gone", "look at it")

    monkeypatch.setattr(TileServer, "query", staticmethod(away))
    with pytest.raises(DatabaseUnreachable):
        town.server.ask(asked(), deadline_s=0.1)
    assert town.server.dropped == 0


def test_when_all_connections_are_busy_a_request_past_its_deadline_is_dropped(town: Town):
    with town.pool.transaction(Scope.nothing()), town.pool.transaction(Scope.nothing()), pytest.raises(Overloaded):
        town.server.ask(asked(), deadline_s=0.1)
    assert town.server.dropped == 1
    assert town.server.ask(asked()).how == "MISS"


def test_a_tile_is_built_although_the_connections_died_meanwhile(town: Town):
    town.server.ask(asked())
    superuser = town.database.connect("superuser", autocommit=True)
    superuser.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                      "AND usename = %s AND pid <> pg_backend_pid() AND state = 'idle'", [
                          town.pool._address.split("user=")[1].split()[0]])
    assert town.server.ask(asked(lon=117.6)).how == "MISS"


def test_a_cache_of_no_size_builds_each_tile_anew(database: OwnDatabase):
    town = Town(database, cache_bytes=0)
    assert [town.server.ask(asked()).how for _ in range(2)] == ["MISS", "MISS"]
    town.server.close()


MILLION = """
INSERT INTO event (code, class_code, state, title, geom, area_code, grid_code, occurred_at, source, source_key,
                   content_hash)
SELECT 'E' || n, '0101', 'open', '占道堆物',
       ST_SetSRID(ST_MakePoint(117.012 + n %% 1000 / 1e6, 31.005 + n / 1e9), 4490),
       %s, %s, now() - n * interval '1 second', 'test', n::text, ''
FROM generate_series(1, 1000000) AS n
"""


@pytest.mark.slow
def test_a_tile_over_a_million_features_is_one_within_its_budget_or_a_stated_deadline(town: Town):
    town.objects.connection.execute(MILLION, (GRID[:12], GRID))
    town.sequence()
    for z in (14, 16, 18):
        try:
            answer = town.server.ask(asked(names=("events",), lon=117.0125, lat=31.0055, z=z))
        except DeadlineExceeded:
            continue
        assert 0 < len(answer.tile.plain()) <= vector.BUDGET
        (hidden,) = mapbox_vector_tile.decode(answer.tile.plain())["events_hidden"]["features"]
        assert hidden["properties"]["hidden"] > (900_000 if z == 14 else 0)
    assert town.pool.connections()["pool_available"] == town.pool.connections()["pool_size"]
