"""What waits to be sent, and the couriers that send it: in order, again after a failure, no faster than wanted."""

from dataclasses import dataclass, field
from typing import Protocol

from sample_gis.http import Away, Refused
from sample_gis.tally import Tally

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
"""Seconds before the first retry, doubled each time up to the second."""

BATCH = 500
BACKLOG = 5000
"""Messages kept of each kind while the server is away; the oldest go first."""

PACED_S = {"readings": 1.0}
"""Seconds between two batches of a kind, however much waits: readings are many and nobody waits for one."""


class Line(Protocol):
    """Somebody who takes batches: `sample_gis.http.Server`, `sample_gis.mqtt.Broker`. ``name``: what it is called."""

    name: str

    def send(self, kind: str, batch: list[dict]) -> dict:
        """Deliver a batch; return what became of it, or raise Away or Refused."""


@dataclass
class Outbox:
    """Messages that wait, by kind."""

    tally: Tally
    queues: dict[str, list[dict]] = field(
        default_factory=lambda: {"alarms": [], "events": [], "positions": [], "readings": []})

    def add(self, kind: str, messages: list[dict]) -> None:
        """Queue messages; beyond `BACKLOG` the oldest are dropped and counted."""
        queue = self.queues[kind]
        queue += messages
        self.tally.dropped += max(0, len(queue) - BACKLOG)
        del queue[:-BACKLOG]


@dataclass
class Patience:
    """When somebody who was away is asked again. ``away``: why, empty when all is well."""

    away: str = ""
    _wait: float = 0.0
    _not_before: float = 0.0

    def may(self, clock: float) -> bool:
        """Tell whether it is time; ``clock``: monotonic seconds."""
        return clock >= self._not_before

    def failed(self, clock: float, why: str) -> None:
        """Wait, twice as long as the last time."""
        self.away = why
        self._wait = min(self._wait * 2, LONGEST_WAIT_S) if self._wait else FIRST_WAIT_S
        self._not_before = clock + self._wait

    def well(self) -> None:
        """Forget the failures."""
        self.away, self._wait = "", 0.0


@dataclass
class Courier:
    """Sends what waits of some kinds by one line.

    Args:
        line: where it goes. kinds: which queues. outbox: what waits.
    """

    line: Line
    kinds: tuple[str, ...]
    outbox: Outbox
    patience: Patience = field(default_factory=Patience)
    _sent_at: dict[str, float] = field(default_factory=dict)

    def run(self, clock: float) -> bool:
        """Send what may go now; return whether there was anything.

        Raises:
            Refused: the account or the address is wrong. A batch refused for its content is counted and dropped.
        """
        if not self.patience.may(clock) or not (ready := [kind for kind in self.kinds if self._ready(kind, clock)]):
            return False
        try:
            for kind in ready:
                while self._ready(kind, clock):
                    self._sent_at[kind] = clock
                    self._send(kind)
            self.patience.well()
        except Away as error:
            self.patience.failed(clock, f"{self.line.name} away ({error})")
        return True

    def _ready(self, kind: str, clock: float) -> bool:
        paced = PACED_S.get(kind, 0.0)
        return bool(self.outbox.queues[kind]) and (not paced or clock - self._sent_at.get(kind, -paced) >= paced)

    def _send(self, kind: str) -> None:
        queue, tally = self.outbox.queues[kind], self.outbox.tally
        batch = queue[:BATCH]
        try:
            tally.answered(kind, batch, self.line.send(kind, batch))
        except Refused as error:
            if error.lasting or error.status == 404:
                raise
            tally.refused(kind, batch, error.detail, error.body)
        del queue[:len(batch)]
