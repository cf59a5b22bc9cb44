"""Keepers: their positions in."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import List, Nested
from apiflask.validators import Length

from spatial.queries import keepers as queries
from webmap import identity
from webmap.messages import PositionIn
from webmap.services import transaction

keepers = APIBlueprint("keepers", __name__, url_prefix="/api/keepers", tag="Keepers")


class PositionsIn(Schema):
    """A batch of positions."""

    positions = List(Nested(PositionIn), required=True, validate=Length(1, 1000))


@keepers.post("/positions")
@identity.needs("keepers.send")
@keepers.input(PositionsIn, location="json", arg_name="body")
@keepers.doc(summary="Take in keepers' positions", responses={201: "Taken, after the commit"})
def move(body: dict[str, list[dict[str, Any]]]) -> tuple[dict[str, Any], int]:
    """Take in positions; keepers not on record are named in the answer and left out."""
    with transaction() as connection:
        unknown = [
            entry["keeper"] for entry in body["positions"]
            if not queries.move(connection, entry["keeper"], entry["lon"], entry["lat"], entry["at"])
        ]
    return {"taken": len(body["positions"]) - len(unknown), "unknown": unknown}, 201
