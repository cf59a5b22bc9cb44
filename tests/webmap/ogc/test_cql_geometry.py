"""Boxes of filters, in both languages: heights, the date line, what is no box."""

import json

import pytest
import shapely

from spatial.queries.features import CRS84, EPSG_3857, EPSG_4326
from webmap.ogc import cql, cql_geometry


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
