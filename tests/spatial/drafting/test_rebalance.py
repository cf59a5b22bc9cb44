"""Grids are balanced with the fewest buildings moved, as trying all divisions of small ground shows."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.drafting.graph import Graph
from spatial.drafting.rebalance import rebalanced


def lattice(rows: int, columns: int, weights: list[int]) -> Graph:
    """Return pieces in rows and columns, each beside those left, right, above and below."""
    pairs = [(at, at + 1) for at in range(rows * columns) if (at + 1) % columns]
    pairs += [(at, at + columns) for at in range((rows - 1) * columns)]
    return Graph(np.array(weights), np.array(pairs), np.ones(len(pairs)))


def in_one(graph: Graph, parts: list[int], part: int) -> bool:
    held = [piece for piece, one in enumerate(parts) if one == part]
    return bool(held) and len(graph.groups(held)) == 1


def fewest(graph: Graph, parts: list[int], least: int, most: int) -> int | None:
    """Return the fewest pieces in another part, of all balanced divisions that hang together and whose parts each keep
    something of what they had: one that has moved away altogether is another grid."""
    count, best = max(parts) + 1, None
    for other in product(range(count), repeat=len(parts)):
        moved = sum(a != b for a, b in zip(parts, other, strict=True))
        if best is not None and moved >= best:
            continue
        sums = np.bincount(other, graph.weights, count)
        kept = {a for a, b in zip(parts, other, strict=True) if a == b}
        balanced = (sums >= least).all() and (sums <= most).all()
        if len(kept) == count and balanced and all(in_one(graph, other, one) for one in range(count)):
            best = moved
    return best


@given(st.lists(st.integers(1, 9), min_size=9, max_size=9), st.integers(0, 2), st.integers(2, 8))
@settings(max_examples=60, deadline=None)
def test_no_fewer_buildings_could_be_moved(weights: list[int], shift: int, slack: int):
    graph = lattice(3, 3, weights)
    parts = [0, 1, 2] * 3 if shift == 0 else [0, 0, 0, 1, 1, 1, 2, 2, 2] if shift == 1 else [0, 0, 0, 0, 0, 1, 0, 2, 1]
    least, most = sum(weights) // 3 - slack, sum(weights) // 3 + slack
    found = rebalanced(graph, parts, [1] * 9, least, most)
    after = [found.moved.get(piece, part) for piece, part in enumerate(parts)]
    assert all(in_one(graph, after, part) for part in range(3))
    assert found.buildings == sum(a != b for a, b in zip(parts, after, strict=True))
    want = fewest(graph, parts, least, most)
    if want is None:
        return
    if not found.outside:
        assert found.buildings <= want
    else:
        pytest.fail(f"{want} buildings would do")
