"""What the devices of the simulator measure, and when they speak. Pure: no clock, no network.

Every device speaks by the interval of its kind. Its values are those of a quiet day until something befalls it: then
they fit the trouble, so that rules over values find it by themselves, or the device is silent.
"""

import heapq
import math
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from sample_gis.clock import LOCAL
from sample_gis.scenarios import OFFLINE, Trouble

INTERVALS_S = {"camera": 60, "elevator": 300, "smoke": 86_400, "gas": 86_400, "water_meter": 86_400,
               "power_meter": 3_600, "heat_meter": 86_400, "temperature": 900, "access_control": 600,
               "manhole": 43_200}
"""Seconds between two signs of life, as the sample's devices and the service's kinds have them."""

OTHER_INTERVAL_S = 86_400
FIRST_WITHIN_S = 600.0
"""Who speaks seldom says a first word within so long, so that a city is known soon; then it is spread over its day."""

WATCH_S = 15.0
"""Seconds between two readings of a device that measures trouble."""

CATCHES_UP_S = 60.0
"""How far behind the clock a reading may be."""

UNENDING_S = 3600.0
"""How long the values of a trouble last that only a person can end: the thing is mended by then."""

RISE_S = 40.0
"""Seconds in which gas comes to about two thirds of its highest value."""


@dataclass(frozen=True)
class Spell:
    """Trouble of one device between two instants, seconds since 1970. ``level``: highest %LEL of gas."""

    type: str
    begins: float
    ends: float
    level: float


@dataclass
class Readings:
    """The readings of one run.

    Args:
        devices: rows of ``GET /api/devices``: code, kind; ``expected_interval_s`` is believed where it is given.
        seed: the same seed, devices and instants give the same readings.
        source: who says it.
    """

    devices: list[dict]
    seed: int
    source: str
    _next: dict[str, float] = field(default_factory=dict)
    _queue: list[tuple[float, str]] = field(default_factory=list)
    _spells: dict[str, list[Spell]] = field(default_factory=dict)
    _spoken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng([self.seed, 17])
        self._device = {device["code"]: device for device in self.devices}

    def due(self, now: datetime) -> list[dict]:
        """Return what is said by now, each at its own instant, in order; the first call begins the run."""
        clock = now.timestamp()
        if len(self._next) < len(self._device):
            for code, device in self._device.items():
                first = clock + float(self._rng.uniform(0, min(interval(device), FIRST_WITHIN_S)))
                self._speak_at(code, min(first, self._next.get(code, math.inf)))
        out = []
        while self._queue and self._queue[0][0] <= clock:
            at, code = heapq.heappop(self._queue)
            if self._next[code] != at:
                continue
            # After a sleep of hours nobody wants to hear what was said meanwhile.
            at = max(at, clock - CATCHES_UP_S)
            spells = [spell for spell in self._spells.get(code, ()) if spell.begins <= at < spell.ends]
            if any(spell.type in OFFLINE for spell in spells):
                self._speak_at(code, max(s.ends for s in spells if s.type in OFFLINE) + float(self._rng.uniform(0, 5)))
                continue
            out.append(self._say(self._device[code], at, spells))
            self._speak_at(code, self._after(code, at, bool(spells)))
        return out

    def suffer(self, trouble: Trouble, now: datetime) -> None:
        """Let a trouble befall its device: it measures it, or is silent, from its beginning to its end."""
        begins = now.timestamp() + trouble.begins_s
        lasts = UNENDING_S if trouble.lasts_s is None else trouble.lasts_s
        code = trouble.device["code"]
        kind = "device_offline" if trouble.silent else trouble.type
        spells = [spell for spell in self._spells.get(code, ()) if spell.ends > now.timestamp()]
        self._spells[code] = [*spells, Spell(kind, begins, begins + lasts, trouble.level or 0.0)]
        self._speak_at(code, min(begins, self._next.get(code, math.inf)))

    def _speak_at(self, code: str, at: float) -> None:
        self._next[code] = at
        heapq.heappush(self._queue, (at, code))

    def _after(self, code: str, at: float, suffers: bool) -> float:
        every = interval(self._device[code])
        if code not in self._spoken:
            self._spoken.add(code)
            after = at + every * float(self._rng.uniform(0.02, 1.0))
        else:
            after = at + every * float(self._rng.uniform(0.96, 1.0))
        turns = [turn for spell in self._spells.get(code, ()) for turn in (spell.begins, spell.ends) if turn > at]
        return min([after, at + WATCH_S if suffers else after, *turns])

    def _say(self, device: dict, at: float, spells: list[Spell]) -> dict:
        measure = _NORMAL.get(device["kind"])
        values = measure(device, at, self._rng) if measure else {}
        for spell in spells:
            values.update(_wrong(spell, at, self._rng))
        said = datetime.fromtimestamp(at, UTC).isoformat()
        return {"source": self.source, "device": device["code"], "at": said, "values": values}


def interval(device: dict) -> float:
    """Return the seconds between two signs of life of a device: its own, else those of its kind."""
    return float(device.get("expected_interval_s") or INTERVALS_S.get(device["kind"], OTHER_INTERVAL_S))


def outdoors(at: float) -> float:
    """Return a plausible temperature in °C at an instant (seconds since 1970): of the season and of the day.

    Source: normals of Hefei, 3 °C in January to 28 °C in July, five degrees up and down in a day.
    """
    local = datetime.fromtimestamp(at, LOCAL)
    season = 15.5 - 12.5 * math.cos(2 * math.pi * (local.timetuple().tm_yday - 20) / 365)
    return season + 4.5 * math.sin(2 * math.pi * (local.hour + local.minute / 60 - 9) / 24)


def _own(device: dict) -> float:
    """Return a number from 0 to 1 that is the device's own for ever."""
    return zlib.crc32(device["code"].encode()) / 2**32


def _battery(device: dict, at: float) -> float:
    """Return its charge in %: it falls by 12 to 30 in a year, and is replaced before it is empty."""
    own = _own(device)
    return round(100 - (own * 880 + at / 86_400 / 365 * (12 + 18 * own)) % 80, 1)


def _busy(at: float) -> float:
    """Return how much goes on in houses, from 0 at night to 1 at seven in the morning and in the evening."""
    local = datetime.fromtimestamp(at, LOCAL)
    hour = local.hour + local.minute / 60
    return max(math.exp(-((hour - peak) / 2.2) ** 2) for peak in (7.2, 19.0))


def _elevator(device: dict, at: float, rng: np.random.Generator) -> dict:
    moving = rng.random() < 0.1 + 0.5 * _busy(at)
    return {"floor": int(rng.integers(1, 8 + int(18 * _own(device)))), "speed": 1.75 if moving else 0.0,
            "door": "closed" if moving or rng.random() < 0.8 else "open", "trapped": False, "fault": False}


def _smoke(device: dict, at: float, rng: np.random.Generator) -> dict:
    return {"smoke": False, "obscuration": round(float(rng.gamma(2.0, 0.05)), 2),
            "temperature": round(11 + 0.5 * outdoors(at) + float(rng.normal(0, 0.6)), 1),
            "battery": _battery(device, at)}


def _gas(device: dict, at: float, rng: np.random.Generator) -> dict:
    # A stove that is lit makes a detector tremble, far below its threshold of 5 %LEL.
    return {"gas": round(min(2.0, float(rng.exponential(0.15 + 0.3 * _busy(at)))), 1), "battery": _battery(device, at)}


def _water(device: dict, at: float, rng: np.random.Generator) -> dict:
    busy = _busy(at)
    return {"pressure": round(0.30 - 0.06 * busy + float(np.clip(rng.normal(0, 0.01), -0.04, 0.04)), 3),
            "flow": round(float(rng.gamma(1.5, 0.02 + 0.15 * busy)), 3),
            "total": round(900 * _own(device) + (at / 86_400 - 18_000) * (0.15 + 0.3 * _own(device)), 2),
            "battery": _battery(device, at)}


def _manhole(device: dict, at: float, rng: np.random.Generator) -> dict:
    return {"tilt": round(float(rng.gamma(2.0, 0.6)), 1), "open": False,
            "water_level": round(0.05 + 0.2 * float(rng.random()) ** 2, 2), "battery": _battery(device, at)}


def _power(device: dict, at: float, rng: np.random.Generator) -> dict:
    watts = 8 + 30 * _busy(at) + float(rng.gamma(2.0, 1.5))
    return {"power": round(watts, 2), "energy": round((at / 3600 - 430_000) * (12 + 10 * _own(device)), 1),
            "temperature": round(outdoors(at) + 12 + float(rng.normal(0, 1)), 1)}


_NORMAL = {
    "camera": lambda device, at, rng: {"online": True},
    "elevator": _elevator, "smoke": _smoke, "gas": _gas, "water_meter": _water, "manhole": _manhole,
    "power_meter": _power,
    "heat_meter": lambda device, at, rng: {"temperature": round(52 + float(rng.normal(0, 2)), 1)},
    "temperature": lambda device, at, rng: {"temperature": round(outdoors(at) + float(rng.normal(0, 0.4)), 1)},
    "access_control": lambda device, at, rng: {"door": "open" if rng.random() < 0.15 * _busy(at) else "closed"},
}


def _wrong(spell: Spell, at: float, rng: np.random.Generator) -> dict:
    """Return the values that a trouble changes."""
    match spell.type:
        case "gas":
            risen = 1 - math.exp(-(at - spell.begins) / RISE_S)
            return {"gas": round(max(0.0, spell.level * risen + float(rng.normal(0, 0.2))), 1)}
        case "smoke":
            return {"smoke": True, "obscuration": round(float(rng.uniform(8, 20)), 1)}
        case "elevator_trapped":
            return {"trapped": True, "speed": 0.0, "door": "closed"}
        case "elevator_fault":
            return {"fault": True, "speed": 0.0}
        case "manhole_open":
            return {"open": True, "water_level": round(float(rng.uniform(1.2, 1.8)), 2)}
        case "water_leak":
            return {"pressure": round(float(rng.uniform(0.07, 0.11)), 3), "flow": round(float(rng.uniform(4, 9)), 2)}
    return {}
