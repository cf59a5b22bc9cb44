"""The leash of a child process: when its parent is gone, however it died, so is the child.

A closed pipe would not do: the server forks its workers, and each fork holds the pipe open.
"""

import os
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
