"""Load on one server by wrk: many different tiles, a session cookie, 16 connections."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tile_servers.peers import Server, Tile

CONNECTIONS = 16
TIMEOUT_S = 60
ENDS_WITHIN_S = 300
SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Load:
    """What one run of wrk found.

    Attributes:
        requests: answered. seconds: from the first to the last. p50_ms, p99_ms: latency.
        bytes: that came over the wire, heads included. faults: status or kind of fault → how many.
    """

    requests: int
    seconds: float
    bytes: int
    p50_ms: float
    p99_ms: float
    faults: dict[str, int]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def bytes_each(self) -> float:
        """Bytes of an answer over the wire, its head included."""
        return self.bytes / max(self.requests, 1)


class Wrk:
    """One run of wrk that goes on beside other work until ``result`` is asked for."""

    def __init__(self, server: Server, tiles: Sequence[Tile], *, seconds: float, once: bool = False,
                 connections: int = CONNECTIONS, rest_ms: float = 0) -> None:
        descriptor, name = tempfile.mkstemp(suffix=".txt", prefix="shapan-bench-")
        self._list = Path(name)
        with open(descriptor, "w") as file:
            file.writelines(server.tile(tile) + "\n" for tile in tiles)
        self._name = server.name
        # As wrk takes whole seconds only, a run "once" ends by itself.
        duration = ENDS_WITHIN_S if once else max(1, round(seconds))
        self.process = subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{duration}s", "--timeout", f"{TIMEOUT_S}s", "-s", str(SCRIPT),
             server.url, "--", str(self._list), "once" if once else "again", str(rest_ms)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def result(self, tolerant: bool = False) -> Load:
        """Wait for the end and return what was found; end the benchmark when an answer was not 200.

        Args:
            tolerant: return answers that were not 200 in ``faults`` instead.
        """
        try:
            output, errors = self.process.communicate()
        finally:
            self.stop()
        line = next((line for line in output.splitlines() if line.startswith("RESULT ")), None)
        if line is None:
            sys.exit(f"wrk on {self._name} failed:\n{output}{errors}")
        found = Load(**json.loads(line.removeprefix("RESULT ")))
        if found.faults and not tolerant:
            sys.exit(f"{self._name}: answers that were not 200: {found.faults} of {found.requests}")
        return found

    def stop(self) -> None:
        """End wrk when it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._list.unlink(missing_ok=True)


def once(server: Server, tiles: Sequence[Tile], connections: int = CONNECTIONS) -> Load:
    """Ask for each tile once and return what was found; every answer was 200."""
    return Wrk(server, tiles, seconds=0, once=True, connections=min(connections, len(tiles))).result()


def again(server: Server, tiles: Sequence[Tile], seconds: float, connections: int = CONNECTIONS) -> Load:
    """Ask for tiles over and over for some seconds and return what was found; no answer was a refusal."""
    return Wrk(server, tiles, seconds=seconds, connections=min(connections, len(tiles))).result()


def require_wrk() -> None:
    """End the benchmark where there is no wrk."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing; on Debian: apt install wrk")
