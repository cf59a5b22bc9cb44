"""The simulator's traffic while others read: alarms over HTTP, as many a second as one asks for."""

import json
import threading
import time
import urllib.request
import uuid
from datetime import UTC, datetime

from benchmarks.tile_servers.peers import Server

TICK_S = 0.2
"""Seconds between two batches, as in ``sample_gis/live.py``."""

DEVICES = 500


class Alarms:
    """Posts alarms of the generated devices until the block ends. Use as a context manager.

    Args:
        server: ours.
        rate: alarms a second.
    """

    def __init__(self, server: Server, rate: int) -> None:
        self._url, self._batch = server.url + "/api/alarms", round(rate * TICK_S)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.taken = 0

    def __enter__(self) -> "Alarms":
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.monotonic() - self._began
        self._ending.set()
        self._thread.join()

    @property
    def rate(self) -> float:
        """Alarms a second that were taken."""
        return self.taken / self.seconds

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ending.wait(max(0.0, due - time.monotonic())):
            due += TICK_S
            messages = [{
                "source": "bench", "event_id": uuid.uuid4().hex, "device": f"D{(self.taken + number) % DEVICES}",
                "severity": "minor", "type": "smoke", "occurred_at": datetime.now(UTC).isoformat(),
            } for number in range(self._batch)]
            request = urllib.request.Request(self._url, json.dumps({"alarms": messages}).encode(),
                                             {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=20) as answer:
                self.taken += json.load(answer)["taken"]
