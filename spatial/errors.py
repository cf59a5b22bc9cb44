"""One exception for each thing that can go wrong, each with its cure.

Errors below the web know nothing of HTTP and below the command line nothing of exit
codes: ``webmap/problems.py`` holds the one table to HTTP status, ``spatial/cli.py``
the one to exit codes.
"""


class ShapanError(Exception):
    """Something went wrong that a person can act on.

    Args:
        what: what is wrong, with the value and the place, one sentence.
        cure: what to do about it, one sentence or one command.
    """

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(f"{what} {cure}".strip())
        self.what = what
        self.cure = cure


class SettingError(ShapanError):
    """A setting has a value that cannot be used, or is unknown."""


class InstallationError(ShapanError):
    """The installation is not ours, incomplete or mixed with another package."""


class DatabaseError(ShapanError):
    """The database cannot be used as it stands."""


class BinariesMissing(DatabaseError):
    """PostgreSQL or PostGIS programs are not installed."""


class ClusterVersionMismatch(DatabaseError):
    """The data directory was made by another major version of PostgreSQL."""


class ClusterFailed(DatabaseError):
    """The private cluster could not be made, started or stopped."""


class DatabaseUnreachable(DatabaseError):
    """Nothing answers at the database's address, or it refuses us."""


class SchemaOutOfDate(DatabaseError):
    """The database holds an older, newer or half-made schema."""


class MigrationBlocked(DatabaseError):
    """A migration waited too long for a lock or ran too long."""


class SelfTestFailed(DatabaseError):
    """Row security, roles or operators are not as the product needs them."""


class DiskNearlyFull(DatabaseError):
    """Too little space is left to write safely."""


class SourceError(ShapanError):
    """A file cannot be read, is not what it says, or is not safe to read."""


class MappingError(ShapanError):
    """An import was asked for in a way that does not fit the file or the model."""


class NotFound(ShapanError):
    """No such object, or none within the caller's jurisdiction."""


class InvalidInput(ShapanError):
    """The caller's input has faults; all of them are listed.

    Args:
        what: one sentence over all faults.
        faults: (place, message) pairs; place is a field path such as ``alarms[3].severity``.
        cure: what to do about it.
    """

    def __init__(self, what: str, faults: list[tuple[str, str]], cure: str = "") -> None:
        super().__init__(what, cure)
        self.faults = faults
