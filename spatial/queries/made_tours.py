"""The tour that a wall goes through where none is on record (默认巡演): all, where most is going on, and all around."""

from dataclasses import dataclass

import psycopg

from spatial.queries.wall_tours import Json, Tour
from spatial.rules import wall_tours as rules
from spatial.rules.alarms import SEVERITIES

NAME = "默认巡演"

BUSIEST = {"street": 4, "community": 6, "grid": 6}
"""How many places of each level are stopped at. Of streets or communities there must be two or more: one is all of it
again; grids are stopped at where there are not two communities."""

WHOLE_S, PLACE_S, SIDE_S = 20, 15, 12
SIDES = (0, 90, 180, 270)
"""Degrees from north from which the whole is looked at in turn, at the end of a round."""

# Rows: the places of some levels within the jurisdiction, and what is open there.
_OPEN = f"""
SELECT place.level, place.code, place.name, counts.alarms, counts.events,
       place.west, place.south, place.east, place.north
FROM (
    SELECT level, code, name,
           CASE level WHEN 'county' THEN left(code, 6) WHEN 'street' THEN left(code, 9) ELSE code END AS digits,
           ST_XMin(geom) AS west, ST_YMin(geom) AS south, ST_XMax(geom) AS east, ST_YMax(geom) AS north
    FROM area
    UNION ALL
    SELECT 'grid', code, name, code, ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)
    FROM grid WHERE valid_to IS NULL
) AS place, LATERAL (
    SELECT coalesce(sum({' + '.join(f'alarms_{severity}' for severity in SEVERITIES)}), 0)::int AS alarms,
           coalesce(sum(events_open), 0)::int AS events
    FROM rollup WHERE grid_code >= digits AND grid_code < digits || ':'
) AS counts
WHERE level = ANY(%s)
ORDER BY counts.alarms + counts.events DESC, counts.alarms DESC, place.code
"""


@dataclass(frozen=True)
class _Place:
    level: str
    code: str
    name: str
    alarms: int
    events: int
    bounds: tuple[float, float, float, float]

    def stop(self) -> Json:
        show = "alarms" if self.alarms else "events" if self.events else "entry_rate"
        return _stop(self.name, PLACE_S, {"kind": "place", "level": self.level, "code": self.code}, show)


def made(connection: psycopg.Connection) -> Tour:
    """Return a tour of what lies within the jurisdiction, as it is now; without any place on record it has no stop."""
    areas = _open(connection, ["county", "street", "community"])
    counties, streets, communities = ([place for place in areas if place.level == level]
                                      for level in ("county", "street", "community"))
    grids = _open(connection, ["grid"]) if len(communities) < 2 else []
    whole = counties or streets or communities or grids
    if not whole:
        return Tour(None, NAME, [], 0, None, None)
    busiest = [place.stop() for places in (streets, communities, grids) if len(places) > 1
               for place in places[:BUSIEST[places[0].level]]]
    title = whole[0].name if len(whole) == 1 else ""
    sides = [_stop(title, SIDE_S, {"kind": "view", "camera": camera}, "buildings")
             for camera in rules.around(_together(whole), SIDES)]
    first = {**sides[0], "seconds": WHOLE_S}
    if len(whole) == 1:
        first["target"] = {"kind": "place", "level": whole[0].level, "code": whole[0].code}
    return Tour(None, NAME, [first, *busiest, *sides], 0, None, None)


def _together(places: list[_Place]) -> tuple[float, float, float, float]:
    west, south, east, north = zip(*(place.bounds for place in places), strict=True)
    return min(west), min(south), max(east), max(north)


def _stop(title: str, seconds: int, target: Json, show: str) -> Json:
    return {"title": title, "seconds": seconds, "target": target, "show": show}


def _open(connection: psycopg.Connection, levels: list[str]) -> list[_Place]:
    return [_Place(level, code, name, alarms, events, tuple(bounds))
            for level, code, name, alarms, events, *bounds in connection.execute(_OPEN, (levels,))]
