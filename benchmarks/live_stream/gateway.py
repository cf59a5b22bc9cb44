"""A gateway: alarm messages over HTTP at a given rate, each sent again until it is acknowledged."""

import http.client
import json
import queue
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

SOURCE = "bench"
TYPES = (("smoke", "major"), ("gas", "critical"), ("battery_low", "warning"), ("device_offline", "info"))
AGAIN_S = 0.1
TIMEOUT_S = 30.0


@dataclass
class Batch:
    """Messages that were posted together.

    Attributes:
        ids: event ids. body: the request. raising: ids of those that raise an alarm which was not active.
        due, sent, acknowledged: ``time.monotonic``; ``sent`` of the first attempt.
        attempts: requests that it took.
    """

    ids: list[str]
    body: bytes
    raising: list[str]
    due: float
    sent: float = 0.0
    acknowledged: float = 0.0
    attempts: int = 0


@dataclass
class Gateway:
    """Posts messages at a rate over some connections, kept open. Use as a context manager.

    What it says of each device and type is raised, repeated and cleared in turn by chance: nearly each of the first
    messages raises a new alarm, and about a third when every device has spoken. The schedule does not wait: a batch
    that comes late counts from when it was due.

    Args:
        url: origin of the service.
        devices: codes on record.
        rate: messages a second. size: messages in a batch. connections: requests at the same time.
        run: a word that no other run has.
    """

    url: str
    devices: list[str]
    rate: float
    size: int
    connections: int
    run: str
    batches: list[Batch] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.run)
        self._active: set[tuple[str, str]] = set()
        self._waiting: queue.Queue[Batch | None] = queue.Queue()
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._clock, daemon=True)]
        self._threads += [threading.Thread(target=self._post, daemon=True) for _ in range(self.connections)]

    def __enter__(self) -> "Gateway":
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Make no more messages; wait until all that were made are acknowledged."""
        self._ending.set()
        self.ended = time.monotonic()
        for thread in self._threads:
            thread.join()

    @property
    def unacknowledged(self) -> int:
        """Messages that are due and not acknowledged."""
        return sum(len(batch.ids) for batch in list(self.batches) if not batch.acknowledged)

    def first_acknowledged_after(self, moment: float) -> float | None:
        """Return when the first request that was begun after a moment was acknowledged."""
        found = [batch.acknowledged for batch in list(self.batches) if batch.acknowledged > moment]
        return min(found, default=None)

    def _clock(self) -> None:
        due, number = time.monotonic(), 0
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            batch = self._batch(number, due)
            number += self.size
            self.batches.append(batch)
            self._waiting.put(batch)
            due += self.size / self.rate
        for _ in range(self.connections):
            self._waiting.put(None)

    def _batch(self, number: int, due: float) -> Batch:
        messages, raising = [], []
        now = datetime.now(UTC).isoformat()
        for serial in range(number, number + self.size):
            type_, severity = self._random.choice(TYPES)
            device = self._random.choice(self.devices)
            clears = (device, type_) in self._active and self._random.random() < 0.5
            event_id = f"{self.run}-{serial}"
            if clears:
                self._active.discard((device, type_))
            elif (device, type_) not in self._active:
                self._active.add((device, type_))
                raising.append(event_id)
            messages.append({"source": SOURCE, "event_id": event_id, "device": device, "severity": severity,
                             "type": type_, "occurred_at": now, "cleared": clears})
        return Batch([each["event_id"] for each in messages], json.dumps({"alarms": messages}).encode(), raising, due)

    def _post(self) -> None:
        address = urlsplit(self.url).netloc
        connection = None
        while (batch := self._waiting.get()) is not None:
            while not batch.acknowledged:
                batch.sent = batch.sent or time.monotonic()
                batch.attempts += 1
                try:
                    connection = connection or http.client.HTTPConnection(address, timeout=TIMEOUT_S)
                    connection.request("POST", "/api/alarms", batch.body, {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    body = answer.read()
                except (OSError, http.client.HTTPException):
                    connection.close()
                    connection = None
                else:
                    if answer.status == 201:
                        batch.acknowledged = time.monotonic()
                        break
                    if answer.status < 500 and answer.status != 429:
                        self.refused.append(f"{answer.status} {body[:500].decode(errors='replace')}")
                        batch.acknowledged = float("nan")
                        break
                time.sleep(AGAIN_S)
        if connection is not None:
            connection.close()
