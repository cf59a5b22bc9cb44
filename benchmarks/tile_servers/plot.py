"""The plot of the results, as SVG, without a library of plots."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Series = Mapping[str, Mapping[int, float]]
"""By name of a server: value by zoom."""

WIDTH, HEIGHT = 460, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 34, 40
COLOURS = {"shapan": "#0b6bcb", "Martin": "#c2410c", "tipg": "#15803d", "nginx": "#6b7280"}
"""By the first word of a name; what has more words is dashed."""


def write(path: Path, panels: Sequence[tuple[str, str, Series]]) -> None:
    """Write an SVG with panels side by side.

    Args:
        path: where to.
        panels: title, unit of the ordinate, and the series; the ordinate is logarithmic, the abscissa the zoom.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [_panel(index * WIDTH, *panel) for index, panel in enumerate(panels)]
    names = list(dict.fromkeys(name for _, _, series in panels for name in series))
    lines = math.ceil(len(names) / 4)
    legend = "".join(_legend(index, name) for index, name in enumerate(names))
    width, height = WIDTH * len(panels), HEIGHT + 20 * lines + 6
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="sans-serif" font-size="12"><rect width="{width}" height="{height}" fill="#fff"/>'
        + "".join(parts) + legend + "</svg>\n", encoding="utf-8")


def _panel(left: float, title: str, unit: str, series: Series) -> str:
    values = [value for by_zoom in series.values() for value in by_zoom.values()]
    zooms = sorted({zoom for by_zoom in series.values() for zoom in by_zoom})
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)

    def at(zoom: int, value: float) -> tuple[float, float]:
        x = left + LEFT + (zoom - zooms[0]) / max(1, zooms[-1] - zooms[0]) * (WIDTH - LEFT - RIGHT)
        y = TOP + (high - math.log10(value)) / (high - low) * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)

    drawn = [f'<text x="{left + LEFT}" y="18" font-size="14" font-weight="bold">{escape(title)}</text>']
    for power in range(low, high + 1):
        x, y = at(zooms[0], 10.0**power)
        drawn.append(f'<path d="M{x} {y}H{left + WIDTH - RIGHT}" stroke="#ddd"/>'
                     f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{10.0**power:,g}</text>')
    for zoom in zooms:
        x, _ = at(zoom, 10.0**low)
        drawn.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">z{zoom}</text>')
    drawn.append(f'<text x="{left + LEFT}" y="{HEIGHT - 4}" fill="#555">{escape(unit)}</text>')
    for name, by_zoom in series.items():
        points = [at(zoom, value) for zoom, value in sorted(by_zoom.items())]
        drawn.append(f'<polyline points="{" ".join(f"{x},{y}" for x, y in points)}" fill="none" {_stroke(name)}/>')
        drawn += [f'<circle cx="{x}" cy="{y}" r="3" fill="{_colour(name)}"/>' for x, y in points]
    return "".join(drawn)


def _legend(index: int, name: str) -> str:
    x, y = LEFT + index % 4 * 215, HEIGHT + 14 + index // 4 * 20
    return (f'<path d="M{x} {y}h26" {_stroke(name)}/><text x="{x + 32}" y="{y + 4}">{escape(name)}</text>')


def _colour(name: str) -> str:
    return COLOURS.get(name.replace(",", " ").split()[0], "#7c3aed")


def _stroke(name: str) -> str:
    dash = ' stroke-dasharray="7 4"' if "," in name else ""
    return f'stroke="{_colour(name)}" stroke-width="2"{dash}'
