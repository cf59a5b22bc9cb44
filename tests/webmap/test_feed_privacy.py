"""The change feed, and all that is made of it, names no resident or keeper, and repeats nothing that people wrote."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from spatial import cipher
from spatial.jobs import rollup
from spatial.queries import webhooks
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.web import Web
from webmap.kinds import KINDS

RESIDENT, PHONE, NUMBER = "欧阳修文", "13812348000", "11010519491231002X"
KEEPER = f"K{GRID}"
KEEPERS_OWN = ("周网格", "10012345678")
WRITTEN = "王翠花反映邻居李小龙 13900001111"
"""What people write into titles, places, notes and results."""

SECRETS = (RESIDENT, PHONE, NUMBER, *KEEPERS_OWN, "王翠花", "李小龙", "13900001111")
NOW = datetime.now(UTC)


def post(web: Web, path: str, **body: Any) -> Any:
    answer = web.client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json


def live_through_a_day(web: Web) -> None:
    """Let everything happen that the feed tells of, with names wherever people can put them."""
    objects = web.objects
    sealer = cipher.from_file(web.app.extensions["shapan"].settings.key_file)
    objects.community()
    objects.grid()
    objects.keeper()
    place = {"area_code": COMMUNITY, "grid_code": GRID}
    building = objects.building("B1", name="一号楼")
    room = objects.room(building)
    household = objects.put("household", building_id=building, room_id=room, number="2", **place)
    objects.put("resident", building_id=building, household_id=household, care=["elderly_alone"],
                name_sealed=sealer.seal(RESIDENT), phone_sealed=sealer.seal(PHONE),
                id_number_sealed=sealer.seal(NUMBER), **place)
    objects.device("D1", building_id=building, room_id=room, floor=1)
    post(web, "/api/devices/readings", readings=[
        {"source": "gw", "device": "D1", "at": NOW.isoformat(), "values": {"smoke": 1}}])
    post(web, "/api/alarms", alarms=[
        {"source": "gw", "event_id": "e", "device": "D1", "severity": "major", "type": "gas", "note": WRITTEN,
         "occurred_at": NOW.isoformat()}])
    alarm = web.client.get("/api/alarms").json["alarms"][0]["id"]
    for step in ("acknowledge", "comment", "clear", "close"):
        post(web, f"/api/alarms/{alarm}/{step}", note=WRITTEN)
    post(web, "/api/keepers/positions", positions=[
        {"keeper": KEEPER, "lon": 117.005, "lat": 31.005, "at": NOW.isoformat()}])
    event = post(web, "/api/events", events=[
        {"source": "12345", "code": "E1", "class_code": "0102", "title": WRITTEN, "place": WRITTEN, "lon": 117.005,
         "lat": 31.005, "occurred_at": NOW.isoformat()}])["ids"][0]
    for step in ("accept", "finish"):
        post(web, f"/api/events/{event}/{step}", note=WRITTEN)
    task = post(web, "/api/tasks", tasks=[
        {"kind": "check", "title": WRITTEN, "target_kind": "building", "target_id": building, "note": WRITTEN,
         "due_at": (NOW + timedelta(days=1)).isoformat()}])["ids"][0]
    post(web, f"/api/tasks/{task}/done", note=WRITTEN, result=WRITTEN)
    post(web, "/api/warnings", identifier="w", sender="test@example.org", sent=NOW.isoformat(), status="Actual",
         msgType="Alert", scope="Public", info=[{
             "category": ["Met"], "event": "暴雨", "urgency": "Immediate", "severity": "Severe", "certainty": "Likely",
             "area": [{"areaDesc": "望江", "geocode": [{"valueName": "grid", "value": GRID}]}]}])
    post(web, "/api/plans", community=COMMUNITY, title=WRITTEN)
    web.sequence()
    rollup.follow(web.database.connect("worker", autocommit=True), rollup.Progress())
    web.sequence()


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a JSON value, names of members included."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts(member)
    elif isinstance(value, str):
        yield value


def test_nothing_that_is_told_holds_a_name_a_telephone_or_what_people_wrote(web: Web) -> None:
    live_through_a_day(web)
    connection = web.database.connect("worker", autocommit=True)
    told = connection.execute("SELECT kind, payload FROM outbox WHERE kind <> 'placed'").fetchall()
    assert {kind for kind, _ in told} == set(KINDS)
    for kind, payload in told:
        for text in texts(payload):
            assert not any(secret in text for secret in SECRETS), (kind, text)

    answer = web.client.get("/api/changes", query_string={"kinds": ",".join(KINDS), "limit": 1000})
    changes = answer.json["changes"]
    assert {change["kind"] for change in changes} == set(KINDS)
    hook = webhooks.make(connection, "http://127.0.0.1:1/in", [kind for kind in KINDS if kind != "tiles"], b"", "test",
                         Scope.everything(), 0)
    bodies = []
    while True:
        with connection.transaction():
            message = webhooks.prepare(connection, hook, dict(webhooks.due(connection))[hook])
            if isinstance(message, int):
                break
            webhooks.confirm(connection, message, "204")
        bodies.append(json.loads(message.body))
    sent = [change for body in bodies for change in body["data"]["changes"]]
    assert {change["kind"] for change in sent} == set(KINDS) - {"tiles"}
    for where in (changes, bodies, json.loads(web.client.get("/api/live/snapshot").text)):
        for text in texts(where):
            assert not any(secret in text for secret in SECRETS), text
