"""From a message to the things in it: decoded, mapped field by field, read as HTTP reads things of its kind.

No message makes this raise: what cannot be used comes out as a :class:`Refused`, with every reason.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from spatial.queries.bridge_rejects import WHOLE
from webmap.bridge.config import Route
from webmap.bridge.rules import ABSENT, Seen, Unusable, number

ITEMS_MOST = 1000
"""Things in one message at most, as in one request by HTTP."""

REASONS_SHOWN = 5


@dataclass(frozen=True)
class Thing:
    """One thing out of a message.

    Attributes:
        kind: name of its kind. item: which one of the message it is.
        values: as its kind wants them.
        lost: why parts of it cannot be used, though it can; empty where nothing is lost.
    """

    kind: str
    item: int
    values: dict[str, Any]
    lost: str = ""


@dataclass(frozen=True)
class Refused:
    """One thing that cannot be used, or a whole message (``item`` is ``WHOLE``), and why."""

    item: int
    reason: str


def things(routes: Sequence[Route], topic: str, payload: bytes, received: datetime) -> list[Thing | Refused]:
    """Return what a message holds for all routes that take its topic.

    Args:
        routes: of the file.
        topic, payload: the message. An empty payload holds nothing: so a retained message is deleted.
        received: when it came, with its zone.
    """
    if not payload:
        return []
    matching = [(route, names) for route in routes if (names := route.topic.match(topic)) is not None]
    if not matching:
        return [Refused(WHOLE, "no route takes this topic; an earlier file may have subscribed to it")]
    found: list[Thing | Refused] = []
    for route, names in matching:
        try:
            message = decode(payload, route.form)
            mark = _mark(topic, message)
        except Unusable as error:
            found.append(Refused(WHOLE, f"{error} (route {route.topic.text})"))
            continue
        said = [message] if route.items is None else list(_first(route.items.every(message), ITEMS_MOST + 1))
        if len(said) > ITEMS_MOST:
            found.append(Refused(WHOLE, f"holds more than {ITEMS_MOST} things (route {route.topic.text})"))
        elif not said:
            found.append(Refused(WHOLE, f"nothing stands at {route.items.text} (route {route.topic.text})"))
        else:
            found += [_thing(route, position, Seen(item, message, {**names, "topic": topic}, received), mark)
                      for position, item in enumerate(said)]
    return found


def decode(payload: bytes, form: str) -> Any:
    """Return what a payload says; of a single text or number, ``{"value": …}``.

    Raises:
        Unusable: it is not what it should be.
    """
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(f"not text in UTF-8 (byte {error.start})") from error
    if form == "text":
        return {"value": text.strip()}
    if form == "number":
        return {"value": number(text)}
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise Unusable("nested too deep") from error
    except ValueError as error:
        raise Unusable(f"not JSON: {error}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _mark(topic: str, message: Any) -> bytes:
    """Return what is the same for the same message on the same topic, however it is written: SHA-256."""
    try:
        canonical = json.dumps(message, sort_keys=True, separators=(",", ":"))
    except RecursionError as error:
        raise Unusable("nested too deep") from error
    return hashlib.sha256(f"{topic}\0{canonical}".encode("utf-8", "surrogatepass")).digest()


def _thing(route: Route, item: int, seen: Seen, mark: bytes) -> Thing | Refused:
    kind = route.kind
    values, faults = _values(route, seen)
    if kind.identity is not None and kind.identity not in route.rules:
        # A message without a time of its own is told from the next one by when it came.
        mark = hashlib.sha256(mark + f"{route.topic.text}\0{item}\0{values.get(kind.clock)}".encode()).hexdigest()
        values[kind.identity] = mark
    found = kind.read(values, seen.received)
    # Of a field that could not be made, its reader only says that it is missing.
    told = {**faults, **found.faults, **faults}
    reason = "; ".join(f"{name}: {fault}" for name, fault in list(told.items())[:REASONS_SHOWN])
    if found.values is None or not all(kind.has_member(name) for name in faults):
        return Refused(item, reason)
    return Thing(kind.name, item, found.values, reason)


def _values(route: Route, seen: Seen) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields, and what was wrong with those that could not be made, by their names."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, rule in route.rules.items():
        try:
            value = rule.take(seen)
        except Unusable as error:
            faults[name] = str(error)
            # The reader must see that a member stood there: a reading that lost all its values is no sign of life.
            value = error if route.kind.has_member(name) else ABSENT
        if value is ABSENT:
            continue
        if route.kind.has_member(name):
            field, _, member = name.partition(".")
            values.setdefault(field, {})[member] = value
        else:
            values[name] = value
    return values, faults


def _first(found: Iterable[Any], most: int) -> Iterator[Any]:
    for _, item in zip(range(most), found, strict=False):
        yield item
