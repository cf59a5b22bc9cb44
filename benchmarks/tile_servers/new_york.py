"""Real buildings beside the generated ones: New York as OpenStreetMap has it, imported as a person would."""

import subprocess
import sys
from pathlib import Path

from benchmarks.tile_servers.city import City

NEW_YORK = "new-york"
ROOT = Path(__file__).resolve().parents[2]
MAPPING = ROOT / "docs" / "examples" / "new-york.yaml"
FILE = ROOT.parent / "shared" / "data" / "buildings" / "nyc_osm_buildings.gpkg"


def import_new_york(city: City) -> bool:
    """Import the data set; False where it is not there."""
    if not FILE.exists():
        return False
    command = [str(Path(sys.executable).parent / "shapan"), "import", "buildings", str(FILE), "--map", str(MAPPING)]
    done = subprocess.run(command, env=city.environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"New York was not imported:\n{done.stdout}{done.stderr}")
    city.settle("building")
    return True
