"""What changed where (瓦片版本), in the memory of a process: which version of a tile is the one of now.

The process's listener on the change feed loads the versions when it connects and applies each change as it comes. A
version is the number of the last change that shows in a tile. It is read before the tile's query takes its snapshot:
the tile holds all changes up to its version, and perhaps later ones.
"""

import time

import psycopg

from spatial import outbox
from spatial.cells import BASE_ZOOM, Touched
from spatial.queries import tile_versions

TRUSTED_S = 5.0
"""Seconds without a word from the change feed after which nothing in memory is taken for current any more."""


class _Layer:
    """Versions of one layer's tiles.

    ``single``: by address, of that tile alone. ``whole``: by zoom and then address, of a cell with all below it.
    """

    def __init__(self) -> None:
        self.single: dict[tuple[int, int, int], int] = {}
        self.whole: dict[int, dict[tuple[int, int, int], int]] = {BASE_ZOOM: {}}

    def touch(self, cell: tuple[int, int, int], whole: bool, seq: int) -> None:
        """Raise the version of a tile, or of a cell with all below it."""
        if whole and cell[0] not in self.whole:
            # A dictionary of its own, because others walk through the old one meanwhile.
            self.whole = {**self.whole, cell[0]: {}}
        found = self.whole[cell[0]] if whole else self.single
        found[cell] = max(seq, found.get(cell, 0))

    def version(self, z: int, x: int, y: int) -> int:
        """Return the version of one tile; 0 when it never changed."""
        version = self.single.get((z, x, y), 0) if z < BASE_ZOOM else 0
        for zoom, cells in self.whole.items():
            if zoom <= z:
                up = z - zoom
                if (seq := cells.get((zoom, x >> up, y >> up), 0)) > version:
                    version = seq
        return version


class Versions:
    """The versions of all layers' tiles in one process. Written by one thread, read by all."""

    def __init__(self) -> None:
        self._layers: dict[str, _Layer] = {}
        self._confirmed = float("-inf")
        self.epoch = ""
        """Another text for each start of the database server, and each database."""
        self.head = 0
        """Number of the last change that is in these versions."""
        self.late: frozenset[str] = frozenset()
        """Layers whose sums by cell are behind: tiles that show these sums are not those of now."""

    def load(self, connection: psycopg.Connection) -> int:
        """Read all versions from the database.

        Args:
            connection: autocommit, jurisdiction everything.

        Returns:
            The number of the last change that they hold.
        """
        with connection.transaction():
            # One snapshot for the head and the versions.
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            head, epoch = outbox.head(connection), tile_versions.epoch(connection)
            rows = tile_versions.every(connection)
        layers: dict[str, _Layer] = {}
        for row in rows:
            layers.setdefault(row.layer, _Layer()).touch((row.z, row.x, row.y), row.whole, row.seq)
        self._layers, self.epoch = layers, epoch
        self.head = head
        return head

    def apply(self, change: outbox.Change) -> None:
        """Take in one numbered change."""
        if change.kind == outbox.TILES:
            touched = Touched.of(change.payload)
            layer = self._layers.setdefault(touched.layer, _Layer())
            for cell in touched.above():
                layer.touch(cell, False, change.seq)
            for cell in touched.whole():
                layer.touch(cell, True, change.seq)
        self.head = max(change.seq, self.head)

    def confirm(self) -> None:
        """Say that the change feed was heard and has nothing that is not here."""
        self._confirmed = time.monotonic()

    def distrust(self) -> None:
        """Say that changes are known to be missing."""
        self._confirmed = float("-inf")

    @property
    def age_s(self) -> float:
        """Seconds since the change feed was last known to have nothing that is not here; infinite when it never was, or
        changes are known to be missing."""
        return time.monotonic() - self._confirmed

    @property
    def trusted(self) -> bool:
        """True while these versions are known to be those of now, but for the moment that the feed needs."""
        return self.age_s < TRUSTED_S

    def of(self, names: tuple[str, ...], z: int, x: int, y: int) -> int:
        """Return the version of a tile of some layers: that of the one that changed last."""
        layers, version = self._layers, 0
        for name in names:
            if name in layers and (seq := layers[name].version(z, x, y)) > version:
                version = seq
        return version

    def summary(self) -> dict[str, int]:
        """Return how many cells with a version each layer has."""
        return {name: len(layer.single) + sum(map(len, layer.whole.values()))
                for name, layer in sorted(self._layers.items())}
