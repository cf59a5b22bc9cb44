"""Where the database is, for each role: the one door from settings to addresses.

Everything that connects (pools, migrations, commands, tests) asks here, so that the
private cluster and a managed server are the same thing to it.
"""

from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from spatial import embedded, roles
from spatial.errors import DatabaseUnreachable, SettingError
from spatial.settings import Settings

CONNECT_TIMEOUT_S = 5


@dataclass(frozen=True)
class Addresses:
    """Connection strings (libpq keyword form, as ``psycopg.connect`` takes them).

    Attributes:
        app: the service's role; row security applies.
        worker: sequencer, roll-up, import; row security applies.
        owner: owns the schema and bypasses row security; migrations only.
        backup: reads everything, writes nothing; None on a managed server.
        superuser: None on a managed server, where we are never superuser.
    """

    app: str
    worker: str
    owner: str
    backup: str | None
    superuser: str | None


def addresses(settings: Settings, database: str = embedded.DATABASE) -> Addresses:
    """Return the address of each role. Nothing is started and nobody is asked.

    Args:
        settings: the settings in force.
        database: database inside the private cluster; a managed server's address names its own.

    Returns:
        The addresses; on a managed server the worker shares the application's.

    Raises:
        SettingError: a managed address is not a PostgreSQL address.
    """
    if settings.embedded:
        socket_dir = embedded.cluster(settings).socket_dir

        def as_role(name: str) -> str:
            return make_conninfo(host=str(socket_dir), port=embedded.PORT, dbname=database,
                                 user=name, connect_timeout=CONNECT_TIMEOUT_S, options=_zone(settings))

        return Addresses(app=as_role(roles.APP), worker=as_role(roles.WORKER), owner=as_role(roles.OWNER),
                         backup=as_role(roles.BACKUP), superuser=as_role(embedded.SUPERUSER))
    app = _managed("SHAPAN_DATABASE_URL", settings.database_url, settings)
    owner = _managed("SHAPAN_ADMIN_DATABASE_URL", settings.admin_database_url, settings)
    return Addresses(app=app, worker=app, owner=owner, backup=None, superuser=None)


def bring_up(settings: Settings) -> Addresses:
    """Make sure that the database answers and its roles and operators are as we need them.

    The private cluster is made and started when it is not running; a managed server is only
    asked. The schema is left alone: ``spatial.migrate`` brings it up to date.

    Args:
        settings: the settings in force.

    Returns:
        The address of each role.

    Raises:
        DatabaseError: binaries missing, version mismatch, start failed, nothing answers.
    """
    found = addresses(settings)
    if settings.embedded:
        embedded.start(settings)
        maintenance = make_conninfo(found.superuser, dbname="postgres")
        roles.ensure(maintenance, found.superuser, settings)
    else:
        for address in (found.app, found.owner):
            check_reachable(address)
        roles.ensure_managed(found.owner, found.app)
    return found


def place(address: str) -> str:
    """Return an address as a person reads it, ``user@host:port/database``, without its password.

    Args:
        address: libpq connection string.
    """
    parts = conninfo_to_dict(address)
    host, port = parts.get("host", "localhost"), parts.get("port", embedded.PORT)
    return f"{parts.get('user')}@{host}:{port}/{parts.get('dbname')}"


def check_reachable(address: str) -> None:
    """Connect once and leave.

    Args:
        address: libpq connection string.

    Raises:
        DatabaseUnreachable: nothing answers there, or it refuses us. Never shows the password.
    """
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(
            f"No database answers at {place(address)}: {_reason(error)}.",
            "Private cluster: run `shapan db up`. Managed server: check SHAPAN_DATABASE_URL and "
            "SHAPAN_ADMIN_DATABASE_URL, and that the server is up.",
        ) from error


def _reason(error: psycopg.OperationalError) -> str:
    # libpq's first line says why; a hint, indented, and a list of all attempts may follow.
    first = next(iter(str(error).strip().splitlines()), "it gave no reason")
    return " ".join(first.split()).rstrip(".:")


def _zone(settings: Settings) -> str:
    """Return the server option that tells SQL the command centre's zone: today is its day (``shapan_today``).

    Sessions themselves stay in UTC, in which instants leave the house.
    """
    return f"-c shapan.time_zone={settings.time_zone}"


def _managed(variable: str, url: str | None, settings: Settings) -> str:
    try:
        parts = conninfo_to_dict(url or "")
    except psycopg.ProgrammingError:
        # libpq's own words quote the address, password included.
        raise SettingError(f"{variable} is not a PostgreSQL address.",
                           "Write postgresql://user:password@host:5432/database.") from None
    parts.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    # Of an option that is there twice, the last one counts.
    parts["options"] = f"{parts.get('options', '')} {_zone(settings)}".strip()
    return make_conninfo(**parts)
