"""OGC API – Features, Part 2: coordinate systems by reference, each in its own axis order."""

import numpy as np
import pytest
import shapely

from tests.fixtures.web import Web
from tests.webmap.ogc.client import CRS84, EPSG, ask, codes, collections, features

SYSTEMS = (CRS84, f"{EPSG}4326", f"{EPSG}4490", f"{EPSG}3857")
RADIUS = 6378137.0


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Project by the textbook formula of Web Mercator."""
    return RADIUS * np.radians(lon), RADIUS * np.log(np.tan(np.pi / 4 + np.radians(lat) / 2))


def corner(town: Web, crs: str) -> list[float]:
    """Return the first corner of the first building."""
    found = features(town, "buildings", code="B000", crs=crs)
    return found["features"][0]["geometry"]["coordinates"][0][0][0]


@pytest.mark.conformance("features-2/crs/crs-uri", "features-2/crs/default-crs", "features-2/crs/storageCrs")
def test_every_collection_lists_its_coordinate_systems_the_default_first(town: Web) -> None:
    for name in collections(town):
        document = town.client.get(f"/ogc/collections/{name}").json
        assert document["crs"] == list(SYSTEMS)
        assert document["storageCrs"] in document["crs"]


@pytest.mark.conformance("features-2/crs/crs-parameter", "features-2/crs/crs-parameter-transform")
@pytest.mark.parametrize(("crs", "expected"), [
    (CRS84, [117.001, 31.001]), (f"{EPSG}4326", [31.001, 117.001]), (f"{EPSG}4490", [31.001, 117.001]),
    (f"{EPSG}3857", [pytest.approx(part, abs=0.001) for part in mercator(117.001, 31.001)]),
])
def test_coordinates_come_in_the_system_asked_for_in_its_axis_order(town: Web, crs: str, expected: list[float]) -> None:
    answer = ask(town, "buildings", code="B000", crs=crs)
    assert answer.headers["Content-Crs"] == f"<{crs}>"
    assert corner(town, crs) == expected
    identifier = answer.json["features"][0]["id"]
    alone = town.client.get(f"/ogc/collections/buildings/items/{identifier}", query_string={"crs": crs})
    assert alone.headers["Content-Crs"] == f"<{crs}>"
    assert alone.json["geometry"]["coordinates"][0][0][0] == expected


@pytest.mark.conformance("features-2/crs/crs-parameter-default")
def test_without_a_parameter_it_is_longitude_and_latitude(town: Web) -> None:
    answer = ask(town, "buildings", code="B000")
    assert answer.headers["Content-Crs"] == f"<{CRS84}>"
    assert answer.json["features"][0]["geometry"]["coordinates"][0][0][0] == corner(town, CRS84)


@pytest.mark.conformance("features-2/crs/crs-parameter-invalid", "features-2/crs/bbox-crs-parameter-invalid")
@pytest.mark.parametrize("crs", [f"{EPSG}4327", "EPSG:4326", "", "nonsense", f"{EPSG}4326'",
                                 "urn:ogc:def:crs:EPSG::9999"])
def test_a_system_that_is_not_listed_is_refused(town: Web, crs: str) -> None:
    assert ask(town, "buildings", bbox="117,31,118,32", bbox_crs=crs).status_code == 400
    if crs:
        assert ask(town, "buildings", crs=crs).status_code == 400
        assert ask(town, "buildings", filter="use = 'school'", filter_crs=crs).status_code == 400


BOX = (117.0009, 31.0009, 117.0024, 31.0014)
BOXES = {
    CRS84: BOX,
    f"{EPSG}4326": (BOX[1], BOX[0], BOX[3], BOX[2]),
    f"{EPSG}4490": (BOX[1], BOX[0], BOX[3], BOX[2]),
    f"{EPSG}3857": (*mercator(*BOX[:2]), *mercator(*BOX[2:])),
}


@pytest.mark.conformance("features-2/crs/bbox-crs-parameter", "features-2/crs/bbox-crs-parameter-default")
@pytest.mark.parametrize("crs", SYSTEMS)
def test_a_box_is_read_in_the_system_named(town: Web, crs: str) -> None:
    text = ",".join(f"{value:.9f}" for value in BOXES[crs])
    assert codes(features(town, "buildings", bbox=text, bbox_crs=crs)) == ["B000", "B001"]
    if crs == CRS84:
        assert codes(features(town, "buildings", bbox=text)) == ["B000", "B001"]


@pytest.mark.conformance("features-3/filter/filter-crs-param", "features-3/filter/filter-crs-wgs84")
@pytest.mark.parametrize("crs", SYSTEMS)
def test_a_filters_geometry_is_read_in_the_system_named(town: Web, crs: str) -> None:
    box = shapely.box(*BOXES[crs]).wkt
    asked = f"S_INTERSECTS(geometry, {box})"
    assert codes(features(town, "buildings", filter=asked, filter_crs=crs)) == ["B000", "B001"]
    if crs == CRS84:
        assert codes(features(town, "buildings", filter=asked)) == ["B000", "B001"]


@pytest.mark.parametrize("crs", SYSTEMS)
def test_the_picture_of_a_page_is_the_same_in_every_system(town: Web, crs: str) -> None:
    page = town.client.get("/ogc/collections/buildings/items", query_string={"crs": crs, "f": "html", "limit": "1"})
    drawn = page.text.split('<path d="M')[1].split('"')[0]
    first = [float(value) for value in drawn.split("L")[0].split()]
    # The first corner is the south-western one: to the left of the middle, below it.
    assert first[0] < 500
    assert first[1] == pytest.approx(max(float(pair.split()[1]) for pair in drawn.split("L")), abs=0.2)
