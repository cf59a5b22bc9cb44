"""Alarms: those open, messages in, acknowledging, clearing, closing."""

from dataclasses import fields
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List, Nested
from apiflask.validators import Length, OneOf, Range

from spatial.errors import InvalidInput
from spatial.queries import alarms as queries
from webmap import identity
from webmap.fields import Text
from webmap.messages import MessageIn
from webmap.services import transaction

alarms = APIBlueprint("alarms", __name__, url_prefix="/api/alarms", tag="Alarms")

MESSAGES_MOST = 1000


class AlarmQuery(Schema):
    """Which alarms."""

    state = Text(load_default="open", validate=OneOf(["open"]))
    limit = Integer(load_default=1000, validate=Range(1, 5000))


class MessagesIn(Schema):
    """A batch of messages; all are taken or none."""

    alarms = List(Nested(MessageIn), required=True, validate=Length(1, MESSAGES_MOST))


@alarms.get("")
@identity.needs("alarms.read")
@alarms.input(AlarmQuery, location="query", arg_name="query")
@alarms.doc(summary="Alarms that are not closed")
def open_alarms(query: dict[str, Any]) -> dict[str, Any]:
    """List open alarms: unacknowledged first, then the newest first; ``total`` counts all."""
    with transaction() as connection:
        found = queries.open_alarms(connection, query["limit"])
        total = queries.count_open(connection)
    return {"alarms": [queries.as_json(alarm) for alarm in found], "total": total}


@alarms.post("")
@identity.needs("alarms.send")
@alarms.input(MessagesIn, location="json", arg_name="body")
@alarms.doc(summary="Take in alarm messages", responses={201: "Taken, after the commit", 422: "All faults"})
def take(body: dict[str, list[dict[str, Any]]]) -> tuple[dict[str, Any], int]:
    """Take in a batch of messages. A message that was delivered before changes nothing."""
    names = {field.name for field in fields(queries.Message)}
    messages = [
        queries.Message(**{name: value for name, value in entry.items() if name in names})
        for entry in body["alarms"]
    ]
    with transaction() as connection:
        known = queries.known_devices(connection, sorted({message.device for message in messages}))
        faults = [
            (f"alarms[{index}].device", f"no device {message.device!r} is on record")
            for index, message in enumerate(messages)
            if message.device not in known
        ]
        if faults:
            raise InvalidInput(
                f"{len(faults)} of {len(messages)} messages name an unknown device; none was taken.", faults,
                "Put the device on record with: shapan import devices FILE",
            )
        taken = [queries.take(connection, message, identity.current().account) for message in messages]
    ids = [alarm.id for alarm in taken if alarm]
    return {"taken": len(ids), "already_known": len(taken) - len(ids), "ids": ids}, 201


@alarms.post("/<int:alarm_id>/<any(acknowledge, clear, close):step>")
@identity.needs("alarms.handle")
@alarms.doc(summary="Acknowledge, clear or close an alarm", responses={409: "Its state does not allow the step"})
def take_step(alarm_id: int, step: str) -> dict[str, Any]:
    """Take one step in an alarm's life and return the alarm after it."""
    with transaction() as connection:
        return queries.as_json(queries.take_step(connection, alarm_id, step, identity.current().account))
