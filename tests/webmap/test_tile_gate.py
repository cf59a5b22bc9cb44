"""Tiles over HTTP from memory: the same answers as behind Flask's routing, for the same people only."""

import gzip

import pytest

from spatial.types import Scope
from tests.fixtures.objects import GRID
from tests.fixtures.web import Web
from tiles.cache import Cache
from webmap import identity, tile_answer
from webmap.identity import Identity

INSTANT = "such as 2026-11-01T08:00:00+08:00"
URL = "/tiles/buildings/15/27034/13413.mvt"


@pytest.fixture
def filled(web: Web) -> Web:
    for number in range(30):
        web.objects.building(f"B{number:02}", west=117.005 + number * 0.0001)
    web.sequence()
    return web


def test_a_tile_from_memory_has_the_head_and_body_of_one_that_was_built(filled: Web) -> None:
    built, kept = (filled.client.get(URL, headers={"Accept-Encoding": "gzip"}) for _ in range(2))
    assert (built.headers["X-Cache"], kept.headers["X-Cache"]) == ("MISS", "HIT")
    assert built.data == kept.data
    different = {"X-Cache", "Server-Timing"}
    assert ({name: value for name, value in built.headers if name not in different}
            == {name: value for name, value in kept.headers if name not in different})
    assert kept.headers["Server-Timing"] == "cache;desc=hit"
    assert built.headers["Server-Timing"].startswith("db;dur=")
    assert "default-src 'self'" in kept.headers["Content-Security-Policy"]


def test_a_304_asks_neither_the_database_nor_the_memory(filled: Web) -> None:
    etag = filled.client.get(URL).headers["ETag"]
    tiles = filled.app.extensions["shapan"].tiles
    tiles._cache = Cache(0)
    tiles.close()
    again = filled.client.get(URL, headers={"If-None-Match": etag})
    assert (again.status_code, again.headers["X-Cache"], again.headers["ETag"]) == (304, "REVALIDATED", etag)


def test_an_empty_tile_from_memory_is_204_without_a_body(filled: Web) -> None:
    first, second = (filled.client.get("/tiles/buildings/15/0/0.mvt") for _ in range(2))
    assert (second.status_code, second.data, second.headers["X-Cache"]) == (204, b"", "HIT")
    assert "Content-Type" not in first.headers
    assert "Content-Type" not in second.headers


def test_a_head_request_gets_the_head_alone(filled: Web) -> None:
    body = filled.client.get(URL).data
    answer = filled.client.head(URL)
    assert (answer.status_code, answer.data, answer.headers["X-Cache"]) == (200, b"", "HIT")
    assert int(answer.headers["Content-Length"]) == len(body)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"X-Forwarded-For": "10.0.0.1"}, {"Via": "1.1 proxy"},
                                     {"Forwarded": "for=10.0.0.1"}, {"X-Real-IP": "10.0.0.1"}])
def test_what_the_application_refuses_is_not_given_out_of_memory(filled: Web, headers: dict[str, str]) -> None:
    filled.client.get(URL)
    answer = filled.client.get(URL, headers=headers)
    assert answer.status_code in (401, 403)
    assert answer.mimetype == "application/problem+json"
    etag = filled.client.get(URL).headers["ETag"]
    assert filled.client.get(URL, headers={**headers, "If-None-Match": etag}).status_code in (401, 403)


def test_each_account_gets_its_own_out_of_memory(filled: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = filled.client.get(URL).data
    nobody_there = Identity("somebody", ("operator",), Scope(("998",)))
    viewer = Identity("viewer", ("viewer",), Scope((GRID,)))
    sender = Identity("sender", ("gateway",), Scope.everything())
    for who, status, body in ((nobody_there, 204, b""), (viewer, 200, None), (sender, 403, None)):
        monkeypatch.setattr(identity, "of_environ", lambda *_, who=who: who)
        for _ in range(2):
            answer = filled.client.get(URL)
            assert answer.status_code == status
            assert body is None or answer.data == body
    monkeypatch.undo()
    assert filled.client.get(URL).data == whole


def test_layers_that_a_role_may_not_see_are_refused_alone_and_among_others(
        filled: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = ["/tiles/{}/15/27034/13413.mvt", "/tiles/{}.json"]
    for path in paths:
        assert filled.client.get(path.format("buildings,events")).status_code == 200
    wall = Identity("wall", ("wall",), Scope.everything())
    monkeypatch.setattr(identity, "of_environ", lambda *_: wall)
    for path in paths:
        assert filled.client.get(path.format("buildings")).status_code == 200
        for names, missing in (("buildings,events", "events.read"), ("devices", "devices.read")):
            refused = filled.client.get(path.format(names))
            assert (refused.status_code, missing in refused.json["detail"]) == (403, True)


@pytest.mark.parametrize(("query", "words"), [
    ("at=yesterday", INSTANT), ("at=2026-11-01T00:00:00", INSTANT), ("at=", INSTANT),
    ("at=9999-01-01T00:00:00Z", "at"), ("at=2026-11-01T00:00:00Z", "have no picture of an instant"),
    ("at=2026-11-01'; DROP TABLE grid; --", INSTANT)])
def test_a_bad_instant_is_422_with_the_field_named(filled: Web, query: str, words: str) -> None:
    answer = filled.client.get(f"{URL}?{query}")
    assert answer.status_code == 422
    assert words in answer.json["detail"]
    assert answer.json["faults"][0]["place"].endswith("at")


def test_the_past_of_boundaries_is_a_tile_of_its_own_for_each_minute(web: Web) -> None:
    grid_id = web.objects.grid()
    web.objects.connection.execute(
        "UPDATE grid SET valid_from = '2026-01-01Z', valid_to = '2026-06-01Z' WHERE id = %s", [grid_id])
    web.sequence()
    url = "/tiles/grids/14/13517/6706.mvt"
    assert web.client.get(url).status_code == 204
    for at, status in (("2026-03-01T00:00:00Z", 200), ("2026-03-01T08:00:30+08:00", 200), ("2026-06-01T00:00:00Z", 204),
                       ("2025-12-31T23:59:59Z", 204)):
        assert web.client.get(f"{url}?at={at}").status_code == status, at
    assert web.client.get(f"{url}?at=2026-03-01T00:00:59Z").headers["X-Cache"] == "HIT"


@pytest.mark.parametrize("path", [
    "/tiles/buildings/15/27034/13413.mvt/", "/tiles/buildings/15/27034.mvt", "/tiles//15/27034/13413.mvt",
    "/tiles/buildings/15/-1/13413.mvt", "/tiles/buildings/15/1e3/13413.mvt", "/tiles/buildings/15/ 1/13413.mvt",
    "/tiles/buildings/99999999999999999999/0/0.mvt", "/tiles/" + "buildings," * 3000 + "/15/0/0.mvt",
    "/tiles/buildings%00/15/0/0.mvt", "/tiles/buildings;DROP TABLE grid/15/0/0.mvt"])
def test_a_strange_address_is_404_and_nothing_worse(web: Web, path: str) -> None:
    assert web.client.get(path).status_code == 404


@pytest.mark.parametrize(("header", "taken"), [
    ("gzip", True), ("gzip, deflate, br, zstd", True), ("br;q=1, gzip;q=0.5", True), ("GZIP", True), ("*", True),
    ("", False), ("identity", False), ("gzip;q=0", False), ("gzip;q=0.000", False), ("br", False), ("gzipped", False),
    ("*, gzip;q=0", False), ("*;q=0, gzip", True), ("br, *;q=0.1", True), ("*;q=0", False)])
def test_gzip_is_sent_where_it_is_taken(header: str, taken: bool) -> None:
    assert tile_answer.takes_gzip(header) is taken


def test_whoever_takes_no_gzip_gets_the_same_tile_unpacked(filled: Web) -> None:
    packed = filled.client.get(URL, headers={"Accept-Encoding": "gzip"})
    plain = filled.client.get(URL, headers={"Accept-Encoding": "identity"})
    assert plain.headers["X-Cache"] == "HIT"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"]


def test_the_numbers_of_the_memory_are_told(filled: Web) -> None:
    for _ in range(3):
        filled.client.get(URL)
    found = filled.client.get("/tiles/stat").json
    assert (found["trusted"], found["cache"]["entries"], found["cache"]["hits"] >= 2) == (True, 1, True)
    assert found["versions"]["buildings"] >= 1
    assert found["pool"]["pool_available"] == found["pool"]["pool_size"]
