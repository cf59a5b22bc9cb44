"""Files that an import leaves in the data directory: whole or not there, and none without a row.

A file is made in a folder called ``….part`` and gets its name by one rename, just before the row that names it
is committed. Beside it lies a mark, ``NAME.pending``, from before the rename until after the commit; the same
mark lies beside a file that is to go, from before the commit until it is gone. So one rule tidies up
after a run that was killed at any moment: what is marked and has no row is deleted.

Nothing unmarked is ever deleted: a data directory that is used with another database for once loses nothing.
"""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

from spatial.queries.filed import FOLDER
from spatial.settings import Settings

PART, PENDING = ".part", ".pending"

_NAMED = "SELECT path FROM {}"


class Shelf:
    """The files of one table.

    Args:
        settings: give the data directory.
        table: its rows have a ``path``, relative to the data directory.

    The caller holds the turn of that table (``importers/guard.py``), so that no other run is at work here.
    """

    def __init__(self, settings: Settings, table: str) -> None:
        self._home = settings.home
        self._table = table
        self._root = settings.home / FOLDER / table
        self._root.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Return where the content of a row lies, by its ``path``."""
        return self._home / name

    def sweep(self, connection: psycopg.Connection) -> None:
        """Delete what runs that were killed have left behind.

        Args:
            connection: sees every row of the table.
        """
        named = {row[0] for row in connection.execute(sql.SQL(_NAMED).format(sql.Identifier(self._table)))}
        for entry in sorted(self._root.iterdir()):
            if entry.name.endswith(PART):
                _delete(entry)
            elif entry.name.endswith(PENDING):
                name = self._relative(entry.with_name(entry.name.removesuffix(PENDING)))
                if name not in named:
                    _delete(self.path(name))
                entry.unlink()

    def part(self) -> Path:
        """Make a folder to work in; whatever is in it goes with ``drop`` or the next sweep."""
        folder = self._root / (secrets.token_hex(8) + PART)
        folder.mkdir()
        return folder

    def drop(self, part: Path) -> None:
        """Delete a folder made by ``part``."""
        _delete(part)

    def settle(self, content: Path, stem: str) -> str:
        """Give finished content its place, on the disk for good; the caller commits the row that names it.

        Args:
            content: file or folder inside a part.
            stem: beginning of its name.

        Returns:
            Its path, relative to the data directory.
        """
        if content.is_dir():
            os.sync()
        else:
            _flush(content)
        target = self._root / f"{stem}-{secrets.token_hex(4)}{content.suffix}"
        self.mark(self._relative(target))
        content.rename(target)
        _flush(self._root)
        return self._relative(target)

    def mark(self, name: str) -> None:
        """Mark content whose row is about to come or to go."""
        self._pending(name).touch()
        _flush(self._root)

    def keep(self, name: str) -> None:
        """Take the mark off: the row has been committed."""
        self._pending(name).unlink(missing_ok=True)

    def discard(self, name: str) -> None:
        """Delete content without a row, then its mark."""
        _delete(self.path(name))
        self._pending(name).unlink(missing_ok=True)

    def _pending(self, name: str) -> Path:
        place = self.path(name)
        return place.with_name(place.name + PENDING)

    def _relative(self, place: Path) -> str:
        return place.relative_to(self._home).as_posix()


def _delete(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        # The sweep of another run may be at it too.
        with suppress(FileNotFoundError):
            shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _flush(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
