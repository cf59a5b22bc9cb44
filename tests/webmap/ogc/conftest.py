"""A small town that the tests of /ogc read and do not change: made once."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from spatial.settings import Settings
from spatial.types import UNPLACED_AREA, UNPLACED_GRID
from tests.fixtures.databases import copy_template, drop
from tests.fixtures.objects import GRID, OTHER_COMMUNITY, OTHER_GRID, Objects, square
from tests.fixtures.web import Web
from webmap.app import create_app

BUILDINGS = 60
EVENTS = 24
FIRST_EVENT = datetime(2026, 11, 1, tzinfo=UTC)
USES = ("residential", "school", "office")


def settle(objects: Objects) -> None:
    """Put the town on record: two communities and grids, 60 buildings, an event an hour, an unplaced park,
    one of everything else."""
    objects.community()
    objects.community(OTHER_COMMUNITY, west=117.02, name="长河社区")
    place = {"area_code": GRID[:12], "grid_code": GRID}
    objects.put("grid", geometry=square(117.0, 31.0, 0.01), code=GRID, name="旧网格", valid_from="2020-01-01T00:00:00Z",
                valid_to="2025-01-01T00:00:00Z", **place)
    objects.put("grid", geometry=square(117.0, 31.0, 0.02), code=GRID, name="第一网格",
                valid_from="2025-01-01T00:00:00Z", **place)
    objects.put("grid", geometry=square(117.02, 31.0, 0.02), code=OTHER_GRID, name="第二网格",
                valid_from="2024-01-01T00:00:00Z", area_code=OTHER_COMMUNITY, grid_code=OTHER_GRID)
    for number in range(BUILDINGS):
        building = objects.building(
            f"B{number:03}", west=117.001 + number % 10 * 0.001, south=31.001 + number // 10 * 0.001,
            use=USES[number % 3], height_m=3.0 * (1 + number % 9), floors_above=1 + number % 9,
            name=f"{number}号楼" if number % 2 else None,
        )
        if number < 3:
            objects.room(building, residents=(7, 3, 12)[number], number=str(number))
    objects.building("OTHER", west=117.025, grid=OTHER_GRID, height_m=None, floors_above=6)
    for number in range(EVENTS):
        objects.put("event", geometry=f"POINT({117.001 + number * 0.0001} 31.002)", code=f"E{number:02}",
                    class_code="0102", title="张三报告暴露垃圾", place="某某路", **place,
                    occurred_at=FIRST_EVENT + timedelta(hours=number))
    objects.put("road", geometry="MULTILINESTRING((117.001 31.001, 117.009 31.009))", name="望江路", width_m=12.0,
                **{"class": "arterial"}, **place)
    objects.put("water", geometry=square(117.012, 31.012, 0.002), name="望江湖", **{"class": "lake"}, **place)
    objects.put("green", geometry=square(117.015, 31.012, 0.002), name="望江公园", **{"class": "park"}, **place)
    # Far outside every area, where nobody looked for it.
    objects.put("green", geometry=square(118.5, 30.2, 0.002), name="飞地公园", area_code=UNPLACED_AREA,
                grid_code=UNPLACED_GRID, **{"class": "park"})
    objects.put("place", geometry="POINT(117.01 31.01)", name="望江", rank=1, **{"class": "suburb"}, **place)
    shapes = ("POINT(117.003 31.003)", "LINESTRING(117.003 31.003, 117.004 31.004)", square(117.004, 31.004, 0.0002))
    for number, shape in enumerate(shapes):
        objects.put("facility", geometry=shape, code=f"F{number}", class_code="0101", **place)
    objects.device("D1")


@pytest.fixture(scope="package")
def town(cluster: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Yield the application over the town, with the demo account; leave it as you found it."""
    database = copy_template(cluster, tmp_path_factory.mktemp("town"))
    app = create_app(dataclasses.replace(database.settings, demo_account=True))
    objects = Objects(database.connect("worker", autocommit=True))
    settle(objects)
    yield Web(app, app.test_client(), database, objects)
    parts = app.extensions["shapan"]
    parts.hub.close()
    parts.database.close()
    parts.tiles.close()
    drop(cluster, database)
