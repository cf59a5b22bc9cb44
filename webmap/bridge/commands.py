"""``shapan bridge``: messages of gateways out of an MQTT broker, and those that could not be taken."""

import json
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from spatial import db, leash, logs, migrate, server
from spatial.queries import bridge_rejects
from spatial.settings import load
from spatial.types import Scope
from webmap.bridge import config as files
from webmap.bridge.config import Config
from webmap.bridge.link import encryption
from webmap.bridge.mapping import Refused, things
from webmap.bridge.rules import RECEIVED, Rule
from webmap.bridge.run import Bridge
from webmap.bridge.status import Status, Teller

FILE = click.Path(path_type=Path)


@click.group()
def bridge() -> None:
    """Take in what gateways publish (MQTT), and list what could not be taken."""


@bridge.command()
@click.option("--config", "file", type=FILE, required=True, help="What to listen to: a YAML file.")
@click.option("--check", is_flag=True, help="Read the file, show its routes, and end.")
@click.option("--try", "topic", metavar="TOPIC", help="Show what a message on TOPIC would become, its payload from "
              "standard input, and end. Nothing is written.")
@click.option("--json", "as_json", is_flag=True, help="Print figures as JSON, a line every 10 seconds.")
def mqtt(file: Path, check: bool, topic: str | None, as_json: bool) -> int:
    """Take in messages of an MQTT broker until Ctrl-C. Each is acknowledged after it is committed.

    \b
    Examples:
      shapan bridge mqtt --config bridge.yaml --check
      shapan bridge mqtt --config bridge.yaml --try gateway/hk/device/D-7/alarm < payload.json
      shapan bridge mqtt --config bridge.yaml
    """
    said = files.load(file)
    if check:
        show(said)
        return 0
    if topic is not None:
        return attempt(said, topic, sys.stdin.buffer.read())
    stop = threading.Event()
    leash.heed(stop)
    work(said, stop, as_json)
    return 0


def work(said: Config, stop: threading.Event, as_json: bool = False) -> None:
    """Run a bridge until told to stop.

    Raises:
        DatabaseError: the database does not answer at the start, or is of another version.
        BrokerRefused: the broker does not let us in.
    """
    logs.configure()
    settings = load()
    with db.open_connection(server.addresses(settings).app, Scope.everything()) as connection:
        migrate.require_current(connection)
    status = Status()
    with Teller(status, as_json):
        Bridge(settings, said, stop, status).run()


def show(said: Config) -> None:
    """Print what a file says, and what to know about it.

    Raises:
        SettingError: its certificates cannot be used.
    """
    broker = said.broker
    if broker.tls is not None:
        encryption(broker)
    click.echo(f"{broker.host}:{broker.port}, MQTT {broker.protocol}{', TLS' if broker.tls else ''}, client "
               f"{broker.client_id}, {said.in_flight} in flight, within {' '.join(said.jurisdiction.prefixes)}")
    for route in said.routes:
        click.echo(f"{route.topic.text} → {route.kind.name} ({route.form}"
                   f"{f', each of {route.items.text}' if route.items else ''})")
        click.echo(f"  subscribes {route.topic.subscription}")
        for name, rule in route.rules.items():
            click.echo(f"  {name}: {_rule(rule)}")
        if route.kind.identity and route.kind.identity not in route.rules:
            click.echo(f"  {route.kind.identity}: made from topic, message and time")
        if route.counts_twice:
            click.echo("  Note: a message names neither itself nor its time: delivered again it counts again.")
    if broker.protocol == "3.1.1":
        click.echo("Note: MQTT 3.1.1 lets the broker choose how many messages are in flight (mosquitto: "
                   "max_inflight_messages, 20 when it is not set).")


def _rule(rule: Rule) -> str:
    origin = (rule.path.text if rule.path else repr(rule.text) if rule.text is not None else
              "when the message came" if rule.time == RECEIVED else repr(rule.value))
    return f"{origin}{f', {len(rule.values)} values' if rule.values else ''}"


def attempt(said: Config, topic: str, payload: bytes) -> int:
    """Print what a message would become, one JSON object a line; return 1 where something of it would be rejected."""
    found = things(said.routes, topic, payload, datetime.now(UTC))
    if len(payload) > said.payload_bytes:
        found = [Refused(bridge_rejects.WHOLE, f"has {len(payload)} bytes; {said.payload_bytes} at most are taken")]
    for thing in found:
        click.echo(json.dumps(vars(thing), ensure_ascii=False, default=lambda value: value.isoformat()))
    if not found:
        click.echo("Nothing: an empty message deletes a retained one.", err=True)
    return int(any(isinstance(thing, Refused) or thing.lost for thing in found))


@bridge.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Rejects at most.")
@click.option("--payload", is_flag=True, help="Show payloads too; they may hold personal data.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def rejects(limit: int, payload: bool, as_json: bool) -> None:
    """List messages that could not be taken, the one that came last first."""
    settings = load()
    with db.open_connection(server.addresses(settings).app, Scope.everything()) as connection:
        found, total = bridge_rejects.recent(connection, limit), bridge_rejects.count(connection)
    if as_json:
        hidden = () if payload else ("payload",)
        rows = [{name: value for name, value in vars(kept).items() if name not in hidden} for kept in found]
        click.echo(json.dumps({"rejects": rows, "total": total}, ensure_ascii=False, default=_plain))
        return
    zone = ZoneInfo(settings.time_zone)
    for kept in found:
        click.echo(f"{kept.last_at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {kept.times}×  {kept.topic}  {kept.bytes} bytes"
                   f"{f'  thing {kept.item}' if kept.item >= 0 else ''}\n  {kept.reason}")
        if payload:
            click.echo(f"  {kept.payload!r}")
    click.echo(f"{total} rejects on record; they are kept for {bridge_rejects.KEPT_DAYS} days, "
               f"{bridge_rejects.KEPT_MOST} at most.")


def _plain(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value.isoformat()
