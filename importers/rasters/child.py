"""The process that opens a raster: walls, an environment of its own, and a pipe that is listened to.

GDAL is a million lines of C that read what strangers wrote. So it does that in a process that can be killed,
that has no more time and memory than it needs, no network, and no file but the raster and the folder of the result
(``importers/reading/confine.py``, as for every other format).
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from importers.reading.limits import Limits
from spatial.errors import SourceError

MEMORY = 3 << 30
"""Address space of the child, bytes: GDAL's cache, one block of the file, and the libraries."""

CACHE_MB = 512
"""GDAL's cache of blocks, megabytes."""

OPEN_FILES = 64

SILENT_S = 600.0
"""Longest time without a word or a byte written, seconds: the overviews of 2·10⁹ pixels take minutes for each."""

_LOOK_EVERY_S = 1.0

# Nothing beside the file is read, nothing is fetched, whatever the file says.
_ENVIRONMENT = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GDAL_TIFF_INTERNAL_MASK": "YES",
    "GDAL_CACHEMAX": str(CACHE_MB),
    "PROJ_NETWORK": "OFF",
    "LANG": "C.UTF-8",
}


def start() -> subprocess.Popen[bytes]:
    """Start the child that waits for its one job; the limits of the job are set by itself, first of all."""
    return subprocess.Popen([sys.executable, "-I", "-m", "importers.rasters.worker", str(os.getpid())],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            env=_ENVIRONMENT, start_new_session=True)


def call(job: dict[str, Any], *, cpu_s: int, folder: Path | None = None, largest_file: int = 0,
         progress: Callable[[int], None] | None = None, silent_s: float = SILENT_S) -> dict[str, Any]:
    """Have one job done.

    Args:
        job: ``do`` and its arguments, see ``worker.py``.
        cpu_s: CPU time that it may take, seconds.
        folder: where it writes; growth there is a sign of life.
        largest_file: longest file that it may write, bytes.
        progress: is told how many rows of pixels have been read.
        silent_s: longest time without a sign of life, seconds.

    Returns:
        What the job found.

    Raises:
        SourceError: the file is refused, or the child hit a limit or died.
    """
    limits = Limits(cpu=cpu_s, memory=MEMORY, file=largest_file, open_files=OPEN_FILES)
    process, answer, name = start(), None, Path(job["path"]).name
    try:
        process.stdin.write(json.dumps({"limits": limits.plain(), **job}).encode())
        process.stdin.close()
        for message in _messages(process, folder, silent_s):
            if "rows" in message:
                if progress is not None:
                    progress(message["rows"])
            else:
                answer = message
    except BrokenPipeError:
        pass
    except TimeoutError as error:
        raise SourceError(f"{name}: reading it made no progress for {silent_s:.0f} s and was stopped.",
                          "Nothing was imported. Open it in the program that made it and save it again.") from error
    finally:
        if answer is None:
            process.kill()
        process.wait()
        process.stdout.close()
    if answer is None:
        raise SourceError(f"{name}: {_ending(process.returncode)}",
                          "Nothing was imported. Open it in the program that made it and save it again, tiled.")
    if "refused" in answer:
        raise SourceError(f"{name}: {answer['refused']}", f"Nothing was imported. {answer['cure']}")
    return answer["found"]


def _messages(process: subprocess.Popen[bytes], folder: Path | None, silent_s: float,
              ) -> Iterator[dict[str, Any]]:
    """Yield what the child says, line by line, until it closes its end."""
    os.set_blocking(process.stdout.fileno(), False)
    rest, size, heard = b"", 0, time.monotonic()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(_LOOK_EVERY_S):
                heard, read = time.monotonic(), process.stdout.read()
                if read == b"":
                    return
                *lines, rest = (rest + (read or b"")).split(b"\n")
                yield from map(json.loads, lines)
                continue
            now = _size(folder) if folder is not None else 0
            if now != size:
                size, heard = now, time.monotonic()
            if time.monotonic() - heard > silent_s:
                raise TimeoutError


def _size(folder: Path) -> int:
    size = 0
    for entry in folder.iterdir():
        with suppress(FileNotFoundError):
            size += entry.stat().st_size
    return size


def _ending(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "reading it takes more time than its size explains and was stopped."
    if code < 0:
        return f"the process that read it died ({signal.Signals(-code).name})."
    return "the process that read it ended without an answer."
