"""What happens to an access link is written down; what a wall is told is changed while it runs."""

from itertools import islice
from typing import Any

import pytest

from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, square
from tests.fixtures.web import Web
from tests.webmap.test_access_links import LINKS, made, opened, places
from webmap import access_links, identity
from webmap.identity import Identity

__all__ = ["places"]
MACHINE = "127.0.0.1"


def audited(web: Web) -> list[dict[str, Any]]:
    answer = web.client.get("/api/audit")
    assert answer.status_code == 200, answer.text
    return [row for row in reversed(answer.json["rows"]) if row["action"] == "link"]


def test_each_thing_that_happens_to_a_link_is_on_record_with_who_did_it_and_from_where(places: Web) -> None:
    link = made(places, within=COMMUNITY, display={"tour": 1})
    wall = opened(places, link["token"])
    places.client.patch(f"{LINKS}/{link['id']}", json={"display": {"tour": 2}}).close()
    fresh = places.client.post(f"{LINKS}/{link['id']}/renew", json={}).json
    wall.post(f"{LINKS}/leave", json={}).close()
    wall.post(f"{LINKS}/leave", json={}).close()  # a second time there is nothing to leave
    places.app.test_client().post(f"{LINKS}/exchange", json={"token": link["token"]})  # nor to open
    places.client.post(f"{LINKS}/{link['id']}/revoke", json={}).close()
    keeper = made(places, kind="keeper", name=None, keeper=f"K{GRID}")
    own = f"kiosk:{link['id']}"
    assert [(row["outcome"], row["account"], row["words"], row["address"]) for row in audited(places)] == [
        ("made", "demo", own, MACHINE), ("opened", own, own, MACHINE), ("changed", "demo", f"{own} tour=2", MACHINE),
        ("renewed", "demo", own, MACHINE), ("left", own, own, MACHINE), ("revoked", "demo", own, MACHINE),
        ("made", "demo", f"keeper:{keeper['id']}", MACHINE)]
    assert audited(places)[1]["roles"] == ["wall"]
    assert {row["area_code"] for row in audited(places)} == {COMMUNITY}
    assert [row["grid_code"] for row in audited(places)][-1] == GRID
    assert places.client.get("/api/audit/chain").json["whole"]
    assert [row["outcome"] for row in places.client.get("/api/audit?outcome=opened").json["rows"]] == ["opened"]
    for lang, words in (("zh-CN", ("链接被打开", "访问链接")), ("en", ("Link opened", "Access link"))):
        page = places.client.get(f"/audit?lang={lang}").text
        assert all(word in page for word in (*words, own))
    rows = str(places.objects.connection.execute("SELECT audit::text FROM audit").fetchall())
    assert not [token for token in (link["token"], fresh["token"], keeper["token"]) if token in rows]


def test_a_wall_is_told_something_else_while_it_runs(places: Web) -> None:
    link = made(places, display={"tour": 1, "height_m": 2.4})
    wall = opened(places, link["token"])
    before = wall.get("/wall").text
    hub = places.app.extensions["shapan"].hub
    stream = wall.get("/api/live")
    assert hub.open_streams == 1
    answer = places.client.patch(f"{LINKS}/{link['id']}", json={
        "name": "<b>北墙</b>", "display": {"tour": 2, "height_m": None, "low_power": True}})
    assert (answer.json["name"], answer.json["display"]) == ("<b>北墙</b>", {"tour": 2, "low_power": True})
    answer.close()
    assert b"".join(stream.response).count(b"event: snapshot") <= 1, "the stream ends, and the page looks anew"
    after = wall.get("/wall").text
    build = [page.split('"build": "')[1].split('"')[0] for page in (before, after)]
    assert build[0] != build[1], "another build is what has a wall load itself again"
    assert '"tour": 2' in after
    assert wall.get("/wall").text.split('"build": "')[1].split('"')[0] == build[1], "once"


def test_a_change_by_another_process_ends_the_stream_within_seconds(
        places: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmap.stream.HEARTBEAT_S", 0.1)
    monkeypatch.setattr(access_links, "BELIEVED_S", 0.05)
    wall = opened(places, made(places, display={"tour": 1})["token"])
    stream = iter(wall.get("/api/live").response)
    assert [next(stream) for _ in range(3)], "it goes on while nothing is changed"
    places.objects.connection.execute("""UPDATE access_link SET display = '{"tour": 2}'""")
    assert sum(1 for _ in islice(stream, 50)) < 5, "it came to its end"


def test_what_cannot_be_changed_is_said_at_once(places: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    link, keeper = made(places), made(places, kind="keeper", name=None, keeper=f"K{GRID}")

    def refused(link_id: int, status: int = 422, **body: Any) -> Any:
        answer = places.client.patch(f"{LINKS}/{link_id}", json=body)
        assert answer.status_code == status, answer.text
        return [fault["place"] for fault in answer.json.get("faults", [])]

    assert refused(link["id"], display={"height_m": -1, "colour": None, "tour": "x", "takeover_s": None}) == [
        "display.height_m", "display.tour", "display.colour"]
    assert refused(link["id"]) == ["display"]
    assert refused(link["id"], name="x" * 201) == ["name"]
    assert refused(keeper["id"], name="x") == ["name"]
    assert refused(999, 404, name="x") == []
    part = Identity("li", ("administrator",), Scope((COMMUNITY,)))
    with monkeypatch.context() as patched:
        patched.setattr(identity, "of_environ", lambda *_: part)
        assert refused(link["id"], 404, name="x") == [], "it goes beyond the area"
    places.client.post(f"{LINKS}/{link['id']}/revoke", json={}).close()
    assert refused(link["id"], 410, name="x") == []


def test_a_renewal_says_how_long_what_is_open_goes_on_and_shortens_it_where_days_are_said(places: Web) -> None:
    link = made(places, days=100)
    wall = opened(places, link["token"])

    def renewed(**body: Any) -> str:
        answer = places.client.post(f"{LINKS}/{link['id']}/renew", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json["expires_at"]

    assert link["expires_at"] < renewed(), "400 days from now"
    assert link["expires_at"] > renewed(days=30)
    assert wall.get("/api/me").status_code == 200
    renewed(days=1e-9)
    places.app.extensions["shapan"].bearers.forget()
    assert wall.get("/api/me").status_code == 401


def test_when_a_wall_was_last_seen_is_on_record_to_the_minute(places: Web) -> None:
    link = made(places)
    bearers = places.app.extensions["shapan"].bearers

    def seen() -> Any:
        return places.client.get(LINKS).json["links"][0]["seen_at"]

    assert seen() is None
    wall = opened(places, link["token"])
    wall.get("/api/me")
    first = seen()
    bearers.forget()
    wall.get("/api/me")
    assert seen() == first, "within a minute nothing is written"
    run = places.objects.connection.execute
    run("UPDATE access_link SET seen_at = seen_at - interval '61 s'")
    with places.database.connect("worker") as other:  # whoever holds the row keeps nobody waiting
        other.execute("SELECT FROM access_link FOR UPDATE")
        bearers.forget()
        assert wall.get("/api/me").status_code == 200
    bearers.forget()
    wall.get("/api/me")
    assert seen() > first


def test_what_a_link_can_be_made_for_lies_within_the_area(places: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    places.objects.put("area", geometry=square(117.0, 31.0, 0.04), code=COMMUNITY[:9] + "000", level="street",
                       name="望江街道", area_code=COMMUNITY[:9] + "000", grid_code=COMMUNITY[:9] + "000000")

    def choices() -> dict[str, Any]:
        answer = places.client.get(f"{LINKS}/choices")
        assert answer.status_code == 200, answer.text
        return answer.json

    found = choices()
    assert [(area["level"], area["within"]) for area in found["areas"]] == [
        ("street", COMMUNITY[:9]), ("community", COMMUNITY), ("community", OTHER_COMMUNITY)]
    assert [(keeper["code"], keeper["grid"]) for keeper in found["keepers"]] == [(f"K{GRID}", GRID)]
    for area in found["areas"]:
        assert made(places, within=area["within"])["places"] == [area["within"]]
    part = Identity("li", ("administrator",), Scope((OTHER_COMMUNITY,)))
    monkeypatch.setattr(identity, "of_environ", lambda *_: part)
    assert [area["within"] for area in choices()["areas"]] == [OTHER_COMMUNITY]
    assert choices()["keepers"] == []
    monkeypatch.setattr(identity, "of_environ", lambda *_: Identity("o", ("operator",), Scope.everything()))
    assert places.client.get(f"{LINKS}/choices").status_code == 403
