import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmedBuildingsLayer, alarmedFeatures, colouring, worstByBuilding } from '../src/layers/alarmed-buildings.js';
import { breaksOf, countToken, densityCeiling, differenceToken, divergingBreaks, niceCeiling, short, shortSigned } from '../src/layers/events.js';
import { outset } from '../src/layers/outset.js';
import { rank } from '../src/alarms/alarm-terms.js';
import { layoutMarks } from '../src/map/marker-layout.js';
import { share } from './chance.js';

const alarm = (id, severity = 'minor', state = 'active_unack') => ({
  id, severity, state, occurred_at: '2026-05-09T00:00:00Z',
});
const view = { width: 1000, height: 500, margin: 50 };
const options = { cell: 100, gap: 30, limit: 10 };

test('what is off the screen gets no mark', () => {
  const points = [{ alarm: alarm(1), x: 10, y: 10 }, { alarm: alarm(2), x: -51, y: 10 }, { alarm: alarm(3), x: 10, y: 551 }];
  assert.deepEqual(layoutMarks(points, view, options).map(({ alarm: { id } }) => id), [1]);
});

test('alarms of one place stand side by side, the most urgent in the place', () => {
  const points = [{ alarm: alarm(1), x: 100, y: 100 }, { alarm: alarm(2, 'critical'), x: 101, y: 100 }];
  const marks = layoutMarks(points, view, options);
  assert.deepEqual(marks.map(({ alarm: { id }, shift }) => [id, shift]), [[2, 0], [1, 30]]);
});

const ofBuilding = (building, ...rest) => ({ ...alarm(...rest), building_id: building });

test('from afar more than three alarms of one building are one mark of the worst with their number; near they spread', () => {
  const of = (building, count, worst, first) => Array.from({ length: count }, (_, index) => ({
    alarm: ofBuilding(building, first + index, index === worst ? 'critical' : 'minor'), x: 100 + 40 * index, y: 100 - 9 * index,
  }));
  const points = [...of(7, 3, 1, 10), ...of(8, 9, 4, 20), { alarm: alarm(50), x: 500, y: 100 }];
  const shown = (marks) => marks.map(({ alarm: { id }, alarms, shift, x }) => [id, alarms.length, shift, x]).sort();
  const marks = layoutMarks(points, view, { ...options, limit: 150 });
  assert.deepEqual(shown(marks).filter(([, count]) => count > 1), [[24, 9, 0, 260]]);
  assert.deepEqual(shown(marks).map(([id]) => id), [10, 11, 12, 24, 50]);
  assert.equal(layoutMarks(points, view, { ...options, limit: 150, near: true }).length, 13);
  // Nine of one room stand in a row near, and those of a building taken apart in their rooms at any distance.
  const room = points.slice(3, 12).map((point) => ({ ...point, x: 100, y: 100 }));
  assert.deepEqual(layoutMarks(room, view, { ...options, near: true }).map(({ shift }) => shift), [0, 30, 60, 90, 120, 150, 180, 210, 240]);
  assert.equal(layoutMarks(room.map((point) => ({ ...point, apart: true })), view, options).length, 9);
});

test('alarms of several buildings or of none share a mark where more than three stand on one spot', () => {
  const crowded = [1, 2, 3, 4].map((id) => ({ alarm: ofBuilding(Math.ceil(id / 2), id), x: 100, y: 100 }));
  assert.deepEqual(layoutMarks(crowded, view, options).map(({ alarms }) => alarms.length), [4]);
  const points = Array.from({ length: 5 }, (_, id) => ({ alarm: alarm(id + 1), x: 100, y: 100 }));
  assert.deepEqual(layoutMarks(points, view, options).map(({ alarms }) => alarms.length), [5]);
  const beside = points.map((point, index) => ({ ...point, x: 100 + 40 * index }));
  assert.equal(layoutMarks(beside, view, options).length, 5);
});

test('no alarm is lost and none stands twice, however they are spread over buildings', () => {
  const chance = share(7);
  for (let round = 0; round < 50; round += 1) {
    const points = Array.from({ length: 1 + Math.floor(chance() * 400) }, (_, id) => ({
      alarm: ofBuilding(chance() < 0.2 ? null : Math.floor(chance() * 60), id, ['critical', 'minor', 'info'][id % 3]),
      x: chance() * 1000, y: chance() * 500, apart: chance() < 0.1,
    }));
    const marks = layoutMarks(points, view, { ...options, limit: 40, near: chance() < 0.3 });
    assert.deepEqual(marks.flatMap(({ alarms }) => alarms.map(({ id }) => id)).sort((one, other) => one - other), points.map(({ alarm: { id } }) => id));
    for (const { alarm: shown, alarms } of marks) assert.ok(alarms.every((one) => rank(one) <= rank(shown)));
    assert.equal(new Set(marks.map(({ key }) => key)).size, marks.length);
  }
});

test('above the limit, alarms of a cell share a mark of the worst with their number', () => {
  const points = Array.from({ length: 5000 }, (_, id) => ({
    alarm: alarm(id, id === 4242 ? 'critical' : 'info'), x: (id * 37) % 1000, y: (id * 91) % 500,
  }));
  const marks = layoutMarks(points, view, options);
  assert.ok(marks.length <= 50);
  assert.equal(marks.reduce((sum, { alarms }) => sum + alarms.length, 0), 5000);
  assert.equal(marks.find(({ alarms }) => alarms.some(({ id }) => id === 4242)).alarm.id, 4242);
});

test('an unacknowledged warning goes before an acknowledged critical one', () => {
  const points = [
    { alarm: alarm(1, 'critical', 'active_ack'), x: 100, y: 100 }, { alarm: alarm(2, 'warning'), x: 100, y: 100 },
  ];
  assert.equal(layoutMarks(points, view, options)[0].alarm.id, 2);
});

test('the ends of the heat colours are round numbers', () => {
  assert.deepEqual([0, 0.4, 1, 1.2, 4, 7, 9, 11, 42, 81].map(niceCeiling), [1, 1, 1, 2, 5, 8, 10, 20, 50, 100]);
});

test('the densest hectares set the end of the heat colours', () => {
  const lon = Array.from({ length: 60 }, () => 117.2801);
  const lat = Array.from({ length: 60 }, () => 31.8601);
  assert.equal(densityCeiling({ lon, lat }), 80);
  assert.equal(densityCeiling({ lon: [], lat: [] }), 1);
});

test('colours of hexagons begin at one event, rise, and end near the fullest', () => {
  assert.deepEqual(breaksOf([]), [1]);
  assert.deepEqual(breaksOf([0, 1, 2]), [1, 2]);
  assert.deepEqual(breaksOf(Array.from({ length: 100 }, (_, count) => count)), [1, 10, 25, 50, 100]);
  assert.equal(countToken(1, [1, 10, 25, 50, 100]), 'hexagon-least');
  assert.equal(countToken(5000, [1, 10, 25, 50, 100]), 'hexagon-most');
});

test('more and fewer of one size have colours of one strength and of two sides', () => {
  const breaks = divergingBreaks([30, -2, 7]);
  assert.deepEqual(breaks, [1, 10, 20]);
  assert.deepEqual([-25, -12, -1, 1, 12, 25].map((more) => differenceToken(more, breaks)),
    ['fewer-much', 'fewer', 'fewer-little', 'more-little', 'more', 'more-much']);
  assert.equal(differenceToken(1, divergingBreaks([1])), 'more-much');
});

test('numbers in hexagons are short, and differences carry their sign', () => {
  assert.deepEqual([7, 999, 1000, 9949, 12_345].map(short), ['7', '999', '1.0k', '9.9k', '12k']);
  assert.deepEqual([12, -5, 1200].map(shortSigned), ['+12', '−5', '+1.2k']);
});

test('all parts of a building are widened', () => {
  const ring = [[0, 0], [1e-4, 0], [1e-4, 1e-4], [0, 0]];
  assert.equal(outset({ type: 'MultiPolygon', coordinates: [[ring], [ring]] }, 1).coordinates.length, 2);
});

test('walls are coloured from major up, by the worst of these, and by all alarms where alarms are the metric', () => {
  const of = (building, ...rest) => ({ ...alarm(...rest), building_id: building });
  const alarms = [
    of(7, 1, 'minor'), of(8, 2, 'critical', 'active_ack'), of(8, 3, 'minor'), of(9, 4, 'major'), of(9, 5, 'warning'), of(6, 6, 'of another age'),
  ];
  const worst = (all) => [...worstByBuilding(colouring(alarms, { all }))].map(([id, { id: which }]) => [id, which]).sort();
  assert.deepEqual(worst(false), [[8, 2], [9, 4]]);
  assert.deepEqual(worst(true), [[6, 6], [7, 1], [8, 3], [9, 4]]);
});

test('an alarmed building stands out above the height that is drawn', () => {
  const ring = [[117, 31], [117.001, 31], [117.001, 31.001], [117, 31.001], [117, 31]];
  const outline = { geometry: { type: 'Polygon', coordinates: [ring] }, drawn_height_m: 15, base_m: 2, residents: 40 };
  const worst = new Map([[7, { severity: 'critical', state: 'open' }], [8, { severity: 'critical', state: 'open' }]]);
  const found = alarmedFeatures(worst, (id) => (id === 7 ? outline : undefined));
  assert.equal(found.length, 1);
  assert.equal(found[0].properties.id, 7);
  for (const [form, height] of [['height', 15], ['residents', 20], ['columns', 0.8]]) {
    const layer = alarmedBuildingsLayer(found, { form, style: 'night', visible: true, relief: { on: false } });
    const drawn = layer.props.getElevation(found[0]);
    assert.ok(drawn > height && drawn < height + 2, form);
  }
});
