"""Every legend: of each metric that buildings may be coloured by, near (buildings) and from afar (their cells)."""

from dataclasses import replace

from spatial.errors import NotFound
from spatial.rules.alarms import SEVERITIES
from tiles.classed import FEWEST_DWELLINGS, RESIDENT_BREAKS, VACANCY_BREAKS
from tiles.declaration import Words, words
from tiles.layers import CLASSED, EXACT
from tiles.legend import PLAIN, RAMP, Legend, LegendClass, densities, kinds, per_cent, ranges

STOREYS = ranges((0, 3, 6, 9, 12, 18, 27), RAMP)
METRES = ranges((0, 10, 20, 30, 45, 60, 100), RAMP)
PEOPLE = words("人", "people")
PER_CENT = words("%", "%")

RESIDENTS = Legend(
    "buildings", "residents", "residents", words("居住人口", "Residents"), PEOPLE,
    ranges((0, 1, 10, 30, 60, 120, 240), RAMP),
)
DENSITY = Legend(
    "buildings", "density", "density", words("居住密度", "Residents by floor area"),
    words("人/千平方米", "per 1,000 m²"), ranges((0, 1, 10, 20, 30, 40, 60), RAMP), missing=True,
    none_label=words("层数未登记", "Storeys not on record"),
    note=words("登记居民 ÷ 建筑面积（基底面积 × 地上层数）",
               "Residents on record by floor area (footprint × storeys above ground)"),
)
ENTRY_RATE = Legend(
    "buildings", "entry_rate", "entry_rate", words("房屋录入率", "Rooms entered"), PER_CENT,
    ranges((0, 20, 40, 60, 80, 90, 100), RAMP), missing=True, none_label=words("未申报应录总数", "No total declared"),
    note=words("必填项齐全的户室 ÷ 申报的应录户室；试点方案要求首年达到 60%",
               "Rooms with all required fields by rooms declared; the pilot programmes ask for 60% in the first year"),
)
VACANCY = Legend(
    "buildings", "vacancy", "vacancy", words("空置率", "Vacancy"), PER_CENT, per_cent(VACANCY_BREAKS, RAMP),
    missing=True, none_label=words("没有住宅户室登记", "No dwelling on record"),
    note=words("没有登记住户的住宅户室 ÷ 登记的住宅户室",
               "Dwellings without a household on record by dwellings on record"),
)
SEVERITY_WORDS: dict[str, Words] = {
    "critical": words("紧急", "Critical"), "major": words("重要", "Major"), "minor": words("次要", "Minor"),
    "warning": words("警告", "Warning"), "info": words("提示", "Info"),
}
ALARMS = Legend(
    "buildings", "alarms", None, words("告警状态", "Open alarms"), words("栋", "buildings"),
    tuple(LegendClass(None, SEVERITY_WORDS[name], value=name) for name in SEVERITIES), missing=True, none=PLAIN,
    none_label=words("无未关闭告警", "No open alarm"),
    note=words("按楼内最急的一条未关闭告警：先未确认，再按级别",
               "By the most urgent open alarm of a building: unacknowledged first, then by severity"),
)
FLOORS = Legend(
    "buildings", "floors", "floors", words("层数", "Storeys"), words("层", "storeys"), STOREYS, missing=True,
)
HEIGHT = Legend("buildings", "height", "drawn_height_m", words("高度", "Height"), words("米", "m"), METRES)
USE = Legend(
    "buildings", "use", "use", words("用途", "Use"), words("", ""),
    kinds(
        ("residential", "住宅", "Residential", (176, 164, 140)),
        ("commercial", "商业", "Commercial", (200, 148, 96)),
        ("office", "办公", "Office", (104, 146, 184)),
        ("school", "学校", "School", (196, 178, 92)),
        ("hospital", "医院", "Hospital", (178, 124, 150)),
        ("market", "市场", "Market", (168, 120, 96)),
        ("industrial", "工业", "Industrial", (128, 120, 152)),
        ("public", "公共服务", "Public", (96, 160, 142)),
        ("other", "其他", "Other", (112, 120, 130)),
    ),
)


def from_afar(legend: Legend) -> Legend:
    """Return the legend of cells where theirs is that of buildings: a rate of a cell is sum by sum."""
    return replace(legend, layer="building_cells")


LEGENDS: tuple[Legend, ...] = (
    RESIDENTS, DENSITY, ENTRY_RATE, VACANCY, ALARMS, USE, HEIGHT, FLOORS,
    Legend(
        "building_cells", "residents", "residents", words("居住人口密度", "Residents per hectare"),
        words("人/公顷", "people/ha"), densities((1, 20, 50, 100, 200, 400), RAMP), per_hectare=True,
    ),
    from_afar(DENSITY), from_afar(ENTRY_RATE), from_afar(VACANCY), from_afar(ALARMS),
    # Kinds have no mean: from afar the map shows how many buildings there are.
    Legend(
        "building_cells", "use", "buildings", words("楼栋密度", "Buildings per hectare"), words("栋/公顷", "per ha"),
        densities((0.5, 1, 2, 5, 10, 20), RAMP), per_hectare=True,
    ),
    Legend("building_cells", "height", "drawn_height_m", words("平均高度", "Mean height"), words("米", "m"), METRES),
    Legend("building_cells", "floors", "floors", words("平均层数", "Mean storeys"), words("层", "storeys"), STOREYS,
           missing=True, none_label=words("层数未登记", "Storeys not on record")),
)

FEW = words(f"不足 {FEWEST_DWELLINGS} 户，或没有登记", f"Fewer than {FEWEST_DWELLINGS} dwellings, or none on record")

IN_CLASSES: tuple[Legend, ...] = (
    replace(RESIDENTS, classes=ranges(RESIDENT_BREAKS, RAMP[::2])),
    replace(DENSITY, classes=ranges((0, 1), RAMP[::6])[:1],
            none_label=words("有人居住（人数分级显示时不给出），或层数未登记",
                             "Lived in (not told where counts are in classes), or storeys not on record")),
    replace(VACANCY, none_label=FEW),
    from_afar(replace(VACANCY, none_label=FEW)),
)
"""Legends of roles that get classes instead of counts, where they differ (``tiles/classed.py``)."""


def of(field_class: str) -> tuple[Legend, ...]:
    """Return all legends for a role's field class, in the order of ``LEGENDS``."""
    other = {(entry.layer, entry.metric): entry for entry in IN_CLASSES} if field_class == CLASSED else {}
    return tuple(other.get((entry.layer, entry.metric), entry) for entry in LEGENDS)


def legend(layer_name: str, metric: str, field_class: str = EXACT) -> Legend:
    """Return the legend of a layer's metric, for a role's field class.

    Raises:
        NotFound: no such metric; the message lists those that exist.
    """
    found = {entry.metric: entry for entry in of(field_class) if entry.layer == layer_name}
    try:
        return found[metric]
    except KeyError:
        raise NotFound(
            f"Layer {layer_name} has no metric {metric!r}.", f"Metrics: {', '.join(found)}."
        ) from None
