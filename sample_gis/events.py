"""Ninety days of events (事件): what people reported, where and when it happens.

Every class has its own hours, days and places, so that a heat map and a clock of the week
show what one would expect: stalls around the market at dawn and dusk, cars at the school
gates, noise at night, flooded streets on the days of rain.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from sample_gis import chance, frame
from sample_gis.blocks import Built
from sample_gis.clock import Clock
from sample_gis.grids import Division
from sample_gis.layer import Layer, text
from sample_gis.streets import Network

DAYS = 90
EVENTS = 6_000
RAINY_DAYS = 6


@dataclass(frozen=True)
class Kind:
    """One class of events.

    ``hours``: (hour, spread, weight) peaks of the day. ``weekend``: factor on Saturdays and
    Sundays. ``places``: uses of blocks it happens at; empty means along streets.
    ``due_h``: hours to the deadline. ``spread_m``: how far from the place, metres.
    """

    name: str
    weight: float
    hours: tuple
    weekend: float
    places: tuple
    due_h: int
    spread_m: float = 45.0


_DAY = ((10, 2.2, 1.0), (15.5, 2.2, 0.9))
KINDS = {
    "0101": Kind("私搭乱建", 3, _DAY, 0.6, ("lanes", "slab5", "villa"), 168),
    "0102": Kind("暴露垃圾", 11, ((7.5, 1.2, 1.0), (18.5, 1.8, 0.9)), 1.15, ("market", "lanes", "slab5", "slab6"), 12),
    "0103": Kind("积存垃圾渣土", 4, _DAY, 0.7, ("site", "factory", "slab5"), 24),
    "0201": Kind("非法小广告", 6, _DAY, 0.9, ("lanes", "slab5", "slab6", "market"), 24),
    "0301": Kind("施工扰民", 4, ((6.5, 0.8, 0.5), (22.5, 1.2, 1.0)), 1.2, ("site",), 8, 90.0),
    "0401": Kind("路面塌陷", 1.2, _DAY, 0.9, (), 6, 6.0),
    "0402": Kind("自来水管破裂", 1.5, ((7, 2.0, 1.0), (20, 3, 0.6)), 1.0, ("slab5", "lanes"), 6),
    "0406": Kind("道路积水", 2.2, ((8, 3.0, 1.0), (17, 3.0, 1.0)), 1.0, (), 4, 8.0),
    "0501": Kind("无照经营游商", 10, ((7, 0.9, 1.0), (17.6, 1.1, 1.2)), 1.25,
                 ("market", "primary", "lanes", "lake"), 4),
    "0504": Kind("店外经营", 9, ((9.5, 1.6, 0.7), (18.8, 1.8, 1.0)), 1.2, ("market", "lanes", "mall"), 8),
    "0505": Kind("机动车乱停放", 13, ((7.7, 0.5, 1.0), (16.6, 0.7, 1.0), (20.5, 2.0, 0.7)), 0.6,
                 ("primary", "middle", "hospital", "market"), 4),
    "0601": Kind("邻里纠纷", 5, ((19.8, 1.8, 1.0), (10.5, 2.0, 0.5)), 1.5, ("slab5", "slab6", "lanes"), 48),
    "0602": Kind("噪声扰民", 9, ((21.3, 1.2, 1.0), (23.3, 1.0, 0.6)), 1.4, ("lake", "park", "mall", "lanes"), 8, 70.0),
    "0603": Kind("独居老人求助", 4, ((6.8, 1.6, 1.0), (14, 4.0, 0.7), (21, 1.6, 0.5)), 1.0,
                 ("lanes", "slab5", "slab6"), 2),
    "0604": Kind("高空抛物", 2.5, ((12.3, 1.0, 0.6), (20.0, 1.6, 1.0)), 1.3, ("tower", "slab11"), 12),
    "0605": Kind("电动车违规充电", 7, ((19.0, 1.5, 1.0), (22.2, 1.2, 0.8)), 1.0,
                 ("slab5", "slab6", "lanes", "tower"), 8),
    "0606": Kind("消防通道占用", 6, ((9, 2.0, 0.6), (19.5, 1.8, 1.0)), 1.1, ("slab6", "slab11", "tower", "lanes"), 4),
    "0607": Kind("欠薪与劳动纠纷", 1.6, ((9.5, 1.4, 1.0), (14.8, 1.5, 0.8)), 0.2, ("factory", "site", "depot"), 72),
}
"""Class code (two digits of group, two of kind; groups as in the six event groups of city
management plus 06 for matters between people) → how it happens."""

SOURCES = (("patrol", 0.46), ("12345", 0.27), ("resident", 0.2), ("device", 0.07))


def happen(network: Network, built: Built, division: Division, seed: int, clock: Clock) -> Layer:
    """Return ``events`` of the `DAYS` days up to the clock's instant, in order of time.

    Returns:
        code, class_code, source, state, title, place, occurred_at, deadline, dispatched_at,
        accepted_at and done_at (ISO 8601 with offset; None where it did not happen), Point in
        EPSG:4490. About `EVENTS` for the whole street, fewer for a part of it, in proportion
        to its blocks.
    """
    rng = chance.stream(seed, "events")
    whole = EVENTS * len(built.sites) / 90
    total = sum(kind.weight for kind in KINDS.values())
    places = _places(network, built, division)
    rain = rng.choice(DAYS, RAINY_DAYS, replace=False)
    parts = []
    for code, kind in KINDS.items():
        count = int(rng.poisson(whole * kind.weight / total))
        at = _instants(rng, kind, count, clock, rain if code == "0406" else None)
        spots, labels = _spots(rng, kind, count, places, division)
        parts.append((np.full(count, code), at, spots, labels))
    code, at, spots, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    here = at <= clock.until
    order = np.flatnonzero(here)[np.argsort(at[here], kind="stable")]
    code, at, spots, labels = code[order], at[order], spots[order], labels[order]
    source = rng.choice([s for s, _ in SOURCES], size=len(at), p=[p for _, p in SOURCES])
    due = np.array([KINDS[c].due_h for c in code]) * 3600
    state = _states(rng, clock.until - at, due)
    sent, taken, done = _handled(rng, at, due, clock.until - at)
    return Layer("events", {
        "code": _numbers(at), "class_code": code.astype(object), "source": source.astype(object),
        "state": state,
        "title": text(f"{label}{KINDS[c].name}" for label, c in zip(labels, code, strict=True)),
        "place": labels.astype(object), "occurred_at": clock.iso(at), "deadline": clock.iso(at + due),
        "dispatched_at": np.where(state != "open", clock.iso(sent), None),
        "accepted_at": np.where(state == "done", clock.iso(taken), None),
        "done_at": np.where(state == "done", clock.iso(done), None),
    }, shapely.points(frame.to_degrees(spots)), "Point")


def _instants(rng, kind: Kind, count: int, clock: Clock, days) -> np.ndarray:
    """Return seconds since 1970: a day by its weight, an hour by the peaks of the class."""
    first = clock.midnight - (DAYS - 1) * 86_400
    weekday = ((first // 86_400 + np.arange(DAYS) + 4) % 7 + (8 * 3600 + first % 86_400 >= 86_400)) % 7
    weight = np.where((weekday == 0) | (weekday == 6), kind.weekend, 1.0) * rng.gamma(14, 1 / 14, DAYS)
    if days is not None:
        weight = np.where(np.isin(np.arange(DAYS), days), 12.0, 0.15)
    day = rng.choice(DAYS, size=count, p=weight / weight.sum())
    peak = np.array(kind.hours)
    which = rng.choice(len(peak), size=count, p=peak[:, 2] / peak[:, 2].sum())
    hour = rng.normal(peak[which, 0], peak[which, 1])
    hour = np.where(rng.random(count) < 0.06, rng.uniform(6, 24, count), hour) % 24
    return first + day * 86_400 + (hour * 3600).astype("int64")


def _places(network, built, division):
    """Return use → (anchor in metres, weight, label) of where events gather."""
    out: dict[str, list] = {}
    rng_free_order = sorted(built.sites, key=lambda site: site.number)
    for site in rng_free_order:
        gate = site.geom.exterior
        streets = site.streets[:2]
        for name, _, line in streets:
            point = gate.interpolate(gate.project(line.interpolate(line.project(site.geom.centroid))))
            out.setdefault(site.use, []).append((point.coords[0], 1.0, f"{site.name}{name}侧"))
        middle = site.geom.representative_point().coords[0]
        out[site.use].append((middle, 1.6, site.name))
    for road in network.roads:
        inside = shapely.intersection(road.line, division.street)
        if inside.length > 150 and road.plan.kind != "inner":
            for part in shapely.get_parts(inside):
                for at in np.arange(60, part.length, 160):
                    out.setdefault("", []).append((part.interpolate(at).coords[0], 1.0, road.plan.name))
    return out


def _spots(rng, kind: Kind, count: int, places, division):
    """Return positions in metres and the name of the place of each event."""
    pool = [(use, *entry) for use in (kind.places or ("",)) for entry in places.get(use, ())]
    if not pool:
        pool = [("", *entry) for entry in places[""]]
    # The first use named by a class is where it mostly happens, however few such blocks there are.
    number = {use: sum(1 for entry in pool if entry[0] == use) for use in {entry[0] for entry in pool}}
    rank = {use: 1 / (1 + i) for i, use in enumerate(kind.places or ("",))}
    weight = np.array([entry[2] * rank.get(entry[0], 1) / number[entry[0]] ** 0.6 for entry in pool])
    weight *= rng.gamma(1.6, 1, len(pool))
    pick = rng.choice(len(pool), size=count, p=weight / weight.sum())
    anchor = np.array([entry[1] for entry in pool])[pick]
    spot = anchor + rng.normal(0, kind.spread_m * 0.55, (count, 2))
    spot = shapely.get_coordinates(division.keep_inside(shapely.points(spot)))
    return spot, np.array([entry[3] for entry in pool], dtype="U40")[pick]


def _states(rng, age, due) -> np.ndarray:
    """Return states: old matters are done, fresh ones open or under way."""
    draw = rng.random(len(age))
    progress = age / np.maximum(due, 1)
    done = draw < np.clip(0.35 * progress, 0, 0.985)
    return np.where(done, "done", np.where(draw < np.clip(0.6 + 0.3 * progress, 0, 0.997), "dispatched",
                                           "open")).astype(object)


def _handled(rng, at, due, age) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return when events were sent, accepted and done if they were: one in eight too late, none in the future."""
    lasted = np.minimum(due * rng.gamma(4.2, 0.155, len(at)), 0.98 * age)
    return tuple(at + (share * lasted).astype("int64") for share in (0.04, 0.2, 1.0))


def _numbers(at) -> np.ndarray:
    """Return codes ``E`` + local date + serial of the day."""
    day = (np.asarray(at) + 8 * 3600).astype("datetime64[s]").astype("datetime64[D]")
    first = np.maximum.accumulate(np.where(np.r_[True, day[1:] != day[:-1]], np.arange(len(day)),
                                           0)) if len(day) else day
    serial = (np.arange(len(day)) - first + 1).astype(int) if len(day) else np.array([], int)
    dates = np.char.replace(day.astype(str), "-", "")
    return np.char.add(np.char.add("E", dates), np.char.zfill(serial.astype(str), 4)).astype(object)
