"""Files reopen with the right coordinates, encoding and names."""

import csv
import json

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from sample_gis import publish

LAYERS = {
    "areas": "code level name name_en parent_code",
    "grids": "code kind name",
    "keepers": "code name phone grid_code",
    "keeper_tracks": "keeper_code at",
    "roads": "code class name width_m",
    "water": "code class name",
    "green": "code class name",
    "places": "code class name name_en rank",
    "buildings": "code name address use height_m floors_above floors_below built_year",
    "units": "code building_code number floors",
    "rooms": "code building_code unit_number floor number use tenure area_m2 surveyed_at",
    "residents": "code building_code unit_number room_number household_number household_kind name id_number phone sex "
                 "birth_year registration care",
    "expected": "place_code kind value basis source as_of",
    "organisations": "code name industry building_code",
    "facilities": "code class_code name state department",
    "devices": "code kind name building_code unit_number room_number floor z_m expected_interval_s stream_url",
    "events": "code class_code source state title place occurred_at deadline dispatched_at accepted_at done_at",
}


def test_every_file_is_there_and_no_other(small_directory):
    assert sorted(path.name for path in small_directory.iterdir()) == sorted(publish.FILES)


def test_the_geopackage_holds_every_layer_with_its_columns_in_4490(small_directory):
    path = small_directory / "sandbox.gpkg"
    found = dict(pyogrio.list_layers(path))
    assert set(found) == set(LAYERS)
    for layer, columns in LAYERS.items():
        info = pyogrio.read_info(path, layer=layer)
        assert list(info["fields"]) == columns.split()
        if found[layer] is None:
            assert layer in ("rooms", "residents", "expected")
        else:
            assert info["crs"] == "EPSG:4490"
            west, south, east, north = info["total_bounds"]
            assert 117 < west < east < 118
            assert 31 < south < north < 32


def test_codes_and_numbers_are_text_and_floors_are_whole(small_directory):
    def types(layer):
        info = pyogrio.read_info(small_directory / "sandbox.gpkg", layer=layer)
        return dict(zip(info["fields"], info["dtypes"], strict=True))

    assert types("residents")["id_number"] == "object"
    assert types("residents")["phone"] == "object"
    assert types("rooms")["number"] == "object"
    assert types("devices")["floor"] == "int32"
    assert types("buildings")["floors_above"] == "int32"


@pytest.mark.parametrize("name", ["buildings", "grids"])
def test_the_shapefile_is_gbk_and_says_so(small_directory, name):
    assert (small_directory / f"{name}.cpg").read_text() == "GBK"
    meta, _, geometry, fields = pyogrio.raw.read(small_directory / f"{name}.shp")
    assert meta["crs"] == "EPSG:4490"
    assert all(len(field.encode("gbk")) <= 10 for field in meta["fields"])
    _, _, _, original = pyogrio.raw.read(small_directory / "sandbox.gpkg", layer=name)
    at = list(meta["fields"]).index("name")
    assert list(fields[at]) == list(original[at if name == "grids" else 1])
    assert fields[at][0].encode("gbk") in (small_directory / f"{name}.dbf").read_bytes()
    assert len(geometry) == len(original[0])


def test_geojson_is_rfc_7946_with_eight_decimals(small_directory):
    for name in ("grids", "events"):
        text = (small_directory / f"{name}.geojson").read_text(encoding="utf-8")
        data = json.loads(text)
        assert data["type"] == "FeatureCollection"
        assert "crs" not in data
        _, _, wkb, _ = pyogrio.raw.read(small_directory / "sandbox.gpkg", layer=name)
        here = [shapely.geometry.shape(feature["geometry"]) for feature in data["features"]]
        assert shapely.equals_exact(here, shapely.from_wkb(wkb), tolerance=1e-12).all()
        assert list(data["features"][0]["properties"]) == LAYERS[name].split()


def test_csv_is_utf8_and_keeps_identity_numbers(small_directory):
    with (small_directory / "residents.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == LAYERS["residents"].split()
    assert all(len(row["id_number"]) == 18 for row in rows)
    _, _, _, fields = pyogrio.raw.read(small_directory / "sandbox.gpkg", layer="residents")
    assert [row["name"] for row in rows] == list(fields[6])
    with (small_directory / "events.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == [*LAYERS["events"].split(), "lon", "lat"]


def test_elevation_is_metres_in_4490_over_the_city(small_directory):
    with rasterio.open(small_directory / "elevation.tif") as file:
        assert file.crs.to_epsg() == 4490
        assert file.dtypes == ("float32",)
        heights = file.read(1)
        west, south, east, north = pyogrio.read_info(small_directory / "sandbox.gpkg", layer="grids")["total_bounds"]
        assert file.bounds.left < west < east < file.bounds.right
        assert file.bounds.bottom < south < north < file.bounds.top
    assert np.isfinite(heights).all()
    assert 5 < heights.min() < 12
    assert 30 < heights.max() < 250


def test_the_image_is_tiled_rgb_and_shows_more_than_one_thing(small_directory):
    with rasterio.open(small_directory / "image.tif") as file:
        assert file.crs.to_epsg() == 4490
        assert file.count == 3
        assert file.profile["tiled"]
        picture = file.read()
    assert picture.std() > 20
    assert 40 < picture.mean() < 200


def test_the_readme_names_every_file_and_layer(small_directory):
    text = (small_directory / "README.md").read_text(encoding="utf-8")
    for layer in LAYERS:
        assert f"| {layer} |" in text
    for name in set(publish.FILES) - {"README.md"}:
        stem, ending = name.split(".")
        assert f"`{stem}." in text
        assert f".{ending}" in text
    assert "--seed 7" in text
