"""Boxes of filters, in both languages: heights, the date line, what is no box."""

import json

import pytest
import shapely

from spatial.queries.features import CRS84, EPSG_3857, EPSG_4326
from webmap.ogc import cql, cql_geometry
from webmap.ogc.faults import BadRequest


def box(language: str, *corners: float, crs: str = CRS84) -> shapely.Geometry:
    """Return the box as a filter in a language reads it."""
    node = {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": corners}]}
    text = f"S_INTERSECTS(geometry, BBOX({', '.join(map(str, corners))}))"
    read = cql.read(text if language == "cql2-text" else json.dumps(node), language)
    return cql_geometry.literal(read["args"][1], crs)


LANGUAGES = pytest.mark.parametrize("language", ["cql2-text", "cql2-json"])


@LANGUAGES
@pytest.mark.parametrize(("corners", "crs", "expected"), [
    ((117, 31, 0, 118, 32, 50), CRS84, (117, 31, 118, 32)),
    ((31, 117, 0, 32, 118, 50), EPSG_4326, (117, 31, 118, 32)),
    ((13_000_000, 3_600_000, -5, 13_000_100, 3_600_200, 5), EPSG_3857, (13_000_000, 3_600_000, 13_000_100, 3_600_200)),
])
def test_the_heights_of_a_box_are_left_out(
    language: str, corners: tuple[float, ...], crs: str, expected: tuple[float, ...]
) -> None:
    assert box(language, *corners, crs=crs).bounds == expected


@LANGUAGES
@pytest.mark.parametrize(("corners", "crs", "expected"), [
    ((180, -10, -170, 10), CRS84, shapely.box(-180, -10, -170, 10)),
    ((170, -10, -180, 10), CRS84, shapely.box(170, -10, 180, 10)),
    ((-10, 180, 10, -170), EPSG_4326, shapely.box(-180, -10, -170, 10)),
    ((170, -10, -170, 10), CRS84, shapely.union(shapely.box(170, -10, 180, 10), shapely.box(-180, -10, -170, 10))),
])
def test_a_box_across_the_date_line_has_the_halves_that_have_a_width(
    language: str, corners: tuple[float, ...], crs: str, expected: shapely.Geometry
) -> None:
    found = box(language, *corners, crs=crs)
    assert shapely.equals(found, expected)


@LANGUAGES
@pytest.mark.parametrize("corners", [(180, -10, -180, 10), (181, -10, -170, 10), (170, -10, -181, 10)])
def test_a_box_across_the_date_line_without_width_or_beyond_it_is_refused(
    language: str, corners: tuple[float, ...]
) -> None:
    with pytest.raises(BadRequest):
        box(language, *corners)


@LANGUAGES
@pytest.mark.parametrize(("corners", "crs"), [
    ((117, 32, 118, 31), CRS84), ((32, 117, 31, 118), EPSG_4326), ((170, 10, -170, -10), CRS84),
    ((117, 32, 0, 118, 31, 50), CRS84), ((117, 31, 50, 118, 32, 0), CRS84),
])
def test_a_box_upside_down_is_refused(language: str, corners: tuple[float, ...], crs: str) -> None:
    with pytest.raises(BadRequest, match="upside down"):
        box(language, *corners, crs=crs)
