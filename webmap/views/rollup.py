"""The roll-up: the worst open alarm and the counts of each place, from county down to building."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from apiflask.validators import OneOf, Range, Regexp

from spatial.queries import rollup as queries
from webmap import identity
from webmap.fields import Text
from webmap.services import transaction

rollup = APIBlueprint("rollup", __name__, url_prefix="/api/rollup", tag="Roll-up")

LEVELS = (*queries.LEVELS, "building")
OF_BUILDINGS = ("id", "grid_code")


class Within(Schema):
    """Which place."""

    within = Text(load_default="", validate=Regexp(r"^[0-9]{0,15}\Z", error="write the first digits of a code"),
                  metadata={"description": "first digits of a grid code, such as a street's nine"})


class End(Text):
    """Where a page of places ends: rank and code of its last place, as ``next`` says them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=None, **options)
        self._form = Regexp(r"^[0-9]_[0-9]_(-[0-9]{1,9}|0)_.{1,200}\Z", error="Send back what `next` said.")
        self.metadata |= {"description": "`next` of the page before"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> queries.End:
        worst, unseen, fewer, code = self._form(super()._deserialize(value, attr, data, **kwargs)).split("_", 3)
        return int(worst), int(unseen), int(fewer), code


class RollupQuery(Within):
    """Which places."""

    level = String(required=True, validate=OneOf(LEVELS))
    after = End(load_default=None)
    limit = Integer(load_default=1000, validate=Range(1, 10_000))


@rollup.get("")
@identity.needs("picture.read")
@rollup.input(RollupQuery, location="query", arg_name="query")
@rollup.doc(summary="Worst open alarm and counts of the places of one level, the worst first")
def places(query: dict[str, Any]) -> dict[str, Any]:
    """List the places of one level within the jurisdiction, each with the counts of what the account may see in it.

    ``worst`` is the worst severity of the alarms that are not closed, null without any; ``worst_unacknowledged`` that
    of those which nobody has acknowledged. ``seq`` is the change up to which the counts go. Of buildings those with
    open alarms are listed, as they are at this moment.
    """
    with transaction() as connection:
        state = queries.state(connection)
        if query["level"] == "building":
            found, total = queries.buildings(connection, query["within"], query["after"], query["limit"])
        else:
            found, total = queries.places(connection, query["level"], query["within"], query["after"], query["limit"])
    hidden = () if query["level"] == "building" else OF_BUILDINGS
    return {"level": query["level"], "total": total, "seq": state and state[0],
            "counted_at": state and state[1].isoformat(),
            "places": [{name: value for name, value in asdict(one).items() if name not in hidden} for one in found],
            "next": "_".join(map(str, found[-1].end)) if len(found) == query["limit"] else None}
