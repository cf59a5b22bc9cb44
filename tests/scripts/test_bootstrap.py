"""scripts/bootstrap: nothing to do costs nothing, and what it may not do it says."""

import os
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.homes import NOBODY, REPOSITORY

BOOTSTRAP = REPOSITORY / "scripts" / "bootstrap"


@pytest.fixture
def copy(tmp_path_factory):
    """A folder with the script alone, readable for everybody."""
    folder = tmp_path_factory.mktemp("checkout")
    (folder / "scripts").mkdir()
    shutil.copy(BOOTSTRAP, folder / "scripts")
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.geteuid() and each.is_relative_to("/tmp") and each != Path("/tmp"):
            each.chmod(0o755)
    return folder / "scripts" / "bootstrap"


def run(script, *words, as_user=False, **variables):
    become = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_user and os.geteuid() == 0 else {}
    return subprocess.run([str(script), *words], capture_output=True, text=True, check=False, cwd="/",
                          stdin=subprocess.DEVNULL, env=os.environ | variables, timeout=600, **become)


def spent():
    """Seconds that programs which have ended kept a processor busy: what others do meanwhile does not count."""
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return of_children.ru_utime + of_children.ru_stime


def test_a_second_run_does_nothing_and_takes_less_than_a_second():
    assert run(BOOTSTRAP, "--with-browser").returncode == 0
    before = spent()
    again = run(BOOTSTRAP, "--with-browser")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert spent() - before < 1


def test_a_run_for_the_service_alone_keeps_what_the_tests_installed():
    assert run(BOOTSTRAP, "--with-browser").returncode == 0
    assert run(BOOTSTRAP).stdout == ""


def test_an_unknown_option_is_refused():
    process = run(BOOTSTRAP, "--fast")
    assert process.returncode == 2
    assert "unknown option --fast" in process.stderr


def test_help_is_the_head_of_the_script():
    assert "--with-browser" in run(BOOTSTRAP, "--help").stdout


def test_without_the_right_to_install_it_prints_the_line_for_the_administrator_and_exits_3(copy):
    process = run(copy, as_user=True, PYTHON="/nonexistent/python3", PATH="/usr/bin:/bin")
    assert process.returncode == 3, process.stderr
    line = process.stderr.splitlines()[-1]
    assert line.strip().startswith("apt-get update && ")
    assert "create_main_cluster = false" in line
    assert line.endswith("python3 python3-venv")


def test_the_scripts_are_posix_shell():
    for script in sorted((REPOSITORY / "scripts").iterdir()):
        if script.read_bytes().startswith(b"#!/bin/sh"):
            subprocess.run(["sh", "-n", str(script)], check=True)
