import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { GridDesk } from '../src/grids/grid-desk.js';
import { GridFigures } from '../src/grids/grid-figures.js';
import { lineThrough, trendOf } from '../src/grids/grid-trend.js';
import { Hover } from '../src/map/hover.js';
import { roomsIn, withPage } from '../src/grids/room-groups.js';
import { Store } from '../src/store.js';
import { fitting } from '../src/map/value-layout.js';

const box = (x, y, name) => ({ x, y, width: 30, height: 20, name });
const VIEW = { width: 500, height: 300 };

test('of two numbers that would touch, the one that matters more stays', () => {
  const kept = fitting([box(100, 100, 'first'), box(120, 105, 'second'), box(140, 100, 'third')], VIEW, 4);
  assert.deepEqual(kept.map(({ name }) => name), ['first', 'third']);
});

test('numbers outside of the view, or behind the camera, take nobody\'s room', () => {
  assert.deepEqual(fitting([box(-40, 10, 'out'), box(NaN, 10, 'behind'), box(20, 10, 'in')], VIEW, 4).map(({ name }) => name), ['in']);
});

test('ten thousand numbers are laid out in a moment, and no two kept ones touch', () => {
  const boxes = Array.from({ length: 10_000 }, (_, index) => box(1 + ((index * 7919) % 498), 1 + ((index * 104729) % 298), index));
  const kept = fitting(boxes, VIEW, 4);
  assert.ok(kept.length > 40, String(kept.length));
  for (const [at, one] of kept.entries()) {
    for (const other of kept.slice(at + 1)) assert.ok(Math.abs(one.x - other.x) >= 34 || Math.abs(one.y - other.y) >= 24);
  }
});

function hovering(find) {
  const waits = [];
  const told = [];
  const clock = {
    setTimeout: (callback, ms) => waits.push({ callback, ms }) - 1,
    clearTimeout: (timer) => { if (waits[timer]) waits[timer].callback = () => {}; },
  };
  const hover = new Hover({ find, onFound: (found, { x }) => told.push([found, x]), clock });
  const pass = () => waits.splice(0).forEach(({ callback }) => callback());
  return { hover, told, waits, pass };
}

test('a pointer that rests is answered once; one that goes on is not asked about each place it passes', () => {
  const asked = [];
  const { hover, told, waits, pass } = hovering(({ x }) => (asked.push(x), x > 0 ? 'grid' : null));
  hover.moved({ x: 1 });
  hover.moved({ x: 2 });
  assert.equal(waits.at(-1).ms, 150);
  pass();
  assert.deepEqual([asked, told], [[2], [['grid', 2]]]);
  hover.moved({ x: 3 });
  assert.equal(waits.at(-1).ms, 80);
  pass();
  hover.moved({ x: -1 });
  pass();
  hover.moved({ x: -2 });
  pass();
  assert.deepEqual(told.slice(1), [['grid', 3], [null, -1]]);
});

test('a pointer that leaves takes the card with it, and what was waited for', () => {
  const { hover, told, pass } = hovering(() => 'grid');
  hover.moved({ x: 1 });
  hover.end();
  pass();
  assert.deepEqual(told, []);
  hover.moved({ x: 1 });
  pass();
  hover.end();
  assert.deepEqual(told, [['grid', 1], [null, 1]]);
});

test('a finger or a pressed button asks for nothing', () => {
  const { hover, waits } = hovering(() => 'grid');
  const listeners = {};
  hover.follow({ addEventListener: (name, listener) => { listeners[name] = listener; } });
  listeners.pointermove({ pointerType: 'touch', buttons: 0, offsetX: 1, offsetY: 1 });
  listeners.pointermove({ pointerType: 'mouse', buttons: 1, offsetX: 1, offsetY: 1 });
  assert.equal(waits.length, 0);
  listeners.pointermove({ pointerType: 'mouse', buttons: 0, offsetX: 1, offsetY: 1 });
  assert.equal(waits.length, 1);
});

const room = (building, number) => ({ building_id: building, building_code: `B${building}`, building_name: null, unit: '1', floor: 1, number, missing: ['tenure'] });
const gap = (building, missing) => ({ building_id: building, building_code: `B${building}`, building_name: '一号楼', floor: 2, expected: 4, recorded: 4 - missing, missing });

test('rooms and missing rooms of one building stand together, over pages', () => {
  const first = withPage([], { rooms: [room(2, '101')], gaps: [gap(1, 3)] });
  const both = withPage(first, { rooms: [room(2, '102'), room(3, '201')], gaps: [] });
  assert.deepEqual(both.map(({ name, rooms, missing }) => [name, rooms.length, missing]), [['一号楼', 0, 3], ['B2', 2, 0], ['B3', 1, 0]]);
  assert.equal(roomsIn(both), 6);
  assert.equal(first[1].rooms.length, 1);
});

const days = (...values) => ({ days: values.map((value, index) => ({ day: `2026-11-0${index + 1}`, value })) });

test('the days of a rate stand against the total of today, those of alarms are sums, and unknown days stay unknown', () => {
  const none = days(0, 0, 0);
  const measures = {
    entered_housing: days(null, 50, 75), alarms_critical: days(null, 1, 0), alarms_major: days(null, 2, 0), alarms_minor: none,
    alarms_warning: none, alarms_info: none, events_open: days(4, 5, 6),
  };
  const values = (figure, declared) => trendOf(measures, figure, 'housing', declared).map(({ value }) => value);
  assert.deepEqual(values('entry_rate', 100), [null, 0.5, 0.75]);
  assert.deepEqual(values('entry_rate', null), [null, null, null]);
  assert.deepEqual(values('none', null), [null, 3, 0]);
  assert.deepEqual(values('events_open', null), [4, 5, 6]);
});

test('a line breaks where a day is unknown, and a day alone is a dot', () => {
  const line = lineThrough([1, null, 2, 4].map((value) => ({ value })));
  assert.deepEqual(line, { paths: ['M66.7 50.0L100.0 0.0'], dots: [{ x: 0, y: 75 }], highest: 4 });
  assert.deepEqual(lineThrough([{ value: 0 }, { value: 0 }]).paths, ['M0.0 100.0L100.0 100.0']);
});

const PLACE = { code: '999001001001001', name: '第一网格', keepers: [], rates: [], counts: {}, bounds: [0, 0, 1, 1], geometry: null };
const fetched = globalThis.fetch;
afterEach(() => { globalThis.fetch = fetched; });

function desk(answers) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(String(url));
    const [, reply] = Object.entries(answers).find(([beginning]) => String(url).startsWith(beginning)) ?? [];
    const found = typeof reply === 'function' ? reply(new URL(url, 'http://x').searchParams) : reply;
    return Response.json(found, { status: found.status ?? 200 });
  };
  const store = new Store({ nextFrame: (callback) => callback() });
  const urls = { grid: '/grids/{code}', kpi: '/kpi', rollup: '/rollup', survey: '/survey' };
  return { desk: new GridDesk({ store, urls, figures: new GridFigures() }), store, asked };
}

test('a grid is read in parts, and one that fails leaves the rest', async () => {
  const { desk: grids, store } = desk({
    '/grids/': PLACE, '/kpi': { status: 503, title: 'busy' }, '/rollup': { places: [], total: 0 }, '/survey': { rooms: [], gaps: [], next: null },
  });
  await grids.open(PLACE.code);
  const { grid } = store.state;
  assert.equal(grid.status, 'open');
  assert.equal(grid.days.title, 'busy');
  assert.deepEqual(grid.worst, { places: [], total: 0 });
  assert.deepEqual([grid.rooms.status, grid.rooms.next], ['open', null]);
});

test('pages without a room are passed over until one has some, and the rest waits for a click', async () => {
  const pages = { '': { rooms: [], gaps: [], next: 'B1' }, B1: { rooms: [room(2, '101')], gaps: [], next: 'B2' }, B2: { rooms: [room(3, '1')], gaps: [], next: null } };
  const { desk: grids, store, asked } = desk({
    '/grids/': PLACE, '/kpi': { measures: {} }, '/rollup': { places: [], total: 0 }, '/survey': (query) => pages[query.get('after')],
  });
  await grids.open(PLACE.code);
  assert.equal(asked.filter((url) => url.startsWith('/survey')).length, 2);
  assert.deepEqual(store.state.grid.rooms.groups.map(({ code }) => code), ['B2']);
  await grids.more();
  assert.deepEqual(store.state.grid.rooms.groups.map(({ code }) => code), ['B2', 'B3']);
  assert.equal(store.state.grid.rooms.next, null);
});

test('a grid that was redrawn is missing and not an error, and one that is closed while read stays closed', async () => {
  const { desk: grids, store } = desk({ '/grids/': { status: 404, title: 'gone' } });
  await grids.open(PLACE.code);
  assert.equal(store.state.grid.status, 'missing');
  grids.close();
  assert.equal(store.state.grid.status, 'closed');
  assert.deepEqual(grids.linked(), { grid: null });
});

test('an answer that breaks off because the card was closed does not open it again', async () => {
  const { desk: grids, store } = desk({});
  let answered;
  globalThis.fetch = async () => ({ ok: true, status: 200, json: () => new Promise((_, refuse) => { answered = refuse; }) });
  const opened = grids.open(PLACE.code);
  await new Promise((resolve) => { setTimeout(resolve, 1); });
  grids.close();
  answered(new Error('broken off'));
  await opened;
  assert.equal(store.state.grid.status, 'closed');
});
