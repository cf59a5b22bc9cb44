"""Where rooms are still to survey: counts that equal SQL and the worklist itself, and whose they are."""

import pytest

from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID
from tests.fixtures.web import Web
from tests.webmap.test_dossier import as_role


@pytest.fixture
def town(web: Web) -> Web:
    """Two grids: one with two rooms of five declared, one of them whole and one not; one with a single room."""
    objects = web.objects
    objects.community()
    objects.grid()
    objects.grid(OTHER_GRID, west=117.02)
    objects.keeper()
    building = objects.building()
    whole, lacking = objects.room(building), objects.room(building, number="102")
    objects.connection.execute(
        "UPDATE room SET use = 'residential', tenure = 'rented', area_m2 = 80 WHERE id = %s", (whole,))
    objects.declare(building, 5)
    web.building, web.lacking = building, lacking
    objects.room(objects.building("B2", west=117.025, grid=OTHER_GRID), grid=OTHER_GRID)
    return web


def ask(web: Web, **query: str) -> dict[str, dict]:
    answer = web.client.get("/api/tasks/survey/places", query_string=query)
    assert answer.status_code == 200, answer.text
    return {place["code"]: place for place in answer.json["places"]}


def test_a_grid_counts_what_its_worklist_lists(town: Web) -> None:
    found = ask(town)
    expected = {"buildings": 1, "rooms": 2, "incomplete": 1, "missing": 3, "keeper": "周网格", "area_name": "望江社区"}
    assert {name: found[GRID][name] for name in expected} == expected
    for code, place in found.items():
        listed = town.client.get("/api/tasks/survey", query_string={"grid": code}).json
        assert (place["incomplete"], place["missing"]) == (
            len(listed["rooms"]), sum(gap["missing"] for gap in listed["gaps"]))
    assert ask(town, level="community")[COMMUNITY]["incomplete"] == 1
    assert list(ask(town, within=OTHER_GRID)) == [OTHER_GRID]


def test_what_is_assigned_is_counted_until_it_is_done_and_then_among_what_was_done(town: Web) -> None:
    made = town.client.post("/api/tasks/survey", json={"rooms": [town.lacking], "buildings": [town.building]}).json
    assert made["taken"] == 2
    assert (ask(town)[GRID]["assigned"], ask(town)[GRID]["overdue"]) == (2, 0)
    connection = town.objects.connection
    connection.execute("UPDATE task SET due_at = now() - interval '1 day' WHERE id = %s", (made["ids"][0],))
    connection.execute("UPDATE task SET state = 'done', done_at = now() WHERE id = %s", (made["ids"][1],))
    assert [ask(town)[GRID][name] for name in ("assigned", "overdue", "done")] == [1, 1, 1]


def test_unknown_requirements_leave_the_number_unknown_and_not_0(town: Web) -> None:
    town.objects.connection.execute("INSERT INTO entry_requirement (kind, field) VALUES ('housing', 'colour')")
    assert ask(town)[GRID]["incomplete"] is None


def test_a_role_sees_places_of_its_area_and_no_name_without_the_right(
        town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    with as_role(monkeypatch, "viewer", scope=Scope((OTHER_GRID,))):
        assert list(ask(town)) == [OTHER_GRID]
    town.client.set_cookie("shapan_role", "gateway", domain="localhost")
    assert town.client.get("/api/tasks/survey/places").status_code == 403
    assert ask_refused(town, level="planet") == "level"


def ask_refused(web: Web, **query: str) -> str:
    web.client.delete_cookie("shapan_role", domain="localhost")
    answer = web.client.get("/api/tasks/survey/places", query_string=query)
    assert answer.status_code == 422
    return answer.json["faults"][0]["place"]
