"""What belongs together (并查集): Tarjan 1975, with path halving."""

import numpy as np


class Union:
    """Whole numbers from 0 in groups."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, one: int) -> int:
        """Return the number that stands for the group of another."""
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one

    def join(self, to: int, one: int) -> None:
        """Make one group of two; what stood for the first stands for both."""
        self._parent[self.root(one)] = self.root(to)

    def numbers(self) -> np.ndarray:
        """Return the group of each number, counted from 0 in the order of their first members."""
        roots = [self.root(one) for one in range(len(self._parent))]
        known: dict[int, int] = {}
        return np.array([known.setdefault(root, len(known)) for root in roots], int)
