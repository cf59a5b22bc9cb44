import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnHeight, formHeight, formReach, FORMS } from '../src/buildings/building-form.js';
import { countsOf } from '../src/buildings/legend-counts.js';
import { columnText, placeNumbers, residentsIn } from '../src/buildings/resident-columns.js';
import { plainColor } from '../src/map/scene-functions.js';

test('a building is as high as it is, as its residents, or flat under its column', () => {
  const building = { drawn_height_m: 54, residents: 200 };
  assert.deepEqual(FORMS.map((form) => formHeight(form, building)), [54, 100, 0.8]);
  assert.equal(formHeight('residents', { drawn_height_m: 54, residents: 0 }), 0.8);
  assert.equal(formHeight('residents', { drawn_height_m: 54 }), 0.8);
});

test('nothing reaches higher than the map is told', () => {
  for (const residents of [0, 1080, 1_000_000]) {
    for (const form of ['residents', 'columns']) {
      assert.ok(Math.max(formHeight(form, { residents }), columnHeight(residents)) <= formReach(form)[1]);
    }
  }
});

/** A tile as loaders.gl reads it: boxes [id, residents, west, north, east, south] in shares of its side. */
function tile(index, ...boxes) {
  const corners = boxes.flatMap(([, residents, west, north, east, south], feature) => [
    [west, north], [east, north], [east, south], [west, south], [west, north],
  ].map((at) => ({ at, feature, residents })));
  return {
    index,
    content: {
      polygons: {
        positions: { value: Float32Array.from(corners.flatMap(({ at }) => at)), size: 2 },
        featureIds: { value: Uint32Array.from(corners.map(({ feature }) => feature)) },
        numericProps: { residents: { value: Float32Array.from(corners.map(({ residents }) => residents)) } },
        fields: boxes.map(([id]) => ({ id })),
      },
    },
  };
}

test('columns stand in the middle of the larger piece of a building that tiles cut, each once, most residents first', () => {
  const west = tile({ x: 0, y: 0, z: 1 }, [7, 12, 0.9, 0.4, 1, 0.6], [8, 40, 0.25, 0.25, 0.75, 0.75], [9, 0, 0, 0, 1, 1]);
  const east = tile({ x: 1, y: 0, z: 1 }, [7, 12, 0, 0.4, 0.4, 0.6]);
  const found = residentsIn([west, east, { index: { x: 0, y: 1, z: 1 }, content: null }]);
  assert.deepEqual(found.map(({ id, residents }) => [id, residents]), [[8, 40], [7, 12]]);
  assert.ok(Math.abs(found[0].position[0] + 90) < 1e-4 && Math.abs(found[0].position[1] - 66.513) < 1e-3);
  assert.ok(Math.abs(found[1].position[0] - 36) < 1e-4);
});

test('numbers that would cover one of more residents are left out and counted, those off the screen are not', () => {
  const columns = [[50, 100, 100], [40, 110, 104], [30, 100, 300], [20, -5, 100], [10, 300, 100]]
    .map(([residents, x, y]) => ({ residents, at: [x, y] }));
  const view = { project: ({ at }) => at, text: ({ residents }) => String(residents), size: { width: 1000, height: 500 }, scale: 1 };
  const { labelled, hidden } = placeNumbers(columns, view);
  assert.deepEqual(labelled.map(({ residents }) => residents), [50, 30, 10]);
  assert.equal(hidden, 1);
});

test('of thousands of columns none of the numbers covers another', () => {
  const columns = Array.from({ length: 5000 }, (_, id) => ({ residents: 5000 - id, at: [(id * 37) % 1900, (id * 91) % 1000] }));
  const view = { project: ({ at }) => at, text: ({ residents }) => String(residents), size: { width: 1900, height: 1000 }, scale: 2 };
  const { labelled, hidden } = placeNumbers(columns, view);
  assert.equal(labelled.length + hidden, 5000);
  assert.ok(labelled.length > 100 && labelled.length < 2000);
  for (const [index, { at: [x, y] }] of labelled.entries()) {
    for (const { at: [u, v] } of labelled.slice(index + 1)) assert.ok(Math.abs(x - u) >= 14 || Math.abs(y - v) >= 14);
  }
});

test('a column says the number, or its class where the server tells no more', () => {
  assert.deepEqual([1240, 7].map((residents) => columnText(residents, true, String)), ['1240', '7']);
  assert.deepEqual([1, 5, 10].map((residents) => columnText(residents, false, String)), ['1–4', '5–9', '≥10']);
});

test('the legend of alarms counts buildings by their worst alarm, and those without', () => {
  const legend = { live: true, layer: 'buildings', metric: 'alarms', classes: [{ value: 'critical' }, { value: 'info' }] };
  const worst = new Map([[1, { severity: 'critical' }], [2, { severity: 'critical' }], [3, { severity: 'never heard of' }]]);
  assert.deepEqual(countsOf(legend, { worst, buildings: 10 }), { classes: [2, 1], none: 7, total: 10 });
  assert.equal(countsOf(legend, { worst, buildings: undefined }).none, undefined);
});

test('counts of another metric, of other classes or of buildings are not those of a legend', () => {
  const legend = { layer: 'buildings', metric: 'use', classes: [{}, {}] };
  const counts = { metric: 'use', classes: [1, 2], none: 3 };
  assert.equal(countsOf(legend, { classCounts: counts }), counts);
  assert.equal(countsOf(legend, { classCounts: null }), null);
  assert.equal(countsOf({ ...legend, metric: 'floors' }, { classCounts: counts }), null);
  assert.equal(countsOf({ ...legend, classes: [{}] }, { classCounts: counts }), null);
  assert.equal(countsOf({ ...legend, layer: 'building_cells' }, { classCounts: counts }), null);
});

test('where only live state is to be seen, all have one colour', () => {
  assert.deepEqual(plainColor({ color: [1, 2, 3] })({ properties: { residents: 9 } }), [1, 2, 3]);
});
