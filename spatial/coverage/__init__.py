"""A plan of grids as a coverage: faces that fill an outline without a gap or an overlap, and what changes them.

Pure geometry in lattice units (``spatial/geometry.py``): nothing here knows a database or a page. Each operation takes
a coverage and returns an :class:`Edit`, or raises :class:`Refused`; ``apply`` makes the next coverage of it.
"""

from spatial.coverage.assigning import assign
from spatial.coverage.cutting import split
from spatial.coverage.dividing import divide, ground_of
from spatial.coverage.joining import merge
from spatial.coverage.matching import match
from spatial.coverage.model import Coverage, Edit, Refused, apply, inverse
from spatial.coverage.moving import move_edge, move_vertex
from spatial.coverage.order import reading_order
from spatial.coverage.proof import Fault, proof
from spatial.coverage.straightening import straighten
from spatial.coverage.taking import create, give, trim

__all__ = [
    "Coverage",
    "Edit",
    "Fault",
    "Refused",
    "apply",
    "assign",
    "create",
    "divide",
    "give",
    "ground_of",
    "inverse",
    "match",
    "merge",
    "move_edge",
    "move_vertex",
    "proof",
    "reading_order",
    "split",
    "straighten",
    "trim",
]
