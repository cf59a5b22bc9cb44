"""How the bridge is doing: figures in one place, told on a terminal each second or as JSON every ten."""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from webmap.bridge.link import Received

JSON_EVERY_S = 10.0
LINE_EVERY_S = 1.0


@dataclass
class Status:
    """Figures since the start. Written by the loop, read by whoever tells them.

    Attributes:
        connected, database: whether broker and database answer. standing_by: another bridge works.
        connections: how often it was connected to the broker.
        messages: committed and acknowledged, ``things`` in them by what became of them.
        dropped: messages without acknowledgement (QoS 0) for which there was no room.
        taken_over: how often another client came with our client id.
        slowest_ms: longest commit of a batch.
    """

    connected: bool = False
    database: bool = False
    standing_by: bool = False
    connections: int = 0
    messages: int = 0
    batches: int = 0
    things: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    taken_over: int = 0
    slowest_ms: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def committed(self, batch: Sequence[Received], counts: Counter[str], seconds: float) -> None:
        """Count a batch that was committed."""
        self.database = True
        self.messages += len(batch)
        self.batches += 1
        self.things += counts
        self.slowest_ms = max(self.slowest_ms, seconds * 1000)

    def figures(self) -> dict[str, object]:
        """Return all figures as JSON has them."""
        return {
            "connected": self.connected, "database": self.database, "standing_by": self.standing_by,
            "connections": self.connections, "messages": self.messages, "batches": self.batches,
            "taken": self.things["taken"], "known": self.things["known"],
            "rejected": self.things["rejected"], "dropped": self.dropped,
            "taken_over": self.taken_over, "slowest_commit_ms": round(self.slowest_ms, 1),
            "seconds": round(time.monotonic() - self.began, 1),
        }

    def line(self) -> str:
        """Return one line for a terminal."""
        broker = "standing by" if self.standing_by else "connected" if self.connected else "no broker"
        database = "" if self.database else ", no database"
        return (f"{broker}{database}: {self.messages} messages, {self.things['taken']} taken, "
                f"{self.things['known']} known, {self.things['rejected']} rejected")


class Teller:
    """Tells the figures from a thread of its own while a block runs, and once at its end.

    Args:
        status: the figures.
        as_json: one JSON object a line on standard output; else a line that renews itself, on a terminal only.
    """

    def __init__(self, status: Status, as_json: bool) -> None:
        self._status, self._as_json = status, as_json
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="status", daemon=True)

    def __enter__(self) -> None:
        if self._as_json or sys.stdout.isatty():
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
            self._say(last=True)

    def _tell(self) -> None:
        while not self._ended.wait(JSON_EVERY_S if self._as_json else LINE_EVERY_S):
            self._say()

    def _say(self, last: bool = False) -> None:
        if self._as_json:
            print(json.dumps(self._status.figures()), flush=True)
        else:
            print(f"\r\033[K{self._status.line()}", end="\n" if last else "", flush=True)
