"""`scripts/demo` from an empty data directory to a served city, and nothing left behind."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from spatial import embedded
from spatial.settings import Settings
from tests.fixtures.homes import REPOSITORY, Shapan, environment_for
from tests.fixtures.services import free_port

SERVED_WITHIN_S = 240


def processes_of(session: int) -> list[str]:
    found = subprocess.run(["ps", "-eo", "sid=,pid=,args="], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if int(line.split()[0]) == session]


def test_the_demo_serves_the_city_and_ctrl_c_stops_everything_that_it_started(
    make_home: Callable[..., Settings], shapan: Shapan, tmp_path: Path
) -> None:
    settings, port, output = make_home(), free_port(), tmp_path / "demo.log"
    with output.open("wb") as log:
        demo = subprocess.Popen(
            ["scripts/demo", "--port", str(port)], cwd=REPOSITORY, env=environment_for(settings, {}),
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )
    try:
        deadline = time.monotonic() + SERVED_WITHIN_S
        while "stop with Ctrl-C" not in output.read_text():
            assert demo.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.2)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/counts", timeout=10) as answer:
            assert re.search(rb'"residents":\s*50\d\d\d\b', answer.read())
        jobs = re.search(r"own work: (\d+) s", output.read_text())
        assert jobs, "the demo says how long its own work took"
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        code = demo.wait(30)
    assert code == 130
    assert processes_of(demo.pid) == []
    assert not embedded.status(settings).running
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_taken_port_ends_the_demo_with_the_cure_before_anything_is_made(
    make_home: Callable[..., Settings]
) -> None:
    settings = make_home()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(
            ["scripts/demo", "--port", str(port)], cwd=REPOSITORY, env=environment_for(settings, {}),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SERVED_WITHIN_S, check=False,
        )
    assert done.returncode == 1
    assert f"Port {port}" in done.stderr
    assert "--port" in done.stderr
    assert not settings.home.exists()
