"""What is measured: from message to every open stream, at rates that last, in floods, and when things break."""

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.live_stream.clients import KINDS, messages
from benchmarks.live_stream.gateway import SOURCE, Batch, Gateway
from benchmarks.live_stream.service import Service, restart_database
from benchmarks.tile_servers.city import City

SETTLES_WITHIN_S = 60
ALARM = KINDS.index("alarm")

# How many of some ids were accepted. Parameters: source, run's ids.
ACCEPTED = "SELECT count(*) FROM alarm_message WHERE source = %s AND event_id = ANY(%s)"
# One row: messages of a source, and alarms with the messages that they count. Parameters: source twice.
COUNTS = """
SELECT (SELECT count(*) FROM alarm_message WHERE source = %s), (SELECT count(*) FROM alarm WHERE source = %s)
"""
UNNUMBERED = "SELECT count(*) FROM outbox WHERE seq IS NULL"


@dataclass(frozen=True)
class Delay:
    """Milliseconds from a message's posting until it came out of the stream: ``p50``, ``p99``, ``most``.

    ``streams``: open at once; ``received``: alarms times streams that were timed; ``missing``: of those that should
    have come; ``resyncs``: how often a stream was told to begin anew.
    """

    rate: float
    streams: int
    alarms: int
    received: int
    missing: int
    resyncs: int
    p50_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True)
class Intake:
    """Messages in, counted at both ends.

    Attributes:
        rate: a second, as was wanted. reached: acknowledged a second, until the last of them.
        sent, acknowledged, on_record: messages. repeated: requests that had to be sent again.
        p50_ms, p99_ms: from when a batch was due until it was acknowledged.
        memory_mb: of the service at the beginning and at the end.
        told_s: after the last acknowledgement until every change had its number.
    """

    rate: float
    seconds: float
    size: int
    reached: float
    sent: int
    acknowledged: int
    on_record: int
    repeated: int
    p50_ms: float
    p99_ms: float
    memory_mb: tuple[float, float]
    told_s: float
    refused: tuple[str, ...]


@dataclass(frozen=True)
class Recovery:
    """What a failure cost: seconds without any acknowledgement, and messages on record against acknowledged ones."""

    what: str
    rate: float
    silent_s: tuple[float, ...]
    acknowledged: int
    on_record: int
    repeated: int


@contextlib.contextmanager
def open_streams(service: Service, count: int, out: Path) -> Iterator[None]:
    """Keep streams open in a process of its own, which writes what came into a file at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.live_stream.clients", service.url, "--streams", str(count), "--out",
         str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if process.stdout.readline().strip() != "ready":
        sys.exit("The streams could not be opened.")
    try:
        yield
    finally:
        process.stdin.close()
        if process.wait(120) != 0:
            sys.exit("The streams ended with an error.")


def delay(city: City, service: Service, devices: list[str], rate: float, seconds: float, streams: int,
          folder: Path) -> Delay:
    """Post single messages at a rate with streams open, and time each new alarm in each stream."""
    out = folder / f"streams-{streams}.npz"
    with open_streams(service, streams, out):
        time.sleep(2)
        with Gateway(service.url, devices, rate, 1, 8, f"delay{time.time_ns():x}") as gateway:
            time.sleep(seconds)
        _settle(city)
        time.sleep(2)
    found = np.load(out)
    sent = {event_id: batch.sent for batch in gateway.batches for event_id in batch.raising}
    began = {}
    for seq, kind, data in messages(found["text"].tobytes()):
        if kind == "alarm" and data["event_id"] in sent and data["repeats"] == 0 and data["active"]:
            began.setdefault(seq, sent[data["event_id"]])
    here = (found["kind"] == ALARM) & np.isin(found["seq"], list(began))
    took = (found["time"][here] - np.vectorize(began.get, otypes=[float])(found["seq"][here])) * 1000
    return Delay(rate, streams, len(began), len(took), len(began) * streams - len(took), int(found["resyncs"].sum()),
                 *np.percentile(took, [50, 99, 100]).round(1).tolist())


def intake(city: City, service: Service, devices: list[str], rate: float, seconds: float, size: int,
           connections: int = 4) -> Intake:
    """Post batches at a rate, and count messages at both ends."""
    before = service.memory_mb()
    with Gateway(service.url, devices, rate, size, connections, f"intake{time.time_ns():x}") as gateway:
        time.sleep(seconds)
    batches = _acknowledged(gateway)
    last = max(batch.acknowledged for batch in batches)
    _settle(city)
    told_s = time.monotonic() - last
    waits = [(batch.acknowledged - batch.due) * 1000 for batch in batches]
    ids = [event_id for batch in gateway.batches for event_id in batch.ids]
    return Intake(
        rate, seconds, size, sum(len(batch.ids) for batch in batches) / (last - gateway.began), len(ids),
        sum(len(batch.ids) for batch in batches), city.worker.execute(ACCEPTED, (SOURCE, ids)).fetchone()[0],
        sum(batch.attempts - 1 for batch in gateway.batches), *np.percentile(waits, [50, 99]).round(1).tolist(),
        (before, service.memory_mb()), told_s, tuple(dict.fromkeys(gateway.refused)))


def recovery(city: City, service: Service, devices: list[str], rate: float, times: int, what: str) -> Recovery:
    """Break the service or its database under load, several times, and see how long nothing is acknowledged."""
    silent = []
    with Gateway(service.url, devices, rate, 20, 4, f"recovery{time.time_ns():x}") as gateway:
        for _ in range(times):
            time.sleep(3)
            moment = time.monotonic()
            if what == "service":
                service.kill()
                service.launch()
            else:
                restart_database(city)
            deadline = time.monotonic() + 60
            while (first := gateway.first_acknowledged_after(moment + 0.05)) is None and time.monotonic() < deadline:
                time.sleep(0.02)
            silent.append((first or float("inf")) - moment)
        time.sleep(3)
    ids = [event_id for batch in _acknowledged(gateway) for event_id in batch.ids]
    return Recovery(what, rate, tuple(silent), len(ids),
                    city.worker.execute(ACCEPTED, (SOURCE, ids)).fetchone()[0],
                    sum(batch.attempts - 1 for batch in gateway.batches))


def _acknowledged(gateway: Gateway) -> list[Batch]:
    return [batch for batch in gateway.batches if batch.acknowledged == batch.acknowledged]


def _settle(city: City) -> None:
    deadline = time.monotonic() + SETTLES_WITHIN_S
    while city.worker.execute(UNNUMBERED).fetchone()[0]:
        if time.monotonic() > deadline:
            sys.exit(f"Changes still wait for their numbers after {SETTLES_WITHIN_S} s.")
        time.sleep(0.02)


def middle(values: tuple[float, ...]) -> float:
    """Return the median."""
    return statistics.median(values)
