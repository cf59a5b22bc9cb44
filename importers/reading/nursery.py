"""The process that has the libraries loaded and makes one child for each file.

Loading GDAL and Arrow takes a third of a second, a child of a process that has them loaded a few milliseconds. The
nursery opens no file of anybody. It has one thread, and so has each child when it begins.

Messages are lines of JSON on one socket: ``start`` brings the ends of two pipes for the child, ``end`` kills it.
When the other side is gone the socket ends, and every child and every folder goes with it.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

from importers import gdal
from importers.reading import confine, job

LONGEST_MESSAGE = 1 << 20


def serve(control: int) -> None:
    """Answer the warden until it goes away.

    Args:
        control: descriptor of the socket to it.
    """
    gdal.restrict()
    link = socket.socket(fileno=control)
    folders: dict[int, Path] = {}
    try:
        while True:
            message, ends = _receive(link)
            if message is None:
                return
            answer = _start(message, ends, link, folders) if message["do"] == "start" else \
                _end(message["pid"], folders)
            link.sendall(json.dumps(answer).encode() + b"\n")
    finally:
        for pid in list(folders):
            _end(pid, folders)


def _receive(link: socket.socket) -> tuple[dict | None, list[int]]:
    text, ends = b"", []
    while not text.endswith(b"\n"):
        part, more, _, _ = socket.recv_fds(link, LONGEST_MESSAGE, 2)
        ends += more
        if not part:
            return None, ends
        text += part
    return json.loads(text), ends


def _start(message: dict, ends: list[int], link: socket.socket, folders: dict[int, Path]) -> dict:
    folder = Path(tempfile.mkdtemp(prefix="shapan-read-"))
    pid = os.fork()
    if pid == 0:
        # Nothing of the nursery may be reached or run from here on.
        code = 1
        try:
            confine.die_with_parent()
            os.setpgid(0, 0)
            link.close()
            code = job.run(message["job"], folder, *ends)
        finally:
            os._exit(code)
    folders[pid] = folder
    for end in ends:
        os.close(end)
    return {"pid": pid, "folder": str(folder)}


def _end(pid: int, folders: dict[int, Path]) -> dict:
    folder = folders.pop(pid)
    # The child is not reaped before, so that its number cannot have become another process's.
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    shutil.rmtree(folder, ignore_errors=True)
    signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    return {"signal": signalled, "cpu_s": used.ru_utime + used.ru_stime, "memory_kb": used.ru_maxrss}


def main() -> None:
    """Begin with what the warden says on the command line: the socket's descriptor, then Python's path."""
    serve(int(sys.argv[1]))
