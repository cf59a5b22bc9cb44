"""The private cluster: made once, adopted, recovered, refused where it must be, never on a network."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from spatial import embedded, postmaster, server
from spatial.errors import ClusterFailed, ClusterVersionMismatch, DiskNearlyFull
from tests.fixtures.homes import COMMAND, REPOSITORY, environment_for, make_parent, remove_home, settings_for

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")


def ask(settings, query):
    with psycopg.connect(server.addresses(settings).superuser) as connection:
        return connection.execute(query).fetchone()[0]


def keep_a_row(settings):
    with psycopg.connect(server.addresses(settings).superuser) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz)")
        connection.execute("INSERT INTO kept VALUES (now())")


def kill(settings):
    """Kill the postmaster as the kernel would when memory runs out; return its number."""
    pid = embedded.status(settings).pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: postmaster.living_pid(embedded.cluster(settings).data / "postmaster.pid") is None)
    return pid


def wait_until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def running():
    """A cluster that was started for the first time; its tests only look."""
    parent = make_parent()
    settings = settings_for(parent / "home")
    try:
        server.bring_up(settings)
        yield settings
    finally:
        remove_home(settings)
        shutil.rmtree(parent)


def fill(folder):
    """Fill the disk of a folder to its last page."""
    with (folder / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"\0" * 4096)


def test_a_first_start_makes_a_cluster_that_is_as_designed(running):
    assert ask(running, "SHOW data_checksums") == "on"
    assert ask(running, "SHOW server_encoding") == "UTF8"
    assert ask(running, "SELECT datcollate FROM pg_database WHERE datname = 'shapan'") == embedded.LOCALE
    assert ask(running, "SHOW jit") == "off"
    assert ask(running, "SHOW fsync") == "on"
    assert ask(running, "SELECT count(*) FROM pg_extension WHERE extname IN ('postgis', 'btree_gist')") == 2


def test_it_listens_on_one_socket_in_a_closed_folder_and_on_no_network(running):
    place = embedded.cluster(running)
    assert ask(running, "SHOW listen_addresses") == ""
    assert place.socket_dir.stat().st_mode & 0o777 == 0o700
    assert place.folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.addresses(running).app, host="127.0.0.1", connect_timeout=2)


@as_root
def test_started_by_root_it_runs_under_an_unprivileged_account(running):
    assert Path(f"/proc/{embedded.status(running).pid}").stat().st_uid != 0


def test_the_ballast_is_kept_beside_the_data(running):
    taken = embedded.cluster(running).ballast.stat().st_blocks * 512
    assert taken >= running.min_free_mb * 1024 * 1024


def test_a_second_start_adopts_the_running_one(running):
    first = embedded.status(running).pid
    assert not embedded.start(running)
    assert embedded.status(running).pid == first


def test_two_starts_at_once_make_one_cluster(make_home):
    home = make_home()
    command = [*COMMAND, "db", "up", "--json"]
    starts = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY,
                               env=environment_for(home, {})) for _ in range(3)]
    answers = [process.communicate(timeout=60) for process in starts]
    assert [process.returncode for process in starts] == [0, 0, 0], answers
    assert sum('"started"' in out for out, _ in answers) >= 1
    assert len({out.split('"address": ')[1].split(",")[0] for out, _ in answers}) == 1


def test_a_stop_keeps_what_was_committed_and_a_second_stop_does_nothing(home):
    server.bring_up(home)
    keep_a_row(home)
    assert embedded.stop(home)
    assert not embedded.status(home).running
    assert not embedded.stop(home)
    server.bring_up(home)
    assert ask(home, "SELECT count(*) FROM kept") == 1


def test_a_killed_one_recovers_with_what_was_committed(home):
    server.bring_up(home)
    keep_a_row(home)
    first = kill(home)
    server.bring_up(home)
    assert ask(home, "SELECT count(*) FROM kept") == 1
    assert embedded.status(home).pid != first


def test_a_killed_one_recovers_though_its_number_is_another_programs_now(home):
    server.bring_up(home)
    keep_a_row(home)
    kill(home)
    place = embedded.cluster(home)
    account = embedded._account(place)
    become = {"user": account.uid, "group": account.gid} if os.geteuid() == 0 else {}
    stranger = subprocess.Popen(["sleep", "60"], **become)
    try:
        for lock in (place.data / "postmaster.pid", place.socket_dir / ".s.PGSQL.5432.lock"):
            lines = lock.read_text().split("\n")
            lock.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        server.bring_up(home)
        assert ask(home, "SELECT count(*) FROM kept") == 1
    finally:
        stranger.kill()
        stranger.wait()


def test_a_zombie_counts_as_dead(tmp_path):
    program = tmp_path / "postgres"
    program.symlink_to("/bin/true")
    zombie = subprocess.Popen([str(program)])
    state = Path(f"/proc/{zombie.pid}/stat")
    wait_until(lambda: ") Z " in state.read_text())
    (tmp_path / "postmaster.pid").write_text(f"{zombie.pid}\n")
    assert postmaster.living_pid(tmp_path / "postmaster.pid") is None
    zombie.wait()


def test_a_running_one_whose_socket_was_swept_away_is_started_anew(home):
    server.bring_up(home)
    keep_a_row(home)
    for file in embedded.cluster(home).socket_dir.iterdir():
        file.unlink()
    server.bring_up(home)
    assert ask(home, "SELECT count(*) FROM kept") == 1


def test_a_broken_off_first_start_is_done_again(home):
    unfinished = embedded.cluster(home).folder / "data.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    server.bring_up(home)
    assert not unfinished.exists()


def test_a_home_with_a_very_long_path_works(make_home):
    home = make_home("市" * 60 + "x" * 60)
    server.bring_up(home)
    assert len(os.fsencode(embedded.cluster(home).data)) > 250
    assert ask(home, "SELECT 1") == 1


def test_two_homes_run_side_by_side_and_do_not_share_data(make_home):
    one, two = make_home("one"), make_home("two")
    server.bring_up(one)
    server.bring_up(two)
    keep_a_row(one)
    assert embedded.cluster(one).socket_dir != embedded.cluster(two).socket_dir
    assert ask(two, "SELECT count(*) FROM pg_tables WHERE tablename = 'kept'") == 0


def test_the_callers_postgresql_variables_do_not_lead_it_astray(home, shapan):
    answer = shapan("db", "up", settings=home, PGHOST="nowhere.invalid", PGPORT="1", PGDATA="/nonexistent",
                    PGUSER="nobody", PGDATABASE="other")
    assert answer.returncode == 0, answer.stderr


def test_data_of_another_major_version_is_left_alone(home):
    data = embedded.cluster(home).data
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(ClusterVersionMismatch, match=r"made by PostgreSQL 12; installed is \d+.*Nothing was started"):
        server.bring_up(home)
    assert [each.name for each in data.iterdir()] == ["PG_VERSION"]


def test_data_of_a_version_in_two_numbers_is_left_alone(home):
    data = embedded.cluster(home).data
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(ClusterVersionMismatch, match=r"made by PostgreSQL 9\.6; 15 or newer is needed"):
        server.bring_up(home)
    assert (data / "PG_VERSION").read_text() == "9.6\n"


@pytest.mark.parametrize(("written", "said"), [(b"", "is empty"), (b"\xff\x00", "is no version number")])
def test_a_database_that_was_never_finished_is_told_from_a_damaged_one(home, written, said):
    data = embedded.cluster(home).data
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_bytes(written)
    with pytest.raises(ClusterFailed, match=f"{said}, and .* holds no database yet") as caught:
        server.bring_up(home)
    assert f"mv {data} {data}.broken" in caught.value.cure
    (data / "global").mkdir()
    (data / "global" / "pg_control").write_bytes(b"x")
    with pytest.raises(ClusterFailed, match=f"{said}, but .* holds a database") as caught:
        embedded.status(home)
    assert caught.value.cure == "Restore the folder from a backup."
    assert (data / "PG_VERSION").read_bytes() == written


def test_a_lost_version_number_comes_back_by_the_cure(home):
    server.bring_up(home)
    keep_a_row(home)
    embedded.stop(home)
    (embedded.cluster(home).data / "PG_VERSION").write_bytes(b"")
    with pytest.raises(ClusterFailed) as caught:
        server.bring_up(home)
    subprocess.run(caught.value.cure.split(": ")[1].split(" ; ")[0].split(), check=True)
    server.bring_up(home)
    assert ask(home, "SELECT count(*) FROM kept") == 1


@pytest.mark.parametrize("command", ["up", "down", "status"])
def test_a_home_that_is_a_file_is_refused(home, shapan, command):
    home.home.write_text("dear")
    answer = shapan("db", command, settings=home)
    assert answer.returncode == 4
    assert "cannot be entered: Not a directory." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert home.home.read_text() == "dear"
    home.home.unlink()


@pytest.mark.parametrize(("mode", "below"), [(0o555, ""), (0o555, "deeper"), (0o600, "deeper")])
def test_a_home_that_may_not_be_written_is_refused(home, shapan, mode, below):
    home.home.mkdir(mode=mode)
    os.chmod(home.home, mode)
    inner = settings_for(home.home / below)
    for command in ("up", "status"):
        answer = shapan("db", command, settings=inner, as_user=True, refused=True)
        assert answer.returncode == 4
        assert "Traceback" not in answer.stderr
        assert answer.stderr.startswith("shapan: ")


def test_a_folder_that_is_no_data_directory_is_left_alone(home):
    data = embedded.cluster(home).data
    data.mkdir(parents=True)
    (data / "letters.txt").write_text("dear")
    with pytest.raises(ClusterFailed, match="holds files but no PG_VERSION"):
        server.bring_up(home)
    assert (data / "letters.txt").read_text() == "dear"


def test_a_failed_start_shows_what_postgresql_said(home):
    server.bring_up(home)
    embedded.stop(home)
    with (embedded.cluster(home).data / "postgresql.conf").open("a") as conf:
        conf.write("\nshared_bufers = 1GB\n")
    with pytest.raises(ClusterFailed, match="shared_bufers") as caught:
        server.bring_up(home)
    assert str(embedded.cluster(home).log_dir) in caught.value.cure


def test_a_socket_folder_that_somebody_else_may_enter_is_refused(home):
    folder = embedded.cluster(home).socket_dir
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with pytest.raises(ClusterFailed, match="is not a folder of .* alone"):
        server.bring_up(home)


def test_no_cluster_is_made_on_a_nearly_full_disk(make_home):
    home = make_home(SHAPAN_MIN_FREE_MB="1000000")
    with pytest.raises(DiskNearlyFull, match="making the database was not started"):
        server.bring_up(home)
    assert not embedded.cluster(home).data.exists()


def test_an_unprivileged_user_runs_a_cluster_of_his_own(home, shapan):
    for word in ("migrate", "check"):
        answer = shapan("db", word, settings=home, as_user=True)
        assert answer.returncode == 0, answer.stderr
    assert embedded.cluster(home).socket_dir.is_relative_to("/tmp")
    assert home.home.stat().st_mode & 0o777 == 0o700
    assert shapan("db", "down", settings=home, as_user=True).returncode == 0


@as_root
def test_root_adopts_and_stops_a_users_cluster(home, shapan):
    assert shapan("db", "up", settings=home, as_user=True).returncode == 0
    answer = shapan("db", "up", "--json", settings=home)
    assert '"adopted"' in answer.stdout, answer.stderr
    assert '{"stopped": true}' in shapan("db", "down", "--json", settings=home).stdout


@as_root
@pytest.mark.parametrize("command", ["up", "down", "status", "check"])
def test_another_users_home_is_refused(running, shapan, command):
    answer = shapan("db", command, settings=running, as_user=True, refused=True)
    assert answer.returncode == 4
    assert "Traceback" not in answer.stderr
    assert "shapan: " in answer.stderr
    assert embedded.status(running).running


@as_root
def test_a_home_that_postgresqls_account_cannot_reach_is_refused_with_the_cure(home):
    home.home.parent.chmod(0o700)
    with pytest.raises(ClusterFailed, match="cannot enter") as caught:
        server.bring_up(home)
    assert "/var/lib/shapan" in caught.value.cure


@as_root
def test_a_full_disk_gives_up_the_ballast_and_recovers_what_was_committed(home):
    home.home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=260m,mode=0755", "tmpfs", str(home.home)], check=True)
    try:
        server.bring_up(home)
        keep_a_row(home)
        ballast = embedded.cluster(home).ballast
        assert ballast.exists()
        kill(home)
        wait_until(lambda: not list(Path("/proc").glob(f"[0-9]*/cwd/{embedded.cluster(home).data.name}/base")))
        fill(home.home)
        server.bring_up(home)
        assert ask(home, "SELECT count(*) FROM kept") == 1
        assert not ballast.exists()
    finally:
        embedded.stop(home)
        subprocess.run(["umount", str(home.home)], check=True)


def test_the_log_is_compressed_by_a_method_that_this_build_of_postgresql_has(cluster):
    has_lz4 = ask(cluster, "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'wal_compression'")
    assert ask(cluster, "SHOW wal_compression") == ("lz4" if has_lz4 else "pglz")
