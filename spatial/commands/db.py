"""``shapan db``: the database's life on the command line."""

import json
import os
import shutil
from dataclasses import asdict

import click
import psycopg
from psycopg.conninfo import conninfo_to_dict

from spatial import binaries, embedded, migrate, selftest, server
from spatial.errors import BinariesMissing, DatabaseUnreachable, SelfTestFailed, SettingError
from spatial.settings import Settings, load
from spatial.types import Scope

ROLES = ("app", "worker", "owner", "backup", "superuser")
PROTECTED_ROLES = ("app", "worker")

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


@click.group()
def db() -> None:
    """Start, stop, migrate and check the database."""


@db.command()
@json_option
def up(as_json: bool) -> None:
    """Start the private database, or adopt it, and set its roles right.

    The schema is left as it is; whether a migration is due is said at the end. With
    SHAPAN_DATABASE_URL nothing is started: the managed server is only asked.

    \b
    Examples:
      shapan db up
      SHAPAN_HOME=/srv/shapan shapan db up --json
    """
    settings = load()
    before = settings.embedded and embedded.status(settings).running
    address = server.bring_up(settings).app
    with psycopg.connect(address) as connection:
        schema = migrate.state(connection)
    done = "adopted" if before else "started" if settings.embedded else "reached"
    _print(as_json, {"database": done, "address": server.place(address), "schema": schema.state,
                     "detail": schema.detail},
           f"Database {done}: {server.place(address)}", _schema_line(schema))


@db.command()
@json_option
def down(as_json: bool) -> None:
    """Stop the private database; committed data is kept.

    \b
    Example:
      shapan db down
    """
    settings = load()
    _refuse_managed(settings, "stop")
    stopped = embedded.stop(settings)
    _print(as_json, {"stopped": stopped}, "Database stopped." if stopped else "Database was not running.")


@db.command()
@json_option
def status(as_json: bool) -> None:
    """Say whether the database runs and how far its schema is. Exit code 4 if it does not run.

    \b
    Examples:
      shapan db status
      shapan db status --json
    """
    settings = load()
    facts: dict[str, object] = {}
    lines: list[str] = []
    if settings.embedded:
        found = embedded.status(settings)
        facts |= {name: str(value) if name in ("data", "socket_dir") else value
                  for name, value in asdict(found).items()}
        made_by = f"PostgreSQL {found.made_by}" if found.made_by else "none yet"
        lines += [f"Data:     {found.data} ({made_by})",
                  f"Socket:   {found.socket_dir}",
                  f"Process:  {found.pid or 'not running'}",
                  f"Free:     {found.free_mb} MB" + (", ballast in place" if found.ballast else "")]
        if not found.running:
            _print(as_json, facts, *lines)
            raise DatabaseUnreachable("The private database does not run.", "Start it: shapan db up.")
    address = server.addresses(settings).app
    server.check_reachable(address)
    with psycopg.connect(address) as connection:
        schema = migrate.state(connection)
        release = str(connection.info.parameter_status("server_version"))
    facts |= {"running": True, "address": server.place(address), "server_version": release,
              "schema": schema.state, "revision": ", ".join(schema.current) or None}
    lines += [f"Address:  {server.place(address)} (PostgreSQL {release})", _schema_line(schema)]
    _print(as_json, facts, *lines)


@db.command(name="migrate")
@json_option
def migrate_(as_json: bool) -> None:
    """Bring the schema up to date, starting the private database if needed.

    \b
    Example:
      shapan db migrate
    """
    applied = migrate.bring_up_to_date(load())
    _print(as_json, {"applied": applied},
           f"Applied: {', '.join(applied)}." if applied else "The schema is up to date; nothing changed.")


@db.command()
@json_option
def check(as_json: bool) -> None:
    """Test that the database keeps its promises: row security, roles, operators, schema, space.

    Exit code 4 when a vital one is broken. Reads every row of every protected table.

    \b
    Examples:
      shapan db check
      shapan db check --json
    """
    checks = selftest.run(load())
    lines = []
    for each in checks:
        mark = "ok  " if each.ok else "FAIL" if each.vital else "warn"
        lines.append(f"{mark}  {each.name}: {each.detail}" + (f"\n        {each.cure}" if each.cure else ""))
    _print(as_json, {"ready": selftest.ready(checks), "checks": [asdict(each) for each in checks]}, *lines)
    if not selftest.ready(checks):
        broken = ", ".join(each.name for each in checks if each.vital and not each.ok)
        raise SelfTestFailed(f"The self-test failed: {broken}.", "The cure of each stands above.")


@db.command()
@click.argument("message")
def revision(message: str) -> None:
    """Write a migration from the database's schema to the models' (for developers).

    The file is a draft: read it, and call protect(table) for a new table with a place.

    \b
    Example:
      shapan db revision "add fire lanes"
    """
    click.echo(migrate.write_revision(server.bring_up(load()).owner, message))


@db.command(context_settings={"ignore_unknown_options": True})
@click.option("--role", type=click.Choice(ROLES), default="app", show_default=True, help="Who to connect as.")
@click.option("--jurisdiction", "codes", multiple=True, metavar="CODE",
              help="Code prefix whose objects are seen: 6 to 15 digits, or * for all. Repeatable. "
                   "Without it app and worker see nothing.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(role: str, codes: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    """Open psql as one of our roles, within a jurisdiction.

    \b
    Examples:
      shapan db psql --jurisdiction 999001001
      shapan db psql --role owner
      shapan db psql --jurisdiction '*' -- -c 'SELECT count(*) FROM building'
    """
    settings = load()
    try:
        scope = Scope(tuple(codes))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--jurisdiction") from error
    address = getattr(server.addresses(settings), role)
    if address is None:
        raise SettingError(f"On a managed server we have no role {role}.",
                           "Connect with the server's own tools.")
    server.check_reachable(address)
    if role in PROTECTED_ROLES and not codes:
        click.echo("No --jurisdiction given: every protected table will look empty.", err=True)
    program = _psql_program(settings)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    parts = conninfo_to_dict(address)
    # A backslash escapes in options; the scope's text holds none, but quotes and blanks are possible.
    literal = "".join(f"\\{letter}" if letter in "\\ " else letter for letter in scope.literal())
    parts["options"] = f"{parts['options']} -c shapan.scope={literal}"
    password = parts.pop("password", None)
    if password:  # not on the command line, which everybody on the machine may read
        environment["PGPASSWORD"] = str(password)
    conninfo = psycopg.conninfo.make_conninfo(**parts)
    os.execve(program, [program, "-d", conninfo, *arguments], environment)


def _psql_program(settings: Settings) -> str:
    if settings.embedded:
        return binaries.choose(binaries.find_all(), embedded.status(settings).made_by).path("psql")
    found = shutil.which("psql")
    if found is None:
        raise BinariesMissing("psql is not installed.", "apt-get install postgresql-client, or brew install libpq.")
    return found


def _print(as_json: bool, facts: dict[str, object], *lines: str) -> None:
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    for line in lines:
        click.echo(line)


def _schema_line(schema: migrate.Report) -> str:
    due = "" if schema.state is migrate.State.UP_TO_DATE else f" {migrate.cure(schema.state)}"
    return f"Schema:   {schema.detail}{due}"


def _refuse_managed(settings: Settings, doing: str) -> None:
    if not settings.embedded:
        raise SettingError(f"SHAPAN_DATABASE_URL points to a managed server, which is not ours to {doing}.",
                           "Use the server's own tools.")

