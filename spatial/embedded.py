"""The private PostgreSQL + PostGIS cluster in the data directory.

``start`` makes it when it is missing, adopts it when it runs, recovers it when it was killed.
It listens on one Unix socket in a folder of mode 0700 and on no network. Run by root, PostgreSQL
runs under an unprivileged account, because it refuses to run as root.
"""

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import pq
from psycopg.conninfo import make_conninfo

from spatial import binaries, disk, embedded_conf, postmaster
from spatial.errors import ClusterFailed, ClusterVersionMismatch
from spatial.settings import Settings

DATABASE = "shapan"
SUPERUSER = "postgres"
ACCOUNT = "postgres"  # Debian's package makes it
PORT = 5432  # only part of the socket's file name: nothing listens on the network
START_TIMEOUT_S = 120
OWN_HOME = "Run as root or as its owner, or point SHAPAN_HOME to a folder of your own."
LOCALE = "C" if os.uname().sysname == "Darwin" else "C.UTF-8"  # macOS has no C.UTF-8


@dataclass(frozen=True)
class Cluster:
    """Where the parts of the private cluster lie.

    Attributes:
        home: the data directory of the product (``SHAPAN_HOME``).
        folder: everything of PostgreSQL, owned by the account that runs it.
        data: PostgreSQL's data directory.
        log_dir: its logs.
        lock: file that one start or stop at a time holds.
        ballast: file of no use, given up when the disk is full.
        socket_dir: short folder of the Unix socket, derived from ``home``.
    """

    home: Path
    folder: Path
    data: Path
    log_dir: Path
    lock: Path
    ballast: Path
    socket_dir: Path


@dataclass(frozen=True)
class Status:
    """What is known of the private cluster without starting it.

    Attributes:
        running: it answers.
        data: PostgreSQL's data directory.
        socket_dir: folder of its socket.
        pid: process of the postmaster, None when it does not run.
        made_by: major version that made the data directory, None when there is none.
        free_mb: free space on the disk, in megabytes.
        ballast: the ballast file is in place.
    """

    running: bool
    data: Path
    socket_dir: Path
    pid: int | None
    made_by: int | None
    free_mb: int
    ballast: bool


def cluster(settings: Settings) -> Cluster:
    """Return where the private cluster of these settings lies. Touches nothing.

    Args:
        settings: gives the data directory.
    """
    home = settings.home
    folder = home / "postgresql"
    data = folder / "data"
    return Cluster(home=home, folder=folder, data=data, log_dir=folder / "log", lock=home / "postgresql.lock",
                   ballast=folder / "ballast", socket_dir=_socket_dir(home, data))


def start(settings: Settings) -> bool:
    """Make sure that the private cluster runs.

    Args:
        settings: the settings in force.

    Returns:
        True when it was started, False when it ran already.

    Raises:
        BinariesMissing: PostgreSQL or PostGIS is not installed.
        ClusterVersionMismatch: another major version made the data directory.
        DiskNearlyFull: too little space for a new cluster, or to recover.
        ClusterFailed: it could not be made or started; carries the last lines of its log.
    """
    place = cluster(settings)
    if _ping(place) == pq.Ping.OK:
        return False
    _check_owner(place)
    _make_home(place.home)
    with _one_at_a_time(place):
        if _answers_after_wait(place):
            return False
        programs = binaries.choose(binaries.find_all(), _made_by(place.data), place.data)
        account = _account(place)
        _make_folder(place, account)
        if not place.data.exists():
            disk.guard_free_space(settings, "making the database")
            _initdb(place, programs, account)
        _configure(place, settings, programs, account)
        _make_socket_dir(place.socket_dir, account)
        postmaster.start(place, programs, account, START_TIMEOUT_S)
        disk.keep_ballast(place.ballast, settings)
    return True


def stop(settings: Settings) -> bool:
    """Stop the private cluster; open transactions are rolled back, committed ones are kept.

    Args:
        settings: gives the data directory.

    Returns:
        True when it ran.

    Raises:
        ClusterFailed: it does not stop, or belongs to another account.
    """
    place = cluster(settings)
    _check_owner(place)
    if not place.data.exists():
        return False
    with _one_at_a_time(place):
        if postmaster.living_pid(place.data / "postmaster.pid") is None:
            return False
        programs = binaries.choose(binaries.find_all(), _made_by(place.data), place.data)
        postmaster.stop(place, programs, _account(place))
    return True


def status(settings: Settings) -> Status:
    """Return what is known of the private cluster. Starts nothing.

    Args:
        settings: gives the data directory.
    """
    place = cluster(settings)
    running = _ping(place) == pq.Ping.OK
    return Status(
        running=running, data=place.data, socket_dir=place.socket_dir,
        pid=postmaster.living_pid(place.data / "postmaster.pid") if running else None,
        made_by=_made_by(place.data), free_mb=disk.free_mb(place.home), ballast=os.path.exists(place.ballast),
    )


def _socket_dir(home: Path, data: Path) -> Path:
    # A socket's path may have 107 bytes, so it cannot lie in a home of any length; the hash keeps
    # two homes apart and gives the same folder to whoever looks at the same home.
    name = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:10]
    uid = os.geteuid()
    if uid == 0:
        owner = _owner(data)
        if (owner is None or owner == _uid_of(ACCOUNT)) and Path("/run").is_dir():
            return Path(f"/run/shapan-{name}")
        uid = uid if owner is None else owner
    return Path(f"/tmp/shapan-{uid}-{name}")


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def _uid_of(name: str) -> int | None:
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def _account(place: Cluster) -> postmaster.Account:
    uid = os.geteuid()
    if uid == 0:
        # A data directory that is there already runs under its owner, whoever that is.
        uid = _owner(place.data) or _uid_of(ACCOUNT)
        if uid is None:
            raise ClusterFailed(f"PostgreSQL does not run as root, and there is no account {ACCOUNT}.",
                                f"Make one: useradd --system {ACCOUNT}.")
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise ClusterFailed(f"User id {uid} has no entry in the user database, which PostgreSQL needs.",
                            "Run as a named user.") from error
    return postmaster.Account(uid=uid, gid=entry.pw_gid, name=entry.pw_name, home=entry.pw_dir)


def _check_owner(place: Cluster) -> None:
    uid = os.geteuid()
    try:
        owner = place.folder.stat().st_uid
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(place.folder, error) from error
    if uid not in (0, owner):
        raise ClusterFailed(f"{place.folder} belongs to user id {owner}, you are {uid}.", OWN_HOME)


def _make_home(home: Path) -> None:
    # As root the unprivileged account must pass through; as a user nobody else has business there.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        for missing in [each for each in reversed(home.parents) if not each.exists()]:
            missing.mkdir(exist_ok=True)
            missing.chmod(0o755)
        if not home.exists():
            home.mkdir()
            home.chmod(mode)
        elif os.geteuid() == 0 and _owner(home) == 0:
            home.chmod(home.stat().st_mode | 0o011)
    except OSError as error:
        raise ClusterFailed(f"{home} cannot be made: {error.strerror}.",
                            "Point SHAPAN_HOME to a folder that you may write.") from error


def _make_folder(place: Cluster, account: postmaster.Account) -> None:
    for folder in (place.folder, place.log_dir):
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            account.take(folder)
        except OSError as error:
            raise ClusterFailed(f"{folder} cannot be made: {error.strerror}.", OWN_HOME) from error
    if not account.can_enter(place.folder):
        raise ClusterFailed(f"The account {account.name}, which runs PostgreSQL, cannot enter {place.folder}.",
                            "Give it the right to pass every folder above, or point SHAPAN_HOME elsewhere, "
                            "such as /var/lib/shapan.")


def _make_socket_dir(folder: Path, account: postmaster.Account) -> None:
    try:
        folder.mkdir(mode=0o700)
        account.take(folder)
    except FileExistsError:
        pass
    found = folder.lstat()
    # In /tmp anybody can put a folder of this name first; trusting it would open the door to him.
    if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise ClusterFailed(f"{folder} is not a folder of {account.name} alone (mode 0700).",
                            f"Find out who made it, then remove it: rm -r {folder}.")


def _initdb(place: Cluster, programs: binaries.Binaries, account: postmaster.Account) -> None:
    # Made beside and then renamed: a killed initdb leaves nothing that looks like a cluster.
    unfinished = place.folder / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    done = account.run([programs.path("initdb"), "-D", str(unfinished), f"--username={SUPERUSER}",
                        "--data-checksums", "--encoding=UTF8", f"--locale={LOCALE}", "--auth=trust",
                        "--no-instructions"], timeout=START_TIMEOUT_S)
    if done.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ClusterFailed(f"The database could not be made in {place.data}: {postmaster.last_lines(done.stderr)}",
                            "Nothing was left behind; remove the cause and try again.")
    with (unfinished / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude_if_exists = 'shapan.conf'\n")
    unfinished.rename(place.data)


def _configure(place: Cluster, settings: Settings, programs: binaries.Binaries, account: postmaster.Account) -> None:
    texts = {
        "shapan.conf": embedded_conf.server_conf(settings, place.socket_dir, place.log_dir, embedded_conf.memory_mb(),
                                                 _wal_compression(place, programs, account)),
        "pg_hba.conf": embedded_conf.HBA,
    }
    for name, text in texts.items():
        target = place.data / name
        if target.exists() and target.read_text() == text:
            continue  # on a full disk a start must not need space
        target.write_text(text)
        account.take(target)


def _wal_compression(place: Cluster, programs: binaries.Binaries, account: postmaster.Account) -> str:
    """Return the fastest method that this build of PostgreSQL has: it is asked, because nothing lists them."""
    *faster, always = embedded_conf.WAL_COMPRESSION
    for method in faster:
        asked = account.run([programs.path("postgres"), "-D", str(place.data), "-c", f"wal_compression={method}",
                             "-C", "wal_compression"], timeout=START_TIMEOUT_S)
        if asked.returncode == 0:
            return method
    return always


def _made_by(data: Path) -> int | None:
    """Return the major version that made a data directory, None when there is none or it is closed to us."""
    file = data / "PG_VERSION"
    try:
        written = file.read_bytes().strip()
    except FileNotFoundError:
        if data.exists() and any(data.iterdir()):
            raise ClusterFailed(f"{data} holds files but no PG_VERSION: it is no PostgreSQL data directory.",
                                "Restore it from a backup, or point SHAPAN_HOME to another folder.") from None
        return None
    except PermissionError:
        return None
    except OSError as error:
        raise _unreadable(data, error) from error
    if re.fullmatch(rb"[1-9]\d", written):
        return int(written)
    if old := re.fullmatch(rb"([1-9])(\.\d+)?", written):  # 9.6 and older counted in two numbers
        raise ClusterVersionMismatch(
            f"{data} was made by PostgreSQL {old[0].decode()}; {binaries.OLDEST_MAJOR} or newer is needed. "
            "Nothing was started.", "Move the data with a dump, or point SHAPAN_HOME to another folder.")
    raise _damaged_version(data, written)


def _damaged_version(data: Path, written: bytes) -> ClusterFailed:
    found = f"{data / 'PG_VERSION'} is {'empty' if not written else 'no version number'}"
    if not (data / "global" / "pg_control").exists():
        return ClusterFailed(f"{found}, and {data} holds no database yet: making it was broken off, as by a full disk.",
                             f"Free some space, move it away (mv {data} {data}.broken), then run `shapan db up`.")
    copy = data / "base" / "1" / "PG_VERSION"  # each database inside carries the number too
    cure = "Restore the folder from a backup."
    if copy.is_file() and copy.stat().st_size:
        cure = f"Put the number back: cp -p {copy} {data / 'PG_VERSION'} ; or restore the folder from a backup."
    return ClusterFailed(f"{found}, but {data} holds a database. Nothing was started or changed.", cure)


def _unreadable(path: Path, error: OSError) -> ClusterFailed:
    return ClusterFailed(f"{path} cannot be entered: {error.strerror}.", OWN_HOME)


def _ping(place: Cluster) -> pq.Ping:
    address = make_conninfo(host=str(place.socket_dir), port=PORT, user=SUPERUSER, dbname="postgres",
                            connect_timeout=5)
    return pq.Ping(pq.PGconn.ping(address.encode()))


def _answers_after_wait(place: Cluster) -> bool:
    """Tell whether it answers, after waiting for one that is just starting up or shutting down."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while (answer := _ping(place)) == pq.Ping.REJECT and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer == pq.Ping.OK


@contextmanager
def _one_at_a_time(place: Cluster) -> Iterator[None]:
    try:
        descriptor = os.open(place.lock, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise ClusterFailed(f"{place.lock} cannot be opened: {error.strerror}.",
                            "Run as the user who made it, or point SHAPAN_HOME elsewhere.") from error
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ClusterFailed(f"Another start or stop has held {place.lock} for {START_TIMEOUT_S} s.",
                                        "Wait for it, or end that process.") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
