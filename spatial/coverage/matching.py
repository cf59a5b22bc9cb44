"""Give faces of an imported plan the nodes of their neighbours: files hold many a corner on one side only."""

import shapely

from spatial.coverage.model import Coverage, Edit
from spatial.coverage.weave import weave


def match(coverage: Coverage) -> Edit:
    """Return the edit after which every face has a node wherever another one, or the outline, has one on its edge.

    Gaps and overlaps wider than half a lattice step stay as they are: ``give`` is the cure for those. Each corner is
    held against each edge: seconds for 10,000 corners, so this is done once, when a plan comes in.

    Raises:
        Refused: ``too-fine`` where a face is thinner than the lattice.
    """
    rings = list(shapely.get_rings(shapely.get_parts([*coverage.faces.values(), coverage.outline])))
    woven = weave(coverage, rings)
    return Edit(dict(woven.faces), woven.outline)
