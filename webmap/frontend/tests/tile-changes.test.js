import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { layersOf, tileAt, touches } from '../src/map/tile-changes.js';
import { chance } from './chance.js';

const change = (cells, z = 14, more = {}) => ({ layer: 'buildings', minzoom: 0, maxzoom: 22, z, cells, ...more });

/** A cell, and a tile near it, where the answer is not plain. */
function pair(random) {
  const cellZoom = random(15);
  const z = random(23);
  const cell = [random(2 ** cellZoom), random(2 ** cellZoom)];
  const place = (at) => Math.floor((at + random(3) - 1 + random(1000) / 1000) * 2 ** (z - cellZoom)) + random(5) - 2;
  const inside = (at) => Math.min(2 ** z - 1, Math.max(0, at));
  return { change: change([cell], cellZoom), tile: { z, x: inside(place(cell[0])), y: inside(place(cell[1])) } };
}

// The server's answer to each pair that comes in.
const SERVER = `
import json, sys
from spatial.cells import Touched
def answer(change, tile):
    touched, (z, x, y) = Touched.of(change), (tile["z"], tile["x"], tile["y"])
    if not touched.minzoom <= z <= touched.maxzoom:
        return False
    up = z - touched.z
    return (touched.z, x >> up, y >> up) in touched.whole() if up >= 0 else (z, x, y) in touched.above()
print(json.dumps([answer(pair["change"], pair["tile"]) for pair in json.load(sys.stdin)]))
`;

test('a tile is asked for again exactly when it is another one on the server', () => {
  const random = chance(1);
  const pairs = Array.from({ length: 5000 }, () => pair(random));
  for (const each of pairs.slice(0, 500)) {
    const minzoom = random(15);
    Object.assign(each.change, { minzoom, maxzoom: minzoom + random(23 - minzoom) });
  }
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  const expected = JSON.parse(execFileSync('python', ['-c', SERVER], { cwd, input: JSON.stringify(pairs) }));
  pairs.forEach((each, index) => assert.equal(touches(each.change, each.tile), expected[index], JSON.stringify(each)));
  const touched = expected.filter(Boolean).length;
  assert.ok(touched > 1000 && touched < 4000, `${touched} of 5000`);
});

test('whatever is touched lies in tiles that are touched as well, out to the world', () => {
  const random = chance(2);
  for (let round = 0; round < 2000; round += 1) {
    const { change: made, tile } = pair(random);
    let touched = touches(made, tile);
    for (let { z, x, y } = tile; z > 0;) {
      [z, x, y] = [z - 1, x >> 1, y >> 1];
      if (touched) assert.ok(touches(made, { z, x, y }));
      touched = touches(made, { z, x, y });
    }
    assert.ok(touched, 'the world is always touched');
  }
});

test('several cells touch what each of them touches', () => {
  const random = chance(3);
  for (let round = 0; round < 500; round += 1) {
    const cells = Array.from({ length: 1 + random(20) }, () => [random(64), random(64)]);
    const tile = { z: 7, x: random(128), y: random(128) };
    assert.equal(touches(change(cells, 6), tile), cells.some((cell) => touches(change([cell], 6), tile)));
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

test('a place lies in the tile of zoom 14 that its change is told by', () => {
  assert.deepEqual(tileAt(0, 0), { z: 14, x: 8192, y: 8192 });
  assert.deepEqual(tileAt(117.295348, 31.86236), { z: 14, x: 13530, y: 6660 });
});
