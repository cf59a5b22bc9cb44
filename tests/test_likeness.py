"""What golden pictures forgive and what they do not, shown on the baseline itself."""

import json

import numpy as np
import pytest

from tests.fixtures import likeness
from tests.fixtures.homes import REPOSITORY
from tiles.legend import RAMP, RAMP_ON_LIGHT

FOLDER = REPOSITORY / "tests" / "browser" / "golden"
MOST_EACH, MOST_ALL = 150_000, 2_500_000
"""Bytes of a picture, and of all of them: a repository keeps each renewal for ever."""

LOOKS = {"night-zh": RAMP, "day-en": RAMP_ON_LIGHT}


@pytest.fixture(params=["small-opening-night-zh-1080p", "opening-night-zh-1080p", "opening-day-en-1080p"])
def baseline(request: pytest.FixtureRequest) -> np.ndarray:
    return likeness.read(FOLDER / f"{request.param}.webp")


def exchanged(picture: np.ndarray, one: tuple[int, ...], other: tuple[int, ...]) -> np.ndarray:
    """Exchange two hues at whatever light falls on them; pixels of no such hue stay."""
    pixels = picture.astype(float)
    length = np.linalg.norm(pixels, axis=2)
    found = pixels.copy()
    for hue, wanted in ((np.array(one), np.array(other)), (np.array(other), np.array(one))):
        near = (pixels @ hue > 0.998 * length * np.linalg.norm(hue)) & (length > 60)
        found[near] = wanted * (length[near] / np.linalg.norm(hue))[:, None]
    return found.clip(0, 255).astype(np.uint8)


def test_a_picture_is_like_itself_and_like_one_with_noise_and_other_smoothing(baseline):
    assert likeness.compare(baseline, baseline).share == 0
    noise = np.random.default_rng(1).integers(-6, 7, baseline.shape)
    assert likeness.compare((baseline + noise).clip(0, 255).astype(np.uint8), baseline).alike
    smoothed = (baseline.astype(float) + np.roll(baseline, 1, axis=1)) / 2
    assert likeness.compare(smoothed.round().astype(np.uint8), baseline).alike


def test_one_name_that_moved_is_forgiven(baseline):
    moved = baseline.copy()
    moved[285:300, 400:460] = baseline[300:315, 430:490]
    assert likeness.compare(moved, baseline).alike


def test_a_panel_forty_pixels_beside_its_place_is_noticed(baseline):
    shifted = baseline.copy()
    shifted[30:, 20:166] = baseline[30:, :146]
    found = likeness.compare(shifted, baseline)
    assert not found.alike
    assert "left" in found.where()


def test_a_panel_that_is_missing_is_noticed(baseline):
    without = baseline.copy()
    without[36:120, 776:954] = baseline[-20, 640]  # the list of alarms where there is none, in front of bare ground
    assert not likeness.compare(without, baseline).alike


@pytest.mark.parametrize("look", LOOKS)
def test_two_colours_of_the_legend_exchanged_are_noticed(look):
    baseline = likeness.read(FOLDER / f"opening-{look}-1080p.webp")
    swapped = exchanged(baseline, LOOKS[look][3], LOOKS[look][5])
    # The two are on the picture, and little else is of their hue.
    assert 0.005 < (swapped != baseline).any(axis=2).mean() < 0.15
    assert not likeness.compare(swapped, baseline).alike


def test_another_size_is_another_picture(baseline):
    found = likeness.compare(baseline[:-1], baseline)
    assert not found.alike
    assert found.where() == "top left"


def test_pictures_are_small_and_name_who_drew_them():
    sizes = {path.name: path.stat().st_size for path in FOLDER.glob("*.webp")}
    assert [name for name, size in sizes.items() if size > MOST_EACH] == []
    assert 0 < sum(sizes.values()) < MOST_ALL
    assert json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8")).keys() == {"chromium", "renderer"}
