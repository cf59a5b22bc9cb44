"""Find PostgreSQL's programs, with PostGIS beside them, on this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import BinariesMissing, ClusterVersionMismatch

OLDEST_MAJOR = 15
DEBIAN = Path("/usr/lib/postgresql")
HOMEBREW = (Path("/opt/homebrew/opt"), Path("/usr/local/opt"))
PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql")


@dataclass(frozen=True)
class Binaries:
    """PostgreSQL's programs of one version.

    Attributes:
        folder: holds initdb, pg_ctl, postgres and psql.
        major: major version, such as 15.
        has_postgis: PostGIS's control file lies where this version looks for extensions.
    """

    folder: Path
    major: int
    has_postgis: bool

    def path(self, program: str) -> str:
        """Return the full path of one program, such as ``initdb``."""
        return str(self.folder / program)


def candidate_folders(debian: Path = DEBIAN, homebrew: tuple[Path, ...] = HOMEBREW,
                      search_path: str | None = None) -> Iterator[Path]:
    """Yield folders that may hold the programs: Debian's, Homebrew's, then pg_config's on the PATH.

    Args:
        debian: folder with one folder for each major version.
        homebrew: folders with Homebrew's kegs.
        search_path: PATH to look for pg_config in; the process's own when None.
    """
    yield from debian.glob("*/bin")
    for root in homebrew:
        yield from root.glob("postgresql@*/bin")
        yield from root.glob("postgresql/bin")
    pg_config = shutil.which("pg_config", path=search_path)
    if pg_config:
        answer = _ask(Path(pg_config), "--bindir")
        if answer:
            yield Path(answer)


def find_all(folders: Iterator[Path] | None = None) -> list[Binaries]:
    """Return every usable set of programs, newest first.

    Args:
        folders: where to look; :func:`candidate_folders` when None.
    """
    found = {}
    for folder in candidate_folders() if folders is None else folders:
        if not all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
            continue
        major = _major(folder)
        if major is not None:
            found[folder.resolve()] = Binaries(folder, major, _has_postgis(folder, major))
    return sorted(found.values(), key=lambda each: each.major, reverse=True)


def choose(found: list[Binaries], wanted_major: int | None = None, data: Path | None = None) -> Binaries:
    """Choose the programs to run.

    Args:
        found: what :func:`find_all` returned.
        wanted_major: major version that made the data directory; None for a new one.
        data: that data directory, for the message.

    Returns:
        The newest with PostGIS, or the one of the wanted major version.

    Raises:
        BinariesMissing: no PostgreSQL, one too old, or none with PostGIS.
        ClusterVersionMismatch: the data directory needs another version than is installed.
    """
    if not found:
        raise BinariesMissing(f"PostgreSQL's programs are not installed (looked in {DEBIAN} and on the PATH).",
                              f"Debian, Ubuntu: {_apt('NN')}. macOS: brew install postgresql@17 postgis.")
    if wanted_major is not None:
        same = [each for each in found if each.major == wanted_major]
        if not same:
            installed = ", ".join(str(each.major) for each in found)
            raise ClusterVersionMismatch(
                f"{data} was made by PostgreSQL {wanted_major}; installed is {installed}. Nothing was started.",
                f"Install it again ({_apt(wanted_major)}), or move the data with pg_upgrade, "
                "or point SHAPAN_HOME to another folder.",
            )
        found = same
    new_enough = [each for each in found if each.major >= OLDEST_MAJOR]
    if not new_enough:
        raise BinariesMissing(
            f"PostgreSQL {found[0].major} is installed; {OLDEST_MAJOR} or newer is needed.", f"{_apt('NN')}.")
    usable = [each for each in new_enough if each.has_postgis]
    if not usable:
        major = new_enough[0].major
        raise BinariesMissing(f"PostgreSQL {major} is installed without PostGIS.",
                              f"apt-get install postgresql-{major}-postgis-3, or on macOS: brew install postgis.")
    return usable[0]


def _apt(major: int | str) -> str:
    server = "postgresql" if major == "NN" else f"postgresql-{major}"
    hint = " (NN is the installed version, 15 on Debian 12)" if major == "NN" else ""
    return f"apt-get install {server} postgresql-{major}-postgis-3{hint}"


def _ask(program: Path, *words: str) -> str | None:
    try:
        answer = subprocess.run([str(program), *words], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()


def _major(folder: Path) -> int | None:
    answer = _ask(folder / "postgres", "--version")  # postgres (PostgreSQL) 15.18 (Debian …), 19beta1
    if not answer:
        return None
    found = re.search(r"\) (\d+)", answer)
    return int(found[1]) if found else None


def _has_postgis(folder: Path, major: int) -> bool:
    shares = [Path(f"/usr/share/postgresql/{major}")]
    answer = _ask(folder / "pg_config", "--sharedir")
    if answer:
        shares.insert(0, Path(answer))
    return any((share / "extension" / "postgis.control").is_file() for share in shares)
