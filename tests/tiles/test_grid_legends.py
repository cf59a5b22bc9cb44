"""Legends of figures of grids: classes without gaps, colours that all tell apart, the unknown like none of them."""

from itertools import pairwise

import pytest

from spatial.errors import NotFound
from tests.tiles.colors import SIGHTS, difference
from tiles import grid_legends
from tiles.legend import Legend, Rgb

ALL = [pytest.param(one, id=f"{one.layer}-{one.metric}") for one in grid_legends.GRID_LEGENDS]
BOTH = [pytest.param(grid_legends.TROUBLE, grid_legends.UNKNOWN, id="night"),
        pytest.param(grid_legends.TROUBLE_ON_LIGHT, grid_legends.UNKNOWN_ON_LIGHT, id="day")]


@pytest.mark.parametrize("legend", ALL)
def test_classes_follow_one_another_from_nothing_to_without_end_in_both_languages(legend: Legend) -> None:
    assert legend.classes[0].low == 0
    assert legend.classes[-1].high is None
    assert all(before.high == after.low for before, after in pairwise(legend.classes))
    for words in (legend.title, legend.unit, *(line.label for line in legend.classes)):
        assert set(words) == {"zh-CN", "en"}


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize(("ramp", "unknown"), BOTH)
def test_whoever_looks_tells_the_classes_apart_and_the_unknown_from_each(
        ramp: tuple[Rgb, ...], unknown: Rgb, sight: str) -> None:
    assert all(difference(one, other, sight) > 0.055 for one, other in pairwise(ramp))
    assert all(difference(unknown, color, sight) > 0.08 for color in ramp)


@pytest.mark.parametrize("unknown", [grid_legends.UNKNOWN, grid_legends.UNKNOWN_ON_LIGHT])
def test_the_unknown_is_grey_and_hatched_because_nothing_is_wrong_there(unknown: Rgb) -> None:
    assert max(unknown) - min(unknown) < 20
    assert [line["noDataHatched"] for line in (one.as_json() for one in grid_legends.GRID_LEGENDS)] \
        == [one.missing for one in grid_legends.GRID_LEGENDS]


def test_a_rate_that_is_unknown_has_a_line_and_counts_are_never_unknown() -> None:
    for legend in grid_legends.GRID_LEGENDS:
        assert (legend.as_json()["noData"] is not None) == (legend.metric == "entry_rate")
    labels = [line.label["en"] for line in grid_legends.grid_legend("grids", "entry_rate").classes]
    assert labels == ["< 60%", "60–75%", "75–90%", "90–100%", "≥ 100%"]


def test_the_worst_end_has_the_same_colour_for_all_figures() -> None:
    worst = {one.classes[0 if one.metric == "entry_rate" else -1].color for one in grid_legends.GRID_LEGENDS}
    assert worst == {grid_legends.TROUBLE[-1]}


def test_by_day_the_same_is_said_in_other_colours() -> None:
    for legend in grid_legends.GRID_LEGENDS:
        light = legend.on_light()
        assert [line.label for line in light.classes] == [line.label for line in legend.classes]
        assert not {line.color for line in light.classes} & {line.color for line in legend.classes}
        assert light.none != legend.none


def test_an_unknown_figure_is_refused_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match="entry_rate, events_open, tasks_overdue, alarms"):
        grid_legends.grid_legend("grids", "mood")
