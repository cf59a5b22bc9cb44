"""Entry rate: how much of what should be on record is on record."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from apiflask.validators import Length, OneOf, Range, Regexp

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
    shown = {**asdict(one), "as_of": one.as_of and one.as_of.isoformat(), "rate": one.rate, "rate_class": None}
    if one.rate is not None:
        shown["rate_class"] = next(low for low in RATE_CLASSES if one.rate >= low)
    if not exact and one.level == "building" and one.kind == "population":
        shown |= dict.fromkeys(("recorded", "numerator", "denominator", "rate"))
    return shown
