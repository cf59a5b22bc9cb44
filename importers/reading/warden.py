"""The side of the reading process that holds the keys: starts jobs, waits no longer than it may, ends them."""

import atexit
import contextlib
import fcntl
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from importers.reading.limits import Limits
from spatial.errors import MappingError, SourceError

LARGEST_MESSAGE = 1 << 30
"""Bytes that are taken at once from a reading process."""

PIPE_BYTES = 1 << 20
_SET_PIPE_SIZE = 1031
"""F_SETPIPE_SZ of Linux; a pipe of 64 kB makes both sides wait for each other."""

_ROOT = str(Path(__file__).parents[2])
# pyogrio loads pyproj and shapely where it finds them, and does without where it does not: a fifth of the start.
_BEGIN = ("import sys, json; sys.path[:] = json.loads(sys.argv[2]); sys.modules.update(pyproj=None, shapely=None); "
          "from importers.reading import nursery; del sys.modules['pyproj'], sys.modules['shapely']; nursery.main()")
_ERRORS = {"SourceError": SourceError, "MappingError": MappingError}
_SIGNALS = {24: "used more processor time than it may", 11: "brought down the program that reads it",
            6: "brought down the program that reads it, or needs more memory than it may",
            7: "brought down the program that reads it", 9: "was ended from outside"}

# What a person's environment says to GDAL, PROJ or the network must not reach a file's reading.
_ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}


class Warden:
    """Starts the nursery when the first file comes, and again if it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._link: socket.socket | None = None
        self._owner = 0

    def ask(self, message: dict[str, Any], ends: tuple[int, ...] = ()) -> dict[str, Any]:
        """Send one message to the nursery and return its answer.

        Raises:
            SourceError: it is gone.
        """
        with self._lock:
            link = self._start()
            try:
                socket.send_fds(link, [json.dumps(message).encode() + b"\n"], list(ends))
                text = b""
                while not text.endswith(b"\n"):
                    part = link.recv(1 << 16)
                    if not part:
                        raise ConnectionError
                    text += part
            except OSError as error:
                self._stop()
                raise SourceError("The process that reads files has ended.",
                                  "Nothing was imported. Import again.") from error
            return json.loads(text)

    def _start(self) -> socket.socket:
        alive = self._process is not None and self._process.poll() is None
        if alive and self._owner == os.getpid():
            return self._link
        if self._owner == os.getpid():
            self._stop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _BEGIN, str(theirs.fileno()), json.dumps(python_path())],
                pass_fds=[theirs.fileno()], env={**_ENVIRONMENT, "TMPDIR": tempfile.gettempdir()}, cwd="/",
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._link, self._owner = ours, os.getpid()
        return ours

    def _stop(self) -> None:
        if self._link is not None:
            self._link.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
        self._process = self._link = None

    def close(self) -> None:
        """End the nursery and with it every job."""
        if self._owner == os.getpid() and self._process is not None:
            # It takes its children and folders with it when the link closes.
            self._link.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._stop()


_warden = Warden()
atexit.register(_warden.close)


def python_path() -> list[str]:
    """Return where the reading process finds Python's libraries and ours."""
    return [_ROOT, *(place for place in sys.path if place and place != _ROOT and Path(place).exists())]


class Job:
    """One reading that goes on in a process of its own.

    Args:
        task: what it is to do; see ``job.run``.
        path: the file.
        limits: what it may use.
    """

    def __init__(self, task: dict[str, Any], path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._word = b""
        self._ended = False
        data, data_end = os.pipe()
        word, word_end = os.pipe()
        with contextlib.suppress(OSError):
            fcntl.fcntl(data, _SET_PIPE_SIZE, PIPE_BYTES)
        self._data, self._word_pipe = data, word
        job = {**task, "path": str(path.absolute()), "python": [*python_path()[1:], sys.prefix, sys.base_prefix],
               "limits": limits.plain()}
        try:
            begun = _warden.ask({"do": "start", "job": job}, (data_end, word_end))
            self._pid, self._folder = begun["pid"], begun["folder"]
        except BaseException:
            self._ended = True
            os.close(data)
            os.close(word)
            raise
        finally:
            os.close(data_end)
            os.close(word_end)

    def answer(self) -> dict[str, Any]:
        """Wait for the job's last word and return it.

        Raises:
            SourceError, MappingError: what it found wrong, or why it ended without a word.
        """
        while part := self._take(self._word_pipe, 1 << 16):
            self._word += part
        fate = self.end()
        if not self._word:
            why = _SIGNALS.get(fate["signal"], "ended the program that reads it without a word")
            raise SourceError(f"{self._path.name} {why}.",
                              "Nothing was imported. Open it in the program that made it and save it again.")
        said = json.loads(self._word)
        if "error" in said:
            raise _ERRORS[said["error"]](said["what"], said["cure"])
        return said

    def records(self) -> Iterator[pa.RecordBatch]:
        """Yield what the job sends, as it sends it.

        Raises:
            SourceError: it sends something else.
        """
        pipe = _Pipe(self)
        if not pipe.begun():
            return
        yield from pa.ipc.open_stream(pa.PythonFile(pipe, mode="r"))

    def hear_no_more(self) -> None:
        """Take no more rows, so that the job stops sending them and says its last word."""
        if not self._ended and self._data >= 0:
            os.close(self._data)
            self._data = -1

    def end(self) -> dict[str, Any]:
        """End the job, whatever it does; return how it ended."""
        if self._ended:
            return {"signal": None}
        self._ended = True
        if self._data >= 0:
            os.close(self._data)
        os.close(self._word_pipe)
        try:
            return _warden.ask({"do": "end", "pid": self._pid})
        except SourceError:
            # The nursery is gone and the job with it; only its folder is left.
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def _take(self, pipe: int, most: int) -> bytes:
        self.wait(pipe)
        return os.read(pipe, most)

    def wait(self, pipe: int) -> None:
        """Wait until a pipe has something to read, or its other end is closed.

        Raises:
            SourceError: that takes too long; the job has been ended.
        """
        waiting = select.poll()
        waiting.register(pipe, select.POLLIN)
        if not waiting.poll(self._limits.silence * 1000):
            self.end()
            raise SourceError(f"{self._path.name} gave nothing for {self._limits.silence:g} seconds while it was read.",
                              "Nothing was imported. Open it in the program that made it and save it again.")


class _Pipe:
    """What a job sends, as a file that Arrow can read."""

    closed = False

    def __init__(self, job: Job) -> None:
        self._job = job
        self._first = b""

    def begun(self) -> bool:
        self._first = self._job._take(self._job._data, 1)
        return bool(self._first)

    def read(self, count: int = -1) -> bytes:
        return bytes(self.read_buffer(count))

    def read_buffer(self, count: int) -> pa.Buffer:
        if not 0 <= count <= LARGEST_MESSAGE:
            raise pa.ArrowInvalid("a message is too long")
        content = bytearray(count)
        view, at = memoryview(content), 0
        if self._first and count:
            view[:1], at, self._first = self._first, 1, b""
        while at < count:
            self._job.wait(self._job._data)
            got = os.readv(self._job._data, [view[at:]])
            if not got:
                break
            at += got
        return pa.py_buffer(content)[:at]

    def close(self) -> None:
        self.closed = True


@contextlib.contextmanager
def started(task: dict[str, Any], path: Path, limits: Limits) -> Iterator[Job]:
    """Start a job and end it when the block ends.

    Args:
        task: what it is to do.
        path: the file.
        limits: what it may use.
    """
    job = Job(task, path, limits)
    try:
        yield job
    finally:
        job.end()


__all__ = ["Job", "Warden", "started"]
