"""Files of 3D Tiles (三维模型): found inside the folder of their tileset, and nowhere else."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from spatial.errors import NotFound
from spatial.queries.filed import SourceUnavailable

MEDIA_TYPES = {
    ".json": "application/json",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".b3dm": "application/octet-stream",
    ".i3dm": "application/octet-stream",
    ".pnts": "application/octet-stream",
    ".cmpt": "application/octet-stream",
    ".subtree": "application/octet-stream",
    ".bin": "application/octet-stream",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".ktx2": "image/ktx2",
}
"""Ending → media type: every kind of file that an import takes (OGC 22-025r4, 3D Tiles 1.1; IANA)."""

LONGEST = 1024
"""Longest path inside a folder, characters."""


def media_type(path: str) -> str:
    """Return the media type of a file by its ending.

    Raises:
        NotFound: no tileset has files with that ending.
    """
    try:
        return MEDIA_TYPES[Path(path).suffix.lower()]
    except KeyError:
        raise _missing(path) from None


def open_file(folder: Path, path: str) -> BinaryIO:
    """Open a file of a tileset.

    Each name of the path is opened inside the folder that was opened before it, and a link is never followed: whatever
    changes meanwhile, nothing outside the folder is reached.

    Args:
        folder: of the tileset; itself within the data directory.
        path: names joined by ``/``, as they stand in the folder.

    Returns:
        The open file; the caller closes it.

    Raises:
        NotFound: no such file inside the folder.
        SourceUnavailable: the folder itself is not there; another import may just have replaced it.
    """
    names = path.split("/")
    if len(path) > LONGEST or any(name in ("", ".", "..") or "\0" in name or "\\" in name for name in names):
        raise _missing(path)
    *folders, last = names
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise SourceUnavailable("The files of the 3D model are not in the data directory.",
                                "Import it again.") from error
    try:
        for name in folders:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        # A pipe that lay there would keep an opening waiting for its writer.
        found = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
    except (OSError, ValueError) as error:
        raise _missing(path) from error
    finally:
        os.close(descriptor)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise _missing(path)
    return open(found, "rb")


def _missing(path: str) -> NotFound:
    shown = path if len(path) <= 80 else f"{path[:80]}…"
    return NotFound(f"The 3D model has no file {shown!r}.", "Its files are those that tileset.json leads to.")
