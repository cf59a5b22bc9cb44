"""Start and stop the server process of the private cluster, also after it was killed."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spatial import disk
from spatial.binaries import Binaries
from spatial.errors import ClusterFailed, DiskNearlyFull

if TYPE_CHECKING:
    from spatial.embedded import Cluster

# After kill -9 the old server's children need a moment to go, and hold its shared memory until then.
PASSING = ("still in use", "lock file", "is another postmaster", "could not bind")
PAUSES_S = (0.2, 0.4, 0.8, 1.6, 3.2)
FULL = "No space left on device"
TIGHT_MB = 32  # recovery writes a WAL segment of 16 MB, and a checkpoint
SOCKET_GRACE_S = 2


@dataclass(frozen=True)
class Account:
    """The operating system's account that PostgreSQL runs under.

    Attributes:
        uid: user id.
        gid: its primary group.
        name: its name.
        home: its home folder.
    """

    uid: int
    gid: int
    name: str
    home: str

    def run(self, words: list[str], timeout: float) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, without the caller's PG… variables.

        Args:
            words: program and arguments.
            timeout: seconds.

        Returns:
            Exit code and output.
        """
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": self.home, "LC_ALL": "C.UTF-8",
                       "TZ": "UTC"}
        become = {}
        if os.geteuid() != self.uid:
            become = {"user": self.uid, "group": self.gid, "extra_groups": []}
        # In the root folder, because the caller's may be closed to this account.
        return subprocess.run(words, capture_output=True, text=True, timeout=timeout, cwd="/", check=False,
                              stdin=subprocess.DEVNULL, env=environment, umask=0o077, **become)

    def can_enter(self, folder: Path) -> bool:
        """Tell whether this account can enter a folder."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], timeout=10).returncode == 0

    def take(self, path: Path) -> None:
        """Make this account the owner of a file or folder that we made for it."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def start(place: "Cluster", programs: Binaries, account: Account, timeout: float) -> None:
    """Start the server and wait until it answers.

    Args:
        place: the cluster; nobody else starts or stops it now.
        programs: PostgreSQL's programs.
        account: runs the server.
        timeout: seconds to wait, recovery included.

    Raises:
        DiskNearlyFull: recovery finds no space, the ballast's included.
        ClusterFailed: it does not start; carries the last lines of its log.
    """
    _end_unreachable(place, programs, account)
    first_log = place.log_dir / "start.log"
    pauses = list(PAUSES_S)
    while True:
        _forget_dead(place)
        first_log.unlink(missing_ok=True)
        began = time.time()
        try:
            done = account.run([programs.path("pg_ctl"), "start", "-w", "-t", str(int(timeout)), "-s",
                                "-D", str(place.data), "-l", str(first_log)], timeout=timeout + 10)
            if done.returncode == 0:
                return
            said = done.stderr
        except subprocess.TimeoutExpired:
            said = f"no answer within {timeout:.0f} s"
        log = _logged_since(place.log_dir, began) or said
        # On a disk without any space the reason cannot be logged either.
        if FULL in log + said or disk.free_mb(place.data) < TIGHT_MB:
            if disk.give_up_ballast(place.ballast):
                continue
            raise DiskNearlyFull(f"The disk of {place.data} is full, the database cannot recover: {last_lines(log)}",
                                 "Free some space on it, then start again. No committed data is lost.")
        if not pauses or not any(sign in log for sign in PASSING):
            raise ClusterFailed(f"PostgreSQL did not start on {place.data}: {last_lines(log)}",
                                f"The full log lies in {place.log_dir}.")
        time.sleep(pauses.pop(0))


def stop(place: "Cluster", programs: Binaries, account: Account) -> None:
    """Stop the server: sessions are ended, open transactions rolled back, data written out.

    Args:
        place: the cluster; nobody else starts or stops it now.
        programs: PostgreSQL's programs.
        account: runs the server.

    Raises:
        ClusterFailed: it does not stop within a minute.
    """
    done = account.run([programs.path("pg_ctl"), "stop", "-w", "-t", "60", "-m", "fast", "-s",
                        "-D", str(place.data)], timeout=70)
    if done.returncode != 0 and living_pid(place.data / "postmaster.pid") is not None:
        raise ClusterFailed(f"PostgreSQL on {place.data} did not stop: {last_lines(done.stderr)}",
                            f"Look into {place.log_dir}, then try again.")


def living_pid(lock_file: Path) -> int | None:
    """Return the process named in a PostgreSQL lock file, if it lives and is a PostgreSQL.

    A number can be in use again after a reboot, and in a container without a reaper a killed
    server stays as a zombie: PostgreSQL takes both for a running server.

    Args:
        lock_file: postmaster.pid or the lock beside the socket; its first line is the process id.
    """
    try:
        pid = int(lock_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    proc = Path("/proc") / str(abs(pid))
    if Path("/proc/self").exists():
        try:
            name, rest = (proc / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            return None
        return pid if name.startswith(("postgres", "postmaster")) and rest.split()[0] != "Z" else None
    answer = subprocess.run(["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, command = answer.stdout.strip().partition(" ")
    return pid if "postgres" in command and not state.startswith("Z") else None


def last_lines(log: str, count: int = 5) -> str:
    """Return the last lines of a log on one line, without time stamps' empty neighbours."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return " | ".join(lines[-count:]) or "it said nothing"


def _end_unreachable(place: "Cluster", programs: Binaries, account: Account) -> None:
    """End a server that lives but whose socket was swept away, so that a reachable one can start."""
    pid_file = place.data / "postmaster.pid"
    if living_pid(pid_file) is None:
        return
    deadline = time.monotonic() + SOCKET_GRACE_S
    socket = place.socket_dir / ".s.PGSQL.5432"
    while time.monotonic() < deadline:
        if socket.exists() or living_pid(pid_file) is None:
            return
        time.sleep(0.1)
    stop(place, programs, account)


def _forget_dead(place: "Cluster") -> None:
    """Clear what a killed server left that would make PostgreSQL think it still runs."""
    pid_file = place.data / "postmaster.pid"
    if pid_file.exists() and living_pid(pid_file) is None:
        # Not deleted: its other lines name the shared memory, by which PostgreSQL itself finds
        # out whether children of the dead server still write. Only the number is made surely dead.
        lines = pid_file.read_text().split("\n")
        gone = subprocess.Popen(["true"])
        gone.wait()
        lines[0] = str(gone.pid)
        pid_file.write_text("\n".join(lines))
    for lock in place.socket_dir.glob(".s.PGSQL.*.lock"):
        if living_pid(lock) is None:
            lock.unlink()


def _logged_since(folder: Path, began: float) -> str:
    logs = sorted(folder.glob("*.log"), key=lambda each: each.stat().st_mtime)
    return "\n".join(log.read_text(errors="replace") for log in logs if log.stat().st_mtime >= began - 1)
