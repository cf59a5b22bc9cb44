"""Alarm messages in, and those that wait for their device."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, List
from apiflask.validators import Length, Range

from spatial.errors import InvalidInput
from spatial.queries import alarms as queries
from spatial.queries.alarms import strays
from spatial.rules.alarm_messages import Fault, Message, read
from webmap import identity
from webmap.fields import Unread
from webmap.messages import MessageIn
from webmap.services import transaction

alarm_messages = APIBlueprint("alarm_messages", __name__, url_prefix="/api/alarms", tag="Alarms")

MESSAGES_MOST = 1000


class MessagesIn(Schema):
    """A batch of messages; each is taken or refused by itself."""

    alarms = List(Unread(MessageIn), required=True, validate=Length(1, MESSAGES_MOST))


class StrayQuery(Schema):
    """How many devices at most."""

    limit = Integer(load_default=1000, validate=Range(1, 5000))


class NothingTaken(InvalidInput):
    """Every message of a batch was refused."""

    def __init__(self, refused: list[dict[str, Any]], messages: int) -> None:
        super().__init__(
            f"None of {messages} messages was taken.",
            [(f"alarms[{entry['index']}].{entry['field']}", f"{entry['reason']}. {entry['cure']}")
             for entry in refused],
            "The list `refused` says why, for each.")
        self.members = {"refused": refused}


UNKNOWN_DEVICE = "Put the device on record with: shapan import devices FILE."


@alarm_messages.post("")
@identity.needs("alarms.send")
@alarm_messages.input(MessagesIn, location="json", arg_name="body")
@alarm_messages.doc(summary="Take in alarm messages", responses={
    201: "After the commit: what was taken, and what was refused with every fault", 422: "Nothing was taken"})
def take(body: dict[str, list[Any]]) -> tuple[dict[str, Any], int]:
    """Take in a batch of messages: those with faults are refused one by one, the others are taken.

    A message that was delivered before changes nothing. One about an unknown device is kept for a week and taken in
    when the device is on record.
    """
    read_items = [read(item) for item in body["alarms"]]
    messages = [item for item in read_items if isinstance(item, Message)]
    if messages:
        with transaction() as connection:
            taken = iter(queries.take_all(connection, messages, identity.current().account))
    outcomes: list[queries.Outcome] = []
    refused: list[dict[str, Any]] = []
    for index, item in enumerate(read_items):
        if not isinstance(item, Message):
            refused += [{"index": index, **asdict(fault), "kept": False} for fault in item]
            outcomes.append(queries.Outcome("refused"))
            continue
        outcome = next(taken)
        outcomes.append(outcome)
        if outcome.taken == "refused":
            fault = Fault("device", item.device, "is not on record", f"{outcome.reason} {UNKNOWN_DEVICE}")
            refused.append({"index": index, **asdict(fault), "kept": outcome.kept})
    if all(outcome.taken == "refused" for outcome in outcomes):
        raise NothingTaken(refused, len(outcomes))
    known = sum(1 for outcome in outcomes if outcome.taken == "known")
    new = [outcome for outcome in outcomes if outcome.taken not in ("known", "refused")]
    late = sum(1 for outcome in new if outcome.taken == "late" and outcome.alarm_id)
    return {
        "taken": len(new), "late": late, "already_known": known,
        "ids": [outcome.alarm_id for outcome in new if outcome.alarm_id],
        "outcomes": [{"taken": outcome.taken, "alarm": outcome.alarm_id} for outcome in outcomes], "refused": refused,
    }, 201


@alarm_messages.get("/strays")
@identity.needs("alarms.read")
@alarm_messages.input(StrayQuery, location="query", arg_name="query")
@alarm_messages.doc(summary="Messages that wait for a device to be put on record, counted by device")
def waiting(query: dict[str, int]) -> dict[str, Any]:
    """Count the messages about unknown devices, the newest device first.

    They have no place: only an account without limits of jurisdiction sees any.
    """
    with transaction() as connection:
        found = strays.waiting(connection, query["limit"])
    return {"devices": [
        {**asdict(entry), "first_at": entry.first_at.isoformat(), "last_at": entry.last_at.isoformat()}
        for entry in found]}
