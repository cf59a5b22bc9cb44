"""Options that commands about many tiles have in common: zooms and a box."""

from collections.abc import Callable

import click

from spatial.types import Box
from tiles.matrix import MAX_ZOOM, sound


def zooms_option(default: str) -> Callable[[Callable], Callable]:
    """Return the option of first and last zoom, given to the command as the range ``zooms``."""
    return click.option("--zooms", callback=_zooms, default=default, show_default=True, metavar="FIRST-LAST",
                        help="Zoom, or first and last zoom.")


def box_option(command: Callable) -> Callable:
    """Add the option of a box, given to the command as ``box``: EPSG:4490, degrees; None for all data."""
    return click.option("--bbox", "box", callback=_box, metavar="W,S,E,N",
                        help="Only tiles that meet this box, degrees; all data by default.")(command)


def _zooms(context: click.Context, option: click.Parameter, text: str) -> range:
    first, dash, last = text.partition("-")
    last = last if dash else first
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last) <= MAX_ZOOM):
        raise click.BadParameter(f"{text!r} is not a zoom or a range of zooms up to {MAX_ZOOM}, such as 8-16.")
    return range(int(first), int(last) + 1)


def _box(context: click.Context, option: click.Parameter, text: str | None) -> Box | None:
    if text is None:
        return None
    try:
        found = Box(*map(float, text.split(",")))
    except (TypeError, ValueError):
        raise click.BadParameter(
            f"{text!r} is not west,south,east,north in degrees, such as 113.9,30.8,114.0,30.9.") from None
    if not sound(found):
        raise click.BadParameter(f"{text!r} is no box within Web Mercator, west before east and south before north.")
    return found
