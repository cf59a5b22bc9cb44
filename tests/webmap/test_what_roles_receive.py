"""What a browser receives of the sample city, role by role: nobody's name, telephone or identity number, ever; and for
those who may not count them no number of residents of a building but its class. A wall hears of alarms down to their
building.

Everything is asked by HTTP as a browser asks it: the page, every route that the role may read, the beginning of its
stream, the tiles of the whole city. What is looked for is read from the database and opened with its key.
"""

import gzip
import http.client
import json
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import mapbox_vector_tile
import morecantile
import pytest

from spatial import cipher
from spatial.rules import masks
from spatial.settings import Settings
from tests.fixtures.databases import copy_template, drop
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.services import UNTIL, Service, run_command, start
from tiles.layers import LAYERS
from webmap.identity import ROLES

TMS = morecantile.tms.get("WebMercatorQuad")
ZOOMS = (12, 14, 16)
TILES_MOST = 16

TOGETHER = (",".join(layer.name for layer in LAYERS if layer.permission == "picture.read"),
            *(layer.name for layer in LAYERS if layer.permission != "picture.read"))
"""Layers as they are asked for: in one tile those that everybody may see who sees a map."""

HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
DIGITS = re.compile(r"\d{11,17}[\dX]?")

CLASSES = frozenset(masks.CLASSES)


@dataclass(frozen=True)
class People:
    """Values of all residents, and how many live in each building."""

    names: frozenset[str]
    numbers: frozenset[str]
    buildings: dict[int, int]

    def told(self, text: str) -> set[str]:
        """Return whose values stand in a text, with whatever around them."""
        runs = HAN.findall(text)
        words = {run[at:at + length] for run in runs for length in (2, 3, 4) for at in range(len(run) - length + 1)}
        digits = {run[at:at + length] for run in DIGITS.findall(text) for length in (11, 18)
                  for at in range(len(run) - length + 1)}
        return (words & self.names) | (digits & self.numbers)


@pytest.fixture(scope="module")
def people(lived_in: Service) -> People:
    key = cipher.existing(lived_in.database.settings.key_file)
    connection = lived_in.database.connect("superuser")
    names, numbers = set(), set()
    for name, phone, number in connection.execute("SELECT name_sealed, phone_sealed, id_number_sealed FROM resident"):
        names.add(key.open(bytes(name)))
        numbers |= {key.open(bytes(value)) for value in (phone, number) if value}
    # Keepers and firms have names as well, which everybody may read, and some residents are called the same.
    public = " ".join(word for word, in connection.execute(
        "SELECT coalesce(name, '') FROM (SELECT name FROM keeper UNION ALL SELECT name FROM organisation UNION ALL "
        "SELECT name FROM building UNION ALL SELECT name FROM road UNION ALL SELECT name FROM place) AS named"))
    buildings = dict(connection.execute("SELECT building_id, residents FROM building_tally").fetchall())
    assert len(names) > 1000
    assert len(numbers) > 1000
    return People(frozenset(name for name in names if name not in public), frozenset(numbers), buildings)


@dataclass
class Browser:
    """Asks as a browser with a role's cookie; keeps one connection open."""

    service: Service
    role: str

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(self.service.url).netloc, timeout=30)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(self, path: str) -> tuple[int, str, bytes]:
        """Return status, media type and body, unpacked."""
        self._connection.request("GET", path, headers={"Cookie": f"shapan_role={self.role}", "Accept-Encoding": "gzip"})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return answer.status, answer.headers.get_content_type(), body

    def json(self, path: str) -> Any:
        status, _, body = self.ask(path)
        assert status == 200, f"{self.role}: {path}: {status} {body[:300]!r}"
        return json.loads(body)

    def send(self, path: str, body: Any) -> tuple[int, bytes]:
        """Send JSON; return status and body."""
        self._connection.request("POST", path, json.dumps(body), {
            "Cookie": f"shapan_role={self.role}", "Content-Type": "application/json"})
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def stream(self) -> bytes:
        """Return what a stream begins with."""
        own = http.client.HTTPConnection(urlsplit(self.service.url).netloc, timeout=30)
        own.request("GET", "/api/live", headers={"Cookie": f"shapan_role={self.role}"})
        answer = own.getresponse()
        read = b""
        while answer.status == 200 and not (b"event: snapshot" in read and read.endswith(b"\n\n")):
            read += answer.readline()
        own.close()
        return read


OWN_TESTS = re.compile(r"^/(tiles|raster|terrain|models|health)/|/api/live$|\{(z|name|names|code|path|form)\}")
"""Routes that are asked for apart, or that hold files and no rows."""

QUERIES = {
    "/api/picture": ["?at={now}"],
    "/api/kpi/history": ["?measure=residents&from=2026-10-30&to=2026-11-01"],
    "/api/entry-rate": [f"?level={level}" for level in ("street", "grid", "building")],
    "/api/entry-rate/places": [f"?within={code}" for code in ("", COMMUNITY, GRID)],
    "/api/rollup": [f"?level={level}" for level in ("grid", "building")],
    "/api/buildings/footprints": ["?ids=1,2,3"],
    "/api/search": ["?q=%E6%99%B4%E5%B7%9D", "?q=%E7%8E%8B"],
    "/api/events": ["", "?limit=1000"],
    "/api/events/points": ["?from=2026-10-01T00:00:00Z&to=2026-11-02T00:00:00Z"],
    "/api/tasks": ["?limit=1000"],
    "/api/changes": ["?after=0&limit=1000"],
}
"""What a route wants behind the question mark, or how it tells most."""


def paths(document: dict[str, Any], ids: dict[str, list[Any]], now: str) -> Iterator[str]:
    """Return addresses of all routes that the description of the interface lets one read."""
    yield from ("/", "/data", "/audit", "/ogc/collections", "/ogc/collections/buildings/items?limit=1000&f=json")
    for path, operations in document["paths"].items():
        if "get" not in operations or OWN_TESTS.search(path):
            continue
        parts = re.findall(r"\{(\w+)\}", path)
        if not parts:
            yield from (path + query.replace("{now}", now) for query in QUERIES.get(path, [""]))
        elif len(parts) == 1:
            yield from (path.replace(f"{{{parts[0]}}}", str(one)) for one in ids.get(parts[0], [1, 2]))


def city_tiles(bounds: tuple[float, float, float, float]) -> Iterator[str]:
    west, south, east, north = bounds
    for zoom in ZOOMS:
        found = list(TMS.tiles(west, south, east, north, [zoom]))
        step = max(1, len(found) // TILES_MOST)
        yield from (f"{tile.z}/{tile.x}/{tile.y}" for tile in found[::step])


def residents_of(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each number that is called one of residents or households, wherever it stands in JSON."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("residents", "households") and isinstance(inner, int):
                yield name, inner
            yield from residents_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from residents_of(inner)


NOTE = "走廊尽头有烟，联系人赵铁柱"
"""What a gateway writes into an alarm."""

WARNING = {
    "identifier": "W1", "sender": "test@example", "sent": "2026-10-31T08:00:00+08:00", "status": "Actual",
    "msgType": "Alert", "info": [{
        "category": ["Met"], "event": "暴雨", "urgency": "Immediate", "severity": "Severe", "certainty": "Observed",
        "expires": "2099-01-01T00:00:00+08:00", "area": [{"areaDesc": "全域", "geocode": [
            {"valueName": "code", "value": "999001"}]}]}]}


@pytest.fixture(scope="module")
def lived_in(cluster: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield a service over a small city with alarms, a warning and tasks."""
    folder = tmp_path_factory.mktemp("roles")
    with ExitStack() as cleaning:
        database = copy_template(cluster, folder / "home")
        cleaning.callback(drop, cluster, database)
        run_command("sample", str(folder / "city"), "--size", "small", "--until", UNTIL)
        run_command("import", "all", str(folder / "city" / "sandbox.gpkg"), environment=database.environment)
        service = start(database, folder)
        cleaning.callback(service.stop, signal.SIGKILL)
        connection = database.connect("superuser")
        devices = [code for code, in connection.execute(
            "SELECT code FROM device WHERE building_id IS NOT NULL AND room_id IS NOT NULL ORDER BY code LIMIT 5")]
        rooms = [one for one, in connection.execute("SELECT id FROM room ORDER BY id LIMIT 3")]
        connection.rollback()
        for path, body in (
                ("/api/alarms", {"alarms": [{"source": "gw", "event_id": code, "device": code, "severity": "critical",
                                             "type": "smoke", "occurred_at": UNTIL, "note": NOTE}
                                            for code in devices]}),
                ("/api/warnings", WARNING),
                ("/api/tasks", {"tasks": [{"kind": "visit", "title": "入户走访", "target_kind": "room",
                                           "target_id": room, "due_at": "2099-01-01T00:00:00Z"} for room in rooms]})):
            with closing(Browser(service, "all")) as browser:
                status, told = browser.send(path, body)
            assert status == 201, told
        yield service


@pytest.fixture(scope="module")
def ids(lived_in: Service) -> dict[str, list[Any]]:
    """Return some objects of each kind; of buildings those whose number of residents is no class."""
    connection = lived_in.database.connect("superuser")

    def some(statement: str) -> list[Any]:
        return [one for one, in connection.execute(statement)]

    return {
        "building_id": some("SELECT building_id FROM building_tally WHERE residents NOT IN (0, 1, 5, 10) "
                            "ORDER BY residents % 7, building_id LIMIT 12"),
        "room_id": some("SELECT DISTINCT room_id FROM household JOIN resident ON household_id = household.id "
                        "WHERE care <> '{}' ORDER BY room_id LIMIT 12"),
        "alarm_id": some("SELECT id FROM alarm ORDER BY id"),
        "event_id": some("SELECT id FROM event ORDER BY id DESC LIMIT 20"),
        "task_id": some("SELECT id FROM task ORDER BY id DESC LIMIT 5"),
        "warning_id": some("SELECT id FROM warning"),
    }


@pytest.fixture(scope="module")
def received(lived_in: Service, ids: dict[str, list[Any]]) -> dict[str, dict[str, tuple[str, bytes]]]:
    """Return all that each role receives: address → media type and body."""
    with closing(Browser(lived_in, "all")) as everything:
        document = everything.json("/api/openapi.json")
        now = everything.json("/api/live/snapshot")["now"].replace("+", "%2B")
        bounds = everything.json("/tiles/buildings.json")["bounds"]
    found: dict[str, dict[str, tuple[str, bytes]]] = {}
    for role in ("all", *ROLES):
        asked = [*paths(document, ids, now), *(f"/tiles/{names}/{tile}.mvt" for tile in city_tiles(bounds)
                                               for names in TOGETHER)]
        with closing(Browser(lived_in, role)) as browser:
            got = {path: browser.ask(path) for path in asked}
            stream = browser.stream()
        assert not [path for path, (status, *_) in got.items() if status >= 500]
        found[role] = {path: (kind, body) for path, (status, kind, body) in got.items() if status == 200}
        found[role]["/api/live"] = ("text/event-stream", stream)
    return found


def test_a_wall_is_told_of_no_keeper(lived_in: Service, received: dict[str, dict[str, tuple[str, bytes]]]) -> None:
    rows = lived_in.database.connect("superuser").execute("SELECT name, phone FROM keeper").fetchall()
    kept = {word.encode() for row in rows for word in row if word}
    assert kept
    told = {role: [path for path, (_, body) in received[role].items() if any(word in body for word in kept)]
            for role in ("wall", "viewer")}
    assert told["wall"] == []
    assert any(path.startswith("/api/buildings/") for path in told["viewer"]), "whoever reads cards sees whom to call"


def stepped_through(service: Service, alarm_id: int, listener: http.client.HTTPResponse) -> list[dict[str, Any]]:
    """Take an alarm through its life and return what a stream says of it meanwhile."""
    told: list[dict[str, Any]] = []
    an_hour_on = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    with closing(Browser(service, "all")) as operator:
        for word, body in (("acknowledge", {}), ("shelve", {"until": an_hour_on}), ("clear", {}), ("close", {})):
            status, answer = operator.send(f"/api/alarms/{alarm_id}/{word}", body | {"note": NOTE})
            assert status == 200, answer
            name, said = "", None
            while said is None or said["id"] != alarm_id:
                line = listener.readline().decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: ") and name in ("brief", "alarm"):
                    said = {"event": name, **json.loads(line[6:])}
            told.append(said)
    return told


def test_a_wall_hears_of_alarms_and_of_no_room_no_device_and_nothing_that_was_written(
        lived_in: Service, received: dict[str, dict[str, tuple[str, bytes]]]) -> None:
    connection = lived_in.database.connect("superuser", autocommit=True)
    rows = connection.execute(
        "SELECT alarm.id, device.code, device.name FROM alarm JOIN device ON device.id = device_id "
        "WHERE alarm.room IS NOT NULL ORDER BY alarm.id").fetchall()
    assert len(rows) == 5
    secrets = {NOTE, *(row[1] for row in rows), *(row[2] for row in rows if row[2])}
    heard = {}
    for role in ("wall", "viewer"):
        own = http.client.HTTPConnection(urlsplit(lived_in.url).netloc, timeout=30)
        own.request("GET", "/api/live", headers={"Cookie": f"shapan_role={role}"})
        alarm_id = rows[0][0] if role == "wall" else rows[1][0]
        with closing(own), closing(own.getresponse()) as stream:
            heard[role] = stepped_through(lived_in, alarm_id, stream)
    assert [(one["event"], one["state"]) for one in heard["wall"]] == [
        ("brief", state) for state in ("active_ack", "active_ack", "cleared_ack", "closed")]
    assert {one["event"] for one in heard["viewer"]} == {"alarm"}
    in_snapshot = json.loads(received["wall"]["/api/live/snapshot"][1])["briefs"]
    assert [one["id"] for one in in_snapshot] == [row[0] for row in reversed(rows)]
    for one in (*heard["wall"], *in_snapshot):
        assert not {"room", "unit", "floor", "z", "z_m", "note", "device_code", "device_name", "device_kind", "source",
                    "event_id", "assignee", "group_id"} & set(one)
    told = {path: [word for word in secrets if word.encode() in body]
            for path, (_, body) in received["wall"].items()}
    told["stream"] = [word for word in secrets if word in json.dumps(heard["wall"], ensure_ascii=False)]
    assert {path: words for path, words in told.items() if words} == {}
    assert any(word.encode() in body for word in secrets for _, body in received["viewer"].values()), "it is there"


def test_the_walk_goes_through_what_there_is(received: dict[str, dict[str, tuple[str, bytes]]]) -> None:
    """A walk that finds nothing because it sees nothing proves nothing."""
    for role in ("all", "operator", "viewer", "importer", "administrator"):
        got = received[role]
        assert len(got) > 100, role
        for beginning in ("/api/rooms/", "/api/buildings/", f"/tiles/{TOGETHER[0]}/16/", "/api/events/", "/api/search"):
            assert any(path.startswith(beginning) for path in got), (role, beginning)
        assert b"event: snapshot" in got["/api/live"][1]
        assert "/dossier" in " ".join(got)
    assert "/audit" in received["administrator"]
    assert "/data" in received["importer"]
    assert b"residents" in received["wall"]["/api/counts"][1]


def test_nobody_receives_a_name_a_telephone_or_an_identity_number_of_a_resident(
        received: dict[str, dict[str, tuple[str, bytes]]], people: People) -> None:
    name, number = next(iter(people.names)), next(iter(people.numbers))
    # A name may begin another one.
    assert {name, number} <= people.told(f"住户{name}，电话{number}。"), "it finds what it looks for"
    found = {(role, path): told for role, got in received.items() for path, (_, body) in got.items()
             if (told := people.told(body.decode(errors="ignore")))}
    assert found == {}


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"operator"}))
def test_a_role_that_may_not_count_receives_classes(
        received: dict[str, dict[str, tuple[str, bytes]]], people: People, role: str) -> None:
    got = received[role]
    of_one = [path for path in got if re.match(r"/api/(buildings/\d+|rooms/\d+|alarms/\d+/dossier)", path)]
    for path in of_one:
        numbers = list(residents_of(json.loads(got[path][1])))
        assert {number for _, number in numbers} <= CLASSES, path
    for rate in json.loads(got["/api/entry-rate?level=building"][1])["rates"] if of_one else []:
        if rate["kind"] == "population":
            assert {rate["recorded"], rate["numerator"], rate["denominator"], rate["rate"]} == {None}
    seen = 0
    for path, (kind, body) in got.items():
        if not path.startswith("/tiles/") or kind != "application/vnd.mapbox-vector-tile" or not body:
            continue
        for feature in mapbox_vector_tile.decode(body).get("buildings", {"features": []})["features"]:
            cells = "buildings" in feature["properties"]
            count = feature["properties"]["residents"]
            assert count in CLASSES or cells and count % 10 == 0, path
            seen += not cells
    open_layer = json.loads(got["/ogc/collections/buildings/items?limit=1000&f=json"][1])["features"] if of_one else []
    assert {feature["properties"]["residents"] for feature in open_layer} <= CLASSES
    assert seen > 0 or "picture.read" not in ROLES[role]


def test_an_operator_receives_the_numbers_as_they_are(
        received: dict[str, dict[str, tuple[str, bytes]]], people: People, ids: dict[str, list[Any]]) -> None:
    for building in ids["building_id"]:
        card = json.loads(received["operator"][f"/api/buildings/{building}"][1])
        assert card["counts"]["residents"] == people.buildings[building]
        assert people.buildings[building] not in CLASSES
