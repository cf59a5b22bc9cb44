"""Keepers: their positions in."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Float, List, Nested
from apiflask.validators import Length, Range

from spatial.queries import keepers as queries
from webmap import identity
from webmap.fields import Instant, Text
from webmap.services import transaction

keepers = APIBlueprint("keepers", __name__, url_prefix="/api/keepers", tag="Keepers")


class PositionIn(Schema):
    """Where a keeper was at an instant of the device's clock."""

    keeper = Text(required=True, validate=Length(1, 100))
    lon = Float(required=True, validate=Range(-180, 180))
    lat = Float(required=True, validate=Range(-85.05, 85.05))
    at = Instant(required=True)


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
