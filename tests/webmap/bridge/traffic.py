"""What the tests of the bridge send, where it goes, and how often it is counted."""

import json
import threading

import psycopg

from tests.fixtures.mqtt import Broker, count
from tests.fixtures.objects import Objects

AT = "2026-11-01T08:00:00+08:00"
DEVICES = 20

FILE = """
broker: {{host: 127.0.0.1, port: {port}, {more}}}
source: test
in_flight: {in_flight}
routes:
- topic: gateway/{{vendor}}/device/{{device}}/alarm
  kind: alarms
  fields:
    source: {{text: "{{vendor}}"}}
    event_id: id
    device: {{text: "{{device}}"}}
    severity: {{path: level, values: {{1: critical, 2: major}}}}
    type: kind
    occurred_at: at
- topic: batch/#
  kind: alarms
  items: data.items[*]
  fields: {{device: dev, severity: {{value: minor}}, type: what, occurred_at: {{path: $.t, time: epoch_s}}}}
- topic: events
  kind: events
  fields: {{code: code, class_code: class, title: title, lon: x, lat: y, occurred_at: at}}
- topic: climate/{{device}}
  kind: readings
  fields: {{device: {{text: "{{device}}"}}, at: at, values.temperature: t}}
- topic: keeper/{{keeper}}
  kind: positions
  fields: {{keeper: {{text: "{{keeper}}"}}, lon: x, lat: y, at: at}}
"""


def file(broker: Broker, more: str = "client_id: bridge", in_flight: int = 1000, port: int | None = None) -> str:
    """Return the text of a bridge's file: ``more`` of the broker, in YAML."""
    return FILE.format(port=port or broker.port, more=more, in_flight=in_flight)


def furnish(connection: psycopg.Connection) -> None:
    """Put a grid, its keeper and the devices on record."""
    objects = Objects(connection)
    objects.community()
    objects.grid()
    objects.keeper()
    for number in range(DEVICES):
        objects.device(f"D{number}")


def alarm(number: int, device: str | None = None) -> tuple[str, bytes]:
    """Return a message of one of the devices; every 140th is of the same alarm."""
    said = {"id": f"m{number}", "level": 1 + number % 2, "kind": f"smoke-{number % 7}", "at": AT}
    return f"gateway/hk/device/{device or f'D{number % DEVICES}'}/alarm", json.dumps(said).encode()


def on_record(connection: psycopg.Connection) -> tuple[int, int, int]:
    """Return how many messages are on record, and by alarms and by their steps how often they were counted."""
    counted = connection.execute("SELECT coalesce(sum(1 + repeats), 0) FROM alarm").fetchone()[0]
    steps = connection.execute("SELECT count(*) FROM alarm_step WHERE step IN ('raised', 'repeated')").fetchone()[0]
    return count(connection, "alarm_message"), int(counted), steps


def send(broker: Broker, numbers: range) -> threading.Thread:
    """Publish alarms from a thread, so that other things may happen meanwhile."""
    thread = threading.Thread(target=broker.publish, args=([alarm(number) for number in numbers],))
    thread.start()
    return thread
