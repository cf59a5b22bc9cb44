"""``shapan links``: links that open a wall display or a keeper's page, on the command line."""

import json
from datetime import timedelta
from typing import Any

import click

from spatial.commands.opened import open_database
from spatial.queries import access_links as queries
from spatial.queries.link_audit import By
from spatial.rules import access_links as rules
from spatial.settings import load
from spatial.types import Scope

BY = By("command line")
"""Who made or changed a link, on record."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object for each line.")
at_option = click.option("--at", default=None, metavar="ADDRESS", help="Beginning of the service's address, such as "
                         "https://sandbox.example; SHAPAN_PUBLIC_URL, else this machine's own, by default.")
hours_option = click.option("--link-hours", type=click.FloatRange(0, rules.LONGEST / timedelta(hours=1), min_open=True),
                            default=rules.LINK_LASTS / timedelta(hours=1), show_default=True,
                            help="Until when the link must be opened.")


def _days_option(kind: str | None) -> Any:
    said = "400 for a wall, 90 for a keeper" if kind is None else str(rules.SESSION_LASTS[kind].days)
    return click.option("--days", type=click.FloatRange(0, rules.LONGEST.days, min_open=True), default=None,
                        help=f"How long it stays open; {said} by default.")


def _display_options(command: Any) -> Any:
    """Add the options that say what a wall is told about itself."""
    for option in reversed([
        click.option("--height", "height_m", type=float, metavar="METRES", help="Height of the wall's picture."),
        click.option("--distance", "distance_m", type=float, metavar="METRES", help="How far away its readers sit."),
        click.option("--takeover", "takeover_s", type=float, metavar="SECONDS",
                     help="For how long an alarm has the picture; 20 by default."),
        click.option("--tour", type=int, metavar="NUMBER", help="Which tour it plays."),
        click.option("--sound/--no-sound", default=None, help="Whether it sounds at critical alarms."),
        click.option("--low-power/--no-low-power", default=None, help="For a machine without a graphics processor."),
    ]):
        command = option(command)
    return command


def _check(name: str | None, display: dict[str, Any], hint: str) -> dict[str, Any]:
    """Return what a wall is told about itself; refuse what makes no sense, all of it at once."""
    if name is not None and (not 1 <= len(name) <= rules.NAME_MOST or not name.isprintable()):
        raise click.BadParameter(f"must be 1 to {rules.NAME_MOST} printable characters.", param_hint=hint)
    display = {member: value for member, value in display.items() if value is not None}
    if faults := rules.display_faults(display):
        raise click.UsageError("; ".join(f"{member}: {sentence}" for member, sentence in faults) + ".")
    return display


@click.group()
def links() -> None:
    """Make, change and revoke links that open a wall (大屏) or a keeper's page (网格员), each once."""


@links.command()
@click.argument("name")
@click.option("--within", default="", metavar="DIGITS", help="First digits of a grid's code, such as a street's nine; "
              "everything by default.")
@_display_options
@_days_option("kiosk")
@hours_option
@at_option
@json_option
def kiosk(name: str, within: str, days: float | None, link_hours: float, at: str | None, as_json: bool,
          **display: Any) -> None:
    """Make the link of a wall (大屏) that shows figures and alarms of an area, and no person.

    \b
    Examples:
      shapan links kiosk "Hall, north wall"
      shapan links kiosk 三楼大厅 --within 999001001 --height 2.4 --distance 8 --tour 1
      shapan links kiosk lobby --days 30 --at https://sandbox.example
    """
    if within and not (within.isascii() and within.isdigit() and 2 <= len(within) <= 15):
        raise click.BadParameter(f"{within!r} is not 2 to 15 digits.", param_hint="--within")
    display = _check(name, display, "NAME")
    scope = Scope((within,)) if within else Scope.everything()
    with open_database() as connection:
        made = queries.make_kiosk(connection, name, scope, by=BY, link_lasts=timedelta(hours=link_hours),
                                  lasts=_lasts("kiosk", days), display=display)
    _show(made, at, as_json)


@links.command()
@click.argument("code")
@_days_option("keeper")
@hours_option
@at_option
@json_option
def keeper(code: str, days: float | None, link_hours: float, at: str | None, as_json: bool) -> None:
    """Make the link of a keeper's page, for one tablet or telephone.

    \b
    Examples:
      shapan links keeper WG0001
      shapan links keeper WG0001 --days 30 --at https://sandbox.example
    """
    with open_database() as connection:
        made = queries.make_keeper(connection, code, by=BY, link_lasts=timedelta(hours=link_hours),
                                   lasts=_lasts("keeper", days))
    _show(made, at, as_json)


@links.command(name="list")
@json_option
def list_(as_json: bool) -> None:
    """List all links: what each opens, where, and whether it is open. The links themselves are on record nowhere.

    \b
    Examples:
      shapan links list
      shapan links list --json
    """
    with open_database() as connection:
        for link in queries.every(connection):
            click.echo(json.dumps(queries.as_json(link), ensure_ascii=False) if as_json else _line(link))


@links.command()
@click.argument("link_id", type=int, metavar="NUMBER")
@click.option("--name", default=None, help="Which wall it is.")
@_display_options
@click.option("--without", multiple=True, type=click.Choice([*rules.DISPLAY, "tour", *rules.SWITCHES]),
              help="What the wall is told no more, so that its page decides; may be given again.")
@json_option
def change(link_id: int, name: str | None, without: tuple[str, ...], as_json: bool, **display: Any) -> None:
    """Change what a wall (大屏) is called, or what it is told. Its page takes that up by itself.

    \b
    Within half a minute the page loads itself again, or as soon as no alarm has its picture.
    The link stays as it is, opened or not.

    \b
    Examples:
      shapan links change 3 --tour 2
      shapan links change 3 --name "Hall, south wall" --no-sound --without tour
    """
    told = _check(name, display, "--name") | dict.fromkeys(without)
    if name is None and not told:
        raise click.UsageError("Say what is another one now, such as --tour 2.")
    with open_database() as connection:
        link = queries.change(connection, link_id, by=BY, name=name, display=told)
    click.echo(json.dumps(queries.as_json(link), ensure_ascii=False) if as_json else _line(link))


@links.command()
@click.argument("link_id", type=int, metavar="NUMBER")
@_days_option(None)
@hours_option
@at_option
@json_option
def renew(link_id: int, days: float | None, link_hours: float, at: str | None, as_json: bool) -> None:
    """Give a wall or keeper a new link; what is open stays open until the new link is opened.

    \b
    With --days, what is open now ends then, too: later than it would have, or sooner.
    Without, it ends 400 days (wall) or 90 days (keeper) from now, or later if it would have.
    To end it at once, opened or not, revoke the link.

    \b
    Examples:
      shapan links renew 3
      shapan links renew 3 --days 7
    """
    with open_database() as connection:
        kind = queries.get(connection, link_id).kind
        made = queries.renew(connection, link_id, by=BY, link_lasts=timedelta(hours=link_hours),
                             lasts=_lasts(kind, days), longer_only=days is None)
    _show(made, at, as_json)


@links.command()
@click.argument("link_id", type=int, metavar="NUMBER")
@json_option
def revoke(link_id: int, as_json: bool) -> None:
    """End a link and what it opened, for good; its pages go dark within seconds.

    \b
    Example:
      shapan links revoke 3
    """
    with open_database() as connection:
        link = queries.revoke(connection, link_id, BY)
    click.echo(json.dumps(queries.as_json(link), ensure_ascii=False) if as_json else _line(link))


def _lasts(kind: str, days: float | None) -> timedelta:
    return rules.SESSION_LASTS[kind] if days is None else timedelta(days=days)


def _show(made: queries.Made, at: str | None, as_json: bool) -> None:
    settings = load()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    begins = (at or settings.public_url or f"http://{host}:{settings.port}").rstrip("/")
    url = f"{begins}{rules.PAGES[made.link.kind]}#{made.token}"
    if as_json:
        click.echo(json.dumps({**queries.as_json(made.link), "url": url}, ensure_ascii=False))
        return
    click.echo(url)
    click.echo(f"Link {made.link.id}: open it once, before {made.link.link_expires_at:%Y-%m-%d %H:%M} UTC, in the "
               "browser that it is for. It is shown this once.", err=True)


def _line(link: queries.AccessLink) -> str:
    what = f"wall {link.name}" if link.kind == "kiosk" else f"keeper {link.keeper}"
    where = ", ".join(place or "everything" for place in link.places)
    until = {"waiting": f"waits until {link.link_expires_at:%Y-%m-%d %H:%M}", "unopened": "was not opened in time",
             "open": f"open until {link.expires_at:%Y-%m-%d}", "expired": f"expired {link.expires_at:%Y-%m-%d}",
             "revoked": "revoked",
             "left": "was left by its browser"}[link.state]
    return f"{link.id}: {what}, {where}: {until}; made by {link.account}"
