import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layersOf, touches } from '../src/tile-changes.js';
import { chance } from './chance.js';

const change = (cells, z = 14, more = {}) => ({ layer: 'buildings', minzoom: 0, maxzoom: 22, z, cells, ...more });
const anyTile = (random, z) => ({ z, x: random(2 ** z), y: random(2 ** z) });

/** A tile near a cell, where the answer is not plain. */
function near(random, cell, cellZoom, z) {
  const scale = 2 ** (z - cellZoom);
  const place = (at) => Math.floor((at + random(3) - 1 + random(1000) / 1000) * scale) + random(5) - 2;
  const inside = (at) => Math.min(2 ** z - 1, Math.max(0, at));
  return { z, x: inside(place(cell[0])), y: inside(place(cell[1])) };
}

/** Squares in whole units of 2^-40 of the world, far finer than any of them. */
const UNIT = 2n ** 40n;
const side = (z) => UNIT / 2n ** BigInt(z);
function squaresOverlap(cell, cellZoom, { z, x, y }) {
  const margin = side(z) / 16n;
  const meets = (c, t) => BigInt(c) * side(cellZoom) - margin <= BigInt(t + 1) * side(z)
    && BigInt(c + 1) * side(cellZoom) + margin >= BigInt(t) * side(z);
  return meets(cell[0], x) && meets(cell[1], y);
}

test('a tile is touched when it overlaps a cell enlarged by a sixteenth of the tile', () => {
  const random = chance(1);
  let touched = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const cellZoom = random(15);
    const cell = [random(2 ** cellZoom), random(2 ** cellZoom)];
    const tile = near(random, cell, cellZoom, random(23));
    const expected = squaresOverlap(cell, cellZoom, tile);
    assert.equal(touches(change([cell], cellZoom), tile), expected, JSON.stringify({ cell, cellZoom, tile }));
    touched += expected ? 1 : 0;
  }
  assert.ok(touched > 4000 && touched < 16_000, `${touched} of 20000`);
});

test('whatever is touched lies in tiles that are touched as well, out to the world', () => {
  const random = chance(2);
  for (let round = 0; round < 2000; round += 1) {
    const cellZoom = random(15);
    const cell = [random(2 ** cellZoom), random(2 ** cellZoom)];
    let tile = near(random, cell, cellZoom, 1 + random(22));
    if (!touches(change([cell], cellZoom), tile)) continue;
    while (tile.z > 0) {
      tile = { z: tile.z - 1, x: tile.x >> 1, y: tile.y >> 1 };
      assert.ok(touches(change([cell], cellZoom), tile));
    }
  }
});

test('several cells touch what each of them touches', () => {
  const random = chance(3);
  for (let round = 0; round < 500; round += 1) {
    const cells = Array.from({ length: 1 + random(20) }, () => [random(64), random(64)]);
    const tile = anyTile(random, 7);
    assert.equal(touches(change(cells, 6), tile), cells.some((cell) => touches(change([cell], 6), tile)));
  }
});

test('the next tile is touched, because features reach into its buffer, the one after it is not', () => {
  const cell = change([[100, 100]], 10);
  for (const [x, y, expected] of [[101, 100, true], [99, 99, true], [102, 100, false], [100, 98, false]]) {
    assert.equal(touches(cell, { z: 10, x, y }), expected, `${x} ${y}`);
  }
});

test('zooms at which the layer did not change are left alone', () => {
  const outlines = change([[0, 0]], 0, { minzoom: 13, maxzoom: 22 });
  assert.deepEqual([12, 13, 22, 23].map((z) => touches(outlines, { z, x: 0, y: 0 })), [false, true, true, false]);
});

test('the layers of an address are those between /tiles/ and the zoom', () => {
  assert.deepEqual([...layersOf('http://host/tiles/areas,grids/{z}/{x}/{y}.mvt')], ['areas', 'grids']);
  assert.deepEqual([...layersOf('/tiles/buildings/{z}/{x}/{y}.mvt?at=2026')], ['buildings']);
  assert.deepEqual([...layersOf('/imagery/7/{z}/{x}/{y}.webp')], []);
});
