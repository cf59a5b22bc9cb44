"""How many buildings are in each class of a legend, over HTTP."""

import pytest

from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID
from tests.fixtures.web import Web
from tiles.legends import LEGENDS
from webmap import identity


def ask(web: Web, metric: str) -> dict:
    return web.client.get(f"/api/buildings/classes?metric={metric}").json


def test_an_empty_city_has_no_building_in_any_class_of_any_metric(web: Web) -> None:
    for entry in LEGENDS:
        if entry.layer == "buildings" and not entry.live:
            found = ask(web, entry.metric)
            assert (found["classes"], found["none"], found["total"]) == ([0] * len(entry.classes), 0, 0)


def test_an_answer_is_kept_says_its_age_and_is_made_anew_after_its_time(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.objects.building()
    first = ask(web, "floors")
    assert (first["total"], first["age_s"]) == (1, 0)
    assert first["kept_s"] >= 2
    web.objects.building("B2", west=117.008, floors_above=None)
    kept = ask(web, "floors")
    assert kept["total"] == 1
    assert 0 < kept["age_s"] < kept["kept_s"]
    assert ask(web, "height")["total"] == 2
    monkeypatch.setattr("tiles.class_counts.time.monotonic", lambda: 1e12)
    assert (ask(web, "floors")["total"], ask(web, "floors")["none"]) == (2, 1)


def test_each_account_gets_what_its_tiles_say_of_its_own_area(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.objects.room(web.objects.building(), residents=12)
    web.objects.building("B2", grid=OTHER_GRID)
    assert ask(web, "residents")["classes"] == [1, 0, 1, 0, 0, 0, 0]
    viewer = identity.Identity("guest", ("viewer",), Scope((GRID,)))
    monkeypatch.setattr(identity, "of_environ", lambda *_: viewer)
    assert ask(web, "residents")["classes"] == [0, 0, 0, 1]
    legends = {(each["layer"], each["metric"]): each for each in web.client.get("/legends.json").json["legends"]}
    assert len(legends["buildings", "residents"]["classes"]) == 4
    scene = web.client.get("/api/scenes/sandbox").json
    assert scene["legend"][0] == legends["buildings", "residents"]


@pytest.mark.parametrize("metric", ["mood", "alarms"])
def test_what_is_not_counted_is_404_and_says_what_to_do(web: Web, metric: str) -> None:
    answer = web.client.get(f"/api/buildings/classes?metric={metric}")
    assert answer.status_code == 404
    assert "density" in answer.json["detail"] or "/api/live" in answer.json["detail"]
