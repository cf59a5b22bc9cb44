"""Processes that work beside the service and end with it: the jobs, the import worker, and who delivers webhooks."""

import os
import signal
import sys
import threading
import time
from types import TracebackType

PROGRAMS = (("spatial.jobs",), ("importers.worker",), ("webmap.webhooks",))
"""Modules that are run, each with the process id of its parent. Named and not imported: the web room
does not know the importers."""

AGAIN_AFTER_S = (0.2, 1.0, 5.0)
LIVED_WELL_S = 30.0
"""A process that lived so long is started again at once when it dies."""
ENDS_WITHIN_S = 10.0


class Beside:
    """Keeps each program running until the block ends. Use as a context manager.

    Args:
        more: programs beside :data:`PROGRAMS`: a module, and words that it gets after the process id.

    Programs are started by ``posix_spawn``. ``subprocess`` waits on a pipe until the new program
    runs, and the server's own fork, at that moment, would hold the other end for ever.
    """

    def __init__(self, *more: tuple[str, ...]) -> None:
        self._programs = (*PROGRAMS, *more)

    def __enter__(self) -> "Beside":
        self._ending = threading.Event()
        self._running: dict[str, int] = {}
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._keep, args=program, name=program[0], daemon=True)
                         for program in self._programs]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        with self._lock:
            self._ending.set()
            for process in self._running.values():
                os.kill(process, signal.SIGTERM)
        for thread in self._threads:
            thread.join(ENDS_WITHIN_S)

    def _keep(self, name: str, *more: str) -> None:
        deaths = 0
        while True:
            with self._lock:
                if self._ending.is_set():
                    return
                words = [sys.executable, "-m", name, str(os.getpid()), *more]
                process = self._running[name] = os.posix_spawn(sys.executable, words, os.environ, setsid=True)
            born = time.monotonic()
            # Its number stays taken until it is known here that it is gone.
            os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
            with self._lock:
                os.waitpid(process, 0)
                del self._running[name]
            deaths = 0 if time.monotonic() - born >= LIVED_WELL_S else deaths
            self._ending.wait(AGAIN_AFTER_S[min(deaths, len(AGAIN_AFTER_S) - 1)])
            deaths += 1
