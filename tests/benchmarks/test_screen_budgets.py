"""What the benchmark of screens says is what was measured: sums, kinds, medians, verdicts."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.screen_budgets import bundle, opening
from benchmarks.screen_budgets.bundle import Bundle, Scene
from benchmarks.screen_budgets.live import Alarms, Held, Soak
from benchmarks.screen_budgets.opening import Opened, Transfer
from benchmarks.screen_budgets.results import CityResults, Results


def opened(ready_ms: float, size: int = 1000) -> Opened:
    return Opened(ready_ms, [Transfer("/a.js", "JavaScript", size), Transfer("data", "inline", 0)], heap_mb=10,
                  buffers_mb=2, memory_mb=300, frames_ms=[16.0] * 30)


def results(**changes: object) -> Results:
    city = CityResults("full", 1631, 3000, Scene(1300, 0, "none"), 4000, [opened(2000), opened(2500), opened(9000)],
                       [opened(1000)] * 3, Alarms(200, 400, 450, 99, 0))
    for name, value in changes.items():
        setattr(city, name, value)
    return Results("a machine", "a browser", 3, Bundle(700_000, {"sandbox.hls.js": 118_000}, {"w.mjs": 1}), [city])


def verdicts(text: str) -> dict[str, str]:
    rows = [row.strip("| ").split(" | ") for row in text.splitlines() if row.startswith("|")]
    return {row[0].split(" ≤")[0]: row[-1].strip(" |") for row in rows if row[-1].strip(" |") in ("kept", "missed")}


def test_the_median_decides_and_not_the_slowest_opening():
    text = results().markdown()
    assert "2,500 ms; 4,000 the first time" in text
    assert verdicts(text)["first scene"] == "kept"
    assert "| first scene | 2,500 ms | 1,000 ms | 2.50 × |" in text


@pytest.mark.parametrize(("changes", "budget"), [
    ({"ours": [opened(3001)] * 3}, "first scene"),
    ({"scene": Scene(1_000_001, 0, "none")}, "scene JSON"),
    ({"scene": Scene(1000, 200_001, "heat")}, "no inline layer over 200 kB"),
    ({"alarms": Alarms(200, 1001, 1001, 99, 0)}, "alarm to pixel"),
    ({"alarms": Alarms(200, 300, 300, 99, 1)}, "alarm to pixel"),
    ({"soak": Soak(10, 60, [Held(0.1, 20, 90, 10, 0), Held(1.0, 20, 101, 10, 0)], {})}, "heap grows by"),
])
def test_a_budget_that_is_missed_is_called_missed(changes, budget):
    assert verdicts(results().markdown()).get(budget, "kept") == "kept"
    assert verdicts(results(**changes).markdown())[budget] == "missed"


def test_one_foreign_request_or_error_in_any_opening_is_a_missed_budget():
    bad = opened(2000)
    bad.foreign.append("http://example.com/")
    bad.errors.append("x is undefined")
    found = verdicts(results(ours=[opened(2000), bad, opened(2000)]).markdown())
    assert found["no request to another host"] == "missed"
    assert found["no error on the console"] == "missed"


def test_the_pages_own_script_is_weighed_with_what_it_imports_and_lazy_ones_apart(tmp_path: Path):
    names = {"sandbox.js": "sandbox-1.js", "sandbox.chunk-A.js": "sandbox.chunk-A.js", "sandbox.hls.js": "hls-1.js",
             "mvt-worker.js": "mvt-worker-1.js", "data.js": "data-1.js", "sandbox.css": "sandbox-1.css"}
    for name in names.values():
        (tmp_path / name).write_text(name * 100)
    (tmp_path / "manifest.json").write_text(json.dumps({**names, "shared": {"sandbox.js": ["sandbox.chunk-A.js"]}}))
    found = bundle.weigh(tmp_path)

    def packed(name: str) -> int:
        return len(gzip.compress((name * 100).encode(), 6, mtime=0))

    assert found.page == packed("sandbox-1.js") + packed("sandbox.chunk-A.js")
    assert found.lazy.keys() == {"sandbox.hls.js"}
    assert found.workers.keys() == {"mvt-worker.js"}


def test_the_greatest_layer_that_stands_in_the_scene_itself_is_found_and_addresses_are_none():
    layers = [{"id": "tiles", "data": "/tiles/{z}/{x}/{y}.mvt"}, {"id": "heat", "data": []},
              {"id": "few", "data": [1, 2]}, {"id": "many", "data": list(range(100))}]
    assert bundle.greatest_inline({"deck": {"layers": layers}}) == (len(json.dumps(list(range(100)))), "many")
    assert bundle.greatest_inline({"deck": {"layers": layers[:2]}}) == (0, "none")


@pytest.mark.parametrize(("path", "kind"), [
    ("/", "page"), ("/static/dist/sandbox-1.js", "JavaScript"), ("/static/dist/mvt-worker-1.js", "workers"),
    ("/tiles/areas,roads/14/1/2.mvt?v=3", "tiles"), ("/api/scenes/sandbox?metric=use", "scene and style"),
    ("/styles/night.json", "scene and style"), ("/api/devices/freshness", "answers of the API"),
    ("/static/dist/inter-1.woff2", "styles and fonts"), ("/city.geojson", "GeoJSON"),
])
def test_what_a_page_asks_for_is_counted_under_its_kind(path, kind):
    assert opening.kind_of(path) == kind


def test_a_page_that_drew_one_frame_all_the_while_has_a_slowest_frame():
    slow = opened(20_000)
    slow.frames_ms = [6000.0]
    assert "| frame while the camera moves, p95 | 16 ms | 6,000 ms |" in results(plain=[slow]).markdown()


def test_growth_of_the_heap_counts_array_buffers():
    soak = Soak(10, 60, [Held(0.1, 20, 40, 10, 0), Held(0.5, 20, 90, 90, 0), Held(1.0, 20, 40, 15, 0)], {})
    assert soak.growth == pytest.approx(0.1)
