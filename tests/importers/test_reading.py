"""The reading process: what it cannot do, and that it ends whatever a file does to it."""

import ctypes
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from importers.reading import confine, warden
from importers.reading.limits import Limits, limits_for
from importers.source import open_source
from spatial.errors import SourceError
from tests.fixtures.homes import REPOSITORY
from tests.importers.files import buildings

pytestmark = pytest.mark.skipif(sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
                                reason="the kernel's walls are Linux's, on x86_64 and aarch64")

READABLE = [Path(place) for place in (*sys.path, sys.prefix, sys.base_prefix, *confine.LIBRARIES) if place]


def confined(work: Callable[[], object], folder: Path, limits: Limits | None = None,
             readable: list[Path] | None = None) -> tuple[str, int]:
    """Do some work in a confined child; return what it said or raised, and the signal that ended it."""
    inside, outside = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(inside)
            left = confine.confine(limits or Limits(), READABLE if readable is None else readable, folder)
            try:
                said = f"{left or ''}{work()}"
            except BaseException as error:
                said = f"{type(error).__name__} {getattr(error, 'errno', '')}"
            os.write(outside, said.encode()[:4000])
        finally:
            os._exit(0)
    os.close(outside)
    with open(inside, "rb") as pipe:
        said = pipe.read().decode()
    return said, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_it_can_make_no_socket_of_any_kind_and_reach_not_even_this_machine(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = server.getsockname()
        for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
            assert confined(lambda family=family: socket.socket(family), tmp_path) == ("PermissionError 1", 0)
        assert confined(lambda: socket.create_connection(address, 2), tmp_path) == ("PermissionError 1", 0)
        # A socket that was open before is of no use either.
        with socket.socket() as early:
            assert confined(lambda: early.connect(address), tmp_path) == ("PermissionError 1", 0)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("number", [425, 438, 434])
def test_it_has_no_way_round_by_other_calls(tmp_path, number):
    # io_uring_setup, pidfd_getfd, pidfd_open: the same number on every machine.
    libc = ctypes.CDLL(None, use_errno=True)
    assert confined(lambda: (libc.syscall(number, 1, 0, 0), ctypes.get_errno()), tmp_path) == ("(-1, 1)", 0)


def test_it_can_start_no_program_and_end_no_process(tmp_path):
    assert confined(lambda: os.execv("/bin/true", ["true"]), tmp_path)[0] == "PermissionError 1"
    assert confined(lambda: os.kill(os.getppid(), 0), tmp_path) == ("PermissionError 1", 0)


def test_it_reads_what_it_is_given_and_no_other_file(tmp_path):
    given, other, own = tmp_path / "given.txt", tmp_path / "other.txt", tmp_path / "own"
    own.mkdir()
    for path in (given, other):
        path.write_text("x")
    readable = [*READABLE, given]
    assert confined(given.read_text, own, readable=readable) == ("x", 0)
    assert confined(lambda: given.write_text("y"), own, readable=readable) == ("PermissionError 13", 0)
    for path in (other, Path("/etc/passwd"), Path("/proc/self/environ")):
        assert confined(path.read_text, own, readable=readable) == ("PermissionError 13", 0)
    assert confined(lambda: (own / "a").write_text("yy"), own, readable=readable) == ("2", 0)
    assert confined(lambda: (tmp_path / "b").write_text("y"), own, readable=readable) == ("PermissionError 13", 0)


def test_memory_time_and_files_have_an_end(tmp_path):
    assert confined(lambda: bytearray(5 << 30), tmp_path) == ("MemoryError ", 0)
    assert confined(_spin, tmp_path, Limits(cpu=1))[1] == -signal.SIGXCPU
    said, _ = confined(lambda: (tmp_path / "a").write_bytes(bytes(2 << 20)), tmp_path, Limits(file=1 << 20))
    assert said == "OSError 27"
    assert confined(lambda: [os.open("/dev/null", 0) for _ in range(300)], tmp_path)[0] == "OSError 24"


def _spin() -> None:
    while True:
        pass


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def test_the_reading_process_gets_nothing_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SHAPAN_SECRET_OF_TEST", "x")
    monkeypatch.setenv("GDAL_HTTP_PROXY", "http://127.0.0.1:1")
    fresh = warden.Warden()
    try:
        fresh._start()
        time.sleep(0.2)
        environment = environment_of(fresh._process.pid)
        assert b"SHAPAN" not in environment
        assert b"PROXY" not in environment
        assert b"PATH=" not in environment
    finally:
        fresh.close()


def endless(folder: Path) -> Path:
    """Return a table that takes long to read."""
    path = folder / "a.csv"
    path.write_text("code,name\n" + "1,x\n" * 400_000)
    return path


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """Return where a reading process of these tests alone has its folders."""
    folder = tmp_path_factory.mktemp("scratch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        patch.setattr(warden, "_warden", warden.Warden())
        yield folder
        warden._warden.close()


def test_a_file_that_gives_nothing_is_ended_after_its_time(tmp_path, scratch):
    path = endless(tmp_path)
    job = warden.Job({"task": "read", "layer": "a", "rows": 400_000}, path, Limits(silence=0.05))
    with pytest.raises(SourceError, match=r"a\.csv gave nothing for 0\.05 seconds"):
        list(job.records())
    with pytest.raises(ProcessLookupError):
        os.kill(job._pid, 0)
    assert not any(scratch.iterdir())


def test_a_file_that_uses_up_its_processor_time_is_named(tmp_path):
    path = endless(tmp_path)
    with warden.started({"task": "read", "layer": "a", "rows": 400_000}, path, Limits(cpu=0)) as job, \
            pytest.raises(SourceError, match=r"a\.csv used more processor time than it may"):
        job.answer()


def test_a_reading_that_is_left_early_leaves_nothing_behind(tmp_path, scratch):
    path = buildings(tmp_path / "a.gpkg", 50_000)
    rows = open_source(path).batches()
    next(rows)
    assert any(scratch.iterdir())
    rows.close()
    assert not any(scratch.iterdir())


def test_a_reading_process_that_is_killed_is_an_error_of_the_file_and_the_next_one_works(tmp_path, scratch):
    path = buildings(tmp_path / "a.gpkg", 50_000)
    source = open_source(path)
    rows = source.batches()
    next(rows)
    os.kill(warden._warden._process.pid, signal.SIGKILL)
    with pytest.raises(SourceError, match="has ended|cannot be read|was ended"):
        list(rows)
    assert sum(batch.rows for batch in source.batches()) == 50_000
    assert not any(scratch.iterdir())


def test_nothing_is_left_when_the_import_itself_is_killed(tmp_path, scratch):
    path = buildings(tmp_path / "a.gpkg", 50_000)
    code = ("import sys, time; from pathlib import Path; from importers.source import open_source; "
            "from importers.reading import warden; rows = open_source(Path(sys.argv[1])).batches(); next(rows); "
            "print(warden._warden._process.pid, flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "TMPDIR": str(scratch)}) as process:
        nursery = int(process.stdout.readline())
        assert len(list(scratch.iterdir())) == 1
        process.kill()
    for _ in range(100):
        if not Path(f"/proc/{nursery}").exists():
            break
        time.sleep(0.05)
    assert not any(scratch.iterdir())
    assert not Path(f"/proc/{nursery}").exists()


def test_a_larger_file_may_take_longer(tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"x")
    assert limits_for((path,)).cpu == 60
    with path.open("r+b") as file:
        file.truncate(500 << 20)
    assert (limits_for((path,)).cpu, limits_for((path,)).silence) == (560, 560)


def test_an_answer_that_is_no_table_is_an_error_and_no_traceback(tmp_path):
    path = buildings(tmp_path / "a.gpkg", 1)
    job = warden.Job({"task": "open", "layer": None, "wanted": None}, path, Limits())
    assert json.loads(json.dumps(job.answer()))["layer"]["name"] == "buildings"
    with warden.started({"task": "names"}, path, Limits()) as job:
        assert list(job.records()) == []


def test_a_job_that_is_forgotten_in_the_middle_of_a_question_is_ended_after_it(tmp_path, scratch):
    path = buildings(tmp_path / "a.gpkg", 50_000)
    forgotten = warden.Job({"task": "read", "layer": "buildings", "rows": 20_000}, path, Limits())
    keeper = warden._warden
    keeper._asking = True
    assert forgotten.end() == {"signal": None}
    keeper._asking = False
    assert sum(batch.rows for batch in open_source(path).batches()) == 50_000
    assert not any(scratch.iterdir())


def test_the_importing_process_itself_loads_no_library_that_opens_files():
    asked = ("import sys, importers.commands.import_, importers.worker\n"
             "print({'pyogrio', 'rasterio'} & set(sys.modules))")
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert said.stdout.strip() == "set()"
