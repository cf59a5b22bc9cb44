"""What the declaration of a layer says: source, fields, zooms, rank, and the cells that stand for it from afar."""

from dataclasses import dataclass

Words = dict[str, str]
"""A text by language: keys ``zh-CN`` and ``en``."""


def words(zh: str, en: str) -> Words:
    """Return a text in Chinese and in English."""
    return {"zh-CN": zh, "en": en}


EXACT = "exact"
"""Field class of roles that may read exact counts."""

CLASSED = "classed"
"""Field class of the wall and viewers: counts in classes."""


@dataclass(frozen=True)
class Field:
    """One property of a tile's features.

    Attributes:
        name: property name.
        kind: ``Number``, ``String`` or ``Boolean``, as TileJSON's description shows it.
        sql: expression over the layer's source; of cells, over the rows that one cell sums.
        description: what it is, with its unit.
        classed_sql: what roles without exact counts get instead; None: the same.
        minzoom: the zoom from which it is in the tile; nobody reads names of buildings from afar.
        own: nearly every feature has a value of its own (codes, names, instants). A tile keeps each value
            once, so that only these weigh for each feature.
    """

    name: str
    kind: str
    sql: str
    description: Words
    classed_sql: str | None = None
    minzoom: int = 0
    own: bool = False

    def sql_for(self, field_class: str) -> str:
        """Return the expression for a role's field class."""
        return self.sql if field_class == EXACT or self.classed_sql is None else self.classed_sql


@dataclass(frozen=True)
class Cells:
    """Sums by cell (网格单元汇总), which a layer's tiles hold at zooms too low for its single objects.

    Attributes:
        name: name in the tile; the URL names the layer itself.
        title: what people call it.
        table: where the sums are kept; its columns stand behind the alias ``cell``.
        fields: properties of a cell, aggregates over the rows of ``cell`` that it sums.
    """

    name: str
    title: Words
    table: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of vector tiles. Each is declared once, so that one equals itself alone.

    Attributes:
        name: layer name in URLs and tiles.
        title: what people call it.
        source: FROM clause; its first table has ``id``, ``geom_web``, ``grid_code`` and the row security.
        table: that first table, or its alias.
        fields: properties of the features.
        minzoom, maxzoom: zooms at which clients are told to ask for the objects themselves. Beyond the last
            they enlarge it; who asks all the same is answered.
        cells: what the tiles hold below ``minzoom``; None for nothing.
        rank: expression over the first table; the higher, the longer a feature stays in a tile that is too
            full. It must depend on the feature alone.
        where: further condition on rows; empty for none.
        where_at: condition instead of ``where`` for the picture of an instant, ``%(at)s``; empty where the
            layer has no history.
        zoom_where: condition that depends on the zoom, ``%(z)s``; empty for none. Apart from that it must
            depend on a feature alone, so that both sides of a tile edge agree.
        min_pixels: from a zoom on, features whose area is below this many square pixels (tile
            of 512) are left out; pairs of zoom and area, by zoom.
        snapped_below: below this zoom, vertices are moved to the nearest pixel (tile of 512).
        buffer: units of 4096 drawn beyond the tile's edge.
        named: field that is written on a feature, once: the tile that holds the middle of the feature has a point with
            it there (``names``), because what reaches over a tile's edge is drawn by each tile for itself. Empty for
            none.
        permission: what a role must hold to see it.
        exported: may leave the house as a file (``shapan tiles export``): neither people nor what protects them.
            ``/ogc`` is another thing: it gives an account every layer that it may see.
    """

    name: str
    title: Words
    source: str
    table: str
    fields: tuple[Field, ...]
    minzoom: int
    maxzoom: int
    cells: Cells | None = None
    rank: str = "0"
    where: str = ""
    where_at: str = ""
    zoom_where: str = ""
    min_pixels: tuple[tuple[int, float], ...] = ()
    snapped_below: int = 0
    buffer: int = 64
    named: str = ""
    permission: str = "picture.read"
    exported: bool = False

    @property
    def lowest(self) -> int:
        """The first zoom with tiles of any kind."""
        return 0 if self.cells else self.minzoom

    @property
    def hidden(self) -> str:
        """Name, in the tile, of the point that says how many features a full tile left out."""
        return f"{self.name}_hidden"

    @property
    def names(self) -> str:
        """Name, in the tile, of the points at which features are named."""
        return f"{self.name}_names"

    def smallest(self, z: int) -> float:
        """Return the area in square pixels below which a feature is left out at a zoom."""
        return next((area for zoom, area in reversed(self.min_pixels) if zoom <= z), 0)

    def fields_at(self, z: int) -> tuple[Field, ...]:
        """Return the fields that features have at a zoom."""
        return tuple(field for field in self.fields if field.minzoom <= z)
