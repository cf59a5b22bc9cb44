"""What a stream is told while it begins, while the feed lags, and when some of it is gone."""

import json
import time
from collections.abc import Iterator

import pytest
from werkzeug.test import create_environ

from spatial import outbox
from spatial.cells import Touched
from spatial.types import Scope
from tests.fixtures.objects import GRID
from tests.fixtures.web import Web, until_trusted
from webmap import stream
from webmap.client import Client
from webmap.identity import VIEWER
from webmap.told import Audience

GRIDS_AUDIENCE = Audience(Scope((GRID,)), VIEWER)


@pytest.fixture
def client(web: Web) -> Client:
    return hub(web).join(GRIDS_AUDIENCE)


def hub(web: Web) -> stream.Hub:
    return web.app.extensions["shapan"].hub


def told(web: Web, client: Client, last_seen: int | None = None) -> Iterator[bytes]:
    parts = web.app.extensions["shapan"]
    return stream.events(parts.database, parts.snapshots, parts.hub, client, last_seen, lambda: True)


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
        client.resync()
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
    # With "resync" a page asks for all of its tiles, those of the change that is left included.
    assert names(parts, "resync") == ["resync"]
    assert web.app.extensions["shapan"].tiles.versions.of(("water",), 14, 1, 2) == before + 2
    assert names(parts, "snapshot") == ["snapshot"]
    touch(web)
    assert names(parts, "tiles-changed") == ["tiles-changed"]


def test_a_replay_with_a_hole_is_a_new_beginning(web: Web, client: Client) -> None:
    job = web.database.connect("worker", autocommit=True)
    before = outbox.head(job)
    touch(web)
    touch(web)
    replay = told(web, client, before)
    assert names(replay, "tiles-changed") == ["tiles-changed"]
    job.execute(outbox.FORGET, ([outbox.TILES], before, before + 1))
    parts = told(web, hub(web).join(GRIDS_AUDIENCE), before)
    assert names(parts, "snapshot") == ["resync", "snapshot"]
    # Our number counts as heard: the next change is told, and no earlier one.
    touch(web)
    body = next(part for part in parts if b"tiles-changed" in part)
    assert json.loads(body.split(b"data: ")[1])["changes"][0]["layer"] == "roads"


def test_a_heartbeat_says_how_far_the_feed_was_heard_also_where_nothing_was_for_this_listener(
        web: Web, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_S", 0.3)
    web.sequence()
    parts = told(web, client)
    names(parts, "snapshot")
    with web.database.connect() as connection:
        outbox.append(connection, "alarm", "1", "998001001001", "998001001001001", {"id": 1})
    web.sequence()
    head = outbox.head(web.database.connect())
    while (beat := next(parts)) and int(beat.split(b"\n")[0].removeprefix(b"id: ")) < head:
        assert beat.split(b"\n")[1] == b"event: heartbeat"
    # Whoever comes back with this number has missed nothing and begins without a snapshot.
    again = told(web, hub(web).join(GRIDS_AUDIENCE), head)
    assert names(again, "heartbeat") == ["heartbeat"]


def test_a_stream_whose_client_took_too_long_for_one_write_is_ended(
        web: Web, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STUCK_S", 0.2)
    parts = told(web, client)
    next(parts)
    assert b"event: snapshot" in next(parts)
    time.sleep(0.3)  # the server asks for more when it has got rid of what it had
    assert list(parts) == []
    assert hub(web).open_streams == 0


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_stream_that_nobody_reads_holds_no_place(web: Web, method: str) -> None:
    # A client that is gone before the first byte: the server closes the answer without asking for any of it.
    said = []
    environ = create_environ("/api/live", method=method, environ_base={"REMOTE_ADDR": "127.0.0.1"})
    answer = web.app(environ, lambda status, headers: said.append((status, dict(headers)["Content-Type"])))
    getattr(answer, "close", lambda: None)()
    assert said == [("200 OK", "text/event-stream; charset=utf-8")]
    assert hub(web).open_streams == 0


@pytest.mark.parametrize("last_seen", ["9" * 5000, "-1", "1e3", "²", ""])
def test_a_number_that_the_feed_never_gave_is_no_number(web: Web, last_seen: str) -> None:
    answer = web.client.get("/api/live", headers={"Last-Event-ID": last_seen}, buffered=False)
    body = answer.iter_encoded()
    assert [next(body).split(b"\n")[0] for _ in range(2)] == [b"retry: 1000", b"id: 0"]
    answer.close()
    assert hub(web).open_streams == 0


def test_all_who_hear_the_same_are_sent_the_same_bytes_of_a_snapshot(web: Web) -> None:
    snapshot = web.app.extensions["shapan"].snapshots.take(GRIDS_AUDIENCE)
    assert snapshot.event is snapshot.event
    assert snapshot.data in snapshot.event


def test_a_change_whose_announcement_was_lost_is_found_by_the_safety_poll(web: Web, client: Client) -> None:
    parts = told(web, client)
    names(parts, "snapshot")
    with web.database.connect() as connection:
        outbox.append(connection, "alarm", "1", GRID[:12], GRID, {"id": 1})
    web.database.connect("worker", autocommit=True).execute(outbox.STAMP, (10, outbox.TILES))
    numbered = time.monotonic()
    assert names(parts, "alarm") == ["alarm"]
    assert time.monotonic() - numbered < stream.SAFETY_POLL_S + 1
