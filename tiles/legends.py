"""Legends: how a layer's field becomes a colour, the same in the scene and beside the map.

Colours of quantities are one perceptually even ramp from slate to pale amber (dark means
little), legible for the colour-blind because lightness alone orders it; on a light ground another
ramp runs the other way, so that much stands out from the ground in both. Colours of kinds
follow the eight-colour set of Okabe and Ito (2008), toned down: a saturated colour on the
map means trouble, and only trouble.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from spatial.errors import NotFound
from tiles.layers import Words

Rgb = tuple[int, int, int]

NONE: Rgb = (112, 102, 80)
NONE_ON_LIGHT: Rgb = (176, 158, 126)
"""Of features without a value, on a dark ground (night, wall) and on a light one (day): the brown that the ramps do
not have, so that nothing known reads neither as little nor as much. Colour-blind people see the difference too."""


@dataclass(frozen=True)
class LegendClass:
    """One line of a legend: values from ``low`` up to before ``high``, or one ``value``."""

    color: Rgb
    label: Words
    low: float | None = None
    high: float | None = None
    value: str | None = None


@dataclass(frozen=True)
class Legend:
    """How one metric of a layer is coloured.

    Attributes:
        layer: name in the tile, of objects or of the cells that stand for them.
        metric: what the map is coloured by. field: the tile's property that says it.
        title, unit: words.
        classes: in order; the last is open above.
        missing: some features have no value; the legend then has a line for them.
        none: their colour.
        per_hectare: of a cell, the property is divided by the cell's area on the ground, so that the classes mean
            the same at every zoom.
    """

    layer: str
    metric: str
    field: str
    title: Words
    unit: Words
    classes: tuple[LegendClass, ...]
    per_hectare: bool = False
    missing: bool = False
    none: Rgb = NONE

    @property
    def categorical(self) -> bool:
        """True when the classes are kinds, not ranges."""
        return self.classes[0].value is not None

    def on_light(self) -> "Legend":
        """Return the legend in the colours for a light ground."""
        return replace(self, none=NONE_ON_LIGHT, classes=tuple(
            replace(line, color=ON_LIGHT.get(line.color, line.color)) for line in self.classes
        ))

    def as_json(self) -> dict[str, Any]:
        """Return the legend as JSON: ranges hold ``from`` and values up to before ``to``, kinds one ``value``.

        ``noData`` is the colour of features without a value, null where each has one.
        """
        return {
            "layer": self.layer,
            "metric": self.metric,
            "field": self.field,
            "title": self.title,
            "unit": self.unit,
            "perHectare": self.per_hectare,
            "noData": list(self.none) if self.missing else None,
            "classes": [
                {"from": line.low, "to": line.high, "value": line.value, "color": list(line.color), "label": line.label}
                for line in self.classes
            ],
        }


RAMP: tuple[Rgb, ...] = (
    (74, 86, 104), (72, 110, 138), (70, 136, 150), (98, 163, 146), (160, 188, 136), (226, 205, 138), (250, 232, 190),
)

RAMP_ON_LIGHT: tuple[Rgb, ...] = (
    (208, 212, 216), (172, 204, 204), (140, 190, 192), (88, 160, 174), (48, 124, 152), (26, 86, 124), (18, 50, 86),
)

ON_LIGHT = dict(zip(RAMP, RAMP_ON_LIGHT, strict=True))
"""The ramp's colours on a dark ground, and what stands for each on a light one."""


def ranges(breaks: tuple[float, ...], colors: tuple[Rgb, ...]) -> tuple[LegendClass, ...]:
    """Classes between breaks; the last is open above. A range of whole numbers is written a–b."""
    lines = []
    for (low, high), color in zip(pairwise((*breaks, None)), colors, strict=True):
        if high is None:
            text = f"≥ {low:,g}"
        elif high - low <= 1:
            text = f"{low:,g}"
        else:
            text = f"{low:,g}–{high - 1:,g}"
        lines.append(LegendClass(color, {"zh-CN": text, "en": text}, low=low, high=high))
    return tuple(lines)


def _densities(breaks: tuple[float, ...], colors: tuple[Rgb, ...]) -> tuple[LegendClass, ...]:
    """Classes between breaks of a quantity that is not counted in whole numbers; the first begins at 0."""
    lines = []
    for low, high, color in zip((0, *breaks), (*breaks, None), colors, strict=True):
        text = f"≥ {low:,g}" if high is None else f"{low:,g}–{high:,g}" if low else f"< {high:,g}"
        lines.append(LegendClass(color, {"zh-CN": text, "en": text}, low=low, high=high))
    return tuple(lines)


def _kinds(*kinds: tuple[str, str, str, Rgb]) -> tuple[LegendClass, ...]:
    return tuple(LegendClass(color, {"zh-CN": chinese, "en": english}, value=value)
                 for value, chinese, english, color in kinds)


STOREYS = ranges((0, 3, 6, 9, 12, 18, 27), RAMP)
METRES = ranges((0, 10, 20, 30, 45, 60, 100), RAMP)

LEGENDS: tuple[Legend, ...] = (
    Legend(
        "buildings", "residents", "residents", {"zh-CN": "居住人口", "en": "Residents"},
        {"zh-CN": "人", "en": "people"}, ranges((0, 1, 10, 30, 60, 120, 240), RAMP),
    ),
    Legend(
        "buildings", "floors", "floors", {"zh-CN": "层数", "en": "Storeys"},
        {"zh-CN": "层", "en": "storeys"}, STOREYS, missing=True,
    ),
    Legend(
        "buildings", "height", "drawn_height_m", {"zh-CN": "高度", "en": "Height"},
        {"zh-CN": "米", "en": "m"}, METRES,
    ),
    Legend(
        "buildings", "use", "use", {"zh-CN": "用途", "en": "Use"}, {"zh-CN": "", "en": ""},
        _kinds(
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
    ),
    Legend(
        "building_cells", "residents", "residents", {"zh-CN": "居住人口密度", "en": "Residents per hectare"},
        {"zh-CN": "人/公顷", "en": "people/ha"}, _densities((1, 20, 50, 100, 200, 400), RAMP), per_hectare=True,
    ),
    Legend(
        "building_cells", "floors", "floors", {"zh-CN": "平均层数", "en": "Mean storeys"},
        {"zh-CN": "层", "en": "storeys"}, STOREYS,
    ),
    Legend(
        "building_cells", "height", "drawn_height_m", {"zh-CN": "平均高度", "en": "Mean height"},
        {"zh-CN": "米", "en": "m"}, METRES,
    ),
    # Kinds have no mean: from afar the map shows how many buildings there are.
    Legend(
        "building_cells", "use", "buildings", {"zh-CN": "楼栋密度", "en": "Buildings per hectare"},
        {"zh-CN": "栋/公顷", "en": "per ha"}, _densities((0.5, 1, 2, 5, 10, 20), RAMP), per_hectare=True,
    ),
)


def legend(layer_name: str, metric: str) -> Legend:
    """Return the legend of a layer's metric.

    Raises:
        NotFound: no such metric; the message lists those that exist.
    """
    found = {entry.metric: entry for entry in LEGENDS if entry.layer == layer_name}
    try:
        return found[metric]
    except KeyError:
        raise NotFound(
            f"Layer {layer_name} has no metric {metric!r}.", f"Metrics: {', '.join(found)}."
        ) from None
