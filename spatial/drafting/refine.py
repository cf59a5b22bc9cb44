"""Mend and better a division piece by piece: parts that hang together, weights in their range, short boundaries."""

from dataclasses import dataclass

import numpy as np

from spatial.drafting.graph import Graph

OUTSIDE = 20.0
"""What a household too few or too many in a part costs, in metres of boundary."""

UNEVEN = 1000.0
"""What a part costs whose weight is twice the mean; half so far off costs a quarter."""

ROUNDS = 40
"""Rounds over all pieces; most divisions need a few."""


@dataclass(frozen=True)
class Wanted:
    """What a part shall weigh: ``least`` to ``most``, and best the ``mean``, above zero."""

    least: float
    most: float
    mean: float

    def outside(self, weight: float) -> float:
        """Return how far a weight lies out of the range."""
        return max(0.0, weight - self.most, self.least - weight)

    def cost(self, weight: float) -> float:
        """Return what a part of some weight costs."""
        return OUTSIDE * self.outside(weight) + UNEVEN * ((weight - self.mean) / self.mean) ** 2


class Division:
    """Pieces in parts, and what the division costs.

    Args:
        graph: the pieces. parts: of each piece, from 0. count: how many parts. wanted: weights of a part.
    """

    def __init__(self, graph: Graph, parts: np.ndarray, count: int, wanted: "Wanted") -> None:
        self.graph, self.parts, self.wanted = graph, np.asarray(parts, int).tolist(), wanted
        self.members: list[set[int]] = [set() for _ in range(count)]
        for piece, part in enumerate(self.parts):
            self.members[part].add(piece)
        self.weights = np.bincount(self.parts, graph.weights, count).tolist()

    @property
    def cost(self) -> float:
        """What the whole costs: its parts' weights and its boundaries."""
        pairs = np.array(self.parts)[self.graph.pairs]
        cut = self.graph.costs[pairs[:, 0] != pairs[:, 1]].sum() if len(pairs) else 0.0
        return sum(map(self.wanted.cost, self.weights)) + float(cut)

    def move(self, piece: int, to: int) -> None:
        """Put a piece into a part."""
        part, weight = self.parts[piece], int(self.graph.weights[piece])
        self.members[part].discard(piece)
        self.members[to].add(piece)
        self.weights[part] -= weight
        self.weights[to] += weight
        self.parts[piece] = to

    def free(self, piece: int) -> bool:
        """Tell whether the rest of a piece's part stays in one, and is something."""
        members = self.members[self.parts[piece]]
        near = [other for other in self.graph.beside[piece] if other in members]
        if len(near) < 2:
            return len(members) > 1 and bool(near)
        left, stack, seen = set(near[1:]), [near[0]], {piece, near[0]}
        while stack and left:
            for other in self.graph.beside[stack.pop()]:
                if other in members and other not in seen:
                    seen.add(other)
                    left.discard(other)
                    stack.append(other)
        return not left


def refined(graph: Graph, parts: np.ndarray, count: int, wanted: Wanted, seed: int) -> Division:
    """Return a division of a graph that hangs together, mended and bettered.

    Args:
        graph: at least ``count`` pieces. parts: as a method left it; parts may be empty or fall apart.
        wanted: weights of a part. seed: of the order in which pieces are looked at.
    """
    division = Division(graph, parts, count, wanted)
    _in_one(division)
    _filled(division)
    draw = np.random.default_rng(seed)
    for _ in range(ROUNDS):
        if not _better(division, draw.permutation(len(graph.weights)).tolist()):
            break
    return division


def _in_one(division: Division) -> None:
    """Give what a part has apart from its greatest group to its neighbours."""
    loose = []
    for members in division.members:
        groups = sorted(division.graph.groups(members), key=lambda group: (
            -sum(int(division.graph.weights[piece]) for piece in group), -len(group), group[0]))
        loose += [piece for group in groups[1:] for piece in group]
    waiting = set(loose)
    while waiting:
        for piece in sorted(waiting):
            near = {division.parts[other] for other in division.graph.beside[piece] if other not in waiting}
            if near:
                division.move(piece, min(near, key=lambda part: (division.weights[part], part)))
                waiting.discard(piece)


def _filled(division: Division) -> None:
    """Give each empty part a piece of the heaviest one that has more; the piece furthest from another leaves no gap."""
    for part, members in enumerate(division.members):
        if not members:
            rich = [one for one, other in enumerate(division.members) if len(other) > 1]
            of = max(rich, key=lambda one: (division.weights[one], len(division.members[one])))
            division.move(division.graph.reached(min(division.members[of]), division.members[of])[-1], part)


def _better(division: Division, order: list[int]) -> bool:
    """Move each piece to where it costs less; tell whether any was."""
    moved = False
    for piece in order:
        part, weight = division.parts[piece], int(division.graph.weights[piece])
        shared: dict[int, float] = {}
        for other, cost in division.graph.beside[piece].items():
            shared[division.parts[other]] = shared.get(division.parts[other], 0.0) + cost
        if not shared.keys() - {part}:
            continue
        here = shared.pop(part, 0.0)
        old = division.wanted.cost(division.weights[part])
        without = division.wanted.cost(division.weights[part] - weight) - old
        best, least = None, -1e-6
        for to, cost in sorted(shared.items()):
            with_it = division.wanted.cost(division.weights[to] + weight) - division.wanted.cost(division.weights[to])
            if (change := without + with_it + here - cost) < least:
                best, least = to, change
        if best is not None and division.free(piece):
            division.move(piece, best)
            moved = True
    return moved
