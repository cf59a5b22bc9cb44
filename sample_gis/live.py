"""The simulator's line to the server: HTTP in, retries, an orderly end.

It enters by the front door like any gateway: it asks for the devices on record and posts
alarms, events and keepers' positions. What it says is made in `sample_gis.traffic`.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sample_gis.traffic import Traffic

TIMEOUT_S = 10.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
"""Seconds before the first retry, doubled each time up to the second."""

PAGE = 5000
WALK_EVERY_S = 15.0
TICK_S = 0.2
BATCH = 500
BACKLOG = 5000
"""Messages kept of each kind while the server is away; the oldest go first."""


class Refused(Exception):
    """The server answered that a request is wrong: sending it again cannot help.

    Args:
        status: HTTP status. detail: what the server said.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"HTTP {status}: {detail}")
        self.status = status


class Away(Exception):
    """The server does not answer, or says that it cannot just now."""


class Server:
    """The HTTP interface at one address, with plain urllib and no proxy."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def devices(self) -> list[dict]:
        """Return all devices on record, page by page."""
        found, after = [], ""
        while True:
            page = self._call(f"/api/devices?limit={PAGE}&after={urllib.request.quote(after)}")
            found += page["devices"]
            after = page.get("next") or ""
            if not after:
                return found

    def post(self, path: str, body: dict) -> dict:
        """Post JSON and return the answer.

        Raises:
            Away: no answer, 408, 429 or 5xx: the same request may succeed later.
            Refused: any other status from 400 on.
        """
        return self._call(path, json.dumps(body, ensure_ascii=False).encode())

    def _call(self, path: str, data: bytes | None = None) -> dict:
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json",
                                                                 "Accept": "application/json"})
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            detail = error.read(2000).decode("utf-8", "replace")
            if error.code in (408, 429) or error.code >= 500:
                raise Away(f"HTTP {error.code}") from error
            raise Refused(error.code, detail) from error
        except (OSError, ValueError) as error:
            raise Away(str(getattr(error, "reason", error))) from error


@dataclass
class Tally:
    """What was delivered so far."""

    alarms: int = 0
    cleared: int = 0
    events: int = 0
    positions: int = 0
    refused: int = 0
    away: str = ""

    def line(self) -> str:
        """Return the status in one line."""
        state = f"server away ({self.away}), retrying" if self.away else "connected"
        refused = f", {self.refused} refused" if self.refused else ""
        return (f"{self.alarms} alarms, {self.cleared} cleared, {self.events} events, "
                f"{self.positions} positions{refused}; {state}")


@dataclass
class Outbox:
    """Messages that wait for the server, by address."""

    queues: dict[str, list[dict]] = field(default_factory=lambda: {"alarms": [], "events": [], "positions": []})

    def add(self, name: str, messages: list[dict]) -> None:
        """Queue messages; beyond `BACKLOG` the oldest are dropped."""
        queue = self.queues[name]
        queue += messages
        del queue[:-BACKLOG]


_PATHS = {"alarms": "/api/alarms", "events": "/api/events", "positions": "/api/keepers/positions"}


def simulate(url: str, rate: float, seed: int, duration: float | None, stop: threading.Event,
             told: Callable[[Tally], None], scenarios: Sequence[str] = (), surprises: bool = True) -> Tally:
    """Send traffic until the duration is over or ``stop`` is set.

    Args:
        url: origin of the server.
        rate: new alarms and events a minute, on average.
        duration: seconds; None for no end.
        told: called after every exchange with the server.
        scenarios: names of `sample_gis.scenarios` that begin at once.
        surprises: let scenarios happen now and then by themselves.
    Returns:
        what was delivered. Messages carry ids, so one that is sent again counts once there.
    Raises:
        Refused: the server does not let us read the devices or send.
    """
    server, tally, outbox = Server(url), Tally(), Outbox()
    end = None if duration is None else time.monotonic() + duration
    devices = _learn(server, tally, stop, end, told)
    if devices is None:
        return tally
    traffic = Traffic(devices, seed, f"sim{seed}-{int(time.time() * 1000):x}", surprises)
    for scenario in scenarios:
        traffic.begin(scenario, datetime.now(UTC))
    next_happening = time.monotonic() + (traffic.pause(rate) if rate == 0 else 0.0)
    walked = time.monotonic() - WALK_EVERY_S
    wait, not_before = FIRST_WAIT_S, 0.0
    while not stop.is_set() and (end is None or time.monotonic() < end):
        now, clock = datetime.now(UTC), time.monotonic()
        outbox.add("alarms", traffic.due(now))
        while next_happening <= clock:
            alarms, events = traffic.happening(now)
            outbox.add("alarms", alarms)
            outbox.add("events", events)
            next_happening += traffic.pause(rate)
        if clock - walked >= WALK_EVERY_S:
            outbox.queues["positions"] = traffic.walk(now, clock - walked)
            walked = clock
        if clock >= not_before and any(outbox.queues.values()):
            try:
                _deliver(server, outbox, tally)
                tally.away, wait = "", FIRST_WAIT_S
            except Away as error:
                tally.away, not_before = str(error), clock + wait
                wait = min(wait * 2, LONGEST_WAIT_S)
            told(tally)
        stop.wait(TICK_S)
    return tally


def _learn(server, tally, stop, end, told):
    """Return the devices on record, waiting for the server and for at least one device."""
    wait = FIRST_WAIT_S
    while not stop.is_set() and (end is None or time.monotonic() < end):
        try:
            devices = server.devices()
            if devices:
                tally.away = ""
                return devices
            tally.away = "no devices on record yet"
        except Away as error:
            tally.away = str(error)
        told(tally)
        stop.wait(wait if end is None else min(wait, max(0.0, end - time.monotonic())))
        wait = min(wait * 2, LONGEST_WAIT_S)
    return None


def _deliver(server, outbox, tally) -> None:
    """Post what waits; a batch that is refused for its content is counted and dropped."""
    for name, queue in outbox.queues.items():
        while queue:
            batch = queue[:BATCH]
            try:
                answer = server.post(_PATHS[name], {name: batch})
                _count(tally, name, batch, answer)
            except Refused as error:
                if error.status in (401, 403, 404, 405):
                    raise
                tally.refused += len(batch)
            del queue[:len(batch)]


def _count(tally, name, batch, answer) -> None:
    if name == "alarms":
        refused = {entry["index"] for entry in answer.get("refused", ())}
        taken = [message for index, message in enumerate(batch) if index not in refused]
        cleared = sum(1 for message in taken if message.get("cleared"))
        tally.cleared += cleared
        tally.alarms += len(taken) - cleared
        tally.refused += len(refused)
    elif name == "events":
        tally.events += len(batch)
    else:
        tally.positions += int(answer.get("taken", len(batch)))
