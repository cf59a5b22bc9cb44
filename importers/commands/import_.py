"""``shapan import``: one command for each concept, and one for a file that holds them all."""

import getpass
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from importers import concepts, mapping, naming, pipeline, stopped, uploaded
from importers.commands import filed, runs
from importers.concepts.declare import Concept
from importers.progress import watcher
from importers.report import Allowance, Report
from importers.source import layer_names
from spatial import server
from spatial.errors import MappingError, SourceError
from spatial.settings import load

FILE = click.Path(path_type=Path)


class _AllowanceType(click.ParamType):
    name = "N|P%"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Allowance:
        if isinstance(value, Allowance):
            return value
        try:
            return Allowance.parse(str(value))
        except ValueError:
            self.fail(f"{value!r} is neither a number of rows nor a percentage such as 5%.", param, ctx)


def _share(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        allowed = Allowance.parse(text)
    except ValueError:
        allowed = Allowance()
    if not allowed.percent:
        raise click.BadParameter(f"{text!r} is no percentage such as 1%.")
    return allowed.number / 100


def _source(text: str | None) -> str | None:
    wrong = None if text is None else naming.wrong_source(text)
    if wrong:
        raise click.BadParameter(wrong)
    return text


_OPTIONS: tuple[Callable, ...] = (
    click.option("--source", metavar="NAME", callback=lambda *given: _source(given[2]),
                 help="Name of the source; with the key it tells rows apart. Default: the file's name."),
    click.option("--max-rejects", type=_AllowanceType(), default="0", show_default=True,
                 help="Import the rest if at most so many rows are rejected."),
    click.option("--on-conflict", type=click.Choice(["update", "skip", "fail"]), default="update", show_default=True,
                 help="What to do with rows that are on record with other content."),
    click.option("--outside", type=click.Choice(["keep", "reject"]), default="keep", show_default=True,
                 help="What to do with rows outside every known area."),
    click.option("--repair", is_flag=False, flag_value="1%", metavar="[P%]", callback=lambda *given: _share(given[2]),
                 help="Mend broken outlines; one whose area would change by more than P% (default 1%) is rejected."),
    click.option("--dry-run", is_flag=True, help="Do everything, report, and roll back."),
    click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
)
_FILE_OPTIONS: tuple[Callable, ...] = (
    click.option("--layer", metavar="NAME", help="Layer of the file; default the one called as the concept, "
                 "or the only one."),
    click.option("--crs", metavar="CRS", help="Coordinate system of the file, such as EPSG:4547, gcj02 or bd09; "
                 "refused where the file declares another place."),
    click.option("--override-crs", is_flag=True, help="Believe --crs against what the file declares, and outside "
                 "the area where that system is used."),
    click.option("--swap-axes", is_flag=True, help="Exchange x and y: the file says latitude before longitude, or "
                 "northing before easting."),
    click.option("--key", metavar="EXPRESSION", help="The row's key at its source; default its code, "
                 "else a hash of the row."),
    click.option("--map", "map_file", type=FILE, help="Mapping file (YAML)."),
    click.option("--set", "assigned", multiple=True, metavar="FIELD=EXPRESSION",
                 help="Where a field comes from, such as height_m='层数*3'. May be repeated."),
    click.option("--rejects", type=FILE, metavar="FILE", help="Write rejected rows with their original values to "
                 "a new .gpkg or .csv."),
)


@click.group(name="import")
def import_() -> None:
    """Import GIS files: areas, grids, buildings, residents and the rest.

    \b
    Examples:
      shapan import buildings blocks.shp --crs EPSG:4547 --set height_m='层数*3'
      shapan import all city.gpkg
      shapan import terrain dem.tif

    Exit codes: 0 done, 1 rows rejected, 2 usage or mapping, 3 file unreadable or unsafe, 4 database, 5 ended as
    reported, but the reject file could not be written.
    """


def _with(options: tuple[Callable, ...]) -> Callable:
    def decorate(function: Callable) -> Callable:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _command(concept: Concept) -> click.Command:
    listing = "\n".join(f"  {one.name}{' (needed)' if one.required else ''}: {one.help}" for one in concept.fields)
    geometry = f" Geometry: {concept.geometry}." if concept.geometry else " No geometry."

    def invoke(file: Path, map_file: Path | None, assigned: tuple[str, ...], **options: object) -> None:
        read = mapping.read(map_file) if map_file is not None else mapping.MappingFile()
        as_json = bool(options.pop("as_json"))
        request = _request(concept, file, mapping=read, assigned=mapping.assignments(assigned), **options)
        with _named(file):
            report = pipeline.run(request, load(), watcher(quiet=as_json))
        _say(as_json, report)
        if concept.personal and request.source is None and read.source is None and not as_json:
            click.echo(f"  The file's name, {report.file}, stands in the record of imports, and {report.source} as the "
                       "source of every row. If it holds somebody's name: rename the file, or call the source "
                       "otherwise with --source.")
        sys.exit(report.exit_code)

    invoke.__doc__ = (f"Import {concept.name} ({concept.title}) from FILE.{geometry}\n\n\b\nFields:\n{listing}\n")
    command = _with((*_FILE_OPTIONS, *_OPTIONS))(click.argument("file", type=FILE)(invoke))
    return click.command(name=concept.name, short_help=f"{concept.title}: {concept.geometry or 'no geometry'}")(command)


@import_.command(name="all", short_help="Every layer of a file that is called as a concept")
@click.argument("file", type=FILE)
@_with(_OPTIONS)
def all_(file: Path, as_json: bool, **options: object) -> None:
    """Import every layer of FILE that is called as a concept, parents before children.

    Each layer is a run of its own. The first one that is refused ends the import; what was
    imported before it stays.
    """
    names = layer_names(file)
    found = [concept for concept in concepts.CONCEPTS if concept.name in names]
    if not found:
        raise MappingError(f"{file.name} has no layer that is called as a concept: it has {', '.join(names)}.",
                           "Import its layers one by one: shapan import CONCEPT FILE --layer NAME.")
    reports: list[Report] = []
    for concept in found:
        request = _request(concept, file, layer=concept.name, **options)
        with _named(file):
            report = pipeline.run(request, load(), watcher(quiet=as_json))
        reports.append(report)
        if not as_json:
            _say(False, report)
        if not report.committed and not report.dry_run:
            break
    total = {name: sum(report.recorded()[name] for report in reports) for name in reports[0].recorded()}
    seconds = sum(report.seconds for report in reports)
    if as_json:
        click.echo(json.dumps({"runs": [report.facts() for report in reports], "total": total,
                               "seconds": round(seconds, 3)}, ensure_ascii=False))
    else:
        click.echo(f"{len(reports)} of {len(found)} layers in {seconds:.1f} s: "
                   + ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in total.items()) + ".")
    sys.exit(max(report.exit_code for report in reports))


@import_.command(name="resume", short_help="Go on with a run that was stopped")
@click.argument("run", type=int, required=False)
@click.option("--drop", is_flag=True, help="Drop what the run had staged instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def resume(run: int | None, drop: bool, as_json: bool) -> None:
    """Go on with import RUN from its last chunk, after it was killed or lost its database.

    Without RUN, list the runs that can go on. What they have staged is kept for 7 days.
    """
    settings = load()
    if run is None:
        zone = ZoneInfo(settings.time_zone)
        found = stopped.stopped(server.addresses(settings).worker)
        for one in found:
            click.echo(f"{one.id}: {one.concept} from {one.file}, {one.rows:,} rows read, "
                       f"begun {one.started_at.astimezone(zone):%Y-%m-%d %H:%M} by {one.account}")
        if not found:
            click.echo("No import was stopped.")
    elif drop:
        stopped.drop(server.addresses(settings).worker, run)
        click.echo(f"Run {run} is dropped; nothing was imported.")
    else:
        report = uploaded.resume(run, settings, watcher(quiet=as_json))
        _say(as_json, report)
        sys.exit(report.exit_code)


def _request(concept: Concept, file: Path, **options: object) -> pipeline.Request:
    options["allowed"] = options.pop("max_rejects")
    return replace(pipeline.Request(concept, file, f"shell:{getpass.getuser()}"), **options)


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Give the path that was typed to errors that advise to look at the file; their record does without it."""
    try:
        yield
    except SourceError as error:
        typed = f"`shapan inspect {shlex.quote(str(file))}"
        raise SourceError(error.what, error.cure.replace("`shapan inspect FILE", typed)) from error


def _say(as_json: bool, report: Report) -> None:
    if as_json:
        click.echo(json.dumps(report.facts(), ensure_ascii=False))
        return
    for line in report.lines():
        click.echo(line)


for _concept in concepts.CONCEPTS:
    import_.add_command(_command(_concept))
for _other in (*filed.COMMANDS, runs.runs, runs.show, runs.worker):
    import_.add_command(_other)
