"""A process that waits ends by a signal, also by one that comes in the middle of the wait's own bookkeeping."""

import signal
import subprocess
import sys

RUN = """
import os, signal, threading
from spatial import leash
stop = threading.Event()
leash.heed(stop)
with stop._cond:  # what wait() does for an instant
    os.kill(os.getpid(), signal.%s)
    for _ in range(1000):
        pass
assert stop.wait(5)
"""


def test_a_signal_within_a_wait_ends_it() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        assert subprocess.run([sys.executable, "-c", RUN % number.name], timeout=20, check=False).returncode == 0
