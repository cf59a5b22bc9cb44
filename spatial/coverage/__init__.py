"""A plan of grids as a coverage: faces that fill an outline without a gap or an overlap, and what changes them.

Pure geometry in lattice units (``spatial/geometry.py``): nothing here knows a database or a page. Each operation takes a
coverage and returns an :class:`Edit`, or raises :class:`Refused`; ``apply`` makes the next coverage of it.
"""

from spatial.coverage.model import Coverage, Edit, Refused, apply, inverse

__all__ = ["Coverage", "Edit", "Refused", "apply", "inverse"]
