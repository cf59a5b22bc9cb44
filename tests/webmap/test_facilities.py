"""Facilities over HTTP: how many of each class have which state, and one by its code."""

import pytest

from spatial.types import Scope
from tests.fixtures.objects import GRID
from tests.fixtures.web import Web
from webmap import identity


def put(web: Web, code: str, class_code: str, state: str = "normal", geometry: str = "POINT(117.0052 31.005)") -> None:
    web.objects.put("facility", geometry=geometry, code=code, class_code=class_code, state=state, name=f"<b>{code}",
                    department="供水公司", area_code=GRID[:12], grid_code=GRID)


def test_facilities_are_counted_by_class_and_state_within_the_jurisdiction(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    assert web.client.get("/api/facilities/classes").json == {"classes": []}
    for number, (class_code, state) in enumerate([("0113", "normal"), ("0113", "missing"), ("0118", "damaged"),
                                                  ("9901", "normal"), ("0113", "normal")]):
        put(web, f"F{number}", class_code, state)
    found = web.client.get("/api/facilities/classes").json["classes"]
    assert [(each["code"], each["name"], each["role"], each["normal"], each["damaged"], each["missing"])
            for each in found] == [
        ("0113", "消火栓", "hydrant", 2, 0, 1), ("0118", "路灯", None, 0, 1, 0), ("9901", "9901", None, 1, 0, 0)]
    monkeypatch.setattr(identity, "DEMO", identity.Identity("elsewhere", ("viewer",), Scope(("999002",))))
    assert web.client.get("/api/facilities/classes").json == {"classes": []}
    assert web.client.get("/api/facilities/F0").status_code == 404


def test_a_card_says_the_class_who_is_responsible_and_which_building_is_nearest(web: Web) -> None:
    web.objects.building("B1", name="一号楼")
    web.objects.building("B2", west=117.0065)
    put(web, "F1", "0113", "damaged", "POLYGON((117.006 31.005, 117.0062 31.005, 117.0062 31.0052, 117.006 31.005))")
    put(web, "F2", "9901", geometry="POINT(117.9 31.9)")
    card = web.client.get("/api/facilities/F1").json
    assert (card["class_name"], card["state"], card["department"], card["name"]) == (
        "消火栓", "damaged", "供水公司", "<b>F1")
    assert (card["building"]["code"], card["building"]["metres"]) == ("B2", pytest.approx(33, abs=2))
    assert 117.006 < card["lon"] < 117.0062
    far = web.client.get("/api/facilities/F2").json
    assert (far["class_name"], far["building"]) == (None, None)
    assert web.client.get("/api/facilities/F9").status_code == 404
