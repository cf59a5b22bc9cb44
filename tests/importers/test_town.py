"""One town through every concept: counts, places, parents, people, and again."""

import psycopg

from importers import concepts
from spatial import cipher
from tests.importers.town import COMMUNITY, COUNTY, EAST_GRID, STREET, WEST_GRID, identity_number, moment

UNPLACED = ("000000000000", "000000000000000")


def test_every_concept_of_a_town_arrives_whole(standing_town):
    for concept in concepts.CONCEPTS:
        report = standing_town.reports[concept.name]
        assert report.committed, concept.name
        assert report.rejects.faults == []
        assert report.counts.inserted == report.read > 0
        assert standing_town.rows(f"SELECT count(*) FROM {concept.table}") == [(report.read,)]


def test_buildings_lie_in_the_grid_around_them_and_outside_all_of_them_they_are_unplaced(standing_town):
    placed = {code: (area, grid) for code, area, grid in standing_town.rows(
        "SELECT code, area_code, grid_code FROM building")}
    assert placed == {"B1": (COMMUNITY, WEST_GRID), "B2": (COMMUNITY, EAST_GRID), "B3": (COMMUNITY, EAST_GRID),
                      "B4": UNPLACED}
    assert standing_town.reports["buildings"].counts.unplaced == 1


def test_what_is_in_a_building_takes_its_place(standing_town):
    for table, number in (("unit", 3), ("room", 3), ("household", 2), ("resident", 3)):
        found = standing_town.rows(f"SELECT b.code FROM {table} t JOIN building b ON b.id = t.building_id "
                     "AND (b.area_code, b.grid_code) = (t.area_code, t.grid_code)")
        assert len(found) == number, table
    assert standing_town.rows("SELECT code, grid_code FROM device ORDER BY 1") == [
        ("D1", WEST_GRID), ("D2", EAST_GRID), ("D3", EAST_GRID)]
    assert standing_town.rows("SELECT b.code, u.number, r.number FROM device d JOIN building b ON b.id = d.building_id "
                "JOIN unit u ON u.id = d.unit_id JOIN room r ON r.id = d.room_id") == [("B1", "1", "101")]


def test_areas_and_grids_carry_their_own_codes(standing_town):
    assert standing_town.rows("SELECT code, area_code, grid_code, parent_code FROM area ORDER BY 1") == [
        (COUNTY, COUNTY, COUNTY + "000", None), (STREET, STREET, STREET + "000", COUNTY),
        (COMMUNITY, COMMUNITY, COMMUNITY + "000", STREET)]
    assert standing_town.rows("SELECT code, kind, area_code, grid_code, valid_to FROM grid ORDER BY 1") == [
        (WEST_GRID, "basic", COMMUNITY, WEST_GRID, None), (EAST_GRID, "special", COMMUNITY, EAST_GRID, None)]


def test_residents_form_households_and_the_building_counts_them(standing_town):
    assert standing_town.rows("SELECT b.code, h.number, h.kind FROM household h "
                              "JOIN building b ON b.id = h.building_id ORDER BY 1") == [
        ("B1", "1", "family"), ("B2", "1", "collective")]
    assert standing_town.rows("SELECT b.code, rooms, households, residents FROM building_tally "
                "JOIN building b ON b.id = building_id ORDER BY 1") == [("B1", 2, 1, 2), ("B2", 1, 1, 1)]


def test_personal_values_are_sealed_and_found_again_by_index(standing_town):
    secret = cipher.from_file(standing_town.database.settings.key_file)
    number = identity_number("99900119600101001")
    found = standing_town.rows("SELECT name_sealed, id_number_sealed, phone_sealed, care, sex FROM resident "
                 "WHERE id_number_index = %s", secret.index(number))
    assert len(found) == 1
    assert [secret.open(bytes(value)) for value in found[0][:3]] == ["赵一", number, "10012345678"]
    assert found[0][3:] == (["chronic", "elderly_alone"], "M")
    whole = "\n".join(str(row) for row in standing_town.rows("SELECT resident::text FROM resident"))
    assert "赵一" not in whole
    assert number not in whole


def test_keepers_stand_where_their_newest_track_is(standing_town):
    assert standing_town.rows("SELECT code, grid_code, ST_X(position), position_at FROM keeper ORDER BY 1") == [
        ("K1", WEST_GRID, 117.002, moment("2026-05-01T09:00:00+08:00")),
        ("K2", EAST_GRID, 117.015, moment("2026-05-01T08:30:00+08:00"))]


def test_a_time_without_zone_is_the_command_centres(standing_town):
    assert standing_town.rows("SELECT origin, state, occurred_at FROM event WHERE code = 'E2'") == [
        ("patrol", "open", moment("2026-05-02T09:30:00+08:00"))]


def test_the_same_file_again_changes_nothing(town, importing):
    before = {concept.table: fingerprint(town.database.connect(), concept.table) for concept in concepts.CONCEPTS}
    for concept in concepts.CONCEPTS:
        counts = importing(concept.name, town.file).counts
        assert (counts.inserted, counts.updated) == (0, 0), concept.name
        assert counts.unchanged == town.reports[concept.name].read
    assert {table: fingerprint(town.database.connect(), table) for table in before} == before


def test_layers_that_are_drawn_are_announced_with_their_cells(standing_town):
    found = dict(standing_town.rows("SELECT object, payload->'cells' FROM outbox WHERE kind = 'tiles' AND id IN "
                                    "(SELECT max(id) FROM outbox GROUP BY object)"))
    assert set(found) == {"areas", "grids", "roads", "water", "green", "places", "buildings", "units", "facilities",
                          "devices", "organisations", "events"}
    # The place stands so near the edge of its cell that it is drawn in the one to the west as well.
    assert found["places"] == [[13516, 6706], [13517, 6706]]


def fingerprint(connection: psycopg.Connection, table: str) -> tuple:
    """Return what changes when any row of a table is written again."""
    return connection.execute(f"SELECT count(*), array_agg(ctid ORDER BY ctid), array_agg(xmin::text ORDER BY ctid) "
                              f"FROM {table}").fetchone()
