"""What a legend is: how a layer's field becomes a colour, the same in the scene and beside the map.

Colours of quantities are one perceptually even ramp from slate to pale amber (dark means
little), legible for the colour-blind because lightness alone orders it; on a light ground another
ramp runs the other way, so that much stands out from the ground in both. Colours of kinds
follow the eight-colour set of Okabe and Ito (2008), toned down: a saturated colour on the
map means trouble, and only trouble. Open alarms are such: their legend (``live``) has no colours of its own, because
they are in no tile; the page takes the shapes and colours of severities from its own tokens.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from tiles.declaration import Words

Rgb = tuple[int, int, int]

NONE: Rgb = (112, 102, 80)
NONE_ON_LIGHT: Rgb = (176, 158, 126)
"""Of features without a value, on a dark ground (night, wall) and on a light one (day): the brown that the ramps do
not have, so that nothing known reads neither as little nor as much. Colour-blind people see the difference too."""

PLAIN: Rgb = (92, 100, 110)
PLAIN_ON_LIGHT: Rgb = (190, 197, 203)
"""Of all features where only live state is to stand out."""


@dataclass(frozen=True)
class LegendClass:
    """One line of a legend: values from ``low`` up to before ``high``, or one ``value``; live ones have no colour."""

    color: Rgb | None
    label: Words
    low: float | None = None
    high: float | None = None
    value: str | None = None


@dataclass(frozen=True)
class Legend:
    """How one metric of a layer is coloured.

    Attributes:
        layer: name in the tile, of objects or of the cells that stand for them.
        metric: what the map is coloured by.
        field: the tile's property that says it; None of a live one, which the stream tells.
        title, unit: words.
        classes: in order; the last is open above.
        missing: some features have no value; the legend then has a line for them.
        none: their colour.
        none_label: why they have none; None for just "no data".
        note: what else is to be known about the numbers: a formula, a target.
        per_hectare: of a cell, the property is divided by the cell's area on the ground, so that the classes mean
            the same at every zoom.
    """

    layer: str
    metric: str
    field: str | None
    title: Words
    unit: Words
    classes: tuple[LegendClass, ...]
    per_hectare: bool = False
    missing: bool = False
    none: Rgb = NONE
    none_label: Words | None = None
    note: Words | None = None

    @property
    def live(self) -> bool:
        """True of what is in no tile: all features have one grey, and the page draws over it what the stream tells."""
        return self.field is None

    @property
    def categorical(self) -> bool:
        """True when the classes are kinds, not ranges."""
        return self.classes[0].value is not None

    def on_light(self) -> "Legend":
        """Return the legend in the colours for a light ground."""
        return replace(self, none=PLAIN_ON_LIGHT if self.live else NONE_ON_LIGHT, classes=tuple(
            replace(line, color=line.color and ON_LIGHT.get(line.color, line.color)) for line in self.classes
        ))

    def as_json(self) -> dict[str, Any]:
        """Return the legend as JSON: ranges hold ``from`` and values up to before ``to``, kinds one ``value``.

        ``noData`` is the colour of features without a value, null where each has one. Of a live legend the values are
        severities, and their colours null.
        """
        return {
            "layer": self.layer,
            "metric": self.metric,
            "field": self.field,
            "title": self.title,
            "unit": self.unit,
            "perHectare": self.per_hectare,
            "live": self.live,
            "noData": list(self.none) if self.missing else None,
            "noDataLabel": self.none_label,
            "note": self.note,
            "classes": [
                {"from": line.low, "to": line.high, "value": line.value, "color": line.color and list(line.color),
                 "label": line.label}
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


def densities(breaks: tuple[float, ...], colors: tuple[Rgb, ...]) -> tuple[LegendClass, ...]:
    """Classes between breaks of a quantity that is not counted in whole numbers; the first begins at 0."""
    lines = []
    for low, high, color in zip((0, *breaks), (*breaks, None), colors, strict=True):
        text = f"≥ {low:,g}" if high is None else f"{low:,g}–{high:,g}" if low else f"< {high:,g}"
        lines.append(LegendClass(color, {"zh-CN": text, "en": text}, low=low, high=high))
    return tuple(lines)


def kinds(*known: tuple[str, str, str, Rgb]) -> tuple[LegendClass, ...]:
    """Classes of a closed list: code, Chinese, English, colour of each."""
    return tuple(LegendClass(color, {"zh-CN": chinese, "en": english}, value=value)
                 for value, chinese, english, color in known)


def per_cent(breaks: tuple[int, ...], colors: tuple[Rgb, ...]) -> tuple[LegendClass, ...]:
    """Classes of whole per cent that never exceed a hundred."""
    *lines, last = ranges(breaks, colors)
    text = f"{breaks[-1]}–100"
    return (*lines, replace(last, label={"zh-CN": text, "en": text}))
