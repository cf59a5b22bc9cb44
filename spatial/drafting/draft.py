"""Draft grids (自动划分): parts of pieces that hang together, of alike weight, their boundaries along roads."""

from dataclasses import dataclass

import numpy as np

from spatial.coverage import Refused
from spatial.drafting.graph import Graph
from spatial.drafting.methods import METHODS, Method
from spatial.drafting.refine import Division, Wanted, refined

TRIES = 6, 60
"""Divisions that are made of the whole, each from a seed of its own: of many pieces, and of a few."""

WORK = 10_000
"""Pieces in all divisions together, between these two."""

APART = 100
"""Two seeds have so many of their own for a method: neighbouring ones share no division."""

KEPT = 6
"""One in so many of these is bettered, the best first."""

AGAIN = 4
"""Rounds in which neighbouring parts are put together and divided anew, each pair from another seed each time."""


@dataclass(frozen=True)
class Drafted:
    """Parts of a graph.

    Attributes:
        parts: pieces of each. apart: how many of these parts hold nothing, being ground apart from all else.
    """

    parts: list[list[int]]
    apart: int


def drafted(graph: Graph, count: int, method: str, least: float, most: float, seed: int = 1) -> Drafted:
    """Divide pieces into parts.

    Args:
        graph: what to divide; it may be in several groups. No part then reaches from one into another.
        count: how many parts that hold something. method: of ``METHODS``.
        least, most: weights wanted of a part. seed: the same one gives the same parts.

    Raises:
        Refused: ``too-few`` parts for ground in more groups; ``too-many`` for the pieces that hold something.
    """
    groups = graph.connected()
    held = [group for group in groups if graph.weights[group].any()]
    bare = [group.tolist() for group in groups if not graph.weights[group].any()]
    room = [int(np.count_nonzero(graph.weights[group])) for group in held]
    if count < len(held):
        raise Refused("too-few", f"The ground lies in {len(held)} parts with buildings, and a grid is one piece of "
                      f"ground: it cannot be {count} grids.", f"Ask for {len(held)} grids at least.")
    if count > sum(room):
        raise Refused("too-many", f"Only {sum(room)} buildings, or groups of them that touch, can be told apart: it "
                      f"cannot be {count} grids.", f"Ask for {sum(room)} grids at most.")
    shares = _shares([int(graph.weights[group].sum()) for group in held], room, count)
    parts = []
    for group, share in zip(held, shares, strict=True):
        division = _best(graph.part(group), share, METHODS[method], least, most, seed)
        parts += [group[sorted(members)].tolist() for members in division.members]
    return Drafted(parts + bare, len(bare))


def _shares(weights: list[int], room: list[int], count: int) -> list[int]:
    """Return how many parts each group gets: one, and the next always where a part would be heaviest (D'Hondt)."""
    shares = [1] * len(weights)
    for _ in range(count - len(weights)):
        free = [one for one, share in enumerate(shares) if share < room[one]]
        shares[max(free, key=lambda one: (weights[one] / shares[one], -one))] += 1
    return shares


def _best(graph: Graph, count: int, method: Method, least: float, most: float, seed: int) -> Division:
    """Return the best of some divisions of a graph that hangs together, bettered pair by pair."""
    wanted = Wanted(least, most, max(int(graph.weights.sum()) / count, 1e-9))
    if count == 1:
        return Division(graph, np.zeros(len(graph.weights), int), 1, wanted)
    tries = int(np.clip(WORK // len(graph.weights), *TRIES))
    seeds = range(APART * seed, APART * seed + tries)
    made = [refined(graph, method(graph, count, one), count, wanted, one) for one in seeds]
    made.sort(key=lambda division: division.cost)
    return min((_bettered(division, method, seed) for division in made[: tries // KEPT]),
               key=lambda division: division.cost)


def _bettered(division: Division, method: Method, seed: int) -> Division:
    """Return a division bettered pair by pair, until that gains nothing."""
    for one in range(APART * seed, APART * seed + AGAIN):
        before = division.cost
        _divided_anew(division, method, one)
        division = refined(division.graph, division.parts, len(division.members), division.wanted, one)
        if division.cost > before - 1e-6:
            break
    return division


def _divided_anew(division: Division, method: Method, seed: int) -> None:
    """Put each two neighbouring parts together and divide them anew; keep what costs less.

    What moving single pieces cannot reach: a part that lies around another, a boundary one street further on. The step
    is known from the drawing of electoral districts (recombination: DeFord, Duchin and Solomon 2021).
    """
    graph = division.graph
    parts = np.array(division.parts)[graph.pairs]
    for one, other in np.unique(np.sort(parts, axis=1), axis=0).tolist():
        if one == other:
            continue
        both = np.array(sorted(division.members[one] | division.members[other]))
        inner = graph.part(both)
        now = np.array([int(division.parts[piece] == other) for piece in both.tolist()])
        if len(inner.connected()) > 1:
            continue
        made = refined(inner, method(inner, 2, seed), 2, division.wanted, seed)
        if made.cost < Division(inner, now, 2, division.wanted).cost - 1e-6:
            for piece, part in zip(both.tolist(), made.parts, strict=True):
                division.move(piece, other if part else one)
