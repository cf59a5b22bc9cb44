"""Plans of grids over HTTP: drawn, undone, led on by two people, and refused with the place."""

from typing import Any

import pytest
import shapely

from tests.fixtures.objects import COMMUNITY
from tests.fixtures.web import Web

WEST, SOUTH, SIZE = 117.0, 31.0, 0.02


@pytest.fixture
def town(web: Web) -> Web:
    """Put a community with four buildings and a road on record."""
    web.objects.community()
    for number, (east, north) in enumerate([(0.003, 0.003), (0.003, 0.013), (0.013, 0.003), (0.013, 0.013)], 1):
        web.objects.building(f"B{number}", west=WEST + east, south=SOUTH + north)
    return web


class Planner:
    """Somebody who plans: keeps the ETag between requests."""

    def __init__(self, web: Web, role: str) -> None:
        self.web, self.tag = web, ""
        self.client = web.app.test_client()
        self.client.set_cookie("shapan_role", role)
        self.plan: dict[str, Any] = {}

    def ask(self, method: str, path: str, tag: bool = True, **options: Any):
        headers = {"If-Match": self.tag} if tag and self.tag else {}
        options = options if method == "GET" else {"json": {}, **options}
        answer = self.client.open(f"/api/plans{path}", method=method, headers=headers, **options)
        if answer.status_code < 300 and "ETag" in answer.headers and "preview" not in path:
            self.tag = answer.headers["ETag"]
        return answer

    def start(self, **body: Any) -> dict[str, Any]:
        answer = self.ask("POST", "", json={"community": COMMUNITY, "start": "empty", **body})
        assert answer.status_code == 201, answer.text
        self.plan = answer.json
        return self.plan

    def read(self) -> dict[str, Any]:
        self.plan = self.ask("GET", f"/{self.plan['id']}").json
        return self.plan

    def does(self, kind: str, status: int = 200, query: str = "", **args: Any) -> dict[str, Any]:
        answer = self.ask("POST", f"/{self.plan['id']}/operations{query}", json={"kind": kind, **args})
        assert answer.status_code == status, answer.text
        return answer.json

    def step(self, kind: str, status: int = 200, **body: Any) -> dict[str, Any]:
        answer = self.ask("POST", f"/{self.plan['id']}/{kind}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json


@pytest.fixture
def planner(town: Web) -> Planner:
    return Planner(town, "planner")


def line(*places: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [[WEST + x, SOUTH + y] for x, y in places]}


def rules(told: dict[str, Any], severity: str = "error") -> list[str]:
    return sorted(one["rule"] for one in told["violations"] if one["severity"] == severity)


DOWN = line((0.01, -0.001), (0.01, 0.021))


def test_a_community_is_divided_undone_and_divided_again_byte_by_byte(planner: Planner) -> None:
    plan = planner.start()
    assert (plan["state"], len(plan["faces"]["features"]), plan["lease"]["by"]) == ("draft", 1, "demo:planner")
    tried = planner.does("split", line=DOWN, query="?preview=1")
    assert len(tried["faces"]["features"]) == 2
    assert len(planner.read()["faces"]["features"]) == 1, "a preview stores nothing"

    cut = planner.does("split", line=DOWN)
    faces = {one["id"]: one for one in cut["faces"]["features"]}
    assert [sum(cut["numbers"][number][name] for number in cut["numbers"]) for name in ("buildings",)] == [4]
    assert {faces[number]["properties"]["code"] for number in faces} == {None, f"{COMMUNITY}001"}
    shapes = [shapely.geometry.shape(one["geometry"]) for one in faces.values()]
    assert not any(a.overlaps(b) for a in shapes for b in shapes)
    assert cut["can"] == {**cut["can"], "undo": True, "redo": False, "submit": False}
    first = planner.read()["faces"]

    back = planner.step("undo")
    assert (back["removed"], back["can"]["redo"]) == ([2], True)
    assert planner.step("redo")["operation"]["kind"] == "split"
    assert planner.read()["faces"] == first, "as it was, to the last digit"
    planner.step("undo")
    assert planner.step("undo", 409)["detail"].startswith("Nothing is left to undo.")
    log = planner.ask("GET", f"/{plan['id']}/history").json
    assert [(one["kind"], one["undone"]) for one in log["operations"]] == [("split", True)]
    then = planner.ask("GET", f"/{plan['id']}/history/1").json["faces"]["features"]
    assert [one["geometry"] for one in then] == [one["geometry"] for one in first["features"]]


def test_a_plan_goes_from_one_pair_of_eyes_to_another_and_back_with_the_reason(planner: Planner) -> None:
    planner.start()
    planner.does("split", line=DOWN)
    assert "code-form" in rules(planner.read())
    refusal = planner.step("submit", 409)
    assert refusal["errors"] == {"code-form": 1}
    done = planner.does("renumber")
    assert [rules(done), done["can"]["submit"]] == [[], True]
    assert planner.step("submit")["state"] == "submitted"
    assert "not a draft" in planner.does("split", 409, line=DOWN)["detail"]
    other = Planner(planner.web, "approver")
    other.plan = planner.plan
    assert other.read()["can"]["approve"]
    assert other.step("reject", reason="太大 <b>1</b>")["remark"] == "太大 <b>1</b>"
    assert other.ask("POST", f"/{planner.plan['id']}/operations", json={"kind": "renumber"}).status_code == 403
    planner.read()
    planner.step("submit")
    assert planner.ask("POST", f"/{planner.plan['id']}/approve").status_code == 403
    everybody = Planner(planner.web, "all")
    everybody.plan, everybody.tag = planner.plan, planner.tag
    other.read()
    assert other.step("approve")["state"] == "approved"
    assert [one["kind"] for one in other.read()["steps"]] == ["created", "submit", "reject", "submit", "approve"]


def test_two_who_draw_at_once_and_a_stale_page_are_told_what_has_changed(planner: Planner) -> None:
    plan = planner.start()
    path = f"/{plan['id']}/operations"
    assert planner.ask("POST", path, tag=False, json={"kind": "renumber"}).status_code == 428
    second = Planner(planner.web, "all")
    second.plan = plan
    second.read()
    held = second.ask("PUT", f"/{plan['id']}/lease")
    assert (held.status_code, held.json["by"]) == (409, "demo:planner")
    locked = second.ask("POST", path, json={"kind": "split", "line": DOWN})
    assert (locked.status_code, locked.json["by"]) == (423, "demo:planner")
    planner.does("split", line=DOWN)
    stale = second.ask("POST", path, json={"kind": "split", "line": DOWN})
    assert (stale.status_code, stale.json["revision"], stale.json["by"]) == (412, 3, "demo:planner")
    assert {one["id"] for one in stale.json["difference"]["features"]} == {1, 2} == set(stale.json["present"])
    assert planner.ask("DELETE", f"/{plan['id']}/lease").status_code == 200
    assert second.ask("PUT", f"/{plan['id']}/lease").json["lease"]["mine"]
    planner.web.database.connect(autocommit=True).execute("UPDATE grid_plan SET lease_until = now() - interval '1 s'")
    second.read()
    ran_out = second.ask("POST", path, json={"kind": "renumber"})
    assert (ran_out.status_code, ran_out.json["by"]) == (423, None)
    again = planner.ask("POST", "", json={"community": COMMUNITY})
    assert (again.status_code, again.json["plan"]) == (409, plan["id"])


@pytest.mark.parametrize(("kind", "args", "reason"), [
    ("split", {"line": line((0.05, 0.05), (0.06, 0.06))}, "outside"),
    ("split", {"line": line((0.004, 0.002), (0.008, 0.008))}, "touches-no-edge"),
    ("split", {"line": line((0.0, 0.0), (0.02, 0.0))}, "runs-along"),
    ("split", {"line": line((-0.001, 0.01), (0.021, 0.012), (0.021, 0.005), (0.01, 0.015))}, "crosses-itself"),
    ("merge", {"faces": [1]}, "one-face"),
    ("merge", {"faces": [1, 9]}, "unknown-face"),
    ("create", {"polygon": {"type": "Polygon", "coordinates": [
        [[118, 31], [118.1, 31], [118.1, 31.1], [118, 31]]]}}, "outside"),
    ("create", {"polygon": {"type": "Polygon", "coordinates": [
        [[117, 31], [117.01, 31.01], [117.01, 31], [117, 31.01], [117, 31]]]}}, "crosses-itself"),
    ("move_vertex", {"at": [117.01, 31.01], "to": [117.011, 31.01]}, "no-vertex"),
    ("assign", {"buildings": [10**12], "face": 1}, "no-building"),
    ("keeper", {"face": 1, "keeper": "nobody"}, "no-keeper"),
    ("give", {"piece": {"type": "Polygon", "coordinates": [
        [[117, 31], [117.01, 31], [117.01, 31.01], [117, 31]]]}, "to": 1}, "nothing-new"),
    ("trim", {"face": 1}, "nothing-new"),
    ("auto_draft", {}, "no-households"),
    ("auto_draft", {"count": 9}, "too-many"),
    ("auto_draft", {"count": 2, "faces": [7]}, "unknown-face"),
    ("rebalance", {}, "cannot-balance"),
])
def test_what_cannot_be_done_is_refused_with_its_reason(planner: Planner, kind: str, args: dict, reason: str) -> None:
    planner.start()
    answer = planner.does(kind, 422, **args)
    assert answer["reason"] == reason
    assert answer["cure"]
    assert answer["message"]
    assert planner.read()["revision"] == 2, "nothing was changed"


@pytest.mark.parametrize(("body", "places"), [
    ({"kind": "fly"}, ["kind"]),
    ({"kind": "split"}, ["line"]),
    ({"kind": "split", "line": {"type": "Point"}, "more": 1}, ["line", "more"]),
    ({"kind": "split", "line": {"type": "LineString", "coordinates": [[1, 2], ["a", None]]}}, ["line"]),
    ({"kind": "split", "line": {"type": "LineString", "coordinates": [[400, 2], [1, 2]]}}, ["line"]),
    ({"kind": "merge", "faces": [], "into": "1"}, ["faces", "into"]),
    ({"kind": "move_edge", "a": [1], "b": [1, 2, 3], "to_a": "x", "to_b": [True, 1]}, ["a", "b", "to_a", "to_b"]),
    ({"kind": "rename", "face": 1, "name": " ", "kind_": "x"}, ["name", "kind_"]),
    ({"kind": "auto_draft", "method": "magic", "count": 0, "target": "4", "seed": True, "faces": []},
     ["method", "count", "target", "seed", "faces"]),
    ({"kind": "rebalance", "faces": [1]}, ["faces"]),
])
def test_arguments_are_read_with_all_their_faults(planner: Planner, body: dict, places: list[str]) -> None:
    planner.start()
    answer = planner.ask("POST", f"/{planner.plan['id']}/operations", json=body)
    assert answer.status_code == 422, answer.text
    assert [fault["place"] for fault in answer.json["faults"]] == places


# Parameters: code of a building, a room of it, how many.
_HOUSEHOLDS = """
INSERT INTO household (building_id, room_id, number, area_code, grid_code, source, source_key, content_hash)
SELECT building_id, id, n::text, area_code, grid_code, 'test', id || '-' || n, '' FROM room, generate_series(2, %s) AS n
WHERE id = %s
"""


def lived_in(web: Web, households: dict[str, int]) -> None:
    """Put households into buildings on record."""
    connection = web.objects.connection
    for code, count in households.items():
        building = connection.execute("SELECT id FROM building WHERE code = %s", (code,)).fetchone()[0]
        connection.execute(_HOUSEHOLDS, (count, web.objects.room(building)))


def counted(told: dict[str, Any]) -> dict[int, int]:
    return {one["id"]: one["properties"]["numbers"]["households"] for one in told["faces"]["features"]}


def test_a_draft_is_tried_taken_and_gone_on_with_by_hand(planner: Planner) -> None:
    lived_in(planner.web, {"B1": 5, "B2": 4, "B3": 3, "B4": 6})
    planner.start()
    tried = planner.does("auto_draft", query="?preview=1", count=2)
    assert sorted(counted(tried).values()) in ([8, 10], [7, 11], [9, 9])
    assert planner.read()["revision"] == 2, "only tried"
    taken = planner.does("auto_draft", count=2)
    assert taken["faces"] == tried["faces"], "the same seed gives the same grids"
    codes = {one["properties"]["code"] for one in taken["faces"]["features"]}
    assert codes == {f"{COMMUNITY}001", f"{COMMUNITY}002"}
    assert rules(taken) == []
    assert taken["operation"]["summary"]["grids"] == 2
    again = planner.does("auto_draft", count=2)
    assert again["operation"]["summary"]["kept"] == 2
    assert counted(again) == counted(taken), "grids that stay what they were keep their numbers and codes"
    planner.does("rename", face=min(counted(again)), name="河边")
    planner.step("submit")


@pytest.mark.parametrize("method", ["metis", "kahip"])
def test_a_community_without_households_is_divided_by_its_buildings(planner: Planner, method: str) -> None:
    planner.start()
    told = planner.does("auto_draft", count=4, method=method)
    assert [one["properties"]["numbers"]["buildings"] for one in told["faces"]["features"]] == [1, 1, 1, 1]


def test_grids_are_balanced_by_the_one_building_that_has_to_move(planner: Planner) -> None:
    lived_in(planner.web, {"B1": 100, "B2": 150, "B3": 220, "B4": 330})
    planner.start()
    cut = planner.does("split", line=line((0.009, -0.001), (0.009, 0.009), (0.021, 0.009)))
    assert sorted(counted(cut).values()) == [220, 580]
    assert [one["fixes"][0]["kind"] for one in cut["violations"] if one["rule"] == "households"] == ["rebalance"] * 2
    moved = planner.does("rebalance")
    assert sorted(counted(moved).values()) == [320, 480]
    assert moved["operation"]["summary"] == {"buildings": 1, "outside": 0, "proved": True}
    assert set(counted(moved)) == set(counted(cut))
    assert rules(moved) == rules(cut), "no error that was not there before"
    assert planner.does("rebalance", 422)["reason"] == "nothing-new"


def test_a_draft_of_an_empty_community_is_refused(web: Web) -> None:
    web.objects.community()
    planner = Planner(web, "planner")
    planner.start()
    assert planner.does("auto_draft", 422, count=2)["reason"] == "no-building"


def test_only_the_chosen_grids_are_drafted_anew(planner: Planner) -> None:
    planner.start()
    cut = planner.does("split", line=DOWN)
    before = {one["id"]: one["properties"] for one in cut["faces"]["features"]}
    told = planner.does("auto_draft", faces=[1], count=2)
    assert 2 not in told["removed"]
    after = {one["id"]: one["properties"] for one in planner.read()["faces"]["features"]}
    assert len(after) == 3
    assert after[2]["code"] == before[2]["code"]
    assert sorted(one["numbers"]["buildings"] for one in after.values()) == [1, 1, 2]
