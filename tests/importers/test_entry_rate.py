"""Entry rates of the town: numerators, declared denominators, jurisdiction, and what is unknown."""

from datetime import date

import psycopg
import pytest

from spatial.errors import InvalidInput
from spatial.queries import entry_rate
from spatial.rules.entry_rate import ENTRY_KINDS
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY as PLACE
from tests.fixtures.objects import GRID, Objects
from tests.importers.files import write
from tests.importers.town import COMMUNITY, COUNTY, EAST_GRID, STREET, WEST_GRID


def rates(town, level: str, kind: str, scope: Scope | None = None, **options: object) -> dict[str, entry_rate.Rate]:
    with town.database.connect(scope=scope) as connection:
        return {one.code: one for one in entry_rate.rates(connection, level, kind, **options)}


def test_the_latest_declaration_that_is_in_force_is_the_denominator(standing_town):
    [one] = rates(standing_town, "community", "population").values()
    assert (one.code, one.name, one.recorded, one.numerator, one.denominator, one.rate) == (
        COMMUNITY, "望江社区", 3, 2, 10, 0.2)
    assert (one.basis, one.declared_by, one.as_of) == ("total", "2025年报", date(2025, 12, 31))


@pytest.mark.parametrize(("level", "kind", "expected"), [
    ("county", "population", {COUNTY: (2, None)}),
    ("street", "legal_entities", {STREET: (1, 1.0)}),
    ("street", "geography", {STREET: (3, None)}),
    ("community", "geography", {COMMUNITY: (3, None)}),
    ("grid", "population", {WEST_GRID: (2, None), EAST_GRID: (0, None)}),
    ("grid", "housing", {WEST_GRID: (2, 0.5), EAST_GRID: (0, None)}),
    ("building", "population", {"B1": (2, None), "B2": (0, 0.0), "B3": (0, None), "B4": (0, None)}),
    # Two rooms on each of six storeys; B2's declared total is 0, of which no share can be told.
    ("building", "housing", {"B1": (2, 2 / 12), "B2": (0, None), "B3": (0, None), "B4": (0, None)}),
    ("building", "legal_entities", {"B1": (1, None), "B2": (0, None), "B3": (0, None), "B4": (0, None)}),
    ("building", "geography", {"B1": (1, None), "B2": (1, None), "B3": (1, None), "B4": (1, None)}),
])
def test_each_level_and_kind_has_its_numerator_and_no_rate_without_its_own_denominator(
    standing_town, level, kind, expected,
):
    found = rates(standing_town, level, kind)
    assert {code: (one.numerator, one.rate) for code, one in found.items()} == expected


def test_a_place_that_is_seen_in_part_has_no_rate(standing_town):
    for kind in ENTRY_KINDS:
        assert rates(standing_town, "community", kind, Scope((WEST_GRID,))) == {}
        assert set(rates(standing_town, "grid", kind, Scope((WEST_GRID,)))) == {WEST_GRID}
        assert set(rates(standing_town, "building", kind, Scope((WEST_GRID,)))) == {"B1"}
        assert set(rates(standing_town, "county", kind, Scope((STREET[:9],)))) == set()
        assert set(rates(standing_town, "street", kind, Scope((STREET[:9],)))) == {STREET}
        for level in entry_rate.LEVELS:
            assert rates(standing_town, level, kind, Scope.nothing()) == {}


def test_pages_and_beginnings_of_codes_limit_what_is_listed(standing_town):
    assert set(rates(standing_town, "building", "housing", most=2)) == {"B1", "B2"}
    assert set(rates(standing_town, "building", "housing", after="B2")) == {"B3", "B4"}
    assert set(rates(standing_town, "building", "housing", within=EAST_GRID)) == {"B2", "B3"}
    assert set(rates(standing_town, "grid", "housing", within=EAST_GRID)) == {EAST_GRID}
    assert rates(standing_town, "grid", "housing", within="998") == {}


def test_which_fields_are_required_is_data(objects: Objects):
    connection = objects.connection
    objects.community()
    objects.building("B1")
    assert geography(connection) == 0
    connection.execute("DELETE FROM entry_requirement WHERE kind = 'geography' AND field = 'name'")
    assert geography(connection) == 1
    connection.execute("INSERT INTO entry_requirement VALUES ('geography', 'address')")
    assert geography(connection) == 0
    connection.execute("DELETE FROM entry_requirement WHERE kind = 'geography'")
    assert geography(connection) == 1
    connection.execute("INSERT INTO entry_requirement VALUES ('geography', 'colour; DROP TABLE building')")
    with pytest.raises(InvalidInput) as caught:
        geography(connection)
    assert caught.value.faults == [("geography.colour; DROP TABLE building", "no such field")]


def geography(connection: psycopg.Connection) -> int:
    [one] = entry_rate.rates(connection, "community", "geography")
    assert (one.code, one.recorded) == (PLACE, 1)
    return one.numerator


def test_a_level_or_kind_that_is_none_is_refused_with_those_that_are(objects: Objects):
    with pytest.raises(InvalidInput) as caught:
        entry_rate.rates(objects.connection, "planet", "people")
    assert [place for place, _ in caught.value.faults] == ["level", "kind"]


def test_a_declaration_follows_its_building_and_goes_with_it(objects: Objects):
    objects.grid()
    building = objects.building("B1")
    objects.put("expected", building_id=building, kind="housing", basis="rooms_per_floor", value=4, declared_by="房管",
                as_of="2025-01-01", area_code=GRID[:12], grid_code=GRID)
    objects.connection.execute("UPDATE building SET area_code = '999001001002', grid_code = '999001001002001'")
    assert objects.connection.execute("SELECT grid_code FROM expected").fetchall() == [("999001001002001",)]
    [one] = entry_rate.rates(objects.connection, "building", "housing")
    assert one.denominator == 24
    objects.connection.execute("UPDATE building SET floors_above = NULL")
    assert entry_rate.rates(objects.connection, "building", "housing")[0].rate is None
    objects.connection.execute("DELETE FROM building")
    assert objects.connection.execute("SELECT count(*) FROM expected").fetchone() == (0,)


def test_a_declaration_for_no_place_or_with_a_wrong_basis_is_rejected(town, importing, tmp_path):
    path = write(tmp_path / "totals.gpkg", {
        "place_code": ["999001001009", "B9", COMMUNITY, "B1", "B1"], "value": [1, 1, 1, 1, -1],
        "kind": ["population", "population", "housing", "population", "housing"],
        "basis": [None, None, "rooms_per_floor", "rooms_per_floor", "total"], "source": ["x"] * 5,
        "as_of": ["2025-01-01"] * 5}, layer="expected")
    report = importing("expected", path)
    assert not report.committed
    assert {(fault.row, fault.field, fault.reason) for fault in report.rejects.faults} == {
        (1, "place_code", "no-parent"), (2, "place_code", "no-parent"), (3, "basis", "basis-and-place"),
        (4, "basis", "basis-and-place"), (5, "value", "out-of-range")}


def test_declared_totals_come_from_a_table_as_an_office_sends_it_and_the_latest_counts(town, importing, tmp_path):
    path = tmp_path / "应录总数.csv"
    path.write_text("编码,类别,总数,来源,日期\n"
                    f"{COMMUNITY},population,30,公安,2026-01-01\n{COMMUNITY},population,40,公安,2026-06-30\n"
                    "B3,housing,8,房管,2026-06-30\n", encoding="gb18030")
    columns = {"place_code": "编码", "kind": "类别", "value": "总数", "source": "来源", "as_of": "日期"}
    report = importing("expected", path, set_=columns)
    assert (report.committed, report.counts.inserted) == (True, 3)
    with town.database.connect() as connection:
        population = {one.code: one for one in entry_rate.rates(connection, "community", "population")}[COMMUNITY]
        housing = {one.code: one for one in entry_rate.rates(connection, "building", "housing")}["B3"]
    assert (population.denominator, population.declared_by, str(population.as_of)) == (40, "公安", "2026-06-30")
    assert (housing.denominator, housing.rate) == (8, 0.0)
    assert importing("expected", path, set_=columns).counts.unchanged == 3


def test_the_command_lists_rates_and_says_why_one_is_unknown(standing_town, shapan):
    settings = standing_town.database.settings
    listed = shapan("rate", "--level", "building", "--kind", "housing", settings=settings)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.splitlines()[0] == "B1 一号楼: housing 16.7%, 2 of 12 (房管, 2025-12-31)"
    assert "B3 三号楼: housing unknown, 0 entered; nobody has declared a total" in listed.stdout
    as_json = shapan("rate", "--kind", "population", "--json", settings=settings)
    assert '"rate": 0.2' in as_json.stdout
    assert shapan("rate", "--within", "9' OR", settings=settings).returncode == 2
