"""``shapan rate``: the entry rate on the command line."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import click
import psycopg

from spatial.commands.opened import open_database
from spatial.queries import entry_rate
from spatial.rules.entry_rate import ENTRY_KINDS

PAGE = 1000


@click.command()
@click.option("--level", type=click.Choice(entry_rate.LEVELS), default="community", show_default=True,
              help="Places that are listed.")
@click.option("--kind", "kinds", type=click.Choice(ENTRY_KINDS), multiple=True, help="Kind; all four when not given.")
@click.option("--within", default="", metavar="DIGITS", help="First digits of a code, such as a street's nine.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line instead of text.")
def rate(level: str, kinds: tuple[str, ...], within: str, as_json: bool) -> None:
    """List the entry rate (录入率): how much of what should be on record is on record.

    \b
    Examples:
      shapan rate
      shapan rate --level grid --kind housing --within 999001001 --json
    """
    if within and not (within.isascii() and within.isdigit() and len(within) <= 15):
        raise click.BadParameter(f"{within!r} is not up to 15 digits.", param_hint="--within")
    with open_database() as connection:
        for kind in kinds or ENTRY_KINDS:
            for one in _pages(connection, level, kind, within):
                click.echo(json.dumps({**asdict(one), "as_of": one.as_of and one.as_of.isoformat(), "rate": one.rate},
                                      ensure_ascii=False) if as_json else _line(one))


def _pages(connection: psycopg.Connection, level: str, kind: str, within: str) -> Iterator[entry_rate.Rate]:
    after = ""
    while page := entry_rate.rates(connection, level, kind, within, after, PAGE):
        yield from page
        after = page[-1].code


def _line(one: entry_rate.Rate) -> str:
    place = f"{one.code} {one.name or ''}".strip()
    if one.rate is None:
        why = "nobody has declared a total" if one.declared_by is None else "the declared total is 0 or lacks storeys"
        return f"{place}: {one.kind} unknown, {one.numerator:,} entered; {why}"
    return (f"{place}: {one.kind} {one.rate:.1%}, {one.numerator:,} of {one.denominator:,} "
            f"({one.declared_by}, {one.as_of})")
