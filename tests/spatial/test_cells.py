"""Which tiles are other ones after a change: arithmetic of the tile matrix."""

import morecantile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import cells
from spatial.cells import BASE_ZOOM, DEEPEST, REACH, Touched, merged

TMS = morecantile.tms.get("WebMercatorQuad")
places = st.tuples(st.floats(-179.9, 179.9), st.floats(-84, 84))


def touched(cell: tuple[int, int], minzoom: int = 0, maxzoom: int = DEEPEST, z: int = BASE_ZOOM) -> Touched:
    return Touched("buildings", minzoom, maxzoom, z, (cell,))


def tile_of(place: tuple[float, float], zoom: int) -> cells.Cell:
    tile = TMS.tile(*place, zoom)
    return zoom, tile.x, tile.y


@given(places, st.integers(0, BASE_ZOOM - 1))
def test_the_tile_that_holds_a_cell_is_another_one_at_every_coarser_zoom(place, zoom):
    assert tile_of(place, zoom) in touched(tile_of(place, BASE_ZOOM)[1:]).above()


reaches = st.floats(-REACH * 0.99, REACH * 0.99)


@given(places, st.integers(0, BASE_ZOOM - 1), reaches, reaches)
def test_a_neighbour_into_which_a_feature_reaches_is_another_one_too(place, zoom, east, south):
    _, x, y = tile_of(place, BASE_ZOOM)
    scale = 2 ** (BASE_ZOOM - zoom)
    # A point of the cell, moved by less than the reach of a tile of the coarse zoom.
    column, row = int((x + 0.5) / scale + east), int((y + 0.5) / scale + south)
    if 0 <= column < 2**zoom and 0 <= row < 2**zoom:
        assert (zoom, column, row) in touched((x, y)).above()


@given(places, st.integers(1, BASE_ZOOM - 1))
def test_few_tiles_of_a_zoom_are_other_ones_and_all_of_them_are_neighbours(place, zoom):
    cell = tile_of(place, BASE_ZOOM)
    found = [other for other in touched(cell[1:]).above() if other[0] == zoom]
    up = BASE_ZOOM - zoom
    x, y = cell[1] >> up, cell[2] >> up
    assert 1 <= len(found) <= 4
    assert all(abs(column - x) <= 1 and abs(row - y) <= 1 for _, column, row in found)


def test_zooms_that_do_not_show_the_change_stay_as_they_are():
    assert touched((13516, 6697), minzoom=14).above() == set()
    assert touched((13516, 6697), minzoom=14).whole() == {(14, 13516, 6697)}
    assert touched((13516, 6697), maxzoom=12).whole() == set()
    assert {zoom for zoom, _, _ in touched((13516, 6697), minzoom=3, maxzoom=12).above()} == set(range(3, 13))


def test_a_coarse_cell_takes_its_neighbours_along_within_the_world():
    assert touched((0, 0), z=0).whole() == {(0, 0, 0)}
    assert touched((0, 5), z=3).whole() == {(3, x, y) for x in (0, 1) for y in (4, 5, 6)}


@given(st.lists(st.builds(
    Touched, st.sampled_from(["grids", "roads"]), st.just(0), st.just(DEEPEST), st.just(BASE_ZOOM),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4).map(tuple)), max_size=8))
def test_merged_changes_name_each_cell_of_a_layer_once(changes):
    both = merged(changes)
    assert len({change.layer for change in both}) == len(both)
    for change in both:
        assert len(set(change.cells)) == len(change.cells)
        assert set(change.cells) == {cell for one in changes if one.layer == change.layer for cell in one.cells}


near_and_far = st.integers(6700, 6710) | st.integers(0, 2**BASE_ZOOM - 1)


@given(st.lists(st.tuples(near_and_far, near_and_far), min_size=1, max_size=40, unique=True))
def test_a_change_of_many_cells_names_few_coarser_ones_and_shows_in_the_same_tiles(found):
    change = Touched("buildings", 0, 12, BASE_ZOOM, tuple(found))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "MAX_CELLS", 16)
        bounded = change.bounded()
    assert len(bounded.cells) <= 16
    assert (bounded == change) is (len(found) <= 16)
    up = BASE_ZOOM - bounded.z
    assert up == 0 or len({(x >> up - 1, y >> up - 1) for x, y in found}) > 16
    above, whole = bounded.above(), bounded.whole()
    for z, x, y in change.above():
        deeper = z - bounded.z
        assert (z, x, y) in above if deeper < 0 else (bounded.z, x >> deeper, y >> deeper) in whole


def test_a_change_is_written_and_read_alike():
    change = Touched("grids", 0, DEEPEST, 14, ((1, 2), (3, 4)))
    assert Touched.of(change.payload()) == change
