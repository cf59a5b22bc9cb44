import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setLanguage } from '../src/i18n/index.js';
import { warningFeatures, warningLayers } from '../src/layers/warnings.js';
import { MAX_WARNINGS, Store } from '../src/store.js';
import { COUNTED, WarningDesk } from '../src/warnings/warning-desk.js';
import {
  boundsOf, boundsWithin, colourOf, colourWords, inOrder, LEVELS, shapeOf, spokenWords, stateOf, textsOf, untilWords,
} from '../src/warnings/warning-terms.js';
import { chance } from './chance.js';

const HOUR = 3_600_000;
const COLOURS = { Extreme: ['red', '红色'], Severe: ['orange', '橙色'], Moderate: ['yellow', '黄色'], Minor: ['blue', '蓝色'] };
const square = (west, south, side) => [[
  [west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]];

const warning = (id, { severity = 'Severe', ends = Date.now() + HOUR, ...more } = {}) => ({
  id, severity, state: 'in_force', real: true, status: 'Actual', sender: 'met.example', identifier: `w${id}`,
  colour: COLOURS[severity] ? { code: COLOURS[severity][0], name: COLOURS[severity][1], name_en: COLOURS[severity][0] } : null,
  event: '暴雨', language: 'zh-CN', area_desc: '学府社区', categories: ['Met'], begins_at: '2026-07-01T00:00:00Z',
  ends_at: new Date(ends).toISOString(), geometry: { type: 'MultiPolygon', coordinates: [square(117, 31, 0.01)] }, ...more,
});

/** Desks of earlier tests may still be counting: each has an address of its own. */
let desks = 0;

/** A desk whose server answers `answer(path)`: status and JSON, or a promise of them. Nothing waits. */
function build(answer = () => ({ json: { concerned: { residents: 12, exact: true } } })) {
  const store = new Store({ nextFrame: () => {} });
  const asked = [];
  const mine = `/api/${desks += 1}/`;
  globalThis.fetch = async (url) => {
    if (url.startsWith(mine)) asked.push(url);
    const { status = 200, json = {} } = await answer(url);
    return new Response(JSON.stringify(json), { status });
  };
  const desk = new WarningDesk({ store, url: `${mine}warnings`, pause: async () => {} });
  const settled = () => new Promise((resolve) => { setTimeout(resolve, 5); });
  const snapshot = (...warnings) => {
    store.applySnapshot({ warnings });
    desk.hears.snapshot();
  };
  return { store, desk, asked, settled, snapshot, ids: () => [...store.warnings.keys()].sort((a, b) => a - b) };
}

test('what is in force comes by snapshot and by change, and leaves whatever it becomes', () => {
  const { store, desk, snapshot, ids } = build();
  snapshot(warning(1), warning(2));
  desk.hears.warning(warning(3));
  desk.hears.warning(warning(4, { state: 'upcoming' }));
  assert.deepEqual(ids(), [1, 2, 3]);
  for (const [id, state] of [[1, 'ended'], [2, 'cancelled'], [3, 'replaced']]) desk.hears.warning(warning(id, { state }));
  assert.deepEqual(ids(), []);
  snapshot(warning(5));
  snapshot(warning(6));
  assert.deepEqual(ids(), [6], 'a snapshot replaces what ended while away');
  store.applySnapshot({});
  assert.deepEqual(ids(), [], 'who may not read warnings has none');
});

test('a cancelled warning is in force again when the server says so', () => {
  const { desk, snapshot, ids } = build();
  snapshot(warning(1));
  desk.hears.warning(warning(1, { state: 'cancelled' })); // by a message that a later one proves void
  desk.hears.warning(warning(1));
  assert.deepEqual(ids(), [1]);
});

test('changes that a snapshot already holds end where the server stands, wherever the snapshot was taken', () => {
  const random = chance(7);
  for (let round = 0; round < 200; round += 1) {
    const changes = Array.from({ length: 12 }, () => warning(1 + random(4), {
      state: ['in_force', 'cancelled', 'replaced', 'ended'][random(4)] }));
    const after = (count) => new Map(changes.slice(0, count).map((one) => [one.id, one]));
    const inForce = (states) => [...states.values()].filter(({ state }) => state === 'in_force');
    const seen = random(13); // changes that the snapshot holds
    const from = random(seen + 1); // its number was read before them
    const { desk, snapshot, ids } = build();
    snapshot(...inForce(after(seen)));
    changes.slice(from).forEach((change) => desk.hears.warning(change));
    assert.deepEqual(ids(), inForce(after(12)).map(({ id }) => id).sort((a, b) => a - b));
  }
});

test('a warning ends at its time though nobody says so', () => {
  const { store, snapshot, ids } = build();
  snapshot(warning(1, { ends: Date.now() + 20 }), warning(2));
  store.state.serverOffset = 1000; // a second later
  store.endWarnings();
  assert.deepEqual(ids(), [2]);
  assert.equal(stateOf(warning(1), Date.now() + 2 * HOUR), 'ended');
  assert.equal(stateOf(warning(1, { state: 'cancelled' }), Date.now() + 2 * HOUR), 'cancelled');
});

test('the number of warnings kept is bounded, and the worst stay', () => {
  const { store } = build();
  store.applyWarning(warning(1, { severity: 'Extreme' }));
  for (let id = 2; id <= MAX_WARNINGS + 50; id += 1) store.applyWarning(warning(id, { severity: 'Minor' }));
  assert.equal(store.warnings.size, MAX_WARNINGS);
  assert.ok(store.warnings.has(1));
});

test('the worst goes first, and an exercise never before a real one', () => {
  const found = inOrder([
    warning(1, { severity: 'Minor' }), warning(2, { severity: 'Extreme', real: false, status: 'Exercise' }),
    warning(3, { severity: 'Unknown' }), warning(4, { severity: 'Extreme' }),
    warning(5, { severity: 'Extreme', begins_at: '2026-07-02T00:00:00Z' }), warning(6, { severity: 'Catastrophic' })]);
  assert.deepEqual(found.map(({ id }) => id), [5, 4, 1, 6, 3, 2]);
});

test('sign and word tell the level apart without colour, and an exercise has no colour of a warning', () => {
  assert.equal(new Set(LEVELS.map((severity) => shapeOf({ severity }))).size, LEVELS.length);
  setLanguage('zh-CN');
  assert.equal(new Set(LEVELS.map((severity) => colourWords(warning(1, { severity })))).size, LEVELS.length);
  assert.equal(colourWords(warning(1)), '橙色预警');
  assert.deepEqual(LEVELS.map((severity) => colourOf(warning(1, { severity }))), ['red', 'orange', 'yellow', 'blue', 'grey']);
  assert.equal(colourOf(warning(1, { real: false })), 'grey');
  assert.equal(colourOf(warning(1, { colour: { code: 'constructor', name: '紫色' } })), 'grey');
  assert.match(spokenWords(warning(1, { real: false, status: 'Exercise' }), Date.now(), 'Asia/Shanghai'), /^演练 /);
});

test('texts are those of the language of the page, else those there are', () => {
  const both = warning(1, { texts: [{ language: 'en-US', event: 'Rainstorm' }] });
  for (const [language, event] of [['en', 'Rainstorm'], ['zh-CN', '暴雨']]) {
    setLanguage(language);
    assert.equal(textsOf(both).event, event);
    assert.equal(textsOf(warning(1)).event, '暴雨');
  }
});

test('the end is a time of today, or a day and a time, of the command centre', () => {
  const now = Date.parse('2026-07-01T15:30:00Z'); // 23:30 there
  assert.equal(untilWords('2026-07-01T15:45:00Z', now, 'Asia/Shanghai'), '23:45');
  assert.equal(untilWords('2026-07-01T16:15:00Z', now, 'Asia/Shanghai'), '07-02 00:15');
});

test('a camera is shown the part of an area that lies in the city', () => {
  const area = { type: 'MultiPolygon', coordinates: [square(117, 31, 1), square(119, 32, 1)] };
  assert.deepEqual(boundsOf(area), [117, 31, 120, 33]);
  assert.deepEqual(boundsOf({ type: 'Polygon', coordinates: square(117, 31, 1) }), [117, 31, 118, 32]);
  assert.equal(boundsOf(null), null);
  assert.deepEqual(boundsWithin([117, 31, 120, 33], [117.5, 30, 117.6, 31.5]), [117.5, 31, 117.6, 31.5]);
  assert.deepEqual(boundsWithin([117, 31, 118, 32], [120, 31, 121, 32]), [117, 31, 118, 32]);
  assert.deepEqual(boundsWithin([117, 31, 118, 32], null), [117, 31, 118, 32]);
});

test('the worst is drawn last, and an exercise fills nothing and has a broken line', () => {
  const features = warningFeatures([warning(1), warning(2, { severity: 'Extreme' }), warning(3, { real: false })], 1);
  assert.deepEqual(features.map(({ properties: { id } }) => id), [3, 1, 2]);
  globalThis.document = { documentElement: {} };
  globalThis.getComputedStyle = () => ({ getPropertyValue: () => '#ff9a3c' });
  const { ground: [areas], lines: [, lines] } = warningLayers(features, { style: 'night', scale: 2, below: { labels: 'a', lines: 'b' } });
  const fill = features.map((feature) => areas.props.getFillColor(feature)[3]);
  assert.equal(fill[0], 0);
  assert.ok(fill[1] > fill[2] && fill[2] > 0 && fill[1] < 64, 'faint, that of open details less so');
  assert.deepEqual(features.map((feature) => lines.props.getDashArray(feature)[1] > 0), [true, false, false]);
  assert.deepEqual([areas.props.beforeId, lines.props.beforeId], ['b', 'a']);
  assert.deepEqual(warningLayers([], { style: 'night', scale: 1, below: {} }), {});
});

test('only a red one that is new is an alert', () => {
  const { store, desk, snapshot } = build();
  snapshot(warning(1, { severity: 'Extreme' }));
  assert.equal(store.state.newExtreme, null, 'it was in force when the page was opened');
  desk.hears.warning(warning(2));
  desk.hears.warning(warning(3, { severity: 'Extreme', real: false, status: 'Exercise' }));
  assert.equal(store.state.newExtreme, null);
  desk.hears.warning(warning(4, { severity: 'Extreme' }));
  assert.equal(store.state.newExtreme, 4);
  snapshot(warning(1), warning(4), warning(5, { severity: 'Extreme' }));
  assert.equal(store.state.newExtreme, 5, 'it came while the stream was away');
});

test('residents of the worst warnings are counted once each, and anew after a failure when the stream is back', async () => {
  let status = 503;
  const { store, asked, settled, snapshot } = build(() => ({ status, json: { title: 'busy', concerned: { residents: 9, exact: true } } }));
  const many = Array.from({ length: COUNTED + 3 }, (_, index) => warning(index + 1));
  snapshot(...many);
  await settled();
  assert.equal(asked.length, COUNTED);
  assert.ok([...store.state.concerned.values()].every((found) => found === null));
  status = 200;
  snapshot(...many);
  await settled();
  assert.equal(asked.length, 2 * COUNTED);
  assert.deepEqual(store.state.concerned.get(many.length), { residents: 9, exact: true, texts: undefined });
  snapshot(many[0]);
  await settled();
  assert.deepEqual([...store.state.concerned.keys()], [1], 'what is over is forgotten');
});

test('details that are not there, may not be read, and a server in trouble are three things', async () => {
  for (const [status, word] of [[404, 'missing'], [403, 'forbidden'], [503, 'failed']]) {
    const { desk, store } = build(() => ({ status, json: { title: 'no' } }));
    await desk.open(7);
    assert.equal(store.state.warning.status, word);
    desk.close();
    assert.equal(store.state.warning.status, 'closed');
  }
});

test('an answer that the stream has overtaken does not bring a cancelled warning back', async () => {
  const waiting = [];
  const { desk, store, snapshot, settled } = build(() => new Promise((resolve) => { waiting.push(() => resolve({ json: warning(1) })); }));
  snapshot();
  desk.hears.warning(warning(1));
  const opened = desk.open(1);
  await settled();
  desk.hears.warning(warning(1, { state: 'cancelled' }));
  waiting.forEach((release) => release());
  await opened;
  assert.deepEqual([store.state.warning.status, store.state.warning.warning.state], ['open', 'cancelled']);
});
