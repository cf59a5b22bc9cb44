"""Legends cover every value once and stand on the layers' own fields."""

from dataclasses import replace
from itertools import pairwise

import pytest

from spatial.errors import NotFound
from spatial.models import Building
from tests.tiles.colors import SIGHTS, difference
from tiles import layers, legends

ALL = [pytest.param(entry, id=f"{entry.layer}-{entry.metric}") for entry in legends.LEGENDS]


def fields_of(name: str) -> tuple[layers.Field, ...]:
    declared = {layer.name: layer.fields for layer in layers.LAYERS}
    cells = {layer.cells.name: layer.cells.fields for layer in layers.LAYERS if layer.cells}
    return (declared | cells)[name]


@pytest.mark.parametrize("legend", ALL)
def test_a_legend_names_a_field_of_its_layer_and_speaks_both_languages(legend: legends.Legend) -> None:
    assert legend.field in {field.name for field in fields_of(legend.layer)}
    for words in (legend.title, legend.unit, *(line.label for line in legend.classes)):
        assert set(words) == {"zh-CN", "en"}


@pytest.mark.parametrize("legend", ALL)
def test_ranges_follow_one_another_without_gap_and_are_open_above(legend: legends.Legend) -> None:
    if legend.categorical:
        assert len({line.value for line in legend.classes}) == len(legend.classes)
        return
    assert legend.classes[0].low == 0
    assert legend.classes[-1].high is None
    assert all(before.high == after.low for before, after in pairwise(legend.classes))


@pytest.mark.parametrize("legend", ALL)
def test_no_two_lines_of_a_legend_share_a_colour(legend: legends.Legend) -> None:
    assert len({line.color for line in legend.classes}) == len(legend.classes)


def lightness(ramp: tuple[legends.Rgb, ...]) -> list[float]:
    return [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in ramp]


def test_quantities_get_lighter_as_they_grow_so_that_they_read_without_hue() -> None:
    assert all(after - before > 8 for before, after in pairwise(lightness(legends.RAMP)))


def test_on_a_light_ground_they_get_darker_instead() -> None:
    assert all(before - after > 8 for before, after in pairwise(lightness(legends.RAMP_ON_LIGHT)))


@pytest.mark.parametrize("legend", ALL)
def test_on_a_light_ground_a_legend_says_the_same_in_other_colours(legend: legends.Legend) -> None:
    light = legend.on_light()
    words, light_words = ([replace(line, color=None) for line in each.classes] for each in (legend, light))
    assert words == light_words
    assert len({line.color for line in light.classes}) == len(light.classes)
    assert (light.classes == legend.classes) == legend.categorical


@pytest.mark.parametrize("legend", ALL)
def test_a_legend_has_a_line_for_no_data_just_where_its_layer_may_have_none(legend: legends.Legend, objects) -> None:
    """Cells sum columns that are never null."""
    missing = False
    if legend.layer == "buildings":
        least = objects.building(height_m=None, floors_above=None)
        declared = layers.layer("buildings")
        expression = next(field.sql for field in declared.fields if field.name == legend.field)
        statement = f"SELECT {expression} IS NULL FROM {declared.source} WHERE building.id = %s"
        missing = objects.connection.execute(statement, [least]).fetchone()[0]
    assert legend.missing == missing
    assert (legend.as_json()["noData"] is not None) == missing


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("legend", [each for each in ALL if each.values[0].missing])
def test_no_data_looks_like_no_class_whoever_looks_by_day_and_by_night(legend: legends.Legend, sight: str) -> None:
    """By night one class differs from the next by 0.07."""
    for shown in (legend, legend.on_light()):
        for line in shown.classes:
            assert difference(shown.none, line.color, sight) > 0.06, line.label


def test_every_use_that_a_building_may_have_has_a_colour() -> None:
    check = next(rule for rule in Building.__table__.constraints if str(rule.name).endswith("use_check"))
    allowed = {word.strip("' ") for word in str(check.sqltext).split("(")[1].rstrip(")").split(",")}
    assert {line.value for line in legends.legend("buildings", "use").classes} == allowed


def test_an_unknown_metric_is_refused_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match="residents, floors, height, use"):
        legends.legend("buildings", "mood")


def test_every_metric_of_buildings_has_a_legend_for_the_cells_that_stand_for_them_from_afar() -> None:
    cells = layers.layer("buildings").cells.name
    metrics = [{entry.metric for entry in legends.LEGENDS if entry.layer == name} for name in ("buildings", cells)]
    assert metrics[0] == metrics[1]
