"""``shapan cameras``: the hosts from which pages may play cameras, and which cameras need which."""

from collections import defaultdict
from urllib.parse import urlsplit

import click

from spatial import db, migrate, server
from spatial.queries import devices as queries
from spatial.settings import load
from spatial.types import Scope
from webmap import origins
from webmap.cameras import hosts, streams

EXAMPLES = 3
"""Cameras named for each host."""

LOOPBACK = ("127.0.0.1", origins.LOOPBACK_NAME)

WORDS = {
    "playable": "pages may play them",
    "not_listed": "not on the list: shapan cameras allow {origin}",
    "scheme": "no browser plays {origin}; have the video platform give HLS (.m3u8) or HTTP-FLV (.flv) by http or https",
    "credentials": "the address carries a user and a password; import it without them",
    "unreadable": "the address cannot be read",
}


@click.group()
def cameras() -> None:
    """Say from which hosts pages may play cameras; none by default.

    \b
    Examples:
      shapan cameras allow https://video.example:8443
      shapan cameras allow http://10.8.0.5:8080
      shapan cameras allow --private http://video.intra:8080
      shapan cameras refuse http://10.8.0.5:8080
      shapan cameras hosts
      shapan cameras check
    """


@cameras.command()
@click.option("--private", is_flag=True, help="Its name leads to private addresses (10.…, 172.16.…, 192.168.…): "
              "http is good enough.")
@click.argument("host", nargs=-1, required=True)
def allow(host: tuple[str, ...], private: bool) -> None:
    """Let pages play cameras of hosts: scheme, host and port, exactly; pages opened from now on do.

    \b
    Examples:
      shapan cameras allow https://video.example:8443
      shapan cameras allow --private http://video.intra:8080
    """
    home = load().home
    added = [hosts.parse(text, private=private) for text in host]
    hosts.save(home, origins.added(hosts.load(home), added))
    for origin in added:
        click.echo(f"Pages that are opened from now on may play cameras of {origin}.")
        if origin.host in LOOPBACK:
            click.echo(f"Note: {origin.host} is the machine of each who watches, not this one.")


@cameras.command()
@click.argument("host", nargs=-1, required=True)
def refuse(host: tuple[str, ...]) -> None:
    """Take hosts off the list.

    \b
    Examples:
      shapan cameras refuse http://10.8.0.5:8080
    """
    home = load().home
    taken = [hosts.parse(text, private=True) for text in host]
    hosts.save(home, origins.without(hosts.load(home), taken, "shapan cameras hosts"))


@cameras.command("hosts")
def listed() -> None:
    """List the hosts from which pages may play cameras."""
    for origin in hosts.load(load().home):
        click.echo(f"{origin}{' private' if origin.private else ''}")


@cameras.command()
def check() -> None:
    """Say of the cameras on record, by host, whether pages may play them, and what to do where they may not.

    No address is shown beyond scheme, host and port, and no user or password.
    """
    settings = load()
    address = server.addresses(settings).worker
    server.check_reachable(address)
    known = hosts.load(settings.home)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    with db.open_connection(address, Scope.everything()) as connection:
        migrate.require_current(connection)
        for code, url in queries.stream_urls(connection):
            stream = streams.judge(url, known)
            origin = stream.origin or ""
            # Where no browser plays the scheme, it does not matter which host it is.
            found[stream.state, urlsplit(origin).scheme if stream.state == "scheme" else origin].append(code)
    if not found:
        click.echo("No camera has the address of a stream.")
    for (state, origin), codes in sorted(found.items(), key=lambda each: (-len(each[1]), each[0])):
        more = f" and {len(codes) - EXAMPLES} more" if len(codes) > EXAMPLES else ""
        words = WORDS[state].format(origin=origin)
        click.echo(f"{', '.join(codes[:EXAMPLES])}{more}: {origin + ': ' if '/' in origin else ''}{words}")
