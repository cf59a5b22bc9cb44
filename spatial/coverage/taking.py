"""Give ground to one face and take it off all others: a new face, a gap, an overlap."""

import shapely
from shapely import Polygon

from spatial.coverage.cutting import pieces_of
from spatial.coverage.model import Coverage, Edit, Refused
from spatial.coverage.rings import edges_of, polygon_of
from spatial.coverage.weave import weave
from spatial.geometry import Area


def create(coverage: Coverage, polygon: Area, face: int) -> Edit:
    """Cut a new face out of those under a polygon, and of uncovered ground; what lies outside the outline is left out.

    Args:
        polygon: lattice units.
        face: a number that the plan does not have.

    Raises:
        Refused: ``crosses-itself``, ``outside``, ``taken`` (the number), ``nothing-new`` or ``too-fine``.
    """
    if face in coverage.faces:
        raise Refused("taken", "The number of the new grid is taken.", "Load the plan again.", None, [face])
    edit = take(coverage, polygon, face)
    gone = [number for number, shape in edit.faces.items() if shape is None]
    if len(gone) == 1 and edit.faces[face].equals(coverage.faces[gone[0]]):
        raise Refused(
            "nothing-new",
            "The polygon is the whole of one grid.",
            "Rename that grid, or draw a part of it.",
            coverage.faces[gone[0]],
            gone,
        )
    return edit


def give(coverage: Coverage, piece: Area, to: int) -> Edit:
    """Give a piece of ground, such as a gap or an overlap, to one face alone.

    Args:
        piece: lattice units.
        to: the face that has it afterwards.

    Raises:
        Refused: as ``create``; ``unknown-face``; ``nothing-new``; ``not-neighbours`` where the piece lies apart from
        the face.
    """
    if to not in coverage.faces:
        raise Refused("unknown-face", "The plan has no such grid (any more).", "Load the plan again.", piece, [to])
    edit = take(coverage, piece, to)
    if len(shapely.get_parts(edit.faces[to])) > len(shapely.get_parts(coverage.faces[to])):
        raise Refused(
            "not-neighbours",
            "The piece does not lie beside the grid that it is to be given to.",
            "Give it to a grid that it touches along an edge.",
            piece,
            [to],
        )
    return edit


def take(coverage: Coverage, polygon: Area, face: int) -> Edit:
    """Return the edit after which ground belongs to one face, which may be a new one, and to no other."""
    polygon = _polygon(polygon)
    if not shapely.relate_pattern(polygon, coverage.outline, "2********"):
        raise Refused(
            "outside", "The polygon lies outside the community.", "Draw it inside the community's outline.", polygon
        )
    rings = list(shapely.get_rings(shapely.get_parts(polygon)))
    woven = weave(coverage, rings)
    drawn = woven.lines
    outline = coverage.outline if woven.outline is None else woven.outline
    inside = polygon_of(edge for line in drawn for edge in zip(line[:-1], line[1:], strict=True))
    if inside is None:
        raise Refused("too-fine", "The polygon is thinner than a millimetre.", "Draw a larger one.", polygon)
    ground = [piece for piece in pieces_of(outline, drawn) if _in(piece, inside)]
    if not ground:
        raise Refused(
            "outside", "The polygon lies outside the community.", "Draw it inside the community's outline.", polygon
        )
    changed: dict[int, Area | None] = dict(woven.faces)
    before = woven.faces.get(face, coverage.faces.get(face))
    own = [] if before is None else list(shapely.get_parts(before))
    lost = False
    for number in coverage.near(inside):
        shape = woven.faces.get(number, coverage.faces[number])
        pieces = pieces_of(shape, drawn)
        outside = [piece for piece in pieces if not _in(piece, inside)]
        if number == face:
            own = outside
        elif len(outside) < len(pieces):
            changed[number] = joined(outside)
            lost = True
    taken = joined([*ground, *own])
    if before is not None and taken.equals(before) and not lost:
        raise Refused(
            "nothing-new", "The piece belongs to this grid alone already.", "Choose another grid.", polygon, [face]
        )
    changed[face] = taken
    return Edit(changed, woven.outline)


def joined(pieces: list[Polygon]) -> Area | None:
    """Return polygons that meet at nodes and do not overlap as one; None of none."""
    return polygon_of(edge for piece in pieces for edge in edges_of(piece))


def _in(piece: Polygon, area: Area) -> bool:
    """Tell whether a piece that no boundary of an area crosses lies in it."""
    return bool(shapely.contains_properly(area, shapely.point_on_surface(piece)))


def _polygon(polygon: Area) -> Area:
    """Return a polygon oriented, or refuse it."""
    if polygon.is_empty or polygon.geom_type not in ("Polygon", "MultiPolygon"):
        raise Refused("no-area", "The polygon has no area.", "Click at three places at least, not in one line.")
    if not polygon.is_valid:
        raise Refused(
            "crosses-itself",
            f"The polygon crosses itself ({shapely.is_valid_reason(polygon).split('[')[0]}).",
            "Draw it without a loop.",
            polygon,
        )
    return shapely.orient_polygons(polygon)


def trim(coverage: Coverage, face: int) -> Edit:
    """Cut off what of a face lies outside the outline.

    Raises:
        Refused: ``unknown-face``, ``nothing-new``, ``no-area`` where nothing of it lies inside.
    """
    if face not in coverage.faces:
        raise Refused("unknown-face", "The plan has no such grid (any more).", "Load the plan again.", None, [face])
    woven = weave(coverage, list(shapely.get_rings(shapely.get_parts([coverage.outline, coverage.faces[face]]))))
    outline = coverage.outline if woven.outline is None else woven.outline
    pieces = pieces_of(woven.faces.get(face, coverage.faces[face]), woven.lines)
    inside = [piece for piece in pieces if _in(piece, outline)]
    if len(inside) == len(pieces):
        raise Refused("nothing-new", "No part of the grid lies outside the community.", "Nothing needs to be done.",
                      coverage.faces[face], [face])
    if not inside:
        raise Refused("no-area", "The whole grid lies outside the community.", "Merge it away, or draw it anew.",
                      coverage.faces[face], [face])
    return Edit({**woven.faces, face: joined(inside)}, woven.outline)
