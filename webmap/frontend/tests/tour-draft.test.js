import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, bodyOf, change, faults, lasts, MOST_STOPS, move, NEW, remove, stopAt, stopHere } from '../src/wall/edit/draft.js';

const camera = { lon: 1, lat: 2, zoom: 3, pitch: 4, bearing: 5 };
const tour = (...titles) => titles.reduce((draft, title) => add(draft, stopHere(camera, title)), NEW);
const titles = ({ stops }) => stops.map(({ title }) => title);

test('what a search has found becomes a stop at its place, by the level that its code says', () => {
  const found = (kind, code, id = 7) => stopAt({ kind, code, id, label: '<b>', lon: 1, lat: 2 }).target;
  assert.deepEqual(found('area', '999001000000'), { kind: 'place', level: 'county', code: '999001000000' });
  assert.deepEqual(found('area', '999001001000').level, 'street');
  assert.deepEqual(found('area', '999001001002').level, 'community');
  assert.deepEqual(found('grid', '999001001002003').level, 'grid');
  assert.deepEqual(found('building', 'B7'), { kind: 'building', id: 7 });
});

test('stops are put in, moved and taken out, and what was drafted before stays as it was', () => {
  const draft = tour('一', '二', '三');
  assert.deepEqual(titles(move(draft, 2, -1)), ['一', '三', '二']);
  assert.equal(move(draft, 0, -1), draft);
  assert.equal(move(draft, 2, 1), draft);
  assert.deepEqual(titles(remove(draft, 1)), ['一', '三']);
  assert.deepEqual(titles(change(draft, 0, { title: '零' })), ['零', '二', '三']);
  assert.deepEqual(titles(draft), ['一', '二', '三']);
});

test('no more stops are put in than a tour may have', () => {
  const full = tour(...Array.from({ length: MOST_STOPS }, (_, at) => String(at)));
  assert.equal(add(full, stopHere(camera, 'x')).stops.length, MOST_STOPS);
});

test('what is wrong with a tour is said before anybody is asked', () => {
  assert.deepEqual(faults(NEW), ['tours.fault.name', 'tours.fault.stops']);
  const draft = { ...tour('一'), name: '巡' };
  assert.deepEqual(faults(draft), []);
  for (const seconds of [NaN, 2, 3601, 4.5]) assert.deepEqual(faults(change(draft, 0, { seconds })), ['tours.fault.seconds']);
});

test('the server is sent what it keeps, and the version only of a tour that it has', () => {
  const draft = { ...tour('一'), name: ' 巡 ' };
  assert.deepEqual(bodyOf(draft), { name: '巡', stops: [{ title: '一', seconds: 15, target: { kind: 'view', camera }, show: 'alarms' }] });
  assert.equal(bodyOf({ ...draft, id: 3, version: 4 }).version, 4);
  assert.equal(lasts({ stops: [{ seconds: 10 }, { seconds: 5, gone: true }, { seconds: NaN }] }), 10);
});
