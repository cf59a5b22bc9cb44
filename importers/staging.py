"""The staging table of one run: rows on their way, gone with the transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder

_CREATE = "CREATE TEMPORARY TABLE staged ({columns}) ON COMMIT DROP"
_COPY = "COPY staged ({columns}) FROM STDIN (FORMAT BINARY)"

# Rows that the database refused, found by importers/refuse.py.
_REFUSED = "CREATE TEMPORARY TABLE refused (row_number int8) ON COMMIT DROP"


def quoted(name: str) -> str:
    """Return a column name of ours as SQL; several are words of SQL too."""
    return f'"{name}"'


def create(connection: psycopg.Connection, columns: dict[str, str]) -> None:
    """Create the temporary tables ``staged`` and ``refused``.

    Args:
        connection: inside the transaction of the run.
        columns: column → PostgreSQL type, from ``rows.staging_columns``.
    """
    listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
    connection.execute(_CREATE.format(columns=listed))
    connection.execute(_REFUSED)


class Writer:
    """Writes rows into ``staged`` by binary COPY."""

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy = copy
        self._encoder: ArrowToPostgresBinaryEncoder | None = None

    def write(self, rows: pa.RecordBatch) -> None:
        """Write some rows."""
        if self._encoder is None:
            self._encoder = ArrowToPostgresBinaryEncoder(rows.schema)
            self._copy.write(self._encoder.write_header())
        self._copy.write(self._encoder.write_batch(rows))

    def end(self) -> None:
        """Write the end of the data."""
        if self._encoder is not None:
            self._copy.write(self._encoder.finish())


@contextmanager
def copying(connection: psycopg.Connection, columns: dict[str, str]) -> Iterator[Writer]:
    """Open the COPY into ``staged``; nothing else can run on the connection meanwhile.

    Args:
        connection: inside the transaction of the run.
        columns: as given to ``create``.

    Yields:
        The writer.
    """
    statement = _COPY.format(columns=", ".join(map(quoted, columns)))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        # EWKB goes over the wire as it is: PostGIS reads it as the binary form of a geometry.
        writer = Writer(copy)
        yield writer
        writer.end()
