"""Free space: the guard before writing, and the ballast that lets a full disk recover.

On a full disk PostgreSQL stops and cannot start again until space is freed, because recovery
itself writes. So a file of no use is kept beside the database, to be given up in that moment.
"""

import os
import shutil
from pathlib import Path

from spatial.errors import DiskNearlyFull
from spatial.settings import Settings

MEGABYTE = 1024 * 1024
LARGEST_BALLAST_MB = 256


def free_mb(path: Path) -> int:
    """Return the free space, in megabytes, of the file system that holds a path.

    Args:
        path: need not exist yet; its nearest existing parent is asked.
    """
    while not os.path.exists(path):  # Path.exists raises where a parent may not be entered
        path = path.parent
    return shutil.disk_usage(path).free // MEGABYTE


def guard_free_space(settings: Settings, doing: str, size_mb: int = 0) -> None:
    """Refuse to start a large write on a nearly full disk.

    Args:
        settings: gives the data directory and the least free space.
        doing: what is refused, for the message, such as ``the migration``.
        size_mb: how much is going to be written, where that is known.

    Raises:
        DiskNearlyFull: less than ``SHAPAN_MIN_FREE_MB`` is free, or would be.
    """
    free, needed = free_mb(settings.home), settings.min_free_mb + size_mb
    if free < needed:
        raise DiskNearlyFull(
            f"Only {free} MB are free in {settings.home}, {needed} MB are needed: "
            f"{doing} was not started.",
            "Free some space, or lower SHAPAN_MIN_FREE_MB.",
        )


def keep_ballast(path: Path, settings: Settings) -> None:
    """Make the ballast file when there is room for it; a smaller minimum keeps a smaller one.

    Args:
        path: the ballast file.
        settings: ``min_free_mb`` 0 switches guard and ballast off.
    """
    size = min(LARGEST_BALLAST_MB, settings.min_free_mb) * MEGABYTE
    if size == 0 or path.exists() or free_mb(path) * MEGABYTE < size + settings.min_free_mb * MEGABYTE:
        return
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        else:  # macOS has no posix_fallocate, and a sparse file would hold no space
            for _ in range(size // MEGABYTE):
                os.write(descriptor, b"\0" * MEGABYTE)
    except OSError:
        path.unlink()
    finally:
        os.close(descriptor)


def give_up_ballast(path: Path) -> bool:
    """Delete the ballast file.

    Args:
        path: the ballast file.

    Returns:
        True when it was there and its space is free now.
    """
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True
