"""One full city in memory, and one small city as files, made once for all tests of the sample."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sample_gis import frame
from sample_gis.city import City, make_city
from sample_gis.clock import DEFAULT_UNTIL, Clock

SEED = 7
UNTIL = "2026-11-01T20:00:00+08:00"
RUN = "from sample_gis.commands import sample; sample()"


@pytest.fixture(scope="session")
def city() -> City:
    """Return the whole city of one seed."""
    return make_city(SEED, Clock.at(DEFAULT_UNTIL))


@pytest.fixture(scope="session")
def metres(city: City) -> dict[str, np.ndarray]:
    """Return the geometries of the city's layers as written, brought back to metres."""
    return {name: frame.geometries_to_metres(layer.geometry)
            for name, layer in city.layers.items() if layer.geometry is not None}


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a directory, not there before, with the files of a small city, and what the command printed."""
    directory = tmp_path_factory.mktemp("small") / "a" / "b"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, str(directory), "--seed", str(SEED), "--until", UNTIL,
         "--size", "small", "--json"],
        check=True, capture_output=True, text=True,
    )
    return directory, done.stdout


@pytest.fixture(scope="session")
def small_directory(small_run: tuple[Path, str]) -> Path:
    """Return a directory with the files of a small city, written by the command."""
    return small_run[0]
