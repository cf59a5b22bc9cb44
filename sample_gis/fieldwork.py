"""Keepers (网格员) who work: they accept events, walk there, finish them, and do tasks. Pure: no clock, no network.

Each does one thing at a time, what is due first before the rest. How long somebody takes depends on the seed and
the thing alone.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

ACCEPT_S = 90.0
"""Median from the dispatch until it is accepted, seconds."""

ACCEPTED_AT_ONCE = 20
"""Of all keepers in one look: what waited for long, as after an import, is not accepted all in one second."""

WORK_S = 300.0
"""Median of the work at the place, seconds."""

LATE, LATE_BY_S = 0.08, (300.0, 2400.0)
"""Share of what is put off until after its deadline, and by how many seconds."""

ARRIVED_M = 30.0
WALKS_AT_MOST_S = 1500.0
"""Who has not arrived by then takes a bicycle."""

UNSEEN_WALK_S = 240.0
"""The way of a keeper who is on record and whose telephone is not ours."""

_M_PER_DEG = 111_194.9
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
SEEN = ("已处理，现场恢复", "已劝导整改", "已清理完毕", "已报权属单位修复", "核实完毕，情况属实")


@dataclass(frozen=True)
class Step:
    """One step. ``kind``: ``events`` or ``tasks``; ``body``: what it needs besides."""

    kind: str
    id: int
    step: str
    body: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Errand:
    kind: str
    id: int
    goal: tuple[float, float] | None
    set_out: datetime
    work_s: float
    result: str
    arrived: datetime | None = None


@dataclass
class FieldWork:
    """The work of all keepers of one run.

    Args:
        seed: of what they are like. hands: how slow they are; 1 is usual.
    """

    seed: int
    hands: float = 1.0
    _errands: dict[str, _Errand] = field(default_factory=dict)

    @property
    def goals(self) -> dict[str, tuple[float, float]]:
        """Where keepers are to be: code → lon, lat, degrees, EPSG:4490."""
        return {code: errand.goal for code, errand in self._errands.items() if errand.goal}

    def decide(self, events: Sequence[dict], tasks: Sequence[dict], now: datetime,
               places: Mapping[str, tuple[float, float]]) -> list[Step]:
        """Return the steps that keepers take now.

        Args:
            events: unfinished, as ``GET /api/events`` lists them. tasks: due, as ``GET /api/tasks`` does.
            places: where keepers are, of those whom we move; the others arrive after a while.
        """
        steps = [Step("events", event["id"], "accept") for event in events
                 if event["state"] == "dispatched" and event["keeper"] and event["dispatched_at"]
                 and _since(event["dispatched_at"], now) >= self._plan("events", event["id"]).accept_s]
        del steps[ACCEPTED_AT_ONCE:]
        open_work = self._open_work(events, tasks)
        for keeper in list(self._errands):
            errand = self._errands[keeper]
            if (errand.kind, errand.id) not in {key for key, _ in open_work.get(keeper, ())}:
                del self._errands[keeper]
        for keeper, work in open_work.items():
            errand = self._errands.get(keeper)
            if errand is None:
                ready = [(thing["due_at"] or "9999", key, thing) for key, thing in work
                         if self._begins(key, thing) <= now]
                if ready:
                    _, (kind, number), thing = min(ready, key=lambda entry: entry[:2])
                    plan = self._plan(kind, number)
                    goal = (thing["lon"], thing["lat"]) if thing["lon"] is not None else None
                    self._errands[keeper] = _Errand(kind, number, goal, now, plan.work_s, plan.result)
                continue
            if errand.arrived is None and self._has_arrived(errand, places.get(keeper), now):
                errand.arrived = now
            if errand.arrived and (now - errand.arrived).total_seconds() >= errand.work_s:
                done = ("finish", {"note": errand.result}) if errand.kind == "events" else (
                    "done", {"result": errand.result})
                steps.append(Step(errand.kind, errand.id, *done))
                del self._errands[keeper]
        return steps

    def _open_work(self, events, tasks) -> dict[str, list[tuple[tuple[str, int], dict]]]:
        """Return what each keeper has accepted: key and row. The task of an event is done with the event."""
        work: dict[str, list] = {}
        for event in events:
            if event["state"] == "accepted" and event["keeper"]:
                work.setdefault(event["keeper"], []).append((("events", event["id"]), event))
        for task in tasks:
            if task["keeper"] and task["target_kind"] != "event":
                work.setdefault(task["keeper"], []).append((("tasks", task["id"]), task))
        return work

    def _begins(self, key: tuple[str, int], thing: dict) -> datetime:
        late_s = self._plan(*key).late_s
        due = thing.get("deadline") or thing["due_at"]
        return _instant(due) + timedelta(seconds=late_s) if late_s and due else _EVER

    @staticmethod
    def _has_arrived(errand: _Errand, place: tuple[float, float] | None, now: datetime) -> bool:
        under_way = (now - errand.set_out).total_seconds()
        if errand.goal is None or place is None:
            return under_way >= UNSEEN_WALK_S
        return under_way >= WALKS_AT_MOST_S or metres(place, errand.goal) <= ARRIVED_M

    def _plan(self, kind: str, number: int) -> "_Plan":
        rng = np.random.default_rng([self.seed, 37 if kind == "events" else 41, number])
        return _Plan(
            accept_s=ACCEPT_S * self.hands * math.exp(float(rng.normal(0, 0.7))),
            work_s=WORK_S * math.exp(float(rng.normal(0, 0.5))),
            late_s=float(rng.uniform(*LATE_BY_S)) if rng.random() < LATE else 0.0,
            result=str(rng.choice(SEEN)))


@dataclass(frozen=True)
class _Plan:
    accept_s: float
    work_s: float
    late_s: float
    result: str


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two places (lon, lat, degrees), good enough for a walk."""
    east = (other[0] - one[0]) * math.cos(math.radians(one[1]))
    return math.hypot(east, other[1] - one[1]) * _M_PER_DEG


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _since(said: str, now: datetime) -> float:
    return (now - _instant(said)).total_seconds()
