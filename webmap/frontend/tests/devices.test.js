import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceCounts } from '../src/devices/device-counts.js';
import { countWords, EIGHTHS, groupThings, levelOf, ringOf } from '../src/devices/device-groups.js';
import { ALL, isChosen, withChosen } from '../src/devices/device-state.js';
import { cellOf, DeviceStates, MOST_CELLS } from '../src/devices/device-states.js';
import { classIcon, counted, isAbnormal, kindIcon, rankOf, totals, valueWords } from '../src/devices/device-terms.js';
import { curveOf } from '../src/devices/reading-curve.js';
import { setLanguage } from '../src/i18n/index.js';
import { Store } from '../src/store.js';
import { degreesIn, thingsIn } from '../src/map/tile-things.js';
import { chance } from './chance.js';

const STATES = ['fresh', 'late', 'lost', 'unknown'];

/** Towers of detectors, and things strewn between them. */
function city(seed, count) {
  const pick = chance(seed);
  return Array.from({ length: count }, (_, index) => {
    const tower = pick(12);
    return {
      key: `device D${String(index).padStart(5, '0')}`, state: STATES[pick(4)],
      lon: 117.29 + (tower % 4) * 0.0009 + pick(50) * 1e-6, lat: 31.86 + Math.floor(tower / 4) * 0.0008 + pick(50) * 1e-6,
      z: pick(18) * 3,
    };
  });
}

const EARTH = 40_075_016.686;
const web = ({ lon, lat }) => [(lon / 360) * EARTH, (Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * EARTH];

test('whatever there is stands in exactly one mark, no mark hides another, and the order does not matter', () => {
  for (let seed = 1; seed <= 25; seed += 1) {
    const pick = chance(seed * 7);
    const things = city(seed, 20 + pick(300));
    const level = levelOf({ zoom: 15 + pick(60) / 10, pitch: pick(70), latitude: 31.86 }, 34);
    const groups = groupThings(things, level);
    assert.deepEqual(groups.flatMap(({ members }) => members.map(({ key }) => key)).sort(), things.map(({ key }) => key).sort());
    const shuffled = [...things].sort(() => pick(3) - 1);
    assert.deepEqual(groupThings(shuffled, level), groups);
    for (const group of groups) {
      assert.equal(group.rank, Math.max(...group.members.map(({ state }) => rankOf(state))));
      assert.ok(group.members.some(({ lon, lat, z }) => lon === group.lon && lat === group.lat && z === group.z));
    }
    const apart = (one, other) => {
      const [[x1, y1], [x2, y2]] = [web(one), web(other)];
      return Math.hypot((x1 - x2) / level.flat, (y1 - y2) / level.flat, (one.z - other.z) / level.high);
    };
    groups.forEach((one, index) => {
      for (const other of groups.slice(index + 1)) assert.ok(apart(one, other) > 1 - 1e-6);
      for (const member of one.members) assert.ok(apart(one, member) < 1);
    });
  }
});

test('storeys of a tower stand apart from the side and near, and are one mark from above', () => {
  const tower = Array.from({ length: 18 }, (_, floor) => ({ key: `device ${floor + 10}`, lon: 117, lat: 31, z: floor * 3, state: 'fresh' }));
  const camera = { zoom: 20, latitude: 31 };
  assert.equal(groupThings(tower, levelOf({ ...camera, pitch: 0 }, 34)).length, 1);
  assert.equal(groupThings(tower, levelOf({ ...camera, zoom: 21.5, pitch: 60 }, 34)).length, 18);
  const between = groupThings(tower, levelOf({ ...camera, zoom: 18, pitch: 60 }, 34)).length;
  assert.ok(between > 1 && between < 18);
  assert.equal(levelOf({ ...camera, pitch: 50 }, 34).key, levelOf({ ...camera, pitch: 60, zoom: 20.4 }, 34).key);
});

test('twenty thousand devices are put into marks within the time of some pictures', () => {
  const things = city(3, 20_000);
  const began = performance.now();
  groupThings(things, levelOf({ zoom: 16, pitch: 50, latitude: 31.86 }, 34));
  assert.ok(performance.now() - began < 1500);
});

test('a ring shows what is lost and what is late, be it one of a thousand, and is never more than whole', () => {
  const of = (counts) => ringOf(Object.entries(counts).flatMap(([state, count]) => Array.from({ length: count }, () => ({ state }))));
  assert.deepEqual(of({ fresh: 8 }), { lost: 0, late: 0 });
  assert.deepEqual(of({ fresh: 998, lost: 1, late: 1 }), { lost: 1, late: 1 });
  assert.deepEqual(of({ missing: 4, normal: 4 }), { lost: 4, late: 0 });
  assert.deepEqual(of({ lost: 97, late: 3 }), { lost: 7, late: 1 });
  assert.deepEqual(of({ late: 99, lost: 1 }), { lost: 1, late: 7 });
  for (let lost = 0; lost < 30; lost += 1) {
    const ring = of({ lost, late: 29 - lost });
    assert.equal(ring.lost + ring.late, EIGHTHS);
  }
  assert.deepEqual([7, 999, 1000, 12_345].map(countWords), ['7', '999', '1k', '12k']);
});

test('the words of a city choose the picture of its classes, what they are to rescuers first', () => {
  assert.deepEqual([{ name: '雨水井盖' }, { name: '某物', role: 'hydrant' }, { name: '' }, undefined].map(classIcon),
    ['manhole', 'hydrant', 'facility', 'facility']);
  assert.deepEqual([kindIcon('camera'), kindIcon('<b>')], ['camera', 'sensor']);
  assert.deepEqual(['lost', 'missing', 'late', 'damaged', 'unknown', 'fresh', 'normal', '?'].map(isAbnormal),
    [true, true, true, true, false, false, false, false]);
});

test('what is chosen may be all there is, now and later', () => {
  assert.ok(isChosen(ALL, 'anything'));
  assert.deepEqual(withChosen(ALL, 'a', false, ['a', 'b']), new Set(['b']));
  assert.equal(withChosen(new Set(['b']), 'a', true, ['a', 'b']), ALL);
  assert.deepEqual(withChosen(new Set(), 'a', true, ['a', 'b']), new Set(['a']));
  assert.deepEqual(withChosen(new Set(['z']), 'z', false, []), new Set());
});

// --- how devices are --------------------------------------------------------------------------------------

const settled = () => new Promise((resolve) => { setImmediate(resolve); });
const HERE = { lon: 117.29, lat: 31.86 };
const CELL = cellOf(HERE.lon, HERE.lat);

/** States whose answers are given by hand: `answers[n](found)` ends the n-th reading. */
function states() {
  const answers = [];
  const made = new DeviceStates({
    read: (x, y) => new Promise((resolve, reject) => { answers.push(Object.assign(resolve, { x, y, reject })); }), onChange: () => {},
  });
  return { states: made, answers };
}

test('a cell is read once, and who is not named in it is fresh', async () => {
  const { states: made, answers } = states();
  made.want(new Set([CELL]));
  made.want(new Set([CELL]));
  assert.equal(made.of(CELL, 'A'), null);
  assert.equal(answers.length, 1);
  assert.equal(answers[0].y * 2 ** 14 + answers[0].x, CELL);
  answers[0]({ late: ['B'], lost: ['C'], unknown: [] });
  await settled();
  assert.deepEqual(['A', 'B', 'C'].map((code) => made.of(CELL, code)), ['fresh', 'late', 'lost']);
});

test('what the stream tells while a cell is read is newer than the answer', async () => {
  const { states: made, answers } = states();
  made.want(new Set([CELL]));
  made.hear({ code: 'A', freshness: 'lost', ...HERE });
  made.hear({ code: 'B', freshness: 'fresh', ...HERE });
  answers[0]({ late: ['B'], lost: [], unknown: [] });
  await settled();
  assert.deepEqual(['A', 'B'].map((code) => made.of(CELL, code)), ['lost', 'fresh']);
  made.hear({ code: 'A', freshness: 'fresh', ...HERE });
  made.hear({ code: 'B', freshness: 'late', ...HERE });
  assert.deepEqual(['A', 'B'].map((code) => made.of(CELL, code)), ['fresh', 'late']);
});

test('when the stream begins anew all is read again, and what was known is shown until then, also when that fails', async () => {
  const { states: made, answers } = states();
  made.want(new Set([CELL]));
  made.readAgain(); // while it is being read
  answers[0]({ lost: ['A'] });
  await settled();
  assert.equal(answers.length, 2);
  assert.equal(made.of(CELL, 'A'), 'lost');
  answers[1].reject(Object.assign(new Error('x'), { title: 'x' }));
  await settled();
  assert.equal(made.of(CELL, 'A'), 'lost');
  assert.equal(made.failed, true);
  made.readAgain();
  answers[2]({ lost: [] });
  await settled();
  assert.equal(made.of(CELL, 'A'), 'fresh');
  assert.equal(made.failed, false);
});

test('a cell that cannot be read says that nothing is known, few are asked for at once, and few are kept', async () => {
  const { states: made, answers } = states();
  made.want(new Set(Array.from({ length: MOST_CELLS + 50 }, (_, index) => CELL + index)));
  assert.equal(answers.length, 4);
  for (let done = 0; done < 400; done += 1) {
    answers[done]?.reject(Object.assign(new Error('x'), { title: 'x' }));
    await settled();
  }
  assert.equal(answers.length, MOST_CELLS);
  assert.equal(made.of(CELL + MOST_CELLS + 49, 'A'), 'unknown');
  assert.equal(made.of(CELL, 'A'), null);
});

test('a device at the edge of a cell is known in both, because tiles draw places rounded', async () => {
  const { states: made, answers } = states();
  const edge = (Math.floor(((117.29 + 180) / 360) * 2 ** 14) / 2 ** 14) * 360 - 180;
  const [west, east] = [cellOf(edge - 1e-6, 31.86), cellOf(edge + 1e-6, 31.86)];
  assert.notEqual(west, east);
  made.want(new Set([west, east]));
  answers.forEach((answer) => answer({}));
  await settled();
  made.hear({ code: 'A', freshness: 'lost', lon: edge + 1e-6, lat: 31.86 });
  assert.deepEqual([made.of(west, 'A'), made.of(east, 'A')], ['lost', 'lost']);
});

// --- how many ---------------------------------------------------------------------------------------------

const KINDS = [{ kind: 'gas', fresh: 3, late: 1, lost: 0, unknown: 0, total: 4 }, { kind: 'smoke', fresh: 0, late: 0, lost: 0, unknown: 2, total: 2 }];

test('counts follow a change, and a change that cannot be counted asks for all of them anew', () => {
  const after = counted(KINDS, { kind: 'gas', was: 'fresh', freshness: 'lost' });
  assert.deepEqual(after[0], { kind: 'gas', fresh: 2, late: 1, lost: 1, unknown: 0, total: 4 });
  assert.deepEqual(totals(after), { fresh: 2, late: 1, lost: 1, unknown: 2, total: 6 });
  for (const wrong of [{ kind: 'water', was: 'fresh', freshness: 'lost' }, { kind: 'gas', was: 'lost', freshness: 'fresh' },
    { kind: 'gas', freshness: 'lost' }, { kind: 'gas', was: 'fresh', freshness: 'odd' }]) assert.equal(counted(KINDS, wrong), null);
  assert.equal(counted(KINDS, { kind: 'gas', was: 'late', freshness: 'late' }), KINDS);
});

test('the stream moves the counts at once, and they are read anew once however many changes come', async () => {
  const store = new Store({ nextFrame: () => {} });
  const planned = [];
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    return url.includes('broken') ? new Response('{"title": "Not available"}', { status: 503 })
      : new Response(JSON.stringify(url.endsWith('classes') ? { classes: [{ code: '0101' }] } : { kinds: KINDS }));
  };
  const counts = new DeviceCounts({ store, urls: { devices: '/d', facilities: '/f' }, later: (callback) => planned.push(callback) });
  store.state.folded = new Set(['devices']);
  counts.begin();
  await settled();
  await settled();
  assert.deepEqual(asked, ['/d/freshness']); // nobody looks at the classes
  for (let index = 0; index < 3; index += 1) counts.hear({ kind: 'gas', was: 'fresh', freshness: 'late' });
  assert.deepEqual([store.state.devices.counts.kinds[0].fresh, store.state.devices.counts.kinds[0].late], [0, 4]);
  assert.equal(planned.length, 1);
  planned[0]();
  await settled();
  await settled();
  assert.deepEqual(asked, ['/d/freshness', '/d/freshness']);
  assert.equal(store.state.devices.counts.kinds[0].fresh, 3);
  counts.urls = { devices: '/broken', facilities: '/f' };
  counts.recordsChanged('devices');
  planned[1]();
  await settled();
  await settled();
  assert.equal(store.state.devices.counts.status, 'failed');
  assert.equal(store.state.devices.counts.kinds[0].fresh, 3); // what was known stays
  const nobody = new DeviceCounts({ store, urls: {} });
  nobody.begin(); // this account may not
  assert.equal(asked.length, 3);
});

test('facilities are counted once somebody unfolds the panel, and not again once it is folded', async () => {
  const frames = [];
  const store = new Store({ nextFrame: (callback) => frames.push(callback), initial: { folded: new Set(['devices']) } });
  const draw = async () => {
    while (frames.length > 0) frames.shift()();
    await settled();
    await settled();
  };
  const asked = [];
  const planned = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    return new Response('{"classes": [{"code": "0101"}]}');
  };
  const counts = new DeviceCounts({ store, urls: { devices: '/d', facilities: '/f' }, later: (callback) => planned.push(callback) });
  store.touch('folded');
  await draw();
  counts.recordsChanged('facilities');
  assert.deepEqual([asked.length, planned.length], [0, 0]);
  store.set('folded', { folded: new Set() });
  await draw();
  await draw();
  assert.deepEqual(asked, ['/f/classes']);
  assert.equal(store.state.devices.classes.status, 'ready');
  counts.recordsChanged('facilities');
  store.set('folded', { folded: new Set(['devices']) });
  planned[0]();
  await draw();
  assert.deepEqual([asked.length, store.state.devices.classes.status], [1, 'idle']);
});

// --- what tiles hold --------------------------------------------------------------------------------------

test('things of tiles come once, each at its place in degrees, and a shape at the middle of all that tiles show of it', () => {
  const index = { z: 1, x: 1, y: 0 };
  const columns = (size, positions, ids, properties, numericProps = {}) => ({
    positions: { size, value: positions }, featureIds: { value: ids }, properties, numericProps,
    fields: properties.map(({ code }) => ({ id: code })),
  });
  const point = { layerName: 'devices', code: 'D1', kind: 'gas' };
  const shape = { layerName: 'facilities', code: 'F1' };
  const tiles = [
    { index, content: { points: columns(2, [0.5, 1, 0, 1], [0, 1], [point, { layerName: 'other', code: 'X' }], { z_m: { value: [4.5, 0] }, floor: { value: [NaN, 0] } }) } },
    { index, content: { points: columns(2, [0.5, 1], [0], [point], { z_m: { value: [4.5] } }), lines: columns(2, [0, 1, 0.25, 1], [0, 0], [shape]) } },
    { index: { z: 1, x: 0, y: 0 }, content: { lines: columns(2, [0.75, 1, 1, 1], [0, 0], [shape]) } },
    { index, content: null },
  ];
  assert.deepEqual(thingsIn(tiles, 'devices'), [{ ...point, z_m: 4.5, floor: null, lon: 90, lat: 0 }]);
  assert.deepEqual(thingsIn(tiles, 'facilities'), [{ ...shape, lon: 0, lat: 0 }]);
  assert.deepEqual(degreesIn({ z: 0, x: 0, y: 0 }, 0.5, 0).map(Math.round), [0, 85]);
});

// --- curves ---------------------------------------------------------------------------------------------

const DAY = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
const at = (hour) => `2026-01-01T${String(hour).padStart(2, '0')}:00:00Z`;

test('a curve fits its box, leaves texts out, and shows a threshold only where the values come near it', () => {
  const curve = curveOf({ ...DAY, points: [{ at: at(0), value: 1 }, { at: at(12), value: 3 }, { at: at(13), value: 'open' }] }, [4, 400]);
  assert.deepEqual([curve.least, curve.most, curve.thresholds.length, curve.band], [1, 3, 1, '']);
  assert.match(curve.line, /^M0 [\d.]+L50 [\d.]+$/);
  const banded = curveOf({ ...DAY, points: [{ at: at(0), min: 0, mean: 1, max: 5, count: 9 }, { at: at(6), min: 1, mean: 2, max: 3, count: 9 }] });
  assert.match(banded.band, /^M0 .*L25 .*Z$/);
  assert.equal(banded.most, 5);
  assert.equal(curveOf({ ...DAY, points: [{ at: at(1), value: 'closed' }] }), null);
  assert.equal(curveOf({ ...DAY, points: [] }), null);
  assert.match(curveOf({ ...DAY, points: [{ at: at(12), value: 0 }] }).line, /^M50 14h1$/);
});

test('a value that is no measure is told in words, in the language of the page', () => {
  const trapped = { words: { 1: ['有人被困', 'Trapped'], 0: ['无', 'Nobody'] } };
  setLanguage('en');
  assert.deepEqual([valueWords(1, trapped), valueWords(0, trapped), valueWords(2.5, trapped)], ['Trapped', 'Nobody', '2.5']);
  setLanguage('zh-CN');
  assert.equal(valueWords(1, trapped), '有人被困');
  assert.equal(valueWords('open', { words: { open: ['开', 'Open'] } }), '开');
  assert.equal(valueWords('ajar', {}), 'ajar');
});
