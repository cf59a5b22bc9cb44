"""What became of what the simulator sent, as the server says it. Pure."""

from dataclasses import asdict, dataclass, field

KINDS = ("alarms", "events", "positions", "readings", "steps")
NAMED = 5
"""Faults that are named; the others are counted."""


@dataclass
class Count:
    """Messages of one kind: new to the server, known there already, not taken."""

    taken: int = 0
    known: int = 0
    refused: int = 0


@dataclass
class Tally:
    """All that was delivered so far.

    Attributes:
        counts: by kind; steps are those of people who work.
        dropped: what was never sent, because the server was away for too long.
        faults: the first of what was refused, each named once with its reason.
        away: who does not answer just now, and why; empty when all do.
    """

    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in KINDS})
    dropped: int = 0
    faults: list[str] = field(default_factory=list)
    away: str = ""

    def answered(self, kind: str, batch: list[dict], answer: dict) -> None:
        """Count an answer to a batch: ``taken``, ``already_known``, and ``refused`` with each fault's ``index``.

        An item is refused once, however many faults it has; one of which only a value is refused is taken as well.
        """
        count, refused = self.counts[kind], answer.get("refused") or ()
        count.taken += int(answer.get("taken", len(batch)))
        count.known += int(answer.get("already_known", 0))
        count.refused += len({fault["index"] for fault in refused})
        for fault in refused:
            reason = fault.get("fault") or fault.get("message") or fault.get("reason") or "refused"
            where = " ".join(str(fault[name]) for name in ("field", "value") if fault.get(name) not in (None, ""))
            self.name(f"{kind}: {where} {reason}.{' ' + fault['cure'] if fault.get('cure') else ''}")

    def refused(self, kind: str, batch: list[dict], detail: str, body: dict) -> None:
        """Count a batch of which nothing was taken.

        Args:
            detail: why, in a sentence. body: the answer, whose ``refused`` or ``faults`` name the items.
        """
        if body.get("refused"):
            self.answered(kind, batch, {"taken": 0, "refused": body["refused"]})
            return
        self.counts[kind].refused += len(batch)
        faults = body.get("faults") or ()
        for fault in faults[:NAMED]:
            self.name(f"{kind}: {fault.get('place', '')} {fault.get('message', '')}")
        if not faults:
            self.name(f"{kind}: {detail}")

    def name(self, fault: str) -> None:
        """Keep a fault to be named, if it is one of the first and new."""
        fault = " ".join(fault.split())
        if len(self.faults) < NAMED and fault not in self.faults:
            self.faults.append(fault)

    def line(self) -> str:
        """Return the status in one line."""
        state = f"{self.away}, retrying" if self.away else "connected"
        counts = ", ".join(f"{kind} {count.taken}/{count.known}/{count.refused}" for kind, count in self.counts.items())
        dropped = f"; {self.dropped} dropped" if self.dropped else ""
        return f"taken/known/refused: {counts}{dropped}; {state}"

    def as_json(self) -> dict:
        """Return the counts by kind, what was dropped, the faults, and who is away."""
        return {**{kind: asdict(count) for kind, count in self.counts.items()}, "dropped": self.dropped,
                "faults": self.faults, "away": self.away or None}
