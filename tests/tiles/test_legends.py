"""Legends cover every value once and stand on the layers' own fields."""

from dataclasses import replace
from itertools import pairwise

import pytest

from spatial.errors import NotFound
from spatial.models import Building
from spatial.queries import cells
from spatial.rules.alarms import SEVERITIES
from tests.tiles.colors import SIGHTS, difference
from tiles import layers, legends
from tiles import legend as one
from tiles.classed import FEWEST_DWELLINGS, VACANCY_BREAKS
from tiles.layers import CLASSED, EXACT
from tiles.legend import Legend

EVERY = [*legends.LEGENDS, *legends.IN_CLASSES]
ALL = [pytest.param(entry, id=f"{entry.layer}-{entry.metric}-{number}") for number, entry in enumerate(EVERY)
       if not entry.live]
LIVE = [pytest.param(entry, id=entry.layer) for entry in EVERY if entry.live]


def fields_of(name: str) -> tuple[layers.Field, ...]:
    declared = {layer.name: layer.fields for layer in layers.LAYERS}
    summed = {layer.cells.name: layer.cells.fields for layer in layers.LAYERS if layer.cells}
    return (declared | summed)[name]


@pytest.mark.parametrize("legend", ALL)
def test_a_legend_names_a_field_of_its_layer_and_speaks_both_languages(legend: Legend) -> None:
    assert legend.field in {field.name for field in fields_of(legend.layer)}
    for words in (legend.title, legend.unit, legend.none_label, legend.note, *(line.label for line in legend.classes)):
        assert words is None or set(words) == {"zh-CN", "en"}


@pytest.mark.parametrize("legend", ALL)
def test_ranges_follow_one_another_without_gap_and_are_open_above(legend: Legend) -> None:
    if legend.categorical:
        assert len({line.value for line in legend.classes}) == len(legend.classes)
        return
    assert legend.classes[0].low == 0
    assert legend.classes[-1].high is None or legend in legends.IN_CLASSES and legend.metric == "density"
    assert all(before.high == after.low for before, after in pairwise(legend.classes))


@pytest.mark.parametrize("legend", ALL)
def test_no_two_lines_of_a_legend_share_a_colour(legend: Legend) -> None:
    assert len({line.color for line in legend.classes}) == len(legend.classes)


def lightness(ramp: tuple[one.Rgb, ...]) -> list[float]:
    return [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in ramp]


def test_quantities_get_lighter_as_they_grow_so_that_they_read_without_hue() -> None:
    assert all(after - before > 8 for before, after in pairwise(lightness(one.RAMP)))


def test_on_a_light_ground_they_get_darker_instead() -> None:
    assert all(before - after > 8 for before, after in pairwise(lightness(one.RAMP_ON_LIGHT)))


@pytest.mark.parametrize("legend", ALL)
def test_on_a_light_ground_a_legend_says_the_same_in_other_colours(legend: Legend) -> None:
    light = legend.on_light()
    words, light_words = ([replace(line, color=None) for line in each.classes] for each in (legend, light))
    assert words == light_words
    assert len({line.color for line in light.classes}) == len(light.classes)
    assert (light.classes == legend.classes) == legend.categorical


@pytest.mark.parametrize("legend", ALL)
def test_a_legend_has_a_line_for_no_data_just_where_its_layer_may_have_none(legend: Legend, objects) -> None:
    """Of a building of which nothing is on record but its outline, and of the cell that sums it alone."""
    objects.building(height_m=None, floors_above=None)
    declared = layers.layer("buildings")
    expression = next(field.sql for field in fields_of(legend.layer) if field.name == legend.field)
    values = ", ".join(f"{value}::{kind} AS {name}" for name, (value, kind) in cells.TABLES[0].sums.items())
    source = (declared.source if legend.layer == "buildings" else
              f"(SELECT {values} FROM {declared.source}) AS cell")
    missing = objects.connection.execute(f"SELECT {expression} IS NULL FROM {source}").fetchone()[0]
    assert legend.missing == missing
    assert (legend.as_json()["noData"] is not None) == missing


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("legend", [each for each in ALL if each.values[0].missing])
def test_no_data_looks_like_no_class_whoever_looks_by_day_and_by_night(legend: Legend, sight: str) -> None:
    """By night one class differs from the next by 0.07."""
    for shown in (legend, legend.on_light()):
        for line in shown.classes:
            assert difference(shown.none, line.color, sight) > 0.06, line.label


def test_every_use_that_a_building_may_have_has_a_colour() -> None:
    check = next(rule for rule in Building.__table__.constraints if str(rule.name).endswith("use_check"))
    allowed = {word.strip("' ") for word in str(check.sqltext).split("(")[1].rstrip(")").split(",")}
    assert {line.value for line in legends.legend("buildings", "use").classes} == allowed


def test_an_unknown_metric_is_refused_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match="residents, density, entry_rate, vacancy, alarms, use, height, floors"):
        legends.legend("buildings", "mood")


@pytest.mark.parametrize("legend", LIVE)
def test_open_alarms_are_told_by_severities_without_colours_on_a_grey_of_each_style(legend: Legend) -> None:
    said = legend.as_json()
    assert [line["value"] for line in said["classes"]] == list(SEVERITIES)
    assert {line["color"] for line in said["classes"]} == {None}
    assert said["live"]
    assert said["noData"] == list(one.PLAIN)
    assert legend.on_light().none == one.PLAIN_ON_LIGHT
    for grey in (one.PLAIN, one.PLAIN_ON_LIGHT):
        assert max(grey) - min(grey) < 20


def test_roles_that_get_classes_get_legends_of_these(objects) -> None:
    """What a tile may hold for them is a class of the legend, and each class may be held."""
    exact, classed = ({(each.layer, each.metric): each for each in legends.of(name)} for name in (EXACT, CLASSED))
    assert exact.keys() == classed.keys()
    assert [line.low for line in classed["buildings", "residents"].classes] == [0, 1, 5, 10]
    assert [line.low for line in classed["buildings", "vacancy"].classes] == list(VACANCY_BREAKS)
    assert [line.label["en"] for line in classed["buildings", "density"].classes] == ["0"]
    assert str(FEWEST_DWELLINGS) in classed["building_cells", "vacancy"].none_label["zh-CN"]
    assert classed["buildings", "entry_rate"] == exact["buildings", "entry_rate"]


def test_the_entry_rate_that_the_pilot_programmes_ask_for_is_a_break_and_is_said() -> None:
    for layer in ("buildings", "building_cells"):
        legend = legends.legend(layer, "entry_rate")
        assert 60 in {line.low for line in legend.classes}
        assert all("60%" in text for text in legend.note.values())


def test_every_metric_of_buildings_has_a_legend_for_the_cells_that_stand_for_them_from_afar() -> None:
    afar = layers.layer("buildings").cells.name
    metrics = [{entry.metric for entry in legends.LEGENDS if entry.layer == name} for name in ("buildings", afar)]
    assert metrics[0] == metrics[1]
