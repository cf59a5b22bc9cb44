import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featuresFile, ogcTiles, vectorTilesFile, xyz, xyzFile } from '../src/data/connect/connections.js';
import { coveragePage, daysOf, ordered, totals, windowOf } from '../src/data/keepers/assessment.js';
import { byState, interval, worstFirst } from '../src/data/layers/catalogue.js';

const ZONE = 'Asia/Shanghai';
const NOW = Date.parse('2026-03-01T17:00:00Z'); // the second of March in Shanghai
const DAY = 86_400_000;

test('a period is whole days of the command centre', () => {
  assert.deepEqual(daysOf('week', NOW, ZONE, {}), { from: '2026-02-24', to: '2026-03-02' });
  assert.deepEqual(daysOf('this', NOW, ZONE, {}), { from: '2026-03-01', to: '2026-03-02' });
  assert.deepEqual(daysOf('last', NOW, ZONE, {}), { from: '2026-02-01', to: '2026-02-28' });
  assert.deepEqual(daysOf('own', NOW, ZONE, { from: '2026-01-05', to: '2026-01-06' }), { from: '2026-01-05', to: '2026-01-06' });
  assert.deepEqual(windowOf({ from: '2026-01-05', to: '2026-01-06' }, NOW, ZONE), {
    start: Date.parse('2026-01-04T16:00:00Z'), end: Date.parse('2026-01-06T16:00:00Z') });
});

test('a period that ends before it begins, or begins in the future, is none; today ends now', () => {
  assert.equal(windowOf({ from: '2026-01-06', to: '2026-01-05' }, NOW, ZONE), null);
  assert.equal(windowOf({ from: '2027-01-06', to: '2027-01-07' }, NOW, ZONE), null);
  assert.equal(windowOf({ from: '', to: '2026-01-05' }, NOW, ZONE), null);
  assert.equal(windowOf(daysOf('week', NOW, ZONE, {}), NOW, ZONE).end, NOW);
});

test('coverage is asked for in parts that the server works out at once, and not for too long a period', () => {
  assert.equal(coveragePage({ start: 0, end: DAY }), 60);
  assert.equal(coveragePage({ start: 0, end: 6.5 * DAY }), 17);
  assert.equal(coveragePage({ start: 0, end: 31 * DAY }), 3);
  assert.equal(coveragePage({ start: 0, end: 32 * DAY }), 0);
});

test('who has no value is last, and shares of all are shares of the sums', () => {
  const row = (code, changes) => ({ code, name: code, events_open: 0, events_overdue: 0, events_new: 0, events_done: 0, events_with_deadline: 0,
    events_on_time: 0, tasks_open: 0, tasks_overdue: 0, tasks_new: 0, tasks_done: 0, tasks_on_time: 0, events_on_time_share: null, ...changes });
  const rows = [row('a', {}), row('b', { events_on_time_share: 1, events_with_deadline: 1, events_on_time: 1, events_overdue: 2 }),
    row('c', { events_on_time_share: 0.5, events_with_deadline: 8, events_on_time: 4, events_overdue: 5 })];
  const codes = (sort) => ordered(rows, sort).map(({ code }) => code).join('');
  assert.deepEqual([codes({ by: 'events_on_time_share', down: true }), codes({ by: 'events_on_time_share', down: false }), codes({ by: 'events_overdue', down: true })],
    ['bca', 'cba', 'cba']);
  const all = totals(rows);
  assert.deepEqual([all.events_overdue, all.events_on_time_share, all.tasks_on_time_share], [7, 5 / 9, null]);
});

test('the layers that are worst come first, and an interval is told in its own unit', () => {
  const layers = ['fresh', 'unknown', 'late', 'lost', 'fresh'].map((freshness, name) => ({ name, freshness }));
  assert.deepEqual(worstFirst(layers).map(({ name }) => name), [3, 2, 1, 0, 4]);
  assert.deepEqual(byState(layers), [['lost', 1], ['late', 1], ['unknown', 1], ['fresh', 2]]);
  assert.deepEqual([interval(1825), interval(365), interval(90), interval(0.25), interval(0.01)], [['years', 5], ['days', 365], ['days', 90], ['hours', 6], ['minutes', 14]]);
});

test('files of connections are those that QGIS loads, hold no secret, and no name breaks out of its attribute', () => {
  const features = featuresFile('沙盘', 'http://10.0.0.1:8700');
  assert.match(features, /^<!DOCTYPE connections>\n<qgsWFSConnections version="1.1">\n {2}<wfs name="沙盘" url="http:\/\/10.0.0.1:8700\/ogc" version="OGC_API_FEATURES"/);
  const tiles = vectorTilesFile('S', 'http://h', [{ name: 'roads', title: 'Roads' }, { name: 'grids', title: 'a"b<c>&' }]);
  assert.match(tiles, /<qgsVectorTileConnections version="1.0">\n {2}<vectortile name="S Roads" url="http:\/\/h\/tiles\/roads\/\{z\}\/\{x\}\/\{y\}.mvt" zmin="0" zmax="16"/);
  assert.ok(tiles.includes('name="S a&quot;b&lt;c&gt;&amp;"'));
  const pictures = xyzFile('S', 'http://h', [{ name: '正射 2026', minzoom: 9, maxzoom: 18 }]);
  assert.match(pictures, /<qgsXYZTilesConnections version="1.0">\n {2}<xyztiles name="S 正射 2026" url="[^"]+" zmin="9" zmax="18"/);
  for (const file of [features, tiles, pictures]) assert.match(file, /password=""/);
  assert.equal(xyz('http://h', '正射 2026'), 'http://h/raster/%E6%AD%A3%E5%B0%84%202026/{z}/{x}/{y}.png');
  assert.equal(ogcTiles('http://h', 'grids'), 'http://h/ogc/collections/grids/tiles/WebMercatorQuad');
});
