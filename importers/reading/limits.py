"""How much one reading may use."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from importers import archives

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bounds of one reading process.

    Attributes:
        cpu: seconds of processor time, all threads together.
        silence: seconds that the parent waits for the next byte. Waiting for the parent does not count.
        memory: bytes of address space. GDAL, Arrow and Python take about 0.4 GB of it before they read anything.
        file: bytes of one file that it may write into its own folder.
        open_files: files open at once.
    """

    cpu: int = 60
    silence: float = 60
    memory: int = 4 << 30
    file: int = (2 << 30) + MEGABYTE
    open_files: int = 256

    def plain(self) -> dict[str, Any]:
        """Return them as JSON can carry them."""
        return asdict(self)


def limits_for(files: tuple[Path, ...]) -> Limits:
    """Return the limits for reading some files: a minute, and a second more for each megabyte.

    Reading takes about 20 ms for a megabyte of GeoPackage and 200 ms for one of GeoJSON or OpenStreetMap.

    Args:
        files: files or folders; of an archive counts the most that it may hold.
    """
    size = sum(_size(part) for part in files)
    seconds = 60 + size // MEGABYTE
    return Limits(cpu=seconds, silence=seconds)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(part.stat().st_size for part in path.rglob("*") if part.is_file())
    size = path.stat().st_size
    packed = path.suffix.lower() in (".zip", ".kmz", ".xlsx", ".ods")
    return min(archives.MOST_RATIO * size, archives.MOST_BYTES) if packed else size
