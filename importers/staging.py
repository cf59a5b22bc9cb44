"""The staging tables of one run: rows on their way, and what was wrong with the others.

They stay when the run is killed, so that it can go on from the last chunk, and are dropped in the
transaction that brings the rows into their table. The database makes them (``shapan_stage``,
migration 0006): the worker owns nothing. They are unlogged, so that a crash of the server empties
them. Personal values in them are sealed already.
"""

import psycopg
import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder

from importers.clean import MENDED
from importers.faults import Fault, Rejects

_CREATE = "SELECT shapan_stage(%s, %s, %s)"
_DROP = "SELECT shapan_unstage(%s)"
_ANALYZE = "SELECT shapan_analyze(%s::regclass)"

# The rows of the run under the names of the fields, and where each lies; `DELETE FROM staged` reaches the table.
_VIEW = "CREATE TEMPORARY VIEW staged AS SELECT {columns}, ctid AS staged_at FROM {table}"
_DROP_VIEW = "DROP VIEW IF EXISTS staged"

# Rows that the database refused, found by importers/refuse.py.
_REFUSED = "CREATE TEMPORARY TABLE refused (row_number int8) ON COMMIT DROP"

# After a crash the tables are empty, and the chunks must be read again anyway.
_UNHURRIED = "SELECT set_config('synchronous_commit', 'off', true)"
_COPY_ROWS = "COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
_COPY_FAULTS = "COPY {table} (row_number, field, reason, message) FROM STDIN"
_REACHED = "UPDATE import_run SET rows_read = %s WHERE id = %s"

# Row: whether the tables are there; whether they hold anything is another question.
_EXISTS = "SELECT to_regclass(%s) IS NOT NULL"
_FILLED = "SELECT EXISTS (SELECT FROM {rows}) OR EXISTS (SELECT FROM {faults})"
_FAULTS = "SELECT row_number, field, reason, message FROM {faults} ORDER BY ctid"


def quoted(name: str) -> str:
    """Return a column name of ours as SQL; several are words of SQL too."""
    return f'"{name}"'


class Stage:
    """The staging tables of one run.

    Args:
        connection: of the worker; the methods begin and end their own transactions on it.
        run: number of the run; a dry run takes a negative one, that no other has at the time.
        columns: column → PostgreSQL type, from ``rows.staging_columns``.
    """

    def __init__(self, connection: psycopg.Connection, run: int, columns: dict[str, str]) -> None:
        self._connection = connection
        self._run = run
        self._columns = columns
        self._rows, self._faults = f'staging."run_{run}"', f'staging."faults_{run}"'

    def create(self) -> None:
        """Create the tables."""
        with self._connection.transaction():
            self._connection.execute(_CREATE, (self._run, list(self._columns), list(self._columns.values())))

    def exists(self) -> bool:
        """Tell whether the tables are there."""
        with self._connection.transaction():
            return self._connection.execute(_EXISTS, (self._rows,)).fetchone()[0]

    def add(self, rows: pa.RecordBatch, faults: list[Fault], reached: int) -> None:
        """Store one chunk, all of it or nothing.

        Args:
            rows: the good rows, with the columns of the stage.
            faults: what was wrong with the others, and what was mended.
            reached: number of the last row of the chunk.
        """
        columns = ", ".join(quoted("in_" + name) for name in self._columns)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(_UNHURRIED)
            if rows.num_rows:
                with cursor.copy(_COPY_ROWS.format(table=self._rows, columns=columns)) as copy:
                    # EWKB goes over the wire as it is: PostGIS reads it as the binary form of a geometry.
                    encoder = ArrowToPostgresBinaryEncoder(rows.schema)
                    copy.write(encoder.write_header())
                    copy.write(encoder.write_batch(rows.select(list(self._columns))))
                    copy.write(encoder.finish())
            if faults:
                with cursor.copy(_COPY_FAULTS.format(table=self._faults)) as copy:
                    for fault in faults:
                        copy.write_row((fault.row, fault.field, fault.reason, fault.message))
            cursor.execute(_REACHED, (reached, self._run))

    def recover(self, reached: int, rejects: Rejects) -> int:
        """Return up to which row the tables hold everything, and bring back what was wrong so far.

        Args:
            reached: what the run wrote down.
            rejects: takes over the faults.

        Returns:
            ``reached``, or 0 where a crash of the server has emptied the tables.
        """
        with self._connection.transaction():
            names = {"rows": self._rows, "faults": self._faults}
            if not self._connection.execute(_FILLED.format(**names)).fetchone()[0]:
                return 0
            found = [Fault(*row) for row in self._connection.execute(_FAULTS.format(**names))]
            rejects.add([fault for fault in found if fault.reason != MENDED])
            rejects.mended.extend(fault for fault in found if fault.reason == MENDED)
        return reached

    def open(self) -> None:
        """Show the rows as the view ``staged``, beside the empty table ``refused``, in this transaction."""
        listed = ", ".join(f"{quoted('in_' + name)} AS {quoted(name)}" for name in self._columns)
        self._connection.execute(_VIEW.format(columns=listed, table=self._rows))
        self._connection.execute(_REFUSED)
        self._connection.execute(_ANALYZE, (self._rows,))

    def drop(self) -> None:
        """Drop the tables, in this transaction."""
        self._connection.execute(_DROP_VIEW)
        drop(self._connection, self._run)


def drop(connection: psycopg.Connection, run: int) -> None:
    """Drop the tables of a run, if there are any, in this transaction."""
    connection.execute(_DROP, (run,))
