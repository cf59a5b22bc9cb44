"""A building taken apart: its rooms with their states, and the picture of it."""

import dataclasses
import json
import zlib

import pytest

from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.web import Web
from webmap import identity

PLACE = {"area_code": COMMUNITY, "grid_code": GRID}
MARKUP = "<img src=x onerror=alert(1)>"


def as_role(monkeypatch: pytest.MonkeyPatch, role: str, scope: Scope | None = None) -> None:
    monkeypatch.setattr(identity, "DEMO", dataclasses.replace(
        identity.DEMO, roles=(role,), scope=scope or Scope.everything()))


def tower(web: Web, floors: int, per_floor: int, **values) -> tuple[int, list[int]]:
    """Put a building with one unit and its rooms on record, all owned and surveyed."""
    building = web.objects.building(floors_above=floors, height_m=3.0 * floors, **values)
    unit = web.objects.put("unit", building_id=building, number="1", floors=floors, **PLACE)
    rooms = [web.objects.put("room", building_id=building, unit_id=unit, floor=floor, number=f"{floor}{n:02d}",
                             tenure="owner", area_m2=80, surveyed_at="2026-01-01", **PLACE)
             for floor in range(1, floors + 1) for n in range(1, per_floor + 1)]
    return building, rooms


def layers(scene: dict) -> tuple[dict, dict]:
    assert [layer["id"] for layer in scene["deck"]["layers"]] == ["exploded-slabs", "exploded-rooms"]
    return tuple(scene["deck"]["layers"])


def test_rooms_have_their_state_and_care_is_told_to_those_who_may_know(web: Web, monkeypatch) -> None:
    building, (first, second, third, _) = tower(web, 2, 2)
    household = web.objects.put("household", room_id=first, building_id=building, **PLACE)
    web.objects.put("resident", household_id=household, building_id=building, name_sealed=b"x", care=["disabled"],
                    **PLACE)
    connection = web.objects.connection
    connection.execute("UPDATE room SET tenure = 'vacant' WHERE id = %s", (second,))
    connection.execute("UPDATE room SET area_m2 = NULL, number = %s WHERE id = %s", (MARKUP, third))
    found = web.client.get(f"/api/buildings/{building}/storeys").json
    assert [one["state"] for one in found["rooms"]] == ["care", "vacant", "occupied", "unsurveyed"]
    assert found["units"][0]["number"] == "1"
    scene = web.client.get(f"/api/scenes/building/{building}").json
    rooms = layers(scene)[1]["data"]
    assert {one["room"]: one["state"] for one in rooms} == {one["id"]: one["state"] for one in found["rooms"]}
    assert "img" not in json.dumps(scene["deck"])
    as_role(monkeypatch, "viewer")
    found = web.client.get(f"/api/buildings/{building}/storeys").json
    assert [one["state"] for one in found["rooms"]] == ["occupied", "vacant", "occupied", "unsurveyed"]
    assert not found["care"]
    scene = web.client.get(f"/api/scenes/building/{building}").json
    assert "care" not in {one["state"] for one in layers(scene)[1]["data"]}
    as_role(monkeypatch, "wall")
    assert web.client.get(f"/api/buildings/{building}/storeys").status_code == 403
    assert web.client.get(f"/api/scenes/building/{building}").status_code == 403
    as_role(monkeypatch, "viewer", Scope(("999002",)))
    assert web.client.get(f"/api/buildings/{building}/storeys").status_code == 404
    assert web.client.get(f"/api/scenes/building/{building}").status_code == 404


def test_four_hundred_rooms_and_a_hundred_storeys_are_a_small_scene(web: Web) -> None:
    building, rooms = tower(web, 100, 4)
    answer = web.client.get(f"/api/scenes/building/{building}")
    scene = answer.json
    drawn = layers(scene)[1]
    assert {one["room"] for one in drawn["data"]} == set(rooms)
    assert {one["level"] for one in drawn["data"]} == set(range(100))
    assert len(drawn["getPolygon"]["plans"]) == 4  # of all storeys
    assert len(zlib.compress(json.dumps(drawn).encode(), 6)) < 10_000
    market, stalls = tower(web, 1, 400, code="B2", west=117.007)
    drawn = layers(web.client.get(f"/api/scenes/building/{market}").json)[1]
    assert {one["room"] for one in drawn["data"]} == set(stalls)


def test_a_building_without_rooms_units_or_storeys_has_a_scene_of_its_one_storey(web: Web) -> None:
    building = web.objects.building(floors_above=None, height_m=None)
    assert web.client.get(f"/api/buildings/{building}/storeys").json["rooms"] == []
    scene = web.client.get(f"/api/scenes/building/{building}").json
    assert scene["floors"] == [1]
    assert [one["state"] for one in layers(scene)[1]["data"]] == ["empty"]
    assert web.client.get("/api/scenes/building/999999999").status_code == 404


def test_rooms_lie_within_the_outline_and_the_long_side_is_said(web: Web) -> None:
    building, _ = tower(web, 3, 6)
    scene = web.client.get(f"/api/scenes/building/{building}").json
    west, south, east, north = scene["bounds"]
    places = [at for plan in layers(scene)[1]["getPolygon"]["plans"] for ring in plan for at in ring]
    assert all(west <= lon <= east and south <= lat <= north for lon, lat in places)
    assert (round(east - west, 6), round(north - south, 6)) == (0.0005, 0.0005)
    assert scene["axis_deg"] in (0.0, 180.0)  # a square of degrees is higher than wide on the ground
    assert scene["plan"] == "derived"
