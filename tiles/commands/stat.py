"""``shapan tiles stat``: what the running service has in memory, and how current it is."""

import json

import click

from tiles.commands.service import Service, url_option


@click.command(short_help="Show tiles in memory, and whether they are those of now.")
@url_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def stat(url: str | None, as_json: bool) -> None:
    """Show tiles in memory, hits and misses, the pool, the last change that the service knows, and late sums.

    \b
    Examples:
      shapan tiles stat
      shapan tiles stat --url http://127.0.0.1:9000 --json
    """
    with Service(url) as service:
        found = service.json("/tiles/stat")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    cache, pool = found["cache"], found["pool"]
    asked = cache["hits"] + cache["misses"]
    share = f", {cache['hits'] / asked:.1%} of {asked:,} looks" if asked else ""
    click.echo(f"Feed:   {'heard' if found['trusted'] else 'LOST: every tile is built anew'}, change {found['head']:,}")
    late = ", ".join(found["late"])
    click.echo(f"Sums:   {f'LATE: tiles of {late} from afar are built anew' if late else 'kept up'}")
    click.echo(f"Memory: {cache['entries']:,} tiles, {cache['bytes'] / 2**20:.1f} of "
               f"{cache['most_bytes'] / 2**20:.0f} MB, {cache['hits']:,} found{share}, "
               f"{cache['evicted']:,} made room for others")
    click.echo(f"Pool:   {pool['pool_size']} connections, {pool['pool_available']} free, "
               f"{pool['requests_waiting']} waiting; {found['dropped']:,} requests dropped as too late")
    for layer, cells in found["versions"].items():
        click.echo(f"{layer + ':':<15} changes in {cells:,} cells")
