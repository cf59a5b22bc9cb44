"""The self-test's answer, kept for a moment: probes come often, and from several sides."""

import threading
import time

from spatial import selftest
from spatial.settings import Settings

KEPT_S = 5.0


class Readiness:
    """Runs the self-test when its last answer is older than ``KEPT_S``, once for all who ask.

    Args:
        settings: which database.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._checks: list[selftest.Check] = []
        self._until = 0.0

    def checks(self) -> list[selftest.Check]:
        """Return every promise and whether it is kept, at most ``KEPT_S`` old."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._checks = selftest.run(self._settings, thorough=False)
                self._until = time.monotonic() + KEPT_S
            return self._checks

    def forget(self) -> None:
        """Let the next question run the test again."""
        self._until = 0.0
