"""QGIS shows the layers from nothing but the address. Opt-in: `apt-get install qgis python3-qgis`, then `-m qgis`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.services import Service

PYTHON = Path("/usr/bin/python3")
SCRIPT = Path(__file__).with_name("qgis_map.py")


@pytest.mark.qgis
def test_qgis_shows_grids_buildings_and_events_from_the_address_alone(demo_service: Service, tmp_path: Path) -> None:
    # Without our own environment: Debian's QGIS brings its own GDAL and PROJ.
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("PYTHON", "VIRTUAL", "PROJ"))}
    if subprocess.run([PYTHON, "-c", "import qgis.core"], env=environment, capture_output=True, check=False).returncode:
        pytest.skip("QGIS is not installed: apt-get install qgis python3-qgis")
    picture = tmp_path / "map.png"
    done = subprocess.run(
        [PYTHON, SCRIPT, f"{demo_service.url}/ogc", picture, "grids", "buildings", "events"],
        env={**environment, "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=240, check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    with demo_service.database.connect() as connection:
        expected = {"grids": "grid WHERE valid_to IS NULL", "buildings": "building", "events": "event"}
        for name, rows in expected.items():
            count, = connection.execute(f"SELECT count(*) FROM {rows}").fetchone()
            assert found[name]["valid"]
            assert found[name]["features"] == count > 0
            assert found[name]["pixels"] > 50, f"{name} is not in the picture {picture}"
    assert {"code", "use", "height_m"} <= set(found["buildings"]["fields"])
