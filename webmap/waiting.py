"""Requests that wait for a change (长轮询): a few at once, because each holds a thread."""

import threading
import time

from spatial.errors import ShapanError
from tiles.versions import Versions

LOOK_S = 0.1
"""How often a waiting request looks at the number that the process has heard of; that costs no query."""


class TooManyWaiting(ShapanError):
    """As many requests wait for changes as are allowed."""


class Waiters:
    """Lets requests wait until the process hears of a change.

    Args:
        versions: which the listener on the feed keeps, with the last number that it has heard of.
        most: requests that may wait at once.
    """

    def __init__(self, versions: Versions, most: int) -> None:
        self._versions = versions
        self._most = most
        self._free = threading.BoundedSemaphore(most)

    def __enter__(self) -> "Waiters":
        if not self._free.acquire(blocking=False):
            raise TooManyWaiting(f"{self._most} requests wait for changes, as many as are allowed.",
                                 "Ask without wait=, or raise SHAPAN_THREADS.")
        return self

    def __exit__(self, *_: object) -> None:
        self._free.release()

    def past(self, seq: int, deadline: float) -> bool:
        """Wait until a change after a number was heard of, or until a deadline (monotonic); tell whether one was."""
        while self._versions.head <= seq:
            if (left := deadline - time.monotonic()) <= 0:
                return False
            time.sleep(min(LOOK_S, left))
        return True
