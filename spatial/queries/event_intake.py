"""Taking events in: a batch by few statements, each event once, a bad one without loss of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from spatial.queries import event_life
from spatial.rules import events as rules
from spatial.rules import search as words
from spatial.types import UNPLACED_AREA, UNPLACED_GRID, Scope


@dataclass(frozen=True)
class Report:
    """An event as it comes in. Where it is: ``lon`` and ``lat``, ``building`` or ``address``, or several of them.

    Attributes:
        source, code: who reports it, and its number there: the two are its identity.
        class_code: 4 digits. origin: one of ``spatial.rules.events.ORIGINS``.
        title, place: what it is about, and where in words.
        occurred_at: the sender's time.
        lon, lat: degrees, EPSG:4490.
        building: code of a building on record, whose place it takes; its point too, where none is given.
        address: name or address of one building, organisation or place on record; looked up where nothing else is.
    """

    source: str
    code: str
    class_code: str
    origin: str
    title: str
    occurred_at: datetime
    place: str | None = None
    lon: float | None = None
    lat: float | None = None
    building: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Fault:
    """Why one event of a batch was not taken. ``index``: its position in the batch, from 0."""

    index: int
    field: str
    value: str | None
    reason: str
    cure: str


@dataclass(frozen=True)
class Taken:
    """What became of a batch.

    Attributes:
        ids: of the events that are new, by their position in the batch.
        known: how many were on record already.
        faults: those not taken, and why.
        marked: positions of events whose time lay in the future, taken with the server's time.
    """

    ids: dict[int, int]
    known: int
    faults: list[Fault]
    marked: list[int]


CANDIDATES = 20
"""Objects looked at for one address."""

# Rows: position of the address, and objects that it may mean, the best first. Parameters: columns of equal length of
# positions and of what `spatial.rules.search` cuts from each address, grams joined by blanks; scope; limit.
ADDRESSES = """
SELECT asked.n, found.kind, found.object_id, found.label, found.also
FROM unnest(%(n)s::int[], %(begins)s::text[], %(grams)s::text[]) AS asked (n, begins, grams),
     LATERAL shapan_search(%(scope)s::code_multirange, '', asked.begins, string_to_array(asked.grams, ' '), '{}',
                           '{building,organisation,place}', %(most)s) AS found
"""

# Rows: position, lon, lat, id and place of the building, place of the point; whether it lies in the jurisdiction.
# A shared edge belongs to the grid with the lowest code; without a grid the community's code and 000.
# Parameters: columns of equal length; unplaced area and grid.
PLACES = """
WITH item AS MATERIALIZED (
    SELECT item.n, building.id AS building_id, building.area_code, building.grid_code,
           coalesce(ST_SetSRID(ST_MakePoint(item.lon, item.lat), 4490), ST_PointOnSurface(building.footprint),
                    organisation.geom, place.geom) AS geom
    FROM unnest(%(n)s::int[], %(lon)s::float8[], %(lat)s::float8[], %(code)s::text[], %(kind)s::text[], %(id)s::int8[])
         AS item (n, lon, lat, code, kind, object_id)
    LEFT JOIN building ON building.code = item.code OR item.kind = 'building' AND building.id = item.object_id
    LEFT JOIN organisation ON item.kind = 'organisation' AND organisation.id = item.object_id
    LEFT JOIN place ON item.kind = 'place' AND place.id = item.object_id
), web AS MATERIALIZED (
    SELECT *, ST_Transform(ST_SetSRID(geom, 4326), 3857) AS geom_web FROM item
), placed AS (
    SELECT web.n, web.geom, web.building_id,
           coalesce(web.area_code, in_grid.area_code, in_area.code, %(no_area)s) AS area_code,
           coalesce(web.grid_code, in_grid.code, in_area.code || '000', %(no_grid)s) AS grid_code
    FROM web
    LEFT JOIN LATERAL (
        SELECT grid.code, grid.area_code FROM grid
        WHERE web.building_id IS NULL AND grid.geom_web && web.geom_web AND grid.valid_to IS NULL
          AND ST_Covers(grid.geom, web.geom) ORDER BY grid.code LIMIT 1
    ) AS in_grid ON true
    LEFT JOIN LATERAL (
        SELECT area.code FROM area
        WHERE web.building_id IS NULL AND in_grid.code IS NULL AND area.geom_web && web.geom_web
          AND area.level = 'community' AND ST_Covers(area.geom, web.geom) ORDER BY area.code LIMIT 1
    ) AS in_area ON true
)
SELECT n, ST_X(geom), ST_Y(geom), building_id, area_code, grid_code, grid_code <@ (SELECT shapan_scope())
FROM placed ORDER BY n
"""

# Rows: id, source and code of those that are new. In one order, so that two batches at once do not wait for each other
# crosswise. Parameters: columns of equal length.
TAKE = """
INSERT INTO event (source, source_key, code, content_hash, class_code, origin, title, place, geom, building_id,
                   area_code, grid_code, occurred_at)
SELECT source, code, code, decode(md5(said), 'hex'), class_code, origin, title, place,
       ST_SetSRID(ST_MakePoint(lon, lat), 4490), building_id, area_code, grid_code, occurred_at
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::float8[],
            %s::float8[], %s::int8[], %s::text[], %s::text[], %s::timestamptz[])
     AS new (source, code, said, class_code, origin, title, place, lon, lat, building_id, area_code, grid_code,
             occurred_at)
ORDER BY source, code
ON CONFLICT (source, source_key) DO NOTHING
RETURNING id, source, source_key
"""

NOW = "SELECT now()"


def take_all(connection: psycopg.Connection, scope: Scope, reports: Sequence[Report], account: str) -> Taken:
    """Put a batch of events on record: placed, with deadlines, sent to the keepers of their grids, told.

    Args:
        connection: inside the caller's transaction, of that scope.
        scope: jurisdiction; nothing outside it is found by an address.
        reports: in any order; what is on record already changes nothing.
        account: who delivers them.
    """
    now = connection.execute(NOW).fetchone()[0]
    faults: list[Fault] = []
    found = _addresses(connection, scope, reports, faults)
    places = _places(connection, reports, found, faults)
    order = sorted(places, key=lambda index: (reports[index].source, reports[index].code, index))
    ids: dict[int, int] = {}
    marked = [index for index in order if rules.believed(reports[index].occurred_at, now) is now]
    if order:
        rows = [(one.source, one.code, repr(one), one.class_code, one.origin, one.title, one.place, *places[index],
                 rules.believed(one.occurred_at, now)) for index in order for one in (reports[index],)]
        columns = [list(column) for column in zip(*rows, strict=True)]
        new = {row[1:]: row[0] for row in connection.execute(TAKE, columns)}
        # Of the same event twice in a batch the first was written.
        for index in order:
            if (event_id := new.pop((reports[index].source, reports[index].code), None)) is not None:
                ids[index] = event_id
    notes = {ids[index]: _note(reports[index], index in marked) for index in sorted(ids, key=ids.__getitem__)}
    if notes:
        event_life.settle(connection, account, notes, len(notes))
    return Taken(ids, len(order) - len(ids), sorted(faults, key=lambda fault: fault.index),
                 sorted(set(marked) & set(ids)))


def _note(report: Report, marked: bool) -> str | None:
    return f"occurred_at {report.occurred_at.isoformat()} lies in the future; the server's time was taken" if marked \
        else None


def _addresses(connection: psycopg.Connection, scope: Scope, reports: Sequence[Report], faults: list[Fault],
               ) -> dict[int, tuple[str, int]]:
    """Return what each address means, by position: the one object that is called so, buildings first."""
    asked = {index: words.sought(one.address) for index, one in enumerate(reports)
             if one.address is not None and one.building is None and one.lon is None}
    candidates: dict[int, set[tuple[str, int]]] = {index: set() for index in asked}
    if asked:
        cut = [" ".join(words.wanted_grams(reports[index].address)) for index in asked]
        rows = connection.execute(ADDRESSES, {"n": list(asked), "begins": list(asked.values()), "grams": cut,
                                              "scope": scope.literal(), "most": CANDIDATES})
        for index, kind, object_id, label, also in rows.fetchall():
            if asked[index] and asked[index] in (words.sought(label), words.sought(also or "")):
                candidates[index].add((kind, object_id))
    found = {}
    for index, all_of_it in candidates.items():
        houses = {one for one in all_of_it if one[0] == "building"}
        meant = houses if len(houses) == 1 else all_of_it
        if len(meant) == 1:
            found[index] = meant.pop()
        else:
            what = f"means {len(meant)} objects on record" if meant else "means nothing on record (0 candidates)"
            faults.append(Fault(index, "address", reports[index].address, what,
                                "Send lon and lat, or the code of a building."))
    return found


def _places(connection: psycopg.Connection, reports: Sequence[Report], found: dict[int, tuple[str, int]],
            faults: list[Fault]) -> dict[int, tuple[float, float, int | None, str, str]]:
    """Return position, building and codes of each event that can be placed, by its place in the batch."""
    refused = {fault.index for fault in faults}
    asked = [(index, one.lon, one.lat, one.building, *found.get(index, (None, None)))
             for index, one in enumerate(reports) if index not in refused]
    if not asked:
        return {}
    columns = dict(zip(("n", "lon", "lat", "code", "kind", "id"), map(list, zip(*asked, strict=True)), strict=True))
    rows = connection.execute(PLACES, {**columns, "no_area": UNPLACED_AREA, "no_grid": UNPLACED_GRID}).fetchall()
    places = {}
    for index, lon, lat, building_id, area_code, grid_code, held in rows:
        one = reports[index]
        if one.building is not None and building_id is None:
            faults.append(Fault(index, "building", one.building, "no building of this code is on record",
                                "Send lon and lat, or put it on record with: shapan import buildings FILE"))
        elif lon is None:
            faults.append(Fault(index, "lon", None, "nothing says where it is",
                                "Send lon and lat, the code of a building, or an address."))
        elif not held:
            faults.append(Fault(index, "lon", f"{lon}, {lat}", "lies outside your area", "Ask an administrator."))
        else:
            places[index] = (lon, lat, building_id, area_code, grid_code)
    return places
