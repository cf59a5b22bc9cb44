"""The command line: lazy, one message for an error, an exit code for its kind."""

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import entry_points

import pytest

from spatial import cli, errors
from tests.fixtures.homes import COMMAND, REPOSITORY, environment_for

HEAVY = ("sqlalchemy", "alembic", "flask", "pyogrio", "rasterio", "pydeck", "numpy", "psycopg")


def subclasses(kind: type) -> list[type]:
    return [each for direct in kind.__subclasses__() for each in (direct, *subclasses(direct))]


def test_help_lists_every_command_with_its_summary(shapan):
    answer = shapan("--help")
    assert answer.returncode == 0, answer.stderr
    listed = " ".join(answer.stdout.split("Commands:")[1].split())
    for entry in entry_points(group=cli.COMMANDS):
        assert cli.summary(entry), entry.name
        assert f"{entry.name} {cli.summary(entry)}" in listed


def test_help_imports_no_command_and_nothing_heavy():
    code = ("import sys\nimport spatial.cli\ntry:\n    spatial.cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
            "print('\\n'.join(sys.modules), file=sys.stderr)")
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    imported = set(answer.stderr.splitlines())
    assert not imported & {entry.module for entry in entry_points(group=cli.COMMANDS)}
    assert not imported & set(HEAVY)


def test_version_is_the_distributions(shapan):
    assert shapan("--version").stdout.strip() == "shapan, version 0.1.0"


def test_an_unknown_command_is_a_usage_error(shapan):
    answer = shapan("nothing")
    assert answer.returncode == 2
    assert answer.stderr.startswith("shapan: No such command 'nothing'.\n  Usage: shapan")
    assert "Try 'shapan --help' for help." in answer.stderr


def test_what_a_command_refuses_in_clicks_way_reads_and_ends_like_every_other_error(shapan, tmp_path):
    (tmp_path / "mine").write_text("keep me")
    answer = shapan("sample", str(tmp_path))
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"shapan: {tmp_path} is not empty.")
    answer = shapan("sample", "--seed", "none", str(tmp_path))
    assert answer.returncode == 2
    assert answer.stderr.startswith("shapan: Invalid value for '--seed'")
    assert "Try 'shapan sample --help' for help." in answer.stderr


def test_an_error_is_one_message_with_its_cure_and_no_traceback(shapan):
    answer = shapan("db", "status", SHAPAN_PORT="none")
    assert answer.returncode == 2
    assert answer.stderr.startswith("shapan: SHAPAN_PORT='none'")
    assert "docs/settings.md" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_every_fault_of_an_input_is_listed(capsys):
    cli.complain(errors.InvalidInput("2 faults.", [("alarms[3].severity", "unknown: purple"), ("at", "in the future")]))
    said = capsys.readouterr().err
    assert "alarms[3].severity: unknown: purple" in said
    assert "at: in the future" in said


@pytest.mark.parametrize(("error", "code"), [
    (errors.SettingError("x"), 2), (errors.InvalidInput("x", []), 2), (errors.MappingError("x"), 2),
    (errors.SourceError("x"), 3), (errors.DatabaseError("x"), 4), (errors.BinariesMissing("x"), 4),
    (errors.SelfTestFailed("x"), 4), (errors.DiskNearlyFull("x"), 4), (errors.InstallationError("x"), 1),
    (errors.NotFound("x"), 1),
])
def test_exit_codes_follow_the_kind_of_error(error, code):
    assert cli.exit_code(error) == code


def test_the_table_of_exit_codes_has_no_line_that_is_never_reached():
    for number, (kind, _) in enumerate(cli.EXIT_CODES):
        assert not any(issubclass(kind, earlier) for earlier, _ in cli.EXIT_CODES[:number])
    assert all(isinstance(cli.exit_code(kind.__new__(kind)), int) for kind in subclasses(errors.ShapanError))


def test_ctrl_c_ends_with_130_and_one_line(database):
    # Another migrator has its turn, so this one waits until it is interrupted.
    from spatial.migrate import MIGRATION_LOCK

    other = database.connect("owner", autocommit=True)
    other.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    process = subprocess.Popen([*COMMAND, "db", "migrate"], stderr=subprocess.PIPE, text=True, cwd=REPOSITORY,
                               env=database.environment)
    watcher, waiting = database.connect("superuser", autocommit=True), None
    deadline = time.monotonic() + 20
    while waiting is None and time.monotonic() < deadline:
        # Each try of the one that waits is committed at once.
        waiting = watcher.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = %s AND pid <> %s"
            " AND (query LIKE '%%pg_try_advisory_lock%%' OR query = 'COMMIT')",
            [other.info.user, other.info.backend_pid]).fetchone()
        time.sleep(0.05)
    assert waiting is not None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip() == "shapan: interrupted."


def test_a_reader_that_leaves_gets_no_message():
    read, write = os.pipe()
    os.close(read)
    answer = subprocess.run([*COMMAND, "--help"], stdout=write, stderr=subprocess.PIPE, text=True, check=False,
                            cwd=REPOSITORY, env=environment_for(None, {}))
    os.close(write)
    assert answer.stderr == ""
    assert answer.returncode == 1


@pytest.mark.parametrize(("words", "position", "expected"), [
    ("shapan ", "1", "plain,db"), ("shapan db ", "2", "plain,migrate"), ("shapan --", "1", "plain,--version"),
])
def test_the_shell_completes_commands_and_options(shapan, words, position, expected):
    answer = shapan(_SHAPAN_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=position)
    assert expected in answer.stdout.splitlines()
