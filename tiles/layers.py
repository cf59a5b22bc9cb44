"""Every layer, declared once: source, fields, zooms, who may see what, legend.

Vector tiles, TileJSON, the base style, the scene, the browser's legend and the manual all
come from these declarations. To add a layer, add one here.
"""

from dataclasses import dataclass

from spatial.errors import NotFound
from spatial.queries.buildings import DRAWN_HEIGHT

Words = dict[str, str]
"""A text by language: keys ``zh-CN`` and ``en``."""

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
        sql: expression over the layer's source.
        description: what it is, with its unit.
        classed_sql: what roles without exact counts get instead; None: the same.
        minzoom: the zoom from which it is in the tile; nobody reads names of buildings from afar.
    """

    name: str
    kind: str
    sql: str
    description: str
    classed_sql: str | None = None
    minzoom: int = 0


@dataclass(frozen=True)
class Layer:
    """One layer of vector tiles.

    Attributes:
        name: layer name in URLs and tiles.
        title: what people call it.
        source: FROM clause; its first table has ``id``, ``geom_web`` and the row security.
        table: that first table, or its alias.
        fields: properties of the features.
        minzoom, maxzoom: zooms with tiles; beyond the last, clients enlarge it.
        where: further condition on rows; empty for none.
        zoom_where: condition for a zoom, with ``{z}`` for the zoom; empty for none. It must
            depend on a feature alone, so that both sides of a tile edge agree.
        min_pixels: from a zoom on, features whose area is below this many square pixels (tile
            of 512) are left out; pairs of zoom and area, by zoom.
        buffer: pixels of 4096 drawn beyond the tile's edge.
    """

    name: str
    title: Words
    source: str
    table: str
    fields: tuple[Field, ...]
    minzoom: int
    maxzoom: int
    where: str = ""
    zoom_where: str = ""
    min_pixels: tuple[tuple[int, float], ...] = ()
    buffer: int = 64

    def smallest(self, z: int) -> float:
        """Return the area in square pixels below which a feature is left out at a zoom."""
        return next((area for zoom, area in reversed(self.min_pixels) if zoom <= z), 0)

    def fields_at(self, z: int) -> tuple[Field, ...]:
        """Return the fields that features have at a zoom."""
        return tuple(field for field in self.fields if field.minzoom <= z)


RESIDENT_CLASS = """CASE WHEN coalesce(tally.residents, 0) >= 10 THEN 10
    WHEN tally.residents >= 5 THEN 5 WHEN tally.residents >= 1 THEN 1 ELSE 0 END"""

LAYERS: tuple[Layer, ...] = (
    Layer(
        "water", {"zh-CN": "水系", "en": "Water"}, "water", "water",
        (Field("class", "String", "water.class", "river, lake or pond"),
         Field("name", "String", "water.name", "name")),
        minzoom=8, maxzoom=16,
    ),
    Layer(
        "green", {"zh-CN": "绿地", "en": "Green"}, "green", "green",
        (Field("class", "String", "green.class", "park, lawn or woodland"),
         Field("name", "String", "green.name", "name")),
        minzoom=10, maxzoom=16, min_pixels=((10, 1), (15, 0)),
    ),
    Layer(
        "roads", {"zh-CN": "道路", "en": "Roads"}, "road", "road",
        (Field("class", "String", "road.class", "arterial, secondary, inner or path"),
         Field("name", "String", "road.name", "name"),
         Field("width_m", "Number", "road.width_m", "kerb to kerb, metres")),
        minzoom=9, maxzoom=16,
        zoom_where="({z} >= 15 OR road.class = 'arterial' OR ({z} >= 13 AND road.class IN ('secondary', 'inner')))",
    ),
    Layer(
        "areas", {"zh-CN": "区划", "en": "Areas"}, "area", "area",
        (Field("code", "String", "area.code", "12 digits"),
         Field("level", "String", "area.level", "county, street or community"),
         Field("name", "String", "area.name", "name"),
         Field("name_en", "String", "area.name_en", "name in English")),
        minzoom=6, maxzoom=16,
    ),
    Layer(
        "grids", {"zh-CN": "网格", "en": "Grids"}, "grid", "grid",
        (Field("code", "String", "grid.code", "15 digits"),
         Field("name", "String", "grid.name", "name"),
         Field("kind", "String", "grid.kind", "basic or special")),
        minzoom=11, maxzoom=16, where="grid.valid_to IS NULL",
    ),
    Layer(
        "buildings", {"zh-CN": "楼栋", "en": "Buildings"},
        "building LEFT JOIN building_tally AS tally ON tally.building_id = building.id", "building",
        (Field("code", "String", "building.code", "building code", minzoom=15),
         Field("name", "String", "building.name", "name", minzoom=15),
         Field("use", "String", "building.use", "use"),
         Field("height_m", "Number", DRAWN_HEIGHT, "height above its base that is drawn, metres"),
         Field("base_m", "Number", "building.base_m", "base above the datum, metres"),
         Field("floors", "Number", "building.floors_above", "storeys above ground"),
         Field("residents", "Number", "coalesce(tally.residents, 0)", "residents on record", RESIDENT_CLASS),
         Field("grid_code", "String", "building.grid_code", "grid, 15 digits", minzoom=15)),
        minzoom=13, maxzoom=16, min_pixels=((13, 6), (14, 1.5), (15, 0.5)),
    ),
    Layer(
        "facilities", {"zh-CN": "部件", "en": "Facilities"}, "facility", "facility",
        (Field("code", "String", "facility.code", "facility code"),
         Field("class_code", "String", "facility.class_code", "major and minor class"),
         Field("name", "String", "facility.name", "name"),
         Field("state", "String", "facility.state", "normal, damaged or missing")),
        minzoom=15, maxzoom=16,
    ),
    Layer(
        "devices", {"zh-CN": "设备", "en": "Devices"}, "device", "device",
        (Field("code", "String", "device.code", "device code"),
         Field("kind", "String", "device.kind", "kind"),
         Field("z_m", "Number", "device.z_m", "metres above the building's base")),
        minzoom=15, maxzoom=16,
    ),
    Layer(
        "places", {"zh-CN": "地名", "en": "Places"}, "place", "place",
        (Field("class", "String", "place.class", "what kind of place"),
         Field("name", "String", "place.name", "name"),
         Field("name_en", "String", "place.name_en", "name in English"),
         Field("rank", "Number", "place.rank", "the smaller, the earlier it is shown")),
        minzoom=10, maxzoom=16, buffer=256,
        zoom_where="place.rank <= greatest({z} - 10, 1)",
    ),
)

BY_NAME = {layer.name: layer for layer in LAYERS}


def layer(name: str) -> Layer:
    """Return a layer by its name.

    Raises:
        NotFound: no such layer; the message lists those that exist.
    """
    try:
        return BY_NAME[name]
    except KeyError:
        raise NotFound(f"There is no layer {name!r}.", f"Layers: {', '.join(BY_NAME)}.") from None
