"""Methods of dividing a graph into parts of alike weight with short boundaries (图划分), behind one interface.

METIS (Karypis and Kumar 1998, through pymetis) and KaHIP (Sanders and Schulz 2013): multilevel partitioners, kept and
used by finite-element and routing software. Both take whole numbers, and both are repeatable by their seed.
"""

from collections.abc import Callable

import kahip
import numpy as np
import pymetis

from spatial.drafting.graph import Graph

Method = Callable[[Graph, int, int], np.ndarray]
"""Takes a graph that hangs together, how many parts (two at least) and a seed; returns the part of each piece. A part
may be empty or fall apart: ``refine`` mends that."""

WITHIN = 0.03, 0.1, 0.2
"""So far above the mean a part may be, as far as a method can keep to it; one after the other by the seed. Where parts
may differ more, their boundaries are shorter."""


def metis(graph: Graph, count: int, seed: int) -> np.ndarray:
    """Divide by METIS: k-way, with parts that hang together."""
    starts, ends, costs = _rows(graph)
    options = pymetis.Options(seed=seed, ufactor=round(1000 * WITHIN[seed % 3]), contig=1)
    found = pymetis.part_graph(count, pymetis.CSRAdjacency(starts, ends), vweights=_weights(graph), eweights=costs,
                               recursive=False, options=options)
    return np.array(found.vertex_part, int)


def kaffpa(graph: Graph, count: int, seed: int) -> np.ndarray:
    """Divide by KaHIP's KaFFPa, in its ``eco`` mode."""
    starts, ends, costs = _rows(graph)
    _, parts = kahip.kaffpa(_weights(graph), starts, costs, ends, count, WITHIN[seed % 3], True, seed, 1)
    return np.array(parts, int)


METHODS: dict[str, Method] = {"metis": metis, "kahip": kaffpa}


def _weights(graph: Graph) -> list[int]:
    """Return weights above zero, so that ground without households counts a little."""
    return (10 * graph.weights + 1).tolist()


def _rows(graph: Graph) -> tuple[list[int], list[int], list[int]]:
    """Return neighbours row by row: where each row starts, the neighbours, what a boundary costs in decimetres."""
    ends = np.concatenate([graph.pairs, graph.pairs[:, ::-1]])
    costs = np.concatenate([graph.costs, graph.costs])
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    starts = np.searchsorted(ends[order, 0], np.arange(len(graph.weights) + 1))
    return starts.tolist(), ends[order, 1].tolist(), np.maximum(1, np.round(10 * costs[order])).astype(int).tolist()
