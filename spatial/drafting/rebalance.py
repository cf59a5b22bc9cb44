"""Balance grids anew with the fewest buildings moved (均衡调整): best first, by an estimate that is never too high."""

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count as counted

import numpy as np

from spatial.drafting.graph import Graph

LOOKED_AT = 20_000
"""Divisions that are looked at in search of the fewest buildings; then as many with the search straight ahead."""

THROUGH = 4
"""So many pieces of ground without buildings, such as verges of a road, may lie between a building and a part that it
is given to; they go along."""

GREED = 3.0
"""Going straight ahead, the buildings still to be moved count so many times."""


@dataclass(frozen=True)
class Rebalanced:
    """How grids come to be balanced.

    Attributes:
        moved: pieces → the part that they go to. buildings: how many are in other parts than before.
        proved: no way with fewer buildings was left out, as long as one is moved after another and every part stays
            in one piece all the while. outside: weights that still lie out of the range, together.
    """

    moved: dict[int, int]
    buildings: int
    proved: bool
    outside: int


def rebalanced(graph: Graph, parts: Sequence[int], buildings: Sequence[int], least: int, most: int,
               looked_at: int = LOOKED_AT) -> Rebalanced:
    """Find how parts come to weigh from least to most with the fewest buildings moved.

    Args:
        graph: pieces. parts: of each piece, -1 for what stays as it is. buildings: in each piece; those without go
            along with their neighbours where these could not move otherwise.
        least, most: weights wanted of a part. looked_at: see ``LOOKED_AT``.

    Returns:
        The best that was found; ``outside`` is above zero where that is not all.
    """
    search = _Search(graph, np.asarray(parts, int).tolist(), list(buildings), least, most)
    best = search.run(looked_at, 1.0)
    if best.outside:
        ahead = search.run(looked_at, GREED)
        if (ahead.outside, ahead.buildings) < (best.outside, best.buildings):
            best = ahead
    return best


@dataclass(frozen=True)
class _State:
    """A division on the way: pieces moved so far, weights of all parts, and what follows from these.

    Attributes:
        over, under: buildings that have to be moved at least, out of parts and into parts. outside: weights out of the
            range. uneven: squares of the distances from the middle of the range. buildings: how many are moved.
    """

    moved: dict[int, int]
    totals: dict[int, int]
    over: int
    under: int
    outside: int
    uneven: float
    buildings: int


class _Search:
    def __init__(self, graph: Graph, parts: list[int], buildings: list[int], least: int, most: int) -> None:
        self.graph, self.parts, self.buildings, self.least, self.most = graph, parts, buildings, least, most
        self.weights = graph.weights.tolist()
        self.members: dict[int, set[int]] = {}
        for piece, part in enumerate(parts):
            if part >= 0:
                self.members.setdefault(part, set()).add(piece)
        self._cut: dict[tuple[frozenset[int], frozenset[int]], frozenset[int] | None] = {}
        self.apart = {part: len(self._with_buildings(graph.groups(held))) for part, held in self.members.items()}
        self.bare = [piece for piece, held in enumerate(buildings) if not held and parts[piece] >= 0]
        heavy = [weight / held for weight, held in zip(self.weights, buildings, strict=True) if held]
        self.heaviest = max(heavy, default=1) or 1

    def run(self, looked_at: int, greed: float) -> Rebalanced:
        """Look at divisions, those first from which the fewest buildings seem to lead on."""
        number = counted()
        best = self._start()
        waiting = [(greed * max(best.over, best.under), best.uneven, next(number), best)]
        seen: set[frozenset] = {frozenset()}
        while waiting and len(seen) < looked_at:
            state = heapq.heappop(waiting)[3]
            best = min(best, state, key=lambda one: (one.outside, one.buildings))
            if not state.outside:
                return Rebalanced(state.moved, state.buildings, greed == 1.0, 0)
            for moved in self._moves(state):
                key = frozenset(moved.items())
                if key not in seen:
                    seen.add(key)
                    after = self._after(state, moved)
                    reach = after.buildings + greed * max(after.over, after.under)
                    heapq.heappush(waiting, (reach, after.uneven, next(number), after))
        return Rebalanced(best.moved, best.buildings, not waiting and greed == 1.0, best.outside)

    def _start(self) -> _State:
        totals = {part: sum(self.weights[piece] for piece in held) for part, held in self.members.items()}
        sums = [sum(column) for column in zip(*map(self._judged, totals.values()), strict=True)] or [0, 0, 0, 0.0]
        return _State({}, totals, *sums, 0)

    def _after(self, state: _State, moved: dict[int, int]) -> _State:
        """Return the division with these pieces moved instead."""
        totals = dict(state.totals)
        for piece in moved.keys() | state.moved.keys():
            totals[state.moved.get(piece, self.parts[piece])] -= self.weights[piece]
            totals[moved.get(piece, self.parts[piece])] += self.weights[piece]
        sums = [state.over, state.under, state.outside, state.uneven]
        for part in totals:
            if totals[part] != state.totals[part]:
                was, now = self._judged(state.totals[part]), self._judged(totals[part])
                sums = [sum_ - a + b for sum_, a, b in zip(sums, was, now, strict=True)]
        return _State(moved, totals, *sums, sum(self.buildings[piece] for piece in moved))

    def _judged(self, weight: int) -> tuple[int, int, int, float]:
        """Return of one part's weight what a state sums up: over, under, outside, uneven."""
        much, little = max(0, weight - self.most), max(0, self.least - weight)
        return (math.ceil(much / self.heaviest), math.ceil(little / self.heaviest), much + little,
                (weight - (self.least + self.most) / 2) ** 2)

    def _moves(self, state: _State) -> Iterator[dict[int, int]]:
        """Yield what one more building makes of a division: out of a part with too much, into one with too little."""
        where = list(self.parts)
        for piece, to in state.moved.items():
            where[piece] = to
        members: dict[int, frozenset[int]] = {}
        for piece, part, to, along in self._neighbours(where):
            if state.totals[part] <= self.most and state.totals[to] >= self.least:
                continue
            if part not in members:
                members[part] = self._members(part, state.moved)
            key = (frozenset((piece, *along)), members[part])
            if key not in self._cut:
                self._cut[key] = self._gone(*key, self.apart[part])
            gone = self._cut[key]
            if gone is not None:
                after = {**state.moved, **dict.fromkeys(gone, to)}
                yield {one: part for one, part in after.items() if part != self.parts[one]}

    def _members(self, part: int, moved: Mapping[int, int]) -> frozenset[int]:
        held = self.members[part] - moved.keys()
        return frozenset(held).union(piece for piece, to in moved.items() if to == part)

    def _neighbours(self, where: list[int]) -> list[tuple[int, int, int, tuple[int, ...]]]:
        """Return the pieces with buildings that lie beside another part, in order: the piece, its part, the other, the
        ground without buildings between."""
        ends = self.graph.pairs
        parts = np.array(where)[ends]
        apart = (parts[:, 0] != parts[:, 1]) & (parts >= 0).all(axis=1)
        found = {}
        for (a, b), (one, other) in zip(ends[apart].tolist(), parts[apart].tolist(), strict=True):
            for piece, part, to in ((a, one, other), (b, other, one)):
                if self.buildings[piece]:
                    found[piece, to] = (piece, part, to, ())
        for bare in self.bare:
            part = where[bare]
            others = {where[piece] for piece in self.graph.beside[bare]} - {part, -1}
            for ways in self._ways(bare, where) if others else ():
                for to in others:
                    if len(ways[1:]) < len(found.get((ways[0], to), (0, 0, 0, range(THROUGH + 1)))[3]):
                        found[ways[0], to] = (ways[0], part, to, ways[1:])
        return [found[key] for key in sorted(found)]

    def _ways(self, bare: int, where: list[int]) -> Iterator[tuple[int, ...]]:
        """Yield ways from pieces with buildings through their own part's ground without any to such a piece of it."""
        seen, ends = {bare}, [(bare,)]
        for _ in range(THROUGH):
            further = []
            for way in ends:
                for piece in self.graph.beside[way[0]]:
                    if piece not in seen and where[piece] == where[bare]:
                        seen.add(piece)
                        if self.buildings[piece]:
                            yield (piece, *way)
                        else:
                            further.append((piece, *way))
            ends = further

    def _gone(self, leaving: frozenset[int], held: frozenset[int], apart: int) -> frozenset[int] | None:
        """Return what leaves a part along with some pieces: all that they cut off from its greatest piece of ground, so
        that it lies in no more places than before; None where nothing would be left."""
        groups = self.graph.groups(held - leaving)
        kept = sorted(self._with_buildings(groups),
                      key=lambda group: (-sum(self.buildings[piece] for piece in group), group[0]))[:apart]
        if not kept:
            return None
        beside = {other for piece in leaving for other in self.graph.beside[piece]}
        return leaving.union(*(group for group in groups if group not in kept and not beside.isdisjoint(group)))

    def _with_buildings(self, groups: list[list[int]]) -> list[list[int]]:
        return [group for group in groups if any(self.buildings[piece] for piece in group)]
