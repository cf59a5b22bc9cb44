"""Make one face of several."""

from collections.abc import Iterable

import shapely

from spatial.coverage.cutting import known, pieces_of
from spatial.coverage.model import Coverage, Edit, Refused
from spatial.coverage.rings import edges_of, polygon_of
from spatial.coverage.weave import weave
from spatial.geometry import Area, doubled_area


def merge(coverage: Coverage, faces: Iterable[int], into: int) -> Edit:
    """Make one face of several that lie side by side.

    Args:
        faces: two at least.
        into: which of them stays.

    Raises:
        Refused: ``unknown-face``, ``one-face`` or ``not-neighbours``: a common corner makes no neighbours.
    """
    numbers = sorted(known(coverage, [*faces, into]))
    if len(numbers) < 2:
        raise Refused(
            "one-face", "One grid alone cannot be merged.", "Choose two neighbouring grids at least.", None, numbers
        )
    shapes = {number: coverage.faces[number] for number in numbers}
    merged = polygon_of(edge for shape in shapes.values() for edge in edges_of(shape))
    woven, outline = {}, None
    if not _together(shapes) or merged is None or doubled_area(merged) != sum(map(doubled_area, shapes.values())):
        merged, woven, outline, shapes = _woven(coverage, shapes)
        if not _together(shapes):
            apart = [number for number in numbers if number not in _reached(shapes, into)]
            raise Refused(
                "not-neighbours",
                "These grids are no neighbours: they have no edge in common.",
                "Choose grids that lie side by side.",
                shapely.MultiPolygon([part for number in apart for part in shapely.get_parts(coverage.faces[number])]),
                apart,
            )
    return Edit({**woven, **dict.fromkeys(numbers), into: merged}, outline)


def _woven(coverage: Coverage, shapes: dict[int, Area]) -> tuple[Area, dict[int, Area], Area | None, dict[int, Area]]:
    """Return faces of an imported plan, whose edges do not match, as one: each place of any of them, once."""
    woven = weave(coverage, [ring for shape in shapes.values() for ring in shapely.get_rings(shapely.get_parts(shape))])
    noded = {number: woven.faces.get(number, shape) for number, shape in shapes.items()}
    once = {atom.normalize().wkb: atom for shape in noded.values() for atom in pieces_of(shape, woven.lines)}
    merged = polygon_of(edge for atom in once.values() for edge in edges_of(atom))
    return merged, woven.faces, woven.outline, noded


def _together(shapes: dict[int, Area]) -> bool:
    return len(_reached(shapes, next(iter(shapes)))) == len(shapes)


def _reached(shapes: dict[int, Area], first: int) -> set[int]:
    """Return the faces that can be gone to from one of them across common edges."""
    ways = {number: {(min(edge), max(edge)) for edge in edges_of(shape)} for number, shape in shapes.items()}
    reached, waiting = {first}, [first]
    while waiting:
        here = ways[waiting.pop()]
        new = [number for number in ways if number not in reached and ways[number] & here]
        reached.update(new)
        waiting += new
    return reached
