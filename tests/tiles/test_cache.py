"""Tiles in memory: bounded by weight, built once for all who ask."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.db import Overloaded
from tiles.cache import ENTRY_BYTES, Cache, Flights


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3000)), max_size=60), st.integers(0, 6000))
def test_a_cache_never_weighs_more_than_it_may_and_gives_back_what_was_put_last(puts, most):
    cache: Cache[int] = Cache(most)
    latest = {}
    for number, (key, weight) in enumerate(puts):
        cache.put(key, number, weight)
        latest[key] = number
        usage = cache.usage()
        assert usage.bytes <= most
        assert (usage.bytes > 0) == (usage.entries > 0)
    for key, number in latest.items():
        assert cache.get(key) in (None, number)


def test_what_was_asked_for_last_stays_longest():
    cache: Cache[str] = Cache(2 * ENTRY_BYTES + 20)
    cache.put("a", "A", 10)
    cache.put("b", "B", 10)
    assert cache.get("a") == "A"
    cache.put("c", "C", 10)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == ("A", None, "C")
    assert cache.usage().evicted == 1


def test_a_value_in_the_place_of_another_weighs_once():
    cache: Cache[str] = Cache(100_000)
    cache.put("a", "A", 1000)
    cache.put("a", "B", 10)
    assert (cache.get("a"), cache.usage().bytes, cache.usage().entries) == ("B", ENTRY_BYTES + 10, 1)


def test_many_who_ask_at_once_have_it_built_once_and_all_get_it():
    flights: Flights[int] = Flights()
    started, go, built = threading.Event(), threading.Event(), []
    waiting = threading.Barrier(8)

    def build() -> int:
        built.append(1)
        started.set()
        go.wait(5)
        return 42

    deadline = time.monotonic() + 5
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(flights.join, "k", build, deadline)
        started.wait(5)
        flight = flights._flying["k"]
        flight.result = lambda timeout: waiting.wait(5) is not None and Future.result(flight, timeout)
        others = [threads.submit(flights.join, "k", build, deadline) for _ in range(7)]
        waiting.wait(5)
        go.set()
        assert [future.result() for future in (first, *others)] == [42] * 8
    assert len(built) == 1
    assert flights.join("k", lambda: 43, deadline) == 43


def test_who_waits_too_long_is_told_so_and_the_builder_goes_on():
    flights: Flights[int] = Flights()
    go = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(flights.join, "k", lambda: go.wait(5) and 1, time.monotonic() + 5)
        while "k" not in flights._flying:
            time.sleep(0.001)
        with pytest.raises(Overloaded):
            flights.join("k", lambda: 2, time.monotonic() + 0.05)
        go.set()
        assert first.result() == 1


def test_what_comes_at_the_last_moment_is_taken():
    class Late(Future):
        def result(self, timeout=None):
            if timeout is not None:
                self.set_result(42)
                raise TimeoutError
            return super().result()

    flights: Flights[int] = Flights()
    flights._flying["k"] = Late()
    assert flights.join("k", lambda: 43, time.monotonic()) == 42


def test_a_fault_reaches_all_who_wait_and_the_next_one_tries_again():
    flights: Flights[int] = Flights()
    go = threading.Event()

    def fail() -> int:
        go.wait(5)
        raise TimeoutError("the database said so")

    with ThreadPoolExecutor(2) as threads:
        futures = [threads.submit(flights.join, "k", fail, time.monotonic() + 5) for _ in range(2)]
        while "k" not in flights._flying:
            time.sleep(0.001)
        go.set()
        for future in futures:
            with pytest.raises(TimeoutError, match="the database said so"):
                future.result()
    assert flights.join("k", lambda: 1, time.monotonic() + 5) == 1
