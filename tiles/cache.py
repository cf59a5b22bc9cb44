"""Tiles in memory (瓦片缓存): bounded by their weight, and built once for all who ask at the same time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from spatial.db import Overloaded

Value = TypeVar("Value")

ENTRY_BYTES = 600
"""What an entry weighs beside its body: key, dictionaries, object heads."""


@dataclass(frozen=True)
class Usage:
    """How a cache is used: ``entries`` and ``bytes`` now; ``hits``, ``misses``, ``evicted`` since the start."""

    entries: int
    bytes: int
    most_bytes: int
    hits: int
    misses: int
    evicted: int


class Cache(Generic[Value]):
    """Values by key; when they weigh too much together, those go that were not asked for longest.

    Args:
        most_bytes: weight of all entries together at most; 0 keeps nothing.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._entries: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._bytes = self._hits = self._misses = self._evicted = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        """Return a value; None when it is not kept."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def count(self, *, found: bool) -> None:
        """Count one question that memory answered, or did not: a question may look under several keys."""
        with self._lock:
            self._hits += found
            self._misses += not found

    def put(self, key: Hashable, value: Value, weight: int) -> None:
        """Keep a value of so many bytes in the place of what stood under its key."""
        weight += ENTRY_BYTES
        with self._lock:
            self._remove(key)
            if weight > self._most:
                return
            self._entries[key] = value, weight
            self._bytes += weight
            while self._bytes > self._most:
                _, (_, gone) = self._entries.popitem(last=False)
                self._bytes -= gone
                self._evicted += 1

    def usage(self) -> Usage:
        """Return how the cache is used."""
        with self._lock:
            return Usage(len(self._entries), self._bytes, self._most, self._hits, self._misses, self._evicted)

    def _remove(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[1]


class Flights(Generic[Value]):
    """Work that is done once for all who ask for it at the same time (single flight)."""

    def __init__(self) -> None:
        self._flying: dict[Hashable, Future[Value]] = {}
        self._lock = threading.Lock()

    def join(self, key: Hashable, build: Callable[[], Value], deadline: float) -> Value:
        """Build a value, or wait for who is building it.

        Args:
            key: two calls with one key want the same value.
            build: makes it; called by the first only.
            deadline: of ``time.monotonic()``, until which the others wait.

        Returns:
            The value.

        Raises:
            Overloaded: it was not there in time.
            Exception: whatever ``build`` raises, in all who wait for it.
        """
        with self._lock:
            flight = self._flying.get(key)
            first = flight is None
            if first:
                flight = self._flying[key] = Future()
        if not first:
            try:
                return flight.result(max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                if flight.done():
                    # It came at the last moment, or this is what building it raised.
                    return flight.result()
                raise Overloaded("Somebody else's request for the same is still being worked on.",
                                 "Try again in a moment.") from None
        try:
            value = build()
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
            raise
        self._land(key)
        flight.set_result(value)
        return value

    def _land(self, key: Hashable) -> None:
        with self._lock:
            del self._flying[key]
