"""What the bridge listens to, and what it makes of it: the YAML file, read once, all its faults at once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from spatial import yaml_file
from spatial.errors import InvalidInput, SettingError
from spatial.types import Scope
from webmap.bridge.config_schema import ConfigIn
from webmap.bridge.kinds import Kind
from webmap.bridge.paths import Path as ValuePath
from webmap.bridge.rules import RECEIVED, Rule
from webmap.bridge.topics import Topic

CURE = "docs/bridge.md explains every name; docs/examples/bridge.yaml is an example."
SECRET_BYTES = 4096
VALUE_SHOWN = 60

_TABLE = re.compile(r"\.fields\Z")


@dataclass(frozen=True)
class Tls:
    """Encryption: files in PEM. ``ca``: who vouches for the broker, the system's authorities when None."""

    ca: Path | None
    cert: Path | None
    key: Path | None


@dataclass(frozen=True)
class Broker:
    """Where the broker is and how the bridge speaks to it.

    Attributes:
        protocol: ``3.1.1`` or ``5``.
        client_id: the session's name at the broker; the same for ever.
        session_expiry_s: how long the broker keeps what comes while nobody is connected (MQTT 5 only).
    """

    host: str
    port: int
    protocol: str
    client_id: str
    keepalive_s: int
    session_expiry_s: int
    username: str | None
    password: str | None
    tls: Tls | None


@dataclass(frozen=True)
class Route:
    """What becomes of the messages of one topic filter.

    Attributes:
        form: of the payload: ``json``, ``text`` or ``number``.
        items: path to the things in a message; None where it is one.
        rules: how each field is made.
    """

    topic: Topic
    kind: Kind
    form: str
    items: ValuePath | None
    rules: Mapping[str, Rule]

    @property
    def counts_twice(self) -> bool:
        """True when a message that is delivered again cannot be told from a new one."""
        named = self.kind.identity is None or self.kind.identity in self.rules
        timed = self.rules[self.kind.clock].time != RECEIVED
        return not timed if self.kind.identity is None else not (named or timed)


@dataclass(frozen=True)
class Config:
    """The whole file.

    Attributes:
        jurisdiction: what the bridge may write to.
        in_flight: messages that the broker may send ahead of our acknowledgements; bounds memory.
        batch: messages of one transaction at most.
        payload_bytes: a longer message is rejected.
    """

    broker: Broker
    jurisdiction: Scope
    in_flight: int
    batch: int
    payload_bytes: int
    routes: tuple[Route, ...]


def load(path: Path) -> Config:
    """Read and check a file.

    Raises:
        SettingError: it cannot be read, or is not YAML.
        InvalidInput: its faults, each with the place, the value and what to write.
    """
    content = yaml_file.read(path, "the bridge's file", CURE, SettingError)
    try:
        said = ConfigIn().load(content)
    except ValidationError as error:
        raise _refusal(path, list(_flat(error.messages, content))) from error
    faults: list[tuple[str, str]] = []
    broker = _broker(said["broker"], path.parent, faults)
    if faults:
        raise _refusal(path, faults)
    return Config(
        broker=broker, jurisdiction=Scope(tuple(said["jurisdiction"])), in_flight=said["in_flight"],
        batch=said["batch"], payload_bytes=said["payload_kb"] << 10,
        routes=tuple(_route(route, said["source"]) for route in said["routes"]),
    )


def _route(said: dict[str, Any], source: str) -> Route:
    kind, rules = said["kind"], said["fields"]
    if "source" in kind.schema.fields and "source" not in rules:
        rules = {**rules, "source": Rule(value=source)}
    return Route(said["topic"], kind, said["format"], said["items"], rules)


def _broker(said: dict[str, Any], folder: Path, faults: list[tuple[str, str]]) -> Broker:
    tls = None
    if said["tls"] is not None:
        files = {name: folder / text if text else None for name, text in said["tls"].items()}
        for name, file in files.items():
            if file is not None and not file.is_file():
                faults.append((f"broker.tls.{name}", f"{file} is not a file"))
        tls = Tls(**files)
    return Broker(
        host=said["host"], port=said["port"] or (1883 if tls is None else 8883), protocol=said["protocol"],
        client_id=said["client_id"], keepalive_s=said["keepalive_s"], session_expiry_s=said["session_expiry_s"],
        username=said["username"], password=_password(said, folder, faults), tls=tls,
    )


def _password(said: dict[str, Any], folder: Path, faults: list[tuple[str, str]]) -> str | None:
    if said["password_env"]:
        if not os.environ.get(said["password_env"]):
            faults.append(("broker.password_env", f"the environment has no {said['password_env']}"))
        return os.environ.get(said["password_env"])
    if said["password_file"]:
        try:
            with (folder / said["password_file"]).open(encoding="utf-8") as file:
                return file.read(SECRET_BYTES).rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(("broker.password_file", f"{folder / said['password_file']} cannot be read: "
                           f"{getattr(error, 'strerror', None) or 'it is not text in UTF-8'}"))
    return None


def _refusal(path: Path, faults: list[tuple[str, str]]) -> InvalidInput:
    count = f"{len(faults)} faults" if len(faults) > 1 else "one fault"
    return InvalidInput(f"{path.name} has {count}; the bridge does not start.", faults, CURE)


def _flat(messages: Any, content: Any, place: str = "") -> Any:
    """Yield (place, message with the value) for each fault that the library found."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            if name == "_schema":
                yield from _flat(inner, None, place)
                continue
            step = f"[{name}]" if isinstance(name, int) else f".{name}" if place else str(name)
            if _TABLE.search(place) and isinstance(inner, dict):
                # In a table the library tells a fault of the name from one of what stands there.
                inner = inner.get("value", inner.get("key", inner))
            yield from _flat(inner, _inside(content, name), place + step)
        return
    for message in messages:
        secret = place.endswith(".password")
        shown = content if isinstance(content, str | int | float | bool) and not secret else None
        before = "" if shown is None else f"{repr(shown)[:VALUE_SHOWN]}: "
        yield place or "the file", before + message


def _inside(content: Any, name: Any) -> Any:
    if isinstance(content, dict):
        return content.get(name)
    if isinstance(content, list) and isinstance(name, int) and name < len(content):
        return content[name]
    return None
