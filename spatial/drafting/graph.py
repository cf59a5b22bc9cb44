"""Pieces as a graph: what every method of dividing them is given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spatial.drafting.pieces import Pieces
from spatial.drafting.union import Union


@dataclass(frozen=True, eq=False)
class Graph:
    """Pieces with their weights, and what a boundary between two of them costs.

    Attributes:
        weights: what is to be balanced, such as households, (n,) whole numbers.
        pairs: neighbours, (m, 2). costs: of a boundary between them, (m,), metres of a boundary without a road.
    """

    weights: np.ndarray
    pairs: np.ndarray
    costs: np.ndarray

    @cached_property
    def beside(self) -> list[dict[int, float]]:
        """The neighbours of each piece, with what a boundary towards them costs."""
        found: list[dict[int, float]] = [{} for _ in self.weights]
        for (a, b), cost in zip(self.pairs.tolist(), self.costs.tolist(), strict=True):
            found[a][b] = found[b][a] = cost
        return found

    def connected(self) -> list[np.ndarray]:
        """Return the pieces that hang together, in groups; the group of the first piece comes first."""
        together = Union(len(self.weights))
        for a, b in self.pairs.tolist():
            together.join(a, b)
        group = together.numbers()
        return [np.flatnonzero(group == one) for one in range(group.max() + 1)]

    def part(self, pieces: np.ndarray) -> "Graph":
        """Return the graph of some pieces alone, numbered in their order."""
        place = np.full(len(self.weights), -1)
        place[pieces] = np.arange(len(pieces))
        ends = place[self.pairs]
        inside = (ends >= 0).all(axis=1)
        return Graph(self.weights[pieces], ends[inside], self.costs[inside])

    def reached(self, start: int, among: Sequence[int] | np.ndarray | set[int]) -> list[int]:
        """Return the pieces that hang together with one, among some, in the order of their distance from it."""
        left = set(among)
        left.discard(start)
        found = [start]
        for one in found:
            near = [other for other in self.beside[one] if other in left]
            left.difference_update(near)
            found += near
        return found

    def groups(self, among: Iterable[int]) -> list[list[int]]:
        """Return how some pieces hang together, in groups."""
        left, found = set(among), []
        while left:
            found.append(self.reached(min(left), left))
            left.difference_update(found[-1])
        return found


def graph(pieces: Pieces, weights: np.ndarray) -> Graph:
    """Return pieces as a graph. ``weights``: of each piece."""
    return Graph(np.asarray(weights, np.int64), pieces.pairs, pieces.costs)
