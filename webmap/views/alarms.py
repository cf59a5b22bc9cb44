"""Alarms: lists, one, and the steps of their life."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Integer, List
from apiflask.validators import Length, OneOf, Range, Regexp

from spatial.errors import InvalidInput, NotFound
from spatial.queries import alarms as queries
from spatial.queries.alarms import listing, steps
from spatial.rules import alarms as rules
from spatial.rules.notes import says
from webmap import identity
from webmap.fields import AREA, Instant, Text, Words
from webmap.services import transaction

alarms = APIBlueprint("alarms", __name__, url_prefix="/api/alarms", tag="Alarms")

STEPS_MOST = 200
"""Alarms of one call at most."""

ID = Range(1, 2**63 - 1)

ACCOUNT = r"^\w[\w.@+-]*\Z"
"""A name of an account: one word."""


class AlarmQuery(Schema):
    """Which alarms. Those that are closed are looked for in a window of the server's time."""

    state = Text(load_default="open", validate=OneOf(["open", "all", *rules.STATES]))
    severity = Text(load_default=None, validate=OneOf(rules.SEVERITIES))
    type = Text(load_default=None, validate=Length(1, 60))
    area = Text(load_default="", validate=Regexp(r"^([0-9]{2,15})?\Z"), metadata={"description": AREA})
    assignee = Text(load_default=None, validate=Length(max=100),
                    metadata={"description": "account; empty for alarms that nobody was given"})
    group = Integer(load_default=None, validate=ID)
    shelved = Boolean(load_default=None)
    device = Text(load_default=None, validate=Length(1, 100), metadata={"description": "code of a device"})
    start = Instant(data_key="from", load_default=None)
    end = Instant(data_key="to", load_default=None)
    after = Integer(load_default=None, validate=ID, metadata={"description": "`next` of the page before"})
    limit = Integer(load_default=1000, validate=Range(1, 5000))


class StepIn(Schema):
    """What a step needs besides its name."""

    note = Words(lines=True, load_default=None, allow_none=True, validate=Length(max=rules.NOTE_MOST),
                 metadata={"description": "text of a comment, reason of a shelving (both need it), or a remark"})
    until = Instant(load_default=None, allow_none=True,
                    metadata={"description": "end of a shelving, within 24 hours"})
    assignee = Words(allow_none=True, validate=[Length(max=100), Regexp(ACCOUNT, error="is no name of an account")],
                     metadata={"description": "account of an assignment, which needs it; null gives the alarm back"})
    expected_state = Text(load_default=None, allow_none=True, validate=OneOf(rules.STATES),
                          metadata={"description": "409 when the alarm is in another state by now"})


class StepsIn(StepIn):
    """One step with many alarms."""

    ids = List(Integer(strict=True, validate=ID), required=True, validate=Length(1, STEPS_MOST))
    step = Text(required=True, validate=OneOf(list(rules.STEPS)))


@alarms.get("")
@identity.needs("alarms.read")
@alarms.input(AlarmQuery, location="query", arg_name="query")
@alarms.doc(summary="Alarms by filters, the newest first, page by page")
def page(query: dict[str, Any]) -> dict[str, Any]:
    """List alarms, those not closed by default; ``total`` of a first page counts all that the filters let through."""
    wanted = listing.Filter(
        state=query["state"], severities=[query["severity"]] if query["severity"] else [],
        types=[query["type"]] if query["type"] else [], code=query["area"], assignee=query["assignee"],
        group=query["group"], shelved=query["shelved"], device=query["device"],
        **_window(query["state"], query["start"], query["end"]))
    with transaction() as connection:
        found = listing.page(connection, wanted, query["after"], query["limit"])
        total = listing.count(connection, wanted) if query["after"] is None else None
    full = len(found) == query["limit"]
    return {"alarms": [queries.as_json(alarm) for alarm in found], "total": total,
            "next": found[-1].id if full else None}


def _window(state: str, start: datetime | None, end: datetime | None) -> dict[str, datetime | None]:
    if state in ("all", "closed"):
        end = end or datetime.now(UTC) + timedelta(minutes=1)
        start = start or end - timedelta(days=7)
        if end - start > listing.LONGEST:
            raise InvalidInput(f"The window from {start.isoformat()} to {end.isoformat()} is longer than 31 days.",
                               [("from", "must lie 31 days before to at most")])
    if start and end and start >= end:
        raise InvalidInput(f"The window from {start.isoformat()} to {end.isoformat()} is empty.",
                           [("from", "must lie before to")])
    return {"start": start, "end": end}


@alarms.get("/<int:alarm_id>")
@identity.needs("alarms.read")
@alarms.doc(summary="One alarm", responses={404: "No such alarm within the jurisdiction"})
def one(alarm_id: int) -> dict[str, Any]:
    """Return one alarm, open or closed."""
    with transaction() as connection:
        return queries.as_json(queries.get(connection, alarm_id))


@alarms.get("/<int:alarm_id>/steps")
@identity.needs("alarms.read")
@alarms.doc(summary="What happened to an alarm, in order", responses={404: "No such alarm within the jurisdiction"})
def history(alarm_id: int) -> dict[str, Any]:
    """List who did what when with an alarm; times are the server's."""
    with transaction() as connection:
        queries.get(connection, alarm_id)
        found = listing.steps_of(connection, alarm_id)
    return {"steps": [{**asdict(step), "at": step.at.isoformat()} for step in found]}


@alarms.post(f"/<int:alarm_id>/<any({', '.join(rules.STEPS)}):step>")
@identity.needs("alarms.handle")
@alarms.input(StepIn, location="json", arg_name="body")
@alarms.doc(summary="Take one step with an alarm", responses={
    404: "No such alarm within the jurisdiction", 409: "Its state does not allow the step; says who did what last"})
def take_step(alarm_id: int, step: str, body: dict[str, Any]) -> dict[str, Any]:
    """Acknowledge, assign, comment, shelve, unshelve, clear or close an alarm, and return it as it is then."""
    wanted = _wanted(step, body)
    with transaction() as connection:
        return queries.as_json(steps.take_step(connection, alarm_id, wanted, identity.current().account))


@alarms.post("/steps")
@identity.needs("alarms.handle")
@alarms.input(StepsIn, location="json", arg_name="body")
@alarms.doc(summary="Take one step with many alarms", responses={200: "The outcome of each"})
def take_steps(body: dict[str, Any]) -> dict[str, Any]:
    """Take one step with up to 200 alarms; one whose state does not allow it spares the others."""
    wanted = _wanted(body["step"], body)
    with transaction() as connection:
        found = steps.take_steps(connection, body["ids"], wanted, identity.current().account)
    return _outcomes(found)


@alarms.post("/groups/<int:group_id>/acknowledge")
@identity.needs("alarms.handle")
@alarms.input(StepIn, location="json", arg_name="body")
@alarms.doc(summary="Acknowledge the alarms of a group", responses={200: "The outcome of each"})
def acknowledge_group(group_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Acknowledge all alarms of a group that nobody has acknowledged, up to 5,000."""
    wanted = _wanted("acknowledge", body)
    with transaction() as connection:
        found = steps.acknowledge_group(connection, group_id, wanted, identity.current().account, 5000)
    if not found:
        raise NotFound(f"Group {group_id} has no alarm to acknowledge.", "GET /api/alarms/flood lists the groups.")
    return _outcomes(found)


def _wanted(step: str, body: dict[str, Any]) -> steps.Wanted:
    faults = rules.faults(step, body["note"], body["until"], datetime.now(UTC))
    assignee = body.get("assignee")
    if step == "assign" and ("assignee" not in body or (assignee is not None and not says(assignee))):
        faults.append(("assignee", "is required by the step assign: an account, or null to give the alarm back"))
    elif step != "assign" and assignee is not None:
        faults.append(("assignee", f"has no meaning for the step {step}"))
    if faults:
        raise InvalidInput(f"The step {step} lacks something; nothing was done.", faults,
                           "; ".join(f"{field} {reason}" for field, reason in faults) + ".")
    note = body["note"] if says(body["note"]) else None
    return steps.Wanted(step, note, body["until"], assignee, body["expected_state"])


def _outcomes(found: list[steps.StepOutcome]) -> dict[str, Any]:
    outcomes = [
        {"id": outcome.alarm_id, "status": 200, "alarm": queries.as_json(outcome.alarm)} if outcome.alarm else
        {"id": outcome.alarm_id, "status": 404 if isinstance(outcome.refusal, NotFound) else 409,
         "detail": str(outcome.refusal)} for outcome in found]
    return {"done": sum(1 for outcome in found if outcome.alarm), "outcomes": outcomes}
