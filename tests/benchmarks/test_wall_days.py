"""Days that pass in minutes: every instant in what a page is told is moved, and nothing else."""

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wall_days.bench import Moment, Results
from benchmarks.wall_days.faster import Clock, Faster
from benchmarks.wall_days.low_power import Frames

BEGIN = datetime(2026, 11, 1, 12, tzinfo=UTC)
CLOCK = Clock(BEGIN, 1000)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2027, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))


@given(one=INSTANTS, other=INSTANTS)
def test_what_came_first_comes_first(one: datetime, other: datetime) -> None:
    assert (one <= other) == (CLOCK.moved(one) <= CLOCK.moved(other))


def test_a_minute_is_a_thousand_and_the_past_stays() -> None:
    assert CLOCK.moved(BEGIN + timedelta(minutes=1)) == BEGIN + timedelta(minutes=1000)
    assert CLOCK.moved(BEGIN - timedelta(days=3)) == BEGIN - timedelta(days=3)


def test_only_instants_are_rewritten() -> None:
    told = {"now": "2026-11-01T12:00:01+00:00", "z": "2026-11-01T12:00:01.5Z", "day": "2026-11-01", "seq": 20261101,
            "name": "2026-11-01T12:00:01", "text": "at 2026-11-01T12:00:01Z it began"}
    assert json.loads(CLOCK.rewritten(json.dumps(told).encode())) == {
        **told, "now": "2026-11-01T12:16:40+00:00", "z": "2026-11-01T12:25:00+00:00"}


def results(first: float = 20, last: float = 21, quick: bool = False, **more) -> Results:
    moments = [Moment(share, f"2026-11-0{day}", 700, 30, day, day, heap, 3, 600)
               for share, day, heap in ((0.1, 1, first), (1.0, 8, last))]
    return Results("a machine", "a browser", 8, 1000, 60, quick, **{
        "away_s": 14.0, "moments": moments, "sent": {"alarms": {"taken": 9}}, **more})


def test_what_a_wall_may_not_do_is_a_line_each() -> None:
    assert results().missed == []
    assert len(results(last=23).missed) == 1
    assert results(last=23, quick=True).missed == []
    (stands,) = results(moments=[results().moments[0]] * 2, sent={}).missed
    assert stands == "nothing went by: the tour, the figures, the day, the simulator"
    everything = results(last=23, idle_frames=1, away_s=None, errors=["oh"], foreign=["http://elsewhere.example/"])
    assert len(everything.missed) == 5
    assert everything.text().count("MISSED") == 5


def test_a_frame_of_low_power_is_judged_by_what_it_takes_and_not_by_what_else_the_machine_does() -> None:
    kept = [Frames(1000, 400, 700, 210), Frames(1000, 180, 300, 260)]
    assert [results(low=low).missed for low in kept] == [[], []]
    assert len(results(low=Frames(1000, 260, 300, 255)).missed) == 1
    assert "1,000 buildings" in results(low=kept[0]).text()


@pytest.fixture
def service() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            stream = self.path == "/api/live"
            self.send_header("Content-Type", "text/event-stream" if stream else "application/json")
            self.send_header("X-Kept", self.headers.get("Cookie", ""))
            self.end_headers()
            self.wfile.write(b'event: heartbeat\ndata: {"now":"2026-11-01T12:00:01+00:00"}\n\n')
            self.wfile.flush()
            if stream:
                time.sleep(1)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_answers_and_streams_come_through_as_they_are_sent(service: str) -> None:
    with Faster(service, CLOCK) as faster:
        request = urllib.request.Request(f"{faster.url}/api/kpi", headers={"Cookie": "a=b"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.headers["X-Kept"] == "a=b"
            assert b"12:16:40" in answer.read()
        begin = time.monotonic()
        with urllib.request.urlopen(f"{faster.url}/api/live", timeout=10) as answer:
            assert answer.readline() == b"event: heartbeat\n"
            assert b"12:16:40" in answer.readline()
            assert time.monotonic() - begin < 0.9, "a line is passed on before the next one comes"
