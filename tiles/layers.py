"""Every layer, declared once: source, fields, zooms, who may see what, legend.

Vector tiles, TileJSON, the base style, the scene, the browser's legend and the manual all
come from these declarations. To add a layer, add one here, and a migration by which every table that it reads tells
of its changes from the layer's first zoom on (``shapan_tells_tiles``, see migration 0013): without it tiles in memory
stay as they were. Alarms, keepers and rooms have none: live state comes with the stream, persons and homes are in no
tile.
"""

from spatial.errors import NotFound
from spatial.queries.building_metrics import CELL_ENTRY_RATE, CELL_VACANCY, DENSITY, ENTRY_RATE, VACANCY, cell_density
from spatial.queries.buildings import DRAWN_HEIGHT
from tiles.classed import (
    CELL_RESIDENT_CLASS,
    CELL_RESIDENTS_BY_AREA,
    CELL_VACANCY_CLASS,
    DENSITY_CLASS,
    RESIDENT_CLASS,
    VACANCY_CLASS,
)
from tiles.declaration import CLASSED, EXACT, Cells, Field, Layer, Words, words

__all__ = ["BY_NAME", "CLASSED", "EXACT", "LAYERS", "Cells", "Field", "Layer", "Words", "layer"]

LAYERS: tuple[Layer, ...] = (
    Layer(
        "water", {"zh-CN": "水系", "en": "Water"}, "water", "water",
        (Field("class", "String", "water.class", words("河流、湖泊或池塘", "river, lake or pond")),
         Field("name", "String", "water.name", words("名称", "name"), own=True)),
        minzoom=8, maxzoom=16, snapped_below=14, rank="ST_Area(water.geom_web)",
        exported=True,
    ),
    Layer(
        "green", {"zh-CN": "绿地", "en": "Green"}, "green", "green",
        (Field("class", "String", "green.class", words("公园、草地或林地", "park, lawn or woodland")),
         Field("name", "String", "green.name", words("名称", "name"), own=True)),
        minzoom=10, maxzoom=16, min_pixels=((10, 1), (15, 0)), snapped_below=14, rank="ST_Area(green.geom_web)",
        exported=True,
    ),
    Layer(
        "roads", {"zh-CN": "道路", "en": "Roads"}, "road", "road",
        (Field("class", "String", "road.class",
               words("主干路、次干路、内部道路或小路", "arterial, secondary, inner or path")),
         Field("name", "String", "road.name", words("名称", "name"), own=True),
         Field("width_m", "Number", "road.width_m", words("路缘之间的宽度，米", "kerb to kerb, metres"))),
        minzoom=9, maxzoom=16, snapped_below=14,
        rank="CASE road.class WHEN 'arterial' THEN 3 WHEN 'secondary' THEN 2 WHEN 'inner' THEN 1 ELSE 0 END",
        zoom_where="(%(z)s >= 15 OR road.class = 'arterial' OR (%(z)s >= 13 AND road.class IN ('secondary', 'inner')))",
        exported=True,
    ),
    Layer(
        "areas", {"zh-CN": "区划", "en": "Areas"}, "area", "area",
        (Field("code", "String", "area.code", words("12 位代码", "12 digits"), own=True),
         Field("level", "String", "area.level", words("区县、街道或社区", "county, street or community")),
         Field("name", "String", "area.name", words("名称", "name"), own=True),
         Field("name_en", "String", "area.name_en", words("英文名称", "name in English"), own=True)),
        minzoom=6, maxzoom=16, snapped_below=14, rank="ST_Area(area.geom_web)",
        exported=True,
    ),
    Layer(
        "grids", {"zh-CN": "网格", "en": "Grids"}, "grid", "grid",
        (Field("code", "String", "grid.code", words("15 位代码", "15 digits"), own=True),
         Field("name", "String", "grid.name", words("名称", "name"), own=True),
         Field("kind", "String", "grid.kind", words("基础网格或专属网格", "basic or special"))),
        minzoom=11, maxzoom=16, snapped_below=14, rank="ST_Area(grid.geom_web)", named="code",
        where="grid.valid_to IS NULL",
        where_at="grid.valid_from <= %(at)s AND %(at)s < coalesce(grid.valid_to, 'infinity')",
        exported=True,
    ),
    Layer(
        "buildings", {"zh-CN": "楼栋", "en": "Buildings"},
        "building LEFT JOIN building_tally AS tally ON tally.building_id = building.id", "building",
        (Field("code", "String", "building.code", words("楼栋编码", "building code"), minzoom=15, own=True),
         Field("name", "String", "building.name", words("名称", "name"), minzoom=15, own=True),
         Field("use", "String", "building.use", words("用途", "use")),
         Field("height_m", "Number", "building.height_m",
               words("登记的高度（自底面起），米；没有登记时，要素中为空值，瓦片中不出现",
                     "height above its base on record, metres; without one null in features, absent in tiles"),
               minzoom=15),
         Field("drawn_height_m", "Number", DRAWN_HEIGHT,
               words("绘制的高度（自底面起），米：登记的高度；没有则每层 3 米；层数也没有则 3 米",
                     "height above its base that is drawn, metres: the one on record, else 3 m a storey, else 3 m")),
         Field("base_m", "Number", "building.base_m", words("底面高程，米", "base above the datum, metres"), own=True),
         Field("floors", "Number", "building.floors_above", words("地上层数", "storeys above ground")),
         Field("residents", "Number", "coalesce(tally.residents, 0)",
               words("登记居民数", "residents on record"), RESIDENT_CLASS),
         Field("density", "Number", DENSITY,
               words("居住密度：每 1000 平方米建筑面积（基底面积 × 地上层数）的登记居民数，向下取整；层数未登记则无；"
                     "分级显示人数的角色只在无人居住时得到 0",
                     "residents on record per 1,000 m² of floor area (footprint by storeys above ground), rounded "
                     "down; none without storeys; with counts in classes only a 0 where nobody lives"), DENSITY_CLASS),
         Field("entry_rate", "Number", ENTRY_RATE,
               words("房屋录入率：必填项齐全的户室占应录户室的百分比，向下取整；没有应录总数则无",
                     "rooms with all required fields of the rooms declared, per cent rounded down; none where nobody "
                     "has declared any")),
         Field("vacancy", "Number", VACANCY,
               words("空置率：没有登记住户的住宅户室占登记住宅户室的百分比，向下取整；没有登记住宅户室则无；"
                     "分级显示人数的角色得到所在级的下限，不足 20 户的楼栋没有",
                     "dwellings without a household on record of the dwellings on record, per cent rounded down; none "
                     "where no dwelling is; with counts in classes the class's lower end, from 20 dwellings on"),
               VACANCY_CLASS),
         Field("grid_code", "String", "building.grid_code", words("所属网格，15 位代码", "grid, 15 digits"),
               minzoom=15)),
        minzoom=13, maxzoom=16, min_pixels=((13, 6), (14, 1.5), (15, 0.5)), rank="ST_Area(building.geom_web)",
        cells=Cells(
            "building_cells", {"zh-CN": "楼栋汇总", "en": "Buildings by cell"}, "building_cell",
            (Field("buildings", "Number", "sum(cell.buildings)", words("单元格内的楼栋数", "buildings in the cell")),
             Field("residents", "Number", "sum(cell.residents)",
                   words("单元格内的登记居民数", "residents on record in the cell"),
                   CELL_RESIDENT_CLASS),
             Field("drawn_height_m", "Number", "round(sum(cell.height_sum_m) / sum(cell.buildings) * 10) / 10",
                   words("绘制高度的平均值，米", "mean height that is drawn, metres")),
             Field("floors", "Number",
                   "round(sum(cell.floors_sum) * 10.0::float8 / nullif(sum(cell.floors_known), 0)) / 10",
                   words("平均地上层数（仅计有层数登记的楼栋）",
                         "mean storeys above ground of buildings where they are on record")),
             Field("density", "Number", cell_density("sum(cell.residents_by_area)"),
                   words("居住密度：层数已登记的楼栋的居民数合计除以建筑面积合计（千平方米）",
                         "residents by 1,000 m² of floor area, sum by sum, of buildings whose storeys are on record"),
                   cell_density(CELL_RESIDENTS_BY_AREA)),
             Field("entry_rate", "Number", CELL_ENTRY_RATE,
                   words("房屋录入率：有应录总数的楼栋合计，百分比",
                         "housing entry rate, per cent, sum by sum, of buildings whose rooms were declared")),
             Field("vacancy", "Number", CELL_VACANCY,
                   words("空置率：空置住宅户室合计除以登记住宅户室合计，百分比",
                         "vacant dwellings by dwellings on record, per cent, sum by sum"), CELL_VACANCY_CLASS))),
        exported=True,
    ),
    Layer(
        "units", {"zh-CN": "单元", "en": "Units"}, "unit", "unit",
        (Field("building_id", "Number", "unit.building_id", words("楼栋的 id", "the building's id")),
         Field("number", "String", "unit.number", words("单元号", "number of the unit")),
         Field("floors", "Number", "unit.floors", words("通达的层数", "storeys that it reaches"))),
        minzoom=16, maxzoom=16,
        exported=True,
    ),
    Layer(
        "organisations", {"zh-CN": "组织", "en": "Organisations"}, "organisation", "organisation",
        (Field("code", "String", "organisation.code",
               words("统一社会信用代码，18 位", "unified social credit code, 18 characters"), own=True),
         Field("name", "String", "organisation.name", words("名称", "name"), own=True),
         Field("industry", "String", "organisation.industry", words("行业", "industry")),
         Field("building_id", "Number", "organisation.building_id", words("楼栋的 id", "the building's id"))),
        minzoom=15, maxzoom=16,
    ),
    Layer(
        "facilities", {"zh-CN": "部件", "en": "Facilities"}, "facility", "facility",
        (Field("code", "String", "facility.code", words("部件编码", "facility code"), own=True),
         Field("class_code", "String", "facility.class_code", words("大类与小类代码", "major and minor class")),
         Field("name", "String", "facility.name", words("名称", "name"), own=True),
         Field("state", "String", "facility.state", words("完好、破损或丢失", "normal, damaged or missing"))),
        minzoom=15, maxzoom=16, rank="(facility.state <> 'normal')::int",
        exported=True,
    ),
    Layer(
        "devices", {"zh-CN": "设备", "en": "Devices"}, "device", "device",
        (Field("code", "String", "device.code", words("设备编码", "device code"), own=True),
         Field("kind", "String", "device.kind", words("类型", "kind")),
         Field("name", "String", "device.name", words("名称", "name"), own=True),
         Field("building_id", "Number", "device.building_id",
               words("楼栋的 id；室外没有", "the building's id; none outdoors")),
         Field("floor", "Number", "device.floor", words("楼层；室外没有", "storey; none outdoors")),
         Field("z_m", "Number", "device.z_m", words("高出楼栋底面的米数", "metres above the building's base"))),
        permission="devices.read",
        minzoom=15, maxzoom=16,
    ),
    Layer(
        # Neither the title nor the place in words: people write names and telephones into both.
        "events", {"zh-CN": "事件", "en": "Events"}, "event", "event",
        (Field("code", "String", "event.code", words("事件编号", "event code"), own=True),
         Field("class_code", "String", "event.class_code", words("大类与小类代码", "major and minor class")),
         Field("origin", "String", "event.origin",
               words("来源：巡查、12345、设备或居民", "patrol, 12345, device or resident")),
         Field("state", "String", "event.state",
               words("待派遣 open、已派遣 dispatched、已受理 accepted、已退回 rejected、已办结 done 或已结案 closed",
                     "open, dispatched, accepted, rejected, done or closed")),
         Field("occurred_at", "Number", "extract(epoch FROM event.occurred_at)::bigint",
               words("发生时间，1970 年起的秒数", "when it occurred, seconds since 1970"), own=True),
         Field("deadline", "Number", "extract(epoch FROM event.deadline)::bigint",
               words("办结期限，1970 年起的秒数", "when it must be done, seconds since 1970"), own=True),
         Field("building_id", "Number", "event.building_id",
               words("楼栋的 id；室外没有", "the building's id; none outdoors"))),
        permission="events.read",
        minzoom=14, maxzoom=16,
        # What is not done comes first; then the latest. 10¹¹ seconds are more than three thousand years.
        rank="(event.state NOT IN ('done', 'closed'))::int * 1e11 + date_part('epoch', event.occurred_at)",
        cells=Cells(
            "event_cells", {"zh-CN": "事件汇总", "en": "Events by cell"}, "event_cell",
            (Field("events", "Number", "sum(cell.events)", words("单元格内的事件数", "events in the cell")),
             Field("open", "Number", "sum(cell.open)", words("其中未办结的", "those that are not done")))),
    ),
    Layer(
        "places", {"zh-CN": "地名", "en": "Places"}, "place", "place",
        (Field("class", "String", "place.class", words("地名类别", "what kind of place")),
         Field("name", "String", "place.name", words("名称", "name"), own=True),
         Field("name_en", "String", "place.name_en", words("英文名称", "name in English"), own=True),
         Field("rank", "Number", "place.rank", words("数值越小，越先显示", "the smaller, the earlier it is shown"))),
        minzoom=10, maxzoom=16, buffer=240, rank="-place.rank",
        zoom_where="place.rank <= greatest(%(z)s - 10, 1)",
        exported=True,
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
