"""Operators (值班员) who work on alarms: what they do next. Pure: no clock, no network.

Each has one pair of hands. What is worst is acknowledged first; then comes what is written down, put aside, ended
and closed. How long somebody takes with an alarm depends on the seed and the alarm alone, not on how often we look.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

SEVERITIES = ("critical", "major", "minor", "warning", "info")

ACKNOWLEDGE_S = 40.0
"""Median from the raise to the acknowledgement, seconds."""

HANDLING_S = 4.0
"""Seconds that a step takes an operator, on average."""

CLOSE_S = (15.0, 75.0)
"""From an alarm that is over and acknowledged until it is closed, seconds."""

ENDS_S = {"battery_low": (600.0, 1500.0)}
"""When a person says that it is over, since no device does: seconds after the raise, by type."""

ENDS_LATE_S = (4500.0, 7200.0)
"""The same for all other types: the device's word was lost."""

COMMENTS, SHELVES = 0.12, 0.03
"""Share of alarms of which something is written down; of small ones that are put aside."""

NUISANCE_REPEATS = 5
"""An alarm that came so often is put aside."""

GROUP_MOST, CLOSED_AT_ONCE = 50, 20
"""Alarms of one step at most: of a group that is acknowledged as one, and of those that are closed together."""

FLOOD, SEEN_S = 20, 20.0
"""Alarms that wait, from which on those of a type are acknowledged together; what came less than so many seconds ago is
seen by nobody yet."""

REMARKS = ("已电话联系物业核实", "已通知网格员到场", "现场无异常，持续观察",
           "维保单位已受理，预计半小时到场", "视频复核，未见明火")
PUT_ASIDE = "设备频繁误报，已报修，暂时搁置"
ENDED = "现场确认已恢复"


@dataclass(frozen=True)
class Action:
    """One step with some alarms. ``body``: what it needs besides."""

    step: str
    ids: tuple[int, ...]
    body: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Plan:
    """What becomes of one alarm; seconds after its raise, or after it could be closed."""

    acknowledge_s: float
    close_s: float
    ends_s: float
    remark: str | None
    put_aside_s: float | None


@dataclass
class Operators:
    """Operators of one run.

    Args:
        count: how many. seed: of what they are like.
        hands: how slow they are; 1 is usual, 2 takes twice as long.
    """

    count: int
    seed: int
    hands: float = 1.0
    _plans: dict[int, _Plan] = field(default_factory=dict)
    _done: set[tuple[str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng([self.seed, 29])
        self._free_at: list[datetime | None] = [None] * self.count

    def decide(self, alarms: Sequence[dict], now: datetime) -> list[Action]:
        """Return what those who are free do now, the worst first; each alarm in one step at most.

        Args:
            alarms: all that are not closed, as ``GET /api/alarms`` lists them.
        """
        self._forget({alarm["id"] for alarm in alarms})
        free = [number for number, until in enumerate(self._free_at) if until is None or until <= now]
        if not free:
            return []
        wanted = sorted(self._wanted(alarms, now), key=lambda entry: entry[0])
        taken: set[int] = set()
        out: list[Action] = []
        for _, action in wanted:
            if len(out) == len(free):
                break
            if not taken.isdisjoint(action.ids):
                continue
            taken.update(action.ids)
            self._done.update((action.step, number) for number in action.ids)
            busy = HANDLING_S * self.hands * float(self._rng.uniform(0.6, 1.4))
            self._free_at[free[len(out)]] = now + timedelta(seconds=busy)
            out.append(action)
        return out

    def _wanted(self, alarms, now):
        """Yield (order, action) for all that is due."""
        waiting = [alarm for alarm in alarms if not alarm["acknowledged_at"]]
        # Who looks at one of a group looks at all of it; in a flood, at all of a type.
        common = "type" if len(waiting) >= FLOOD else "group_id"
        groups: dict[object, list[dict]] = {}
        for alarm in waiting:
            groups.setdefault(alarm[common], []).append(alarm)
        over = []
        for alarm in alarms:
            number, plan = alarm["id"], self._plan(alarm)
            age = _since(alarm["received_at"], now)
            shelved = bool(alarm.get("shelved_until"))
            if not alarm["acknowledged_at"]:
                if age >= plan.acknowledge_s and not (shelved and alarm["active"]):
                    same = [one["id"] for one in groups[alarm[common]]
                            if one["id"] != number and _since(one["received_at"], now) > SEEN_S]
                    yield (0, SEVERITIES.index(alarm["severity"]), -age), Action(
                        "acknowledge", (number, *same[:GROUP_MOST - 1]))
            elif not alarm["active"]:
                if min(_since(alarm["cleared_at"], now), _since(alarm["acknowledged_at"], now)) >= plan.close_s:
                    over.append(number)
            elif age >= plan.ends_s:
                yield (3, 0, -age), Action("clear", (number,), {"note": ENDED})
            elif plan.remark and ("comment", number) not in self._done:
                yield (2, 0, -age), Action("comment", (number,), {"note": plan.remark})
            elif not shelved and ("shelve", number) not in self._done and (
                    alarm["repeats"] >= NUISANCE_REPEATS or (plan.put_aside_s and age >= plan.put_aside_s)):
                until = (now + timedelta(hours=1)).isoformat()
                yield (2, 1, -age), Action("shelve", (number,), {"note": PUT_ASIDE, "until": until})
        if over:
            yield (1, 0, 0.0), Action("close", tuple(over[:CLOSED_AT_ONCE]))

    def _plan(self, alarm: dict) -> _Plan:
        if (plan := self._plans.get(alarm["id"])) is None:
            rng = np.random.default_rng([self.seed, 31, alarm["id"]])
            small = alarm["severity"] in ("warning", "info")
            plan = self._plans[alarm["id"]] = _Plan(
                acknowledge_s=ACKNOWLEDGE_S * self.hands * math.exp(float(rng.normal(0, 0.5))),
                close_s=self.hands * float(rng.uniform(*CLOSE_S)),
                ends_s=float(rng.uniform(*ENDS_S.get(alarm["type"], ENDS_LATE_S))),
                remark=str(rng.choice(REMARKS)) if rng.random() < COMMENTS else None,
                put_aside_s=300.0 if small and rng.random() < SHELVES else None)
        return plan

    def _forget(self, known: set[int]) -> None:
        """Forget alarms that are closed, so that a run of months needs no more memory than one of a day."""
        self._plans = {number: plan for number, plan in self._plans.items() if number in known}
        self._done = {(step, number) for step, number in self._done if number in known}


def _since(said: str | None, now: datetime) -> float:
    """Return the seconds since an instant in ISO 8601; 0 for none."""
    return (now - datetime.fromisoformat(said)).total_seconds() if said else 0.0
