"""`shapan serve` as a process: what it refuses, and what it leaves behind."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fixtures.databases import OwnDatabase
from tests.fixtures.homes import REPOSITORY, Shapan
from tests.fixtures.services import StartService, free_port, start


def processes_of(group: int) -> list[str]:
    found = subprocess.run(["ps", "-eo", "pid,sid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if line.split()[1] == str(group)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_service_and_its_jobs(start_service: StartService, number: int) -> None:
    service = start_service()
    jobs = subprocess.run(["ps", "--ppid", str(service.process.pid), "-o", "args"], capture_output=True, text=True,
                          check=True).stdout
    assert "spatial.jobs" in jobs
    assert service.stop(number) in (0, -number, 128 + number, 130)
    assert processes_of(service.process.pid) == []


def test_an_import_worker_that_dies_is_started_again(start_service: StartService) -> None:
    service = start_service()

    def workers() -> list[int]:
        listing = subprocess.run(["ps", "--ppid", str(service.process.pid), "-o", "pid=,stat=,args="],
                                 capture_output=True, text=True, check=True).stdout
        return [int(line.split()[0]) for line in listing.splitlines()
                if "importers.worker" in line and line.split()[1][0] != "Z"]

    (first,) = workers()
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while workers() in ([], [first]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(workers()) == 1
    assert workers() != [first]


def test_nothing_is_left_when_the_service_is_killed_outright(start_service: StartService, tmp_path: Path) -> None:
    bridge = tmp_path / "bridge.yaml"
    bridge.write_text(f"broker: {{host: 127.0.0.1, port: {free_port()}}}\nroutes: [{{topic: a, kind: positions, "
                      "fields: {keeper: k, lon: x, lat: y, at: t}}]\n")
    service = start_service(words=("--bridge", str(bridge)))
    listing = subprocess.run(["ps", "--ppid", str(service.process.pid), "-o", "pid=,args="], capture_output=True,
                             text=True, check=True).stdout
    assert "webmap.bridge" in listing
    children = [int(line.split()[0]) for line in listing.splitlines()]
    assert len(children) >= 4, "a worker of the server, the jobs, the import worker, and the bridge"
    os.kill(service.process.pid, signal.SIGKILL)
    service.process.wait()
    deadline = time.monotonic() + 10
    while any(os.path.exists(f"/proc/{pid}") for pid in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in children if os.path.exists(f"/proc/{pid}")]


def test_what_works_beside_the_service_loads_no_models() -> None:
    # SQLAlchemy is for migrations and /ogc; each start of a process that loads it takes 0.6 s of a processor more.
    code = ("import spatial.jobs.__main__, importers.worker, webmap.webhooks.__main__, webmap.bridge.__main__, sys; "
            "print('sqlalchemy' in sys.modules)")
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert answer.stdout == "False\n"


def test_a_taken_port_is_named_with_the_cure(shapan: Shapan, database: OwnDatabase) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = shapan("serve", "--port", str(port), settings=database.settings)
    assert done.returncode == 2
    assert f"Port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_others_reach_needs_encryption(shapan: Shapan, database: OwnDatabase) -> None:
    done = shapan("serve", "--host", "0.0.0.0", "--port", str(free_port()), settings=database.settings)
    assert done.returncode == 2
    assert "--tls-cert" in done.stderr
    assert "--public-url" in done.stderr


def test_the_demo_account_never_leaves_loopback(
    shapan: Shapan, database: OwnDatabase, certificate: tuple[Path, Path]
) -> None:
    done = shapan("serve", "--host", "0.0.0.0", "--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1]),
                  "--port", str(free_port()), settings=database.settings, SHAPAN_DEMO_ACCOUNT="1")
    assert done.returncode == 2
    assert "demo account" in done.stderr


def test_a_database_without_tables_is_refused_with_its_cure(shapan: Shapan, bare_database: OwnDatabase) -> None:
    done = shapan("serve", "--port", str(free_port()), settings=bare_database.settings)
    assert done.returncode == 4
    assert "shapan db migrate" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_named(shapan: Shapan, tmp_path) -> None:
    nowhere = f"postgresql://shapan_app@127.0.0.1:{free_port()}/shapan"
    done = shapan("serve", "--port", str(free_port()), SHAPAN_HOME=str(tmp_path), SHAPAN_DATABASE_URL=nowhere,
                  SHAPAN_ADMIN_DATABASE_URL=nowhere)
    assert done.returncode == 4
    assert "127.0.0.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_service_speaks_tls_with_the_certificate_given(
    database: OwnDatabase, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    service = start(database, tmp_path, words=("--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1])),
                    trusted=certificate[0])
    try:
        assert service.url.startswith("https://")
    finally:
        service.stop(signal.SIGKILL)


def test_files_that_are_no_certificate_and_key_are_refused(
    shapan: Shapan, database: OwnDatabase, certificate: tuple[Path, Path]
) -> None:
    for pair in (("/etc/passwd", certificate[1]), (certificate[1], certificate[0])):
        done = shapan("serve", "--tls-cert", str(pair[0]), "--tls-key", str(pair[1]), settings=database.settings)
        assert done.returncode == 2
        assert "PEM" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_demo_account_is_refused_behind_a_proxy(shapan: Shapan, database: OwnDatabase) -> None:
    done = shapan("serve", "--public-url", "https://sandbox.example", "--port", str(free_port()),
                  settings=database.settings, SHAPAN_DEMO_ACCOUNT="1")
    assert done.returncode == 2
    assert "proxy" in done.stderr


def test_the_service_behind_a_proxy_says_its_address_and_answers_for_no_other(start_service: StartService) -> None:
    service = start_service(words=("--public-url", "https://sandbox.example"), SHAPAN_DEMO_ACCOUNT="0")
    assert "for https://sandbox.example/" in service.log.read_text()

    def status(host: str) -> int:
        heads = {"Connection": "close", "Host": host, "X-Forwarded-Host": "sandbox.example"}
        with closing(http.client.HTTPConnection(service.url.removeprefix("http://"), timeout=10)) as connection:
            connection.request("GET", "/health/live", headers=heads)
            with connection.getresponse() as answer:
                return answer.status

    assert [status(host) for host in ("sandbox.example", "127.0.0.1", "evil.example")] == [200, 200, 403]
