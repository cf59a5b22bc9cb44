"""``shapan webhooks``: the hosts that webhooks may go to, and a look at those on record."""

import json
import time

import click
import psycopg

from spatial import cipher, db, migrate, server
from spatial.errors import ShapanError
from spatial.queries import webhooks as queries
from spatial.queries.webhooks import Message
from spatial.settings import Settings, load
from spatial.types import Scope
from webmap import origins
from webmap.webhooks import delivery, hosts


class TestFailed(ShapanError):
    """A receiver did not confirm a test message."""

    __test__ = False


@click.group()
def webhooks() -> None:
    """Say where outbound webhooks may go, and look after those on record.

    \b
    Examples:
      shapan webhooks allow https://partner.example:8443
      shapan webhooks allow --private http://exchange.intra.example:8080
      shapan webhooks list
      shapan webhooks test 3
    """


@webhooks.command()
@click.option("--private", is_flag=True, help="Its name leads to private addresses (10.…, 172.16.…, 192.168.…).")
@click.argument("host", nargs=-1, required=True)
def allow(host: tuple[str, ...], private: bool) -> None:
    """Let webhooks go to hosts: a name, or scheme, host and port."""
    home = load().home
    added = [hosts.parse_origin(text, private=private) for text in host]
    hosts.save(home, origins.added(hosts.load(home), added))
    for origin in added:
        click.echo(f"Webhooks may go to {origin}{', also at private addresses' if origin.private else ''}.")


@webhooks.command()
@click.argument("host", nargs=-1, required=True)
def refuse(host: tuple[str, ...]) -> None:
    """Take hosts off the list; webhooks to them fail from now on."""
    home = load().home
    taken = [hosts.parse_origin(text, private=True) for text in host]
    hosts.save(home, origins.without(hosts.load(home), taken, "shapan webhooks hosts"))


@webhooks.command("hosts")
def listed() -> None:
    """List the hosts that webhooks may go to."""
    for origin in hosts.load(load().home):
        click.echo(f"{origin}{' private' if origin.private else ''}")


@webhooks.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line instead of text.")
def list_(as_json: bool) -> None:
    """List the webhooks on record and how they are doing."""
    with _connect(load()) as connection:
        for hook in queries.every(connection):
            click.echo(json.dumps(queries.as_json(hook), ensure_ascii=False) if as_json else _line(hook))


@webhooks.command()
@click.argument("number", type=click.IntRange(1))
def enable(number: int) -> None:
    """Switch a webhook on again that was given up."""
    with _connect(load()) as connection:
        queries.enable(connection, number)


@webhooks.command()
@click.argument("number", type=click.IntRange(1))
def test(number: int) -> None:
    """Send a signed test message now, which holds no change, and say how it ended."""
    settings = load()
    with _connect(settings) as connection:
        url, sealed = queries.secret(connection, number)
    stamp = time.time_ns()
    body = json.dumps({"type": "shapan.test", "data": {"webhook": number}}).encode()
    outcome = delivery.attempt(Message(number, url, sealed, f"msg_{number}_test_{stamp}", 0, body), settings.home,
                               cipher.from_file(settings.key_file))
    if not outcome.ok:
        raise TestFailed(f"The receiver did not confirm: {outcome.text}.", "See docs/exchange.md for what it must do.")
    click.echo(f"Confirmed: {outcome.text}.")


def _line(hook: queries.Webhook) -> str:
    outcome = f", last {hook.last_outcome}" if hook.last_outcome else ""
    return (f"{hook.id}: {hook.state}, up to {hook.cursor}, {hook.attempts} failures in a row{outcome}; "
            f"{','.join(hook.kinds)} to {hook.url}")


def _connect(settings: Settings) -> psycopg.Connection:
    address = server.addresses(settings).worker
    server.check_reachable(address)
    connection = db.open_connection(address, Scope.everything())
    migrate.require_current(connection)
    return connection
