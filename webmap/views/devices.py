"""Devices on record."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer
from apiflask.validators import Length, Range

from spatial.queries import devices as queries
from webmap import identity
from webmap.fields import Text
from webmap.services import transaction

devices = APIBlueprint("devices", __name__, url_prefix="/api/devices", tag="Devices")


class DeviceQuery(Schema):
    """Which devices."""

    kind = Text(load_default=None, validate=Length(1, 60))
    after = Text(load_default="", validate=Length(max=100), metadata={"description": "last code of the page before"})
    limit = Integer(load_default=1000, validate=Range(1, 10000))


@devices.get("")
@identity.needs("devices.read")
@devices.input(DeviceQuery, location="query", arg_name="query")
@devices.doc(summary="Devices by code, page by page")
def page(query: dict[str, Any]) -> dict[str, Any]:
    """List devices by code, of one kind or all; ``next`` is the last code of a full page."""
    with transaction() as connection:
        found = queries.page(connection, query["kind"], query["after"], query["limit"])
    full = len(found) == query["limit"]
    return {"devices": [asdict(device) for device in found], "next": found[-1].code if full else None}
