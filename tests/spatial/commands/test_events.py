"""``shapan events``, ``tasks`` and ``classes``: what a person at a shell sees."""

import json

import click
import pytest
from click.testing import CliRunner

from spatial.commands import classes as classes_command
from spatial.commands.classes import classes
from spatial.commands.events import events
from spatial.commands.tasks import tasks
from spatial.errors import InvalidInput, SourceError
from spatial.queries import event_intake
from spatial.types import Scope
from tests.fixtures.objects import GRID, Objects
from tests.spatial.test_event_life import report

HEAD = "code,name,name_en,kind,respond_s,resolve_s,dispatch\n"


@pytest.fixture
def town(database, monkeypatch):
    objects = Objects(database.connect("worker", autocommit=True))
    objects.community()
    objects.grid()
    objects.keeper()
    with objects.connection.transaction():
        reports = [report("E1"), report("E2", class_code="0401")]
        event_intake.take_all(objects.connection, Scope.everything(), reports, "gateway")
    for name, value in database.environment.items():
        if name.startswith("SHAPAN_"):
            monkeypatch.setenv(name, value)
    return objects


def run(command: click.Command, *words: str) -> str:
    ran = CliRunner().invoke(command, words, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_events_and_tasks_are_listed_and_counted(town):
    lines = run(events, "list", "--class", "04", "--state", "unfinished").splitlines()
    assert len(lines) == 1
    assert "0401 路面塌陷 暴露垃圾: dispatched, K" in lines[0]
    found = [json.loads(line) for line in run(events, "list", "--json").splitlines()]
    assert [one["code"] for one in found] == ["E2", "E1"]
    counted = run(events, "distribution", "--by", "grid", "--days", "60", "--compare")
    assert counted == f"{GRID} 第一网格: 2 (before: 0)\n"
    building = town.building()
    town.connection.execute("INSERT INTO task (kind, title, target_kind, building_id, due_at, created_by, area_code, "
                            "grid_code) VALUES ('visit', '走访', 'building', %s, '2026-01-01', 'li', %s, %s)",
                            (building, GRID[:12], GRID))
    assert "visit 走访: due, overdue" in run(tasks, "list", "--state", "overdue")
    assert json.loads(run(tasks, "list", "--json"))["building_code"] == "B1"


def test_classes_go_out_and_come_back_the_same_and_are_replaced_whole(town, tmp_path):
    file = tmp_path / "classes.csv"
    run(classes, "export", str(file))
    before = run(classes, "list", "--json")
    assert run(classes, "import", str(file)) == "24 classes are on record now.\n"
    assert run(classes, "list", "--json") == before
    file.write_bytes(f"{HEAD}07,森林防火,Forest fire,emergency,60,600,否\n".encode("gb18030"))
    run(classes, "import", str(file))
    assert run(classes, "list") == ("07 森林防火 (Forest fire), emergency: accept within 0.0166667 h, "
                                    "finish within 0.166667 h, dispatched by hand\n")
    assert run(classes, "export").splitlines()[1] == "07,森林防火,Forest fire,emergency,60,600,false"


@pytest.mark.parametrize(("content", "error", "says"), [
    (b"", SourceError, "lacks rows"), (b"code,name\n01,x\n", SourceError, "lacks name_en"),
    (b"\xff\xff\xff", SourceError, "neither UTF-8 nor GB18030"),
    (b"x" * (4 * 2**20 + 1), SourceError, "larger than 4 MB"),
    (f"{HEAD}01,a,b,city,1.5,soon,perhaps\n".encode(), InvalidInput, "not replaced"),
])
def test_a_table_that_is_none_of_classes_is_refused_with_its_cure(tmp_path, content, error, says):
    file = tmp_path / "c.csv"
    file.write_bytes(content)
    with pytest.raises(error, match=says) as fault:
        classes_command.read(file)
    assert fault.value.cure
    if error is InvalidInput:
        assert len(fault.value.faults) == 3


def test_every_command_shows_an_example():
    for group, name in ((events, "events"), (tasks, "tasks"), (classes, "classes")):
        for word, command in group.commands.items():
            assert f"shapan {name} {word}" in command.get_help(click.Context(command, info_name=word)), word
