"""Mending: only what is asked for, never what changes the area, and never for longer than it may."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.mend import Mender
from spatial import crs
from tests.importers.files import bow_tie, square, write

DEGREES = crs.reference("EPSG:4490")
METRES = crs.reference("EPSG:4547")


@pytest.fixture(scope="module")
def mender():
    with Mender(0.01) as opened:
        yield opened


def test_a_small_crossing_is_mended_and_its_areas_are_told(mender):
    outline = shapely.Polygon([(0, 0), (100, 0), (100, 100), (0, 100), (0, 50), (-1, 49), (0, 49), (-1, 50), (0, 48)])
    mended, words = mender.mend(outline, METRES)
    assert mended.is_valid
    assert words.startswith("mended: area 10,001.0 → 10,000.8 m²")
    assert abs(mended.area - 10_000) < 2


def test_a_bow_tie_has_no_area_to_keep_and_is_not_mended(mender):
    assert mender.mend(bow_tie(0, 0, 10), METRES)[0] is None
    assert "would change its area 0.0 → 50.0 m² (100.00%), more than 1.00%" in mender.mend(bow_tie(0, 0, 10), METRES)[1]


def test_areas_in_degrees_are_told_in_square_metres():
    with Mender(1.0) as mender:
        assert "→ 5,283.0 m²" in mender.mend(bow_tie(117, 31.5, 0.001), DEGREES)[1]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=9))
def test_whatever_the_ring_what_is_mended_is_a_sound_polygon_of_the_same_area(mender, ring):
    outline = shapely.Polygon(ring)
    mended, words = mender.mend(outline, METRES)
    if mended is None:
        assert "not mended" in words
    else:
        assert mended.is_valid
        assert mended.area == pytest.approx(outline.area, rel=0.0102)


def test_an_outline_that_takes_too_long_is_given_up_and_the_next_one_is_mended():
    corners = np.random.default_rng(1).random((4000, 2)) * 100
    with Mender(1.0, limit_s=0.5) as mender:
        assert mender.mend(shapely.Polygon(corners), METRES) == (None, "not mended within 0.5 s")
        assert mender.mend(bow_tie(0, 0, 10), METRES)[0].is_valid


def test_rows_are_mended_only_when_asked_and_each_is_reported(importing, database, tmp_path):
    broken = shapely.Polygon([(117, 31), (117.001, 31), (117.001, 31.001), (117, 31.001), (117, 31.0005),
                              (116.99999, 31.00049), (117, 31.00049), (116.99999, 31.0005), (117, 31.0004)])
    path = write(tmp_path / "a.gpkg", {"code": ["B1", "B2", "B3"]}, [square(118, 31), broken, bow_tie(119, 31)])
    report = importing("buildings", path, max_rejects="2")
    assert [fault.reason for fault in report.rejects.faults] == ["invalid-geometry"] * 2
    assert "Use --repair to mend broken outlines, or --max-rejects 2" in importing("buildings", path).lines()[-1]
    report = importing("buildings", path, max_rejects="1", repair=0.01)
    assert [(fault.row, fault.reason) for fault in report.rejects.faults] == [(3, "not-mended")]
    assert [note.row for note in report.rejects.mended] == [2]
    assert "footprint crosses itself at " in report.rejects.mended[0].message
    assert ", 1 mended" in "\n".join(report.lines())
    rows = database.connect().execute("SELECT code, ST_IsValid(footprint) FROM building ORDER BY 1").fetchall()
    assert rows == [("B1", True), ("B2", True)]
    detail = database.connect().execute("SELECT detail FROM import_run ORDER BY id DESC LIMIT 1").fetchone()[0]
    assert (detail["mended"], detail["mends"][0]["row"]) == (1, 2)
