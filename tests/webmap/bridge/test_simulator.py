"""The simulator against the service, by MQTT and the bridge of the documented file: what it counted is on record."""

import threading
from pathlib import Path

import psycopg
import pytest

from sample_gis import fieldwork, live, operators, readings, staff
from sample_gis.live import Wanted
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.mqtt import Broker, MakeBridge
from tests.fixtures.objects import COMMUNITY, Objects
from tests.fixtures.services import StartService
from tests.fixtures.waiting import until

FILE = Path(__file__).parents[3] / "docs" / "examples" / "bridge-simulator.yaml"
KINDS = ("gas", "smoke", "elevator", "camera", "manhole", "water_meter", "access_control")

SEEN = """
SELECT EXISTS (SELECT FROM alarm WHERE source = 'rule:gas_high' AND type = 'gas'),
       EXISTS (SELECT FROM alarm_step WHERE account = 'demo' AND step = 'acknowledged'),
       EXISTS (SELECT FROM event WHERE accepted_at IS NOT NULL AND done_at IS NOT NULL)
"""

ON_RECORD = """
SELECT (SELECT count(*) FROM alarm_message WHERE source = 'simulator'),
       (SELECT count(DISTINCT (device_id, at)) FROM device_reading),
       (SELECT count(*) FROM keeper_track), (SELECT count(*) FROM event)
"""


@pytest.fixture
def worker(database: OwnDatabase) -> psycopg.Connection:
    """Return a connection to a database with a grid, its keeper and some devices of a house."""
    connection = database.connect("worker", autocommit=True)
    objects = Objects(connection)
    objects.community()
    objects.grid()
    keeper = f"{COMMUNITY}001"
    objects.put("keeper", code=f"K{keeper[-6:]}", name="周网格", phone="10012345678", area_code=keeper[:12],
                grid_code=keeper)
    house = objects.building()
    for kind in KINDS:
        for number in range(8):
            objects.device(f"{kind}-{number}", house, kind=kind, floor=number % 4 + 1)
    return connection


def test_what_the_simulator_sends_by_mqtt_and_http_is_on_record_counted_and_people_handle_it(
    worker: psycopg.Connection, database: OwnDatabase, broker: Broker, make_bridge: MakeBridge,
    start_service: StartService, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = make_bridge(database, FILE.read_text(encoding="utf-8").replace("port: 1883", f"port: {broker.port}"))
    bridge.start(connected=False)
    service = start_service()
    until(lambda: bridge.told("connected to the broker") > 0)
    # What takes minutes takes parts of a second.
    for module, name, value in (
            (staff, "DESK_EVERY_S", 0.3), (staff, "FIELD_EVERY_S", 0.3), (operators, "COMMENTS", 1.0),
            (fieldwork, "WALKS_AT_MOST_S", 0.2), (fieldwork, "WORK_S", 0.2), (fieldwork, "LATE", 0.0),
            (readings, "RISE_S", 0.2), (readings, "WATCH_S", 0.4), (readings, "FIRST_WITHIN_S", 1.0)):
        monkeypatch.setattr(module, name, value)
    wanted = Wanted(service.url, 1200, 1, None, scenarios=["gas-flood"], surprises=False, through="readings",
                    mqtt=("127.0.0.1", broker.port), operators=5, keepers_work=True, hands=0.005)
    stop, tallies = threading.Event(), []
    city = threading.Thread(target=lambda: tallies.append(live.simulate(wanted, stop, lambda _: None)))
    city.start()
    try:
        # The values of a leak alone raise its alarm; people acknowledge, accept, walk and finish.
        until(lambda: worker.execute(SEEN).fetchone() == (True, True, True), log=service.log)
    finally:
        stop.set()
        city.join()
    tally = tallies[0]
    sent = {kind: counted.taken for kind, counted in tally.counts.items()}
    assert min(sent.values()) > 0, tally.line()
    assert tally.faults == []
    assert tally.away == ""
    on_record = ("alarms", "readings", "positions", "events")
    until(lambda: worker.execute(ON_RECORD).fetchone() == tuple(sent[kind] for kind in on_record), 20)
    assert bridge.stop()["rejected"] == 0
