"""Named aliases and small values that check themselves, used in every room."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

UNPLACED_AREA = "000000000000"
"""Area code (12 digits) of an object outside every known area (未落位)."""

UNPLACED_GRID = "000000000000000"
"""Grid code (15 digits) of an object outside every known area (未落位)."""

EVERYWHERE = "*"
"""The prefix of a jurisdiction without limits."""

Meters = float
"""Length in metres."""


class Box(NamedTuple):
    """An axis-aligned box, EPSG:4490, degrees, in the order of GeoJSON's ``bbox``."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Scope:
    """A jurisdiction (管辖范围): the code prefixes whose objects a user may see.

    A prefix is the beginning of a 15-digit grid code: 6 digits are a county, 9 a street,
    12 a community, 15 one grid. ``Scope(("*",))`` is everything, also what is unplaced.

    Args:
        prefixes: e.g. ``("999001001", "999001002003")``; none at all sees nothing.

    Raises:
        ValueError: a prefix is neither ``*`` nor 2 to 15 digits.
    """

    prefixes: tuple[str, ...]

    def __post_init__(self) -> None:
        for prefix in self.prefixes:
            digits = prefix.isascii() and prefix.isdigit() and 2 <= len(prefix) <= 15
            if prefix != EVERYWHERE and not digits:
                raise ValueError(f"jurisdiction {prefix!r} is neither * nor 2 to 15 digits")

    @classmethod
    def everything(cls) -> "Scope":
        """Return the scope without limits, held by importers and the demo account."""
        return cls((EVERYWHERE,))

    @classmethod
    def nothing(cls) -> "Scope":
        """Return the scope that sees no row at all."""
        return cls(())

    def literal(self) -> str:
        """Return the scope as PostgreSQL text of type ``code_multirange``.

        A prefix becomes the half-open range from itself to itself followed by ``:``, the
        character after ``9`` in collation C, so that it holds every longer code.
        """
        if EVERYWHERE in self.prefixes:
            return "{(,)}"
        ranges = ",".join(f'[{prefix},"{prefix}:")' for prefix in self.prefixes)
        return "{" + ranges + "}"

    @classmethod
    def of_places(cls, places: Iterable[str]) -> "Scope":
        """Return the jurisdiction that some places are; an empty prefix is everything."""
        return cls(tuple(place or EVERYWHERE for place in places))

    def places(self) -> list[str]:
        """Return this jurisdiction as places of a row, where everything is the empty prefix."""
        return [""] if EVERYWHERE in self.prefixes else list(self.prefixes)

    def concerns(self, places: Iterable[str]) -> bool:
        """Tell whether one of some places lies inside this jurisdiction or holds a part of it."""
        return any(self.covers(place) or any(prefix.startswith(place) for prefix in self.prefixes) for place in places)

    def covers(self, code: str) -> bool:
        """Tell whether a grid or area code lies inside this jurisdiction."""
        return EVERYWHERE in self.prefixes or any(code.startswith(prefix) for prefix in self.prefixes)

    def inside(self, within: str) -> tuple[str, ...]:
        """Return the prefixes of what lies inside both this jurisdiction and a place: disjoint and in order.

        Args:
            within: first digits of a code; empty for everything.

        Returns:
            Prefixes; ``("",)`` for everything, none where nothing is in both.
        """
        prefixes = ("" if prefix == EVERYWHERE else prefix for prefix in self.prefixes)
        both = {max(prefix, within, key=len) for prefix in prefixes
                if prefix.startswith(within) or within.startswith(prefix)}
        return tuple(sorted(prefix for prefix in both
                            if not any(prefix != wider and prefix.startswith(wider) for wider in both)))
