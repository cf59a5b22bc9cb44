"""``shapan classes``: classes of events with their deadlines, as a table that an administrator replaces."""

import csv
import io
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path

import click

from spatial.commands.opened import open_database
from spatial.errors import InvalidInput, SourceError
from spatial.queries import event_classes
from spatial.queries.event_classes import EventClass

COLUMNS = tuple(field.name for field in fields(EventClass))
LARGEST_BYTES = 4 * 2**20
ENCODINGS = ("utf-8-sig", "gb18030")
YES, NO = ("true", "1", "yes", "是"), ("false", "0", "no", "否")


@click.group()
def classes() -> None:
    """Show or replace the classes of events (事件分类) and their deadlines."""


@classes.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line instead of text.")
def list_(as_json: bool) -> None:
    """List every class with its deadlines.

    \b
    Examples:
      shapan classes list
      shapan classes list --json
    """
    for one in _read():
        click.echo(json.dumps(asdict(one), ensure_ascii=False) if as_json else _line(one))


@classes.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
def export(file: Path | None) -> None:
    """Write every class as CSV, to FILE or to the terminal, in the form that import takes.

    \b
    Examples:
      shapan classes export classes.csv
      shapan classes export | head
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in _read():
        writer.writerow(["" if value is None else str(value).lower() if isinstance(value, bool) else value
                         for value in asdict(one).values()])
    if file is None:
        sys.stdout.write(text.getvalue())
        return
    try:
        file.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise SourceError(f"{file} could not be written: {error.strerror}.", "Name another file.") from error
    click.echo(f"Wrote {file}.")


@classes.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Put the classes of a CSV file in the place of those on record; all of them or none.

    Columns: code (2 digits a major class, 4 a minor one), name, name_en, kind (city, emergency, people), respond_s and
    resolve_s (seconds until an event is to be accepted and finished), dispatch (true: it goes to the grid's keeper by
    itself). The last three may be empty in a minor class: as its major class says. Events on record keep theirs.

    \b
    Examples:
      shapan classes export classes.csv
      shapan classes import classes.csv
    """
    new = read(file)
    with open_database() as connection, connection.transaction():
        event_classes.replace(connection, new)
    click.echo(f"{len(new)} classes are on record now.")


def read(file: Path) -> list[EventClass]:
    """Return the classes of a CSV file, in UTF-8 or GB18030.

    Raises:
        SourceError: it cannot be read. InvalidInput: every cell that holds no value of its column.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{file} could not be read: {error.strerror}.", "Name a CSV file.") from error
    if len(content) > LARGEST_BYTES:
        raise SourceError(f"{file} is larger than {LARGEST_BYTES >> 20} MB.", "It should be a table of classes.")
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise SourceError(f"{file} is neither UTF-8 nor GB18030.", "Save it as CSV UTF-8.")
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SourceError(f"{file} is not CSV: {error}.", "Look at a file of: shapan classes export") from error
    missing = [name for name in COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        raise SourceError(f"{file} lacks {', '.join(missing) or 'rows'}.", f"Columns: {', '.join(COLUMNS)}.")
    faults: list[tuple[str, str]] = []
    found = [_class(row, f"row {number}", faults) for number, row in enumerate(rows, 1)]
    if faults:
        raise InvalidInput("The classes were not replaced.", faults, "Correct the table and send it again.")
    return found


def _class(row: dict[str, str | None], place: str, faults: list[tuple[str, str]]) -> EventClass:
    cells = {name: (row[name] or "").strip() for name in COLUMNS}

    def whole(name: str) -> int | None:
        cell = cells[name]
        if cell and not (cell.isascii() and cell.isdigit() and len(cell) <= 9):
            faults.append((place, f"{name} {cell!r} is not a whole number of seconds"))
            return None
        return int(cell) if cell else None

    said = cells["dispatch"].casefold()
    if said and said not in (*YES, *NO):
        faults.append((place, f"dispatch {said!r} is neither true nor false"))
    return EventClass(cells["code"], cells["name"], cells["name_en"], cells["kind"], whole("respond_s"),
                      whole("resolve_s"), said in YES if said else None)


def _read() -> list[EventClass]:
    with open_database() as connection:
        return event_classes.classes(connection)


def _line(one: EventClass) -> str:
    indent = "" if len(one.code) == 2 else "  "
    said = (f"accept within {_hours(one.respond_s)}, finish within {_hours(one.resolve_s)}"
            + {None: "", True: ", dispatched by itself", False: ", dispatched by hand"}[one.dispatch])
    return f"{indent}{one.code} {one.name} ({one.name_en}), {one.kind}: {said}"


def _hours(seconds: int | None) -> str:
    return "what its major class says" if seconds is None else f"{seconds / 3600:g} h"
