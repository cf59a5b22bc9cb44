"""Scenarios of the simulator: what goes wrong together. Pure: no clock, no network.

A scenario is a list of troubles, each with its device and the seconds after which it begins and ends. What the
duty officer sees is a flood: many alarms, one cause, and the first of them nearest to it.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NAMES = ("elevator", "gas-flood", "device-loss", "storm")
"""elevator 电梯困人, gas-flood 燃气泄漏, device-loss 断电失联, storm 暴雨."""

ENOUGH = 16
"""Detectors of a building whose leak is a flood: more than ten alarms within ten minutes are one (ISA-18.2)."""

OFFLINE = ("camera_offline", "device_offline")
"""Types of trouble in which a device says nothing: who listens finds out by itself."""


@dataclass(frozen=True)
class Trouble:
    """One device's trouble.

    Attributes:
        device: row of ``GET /api/devices``.
        type, severity, note: as an alarm says them.
        begins_s, lasts_s: seconds after the beginning of the scenario, and until it is over; None for a trouble
            that a person must end.
        silent: the device sends no sign of life meanwhile.
        level: how bad it gets, in the unit of what is measured; None where nothing is.
    """

    device: dict
    type: str
    severity: str
    note: str
    begins_s: float
    lasts_s: float | None
    silent: bool = False
    level: float | None = None


def troubles(name: str, devices: list[dict], rng: np.random.Generator) -> list[Trouble]:
    """Return the troubles of a scenario, in the order in which they begin.

    Args:
        name: one of ``NAMES``.
        devices: those on record.
        rng: decides where it happens, and how fast it spreads.

    Returns:
        The troubles; none where no device is on record that it could befall.
    """
    return sorted(_SCENARIOS[name](devices, rng), key=lambda trouble: trouble.begins_s)


def _of_kind(devices: list[dict], *kinds: str) -> list[dict]:
    return [device for device in devices if device["kind"] in kinds]


def _pick(rng: np.random.Generator, items: list):
    return items[int(rng.integers(len(items)))]


def _elevator(devices: list[dict], rng: np.random.Generator) -> list[Trouble]:
    """One lift stops with people in it; its control says so a little later."""
    lifts = _of_kind(devices, "elevator")
    if not lifts:
        return []
    lift = _pick(rng, lifts)
    return [
        Trouble(lift, "elevator_trapped", "critical", "轿厢内有人按下呼救按钮，轿厢停于两层之间", 0.0,
                float(rng.uniform(900, 1500))),
        Trouble(lift, "elevator_fault", "major", "电梯停运，控制柜上报故障码 E32", float(rng.uniform(4, 15)),
                float(rng.uniform(1500, 2400))),
    ]


def _gas_flood(devices: list[dict], rng: np.random.Generator) -> list[Trouble]:
    """Gas leaks in the building with the most detectors of some: the nearest floors smell it first."""
    by_building: dict[str, list[dict]] = defaultdict(list)
    for device in _of_kind(devices, "gas", "smoke"):
        if device.get("building_code"):
            by_building[device["building_code"]].append(device)
    leaking = {code: found for code, found in by_building.items() if _of_kind(found, "gas")}
    if not leaking:
        return []
    # One of the ten best equipped, so that it is not always the same one, and with enough detectors for a flood.
    best = sorted(leaking, key=lambda code: (-len(leaking[code]), code))[:10]
    found = leaking[_pick(rng, [code for code in best if len(leaking[code]) >= ENOUGH] or best[:1])]
    source = _pick(rng, _of_kind(found, "gas"))
    floors = [abs((device.get("floor") or 1) - (source.get("floor") or 1)) for device in found]
    out = []
    for device, floor in zip(found, floors, strict=True):
        begins = 0.0 if device is source else 4.0 + 4.0 * floor + float(rng.exponential(4.0))
        lasts = float(rng.uniform(500, 900))
        if device["kind"] == "gas":
            level = max(8, int(24 - 3 * floor + rng.normal(0, 2)))
            out.append(Trouble(device, "gas", "critical", f"可燃气体浓度 {level} %LEL", begins, lasts,
                               level=float(level)))
        elif rng.random() < 0.9:
            out.append(Trouble(device, "smoke", "major", "烟雾浓度超过报警阈值", begins + 10.0, lasts))
    return out


def _device_loss(devices: list[dict], rng: np.random.Generator) -> list[Trouble]:
    """A cabinet loses power: what reports from one grid goes silent, almost at once."""
    by_grid: dict[str, list[dict]] = defaultdict(list)
    for device in _of_kind(devices, "camera", "access_control"):
        if (device.get("grid_code") or "").strip("0"):
            by_grid[device["grid_code"]].append(device)
    if not by_grid:
        return []
    lasts = float(rng.uniform(240, 600))
    return [
        Trouble(device, *_LOST[device["kind"]], float(rng.uniform(0, 40)), lasts + float(rng.uniform(0, 60)), True)
        for device in by_grid[_pick(rng, sorted(by_grid))]
    ]


_LOST = {
    "camera": ("camera_offline", "minor", "视频流中断"),
    "access_control": ("device_offline", "info", "门禁心跳超时"),
}


def _storm(devices: list[dict], rng: np.random.Generator) -> list[Trouble]:
    """A cloudburst: covers lift all over the city, water comes in, cameras fail."""
    struck = [device for device in _of_kind(devices, "manhole", "water_meter", "camera")
              if rng.random() < _STRUCK[device["kind"]]]
    return [
        Trouble(device, *_WET[device["kind"]], float(rng.gamma(2.0, 45.0)), float(rng.uniform(600, 2400)))
        for device in struck
    ]


_STRUCK = {"manhole": 0.5, "water_meter": 0.15, "camera": 0.1}
_WET = {
    "manhole": ("manhole_open", "major", "井盖被积水顶起，倾角超过 30°"),
    "water_meter": ("water_leak", "major", "地下室进水，流量异常"),
    "camera": ("camera_offline", "minor", "视频流中断"),
}

_SCENARIOS: dict[str, Callable[[list[dict], np.random.Generator], list[Trouble]]] = dict(
    zip(NAMES, (_elevator, _gas_flood, _device_loss, _storm), strict=True))
