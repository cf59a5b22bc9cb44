"""What may stand in the bridge's file: names, bounds and meanings, as schemas."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apiflask import Schema
from apiflask.fields import Dict, Field, Float, Integer, List, Nested, Raw, String
from apiflask.validators import Length, OneOf, Range, Regexp
from marshmallow import ValidationError, post_load, pre_load, validates_schema

from spatial.rules.measured import QUANTITY
from spatial.types import Scope
from webmap.bridge import rules
from webmap.bridge.kinds import KINDS, Kind
from webmap.bridge.paths import Path
from webmap.bridge.rules import ABSENT, RECEIVED, Rule
from webmap.bridge.topics import Topic
from webmap.fields import Instant

SPOKEN = {True: ("true", "on", "yes", "True", "TRUE", "ON", "YES"),
          False: ("false", "off", "no", "False", "FALSE", "OFF", "NO")}
"""What YAML reads as true and false when it stands without quotes."""

VALUES_MOST = 1000


class Parsed(Field):
    """A text that a function reads; its ValueError says what is wrong."""

    def __init__(self, parse: Any, **options: Any) -> None:
        super().__init__(**options)
        self._parse = parse

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Write a text.")
        try:
            return self._parse(value)
        except ValueError as error:
            raise ValidationError(f"{error}.") from error


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("write an IANA time zone such as Asia/Shanghai") from error


def _time(text: str) -> str:
    if text in rules.FORMS or "%" in text:
        return text
    raise ValueError(f"write one of {', '.join(rules.FORMS)}, or a pattern such as %Y-%m-%d %H:%M:%S")


def _kind(text: str) -> Kind:
    if text not in KINDS:
        raise ValueError(f"write one of {', '.join(KINDS)}")
    return KINDS[text]


def _meanings(table: Any) -> dict[str, Any]:
    """Return a table of values by the texts under which they are looked up."""
    if not isinstance(table, dict) or not 1 <= len(table) <= VALUES_MOST:
        raise ValidationError(f"Write 1 to {VALUES_MOST} values with what each means.")
    found: dict[str, Any] = {}
    for word, meaning in table.items():
        if isinstance(meaning, dict | list):
            raise ValidationError(f"What {word!r} means is not a single value.")
        # YAML reads a bare on or yes as true: what a gateway spells so is meant as well.
        for text in SPOKEN[word] if isinstance(word, bool) else (rules.key(word),):
            found[text] = meaning
    return found


def _no_password(_: Any) -> None:
    raise ValidationError("A password has no place in this file: write password_file or password_env.")


class TlsIn(Schema):
    """Encryption: files in PEM, their paths beside the file."""

    ca = String(load_default=None, validate=Length(1, 1000))
    cert = String(load_default=None, validate=Length(1, 1000))
    key = String(load_default=None, validate=Length(1, 1000))

    @validates_schema
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        if bool(data.get("cert")) != bool(data.get("key")):
            raise ValidationError("Only one of cert and key is given: give both, or neither.")


class BrokerIn(Schema):
    """The broker."""

    host = String(required=True, validate=Length(1, 255))
    port = Integer(strict=True, load_default=None, validate=Range(1, 65535))
    protocol = Raw(load_default="5")
    client_id = String(load_default="shapan-bridge",
                       validate=Regexp(r"^[0-9A-Za-z_.-]{1,64}\Z", error="Write 1 to 64 of A-Z, a-z, 0-9, _ . -"))
    keepalive_s = Integer(strict=True, load_default=30, validate=Range(5, 3600))
    session_expiry_s = Integer(strict=True, load_default=7 * 86400, validate=Range(60, 2**32 - 2))
    username = String(load_default=None, validate=Length(1, 1000))
    password_file = String(load_default=None, validate=Length(1, 1000))
    password_env = String(load_default=None, validate=Length(1, 200))
    password = Raw(validate=_no_password)
    tls = Nested(TlsIn, load_default=None)

    @validates_schema(skip_on_field_errors=False)
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        if str(data.get("protocol")) not in ("5", "3.1.1"):
            raise ValidationError("Write 5 or 3.1.1.", "protocol")
        if data.get("password_file") and data.get("password_env"):
            raise ValidationError("Both password_file and password_env are given: give one.", "password_env")
        if not data.get("username") and (data.get("password_file") or data.get("password_env")):
            raise ValidationError("A password is given and no name: write username.", "username")

    @post_load
    def _tidy(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "protocol": str(data["protocol"])}


def _spelt_out(said: Any) -> Any:
    return {"path": said} if isinstance(said, str) else said


class RuleIn(Schema):
    """How a field is made; a bare text is its path."""

    path = Parsed(Path.parse)
    text = String(validate=Length(1, 500))
    value = Raw()
    values = Raw()
    default = Raw()
    time = Parsed(_time)
    zone = Parsed(_zone)
    factor = Float(load_default=1.0)
    offset = Float(load_default=0.0)
    cut = Integer(strict=True, validate=Range(1, 10_000))

    @pre_load
    def _spell_out(self, data: Any, **_: Any) -> Any:
        return _spelt_out(data)

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _whole(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        said = _spelt_out(original)
        given = [name for name in ("path", "text", "value") if isinstance(said, dict) and name in said]
        if len(given) > 1 or not given and data.get("time") != RECEIVED:
            raise ValidationError("Write one of path, text and value.")
        for name in ("value", "default"):
            if isinstance(data.get(name), dict | list):
                raise ValidationError("Write a single value.", name)
        time = data.get("time")
        if "zone" in data and (time in (None, RECEIVED) or time.startswith("epoch")):
            raise ValidationError("Only a time that is written out has a zone.", "zone")
        if time is not None and "%" in time and "%z" not in time and "zone" not in data:
            raise ValidationError("The pattern has no zone (%z): write zone, such as Asia/Shanghai.", "time")

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Rule:
        values = _meanings(data["values"]) if "values" in data else None
        default = data.get("default", ABSENT)
        return Rule(**{**data, "values": values, "default": ABSENT if default is None else default})


class RouteIn(Schema):
    """What becomes of the messages of one topic filter."""

    topic = Parsed(Topic.parse, required=True)
    kind = Parsed(_kind, required=True)
    format = String(load_default="json", validate=OneOf(["json", "text", "number"]))
    items = Parsed(lambda text: Path.parse(text, many=True), load_default=None)
    fields = Dict(keys=String(), values=Nested(RuleIn), required=True)

    @validates_schema(skip_on_field_errors=False)
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        faults: dict[str, Any] = {}
        if data.get("items") is not None and data.get("format") != "json":
            faults["items"] = ["Only a message in JSON holds several things."]
        if "kind" in data and isinstance(data.get("fields"), dict):
            faults |= _field_faults(data["kind"], data["fields"], data.get("topic"))
        if faults:
            raise ValidationError(faults)

    @post_load
    def _finish(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        known = data["kind"].schema.fields
        made = {name: _fit(rule, known[name.partition(".")[0]]) for name, rule in data["fields"].items()}
        return {**data, "fields": made}


def _field_faults(kind: Kind, said: dict[str, Any], topic: Topic | None) -> dict[str, Any]:
    """Return the faults of a route's fields, each by its name."""
    known = kind.schema.fields
    names = ", ".join([*known, *(f"{field}.NAME" for field in kind.members)])
    faults = {name: [f"{kind.name} have no such field: write one of {names}."] for name in said
              if name not in known and not kind.has_member(name)}
    for name in filter(kind.has_member, said):
        whole, _, member = name.partition(".")
        if not QUANTITY.fullmatch(member):
            faults[name] = [f"{member!r} is no name of a quantity: up to 40 letters, digits, _ . -, a letter first."]
        elif whole in said:
            faults[name] = [f"Name {whole} as a whole, or its members one by one."]
    for name, field in known.items():
        if field.required and name not in said and name not in ("source", kind.identity):
            faults[name] = ["The field is needed: say where it stands in the message."]
    allowed = {"topic", *(topic.names if topic else ())}
    for name, rule in said.items():
        if isinstance(rule, Rule) and topic and rule.text and (strange := rules.names(rule.text) - allowed):
            faults[name] = [f"The topic filter names no {', '.join(f'{{{word}}}' for word in sorted(strange))}."]
        field = known.get(name.partition(".")[0])
        if isinstance(rule, Rule) and field and rule.time and not isinstance(field, Instant):
            faults[name] = ["The field is no time."]
    return {"fields": faults} if faults else {}


def _fit(rule: Rule, field: Field) -> Rule:
    """Return a rule that knows its field: a bare time is ISO 8601, a number becomes text where a text is wanted."""
    changes: dict[str, Any] = {"wants_text": isinstance(field, String)}
    if isinstance(field, Instant) and rule.time is None:
        changes["time"] = "iso"
    return Rule(**{**vars(rule), **changes})


class ConfigIn(Schema):
    """The whole file."""

    broker = Nested(BrokerIn, required=True)
    source = String(load_default="mqtt", validate=Length(1, 100))
    jurisdiction = List(String(), load_default=lambda: ["*"], validate=Length(1, 100))
    in_flight = Integer(strict=True, load_default=1000, validate=Range(1, 10_000))
    batch = Integer(strict=True, load_default=500, validate=Range(1, 1000))
    payload_kb = Integer(strict=True, load_default=256, validate=Range(1, 10_240))
    routes = List(Nested(RouteIn), required=True, validate=Length(1, 200))

    @validates_schema(skip_on_field_errors=False)
    def _whole(self, data: dict[str, Any], **_: Any) -> None:
        try:
            Scope(tuple(data.get("jurisdiction") or ()))
        except (ValueError, TypeError) as error:
            raise ValidationError(f"{error}.", "jurisdiction") from error
