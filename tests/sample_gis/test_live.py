"""The simulator speaks HTTP, waits for a server that is away, sends nothing twice and ends in order."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sample_gis import live

DEVICES = [
    {"code": f"{kind[:3].upper()}{n:05d}", "kind": kind, "name": f"{kind} {n}", "lon": 117.28 + n / 1e4,
     "lat": 31.86, "z_m": 1.0, "building_code": None, "floor": None, "area_code": "999001001001",
     "grid_code": "999001001001001"}
    for kind in ("elevator", "smoke", "gas", "camera", "manhole", "water_meter", "access_control") for n in range(3)
]
RUN = "from sample_gis.commands import simulate; simulate()"


class Gate:
    """A server that speaks the interface of the sandbox and can be told to fail."""

    def __init__(self):
        self.answers = []
        self.got = []
        self.more = {}
        self.pages = 0
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                gate.pages += 1
                after = re.search(r"after=(\w*)", self.path)[1]
                codes = sorted(d["code"] for d in DEVICES)
                rest = [d for d in sorted(DEVICES, key=lambda d: d["code"]) if d["code"] > after][:10]
                more = rest and rest[-1]["code"] != codes[-1]
                self.answer(gate.status(), {"devices": rest, "next": rest[-1]["code"] if more else None})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = gate.status(201)
                if status == 201:
                    gate.got.append((self.path, body))
                self.answer(status, {"taken": len(next(iter(body.values()))), **gate.more})

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def status(self, good=200):
        return self.answers.pop(0) if self.answers else good

    def bodies(self, path):
        return [message for got, body in self.got if got == path for message in next(iter(body.values()))]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.close()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(live, "FIRST_WAIT_S", 0.05)


def run(gate, duration=1.5, rate=3000):
    return live.simulate(gate.url, rate, 1, duration, threading.Event(), lambda tally: None)


def test_it_learns_all_devices_page_by_page_and_sends_of_every_sort(gate):
    tally = run(gate)
    assert gate.pages == 3
    assert tally.alarms == len([a for a in gate.bodies("/api/alarms") if not a.get("cleared")]) > 5
    assert tally.events == len(gate.bodies("/api/events")) > 5
    assert tally.positions == len(gate.bodies("/api/keepers/positions")) == 1
    assert not tally.away


def test_messages_have_the_fields_of_the_interface(gate):
    run(gate)
    alarm, event = gate.bodies("/api/alarms")[0], gate.bodies("/api/events")[0]
    assert set(alarm) == {"source", "event_id", "device", "severity", "type", "occurred_at", "note"}
    assert set(event) == {"source", "code", "class_code", "origin", "title", "place", "lon", "lat", "occurred_at"}
    assert set(gate.bodies("/api/keepers/positions")[0]) == {"keeper", "lon", "lat", "at"}


def test_it_waits_for_a_server_that_is_not_ready_and_loses_nothing(gate):
    gate.answers = [503, 503, 200, 200, 200, 503, 502]
    tally = run(gate, 2.5)
    ids = [a["event_id"] for a in gate.bodies("/api/alarms")]
    assert len(set(ids)) == len(ids) == tally.alarms + tally.cleared
    numbers = sorted(int(m["event_id"].split("-")[-1]) for m in gate.bodies("/api/alarms") if "cleared" not in m)
    numbers += [int(e["code"].split("-")[-1]) for e in gate.bodies("/api/events")]
    assert sorted(numbers)[0] == 1
    assert len(numbers) >= 0.95 * max(numbers)


def test_it_waits_where_nothing_listens_and_says_so():
    told = []
    tally = live.simulate("http://127.0.0.1:9", 60, 1, 0.4, threading.Event(), lambda t: told.append(t.line()))
    assert tally.alarms == 0
    assert "server away" in told[0]


def test_a_batch_refused_for_its_content_is_counted_and_dropped(gate):
    gate.answers = [200, 200, 200, 422]
    tally = run(gate)
    assert tally.refused > 0
    assert tally.alarms > 0


def test_of_a_batch_that_is_taken_in_part_the_refused_messages_are_counted(gate):
    gate.more = {"refused": [{"index": 0, "field": "device"}, {"index": 0, "field": "note"}]}
    tally = run(gate)
    batches = sum(path == "/api/alarms" for path, _ in gate.got)
    assert tally.refused == batches > 0
    assert tally.alarms + tally.cleared + tally.refused == len(gate.bodies("/api/alarms"))


def test_a_refused_account_ends_it_with_the_cure(gate):
    gate.answers = [403]
    done = subprocess.run([sys.executable, "-c", RUN, "--url", gate.url, "--duration", "5"], capture_output=True,
                          text=True, timeout=20)
    assert done.returncode == 1
    assert "HTTP 403" in done.stderr
    assert "demo account" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order_with_a_last_line(gate, number):
    process = subprocess.Popen([sys.executable, "-W", "error", "-c", RUN, "--url", gate.url, "--rate", "600"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 20
    while not gate.got and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0, err
    assert out.startswith("simulate: ")
    assert "positions; connected" in out
    assert "Traceback" not in err


def test_a_long_absence_keeps_the_newest_messages_only(monkeypatch):
    monkeypatch.setattr(live, "BACKLOG", 10)
    outbox = live.Outbox()
    outbox.add("alarms", [{"n": n} for n in range(25)])
    assert [message["n"] for message in outbox.queues["alarms"]] == list(range(15, 25))
