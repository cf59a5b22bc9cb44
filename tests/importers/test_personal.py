"""Residents: whatever a clerk maps wrongly, no value of theirs is shown, recorded or stored in clear."""

import json

import pytest

from importers import concepts, mapping, pipeline
from importers.concepts.declare import Kind
from importers.gdal import Layer
from spatial.errors import MappingError
from tests.importers.files import write
from tests.importers.town import identity_number

RESIDENTS = concepts.find("residents")
PERSONAL = {"name": ["尉迟密名", "尉迟密名"], "phone": ["10098765432", "10098765433"],
            "id_number": [identity_number("99900119600101007"), identity_number("99900119850228008")]}
VALUES = [value for column in PERSONAL.values() for value in column]


def people(path, **columns):
    return write(path, {"building_code": ["B1"] * 2, "unit_number": ["1"] * 2, "room_number": ["101"] * 2,
                        **PERSONAL, **columns})


def said(town, report):
    """Return all that a run shows and records: report, JSON, and both tables."""
    return "\n".join([*report.lines(), json.dumps(report.facts(), ensure_ascii=False),
                      str(town.rows("SELECT r::text FROM import_run AS r")),
                      str(town.rows("SELECT r::text FROM import_reject AS r"))])


@pytest.mark.parametrize("column", PERSONAL)
def test_a_personal_column_mapped_into_any_field_never_shows_its_values(town, importing, tmp_path, column):
    path, reasons = people(tmp_path / "people.gpkg"), set()
    for one in RESIDENTS.fields:
        expressions = [column, f"trim({column})"]
        if one.kind is Kind.WHOLE:
            expressions = [f"number({column})"]
        for expression in expressions:
            if one.name == "household_number":
                with pytest.raises(MappingError, match="household_number is stored readable") as caught:
                    importing("residents", path, set_={one.name: expression})
                assert not [value for value in VALUES if value in str(caught.value)]
                continue
            report = importing("residents", path, set_={one.name: expression}, key="name", on_conflict="fail")
            reasons |= {fault.reason for fault in report.rejects.faults}
            found = said(town, report)
            assert not [value for value in VALUES if value in found], (one.name, expression)
    assert {"double-key", "no-parent", "not-allowed"} <= reasons
    assert reasons & {"not-a-number", "out-of-range"}


def test_a_suggestion_would_tell_the_value_and_is_left_out(town, importing, tmp_path):
    path = people(tmp_path / "people.gpkg", sex=["m.", "F"], care=["chronik", None])
    report = importing("residents", path)
    assert {fault.message.split(" is ")[0] for fault in report.rejects.faults} >= {"sex: (hidden)", "care: (hidden)"}
    assert "did you mean" not in said(town, report)


def test_a_rule_over_several_rows_shows_no_value_either(town, importing, tmp_path):
    path = people(tmp_path / "people.gpkg", household_number=["7", "7"], household_kind=["family", "collective"])
    report = importing("residents", path)
    assert [fault.message for fault in report.rejects.faults] == [
        "household_kind: (hidden) differs between rows of the same household"] * 2


def test_constants_of_a_mapping_that_may_come_from_a_row_are_not_recorded(town, importing, tmp_path):
    path = people(tmp_path / "people.gpkg")
    name, phone = VALUES[0], PERSONAL["phone"][0]
    report = importing("residents", path, key=f"phone + '{name}'", set_={
        "registration": f"choose(name, '{name}', 'floating', 'registered')", "phone": f"{phone} + 0  # {name}",
        "birth_year": "1900 + 60"})
    assert report.committed
    (recorded,) = town.rows("SELECT mapping FROM import_run ORDER BY id DESC LIMIT 1")[0]
    assert recorded["registration"] == "choose(name, '…', 'floating', 'registered')"
    assert (recorded["phone"], recorded["birth_year"]) == ("'…' + 0", "1900 + 60")
    assert recorded["(key)"] == "phone + '…'"
    assert recorded["household_kind"] == "'family'"
    found = said(town, report)
    assert not [value for value in VALUES if value in found]


@pytest.mark.parametrize("key", ["phone + name", "id_number", "trim(id_number)", "number(phone)"])
def test_a_key_that_may_be_personal_is_stored_as_its_keyed_digest(town, importing, tmp_path, key):
    path = people(tmp_path / "people.gpkg", name=["尉迟密名", "尉迟匿名"])
    assert importing("residents", path, key=key).counts.inserted == 2
    keys = [found for (found,) in town.rows("SELECT source_key FROM resident WHERE source = 'people'")]
    assert len(set(keys)) == 2
    for found in keys:
        assert len(found) == 32
        assert int(found, 16)
    assert importing("residents", path, key=key).counts.unchanged == 2


def test_a_code_from_a_personal_column_is_stored_as_its_keyed_digest_too(town, importing, tmp_path):
    path = people(tmp_path / "people.gpkg")
    importing("residents", path, set_={"code": "id_number"})
    importing("residents", path, set_={"code": "phone", "phone": "''"}, source="other")
    keys = [found for (found,) in town.rows("SELECT source_key FROM resident WHERE source IN ('people', 'other')")]
    assert len(keys) == 4
    assert not [value for value in VALUES if value in str(keys)]


def test_the_plain_code_of_a_resident_stays_readable(town):
    assert town.rows("SELECT source_key FROM resident ORDER BY 1") == [("N1",), ("N2",), ("N3",)]


def test_the_key_of_a_household_is_a_keyed_digest(town, importing, tmp_path):
    importing("residents", people(tmp_path / "people.gpkg", family=["7", "8"]), set_={"household_number": "family"},
              key="phone")
    keys = [found for (found,) in town.rows("SELECT source_key FROM household")]
    assert len(set(keys)) == 4
    for found in keys:
        assert len(found) == 32
        assert int(found, 16)


@pytest.mark.parametrize("assigned", [
    {"household_number": "phone"}, {"household_number": "'H' + trim(Name)"}, {"household_number": "Id", "phone": "Id"},
    {"household_number": "Id", "id_number": "trim(Id)", "name": "'x'"}])
def test_a_field_that_is_stored_readable_takes_nothing_from_a_personal_column(assigned):
    names = ("Id", "building_code", "unit_number", "room_number", "Name", "phone")
    layer = Layer("residents", dict.fromkeys(names, "text"), 2, None, None, "GPKG")
    with pytest.raises(MappingError, match="household_number is stored readable, and .* holds a name"):
        mapping.build(RESIDENTS, layer, None, assigned)
    assert "household_number" in mapping.build(RESIDENTS, layer, None, {"household_number": "Id"}).fields


@pytest.mark.parametrize(("assigned", "key", "sealed"), [
    ({}, None, False), ({}, "code", False), ({}, "column('code')", False), ({}, "trim(code)", True), ({}, "Id", True),
    ({"code": "Id"}, None, False), ({"code": "Id"}, "code", True), ({"name": "code"}, None, True),
    ({"code": "phone", "phone": "'1'"}, None, True), ({"code": "code + name"}, None, True)])
def test_only_the_plain_column_of_the_code_is_a_key_that_is_not_sealed(assigned, key, sealed):
    names = ("code", "Id", "building_code", "unit_number", "room_number", "name", "id_number", "phone")
    layer = Layer("residents", dict.fromkeys(names, "text"), 2, None, None, "GPKG")
    assert mapping.build(RESIDENTS, layer, None, assigned, key).key_sealed is sealed


def test_what_a_stopped_run_leaves_staged_holds_no_personal_value_in_clear(town, importing, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "_finish", stop)
    with pytest.raises(KeyboardInterrupt):
        importing("residents", people(tmp_path / "people.gpkg"), key="id_number",
                  set_={"sex": "choose(name, '王五', 'M')"})
    ((run,),) = town.rows("SELECT max(id) FROM import_run")
    # Not left inside a transaction, whose lock the resumed run would wait for.
    staged = town.database.connect(autocommit=True).execute(f"SELECT r::text FROM staging.run_{run} AS r").fetchall()
    found = str(staged) + str(town.rows("SELECT r::text FROM import_run AS r"))
    assert len(staged) == 2
    for value in (*VALUES, "王五"):
        assert value not in found
        assert value.encode().hex() not in found
    monkeypatch.undo()
    assert pipeline.resume(run, town.database.settings).counts.inserted == 2


def test_columns_and_words_that_may_be_values_are_not_repeated_in_what_is_said_of_a_mapping():
    headless = Layer("people", dict.fromkeys(VALUES, "text"), 1, None, None, "CSV")
    with pytest.raises(MappingError) as caught:
        mapping.build(RESIDENTS, headless, assigned={"name": f"'{VALUES[0]}' +", "phone": f"trim({VALUES[0]}x)"})
    assert "columns are not named here" in str(caught.value)
    assert not [value for value in VALUES if value in str(caught.value) + caught.value.cure]
