"""Processor time of a server and of the database behind it, from the kernel's count (100 steps a second)."""

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tile_servers.city import City
from benchmarks.tile_servers.peers import Server
from spatial import embedded

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """Processor seconds since the start: ``server``, of all its processes; ``database``, of all of the cluster's."""

    server: float
    database: float

    def since(self, before: "Spent") -> "Spent":
        """Return what was spent after an earlier look."""
        return Spent(self.server - before.server, self.database - before.database)


def spent(city: City, server: Server) -> Spent:
    """Look at what a server and the database have spent until now.

    Args:
        city: whose cluster is the database. Of nobody else's work: the servers take turns.
        server: leader of its process group.
    """
    postmaster = int((embedded.cluster(city.settings).data / "postmaster.pid").read_text().split()[0])
    of_server = of_database = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue  # it has ended
        # Fields 4, 5, 14, 15: parent, group, user and system time. The second one, a name in brackets, may hold blanks.
        fields = text.rpartition(")")[2].split()
        parent, group, seconds = int(fields[1]), int(fields[2]), (int(fields[11]) + int(fields[12])) / TICKS
        of_server += seconds if group == server.process.pid else 0
        of_database += seconds if parent == postmaster else 0
    return Spent(of_server, of_database)
