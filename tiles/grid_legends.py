"""Legends of the figures by which grids and communities are coloured.

These figures stand in no tile: the browser puts them to the outlines by the code of each, so that a new alarm changes
a colour without a new tile. One ramp from the grey of what is as it should be to orange (trouble), even in lightness;
where much is good, as of entry rates, it runs the other way. What is unknown is not in trouble: it is hatched in a
quiet grey, and told by the hatching, not by the colour.
"""

from dataclasses import dataclass, replace
from typing import Any

from spatial.errors import NotFound
from tiles.layers import Words, words
from tiles.legend import Legend, LegendClass, Rgb, ranges

TROUBLE: tuple[Rgb, ...] = ((60, 67, 76), (94, 80, 76), (128, 94, 76), (168, 110, 72), (214, 134, 78))
TROUBLE_ON_LIGHT: tuple[Rgb, ...] = ((206, 212, 216), (236, 196, 160), (226, 152, 100), (196, 100, 54), (142, 54, 20))
UNKNOWN: Rgb = (150, 156, 164)
UNKNOWN_ON_LIGHT: Rgb = (104, 112, 120)

ON_LIGHT = dict(zip(TROUBLE, TROUBLE_ON_LIGHT, strict=True))


@dataclass(frozen=True)
class FigureLegend(Legend):
    """A legend in the ramp of this module. ``layer``: ``grids`` or ``communities``; ``field``: the figure's name."""

    none: Rgb = UNKNOWN

    def as_json(self) -> dict[str, Any]:
        """Return the legend as JSON; ``noDataHatched`` says that ``noData`` is the colour of a hatching."""
        return super().as_json() | {"noDataHatched": self.missing}

    def on_light(self) -> "FigureLegend":
        """Return the legend in the colours for a light ground."""
        return replace(self, none=UNKNOWN_ON_LIGHT, classes=tuple(
            replace(line, color=ON_LIGHT[line.color]) for line in self.classes))


def _shares(breaks: tuple[float, ...], colors: tuple[Rgb, ...]) -> tuple[LegendClass, ...]:
    """Classes of a share, 0.3 written as 30 %; the last is open above: more than all was declared too low."""
    lines = []
    for low, high, color in zip(breaks, (*breaks[1:], None), colors, strict=True):
        text = f"≥ {low:.0%}" if high is None else f"{low * 100:.0f}–{high:.0%}" if low else f"< {high:.0%}"
        lines.append(LegendClass(color, words(text, text), low=low, high=high))
    return tuple(lines)


RATE_CLASSES = (0.0, 0.6, 0.75, 0.9, 1.0)
"""The programmes ask for 60 % in the pilot year; most places lie between that and all, where they are told apart."""

TITLES: dict[str, tuple[Words, Words]] = {
    "entry_rate": (words("录入率", "Entry rate"), words("", "")),
    "events_open": (words("未办结事件", "Open events"), words("件", "events")),
    "tasks_overdue": (words("超期任务", "Overdue tasks"), words("件", "tasks")),
    "alarms": (words("未关闭告警", "Open alarms"), words("件", "alarms")),
}
"""The figures, and the words for each and for what is counted."""

COUNT_CLASSES: dict[str, dict[str, tuple[float, ...]]] = {
    "grids": {"events_open": (0, 1, 4, 8, 16), "tasks_overdue": (0, 1, 4, 8, 16), "alarms": (0, 1, 2, 5, 10)},
    # Some ten grids make a community.
    "communities": {"events_open": (0, 1, 16, 32, 64), "tasks_overdue": (0, 1, 16, 32, 64),
                    "alarms": (0, 1, 5, 15, 40)},
}


def _legend(layer: str, figure: str) -> FigureLegend:
    title, unit = TITLES[figure]
    if figure == "entry_rate":
        return FigureLegend(layer, figure, figure, title, unit, _shares(RATE_CLASSES, TROUBLE[::-1]), missing=True)
    return FigureLegend(layer, figure, figure, title, unit, ranges(COUNT_CLASSES[layer][figure], TROUBLE))


GRID_LEGENDS: tuple[FigureLegend, ...] = tuple(
    _legend(layer, figure) for layer in COUNT_CLASSES for figure in TITLES)


def grid_legend(layer: str, figure: str) -> FigureLegend:
    """Return how a figure colours a layer.

    Raises:
        NotFound: no such figure; the message lists those that exist.
    """
    if figure not in TITLES:
        raise NotFound(f"Grids have no figure {figure!r}.", f"Figures: {', '.join(TITLES)}.")
    return next(one for one in GRID_LEGENDS if (one.layer, one.metric) == (layer, figure))
