"""People who work, live: what is open is looked at, `sample_gis.operators` and `sample_gis.fieldwork` decide.

Their steps go through the interface that every page uses.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sample_gis.fieldwork import FieldWork
from sample_gis.http import Away, Refused, Server
from sample_gis.operators import Operators
from sample_gis.outbox import Patience
from sample_gis.tally import Tally
from sample_gis.traffic import Traffic

DESK_EVERY_S, FIELD_EVERY_S = 3.0, 10.0
"""Seconds between two looks of operators and of keepers."""

ALARMS_MOST, EVENTS_MOST = 5000, 500
"""What is looked at: of alarms the newest, of events the latest."""

CHECKED_MOST = 5
"""Events that are done, closed by an operator in one look."""


@dataclass
class Staff:
    """Those who work.

    Args:
        server: where. operators, fieldwork: who decides; None for nobody.
        traffic: moves the keepers. tally: counts the steps as ``steps``; known are those that were taken before.
    """

    server: Server
    tally: Tally
    traffic: Traffic
    operators: Operators | None = None
    fieldwork: FieldWork | None = None
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self._began = datetime.now(UTC)
        self._desk_at = self._field_at = 0.0

    def run(self, clock: float, now: datetime) -> bool:
        """Look and work, when it is time; return whether anybody did.

        Raises:
            Refused: the account may not do what these people do.
        """
        if not self.patience.may(clock):
            return False
        desk = self.operators is not None and clock - self._desk_at >= DESK_EVERY_S
        outside = self.fieldwork is not None and clock - self._field_at >= FIELD_EVERY_S
        try:
            if desk:
                self._desk_at = clock
                self._at_the_desk(now)
            if outside:
                self._field_at = clock
                self._outside(now)
            if desk or outside:
                self.patience.well()
        except Away as error:
            self.patience.failed(clock, f"server away ({error})")
        return desk or outside

    def _at_the_desk(self, now: datetime) -> None:
        alarms = self.server.get(f"/api/alarms?limit={ALARMS_MOST}")["alarms"]
        for action in self.operators.decide(alarms, now):
            ids = list(action.ids)
            try:
                answer = self.server.post("/api/alarms/steps", {"ids": ids, "step": action.step, **action.body})
            except Refused as error:
                self._missed(error, f"alarm step {action.step}", ids)
            else:
                # Somebody else was faster, or the alarm got worse meanwhile: the next look shows how it is.
                self.tally.answered("steps", ids, {"taken": answer["done"],
                                                   "already_known": len(ids) - answer["done"]})
        lately = quote((self._began - timedelta(days=1)).isoformat())
        done = self.server.get(f"/api/events?state=done&from={lately}&limit=100")["events"]
        mine = [event for event in done if event["done_at"] and datetime.fromisoformat(event["done_at"]) >= self._began]
        # The longest done first, after a while in which somebody may look at it.
        for event in sorted(mine, key=lambda event: event["done_at"])[:CHECKED_MOST]:
            if now - datetime.fromisoformat(event["done_at"]) >= timedelta(seconds=60 * self.operators.hands):
                self._step("events", event["id"], "close", {"note": "核查通过"})

    def _outside(self, now: datetime) -> None:
        events = self.server.get(f"/api/events?state=unfinished&limit={EVENTS_MOST}")["events"]
        tasks = self.server.get(f"/api/tasks?state=due&limit={EVENTS_MOST}")["tasks"]
        for step in self.fieldwork.decide(events, tasks, now, self.traffic.places()):
            self._step(step.kind, step.id, step.step, dict(step.body))
        self.traffic.send_keepers(self.fieldwork.goals)

    def _step(self, kind: str, number: int, step: str, body: dict) -> None:
        try:
            self.server.post(f"/api/{kind}/{number}/{step}", body)
        except Refused as error:
            self._missed(error, f"{kind} {number} {step}", [number])
        else:
            self.tally.answered("steps", [number], {"taken": 1})

    def _missed(self, error: Refused, what: str, ids: list[int]) -> None:
        """Count a step that was not taken; one that somebody took before is no fault."""
        if error.lasting:
            raise error
        if error.status in (404, 409):
            self.tally.answered("steps", ids, {"taken": 0, "already_known": len(ids)})
        else:
            self.tally.refused("steps", ids, f"{what}: {error.detail}", {})
