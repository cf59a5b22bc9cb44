"""The same seed and instant give the same content, in every process."""

import os
import subprocess
import sys

import numpy as np
import pyogrio
import pytest
import shapely

from sample_gis.city import make_city
from sample_gis.clock import Clock, parse_until
from tests.sample_gis.conftest import RUN, SEED, UNTIL


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """Return a second small city, written by a process with another hash seed and time zone."""
    directory = tmp_path_factory.mktemp("again")
    subprocess.run(
        [sys.executable, "-c", RUN, str(directory), "--seed", str(SEED), "--until", UNTIL, "--size", "small", "--json"],
        check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "4711", "TZ": "America/New_York"},
    )
    return directory


@pytest.mark.parametrize("name", ["residents.csv", "rooms.csv", "events.csv", "grids.geojson", "events.geojson",
                                  "README.md", "buildings.shp"])
def test_text_files_are_the_same_to_the_byte(small_directory, again, name):
    assert (small_directory / name).read_bytes() == (again / name).read_bytes()


def test_every_feature_of_the_geopackage_is_the_same(small_directory, again):
    for layer, _ in pyogrio.list_layers(small_directory / "sandbox.gpkg"):
        _, _, geometry, fields = pyogrio.raw.read(small_directory / "sandbox.gpkg", layer=layer)
        _, _, other_geometry, other_fields = pyogrio.raw.read(again / "sandbox.gpkg", layer=layer)
        assert (geometry is None) == (other_geometry is None)
        if geometry is not None:
            assert (geometry == other_geometry).all()
        for mine, theirs in zip(fields, other_fields, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def small(seed, until=UNTIL):
    return make_city(seed, Clock.at(parse_until(until)), "small").layers


def test_another_seed_gives_other_people_on_the_same_streets():
    one, other = small(1), small(2)
    assert list(one["residents"]["name"]) != list(other["residents"]["name"])
    assert len(one["buildings"]) != len(other["buildings"]) or not shapely.equals(
        one["buildings"].geometry, other["buildings"].geometry).all()
    assert shapely.equals(one["grids"].geometry, other["grids"].geometry).all()


def test_another_instant_moves_events_and_keepers_only():
    one, other = small(1), small(1, "2026-03-05T09:00:00+08:00")
    for name, layer in one.items():
        same = all(np.array_equal(np.ma.getdata(layer[column]), np.ma.getdata(other[name][column]))
                   for column in layer.columns)
        assert same == (name not in ("events", "keeper_tracks")), name
    assert max(other["events"]["occurred_at"]) <= "2026-03-05T09:00:00+08:00"
    assert max(other["keeper_tracks"]["at"]) <= "2026-03-05T09:00:00+08:00"
