"""``shapan tiles`` as a person types it, over a running service."""

import json
import re
import time

import click
import psycopg
import pytest
from psycopg.types.numeric import Int4

from spatial.errors import NotFound
from spatial.types import Box
from tests.fixtures.homes import Shapan
from tests.fixtures.objects import GRID, OTHER_GRID, Objects
from tests.fixtures.services import Service, StartService
from tiles import layers, tilejson, vector
from tiles.commands.explain import plan, value_names
from tiles.commands.seed import corners, count, places, wanted
from tiles.layers import EXACT
from tiles.matrix import MAX_ZOOM, Address


@pytest.fixture
def service(start_service: StartService) -> Service:
    made = start_service()
    writer = Objects(made.database.connect("worker", autocommit=True))
    writer.grid()
    writer.building("B1", west=117.012, grid=GRID)
    writer.building("B2", west=117.0126, grid=OTHER_GRID)
    return made


def test_tiles_are_explained_seeded_and_counted(service: Service, shapan: Shapan) -> None:
    def run(*words: str, well: bool = True) -> str:
        done = shapan("tiles", *words, settings=service.database.settings)
        assert (done.returncode == 0) is well, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    tile = "grids,buildings/15/27034/13413"
    text = run("explain", tile, "--url", service.url)
    assert re.search(r"Plan, (custom|generic): made", text)
    for words in ("features", "buildings: ", "FROM building", "Index", "z = 15", "Execution Time",
                  "does not have the tile"):
        assert words in text
    said = json.loads(run("explain", f"/tiles/{tile}.mvt", "--scope", GRID, "--json", "--url", service.url))
    assert [(layer["layer"], layer["features"]) for layer in said["layers"]] == [("grids", 1), ("buildings", 1)]
    assert said["memory"]["state"] == "none"
    dated = json.loads(run("explain", tile, "--at", "2020-01-01T00:00:00Z", "--json", "--url", service.url))
    assert [layer["features"] for layer in dated["layers"]] == [0, 2]
    assert "No service answers" in run("explain", tile, "--url", "http://127.0.0.1:9")

    words = ("seed", "--layers", "buildings", "--zooms", "13-15", "--url", service.url, "--json")
    first, second = (json.loads(run(*words)) for _ in range(2))
    assert first["tiles"] == second["tiles"] == second["hits"] > 2
    assert (first["failed"], first["empty"] < first["tiles"]) == (0, True)
    said = run("seed", "--layers", "buildings", "--zooms", "15-17", "--bbox", "100,20,120,40", "--url", service.url)
    assert "buildings, zooms 15-17: " in said
    assert "were there" in said
    assert "and not 100,20,120,40: there is no data beyond." in said
    assert (first["zooms"], first["clipped"]) == ([13, 15], [])
    writer = Objects(service.database.connect("worker", autocommit=True))
    writer.building("UNPLACED", west=117.912)
    beyond = json.loads(run("seed", "--layers", "buildings", "--zooms", "15", "--bbox", "117.9,30.9,117.95,31.1",
                            "--url", service.url, "--json"))
    assert (beyond["tiles"] > beyond["empty"], beyond["failed"]) == (True, 0)
    seeded = json.loads(run("explain", "buildings/15/27034/13413", "--json", "--url", service.url))
    assert seeded["memory"] == {"state": "current"}
    stat = json.loads(run("stat", "--url", service.url, "--json"))
    assert stat["cache"]["hits"] >= second["tiles"]
    assert "Feed:   heard" in run("stat", "--url", service.url)

    holder = service.database.connect("owner")
    # Sums cannot be written meanwhile.
    holder.execute("LOCK TABLE building_cell IN SHARE MODE")
    writer.building("UNSUMMED", west=117.013, source_key="unsummed")
    until = time.monotonic() + 10
    while "LATE" not in (told := run("stat", "--url", service.url)):
        assert time.monotonic() < until, told
    holder.rollback()
    # One job writes the sums of both.
    assert re.search(r"^Sums:   LATE: tiles of buildings(, events)? from afar are built anew$", told, re.MULTILINE)

    for bad, words in (
        (("explain", "nope/1/2/3"), "There is no layer 'nope'"),
        (("explain", "buildings/1/2/3"), "There is no tile 1/2/3"),
        (("explain", "x"), "LAYERS/Z/X/Y"),
        (("explain", "buildings/1/0/0x"), "LAYERS/Z/X/Y"),
        (("explain", tile, "--at", "2026-11-01"), "not an instant with its offset"),
        (("explain", tile, "--scope", "x"), "jurisdiction 'x'"),
        (("seed", "--layers", "buildings", "--zooms", "9-3"), "not a zoom or a range"),
        (("seed", "--layers", "nope"), "There is no layer 'nope'"),
        (("seed", "--layers", "buildings", "--bbox", "1,2,3"), "not west,south,east,north"),
        (("seed", "--layers", "buildings", "--bbox", "9,2,3,4"), "no box within Web Mercator"),
        (("seed", "--layers", "grids", "--bbox", "0,0,1,1", "--zooms", "0-3", "--url", service.url),
         "There are no tiles of grids at zooms 0-3. There is no data in the box 0,0,1,1."),
        (("seed", "--layers", "buildings", "--zooms", "23", "--url", service.url), "zooms up to 22"),
        (("stat", "--url", "http://127.0.0.1:9"), "shapan serve"),
        (("stat", "--url", "file:///etc"), "not the address"),
    ):
        assert words in run(*bad, well=False)


CITY = tilejson.document([layers.layer("grids")], "", Box(117.0, 31.0, 117.02, 31.02))


def test_zooms_and_boxes_without_anything_are_not_seeded() -> None:
    assert wanted("grids", CITY, range(CITY["minzoom"], 15), None) == (
        range(CITY["minzoom"], 15), Box(*CITY["bounds"]), [])
    zooms, area, clipped = wanted("grids", CITY, range(17), Box(117.01, 30.0, 118.0, 31.01))
    assert (zooms, area) == (range(CITY["minzoom"], 17), Box(117.01, 31.0, 117.02, 31.01))
    assert len(clipped) == 2


def test_zooms_beyond_those_of_maps_are_seeded_where_they_are_asked_for() -> None:
    assert CITY["maxzoom"] == 16
    assert wanted("grids", CITY, range(17, MAX_ZOOM + 1), Box(117.01, 31.01, 117.0101, 31.0101)) == (
        range(17, 23), Box(117.01, 31.01, 117.0101, 31.0101), [])


@pytest.mark.parametrize(("zooms", "box", "words", "others"), [
    (range(3), None, ["no tiles of grids at zooms 0-2"], ["no data"]),
    (range(14, 15), Box(117.03, 31.0, 118.0, 31.01), ["no data in the box 117.03,31,118,31.01"], ["no tiles"]),
    (range(3, 4), Box(0, 0, 1, 1),
     ["at zoom 3", "no data", "--zooms within 11-22", "--bbox within 117,31,117.02,31.02"], [])])
def test_where_nothing_is_left_to_seed_all_reasons_and_cures_are_said(
    zooms: range, box: Box | None, words: list[str], others: list[str]
) -> None:
    with pytest.raises(NotFound) as caught:
        wanted("grids", CITY, zooms, box)
    assert all(word in str(caught.value) for word in words)
    assert not any(word in str(caught.value) for word in others)


def test_more_tiles_than_anybody_waits_for_are_not_seeded() -> None:
    country = CITY | {"bounds": [100, 20, 120, 40]}
    assert wanted("grids", country, range(12, 14), None).clipped == []
    with pytest.raises(click.UsageError, match="more than 2,000,000"):
        wanted("grids", country, range(12, 17), None)


def test_a_box_is_told_to_the_last_digit() -> None:
    city = CITY | {"bounds": [117.1234567, 31, 117.2, 31.1]}
    area, clipped = wanted("grids", city, range(14, 15), Box(117.1234565, 31, 117.2, 31.1))[1:]
    assert area == Box(*city["bounds"])
    assert clipped == ["Box 117.1234567,31,117.2,31.1 and not 117.1234565,31,117.2,31.1: there is no data beyond."]


def test_a_service_without_data_is_not_seeded() -> None:
    with pytest.raises(NotFound, match="nothing of grids on record"):
        wanted("grids", tilejson.document([layers.layer("grids")], "", None), range(14, 15), Box(117, 31, 118, 32))


@pytest.mark.parametrize(("mode", "kind"), [("force_custom_plan", "custom"), ("force_generic_plan", "generic")])
def test_a_plan_is_that_of_the_prepared_statement_and_named_by_its_kind(
    connection: psycopg.Connection, mode: str, kind: str
) -> None:
    connection.execute(f"SET LOCAL plan_cache_mode = {mode}")
    (part,) = vector.build(connection, ["buildings"], Address(15, 27034, 13413), EXACT).parts
    ((statement, values),) = part.asked
    told = plan(connection, statement, values)
    text = "\n".join(told["plan"])
    assert told["plan_kind"] == kind
    assert ("st_tileenvelope($1" in text) is (kind == "generic")
    assert "actual time" in text
    assert value_names(statement)[:3] == ["z", "x", "y"]


def test_a_plan_is_of_each_kind_that_the_database_chooses_by_itself(connection: psycopg.Connection) -> None:
    # Nothing in this statement depends on its values: a plan for all of them is no dearer.
    connection.execute("SELECT %(a)s::int4", {"a": Int4(1)}, prepare=True)
    assert plan(connection, "SELECT %(a)s::int4", {"a": Int4(1)})["plan_kind"] == "generic"


def test_the_tiles_of_a_box_are_those_that_overlap_it() -> None:
    area = Box(116.99, 30.99, 117.02, 31.01)
    found = list(places(area, 15))
    assert len(found) == count(area, 15) == 4 * 3
    assert corners(Box(-180, -85.05, 180, 85.05), 2) == (range(4), range(4))
    assert all(Address(15, x, y) for x, y in found)
