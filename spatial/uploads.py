"""Files that were sent by a browser and wait for the import worker.

Each upload has a folder of its own below ``uploads`` in the data directory. Folder and files bear a
name made here; the name that a person gave is data and never becomes a path. The folder is open to
nobody else, because it may hold residents.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spatial.settings import Settings

REQUEST = "request.json"
MAPPING = "mapping.yaml"
REJECTS = ("rejects.gpkg", "rejects.csv")
"""Rejected rows with their original values; an import writes one of the two."""

_TOKEN = re.compile(r"[0-9a-f]{32}")
_ENDING = re.compile(r"\.[a-z0-9]{1,12}")


@dataclass(frozen=True)
class Upload:
    """One upload.

    Attributes:
        token: its name, 32 hexadecimal digits.
        folder: where its files lie, each called ``token`` and its ending.
    """

    token: str
    folder: Path

    def path(self, ending: str) -> Path:
        """Return the file with an ending such as ``.gpkg``.

        Raises:
            ValueError: that is no ending.
        """
        if not _ENDING.fullmatch(ending):
            raise ValueError(ending)
        return self.folder / f"{self.token}{ending}"

    def describe(self, request: dict[str, Any], mapping: str = "") -> None:
        """Write down what is to be done with the files.

        It stands here and not in the database, because an expression that a person typed for residents
        may hold a value out of the file, and here it goes with the file.

        Args:
            request: options, JSON; ``ending`` names the file to open.
            mapping: text of a mapping file; empty for none.
        """
        if mapping:
            _write(self.folder / MAPPING, mapping)
        _write(self.folder / REQUEST, json.dumps(request, ensure_ascii=False))

    def request(self) -> dict[str, Any] | None:
        """Return what is to be done; None where the files are gone."""
        try:
            return json.loads((self.folder / REQUEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    @property
    def mapping(self) -> Path | None:
        """The mapping file; None where none was given."""
        path = self.folder / MAPPING
        return path if path.exists() else None

    def rejects_path(self, ending: str) -> Path:
        """Return where the rejected rows go, by the ending of their format."""
        return next(self.folder / name for name in REJECTS if name.endswith(ending))

    @property
    def rejects(self) -> Path | None:
        """The file of rejected rows; None where there is none."""
        return next((path for name in REJECTS if (path := self.folder / name).is_file()), None)

    @property
    def size(self) -> int:
        """Bytes of everything that lies here."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def keep_only_rejects(self) -> None:
        """Delete what was sent; the rejected rows stay, and what is needed to send them in the same way."""
        for path in self.folder.iterdir():
            if path.name not in (*REJECTS, REQUEST, MAPPING):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()

    def forget_rejects(self) -> None:
        """Delete the rejected rows: the run begins again."""
        for name in REJECTS:
            (self.folder / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the files."""
        shutil.rmtree(self.folder, ignore_errors=True)


def create(settings: Settings) -> Upload:
    """Make an empty folder for one upload.

    Args:
        settings: gives the data directory.
    """
    base = _base(settings)
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    upload = Upload(token := secrets.token_hex(16), base / token)
    upload.folder.mkdir(mode=0o700)
    return upload


def find(settings: Settings, token: str) -> Upload:
    """Return an upload by its token; its files may be gone.

    Raises:
        ValueError: that is no token.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError(token)
    return Upload(token, _base(settings) / token)


def older_than(settings: Settings, seconds: float) -> Iterator[Upload]:
    """Yield the uploads whose folder was made longer ago than some time.

    Args:
        settings: gives the data directory.
        seconds: age at least.
    """
    base, limit = _base(settings), time.time() - seconds
    if not base.is_dir():
        return
    for folder in base.iterdir():
        if _TOKEN.fullmatch(folder.name) and folder.stat().st_mtime < limit:
            yield Upload(folder.name, folder)


def _base(settings: Settings) -> Path:
    return settings.home / "uploads"


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
