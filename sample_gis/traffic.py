"""What the simulator says: alarms, events, readings and keepers' steps. Pure: no clock, no network.

The caller passes the instant; the generator decides what happens at it.
"""

import heapq
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from sample_gis import scenarios
from sample_gis.events import KINDS as EVENT_KINDS
from sample_gis.readings import Readings

SOURCE = "simulator"


@dataclass(frozen=True)
class AlarmKind:
    """One way in which a device of a kind can complain.

    Attributes:
        weight: how often, relative to the others.
        clears_min: minutes until it is over, on average; 0 for one that a person must end.
    """

    device: str
    type: str
    severity: str
    weight: float
    clears_min: float
    note: str


ALARM_KINDS = (
    AlarmKind("elevator", "elevator_trapped", "critical", 1.2, 18, "轿厢内有人按下呼救按钮"),
    AlarmKind("elevator", "elevator_fault", "major", 2.0, 25, "电梯停运，控制柜上报故障码 E32"),
    AlarmKind("smoke", "smoke", "major", 3.0, 9, "烟雾浓度超过报警阈值"),
    AlarmKind("smoke", "battery_low", "warning", 2.0, 0, "电池电量低于 10 %"),
    AlarmKind("gas", "gas", "critical", 1.0, 12, "可燃气体浓度 8 %LEL"),
    AlarmKind("camera", "camera_offline", "minor", 3.5, 6, "视频流中断"),
    AlarmKind("manhole", "manhole_open", "major", 1.2, 20, "井盖倾角超过 30°"),
    AlarmKind("manhole", "manhole_moved", "warning", 2.2, 15, "井盖位移"),
    AlarmKind("water_meter", "water_pressure", "minor", 1.2, 30, "管网压力低于 0.12 MPa"),
    AlarmKind("water_meter", "water_leak", "major", 0.8, 30, "夜间连续流量异常"),
    AlarmKind("access_control", "door_forced", "minor", 1.4, 5, "单元门被强行打开"),
    AlarmKind("access_control", "device_offline", "info", 1.6, 8, "门禁心跳超时"),
)
"""A plausible mix: mostly small matters, a few that a duty officer must see at once."""

KEEPER_PACE = 1.1
"""Metres per second."""

ALARM_SHARE = 0.6
"""Share of alarms among new messages; the rest are events."""

SCENARIO_CHANCE = 1 / 500
"""Of each thing that happens, to be the first of a scenario: in the demo, about every three hours."""

_M_PER_DEG = 111_194.9
"""Metres in a degree of latitude on a sphere of 6,371 km; good enough for a walk of a minute."""


@dataclass
class Keeper:
    """A keeper on the way from one device of the grid to another, or sent somewhere; degrees, EPSG:4490."""

    code: str
    stops: list[tuple[float, float]]
    lon: float
    lat: float
    goal: tuple[float, float]
    sent: bool = False


@dataclass
class Traffic:
    """The traffic of one run.

    Args:
        devices: rows of ``GET /api/devices``: code, kind, lon, lat, grid_code, name.
        seed: the same seed, devices and instants give the same messages.
        run: a word that no other run has: messages of two runs must not share an id.
        surprises: let scenarios happen now and then by themselves.
        through: how scenarios are told: ``alarms``, messages of gateways that decide for themselves, or ``readings``,
            values out of which the service's rules make the alarms; nothing is told by both.
    """

    devices: list[dict]
    seed: int
    run: str
    surprises: bool = True
    through: str = "alarms"
    _planned: list = field(default_factory=list)
    _serial: int = 0

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        by_kind: dict[str, list[dict]] = {}
        for device in self.devices:
            by_kind.setdefault(device["kind"], []).append(device)
        self._kinds = [kind for kind in ALARM_KINDS if kind.device in by_kind]
        weights = np.array([kind.weight for kind in self._kinds])
        self._weights = weights / weights.sum() if len(weights) else weights
        self._by_kind = by_kind
        self._event_codes = list(EVENT_KINDS)
        weights = np.array([kind.weight for kind in EVENT_KINDS.values()])
        self._event_weights = weights / weights.sum()
        self._keepers = self._make_keepers()
        self._readings = Readings(self.devices, self.seed, SOURCE)

    def due(self, now: datetime) -> list[dict]:
        """Return the messages of scenarios that begin now, and those that clear alarms whose time is over."""
        out = []
        while self._planned and self._planned[0][0] <= now:
            _, _, message = heapq.heappop(self._planned)
            out.append({**message, "occurred_at": now.isoformat()})
        return out

    def begin(self, scenario: str, now: datetime) -> int:
        """Let a scenario of `sample_gis.scenarios` begin; `due` says what happens in it.

        Returns:
            How many devices it befalls.
        """
        found = scenarios.troubles(scenario, self.devices, self._rng)
        for trouble in found:
            if trouble.silent or self.through == "readings":
                self._readings.suffer(trouble, now)
            if self.through == "readings":
                continue
            alarm = self._message(trouble.device, trouble.type, trouble.severity, trouble.note, now)
            begins = now + timedelta(seconds=trouble.begins_s)
            self._plan(begins, alarm)
            if trouble.lasts_s is not None:
                self._plan(begins + timedelta(seconds=trouble.lasts_s), _over(alarm))
        return len({trouble.device["code"] for trouble in found})

    def happening(self, now: datetime) -> tuple[list[dict], list[dict]]:
        """Let one thing happen: return new alarms and new events, one of both in all, or begin a scenario."""
        if self.surprises and self._rng.random() < SCENARIO_CHANCE:
            self.begin(scenarios.NAMES[int(self._rng.integers(len(scenarios.NAMES)))], now)
        if self._kinds and self._rng.random() < ALARM_SHARE:
            return [self._alarm(now)], []
        return [], [self._event(now)] if self.devices else []

    def pause(self, per_minute: float) -> float:
        """Return seconds until the next thing happens, at a mean rate; for ever at none."""
        return math.inf if per_minute == 0 else float(self._rng.exponential(60 / per_minute))

    def measured(self, now: datetime) -> list[dict]:
        """Return the readings and signs of life that are due by now."""
        return self._readings.due(now)

    def send_keepers(self, goals: Mapping[str, tuple[float, float]]) -> None:
        """Let keepers go to places and stay there; those without one walk their rounds.

        Args:
            goals: code of a keeper → lon, lat, degrees, EPSG:4490.
        """
        for keeper in self._keepers:
            keeper.sent = keeper.code in goals
            if keeper.sent:
                keeper.goal = goals[keeper.code]

    def places(self) -> dict[str, tuple[float, float]]:
        """Return where each keeper is: code → lon, lat."""
        return {keeper.code: (keeper.lon, keeper.lat) for keeper in self._keepers}

    def walk(self, now: datetime, seconds: float) -> list[dict]:
        """Move every keeper for some seconds and return where they are."""
        return [self._step(keeper, now, seconds) for keeper in self._keepers]

    def _alarm(self, now: datetime) -> dict:
        kind = self._kinds[int(self._rng.choice(len(self._kinds), p=self._weights))]
        pool = self._by_kind[kind.device]
        alarm = self._message(pool[int(self._rng.integers(len(pool)))], kind.type, kind.severity, kind.note, now)
        if kind.clears_min:
            minutes = float(self._rng.gamma(3, kind.clears_min / 3))
            self._plan(now + timedelta(minutes=minutes), _over(alarm))
        return alarm

    def _message(self, device: dict, type_: str, severity: str, note: str, now: datetime) -> dict:
        self._serial += 1
        return {
            "source": SOURCE, "event_id": f"{self.run}-{self._serial}", "device": device["code"],
            "severity": severity, "type": type_, "occurred_at": now.isoformat(), "note": note,
        }

    def _plan(self, at: datetime, message: dict) -> None:
        # Whether it raises or clears decides between two messages of one instant with one serial.
        heapq.heappush(self._planned, (at, (self._serial, "cleared" in message), message))

    def _event(self, now: datetime) -> dict:
        code = self._event_codes[int(self._rng.choice(len(self._event_codes), p=self._event_weights))]
        device = self.devices[int(self._rng.integers(len(self.devices)))]
        east, north = self._rng.normal(0, 25, 2)
        self._serial += 1
        place = (device.get("name") or "").split("单元")[0].split("摄像机")[0] or None
        return {
            "source": SOURCE, "code": f"{self.run}-{self._serial}", "class_code": code,
            "origin": str(self._rng.choice(["patrol", "12345", "resident"])),
            "title": EVENT_KINDS[code].name, "place": place,
            "lon": device["lon"] + east / (_M_PER_DEG * math.cos(math.radians(device["lat"]))),
            "lat": device["lat"] + north / _M_PER_DEG, "occurred_at": now.isoformat(),
        }

    def _make_keepers(self) -> list[Keeper]:
        """Make one keeper for each grid: the sample names them K and the end of the grid's code."""
        stops: dict[str, list[tuple[float, float]]] = {}
        for device in self.devices:
            if device["kind"] in ("camera", "manhole", "access_control") and device.get("grid_code", "").strip("0"):
                stops.setdefault(device["grid_code"], []).append((device["lon"], device["lat"]))
        keepers = []
        for grid, places in sorted(stops.items()):
            first, second = (places[int(i)] for i in self._rng.integers(len(places), size=2))
            keepers.append(Keeper(f"K{grid[-6:]}", places, *first, second))
        return keepers

    def _step(self, keeper: Keeper, now: datetime, seconds: float) -> dict:
        shrink = math.cos(math.radians(keeper.lat))
        east, north = (keeper.goal[0] - keeper.lon) * shrink * _M_PER_DEG, (keeper.goal[1] - keeper.lat) * _M_PER_DEG
        left, reach = math.hypot(east, north), KEEPER_PACE * seconds
        if left <= reach:
            keeper.lon, keeper.lat = keeper.goal
            if not keeper.sent:
                keeper.goal = keeper.stops[int(self._rng.integers(len(keeper.stops)))]
        else:
            keeper.lon += (keeper.goal[0] - keeper.lon) * reach / left
            keeper.lat += (keeper.goal[1] - keeper.lat) * reach / left
        return {"keeper": keeper.code, "lon": keeper.lon, "lat": keeper.lat, "at": now.isoformat()}


def _over(alarm: dict) -> dict:
    """Return the message that clears an alarm."""
    return {**alarm, "event_id": f"{alarm['event_id']}-clear", "cleared": True, "note": None}
