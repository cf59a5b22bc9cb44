"""What roles without exact counts get instead of numbers of people and homes (分级显示).

Nobody is to work out the residents of a building from anything else in a tile. What stands here is therefore
either a function of the class that the role sees anyway, or says too little:

* Density would give residents away with the footprint and the storeys, which are in the tile. A building's has 0 where
  the class of residents is 0, else nothing. A cell's is worked out from residents in tens, as the cell itself says
  them.
* Residents of a cell in tens would be those of its building where it holds only one or two: below three buildings there
  are no tens.
* Vacancy is a class with at least ten per cent between its ends, of at least twenty dwellings: each class then leaves
  at least two numbers of vacant dwellings, so that it tells of no single home whether somebody lives there.

The entry rate counts filled-in rows of rooms by declared ones, neither people nor whether anybody lives there: it is
the same for all.
"""

from itertools import pairwise

from spatial.queries.building_metrics import MEASURABLE

FEWEST_BUILDINGS = 3
FEWEST_DWELLINGS = 20

RESIDENT_BREAKS = (0, 1, 5, 10)
"""Classes of residents of a building."""

VACANCY_BREAKS = (0, 10, 20, 30, 50, 75, 90)
"""Classes of vacancy, per cent, for all roles."""


def class_of(value: str, breaks: tuple[int, ...]) -> str:
    """Return SQL for the lower end of the class in which a value lies; null for null."""
    lines = " ".join(f"WHEN {value} < {high} THEN {low}" for low, high in pairwise(breaks))
    return f"CASE {lines} WHEN {value} >= {breaks[-1]} THEN {breaks[-1]} END"


def _tens(residents: str) -> str:
    """Return SQL for residents of a cell: 0, 1 for up to nine, then tens; no tens where too few buildings hide them."""
    return (f"CASE WHEN {residents} >= 10 THEN "
            f"CASE WHEN sum(cell.buildings) >= {FEWEST_BUILDINGS} THEN {residents} / 10 * 10 ELSE 10 END "
            f"WHEN {residents} >= 1 THEN 1 ELSE 0 END")


RESIDENT_CLASS = class_of("coalesce(tally.residents, 0)", RESIDENT_BREAKS)
CELL_RESIDENT_CLASS = _tens("sum(cell.residents)")

DENSITY_CLASS = f"CASE WHEN coalesce(tally.residents, 0) = 0 AND {MEASURABLE} THEN 0 END"
CELL_RESIDENTS_BY_AREA = _tens("sum(cell.residents_by_area)")

VACANCY_CLASS = (f"CASE WHEN tally.dwellings >= {FEWEST_DWELLINGS} THEN "
                 f"{class_of('tally.vacant * 100 / tally.dwellings', VACANCY_BREAKS)} END")
CELL_VACANCY_CLASS = (f"CASE WHEN sum(cell.dwellings) >= {FEWEST_DWELLINGS} THEN "
                      f"{class_of('sum(cell.vacant) * 100 / sum(cell.dwellings)', VACANCY_BREAKS)} END")
