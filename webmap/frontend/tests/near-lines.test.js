import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endInView, endsOf, metresBetween, onArc, spread } from '../src/exploded/near-ends.js';

const ALARM = { building_id: 5, lon: 117, lat: 31, z: 30, floor: 11 };
const nowhere = { keepers: new Map(), placeOf: () => null };

test('lines go to the nearest of each kind that there is', () => {
  const nearest = {
    cameras: [{ code: 'C1', name: '东门', lon: 117.001, lat: 31, metres: 95 }, { code: 'C2', lon: 117.002, lat: 31, metres: 190 }],
    hydrants: [], keepers: null, shelters: [{ code: 'S1', name: null, lon: 117, lat: 31.002, metres: 222 }],
  };
  const lines = endsOf(nearest, ALARM, nowhere);
  assert.deepEqual(lines.map(({ kind, name, metres }) => [kind, name, metres]), [['cameras', '东门', 95], ['shelters', 'S1', 222]]);
  assert.deepEqual(lines[0].from, [117, 31, 30]);
  assert.deepEqual(endsOf(nearest, { ...ALARM, lon: null }, nowhere), []);
});

test('a keeper is where the stream says, and the distance with it', () => {
  const nearest = { keepers: [{ code: 'K1', name: '周网格', lon: 117.01, lat: 31, metres: 950 }] };
  const keepers = new Map([['K1', { code: 'K1', lon: 117.001, lat: 31 }]]);
  const [line] = endsOf(nearest, ALARM, { ...nowhere, keepers });
  assert.deepEqual(line.to.slice(0, 2), [117.001, 31]);
  assert.ok(Math.abs(line.metres - 95.5) < 0.5);
});

test('what stands in a building that is taken apart is where it was lifted to', () => {
  const placeOf = ({ building_id: building, floor, lon, lat }) => (building === 5 ? [lon, lat, floor * 7] : null);
  const nearest = { cameras: [{ code: 'C1', lon: 117, lat: 31, metres: 3, floor: 2, same_building: true }] };
  const [line] = endsOf(nearest, ALARM, { ...nowhere, placeOf });
  assert.deepEqual([line.from, line.to], [[117, 31, 77], [117, 31, 14]]);
  const [other] = endsOf({ cameras: [{ ...nearest.cameras[0], same_building: false }] }, ALARM, { ...nowhere, placeOf });
  assert.equal(other.to[2], 1.5);
});

test('an arc begins and ends in its places and rises between them, from either end', () => {
  for (const [from, to] of [[[117, 31, 60], [117.003, 31.001, 1.5]], [[117, 31, 0], [117.003, 31, 90]], [[117, 31, 5], [117.01, 31, 5]]]) {
    for (const [share, end] of [[0, from], [1, to]]) {
      onArc(from, to, share).forEach((value, axis) => assert.ok(Math.abs(value - end[axis]) < 1e-6, `${value} ${end[axis]}`));
    }
    const middle = onArc(from, to, 0.5);
    assert.ok(middle[2] > (from[2] + to[2]) / 2);
  }
  assert.deepEqual(onArc([117, 31, 60], [117, 31, 1], 0.5), [117, 31, 30.5]);
  assert.ok(Math.abs(metresBetween([117, 31], [117, 31.01]) - 1113) < 2);
});

test('an end is named where it is, or where its line leaves what is seen', () => {
  const free = { left: 100, top: 100, right: 900, bottom: 700 };
  const project = ([x, y]) => [x * 1e5, y * 1e5];
  const [from, near, far] = [[0.005, 0.004, 0], [0.006, 0.005, 0], [0.05, 0.004, 0]];
  assert.deepEqual(endInView(from, near, project, free), { x: 600, y: 500, beyond: false });
  const edge = endInView(from, far, project, free);
  assert.ok(edge.beyond && edge.x <= 900 && edge.x > 800);
  assert.equal(endInView([0.0005, 0.004, 0], far, project, free), null);
});

test('names of two ends in one direction stand apart', () => {
  const [one, other, third] = spread([{ x: 10, y: 10 }, { x: 20, y: 12 }, { x: 400, y: 10 }], { width: 80, height: 28 });
  assert.ok(other.y - one.y >= 28);
  assert.equal(third.y, 10);
});
