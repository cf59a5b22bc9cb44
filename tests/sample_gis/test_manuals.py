"""What the manuals' examples name and where they lie is in the sample city, so that they work as they stand."""

import re
from pathlib import Path

import pytest
import shapely

from sample_gis.city import City

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDES = ("alarms", "devices", "events", "keepers", "exchange")
NUMBER = r"(-?\d+\.\d+)"


def examples(guide: str) -> str:
    """Return the commands and messages of a guide, without its prose."""
    lines = (DOCS / f"{guide}.md").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if line.startswith("    ") or "`GET " in line)


def named(pattern: str) -> set[str]:
    return {found for guide in GUIDES for found in re.findall(pattern, examples(guide))}


def test_devices_keepers_and_areas_of_the_examples_are_on_record(city: City) -> None:
    for pattern, layer in ((r'"device": "([^"]+)"|--device (\w+)', "devices"), (r'"keeper": "([^"]+)"', "keepers"),
                           (r"[?&]keeper=(\w+)", "keepers")):
        found = {code for each in named(pattern) for code in ([each] if isinstance(each, str) else each) if code}
        assert found, pattern
        assert found <= set(city.layers[layer].columns["code"]), pattern
    for code in named(r"(?:grid|within|community)(?:=|\": \")(\d+)"):
        assert any(grid.startswith(code) for grid in city.layers["grids"].columns["code"]), code


@pytest.mark.parametrize(("pattern", "swapped"), [
    (rf'"lon": {NUMBER}, "lat": {NUMBER}', False), (rf"near={NUMBER},{NUMBER}", False),
    (rf"[\[ \"]{NUMBER},{NUMBER}", True),
])
def test_places_of_the_examples_lie_in_the_city(city: City, pattern: str, swapped: bool) -> None:
    ground = shapely.union_all(city.layers["areas"].geometry)
    found = [(float(x), float(y)) for x, y in named(pattern)]
    assert found, pattern
    for x, y in found:
        assert shapely.dwithin(ground, shapely.Point((y, x) if swapped else (x, y)), 0.002), (x, y)


def test_every_example_asks_the_address_that_the_service_has() -> None:
    asked = named(r"https?://(127\.0\.0\.1:\d+)/api")
    assert asked == {"127.0.0.1:8700"}
