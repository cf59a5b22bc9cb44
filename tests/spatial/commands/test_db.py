"""``shapan db``: what a person at a shell sees, with exit codes and JSON for scripts."""

import json

import click
import psycopg

from spatial import embedded, migrate
from spatial.commands.db import db


def answer(process, code=0):
    assert process.returncode == code, process.stderr
    assert "Traceback" not in process.stderr
    return json.loads(process.stdout) if process.stdout.startswith("{") else process.stdout


def test_the_life_of_a_private_database(home, shapan):
    first = answer(shapan("db", "up", "--json", settings=home))
    assert (first["database"], first["schema"]) == ("started", "empty")
    assert "shapan db migrate" in answer(shapan("db", "up", settings=home))
    assert answer(shapan("db", "migrate", "--json", settings=home))["applied"][-1] == migrate.heads()[0]
    assert answer(shapan("db", "migrate", settings=home)) == "The schema is up to date; nothing changed.\n"
    found = answer(shapan("db", "status", "--json", settings=home))
    assert (found["running"], found["schema"]) == (True, "up_to_date")
    assert answer(shapan("db", "check", "--json", settings=home))["ready"]
    assert answer(shapan("db", "down", settings=home)) == "Database stopped.\n"
    stopped = shapan("db", "status", "--json", settings=home)
    assert answer(stopped, code=4)["running"] is False
    assert "shapan db up" in stopped.stderr


def test_every_command_shows_an_example():
    assert set(db.commands) == {"up", "down", "status", "migrate", "check", "psql", "revision"}
    for name, command in db.commands.items():
        assert f"shapan db {name}" in command.get_help(click.Context(command, info_name=name)), name


def test_a_broken_promise_ends_check_with_4_and_its_cure(database, shapan):
    database.connect("owner", autocommit=True).execute("CREATE TABLE fresh (area_code text)")
    process = shapan("db", "check", settings=database.settings)
    said = answer(process, code=4)
    assert "FAIL  row_security: fresh has no forced row security." in said
    assert "protect(table)" in said
    assert "The self-test failed: row_security." in process.stderr


def test_a_warning_does_not_fail_check(database, shapan):
    database.connect("superuser", autocommit=True).execute(
        "ALTER FUNCTION geometry_overlaps(geometry,geometry) NOT LEAKPROOF")
    assert "warn  spatial_operator" in answer(shapan("db", "check", settings=database.settings))


def test_psql_works_within_the_jurisdiction_and_as_the_role(cluster, shapan):
    query = ("-XAtc", "SELECT current_user, shapan_scope()")
    for words, expected in (
        (["--jurisdiction", "999001"], "shapan_app|{[999001,999001:)}"),
        (["--jurisdiction", "999001001", "--jurisdiction", "999002"],
         "shapan_app|{[999001001,999001001:),[999002,999002:)}"),
        (["--jurisdiction", "*", "--role", "worker"], "shapan_worker|{(,)}"),
        (["--role", "owner"], "shapan_owner|{}"),
    ):
        assert answer(shapan("db", "psql", *words, "--", *query, settings=cluster)).strip() == expected


def test_psql_without_a_jurisdiction_says_why_tables_look_empty(cluster, shapan):
    process = shapan("db", "psql", "--", "-XAtc", "SELECT 1", settings=cluster)
    assert answer(process).strip() == "1"
    assert "No --jurisdiction given" in process.stderr


def test_psql_refuses_a_jurisdiction_that_is_none(cluster, shapan):
    process = shapan("db", "psql", "--jurisdiction", "街道", settings=cluster)
    answer(process, code=2)
    assert "jurisdiction '街道'" in process.stderr


def test_psql_gives_psqls_own_exit_code(cluster, shapan):
    answer(shapan("db", "psql", "--", "-Xc", "SELECT nothing", settings=cluster), code=1)


def test_a_managed_server_is_asked_but_never_started_or_stopped(database, shapan):
    assert answer(shapan("db", "up", "--json", settings=database.settings))["database"] == "reached"
    assert answer(shapan("db", "status", "--json", settings=database.settings))["schema"] == "up_to_date"
    process = shapan("db", "down", settings=database.settings)
    answer(process, code=2)
    assert "managed server" in process.stderr
    assert not embedded.cluster(database.settings).data.exists()


def test_a_managed_database_is_migrated_by_its_owner(bare_database, shapan):
    assert answer(shapan("db", "migrate", "--json", settings=bare_database.settings))["applied"]
    with psycopg.connect(bare_database.addresses.app) as connection:
        migrate.require_current(connection)


def test_a_managed_server_without_backup_role_says_so(database, shapan):
    process = shapan("db", "psql", "--role", "backup", settings=database.settings)
    answer(process, code=2)
    assert "no role backup" in process.stderr


def test_a_password_never_stands_on_a_command_line_or_in_a_message(database, shapan):
    secret = "s3cret"
    address = psycopg.conninfo.make_conninfo(database.addresses.app, password=secret, host="127.0.0.1", port="1")
    process = shapan("db", "status", settings=database.settings, SHAPAN_DATABASE_URL=address)
    answer(process, code=4)
    assert secret not in process.stderr + process.stdout
