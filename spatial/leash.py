"""The leash of a child process: when its parent is gone, however it died, so is the child; a signal ends it in order.

A closed pipe would not do: the server forks its workers, and each fork holds the pipe open.
"""

import os
import signal
import threading
import time
from collections.abc import Callable

LOOK_EVERY_S = 0.5


def tie(parent: int, let_go: Callable[[], None]) -> None:
    """Watch from a thread whether a process is still this one's parent.

    Args:
        parent: process id of the parent that started this process.
        let_go: called once, in the watching thread, when the parent is gone.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY_S)
        let_go()

    threading.Thread(target=watch, name="leash", daemon=True).start()


def heed(stop: threading.Event) -> None:
    """Set an event when SIGINT or SIGTERM comes.

    The handler runs in the main thread, in the middle of whatever that does. Were this the event's own ``wait``, which
    holds the event's lock for an instant, ``set`` would wait for it for ever; so that another thread does it.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=stop.set, name="signal").start())
