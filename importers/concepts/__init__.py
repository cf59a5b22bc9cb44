"""The concepts that can be imported, one file for each, in the order in which they depend."""

import difflib

from importers.concepts import (
    areas,
    buildings,
    devices,
    events,
    expected,
    facilities,
    green,
    grids,
    keeper_tracks,
    keepers,
    organisations,
    places,
    planned_grids,
    residents,
    roads,
    rooms,
    units,
    water,
)
from importers.concepts.declare import Concept
from spatial.errors import MappingError

CONCEPTS: tuple[Concept, ...] = tuple(
    module.CONCEPT
    for module in (
        areas, grids, keepers, keeper_tracks, roads, water, green, places, buildings, units, rooms, residents,
        organisations, facilities, devices, events, expected, planned_grids,
    )
)
"""Parents before children: what ``shapan import all`` follows."""


def above(name: str) -> tuple[Concept, ...]:
    """Return the concepts on whose rows the rows of one hang, through all generations, parents before children.

    Args:
        name: of the concept; of anything else that is imported, nothing hangs on another.
    """
    found: set[str] = set()
    for concept in reversed(CONCEPTS):
        if concept.name == name or concept.name in found:
            found |= {parent.concept for parent in concept.parents}
            # A total may be one of a building, whatever its parent is called.
            found |= {"buildings"} if "building_id" in concept.links else set()
    return tuple(concept for concept in CONCEPTS if concept.name in found - {name})


def find(name: str) -> Concept:
    """Return a concept by its name.

    Raises:
        MappingError: there is none; names close ones.
    """
    for concept in CONCEPTS:
        if concept.name == name:
            return concept
    names = [concept.name for concept in CONCEPTS]
    near = difflib.get_close_matches(name, names, 1)
    raise MappingError(f"There is no concept {name!r}.",
                       f"Did you mean {near[0]}?" if near else f"Concepts: {', '.join(names)}.")
