"""What the benchmark of tiles reckons with, without servers."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.tile_servers import equality, plot, targets
from benchmarks.tile_servers.browser import Seen
from benchmarks.tile_servers.city import CELL_SIDE, SOUTH, WEST
from benchmarks.tile_servers.load import Load
from benchmarks.tile_servers.places import in_city
from benchmarks.tile_servers.processor import Spent
from benchmarks.tile_servers.results import Crowd, Results, Run


@settings(deadline=None)
@given(cells=st.integers(1, 64), z=st.integers(0, 18), most=st.integers(1, 200))
def test_tiles_are_different_and_lie_in_the_city(cells, z, most):
    tiles = in_city(cells * CELL_SIDE, z, most)

    assert 0 < len(tiles) == len(set(tiles)) <= most
    for zoom, x, y in tiles:
        assert zoom == z
        # Ends of the tile in cells of zoom 14, from the city's corner: from zoom 14 on, nothing of it lies outside.
        west, east = (edge * 2 ** (14 - z) - WEST for edge in (x, x + 1))
        south, north = (SOUTH + 1 - edge * 2 ** (14 - z) for edge in (y + 1, y))
        assert (west < cells and east > 0 and south < cells and north > 0) if z < 14 else (
            west >= 0 and south >= 0 and east <= cells and north <= cells)


def square(west, south=0, size=10):
    return polygon((west, south), (west + size, south), (west + size, south + size), (west, south + size))


def polygon(*corners):
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in (*corners, corners[0])]]}


TILE = (16, 0, 0)
OURS = {1: (square(0), {"use": "school"}), 2: (square(4096), {"use": "office"})}


@pytest.mark.parametrize("theirs", [
    {1: (square(1), {"use": "school"}), 2: OURS[2]},  # another place
    {1: (square(0), {"use": "office"}), 2: OURS[2]},  # another value
    {1: (square(0), {}), 2: OURS[2]},  # no value
    {2: OURS[2]},  # one in the tile is missing
    {1: OURS[1]},  # one in the buffer is missing
    {**OURS, 3: (square(20), {"use": "school"})},  # one too many
])
def test_tiles_that_differ_from_zoom_16_on_end_the_benchmark(theirs):
    with pytest.raises(SystemExit):
        equality.same("Martin", {TILE: OURS}, {TILE: theirs}, all_fields=True)


@pytest.mark.parametrize("beside", [
    square(4096), square(4095), square(20, -9), square(-8, 4095),
    # Around the tile's corner: its box reaches into the tile, itself it does not.
    polygon((-60, -60), (60, -60), (60, -40), (-40, -40), (-40, 60), (-60, 60)),
])
@pytest.mark.parametrize("z", [14, 16])
def test_tipg_may_lack_what_lies_in_the_buffer_alone_and_it_is_counted(beside, z):
    ours = {1: OURS[1], 2: (beside, {"use": "office"})}
    assert equality.same("tipg", {(z, 0, 0): ours}, {(z, 0, 0): {1: OURS[1]}}, all_fields=True).beside == 1


@pytest.mark.parametrize("within", [square(4092), square(20, -6), square(2000, 2000), square(-1, 0, 4098)])
@pytest.mark.parametrize("z", [14, 16])
def test_tipg_may_lack_nothing_that_reaches_into_the_tile(within, z):
    ours = {1: OURS[1], 2: (within, {"use": "office"})}
    with pytest.raises(SystemExit, match="not the same ones"):
        equality.same("tipg", {(z, 0, 0): ours}, {(z, 0, 0): {1: OURS[1]}}, all_fields=True)


def test_below_zoom_16_ours_may_be_fewer_with_fewer_fields():
    theirs = {**OURS, 1: (square(1), {"use": "school", "code": "B1"}), 3: (square(20), {"use": "school"})}
    found = equality.same("Martin", {(14, 0, 0): OURS}, {(14, 0, 0): theirs}, all_fields=True)
    assert (found.ours, found.theirs, found.fields_left_out) == (2, 3, ("code",))


def test_the_plot_is_a_picture_with_every_series(tmp_path):
    path = tmp_path / "tiles.svg"
    series = {"shapan": {13: 0.4, 18: 2.0}, "Martin, plain <table>": {13: 700.0, 18: 7.0}}
    plot.write(path, [("One", "ms", series), ("Two", "1/s", series)])

    words = [node.text for node in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    assert {"One", "Two", "shapan", "Martin, plain <table>", "z13", "z18"} <= set(words)
    assert len(list(ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}polyline"))) == 4


def load(rate):
    return Load(requests=rate, seconds=1, bytes=0, p50_ms=1000 / rate, p99_ms=1000 / rate, faults={})


def test_the_table_of_targets_says_what_was_missed():
    results = Results("machine", seen=Seen(60, (400, 900), (450, 1001), 0))
    for z, ours, theirs in ((16, 200, 100), (18, 90, 100)):
        for server, rate in (("shapan", ours), ("Martin", theirs)):
            results.runs.append(Run("1000", server, "uncached", z, 9, 0, load(rate), Spent(0.5, 1.0)))
    results.crowd = [Crowd("shapan", 0, load(50)), Crowd("shapan", 51, load(110)), Crowd("Martin", 0, load(100))]
    assert [(reached, verdict) for _, reached, verdict in targets.rows(results)] == [
        ("1.10 ×", "kept"), ("z16 2.00 ×, z18 0.90 ×", "missed"), ("900 ms, 0 of 60 lost", "kept"),
        ("1,001 ms, 0 of 60 lost", "missed")]
    assert "| 16 | shapan | 2,500 | 5,000 |" in results.markdown()
