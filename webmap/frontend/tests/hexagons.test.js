import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsOf, countCells, degreesOf, hexagonAt, middleOf, planar, shrink, widthFor, WIDTHS } from '../src/events/hexagons.js';
import { share } from './chance.js';

const places = (count, seed) => {
  const random = share(seed);
  return { length: count, lon: Float64Array.from({ length: count }, () => 117 + random() * 0.2), lat: Float64Array.from({ length: count }, () => 31 + random() * 0.2) };
};

test('every point lies in the hexagon whose middle is nearest to it', () => {
  const random = share(7);
  for (let round = 0; round < 5000; round += 1) {
    const width = WIDTHS[Math.floor(random() * 6)];
    const [x, y] = [(random() - 0.5) * 1e5, (random() - 0.5) * 1e5];
    const [q, r] = hexagonAt(x, y, width);
    const far = ([a, b]) => Math.hypot(a - x, b - y);
    const own = far(middleOf(q, r, width));
    for (const [dq, dr] of [[1, 0], [0, 1], [-1, 1], [-1, 0], [0, -1], [1, -1]]) {
      assert.ok(own <= far(middleOf(q + dq, r + dr, width)) + 1e-6, `${x} ${y} ${width}`);
    }
    assert.ok(own <= width / Math.sqrt(3) + 1e-6);
  }
});

test('the middle of a hexagon lies in it, and degrees become metres and degrees again', () => {
  const random = share(11);
  for (let round = 0; round < 2000; round += 1) {
    const [q, r] = [Math.floor((random() - 0.5) * 1e5), Math.floor((random() - 0.5) * 1e5)];
    assert.deepEqual(hexagonAt(...middleOf(q, r, 100), 100), [q, r]);
    const [lon, lat] = [random() * 360 - 180, random() * 160 - 80];
    const [there, back] = [planar(lon, lat, shrink(31)), degreesOf(...planar(lon, lat, shrink(31)), shrink(31))];
    assert.ok(there.every(Number.isFinite));
    assert.ok(Math.abs(back[0] - lon) < 1e-9 && Math.abs(back[1] - lat) < 1e-9);
  }
});

test('a hundred metres of a hexagon are a hundred metres on the ground at its latitude', () => {
  const [x] = planar(117, 31.5, shrink(31.5));
  const [lon] = degreesOf(x + 100, 0, shrink(31.5));
  const ground = (lon - 117) * (Math.PI / 180) * 6_378_137 * Math.cos((31.5 * Math.PI) / 180);
  assert.ok(Math.abs(ground - 100) < 0.01, ground);
});

test('each event is counted once, in a stretch of time as in all of it', () => {
  const all = places(3000, 3);
  const cells = cellsOf(all, { width: 200, latitude: 31 });
  const sum = (counts) => counts.reduce((one, other) => one + other, 0);
  assert.equal(sum(countCells(cells.cellOf, cells.q.length)), 3000);
  assert.equal(sum(countCells(cells.cellOf, cells.q.length, 100, 250)), 150);
  const [first, second] = [countCells(cells.cellOf, cells.q.length, 0, 999), countCells(cells.cellOf, cells.q.length, 999)];
  assert.deepEqual(first.map((count, cell) => count + second[cell]), countCells(cells.cellOf, cells.q.length));
  assert.equal(new Set(cells.q.map((q, cell) => `${q}:${cells.r[cell]}`)).size, cells.q.length);
  assert.equal(cells.middles.length, 2 * cells.q.length);
});

test('the grid does not know the camera: the same place is in the same hexagon among others', () => {
  const all = places(500, 5);
  const some = { length: 100, lon: all.lon.subarray(200, 300), lat: all.lat.subarray(200, 300) };
  const named = (list) => {
    const { cellOf, q, r } = cellsOf(list, { width: 400, latitude: 31 });
    return [...cellOf].map((cell) => `${q[cell]}:${r[cell]}`);
  };
  assert.deepEqual(named(some), named(all).slice(200, 300));
});

test('hexagons step by two with the camera, and are wide enough for a number', () => {
  assert.deepEqual([0.5, 1, 2, 4.4, 1e9].map((metres) => widthFor(metres)), [50, 50, 100, 400, WIDTHS.at(-1)]);
  assert.equal(widthFor(1, 2), 100);
});
