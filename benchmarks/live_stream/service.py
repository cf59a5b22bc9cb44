"""The service over a private cluster with a generated city, to be killed and started again."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from benchmarks.tile_servers.city import City
from benchmarks.tile_servers.peers import free_port
from spatial import embedded, server
from spatial.db import open_connection
from spatial.types import Scope

STARTS_WITHIN_S = 40

# Detectors in every building: what a gateway speaks of. Parameters: how many.
DEVICES = """
INSERT INTO device (code, kind, name, building_id, floor, z_m, geom, area_code, grid_code, source, source_key,
                    content_hash)
SELECT 'L' || id, 'smoke', '烟感', id, 1 + id %% 6, 3.0 * (id %% 6), ST_PointOnSurface(footprint), area_code, grid_code,
       'bench', 'L' || id, ''
FROM building ORDER BY id LIMIT %s
"""


def put_devices(city: City, count: int) -> list[str]:
    """Put detectors on record, one in a building, and return their codes."""
    city.worker.execute(DEVICES, (count,))
    city.settle("device")
    return [row[0] for row in city.worker.execute("SELECT code FROM device WHERE source = 'bench' ORDER BY code")]


class Service:
    """`shapan serve` with the demo account, on one port whatever happens to it.

    Args:
        city: its database. folder: for its log. streams: that may be open at once.
    """

    def __init__(self, city: City, folder: Path, streams: int) -> None:
        self._city = city
        self._log = folder / "serve.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**city.environment, "SHAPAN_DEMO_ACCOUNT": "1", "SHAPAN_PORT": str(self.port),
                             "SHAPAN_STREAMS": str(streams)}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.launch()
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(self.url + "/health/live", timeout=5).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"The service did not start:\n{self._log.read_text(errors='replace')[-2000:]}")

    def launch(self) -> None:
        """Start it and do not wait."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).parent / "shapan"), "serve"], env=self._environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)

    def kill(self) -> None:
        """Kill it with signal 9; what works beside it sees that and ends."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it in order."""
        for number in (signal.SIGINT, signal.SIGKILL):
            if self._process.poll() is not None:
                return
            os.killpg(self._process.pid, number)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                continue

    def memory_mb(self) -> float:
        """Return the proportional memory of it and of all that it has started, megabytes."""
        total, parents = 0.0, {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it has ended
                parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        family = {self._process.pid}
        while more := {process for process, parent in parents.items() if parent in family} - family:
            family |= more
        for process in family:
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024


def restart_database(city: City) -> None:
    """Break off every session as a crash does, ours too, and let the database recover."""
    postmaster = int((embedded.cluster(city.settings).data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGQUIT)
    deadline = time.monotonic() + 30
    while Path(f"/proc/{postmaster}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    server.bring_up(city.settings)
    city.worker.close()
    city.worker = open_connection(city.addresses.worker, Scope.everything(), autocommit=True)
