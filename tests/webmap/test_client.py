"""The queue of one stream: bounded, emptied at once, and never in the way of others."""

import threading
import time
from datetime import UTC, datetime

from spatial.outbox import Change
from spatial.types import Scope
from webmap import told
from webmap.client import CLOSED, QUEUE_SIZE, RESYNC, Client, Wave, offer
from webmap.told import Audience, Part

AUDIENCE = Audience(Scope.everything(), frozenset({"alarms.read"}))


def part(first: int, count: int = 1) -> Part:
    changes = [Change(seq, "alarm", str(seq), "0" * 15, {"id": seq}, datetime(2026, 11, 1, tzinfo=UTC))
               for seq in range(first, first + count)]
    return Part(told.messages(changes))


def test_all_that_waits_is_taken_at_once() -> None:
    client, parts = Client(AUDIENCE), [part(1), part(2), part(3)]
    for one in parts:
        offer([client], one)
    assert client.take(0) == parts
    assert client.take(0) == []


def test_a_client_that_does_not_keep_up_is_told_to_begin_anew_once_and_hears_what_comes_after() -> None:
    client = Client(AUDIENCE)
    for number in range(3 * QUEUE_SIZE):
        offer([client], part(number + 1))
    assert client.take(0) == [RESYNC]
    later = part(9999)
    offer([client], later)
    assert client.take(0) == [later]


def test_a_batch_larger_than_the_queue_is_one_resync() -> None:
    client = Client(AUDIENCE)
    offer([client], part(1, QUEUE_SIZE + 1))
    assert client.take(0) == [RESYNC]


def test_the_end_comes_before_all_that_waits() -> None:
    client = Client(AUDIENCE)
    offer([client], part(1))
    client.end()
    assert client.take(0) == [CLOSED]


def test_who_was_told_to_close_is_not_told_to_begin_anew() -> None:
    client = Client(AUDIENCE)
    client.end()
    client.resync()
    assert client.take(0) == [CLOSED]


def test_a_thread_that_sleeps_is_woken_and_one_that_is_busy_holds_nobody_up() -> None:
    heard: list[int] = []
    sleeping, busy = [Client(AUDIENCE) for _ in range(100)], [Client(AUDIENCE) for _ in range(100)]
    threads = [threading.Thread(target=lambda client=client: heard.append(client.take(10)[0].last))
               for client in sleeping]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    offer([client for pair in zip(sleeping, busy, strict=True) for client in pair], part(7))
    for thread in threads:
        thread.join(5)
    # No wave waits for a thread that does not sleep: each would have cost half a second.
    assert time.monotonic() - began < 2
    assert heard == [7] * 100
    assert [client.take(0)[0].last for client in busy] == [7] * 100


def test_a_wave_without_anybody_is_over_at_once() -> None:
    began = time.monotonic()
    Wave().wait()
    assert time.monotonic() - began < 0.2
