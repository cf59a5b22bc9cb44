"""Archives (.zip, .kmz) unpacked without trusting anything that they say."""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from spatial.errors import SourceError

MOST_ENTRIES = 500
MOST_BYTES = 2 << 30
MOST_RATIO = 100
"""Bytes out for a byte in, at most; looked at from ``HARMLESS_BYTES`` on."""

HARMLESS_BYTES = 8 << 20
LONGEST_NAME = 255
_NESTED = (".zip", ".kmz", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_ENCRYPTED, _UTF8 = 0x1, 0x800
_HAN = re.compile(r"[\u3400-\u9fff]")
_BLOCK = 1 << 20
_SPOILT = "damaged, cut off, or packed in an unusual way"
_AGAIN = "Nothing was imported. Pack the files again, or unpack the archive and name the file inside."


def unpack(path: Path, folder: Path) -> list[Path]:
    """Unpack an archive into a folder.

    Args:
        path: the archive.
        folder: an empty folder.

    Returns:
        The files, in the order of the archive. Chinese names that the archive has in GBK are in their own characters.

    Raises:
        SourceError: it is damaged, encrypted, too large, or holds what an archive of data does not hold: a link,
            another archive, a path that leads out of it, the same name twice.
    """
    with _opened(path, f"cannot be unpacked: it is {_SPOILT}", _AGAIN) as archive:
        left = MOST_BYTES
        files = []
        for entry, name in _checked(path, archive):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            left = _extract(path, archive, entry, target, left)
            files.append(target)
        return files


def declared_bytes(path: Path) -> int:
    """Look through the list of an archive that will be unpacked later; see ``unpack``.

    Returns:
        Bytes of the files that it holds, as it says.

    Raises:
        SourceError: it is no archive, or its list alone gives a reason to refuse it.
    """
    with _opened(path, "is not a zip archive that can be read", _AGAIN) as archive:
        return sum(entry.file_size for entry, _ in _checked(path, archive))


def check(path: Path) -> None:
    """Check an archive that a library will unpack itself, such as a workbook; see ``unpack``.

    Raises:
        SourceError: it is damaged, encrypted or too large.
    """
    cure = "Nothing was imported. Open it in the program that made it and save it again."
    with _opened(path, f"is {_SPOILT}", cure) as archive:
        for entry, _ in _checked(path, archive):
            with archive.open(entry) as packed:
                _count(path, entry, packed)


@contextmanager
def _opened(path: Path, wrong: str, cure: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive; whatever Python finds wrong with it becomes ``wrong``, with its cure."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, RuntimeError) as error:
        raise SourceError(f"{path.name} {wrong}.", cure) from error


def _checked(path: Path, archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise _refused(path, f"holds {len(entries):,} entries; {MOST_ENTRIES} are the most")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise _refused(path, "is encrypted")
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES:
        raise _refused(path, f"holds {total:,} bytes; {MOST_BYTES:,} are the most")
    if total > HARMLESS_BYTES and total > MOST_RATIO * path.stat().st_size:
        raise _refused(path, f"unpacks to more than {MOST_RATIO} times its size")
    result, seen = [], set()
    for entry in entries:
        name = _name(entry)
        if _is_rubbish(name):
            continue
        _check_name(path, entry, name)
        if entry.is_dir():
            continue
        # Windows and macOS hold upper and lower case for the same.
        if name.casefold() in seen:
            raise _refused(path, f"holds {name!r} twice")
        seen.add(name.casefold())
        result.append((entry, name))
    return result


def _check_name(path: Path, entry: zipfile.ZipInfo, name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    outside = name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":")
    if outside or not parts or "\\" in name or any(ord(letter) < 32 for letter in name):
        raise _refused(path, f"holds {name[:80]!r}, which leads out of it")
    if any(len(part.encode()) > LONGEST_NAME for part in parts) or len(parts) > 20:
        raise _refused(path, "holds a name that is too long")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(path, f"holds {name!r}, which is a link or a device")
    if name.lower().endswith(_NESTED) and not entry.is_dir():
        raise _refused(path, f"holds another archive, {name!r}")


def _name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name. Chinese Windows writes GBK and says nothing; Python then reads code page 437."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        raw = entry.orig_filename.split("\0")[0].encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    unicode, chinese = _decoded(raw, "utf-8"), _decoded(raw, "gb18030")
    # Two bytes of GBK may be valid UTF-8 by chance: 楼 is then ¥, and no street has files of that name.
    by_chance = unicode is not None and chinese is not None and not _HAN.search(unicode) and _HAN.search(chinese)
    return chinese if by_chance else unicode or chinese or entry.filename


def _decoded(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_rubbish(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini"))


def _extract(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Write one entry; return how many bytes are left. What the entry says of its size is not believed."""
    with archive.open(entry) as packed, target.open("xb") as file:
        while block := packed.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise _refused(path, f"holds more than {MOST_BYTES:,} bytes")
            file.write(block)
    if target.stat().st_size != entry.file_size:
        raise _refused(path, "lies about the size of what it holds")
    return left


def _count(path: Path, entry: zipfile.ZipInfo, packed: zipfile.ZipExtFile) -> None:
    found = 0
    while block := packed.read(_BLOCK):
        found += len(block)
    if found != entry.file_size:
        raise _refused(path, "lies about the size of what it holds")


def _refused(path: Path, why: str) -> SourceError:
    return SourceError(f"{path.name} {why}.", _AGAIN)
