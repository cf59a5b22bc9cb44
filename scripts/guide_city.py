"""The city that the pictures of the guide are taken of, and what happens in it before they are taken.

The whole sample city of a fixed seed, whose events and tracks end at a fixed instant; alarms and imports come in by
the service, as from gateways and people, and are then dated to that night, so that a picture taken again is the same.
"""

import json
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from spatial import migrate, server
from tests.fixtures import homes, services
from tests.fixtures.databases import OwnDatabase

SEED = 7
PORT = 8700
UNTIL = "2026-11-01T00:00:00+08:00"

# A smoke detector in a flat high up where somebody lives who is in need of care; the first one by its digest.
# Fields: code of the device, building, room, resident, number of the building's grid.
A_FLAT = """
SELECT device.code, device.building_id, room.id, min(resident.id), building.grid_code
FROM device JOIN room ON room.id = device.room_id JOIN building ON building.id = device.building_id
JOIN household ON household.room_id = room.id JOIN resident ON resident.household_id = household.id
WHERE device.kind = 'smoke' AND building.floors_above BETWEEN 9 AND 18
  AND room.floor BETWEEN 3 AND building.floors_above - 2
GROUP BY device.id, building.id, room.id
HAVING bool_or(resident.care <> '{}') ORDER BY md5(device.code) LIMIT 1
"""

# Devices of other buildings, one of each kind. Rows: kind, code.
OTHERS = """
SELECT DISTINCT ON (kind) kind, code FROM device
WHERE kind IN ('elevator', 'gas', 'water_meter', 'manhole', 'access_control', 'camera')
  AND grid_code <> '000000000000000'
ORDER BY kind, md5(code)
"""

# Gas detectors of one building, for a flood. Rows: code.
OF_ONE_BUILDING = """
SELECT code FROM device WHERE building_id = (
    SELECT building_id FROM device WHERE kind IN ('smoke', 'gas') AND building_id IS NOT NULL AND building_id <> %s
    GROUP BY building_id HAVING count(*) >= 6 ORDER BY md5(building_id::text) LIMIT 1)
AND kind IN ('smoke', 'gas') ORDER BY code LIMIT 8
"""

# What came in now came in before the pictures' clock, the one a minute and a half after the other, the fire last.
LONG_AGO = """
UPDATE alarm SET occurred_at = %(now)s::timestamptz - id * interval '97 seconds',
    received_at = %(now)s::timestamptz - id * interval '97 seconds',
    last_occurred_at = %(now)s::timestamptz - id * interval '97 seconds',
    last_received_at = %(now)s::timestamptz - id * interval '97 seconds',
    acknowledged_at = CASE WHEN acknowledged_at IS NOT NULL THEN %(now)s::timestamptz - id * interval '60 seconds' END;
UPDATE alarm_step SET at = %(now)s::timestamptz - alarm_id * CASE step WHEN 'raised' THEN interval '97 seconds'
    ELSE interval '60 seconds' END;
UPDATE import_run SET started_at = %(now)s::timestamptz - (100 - id) * interval '11 minutes',
    finished_at = %(now)s::timestamptz - (100 - id) * interval '11 minutes' + (3 + id %% 7) * interval '1 second',
    queued_at = CASE WHEN queued_at IS NOT NULL THEN %(now)s::timestamptz - (100 - id) * interval '11 minutes' END;
UPDATE alarm SET occurred_at = %(now)s::timestamptz - interval '50 seconds',
    received_at = %(now)s::timestamptz - interval '49 seconds',
    last_occurred_at = %(now)s::timestamptz - interval '50 seconds' WHERE id = %(fire)s;
UPDATE alarm_step SET at = %(now)s::timestamptz - interval '49 seconds' WHERE alarm_id = %(fire)s AND step = 'raised';
UPDATE handover SET at = %(now)s::timestamptz - interval '6 minutes'
"""

# Events came in when they happened, and grids were drawn long before, not when the city was imported.
IN_TIME = """
UPDATE event SET received_at = occurred_at;
UPDATE grid SET valid_from = %(long_ago)s WHERE valid_from > %(long_ago)s
"""

# Rooms of which the keeper has not yet asked for everything, and nothing that keepers have sent. Parameter: building.
TO_SURVEY = """
UPDATE room SET tenure = 'unknown', area_m2 = NULL, surveyed_at = NULL
WHERE id IN (SELECT id FROM room WHERE building_id = %(building)s ORDER BY id LIMIT 9);
TRUNCATE survey_edit, survey_photo, survey_given
"""

OTHER_ALARMS = (
    ("elevator", "elevator_trapped", "critical"), ("gas", "gas", "major"), ("manhole", "manhole_open", "minor"),
    ("water_meter", "water_pressure", "minor"), ("access_control", "door_forced", "warning"),
    ("camera", "camera_offline", "info"),
)
"""Kind of device, type and severity of the alarms beside the fire; the second one is acknowledged."""


@dataclass
class City:
    """A running service over the sample city.

    Attributes:
        url: its origin. dsn: of the database's superuser. files: the city's files. home: its data directory.
        things: ids and codes that pictures ask for by name.
    """

    url: str
    dsn: str
    files: Path
    home: Path
    things: dict[str, Any] = field(default_factory=dict)

    def ask(self, path: str, body: Any = None) -> Any:
        """Return the JSON of a path; with a body, of a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def rows(self, statement: str, *parameters: Any) -> list[Any]:
        """Return the rows of a query."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(statement, parameters).fetchall()

    def change(self, statements: str, quietly: bool = True, **values: Any) -> None:
        """Change rows; quietly, no trigger looks and nobody is told: for what only time changes."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute(f"SET session_replication_role = {'replica' if quietly else 'origin'}")
            for statement in filter(str.strip, statements.split(";\n")):
                connection.execute(statement, values)

    def raise_alarm(self, device: str, type_: str, severity: str) -> int:
        """Raise an alarm as a gateway does, and return its id; the same one where it is on record already."""
        message = {"source": "guide", "event_id": f"{device}-{type_}", "device": device, "severity": severity,
                   "type": type_, "occurred_at": datetime.now(UTC).isoformat()}
        return self.ask("/api/alarms", {"alarms": [message]})["outcomes"][0]["alarm"]

    def date(self, now: str) -> None:
        """Date what came in to the night of the pictures."""
        self.change(LONG_AGO, now=now, fire=self.things["fire"])


def begin_night(city: City, now: str) -> None:
    """Let the alarms of the pictures come in, each as far handled as the guide tells."""
    city.change(IN_TIME, long_ago="2026-01-01T00:00:00+08:00")
    ((device, building, room, resident, grid),) = city.rows(A_FLAT)
    city.things |= {"building": building, "room": room, "resident": resident, "grid": grid, "community": grid[:12]}
    devices = dict(city.rows(OTHERS))
    raised = [city.raise_alarm(devices[kind], type_, severity) for kind, type_, severity in OTHER_ALARMS]
    fire = city.raise_alarm(device, "smoke", "critical")
    city.things |= {"fire": fire, "lift": raised[0], "acknowledged": raised[1], "pressure": raised[3]}
    if city.rows("SELECT FROM alarm WHERE id = %s AND acknowledged_at IS NULL", raised[1]):
        city.ask(f"/api/alarms/{raised[1]}/acknowledge", {})
        city.ask(f"/api/alarms/{raised[1]}/assign", {"assignee": "demo"})
    city.date(now)


def flood(city: City) -> None:
    """Let gas be smelled on one floor of a building after the other."""
    for (code,) in city.rows(OF_ONE_BUILDING, city.things["building"]):
        city.raise_alarm(code, "gas", "critical")
        city.raise_alarm(code, "smoke", "major")


@contextmanager
def running(kept: Path | None) -> Iterator[City]:
    """Make the city, serve it, and take it down again.

    Args:
        kept: folder in which its database and files stay, to be used again; None leaves nothing.
    """
    parent = kept or homes.make_parent()
    parent.mkdir(parents=True, exist_ok=True)
    parent.chmod(0o1777)
    settings = homes.settings_for(parent / "home")
    files, made = parent / "files", parent / "made"
    try:
        server.bring_up(settings)
        addresses = server.addresses(settings)
        migrate.upgrade(addresses.owner)
        database = OwnDatabase("shapan", settings, addresses, homes.environment_for(settings, {}))
        if not made.exists():
            services.run_command("sample", str(files), "--seed", str(SEED), "--until", UNTIL, "--overwrite")
            services.run_command("import", "all", str(files / "sandbox.gpkg"), environment=database.environment)
            made.touch()
        service = services.start(database, parent, port=_port())
        try:
            yield City(service.url, addresses.superuser, files, settings.home)
        finally:
            service.stop()
    finally:
        if kept is None:
            homes.remove_home(settings)
            shutil.rmtree(parent, ignore_errors=True)
        else:
            services.run_command("db", "down", environment=homes.environment_for(settings, {}))


def _port() -> int:
    """Return the product's own port, which pictures show, where nobody uses it."""
    with socket.socket() as probe:
        return PORT if probe.connect_ex(("127.0.0.1", PORT)) else services.free_port()
