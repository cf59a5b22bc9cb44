"""What gateways send wrongly, by HTTP and by MQTT: both doors leave the same on record, and streams tell of it."""

import http.client
import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from spatial.queries import bridge_rejects
from spatial.queries.alarms import strays
from tests.fixtures.mqtt import Broker, count
from tests.fixtures.objects import Objects
from tests.fixtures.services import Service, StartService
from tests.fixtures.waiting import until
from tests.webmap.test_live import Listener

FILE = """
broker: {{host: 127.0.0.1, port: {port}}}
routes:
- topic: alarms
  kind: alarms
  fields: {{source: source, event_id: event_id, device: device, severity: severity, type: type,
           occurred_at: occurred_at, cleared: {{path: cleared, default: false}}, note: note}}
"""

NOW = datetime.now(UTC)
HTML = "<img src=x onerror=alert(1)>烟感"


def said(door: str) -> list[bytes]:
    """Return what a gateway says at a door, one message after the other."""
    def message(event_id: str, minutes: float, type_: str = "smoke", **values: Any) -> bytes:
        return json.dumps({"source": door, "event_id": event_id, "device": f"D-{door}", "severity": "major",
                           "type": type_, "occurred_at": (NOW + timedelta(minutes=minutes)).isoformat(),
                           **values}).encode()

    return [
        message("raised", -10, note=HTML), message("raised", -10, note=HTML),
        b"x" * 10_000_000, b'{"source": "\xff\xfe"}', b"<html>Bad Gateway</html>",
        message("out of order", -8), message("between", -9), message("cleared", -5, cleared=True),
        message("late", -7), message("ahead", 180, "gas"), message("never set", -30 * 365 * 24 * 60, "water"),
        message("stray", -4, device="nobody"), message("stray", -4, device="nobody"), message("last", -1, "tilt"),
    ]


WHAT = """
SELECT type, active, note, clock_doubt, repeats, occurred_at <= now() AND occurred_at > now() - interval '1 hour'
FROM alarm WHERE source = %s ORDER BY type
"""
STEPS = """
SELECT step, count(*) FROM alarm_step JOIN alarm ON alarm.id = alarm_id WHERE source = %s GROUP BY step ORDER BY step
"""


def by_http(service: Service) -> list[tuple[int, int, int]]:
    """Send each message by itself; return status, and how many were taken and known."""
    answers = []
    for payload in said("http"):
        connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=20)
        # The service has answered before it was sent all of a body that is too long.
        with suppress(ConnectionError):
            connection.request("POST", "/api/alarms", b'{"alarms": [%s]}' % payload,
                               {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        answers.append((answer.status, body.get("taken", 0), body.get("already_known", 0)))
        connection.close()
    return answers


def converge(listener: Listener, connection: psycopg.Connection) -> None:
    """Read a stream until it has told every alarm as it is on record."""
    on_record = {row[0]: row[1:] for row in connection.execute("SELECT id, active, repeats FROM alarm")}
    told: dict[int, tuple[bool, int]] = {}
    deadline = time.monotonic() + 20
    while told != on_record:
        event = listener.next("alarm", "heartbeat")
        if event.name == "alarm":
            told[event.data["id"]] = (event.data["active"], event.data["repeats"])
        assert time.monotonic() < deadline, told


def test_wrong_late_double_and_strange_messages_leave_the_same_on_record_by_either_door(
        start_service: StartService, broker: Broker, tmp_path: Path) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_text(FILE.format(port=broker.port), encoding="utf-8")
    service = start_service(words=("--bridge", str(file)))
    worker = service.database.connect("worker", autocommit=True)
    objects = Objects(worker)
    building = objects.building("B1")
    for door in ("http", "mqtt"):
        objects.device(f"D-{door}", building_id=building)
    until(lambda: '"connected to the broker' in service.log.read_text(), log=service.log)
    listener = Listener(service.url)
    listener.next("snapshot")

    broker.publish([("alarms", payload) for payload in said("mqtt")])
    assert by_http(service) == [
        (201, 1, 0), (201, 0, 1), (413, 0, 0), (400, 0, 0), (400, 0, 0), (201, 1, 0), (201, 1, 0), (201, 1, 0),
        (201, 1, 0), (201, 1, 0), (201, 1, 0), (422, 0, 0), (422, 0, 0), (201, 1, 0)]
    until(lambda: worker.execute("SELECT EXISTS (SELECT FROM alarm WHERE source = 'mqtt' AND type = 'tilt')"
                                 ).fetchone()[0], log=service.log)
    until(lambda: bridge_rejects.count(worker) == 3, log=service.log)

    found = {door: (worker.execute(WHAT, [door]).fetchall(), worker.execute(STEPS, [door]).fetchall())
             for door in ("http", "mqtt")}
    assert found["http"] == found["mqtt"]
    alarms, steps = found["http"]
    # What lies ahead, and what lies before every device, happened when it came.
    assert alarms == [("gas", True, None, True, 0, True), ("smoke", False, HTML, False, 3, True),
                      ("tilt", True, None, False, 0, True), ("water", True, None, True, 0, True)]
    assert dict(steps)["raised"] == 4
    assert count(worker, "alarm_message") == 2 * 8
    assert [(one.device, one.count) for one in strays.waiting(worker, 10)] == [("nobody", 2)]
    assert {reject.reason.split(" (")[0].split(";")[0] for reject in bridge_rejects.recent(worker, 10)} == {
        "has 10000000 bytes", "not text in UTF-8", "not JSON: Expecting value: line 1 column 1"}
    converge(listener, worker)
    listener.connection.close()
