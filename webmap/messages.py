"""What gateways send: one schema for each kind of message, whether it comes by HTTP or by MQTT."""

from apiflask import Schema
from apiflask.fields import Boolean, Float
from apiflask.validators import Length, OneOf, Range, Regexp

from spatial.models.alarms import SEVERITIES
from webmap.fields import Instant, Text


class MessageIn(Schema):
    """One message about one device."""

    source = Text(required=True, validate=Length(1, 100))
    event_id = Text(required=True, validate=Length(1, 200), metadata={"description": "the message's own id"})
    device = Text(required=True, validate=Length(1, 100), metadata={"description": "code of a device on record"})
    severity = Text(required=True, validate=OneOf(SEVERITIES))
    type = Text(required=True, validate=Length(1, 60))
    occurred_at = Instant(required=True, metadata={"description": "the device's time, with its zone"})
    cleared = Boolean(load_default=False, metadata={"description": "true when the trouble is over"})
    note = Text(load_default=None, allow_none=True, validate=Length(max=500))


class PositionIn(Schema):
    """Where a keeper was at an instant of the device's clock."""

    keeper = Text(required=True, validate=Length(1, 100))
    lon = Float(required=True, validate=Range(-180, 180))
    lat = Float(required=True, validate=Range(-85.05, 85.05))
    at = Instant(required=True)


class ReportIn(Schema):
    """One event."""

    source = Text(required=True, validate=Length(1, 100))
    code = Text(required=True, validate=Length(1, 100))
    class_code = Text(required=True, validate=Regexp(r"^[0-9]{4}$", error="write a class code of 4 digits"))
    origin = Text(load_default="device", validate=OneOf(["patrol", "12345", "device", "resident"]))
    title = Text(required=True, validate=Length(1, 200))
    place = Text(load_default=None, allow_none=True, validate=Length(max=200))
    lon = Float(required=True, validate=Range(-180, 180))
    lat = Float(required=True, validate=Range(-85.05, 85.05))
    occurred_at = Instant(required=True)
