"""Grids cover communities, communities cover the street: no gap, no overlap, shared edges shared."""

import re

import numpy as np
import pytest
import shapely

from sample_gis import frame, plan

NOTHING_M2 = 0.02
"""Area below which a difference is rounding of degrees, square metres."""


def of_level(city, level):
    areas = city.layers["areas"]
    return areas.geometry[areas["level"] == level], areas["code"][areas["level"] == level]


def test_grids_of_each_community_cover_it_without_gap_or_excess(city):
    grids = city.layers["grids"]
    communities, codes = of_level(city, "community")
    assert len(codes) == 6
    for community, code in zip(communities, codes, strict=True):
        mine = grids.geometry[[grid.startswith(code) for grid in grids["code"]]]
        union = shapely.union_all(mine)
        for rest in (shapely.difference(community, union), shapely.difference(union, community)):
            assert shapely.area(frame.geometries_to_metres([rest]))[0] < NOTHING_M2


def test_no_two_grids_overlap(metres):
    grids = metres["grids"]
    first, second = shapely.STRtree(grids).query(grids, predicate="intersects")
    for a, b in zip(first, second, strict=True):
        if a < b:
            assert shapely.area(shapely.intersection(grids[a], grids[b])) < NOTHING_M2


def test_grids_are_a_valid_coverage_with_identical_vertices_along_shared_edges(city):
    grids = shapely.get_geometry(city.layers["grids"].geometry, 0)
    assert shapely.coverage_is_valid(grids)
    assert all(shapely.is_valid(grids))
    rings = [{tuple(c) for c in shapely.get_coordinates(grid)} for grid in grids]
    tree = shapely.STRtree(grids)
    for a, b in zip(*tree.query(grids, predicate="touches"), strict=True):
        edge = shapely.intersection(grids[a], grids[b])
        if edge.length > 0:
            assert {tuple(c) for c in shapely.get_coordinates(edge)} <= rings[a] & rings[b]


def test_communities_cover_the_street_and_nothing_else(city):
    communities, _ = of_level(city, "community")
    street, _ = of_level(city, "street")
    union = shapely.union_all(communities)
    assert shapely.area(shapely.symmetric_difference(union, street[0])) == pytest.approx(0, abs=1e-12)
    assert shapely.coverage_is_valid(shapely.get_geometry(communities, 0))


def test_boundaries_follow_the_middle_of_streets_and_of_the_river(city, metres):
    lines = [road.line for road in city.network.roads if road.plan.boundary] + [city.network.river_line]
    near = shapely.union_all(lines).buffer(0.5)
    for grid in metres["grids"]:
        edge = shapely.boundary(grid)
        assert shapely.length(shapely.difference(edge, near)) < 0.01 * shapely.length(edge)


def test_codes_nest_and_count_from_one_from_north_to_south(city):
    grids = city.layers["grids"]
    assert all(re.fullmatch(r"999001001\d{6}", code) for code in grids["code"])
    assert len(set(grids["code"])) == len(grids) == 47
    for number in range(1, 7):
        serials = [int(code[-3:]) for code in grids["code"] if code[9:12] == f"{number:03d}"]
        assert serials == list(range(1, len(serials) + 1))
    assert set(grids["kind"]) == {"basic", "special"}
    areas = city.layers["areas"]
    assert list(areas["parent_code"][:3]) == [None, plan.COUNTY[0], plan.STREET[0]]


def test_every_building_lies_in_exactly_one_grid(city, metres):
    building, grid = shapely.STRtree(metres["grids"]).query(metres["buildings"], predicate="within")
    assert np.array_equal(np.sort(building), np.arange(len(metres["buildings"])))
    planned = [city.division.grid_codes[city.built.sites[d.site].grid] for d in city.built.drafts]
    order = np.argsort(building)
    assert list(city.layers["grids"]["code"][grid[order]]) == planned


def test_the_street_is_as_large_as_planned(metres):
    west, south, east, north = shapely.total_bounds(metres["grids"])
    assert 3_300 < east - west < 3_800
    assert 2_200 < north - south < 2_800
