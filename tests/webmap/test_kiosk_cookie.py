"""What a wall's own session, bound to one community, can get by any address: no person, no words of people, no place
outside its community; and it can change nothing."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from flask.testing import FlaskClient
from werkzeug.routing import Rule

from spatial import cipher
from spatial.jobs import rollup
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID, square
from tests.fixtures.web import Web

SECRETS = ("王秘密", "周网格", "10012345678", "13900001111", "报送科甲", "告警备注甲", "事件标题甲", "任务标题甲",
           "D-内", "D-外")
"""A resident, a keeper and telephones; who declared a total; what people and gateways wrote; devices."""

OUTSIDE = ("外面大厦", "外面社区", "外面网格", OTHER_COMMUNITY, OTHER_GRID)
READING = ("/items", "/api/me/role")
"""What may be sent to by whoever may read: a filter that is too long for an address; which role the demo account plays,
which no other account has (403)."""

ENDLESS = {"/api/live"}
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
TEXTS = {"code": (GRID, OTHER_GRID, COMMUNITY, OTHER_COMMUNITY, "B内", "B外", "D-内", f"K{GRID}"),
         "style": ("day", "night", "wall"), "collection_id": ("buildings", "grids", "areas", "devices", "events"),
         "layer": ("buildings", "grids", "areas", "devices"), "layers": ("buildings", "grids", "areas")}
QUERIES = ("", f"?within={COMMUNITY}", f"?within={OTHER_COMMUNITY}", f"?within={OTHER_GRID}", "?level=building",
           "?level=grid", "?level=community", "?ids=1,2,3,4,5,6", f"?q={quote('外面')}", f"?q={quote('王秘密')}",
           "?f=json", "?measure=residents&from=2026-01-01&to=2026-01-02", "?lang=en")


def town(web: Web) -> None:
    """Put two communities on record, alike but for their names, with everything that a wall must not tell."""
    objects, key = web.objects, cipher.from_file(web.app.extensions["shapan"].settings.key_file)
    now = datetime.now(UTC)
    for community, grid, west, where in ((COMMUNITY, GRID, 117.0, "内"), (OTHER_COMMUNITY, OTHER_GRID, 117.02, "外")):
        place = {"area_code": community, "grid_code": grid}
        objects.community(community, west=west, name="外面社区" if where == "外" else "望江社区")
        objects.put("grid", geometry=square(west, 31.0, 0.02), code=grid,
                    name="外面网格" if where == "外" else "第一网格", **place)
        objects.put("keeper", code=f"K{grid}", name="周网格", phone="10012345678", **place)
        building = objects.building(f"B{where}", west=west + 0.005, grid=grid,
                                    name="外面大厦" if where == "外" else "望江苑")
        objects.room(building, residents=1, grid=grid)
        for of, code in ((None, grid), (None, community + "000"), (building, grid)):
            objects.put("expected", kind="housing", value=4, declared_by="报送科甲", as_of="2025-12-31", building_id=of,
                        area_code=community, grid_code=code)
        objects.device(f"D-{where}", building, lon=west + 0.0052, grid=grid)
        objects.put("event", geometry=f"POINT({west + 0.005} 31.005)", code=f"E{where}", class_code="0102",
                    title="事件标题甲", state="open", told="open", occurred_at=now, **place)
        for path, body in (
                ("/api/alarms", {"alarms": [{"source": "gw", "event_id": where, "device": f"D-{where}", "type": "smoke",
                                             "severity": "critical", "occurred_at": now.isoformat(),
                                             "note": "告警备注甲"}]}),
                ("/api/tasks", {"tasks": [{"kind": "visit", "title": "任务标题甲", "target_kind": "building",
                                           "target_id": building, "due_at": (now + timedelta(days=1)).isoformat()}]})):
            answer = web.client.post(path, json=body)
            assert answer.status_code == 201, answer.text
    objects.connection.execute("UPDATE resident SET name_sealed = %s, phone_sealed = %s",
                               (key.seal("王秘密"), key.seal("13900001111")))
    web.sequence()
    rollup.follow(objects.connection, rollup.Progress())


def kiosk(web: Web) -> FlaskClient:
    link = web.client.post("/api/access-links", json={"kind": "kiosk", "name": "hall", "within": COMMUNITY}).json
    browser = web.app.test_client()
    assert browser.post("/api/access-links/exchange", json={"token": link["token"]}).status_code == 200
    return browser


def addresses_of(rule: Rule) -> Iterator[str]:
    """Fill in a route: each integer with ids inside and outside, each text with what may stand there."""
    names = re.findall(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", rule.rule)
    for at in range(1, 9):
        path = rule.rule
        for kind, name in names:
            texts = TEXTS.get(name, ("buildings", "1", COMMUNITY, OTHER_COMMUNITY))
            filled = str(at) if kind == "int" else texts[(at - 1) % len(texts)]
            path = re.sub(rf"<(?:\w+(?:\([^)]*\))?:)?{name}>", quote(filled), path, count=1)
        yield path
        if not names:
            return


def test_a_walls_session_gets_no_person_no_words_of_people_and_no_place_outside_by_any_address(web: Web) -> None:
    town(web)
    wall = kiosk(web)
    assert wall.get("/api/me").json["scope"] == [COMMUNITY]
    asked, answered, wrong = 0, set(), []
    for rule in web.app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.rule in ENDLESS or rule.rule.startswith("/static/"):
            continue
        for path in addresses_of(rule):
            for query in QUERIES:
                answer = wall.get(path + query)
                asked += 1
                if answer.status_code == 200:
                    answered.add(rule.rule)
                    text = answer.data.decode("utf-8", "replace")
                    text += ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
                    # What the wall itself asked with is no news to it.
                    words = [word for word in (*SECRETS, *OUTSIDE) if word in text and word not in path + query]
                    wrong += [(path + query, word) for word in words]
                answer.close()
    assert wrong == []
    assert {"/api/kpi", "/api/grids", "/api/entry-rate", "/api/rollup", "/api/live/snapshot", "/wall"} <= answered
    assert asked > 1000

    stream = iter(wall.get("/api/live").response)
    began = b"".join(next(stream) for _ in range(2)).decode()
    assert "briefs" in began
    assert [word for word in (*SECRETS, *OUTSIDE) if word in began] == []


def test_a_walls_session_changes_nothing_by_any_address(web: Web) -> None:
    town(web)
    wall, tried, let_in = kiosk(web), 0, []
    for rule in web.app.url_map.iter_rules():
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
            if rule.rule.startswith("/api/access-links/") and rule.rule.endswith(("/exchange", "/leave")):
                continue  # open a link, and end one's own session
            for path in addresses_of(rule):
                answer = wall.open(path, method=method, json={})
                tried += 1
                refused = (403, 404) if not rule.rule.endswith(READING) else range(400, 500)
                if answer.status_code not in refused:
                    let_in.append((method, path, answer.status_code))
                answer.close()
    assert let_in == []
    assert wall.post("/api/me/role", json={"role": "all"}).status_code == 403
    assert tried > 40
