"""scripts/bare-check removes only the folder that it made itself, and nothing that is mounted below."""

import os
import subprocess

import pytest

from tests.fixtures.homes import REPOSITORY

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do this")


def bare_check(folder, path=os.defpath):
    return subprocess.run([str(REPOSITORY / "scripts" / "bare-check"), str(folder)], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL, timeout=60, env={"PATH": path})


@pytest.fixture
def broken_debootstrap(tmp_path):
    """Return a function that makes a debootstrap which runs some lines and then breaks off; returns the PATH."""
    def make(lines):
        program = tmp_path / "bin" / "debootstrap"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{lines}\necho it broke off >&2\nexit 1\n")
        program.chmod(0o755)
        return f"{program.parent}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"

    return make


@as_root
def test_a_folder_that_is_there_already_is_refused_and_kept(tmp_path, broken_debootstrap):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter").write_text("dear")
    done = bare_check(mine, broken_debootstrap(""))
    assert done.returncode == 2
    assert "does not exist yet" in done.stderr
    assert (mine / "letter").read_text() == "dear"


@as_root
def test_its_own_folder_is_removed_when_it_breaks_off(tmp_path, broken_debootstrap):
    done = bare_check(tmp_path / "own", broken_debootstrap(""))
    assert done.returncode == 1
    assert "it broke off" in done.stderr
    assert not (tmp_path / "own").exists()


@as_root
def test_nothing_is_removed_while_something_is_mounted_below(tmp_path, broken_debootstrap):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "letter").write_text("dear")
    below = tmp_path / "own" / "system" / "srv"
    path = broken_debootstrap(f"mkdir -p {below} && mount --bind {precious} {below}")
    try:
        done = bare_check(tmp_path / "own", path)
        assert done.returncode == 1
        assert f"still mounted; umount them, then remove it:\n{below}\n" in done.stderr
        assert (precious / "letter").read_text() == "dear"
    finally:
        subprocess.run(["umount", str(below)], check=True)
