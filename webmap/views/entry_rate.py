"""Entry rate: how much of what should be on record is on record."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from apiflask.validators import Length, OneOf, Range, Regexp

from spatial.queries import entry_places, rollup
from spatial.queries import entry_rate as queries
from spatial.rules.entry_rate import ENTRY_KINDS
from webmap import identity
from webmap.fields import Text
from webmap.services import transaction

entry_rate = APIBlueprint("entry_rate", __name__, url_prefix="/api/entry-rate", tag="Entry rate")

RATE_CLASSES = (1.0, 0.9, 0.6, 0.3, 0.0)
"""Lower ends of the classes in which roles without exact counts see the residents of a building; the
programmes ask for 60 % in the pilot year."""


class RateQuery(Schema):
    """Which rates."""

    level = String(required=True, validate=OneOf(queries.LEVELS))
    kind = String(load_default=None, validate=OneOf(ENTRY_KINDS), metadata={"description": "all four when not given"})
    within = Text(load_default="", validate=Regexp(r"^[0-9]{0,15}\Z", error="write the first digits of a code"),
                  metadata={"description": "first digits of a grid code, such as a street's nine"})
    after = Text(load_default="", validate=Length(max=200), metadata={"description": "last code of the page before"})
    limit = Integer(load_default=1000, validate=Range(1, 10000))


class PlacesQuery(Schema):
    """Below which place."""

    within = Text(load_default="",
                  validate=Regexp(r"^([0-9]{6}([0-9]{3}){0,3})?\Z", error="write 6, 9, 12 or 15 digits"),
                  metadata={"description": "code of a county, street, community or grid; empty for the jurisdiction"})
    after = Text(load_default="", validate=Length(max=200),
                 metadata={"description": "of buildings, `next` of the page before"})
    limit = Integer(load_default=500, validate=Range(1, 1000), metadata={"description": "buildings at most"})


@entry_rate.get("/places")
@identity.needs("picture.read")
@entry_rate.input(PlacesQuery, location="query", arg_name="query")
@entry_rate.doc(summary="A place, and those right below it, with their four entry rates; the buildings of a grid")
def places(query: dict[str, Any]) -> dict[str, Any]:
    """Return a place's own rates, its trail, and the places below it that lie wholly inside the jurisdiction.

    ``place`` is null for the whole jurisdiction and for a place that is seen in part. ``lon``, ``lat`` (degrees,
    EPSG:4490) are a point inside, ``bounds`` west, south, east, north. Rows entered are those of the roll-up, counted
    at ``counted_at``; of buildings, which come page by page, those of now.
    """
    within, exact = query["within"], identity.current().may("residents.count")
    with transaction() as connection:
        state = rollup.state(connection)
        own = entry_places.places(connection, entry_places.level_of(within), within) if within else []
        level, found = entry_places.below(connection, within)
        if not found:
            found = entry_places.buildings(connection, within, query["after"], query["limit"])
        trail = entry_places.trail(connection, within)
    more = level == "building" and len(found) == query["limit"]
    return {"within": within, "level": level, "trail": trail, "place": _with_rates(own[0], exact) if own else None,
            "places": [_with_rates(one, exact) for one in found], "next": found[-1].code if more else None,
            "counted_at": state and state[1].isoformat()}


def _with_rates(place: entry_places.Place, exact: bool) -> dict[str, Any]:
    known = ("level", "id", "code", "name", "name_en", "lon", "lat", "bounds")
    told = ("kind", "recorded", "numerator", "denominator", "basis", "declared_by", "as_of", "rate", "rate_class")
    shown = [_shown(one, exact) for one in place.rates]
    return {**{name: getattr(place, name) for name in known},
            "rates": [{name: rate[name] for name in told} for rate in shown]}


@entry_rate.get("")
@identity.needs("picture.read")
@entry_rate.input(RateQuery, location="query", arg_name="query")
@entry_rate.doc(summary="Entry rates of the places of one level, by code, page by page")
def rates(query: dict[str, Any]) -> dict[str, Any]:
    """List entry rates within the jurisdiction; ``rate`` is null where nobody has declared a total."""
    exact = identity.current().may("residents.count")
    kinds = [query["kind"]] if query["kind"] else ENTRY_KINDS
    found: list[queries.Rate] = []
    with transaction() as connection:
        for kind in kinds:
            found += queries.rates(connection, query["level"], kind, query["within"], query["after"], query["limit"])
    full = len(found) == query["limit"] * len(kinds)
    return {"level": query["level"], "rates": [_shown(one, exact) for one in found],
            "next": found[-1].code if found and full else None}


def _shown(one: queries.Rate, exact: bool) -> dict[str, Any]:
    """Return a rate as JSON. How many live in one building is for roles that may count residents."""
    shown = {**asdict(one), "as_of": one.as_of and one.as_of.isoformat(), "rate": one.rate, "rate_class": None,
             "declared_by": identity.current().declarer(one.declared_by)}
    if one.rate is not None:
        shown["rate_class"] = next(low for low in RATE_CLASSES if one.rate >= low)
    if not exact and one.level == "building" and one.kind == "population":
        shown |= dict.fromkeys(("recorded", "numerator", "denominator", "rate"))
    return shown
