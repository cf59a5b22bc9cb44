"""Mappings: where they come from, which one wins, and everything that is wrong said at once."""

import pytest

from importers import concepts, mapping
from importers.gdal import Layer
from spatial.errors import MappingError

BUILDINGS = concepts.find("buildings")


def layer(**kinds: str) -> Layer:
    return Layer("blocks", kinds, 3, "EPSG:4490", "geom", "GPKG")


def texts(mapped: mapping.FieldMapping) -> dict[str, str]:
    return {name: expression.text for name, expression in mapped.fields.items()}


def test_columns_with_a_fields_name_map_themselves():
    mapped = mapping.build(BUILDINGS, layer(CODE="text", floors_abo="number", height_m="number", other="text"))
    assert texts(mapped) == {"code": "CODE", "height_m": "height_m", "floors_above": "floors_abo"}
    assert mapped.key.text == "CODE"


def test_set_stands_before_the_file_and_the_file_before_names(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text("concept: buildings\nsource: s\ncrs: 4547\nlayer: l\nkey: text(Id)\n"
                    "fields: {height_m: Floor * 3, name: null, base_m: 5, use: \"'office'\"}\n")
    file = mapping.read(path)
    assert (file.source, file.crs, file.layer) == ("s", "4547", "l")
    mapped = mapping.build(BUILDINGS, layer(Id="number", Floor="number", name="text", height_m="number"), file,
                           mapping.assignments(["height_m=Floor * 4 = 1".replace(" = 1", "")]))
    assert texts(mapped) == {"height_m": "Floor * 4", "base_m": "5", "use": "'office'"}
    assert mapped.key.text == "text(Id)"
    assert mapped.describe()["(key)"] == "text(Id)"


def test_everything_that_does_not_fit_is_said_at_once():
    with pytest.raises(MappingError) as caught:
        mapping.build(concepts.find("units"), layer(building="text"), None,
                      {"hight": "1", "building_code": "bulding", "floors": "'six'"}, "Idd")
    said = caught.value.what
    for words in ("units have no field 'hight'", "building_code: the file has no column 'bulding'; did you mean "
                  "building?", "number (number within the building) is needed", "floors is a number, not 'six'",
                  "key: the file has no column 'Idd'"):
        assert words in said


def test_a_layer_without_geometry_cannot_become_buildings():
    bare = Layer("blocks", {"code": "text"}, 3, None, None, "GPKG")
    with pytest.raises(MappingError, match="has no geometry, and buildings need one"):
        mapping.build(BUILDINGS, bare)


@pytest.mark.parametrize(("content", "words"), [
    ("feilds: {a: b}", "'feilds' means nothing here; did you mean fields?"),
    ("- a\n- b", "is not a set of names and values"),
    ("fields: [a]", "fields: is not a set"),
    ("fields: {a: [1]}", "'a': a list is no expression"),
    ("fields: {a: true}", "'a': a bool is no expression"),
    ("key: [a]", "key: a list is no text"),
    ("swap_axes: maybe", "swap_axes: is true or false"),
    ('source: "a\\nb"', "source: the name of a source holds a line break"),
    ("source: ''", "source: the name of a source cannot be empty"),
    ("a: &a [x, x]\nb: &b [*a, *a]\nfields: {c: *b}", "an alias (*) has no place here"),
    ("a: [", "line 2"),
    ("fields: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
    ("\udcff", "not a text in UTF-8"),
])
def test_a_mapping_file_that_cannot_be_used_is_explained(tmp_path, content, words):
    path = tmp_path / "map.yaml"
    path.write_bytes(content.encode("utf-8", "surrogateescape") + b"\n")
    with pytest.raises(MappingError) as caught:
        mapping.read(path)
    assert words in str(caught.value)


def test_a_mapping_for_another_concept_is_refused(tmp_path):
    path = tmp_path / "map.yaml"
    path.write_text("concept: roads")
    with pytest.raises(MappingError, match=r"map\.yaml is a mapping for roads, not for buildings"):
        mapping.build(BUILDINGS, layer(), mapping.read(path))


def test_a_missing_mapping_file_and_a_set_without_equals_are_explained(tmp_path):
    with pytest.raises(MappingError, match="Check the path after --map"):
        mapping.read(tmp_path / "no.yaml")
    with pytest.raises(MappingError, match="has no equals sign"):
        mapping.assignments(["height_m"])
    with pytest.raises(MappingError, match="Did you mean buildings"):
        concepts.find("building")


def test_every_field_of_every_concept_fits_its_table():
    from spatial.models import metadata

    for concept in concepts.CONCEPTS:
        columns = metadata.tables[concept.table].columns
        for one in concept.fields:
            if one.target:
                assert one.target in columns, f"{concept.name}.{one.name}"
            if one.index:
                assert one.index in columns
        assert concept.geometry is None or concept.geometry_column in columns
        assert set(concept.links) <= set(columns.keys())
        brought = {one.target for one in concept.fields if one.required or one.default is not None}
        given = brought | set(concept.links) | {"area_code", "grid_code", "source", "source_key", "content_hash",
                                                concept.geometry_column, "code" if concept.own_code else None}
        for column in columns:
            free = column.nullable or column.server_default is not None or column.identity or column.computed
            assert free or column.name in given, f"{concept.table}.{column.name}"
