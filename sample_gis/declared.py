"""Declared totals (应录总数): how many rooms and people there should be, as a street office would declare them."""

import numpy as np

from sample_gis import chance, plan
from sample_gis.housing import Housing
from sample_gis.layer import Layer, text
from sample_gis.people import People

AS_OF = np.datetime64("2025-01-01")
BY = "沙盘街道办事处"

RECORDED = (0.5, 1.02)
"""Least and greatest share of a building's declared rooms that is on record. Above 1 the declaration is out of date."""

UNDECLARED = 0.1
"""Share of buildings for which nobody has declared anything."""

RECORDED_PEOPLE = (0.55, 0.96, 1.0)
"""Least, most frequent and greatest share of a grid's declared people that is on record."""

RECORDED_FIRMS, RECORDED_HOUSES = 0.88, 0.96
"""Share of the organisations and of the buildings that the office knows of which is on record."""


def declare(housing: Housing, people: People, organisations: int, grid_codes: np.ndarray, seed: int) -> Layer:
    """Return ``expected``: place_code, kind, value, basis, source, as_of; no geometry.

    Args:
        housing, people: the built city and who lives in it.
        organisations: how many there are.
        grid_codes: code of the grid of each building.
        seed: of the city.

    Returns:
        Rooms of most buildings that have any; rooms and people of each grid and community; rooms, people,
        organisations and buildings of the street, and of the county, which has no other street here.
    """
    rng = chance.stream(seed, "declared")
    codes = housing.buildings["code"].astype("U6")
    rooms = np.bincount(housing.room_building, minlength=len(codes))
    share = rng.uniform(*RECORDED, len(codes))
    declared = np.ceil(rooms / share).astype("int64")
    told = (rooms > 0) & (rng.random(len(codes)) >= UNDECLARED)
    home = housing.room_building[people.room]
    rows = [(code, "housing", value) for code, value in zip(codes[told], declared[told], strict=True)]
    rng = chance.stream(seed, "declared people")
    grids = set(grid_codes)
    for grid in sorted(grids):
        mine = grid_codes == grid
        residents = mine[home].sum()
        rows.append((grid, "housing", declared[mine].sum()))
        rows.append((grid, "population", np.ceil(residents / rng.triangular(*RECORDED_PEOPLE))))
    of_grids = [row for row in rows if row[0] in grids]
    for begins in (*sorted({grid[:12] for grid in grids}), plan.STREET[0][:9], plan.COUNTY[0][:6]):
        rows += [(begins.ljust(12, "0"), kind, sum(value for grid, what, value in of_grids
                                                  if what == kind and grid.startswith(begins)))
                 for kind in ("housing", "population")]
    for place, *_ in (plan.STREET, plan.COUNTY):
        rows.append((place, "legal_entities", np.ceil(organisations / RECORDED_FIRMS)))
        rows.append((place, "geography", np.ceil(len(codes) / RECORDED_HOUSES)))
    places, kinds, values = zip(*rows, strict=True)
    return Layer("expected", {
        "place_code": text(places), "kind": text(kinds), "value": np.array(values, "int64"),
        "basis": text(["total"] * len(rows)), "source": text([BY] * len(rows)),
        "as_of": np.full(len(rows), AS_OF),
    })
