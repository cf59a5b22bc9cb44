"""A zip of a tileset: looked at before anything is unpacked, and unpacked within limits."""

import posixpath
import stat
import zipfile
import zlib
from pathlib import Path

from spatial.errors import SourceError

MOST_ENTRIES = 500
MOST_BYTES = 2 << 30
MOST_RATIO = 100
_BLOCK = 1 << 20

_FAULTS = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, UnicodeError, RuntimeError)
_ADVICE = "Nothing was imported. Unpack it and name the folder."


def check(path: Path) -> int:
    """Look through the directory of an archive.

    Args:
        path: a file.

    Returns:
        Bytes of what is in it, as it says.

    Raises:
        SourceError: it is no zip, too large, or holds links or paths that lead out of it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _FAULTS as error:
        raise SourceError(f"{path.name} is not a zip archive that can be read: {error}.", _ADVICE) from error
    if len(entries) > MOST_ENTRIES:
        raise SourceError(f"{path.name} holds {len(entries):,} entries; {MOST_ENTRIES} are the most in an archive.",
                          _ADVICE)
    size = sum(entry.file_size for entry in entries)
    if size > MOST_BYTES:
        raise SourceError(f"{path.name} holds {size / 1e9:,.1f} GB; {MOST_BYTES >> 30} GB are the most in an archive.",
                          _ADVICE)
    for entry in entries:
        mode = entry.external_attr >> 16
        name = posixpath.normpath(entry.filename)
        if "\\" in name or name.startswith(("/", "..")) or ":" in name:
            raise SourceError(f"{path.name} holds {entry.filename!r}, a path that leads out of it.", _ADVICE)
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise SourceError(f"{path.name} holds {entry.filename!r}, which is a link or no file.", _ADVICE)
        if entry.flag_bits & 1:
            raise SourceError(f"{path.name} is locked with a password.", _ADVICE)
        if entry.file_size > MOST_RATIO * max(entry.compress_size, _BLOCK):
            raise SourceError(f"{path.name} holds {entry.filename!r}, which grows more than {MOST_RATIO}-fold.",
                              _ADVICE)
    return size


def unpack(path: Path, target: Path) -> Path:
    """Unpack an archive that was checked.

    Args:
        path: the archive.
        target: a folder that is not there yet.

    Returns:
        The folder with the tileset: the target, or the only folder in it.

    Raises:
        SourceError: it is damaged, or holds more than it says.
    """
    target.mkdir()
    written = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.is_dir():
                    continue
                place = target / posixpath.normpath(entry.filename)
                place.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as inside, place.open("xb") as outside:
                    while block := inside.read(_BLOCK):
                        written += len(block)
                        if written > MOST_BYTES:
                            raise SourceError(f"{path.name} holds more than it says.", _ADVICE)
                        outside.write(block)
    except FileExistsError as error:
        raise SourceError(f"{path.name} holds {Path(error.filename).name!r} twice.", _ADVICE) from error
    except _FAULTS as error:
        raise SourceError(f"{path.name} is damaged: {error}.",
                          "Nothing was imported. Copy or download it again.") from error
    inner = list(target.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else target
