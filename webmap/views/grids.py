"""Grids: all of them for a map of figures, and one for its card."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import String
from apiflask.validators import OneOf

from spatial.queries import grids as queries
from spatial.queries import rollup
from spatial.rules.entry_rate import ENTRY_KINDS
from spatial.rules.rollup import classed
from webmap import identity
from webmap.services import transaction

grids = APIBlueprint("grids", __name__, url_prefix="/api/grids", tag="Grids")

COLUMNS = ("code", "name", "name_en", "lon", "lat", "bounds", "buildings", "households", "residents", "keeper",
           "keepers")
PEOPLE = ("households", "residents")


class FiguresQuery(Schema):
    """Which places."""

    level = String(load_default="grid", validate=OneOf(queries.LEVELS))


@grids.get("")
@identity.needs("picture.read")
@grids.input(FiguresQuery, location="query", arg_name="query")
@grids.doc(summary="All places of one level in columns: names, where they are, what is on record and what was declared")
def figures(query: dict[str, str]) -> dict[str, Any]:
    """List the places that lie wholly inside the jurisdiction, column by column, in the order of their codes.

    ``lon``, ``lat`` (degrees, EPSG:4490) are a point inside, ``bounds`` west, south, east, north. An entry rate is
    ``entered`` by ``declared``, and unknown where that is null. Without the right to count residents, households and
    residents come in classes, and ``exact`` is false; ``keeper`` is null where the account may not read names. What
    is open now comes with the stream, as ``kpi``.
    """
    exact, named = (identity.current().may(word) for word in ("residents.count", "keepers.named"))
    with transaction() as connection:
        state = rollup.state(connection)
        found = queries.on_map(connection, query["level"])
    columns = {name: [getattr(place, name) for place in found] for name in COLUMNS}
    if not named:
        columns["keeper"] = [None] * len(found)
    if not exact:
        columns |= {name: [classed(number) for number in columns[name]] for name in PEOPLE}
    return {"level": query["level"], "total": len(found), "exact": exact,
            "counted_at": state and state[1].isoformat(), **columns,
            "entered": _by_kind([place.entered for place in found]),
            "declared": _by_kind([place.declared for place in found])}


def _by_kind(counts: Sequence[dict[str, int]]) -> dict[str, list[int | None]]:
    return {kind: [one.get(kind) for one in counts] for kind in ENTRY_KINDS}


@grids.get("/<code>")
@identity.needs("picture.read")
@grids.doc(summary="The card of a grid: names, keepers, what is on record, entry rates",
           responses={404: "No such grid in force within the jurisdiction"})
def card(code: str) -> dict[str, Any]:
    """Return a grid's community and street, its keepers, what is on record, and its entry rates of this moment."""
    exact, named = (identity.current().may(word) for word in ("residents.count", "keepers.named"))
    with transaction() as connection:
        grid, keepers, rates = queries.get(connection, code)
    people = {name: getattr(grid, name) if exact else classed(getattr(grid, name)) for name in PEOPLE}
    return {
        "code": grid.code, "name": grid.name, "kind": grid.kind, "since": grid.since.isoformat(),
        "area": {"code": grid.area_code, "name": grid.area_name, "name_en": grid.area_name_en},
        "street": grid.street_name and {"name": grid.street_name, "name_en": grid.street_name_en},
        "geometry": grid.geometry, "bounds": list(grid.bounds),
        "keepers": [asdict(keeper) for keeper in keepers] if named else None,
        "counts": {"buildings": grid.buildings, **people, "exact": exact},
        "rates": [{"kind": rate.kind, "recorded": rate.recorded, "numerator": rate.numerator,
                   "denominator": rate.denominator, "rate": rate.rate,
                   "declared_by": identity.current().declarer(rate.declared_by),
                   "as_of": rate.as_of and rate.as_of.isoformat()} for rate in rates],
    }
