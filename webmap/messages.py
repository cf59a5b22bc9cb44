"""What gateways send: one schema for each kind of message, whether it comes by HTTP or by MQTT."""

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Float, String
from apiflask.validators import Length, OneOf, Range, Regexp
from marshmallow import ValidationError, validates_schema

from spatial.rules.alarm_messages import LENGTHS
from spatial.rules.alarms import SEVERITIES
from spatial.rules.events import ORIGINS
from webmap.fields import Instant, Text, Words


class MessageIn(Schema):
    """One message about one device, as ``spatial.rules.alarm_messages`` reads it."""

    source = Words(required=True, validate=Length(1, LENGTHS["source"]), metadata={"description": "who says it"})
    event_id = Words(required=True, validate=Length(1, LENGTHS["event_id"]),
                    metadata={"description": "the message's own id at its source: sent again, it counts once"})
    device = Words(required=True, validate=Length(1, LENGTHS["device"]),
                  metadata={"description": "code of a device on record"})
    severity = Words(required=True, validate=OneOf(SEVERITIES))
    type = Words(required=True, validate=Length(1, LENGTHS["type"]),
                metadata={"description": "what is wrong; GET /api/alarms/types lists the words that have names"})
    occurred_at = Instant(required=True, metadata={"description": "the device's time, with its zone"})
    cleared = Boolean(load_default=False, metadata={"description": "true when the trouble is over"})
    note = Words(lines=True, load_default=None, allow_none=True, validate=Length(max=LENGTHS["note"]))


class ReadingIn(Schema):
    """What one device measured at one instant, or a sign of life; ``spatial.rules.measured`` looks at the values."""

    source = Words(required=True, validate=Length(1, 100))
    device = Words(required=True, validate=Length(1, 100), metadata={"description": "code of a device on record"})
    at = Instant(required=True, metadata={"description": "the device's time, with its zone"})
    values = Dict(load_default=dict, metadata={"description": "quantity: number, text or boolean"})
    units = Dict(load_default=dict, metadata={"description": "quantity: unit"})


class PositionIn(Schema):
    """Where a keeper was at an instant of the device's clock."""

    keeper = Text(required=True, validate=Length(1, 100))
    lon = Float(required=True, validate=Range(-180, 180))
    lat = Float(required=True, validate=Range(-85.05, 85.05))
    at = Instant(required=True)


class ReportIn(Schema):
    """One event. Where it is: lon and lat, the code of a building, or an address that one object on record has."""

    source = Words(required=True, validate=Length(1, 100))
    code = Words(required=True, validate=Length(1, 100), metadata={"description": "its number at its source"})
    class_code = Text(required=True, validate=Regexp(r"^[0-9]{4}\Z", error="write a class code of 4 digits"))
    origin = String(load_default="device", validate=OneOf(ORIGINS))
    title = Words(required=True, validate=Length(1, 200))
    place = Words(load_default=None, allow_none=True, validate=Length(max=200))
    lon = Float(load_default=None, allow_none=True, validate=Range(-180, 180))
    lat = Float(load_default=None, allow_none=True, validate=Range(-85.05, 85.05))
    building = Words(load_default=None, allow_none=True, validate=Length(1, 100))
    address = Words(load_default=None, allow_none=True, validate=Length(1, 100))
    occurred_at = Instant(required=True)

    @validates_schema
    def somewhere(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse half a point, and an event that is nowhere."""
        if (data.get("lon") is None) != (data.get("lat") is None):
            raise ValidationError("lon and lat go together", "lat" if data.get("lat") is None else "lon")
        if all(data.get(name) is None for name in ("lon", "building", "address")):
            raise ValidationError("send lon and lat, the code of a building, or an address", "lon")
