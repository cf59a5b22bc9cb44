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

from sample_gis import live, outbox
from sample_gis.live import Wanted
from sample_gis.outbox import Courier, Outbox
from sample_gis.tally import Tally

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
    monkeypatch.setattr(outbox, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(live, "TICK_S", 0.02)


def run(gate, duration=0.8, rate=6000, **more):
    return live.simulate(Wanted(gate.url, rate, 1, duration, **more), threading.Event(), lambda tally: None)


def test_it_learns_all_devices_page_by_page_and_sends_of_every_sort(gate):
    tally = run(gate)
    assert gate.pages == 3
    assert tally.counts["alarms"].taken == len(gate.bodies("/api/alarms")) > 5
    assert tally.counts["events"].taken == len(gate.bodies("/api/events")) > 5
    assert tally.counts["positions"].taken == len(gate.bodies("/api/keepers/positions")) == 1
    assert tally.counts["readings"].taken == len(gate.bodies("/api/devices/readings"))
    assert not tally.away
    assert tally.dropped == 0


def test_readings_go_once_a_second_at_most_in_order_and_not_at_all_when_unwanted(gate, monkeypatch):
    monkeypatch.setattr(live.Traffic, "measured", lambda self, now: [
        {"source": "s", "device": "GAS00000", "at": now.isoformat(), "values": {}}])
    assert outbox.PACED_S == {"readings": 1.0}
    monkeypatch.setitem(outbox.PACED_S, "readings", 0.2)
    run(gate, 0.7, 0)
    posts = [len(body["readings"]) for path, body in gate.got if path == "/api/devices/readings"]
    times = [reading["at"] for reading in gate.bodies("/api/devices/readings")]
    assert 2 <= len(posts) <= 4
    assert max(posts) > 2
    assert times == sorted(times)
    gate.got.clear()
    run(gate, 0.1, 0, readings=False)
    assert gate.bodies("/api/devices/readings") == []


def test_messages_have_the_fields_of_the_interface(gate):
    run(gate)
    alarm, event = gate.bodies("/api/alarms")[0], gate.bodies("/api/events")[0]
    assert set(alarm) == {"source", "event_id", "device", "severity", "type", "occurred_at", "note"}
    assert set(event) == {"source", "code", "class_code", "origin", "title", "place", "lon", "lat", "occurred_at"}
    assert set(gate.bodies("/api/keepers/positions")[0]) == {"keeper", "lon", "lat", "at"}


def test_it_waits_for_a_server_that_is_not_ready_and_loses_nothing(gate):
    gate.answers = [503, 503, 200, 200, 200, 503, 502]
    tally = run(gate, 1.0)
    ids = [a["event_id"] for a in gate.bodies("/api/alarms")]
    assert len(set(ids)) == len(ids) == tally.counts["alarms"].taken
    numbers = sorted(int(m["event_id"].split("-")[-1]) for m in gate.bodies("/api/alarms") if "cleared" not in m)
    numbers += [int(e["code"].split("-")[-1]) for e in gate.bodies("/api/events")]
    assert sorted(numbers)[0] == 1
    assert len(numbers) >= 0.95 * max(numbers)


def test_it_waits_where_nothing_listens_and_says_so():
    told = []
    tally = live.simulate(Wanted("http://127.0.0.1:9", 60, 1, 0.4), threading.Event(), lambda t: told.append(t.line()))
    assert tally.counts["alarms"].taken == 0
    assert "server away" in told[0]


def test_a_batch_refused_for_its_content_is_counted_and_dropped(gate):
    gate.answers = [200, 200, 200, 422]
    tally = run(gate)
    assert tally.counts["alarms"].refused + tally.counts["events"].refused > 0
    assert tally.counts["alarms"].taken > 0
    assert len(tally.faults) == 1


def test_what_the_server_says_of_a_batch_is_counted_and_each_fault_named_once(gate):
    gate.more = {"taken": 1, "already_known": 2, "refused": [
        {"index": 0, "field": "device", "value": "X", "fault": "is not on record", "cure": "Import it.", "kept": True},
        {"index": 0, "field": "note", "fault": "is too long"}]}
    tally = run(gate)
    batches = sum(path == "/api/alarms" for path, _ in gate.got)
    count = tally.counts["alarms"]
    assert (count.taken, count.known, count.refused) == (batches, 2 * batches, batches)
    assert "alarms: device X is not on record. Import it." in tally.faults
    assert len(set(tally.faults)) == len(tally.faults) == 5
    assert f"alarms {batches}/{2 * batches}/{batches}, events" in tally.line()


def test_json_is_one_object_with_the_counts_and_faults_stand_on_the_other_line(gate):
    gate.more = {"refused": [{"index": 0, "field": "lon", "value": 500, "reason": "no place", "cure": "Look again."}]}
    done = subprocess.run([sys.executable, "-W", "error", "-c", RUN, "--url", gate.url, "--rate", "600", "--json",
                           "--duration", "0.5", "--seed", "3"], capture_output=True, text=True, timeout=20, check=True)
    told = json.loads(done.stdout)
    assert set(told["alarms"]) == {"taken", "known", "refused"}
    assert (told["seed"], told["mqtt"], told["dropped"], told["away"]) == (3, None, 0, None)
    assert told["positions"]["refused"] == 1
    assert done.stderr.count("refused: positions: lon 500 no place. Look again.") == 1


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
    assert re.search(r"readings \d+/0/0, steps 0/0/0; connected", out)
    assert "Traceback" not in err


def test_a_long_absence_keeps_the_newest_messages_only_and_counts_the_others(monkeypatch):
    monkeypatch.setattr(outbox, "BACKLOG", 10)
    waiting = Outbox(Tally())
    waiting.add("alarms", [{"n": n} for n in range(25)])
    assert [message["n"] for message in waiting.queues["alarms"]] == list(range(15, 25))
    assert waiting.tally.dropped == 15


class Fails:
    """A line that takes what it is told to, then is away for a while."""

    name = "line"

    def __init__(self, *fails):
        self.fails, self.got = list(fails), []

    def send(self, kind, batch):
        if self.fails.pop(0) if self.fails else False:
            raise live.Away("gone")
        self.got += [message["n"] for message in batch]
        return {"taken": len(batch)}


def test_batches_arrive_in_order_across_failures_and_nothing_is_asked_of_a_line_while_it_is_waited_for(monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", 10)
    waiting, line = Outbox(Tally()), Fails(False, True, True, False)
    courier = Courier(line, ("alarms",), waiting)
    waiting.add("alarms", [{"n": n} for n in range(35)])
    assert courier.run(0.0)
    assert courier.patience.away == "line away (gone)"
    assert not courier.run(0.01)
    waiting.add("alarms", [{"n": n} for n in range(35, 40)])
    assert courier.run(0.2)
    assert not courier.run(0.25)
    assert courier.run(0.5)
    assert line.got == list(range(40))
    assert waiting.tally.counts["alarms"].taken == 40
    assert courier.patience.away == ""
