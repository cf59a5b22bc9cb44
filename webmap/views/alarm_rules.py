"""Rules that turn what devices say into alarms: list, write, try."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Float, Integer, Nested
from apiflask.validators import Length, OneOf, Range, Regexp
from marshmallow import ValidationError, validates_schema

from spatial.queries import alarm_rules as queries
from spatial.queries import device_history, devices, rule_states
from spatial.rules import measured
from spatial.rules.alarms import SEVERITIES
from spatial.rules.readings import ABOVE, BELOW, COMPARISONS, EQUALS, LONGEST_FOR_S, LOST, Condition
from webmap import identity
from webmap.fields import Instant, Text
from webmap.services import transaction
from webmap.views.devices import window

alarm_rules = APIBlueprint("alarm_rules", __name__, url_prefix="/api/alarms/rules", tag="Alarms")


def _number(description: str) -> Float:
    return Float(load_default=None, allow_none=True, validate=Range(-measured.LARGEST, measured.LARGEST),
                 metadata={"description": description})


def _word(longest: int, **options: Any) -> Text:
    return Text(load_default=None, allow_none=True, validate=Length(1, longest), **options)


class ConditionIn(Schema):
    """When a value is wrong."""

    quantity = Text(load_default=None, allow_none=True,
                    validate=Regexp(rf"^{measured.QUANTITY.pattern}\Z", error="is no name of a quantity"))
    comparison = Text(required=True, validate=OneOf(COMPARISONS))
    threshold = _number("a value beyond it is wrong; of `equals`, at it")
    word = _word(measured.TEXT_LENGTH, metadata={"description": "of `equals`, the text that is wrong"})
    clear_threshold = _number("at it a value is right again; the threshold itself when not given")
    for_s = Integer(load_default=0, validate=Range(0, LONGEST_FOR_S),
                    metadata={"description": "seconds for which the value must be wrong"})

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        faults: dict[str, list[str]] = {}
        comparison = data["comparison"]
        given = {name for name in ("quantity", "threshold", "word", "clear_threshold") if data[name] is not None}
        may = {LOST: set(), EQUALS: {"quantity", "threshold", "word"}}.get(
            comparison, {"quantity", "threshold", "clear_threshold"})
        needed = {LOST: set(), EQUALS: {"quantity"}}.get(comparison, {"quantity", "threshold"})
        for name in sorted(given - may):
            faults[name] = [f"The comparison {comparison} takes none."]
        for name in sorted(needed - given):
            faults[name] = [f"The comparison {comparison} needs one."]
        if comparison == EQUALS and len(given & {"threshold", "word"}) != 1:
            faults["threshold"] = ["The comparison equals takes either a threshold or a word."]
        if {"threshold", "clear_threshold"} <= given and (
                comparison == ABOVE and data["clear_threshold"] > data["threshold"]
                or comparison == BELOW and data["clear_threshold"] < data["threshold"]):
            faults["clear_threshold"] = ["Lies on the wrong side of the threshold."]
        if faults:
            raise ValidationError(faults)


class RuleIn(ConditionIn):
    """One rule."""

    code = Text(required=True, validate=Regexp(r"^[a-z][a-z0-9_]{0,39}\Z", error="small letters, digits and _ only"))
    name = Text(required=True, validate=Length(1, 60))
    name_en = Text(required=True, validate=Length(1, 60))
    enabled = Boolean(load_default=True)
    device_kind = _word(60)
    device_code = _word(100)
    within = Text(load_default="", validate=Regexp(r"^[0-9]{0,15}\Z", error="write up to 15 digits"),
                  metadata={"description": "first digits of the grids in which it holds"})
    severity = Text(required=True, validate=OneOf(SEVERITIES))
    type = Text(required=True, validate=Length(1, 60), metadata={"description": "type of the alarms that it raises"})
    note = _word(200, metadata={"description": f"may say {', '.join(queries.PLACEHOLDERS)} in braces"})
    basis = _word(300, metadata={"description": "where the threshold comes from"})

    @validates_schema
    def _of_something(self, data: dict[str, Any], **_: Any) -> None:
        if (data["device_kind"] is None) == (data["device_code"] is None):
            raise ValidationError("Name either a kind or one device.", "device_kind")
        if data["note"] and (strange := queries.strange_placeholders(data["note"])):
            raise ValidationError(f"{{{strange[0]}}} is none of {', '.join(queries.PLACEHOLDERS)}.", "note")


class TryIn(Schema):
    """A condition, a device and a window of the past."""

    rule = Nested(ConditionIn, required=True)
    device = Text(required=True, validate=Length(1, 100))
    start = Instant(data_key="from", load_default=None)
    end = Instant(data_key="to", load_default=None)


@alarm_rules.get("")
@identity.needs("alarms.read")
@alarm_rules.doc(summary="All rules")
def listed() -> dict[str, Any]:
    """List the rules by code, those that are not enabled too."""
    with transaction() as connection:
        return {"rules": [asdict(rule) for rule in queries.listed(connection)]}


@alarm_rules.get("/<int:rule_id>/steps")
@identity.needs("alarms.read")
@alarm_rules.doc(summary="What was done to a rule, in order", responses={404: "There never was such a rule"})
def history(rule_id: int) -> dict[str, Any]:
    """List who created, changed or deleted a rule when, with the rule before and after; also of one that is gone.

    What came with the product has no step until somebody changes it. Times are the server's.
    """
    with transaction() as connection:
        found = queries.steps_of(connection, rule_id)
    return {"steps": [{**asdict(step), "at": step.at.astimezone(UTC).isoformat()} for step in found]}


@alarm_rules.post("")
@identity.needs("rules.edit")
@alarm_rules.input(RuleIn, location="json", arg_name="body")
@alarm_rules.doc(summary="Put a rule on record", responses={201: "On record", 409: "The code is taken"})
def add(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Put a rule on record. It looks at what comes from now on."""
    _within_mine(body["within"])
    with transaction() as connection:
        queries.stop_applying(connection)
        return asdict(queries.add(connection, body, identity.current().account)), 201


@alarm_rules.put("/<int:rule_id>")
@identity.needs("rules.edit")
@alarm_rules.input(RuleIn, location="json", arg_name="body")
@alarm_rules.doc(summary="Change a rule", responses={409: "The code is taken"})
def change(rule_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Change a rule. Alarms that it would not raise any more are cleared."""
    with transaction() as connection:
        queries.stop_applying(connection)
        rule = queries.get(connection, rule_id)
        for within in (rule.within, body["within"]):
            _within_mine(within)
        changed = queries.change(connection, rule, body, identity.current().account)
        rule_states.settle(connection, rule, changed, datetime.now(UTC))
        return asdict(changed)


@alarm_rules.delete("/<int:rule_id>")
@identity.needs("rules.edit")
@alarm_rules.doc(summary="Delete a rule", responses={204: "Gone"})
def delete(rule_id: int) -> tuple[str, int]:
    """Delete a rule. Its alarms are cleared; what it was stays on record."""
    with transaction() as connection:
        queries.stop_applying(connection)
        rule = queries.get(connection, rule_id)
        _within_mine(rule.within)
        rule_states.settle(connection, rule, None, datetime.now(UTC))
        queries.delete(connection, rule, identity.current().account)
    return "", 204


@alarm_rules.post("/try")
@identity.needs("rules.edit")
@alarm_rules.input(TryIn, location="json", arg_name="body")
@alarm_rules.doc(summary="When a rule would have raised alarms")
def try_rule(body: dict[str, Any]) -> dict[str, Any]:
    """Let a condition look at what a device said in a window (the last day when not given). Nothing is raised."""
    start, end = window(body["start"], body["end"])
    quantity = body["rule"].pop("quantity")
    with transaction() as connection:
        tried = device_history.try_rule(
            connection, Condition(**body["rule"]), devices.identify(connection, body["device"]), quantity, start, end)
    fired = [{name: at and at.astimezone(UTC).isoformat() for name, at in one.items()} for one in tried.fired]
    return {"from": start.isoformat(), "to": end.isoformat(), "looked_at": tried.looked, "cut": tried.cut,
            "fired": fired}


def _within_mine(within: str) -> None:
    """Refuse to touch a rule that reaches beyond the account's own area."""
    account = identity.current()
    if not account.scope.covers(within):
        raise identity.NotAllowed(
            f"Account {account.account} may not write rules for {within or 'everywhere'}.",
            "Say within which of your own areas the rule holds.")
