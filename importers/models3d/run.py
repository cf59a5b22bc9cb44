"""3D Tiles from a folder or a zip: follow → copy → keep (``importers/filed.py``)."""

import hashlib
import json
import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from importers import archives, filed
from importers.filed_report import MODEL3D, Report
from importers.models3d import tileset
from importers.models3d.placing import Place
from importers.progress import Watcher
from spatial.crs_earth import GEOCENTRIC
from spatial.crs_numbers import METRES_OF_A_DEGREE
from spatial.errors import SourceError
from spatial.settings import Settings

SEEN_PIXELS = 64
"""From this many pixels on, across, a model is worth its download."""

LARGEST_ZOOM = 24

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Request(filed.Request):
    """What a person asks for.

    Attributes:
        at: where the tileset's origin stands, if it does not say so itself.
    """

    at: Place | None = None


def run(request: Request, settings: Settings, watcher: Watcher | None = None) -> Report:
    """Import one tileset.

    Args:
        request: what is asked for; its path is a folder with ``tileset.json``, that file, or a zip of the folder.
        settings: where database and data directory are.
        watcher: is told how it goes on.

    Returns:
        The report.

    Raises:
        SourceError: it is no whole tileset, not safe, or not on the Earth. MappingError: the name cannot be one.
        DatabaseError: the database does not answer or refused.
        In all cases nothing was imported.
    """
    path, at = request.path, request.at
    options = {} if at is None else {"at": at.plain()}
    if path.is_file() and path.suffix.lower() == ".zip":
        size = archives.declared_bytes(path)

        def unpack(part: Path, progress: Watcher) -> filed.Made:
            whole = tileset.read(_unpacked(path, part / "unpacked"), at)
            return _made(whole, _gather(whole, part, progress, os.rename))

        work = filed.Work(filed.file_sha256((path,)), options, size, archives.MOST_ENTRIES, unpack)
        return filed.run(MODEL3D, request, work, settings, watcher)
    folder = path.parent if path.is_file() and path.name == tileset.ENTRY else path
    if not folder.is_dir():
        what = "is not a tileset" if path.exists() else "does not exist"
        raise SourceError(f"{path} {what}.",
                          f"Nothing was imported. Name a folder with {tileset.ENTRY}, or a zip of it.")
    try:
        whole = tileset.read(folder.absolute(), at)

        def copy(part: Path, progress: Watcher) -> filed.Made:
            return _made(whole, _gather(whole, part, progress, _copy))

        work = filed.Work(_sha256(whole), options, sum(whole.files.values()), len(whole.files), copy)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {error.strerror}.", "Nothing was imported.") from error
    return filed.run(MODEL3D, request, work, settings, watcher)


def look(path: Path, scratch: Path) -> tileset.Tileset:
    """Return what a tileset holds, without keeping it.

    Args:
        path: as for ``run``. scratch: empty folder for what an archive holds.

    Raises:
        SourceError: it is no whole tileset, not safe, or not on the Earth.
    """
    if path.is_file() and path.suffix.lower() == ".zip":
        return tileset.read(_unpacked(path, scratch / "unpacked"), None)
    return tileset.read((path.parent if path.is_file() else path).absolute(), None)


def _made(whole: tileset.Tileset, content: Path) -> filed.Made:
    west, south, east, north = whole.footprint.bounds
    metres = max(north - south, (east - west) * math.cos(math.radians((south + north) / 2))) * METRES_OF_A_DEGREE
    # Tiles of 256 pixels; zoom 0 shows 360° across.
    zoom = math.log2(360 * METRES_OF_A_DEGREE / 256 * SEEN_PIXELS / max(metres, 1.0))
    return filed.Made(content, whole.footprint, {
        "crs": GEOCENTRIC, "minzoom": min(LARGEST_ZOOM, max(0, math.floor(zoom))), "maxzoom": LARGEST_ZOOM,
        "version": whole.version, "files": len(whole.files)})


def _unpacked(path: Path, target: Path) -> Path:
    """Unpack an archive; return the folder with the tileset: the target, or the only folder in it."""
    target.mkdir()
    archives.unpack(path, target)
    inner = list(target.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else target


def _gather(whole: tileset.Tileset, part: Path, progress: Watcher, bring) -> Path:
    """Bring what the tileset needs, and nothing else, into a folder of its own."""
    content = part / "tileset"
    for number, name in enumerate(whole.files, start=1):
        target = content / name
        target.parent.mkdir(parents=True, exist_ok=True)
        bring(whole.root / name, target)
        progress.read(number)
    if whole.entry is not None:
        entry = content / tileset.ENTRY
        entry.unlink()
        entry.write_text(json.dumps(whole.entry, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return content


def _copy(source: Path, target: Path) -> None:
    # A link that has taken the place of a file since it was looked at is not followed.
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
    with open(descriptor, "rb") as inside, target.open("xb") as outside:
        shutil.copyfileobj(inside, outside, _BLOCK)


def _sha256(whole: tileset.Tileset) -> str:
    digest = hashlib.sha256()
    for name in sorted(whole.files):
        digest.update(f"{name}\n{whole.files[name]}\n".encode())
        digest.update(bytes.fromhex(filed.file_sha256((whole.root / name,))))
    return digest.hexdigest()
