"""Draft grids (自动划分): parts of pieces that hang together, of alike weight, their boundaries along roads."""

from dataclasses import dataclass

import numpy as np

from spatial.coverage import Refused
from spatial.drafting.graph import Graph
from spatial.drafting.methods import METHODS
from spatial.drafting.refine import Division, refined

TRIES = 6
"""Divisions that are made, each from a seed of its own; the one that costs least is taken."""


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
        division = _best(graph.part(group), share, method, least, most, seed)
        parts += [group[sorted(members)].tolist() for members in division.members]
    return Drafted(parts + bare, len(bare))


def _shares(weights: list[int], room: list[int], count: int) -> list[int]:
    """Return how many parts each group gets: one, and the next always where a part would be heaviest (D'Hondt)."""
    shares = [1] * len(weights)
    for _ in range(count - len(weights)):
        free = [one for one, share in enumerate(shares) if share < room[one]]
        shares[max(free, key=lambda one: (weights[one] / shares[one], -one))] += 1
    return shares


def _best(graph: Graph, count: int, method: str, least: float, most: float, seed: int) -> Division:
    """Return the best of some divisions of a graph that hangs together."""
    if count == 1:
        return Division(graph, np.zeros(len(graph.weights), int), 1, least, most)
    made = [refined(graph, METHODS[method](graph, count, one), count, least, most, one)
            for one in range(seed, seed + TRIES)]
    return min(made, key=lambda division: division.cost)
