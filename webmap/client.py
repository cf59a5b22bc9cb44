"""The queue of one open stream (客户端队列), bounded, filled by the hub and emptied by the stream's own thread."""

import queue
import threading
from collections.abc import Iterable

from webmap.told import Audience, Part

QUEUE_SIZE = 1000
"""Changes that may wait for a client."""

RESYNC = object()
CLOSED = object()

WAVE = 32
"""Threads woken at once. With a thousand, each asks for the interpreter every 5 ms until it is its turn, which took
all of a core and left some waiting for seconds."""

WAVE_S = 0.5
"""Longest wait for a wave; a machine that is so slow has other troubles."""


class Wave:
    """Counts threads that were woken and have not come to run yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = 1
        self._over = threading.Event()

    def begins(self) -> None:
        """One more is woken."""
        with self._lock:
            self._left += 1

    def ran(self) -> None:
        """One of them runs."""
        with self._lock:
            self._left -= 1
            over = self._left == 0
        if over:
            self._over.set()

    def wait(self) -> None:
        """Wait until all of them have run. The last call."""
        self.ran()
        self._over.wait(WAVE_S)


class Client:
    """One open stream: a bounded queue of what its audience hears.

    Args:
        audience: who hears the same.
        account: whose stream it is.
    """

    def __init__(self, audience: Audience, account: str = "") -> None:
        self.audience = audience
        self.account = account
        self._queue: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._held = 0
        self._resyncs = False
        self._sleeps = False
        self._ended = False
        self._wave: Wave | None = None

    def offer(self, part: Part, wave: Wave) -> bool:
        """Queue a part; when too much waits, drop everything for one resync.

        Returns:
            Whether its thread slept and was woken; it tells the wave when it runs.
        """
        with self._lock:
            if self._resyncs:
                return False  # the snapshot will hold it
            self._held += len(part.messages)
            if self._held > QUEUE_SIZE:
                self._only(RESYNC)
                return False
            woken = self._sleeps
            if woken:
                self._sleeps = False
                self._wave = wave
                wave.begins()
            self._queue.put(part)
            return woken

    def resync(self) -> None:
        """Tell the stream to begin anew, unless it was told to close."""
        with self._lock:
            if not self._ended:
                self._only(RESYNC)

    def end(self) -> None:
        """Tell the stream to close."""
        with self._lock:
            self._ended = True
            self._only(CLOSED)

    def _only(self, item: object) -> None:
        self._empty()
        self._queue.put(item)
        self._resyncs = True

    def _empty(self) -> list[object]:
        found = []
        while True:
            try:
                found.append(self._queue.get_nowait())
            except queue.Empty:
                return found

    def take(self, seconds: float) -> list[object]:
        """Return all that waits: parts, or RESYNC or CLOSED alone; nothing if nothing comes for some seconds."""
        with self._lock:
            items = self._taken([])
            self._sleeps = not items
        if items:
            return items
        try:
            first = [self._queue.get(timeout=seconds)]
        except queue.Empty:
            first = []
        with self._lock:
            return self._taken(first)

    def _taken(self, first: list[object]) -> list[object]:
        items = first + self._empty()
        self._held, self._resyncs, self._sleeps = 0, False, False
        if self._wave is not None:
            self._wave.ran()
            self._wave = None
        return items[-1:] if items and items[-1] in (RESYNC, CLOSED) else items


def offer(clients: Iterable[Client], part: Part) -> None:
    """Queue a part for many clients, a wave of them after the other."""
    wave, woken = Wave(), 0
    for client in clients:
        woken += client.offer(part, wave)
        if woken >= WAVE:
            wave.wait()
            wave, woken = Wave(), 0
    wave.wait()
