"""What a stream is told while it begins, while the feed lags, and when some of it is gone."""

import json
import time
from collections.abc import Iterator

import pytest

from spatial import outbox
from spatial.cells import Touched
from spatial.types import Scope
from tests.fixtures.objects import GRID
from tests.fixtures.web import Web, until_trusted
from webmap import stream
from webmap.stream import RESYNC, Client


@pytest.fixture
def client(web: Web) -> Client:
    return hub(web).join(Scope((GRID,)))


def hub(web: Web) -> stream.Hub:
    return web.app.extensions["shapan"].hub


def told(web: Web, client: Client) -> Iterator[bytes]:
    return stream.events(web.app.extensions["shapan"].database, hub(web), client, None)


def names(parts: Iterator[bytes], last: str) -> list[str]:
    """Return the names of events up to the first with a name."""
    found: list[str] = []
    while last not in found:
        found += [line.removeprefix("event: ") for line in next(parts).decode().split("\n")
                  if line.startswith("event: ")]
    return found


def touch(web: Web) -> None:
    """Have tiles change and the application hear of it."""
    with web.database.connect() as connection:
        outbox.touched(connection, Touched("roads", 0, 22, 14, ((1, 2),)))
    web.sequence()


@pytest.mark.parametrize("at", ["beginning", "resync"])
def test_a_change_of_tiles_is_told_that_came_while_the_snapshot_was_made(web: Web, client: Client, at: str) -> None:
    parts = told(web, client)
    assert next(parts) == b"retry: 1000\n\n"  # the page asks for its tiles anew from here on
    if at == "resync":
        names(parts, "snapshot")
        client.offer(RESYNC)
        next(parts)
    touch(web)
    assert names(parts, "tiles-changed")[-2:] == ["snapshot", "tiles-changed"]


def test_a_sequencer_that_does_not_keep_up_is_not_vouched_for(web: Web) -> None:
    versions = web.app.extensions["shapan"].tiles.versions
    job = web.database.connect("worker", autocommit=True)
    with web.database.connect() as connection:
        for number in range(200):
            outbox.append(connection, "alarm", str(number), GRID[:12], GRID, {})
    end = time.monotonic() + 10
    while versions.trusted:
        assert time.monotonic() < end
        assert outbox.stamp(job, 1), "never distrusted while changes waited"
        time.sleep(0.05)
    while outbox.stamp(job):
        pass
    until_trusted(versions)


def test_pages_begin_anew_when_changes_were_forgotten_before_they_were_told(web: Web, client: Client) -> None:
    web.sequence()
    parts = told(web, client)
    names(parts, "snapshot")
    job = web.database.connect("worker", autocommit=True)
    before = outbox.head(job)
    with job.transaction():
        for layer in ("roads", "water"):
            outbox.touched(job, Touched(layer, 0, 22, 14, ((1, 2),)))
        outbox.stamp(job)
        job.execute(outbox.FORGET, ([outbox.TILES], before, before + 1))
    assert names(parts, "tiles-changed") == ["resync", "snapshot", "tiles-changed"]


def test_a_replay_with_a_hole_is_a_new_beginning(web: Web, client: Client) -> None:
    job = web.database.connect("worker", autocommit=True)
    before = outbox.head(job)
    touch(web)
    touch(web)
    database = web.app.extensions["shapan"].database
    replay = stream.events(database, hub(web), client, before)
    assert names(replay, "tiles-changed") == ["tiles-changed"]
    job.execute(outbox.FORGET, ([outbox.TILES], before, before + 1))
    parts = stream.events(database, hub(web), hub(web).join(Scope((GRID,))), before)
    assert names(parts, "snapshot") == ["resync", "snapshot"]
    # Our number counts as heard: the next change is told, and no earlier one.
    touch(web)
    body = next(part for part in parts if b"tiles-changed" in part)
    assert json.loads(body.split(b"data: ")[1])["changes"][0]["layer"] == "roads"
