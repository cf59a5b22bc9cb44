"""The simulator live: what happens, by the clock, goes to the server or a broker until somebody says stop.

What it says is made in `sample_gis.traffic`, what people do in `sample_gis.staff`.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sample_gis import outbox as waiting
from sample_gis.fieldwork import FieldWork
from sample_gis.http import Away, Server
from sample_gis.mqtt import KINDS as BY_MQTT
from sample_gis.mqtt import Broker
from sample_gis.operators import Operators
from sample_gis.outbox import Courier, Outbox
from sample_gis.staff import Staff
from sample_gis.tally import Tally
from sample_gis.traffic import Traffic

WALK_EVERY_S = 15.0
TICK_S = 0.2


@dataclass(frozen=True)
class Wanted:
    """What a run is to be.

    Attributes:
        url: origin of the server. mqtt: host and port of a broker that gets alarms, readings and positions instead.
        rate: new alarms and events a minute, on average. seed: of all that happens.
        duration: seconds; None for no end.
        scenarios: names of `sample_gis.scenarios` that begin at once. surprises: others begin by themselves.
        through: how scenarios are told, ``alarms`` or ``readings``.
        readings: devices send readings and signs of life.
        operators: how many people handle alarms. keepers_work: keepers handle events and tasks.
        hands: how slow people are; 1 is usual.
    """

    url: str
    rate: float
    seed: int
    duration: float | None = None
    scenarios: Sequence[str] = ()
    surprises: bool = True
    through: str = "alarms"
    readings: bool = True
    mqtt: tuple[str, int] | None = None
    operators: int = 0
    keepers_work: bool = False
    hands: float = 1.0


def simulate(wanted: Wanted, stop: threading.Event, told: Callable[[Tally], None]) -> Tally:
    """Send traffic until the duration is over or ``stop`` is set.

    Args:
        told: called after every exchange.
    Returns:
        what was delivered. Messages carry ids or times, so one that is sent again counts once there.
    Raises:
        Refused: the server does not let us read the devices, send, or work.
    """
    server, tally = Server(wanted.url), Tally()
    end = None if wanted.duration is None else time.monotonic() + wanted.duration
    devices = _learn(server, tally, stop, end, told)
    if devices is None:
        return tally
    run = f"sim{wanted.seed}-{int(time.time() * 1000):x}"
    traffic = Traffic(devices, wanted.seed, run, wanted.surprises, wanted.through)
    outbox = Outbox(tally)
    broker = Broker(*wanted.mqtt) if wanted.mqtt else None
    here = [kind for kind in outbox.queues if not (broker and kind in BY_MQTT)]
    couriers = [Courier(server, tuple(here), outbox), *([Courier(broker, BY_MQTT, outbox)] if broker else [])]
    staff = Staff(server, tally, traffic, Operators(wanted.operators, wanted.seed, wanted.hands)
                  if wanted.operators else None, FieldWork(wanted.seed, wanted.hands) if wanted.keepers_work else None)
    for scenario in wanted.scenarios:
        traffic.begin(scenario, datetime.now(UTC))
    happenings = _happenings(traffic, wanted, outbox)
    try:
        while not stop.is_set() and (end is None or time.monotonic() < end):
            now, clock = datetime.now(UTC), time.monotonic()
            happenings(now, clock)
            if any([*(courier.run(clock) for courier in couriers), staff.run(clock, now)]):
                away = [who.patience.away for who in (*couriers, staff) if who.patience.away]
                tally.away = away[0] if away else ""
                told(tally)
            stop.wait(TICK_S)
    finally:
        if broker:
            broker.close()
    return tally


def _happenings(traffic: Traffic, wanted: Wanted, outbox: Outbox) -> Callable[[datetime, float], None]:
    """Return a function that puts into the outbox what has happened by an instant and its monotonic clock."""
    began = time.monotonic()
    next_at = began + (traffic.pause(0) if wanted.rate == 0 else 0.0)
    walked = began - WALK_EVERY_S

    def happen(now: datetime, clock: float) -> None:
        nonlocal next_at, walked
        outbox.add("alarms", traffic.due(now))
        while next_at <= clock:
            alarms, events = traffic.happening(now)
            outbox.add("alarms", alarms)
            outbox.add("events", events)
            next_at += traffic.pause(wanted.rate)
        if wanted.readings:
            outbox.add("readings", traffic.measured(now))
        if clock - walked >= WALK_EVERY_S:
            # Where keepers were while nobody listened is not worth a word.
            outbox.queues["positions"] = traffic.walk(now, clock - walked)
            walked = clock

    return happen


def _learn(server: Server, tally: Tally, stop: threading.Event, end: float | None,
           told: Callable[[Tally], None]) -> list[dict] | None:
    """Return the devices on record, waiting for the server and for at least one device; None when told to stop."""
    wait = waiting.FIRST_WAIT_S
    while not stop.is_set() and (end is None or time.monotonic() < end):
        try:
            devices = server.devices()
            if devices:
                tally.away = ""
                return devices
            tally.away = "no devices on record yet"
        except Away as error:
            tally.away = f"server away ({error})"
        told(tally)
        stop.wait(wait if end is None else min(wait, max(0.0, end - time.monotonic())))
        wait = min(wait * 2, waiting.LONGEST_WAIT_S)
    return None
