"""``shapan tiles``: one file for each of its commands."""

import click

from tiles.commands.explain import explain
from tiles.commands.export import export
from tiles.commands.seed import seed
from tiles.commands.stat import stat


@click.group()
def tiles() -> None:
    """Look at tiles (瓦片): what they cost, what is in memory, warm it, and export layers to a file."""


for command in (explain, export, seed, stat):
    tiles.add_command(command)
