import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockMesh, POINTS_EACH } from '../src/map/block-mesh.js';

/** A square with a square hole, and a triangle: rings closed, as a tile has them. */
const RINGS = [
  [[0, 0], [0, 4], [4, 4], [4, 0], [0, 0]],
  [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]],
  [[9, 0], [9, 3], [12, 0], [9, 0]],
];
const POSITIONS = { value: new Float32Array(RINGS.flat(2)), size: 2 };
const VALID = RINGS.flatMap((ring) => ring.map((_, index) => (index < ring.length - 1 ? 1 : 0)));
const ROOFS = [0, 1, 5, 2, 7, 3, 10, 11, 12];
const FEATURES = [...Array(10).fill(41), ...Array(4).fill(7)];
const MESH = blockMesh({ positions: POSITIONS, valid: VALID, triangles: ROOFS, rows: FEATURES, starts: [0, 10, 14] });

const point = (index) => [...MESH.positions.slice(index * 3, index * 3 + 3)];
const face = (index) => [...MESH.faces.slice(index * 4, index * 4 + 4)];
const threes = (indices) => Array.from({ length: indices.length / 3 }, (_, at) => [...indices.slice(at * 3, at * 3 + 3)]);

test('each side of a ring has one wall of two triangles, and none joins one ring to the next', () => {
  const sides = RINGS.flatMap((ring) => ring.slice(1).map((end, at) => [ring[at], end]));
  const walls = threes(MESH.triangles).slice(0, sides.length * 2);
  sides.forEach(([[x0, y0], [x1, y1]], at) => {
    const corners = [...walls[at * 2], ...walls[at * 2 + 1]].map((index) => [...point(index).slice(0, 2), face(index)[3]].join());
    assert.deepEqual(new Set(corners), new Set([[x0, y0, 0], [x0, y0, 1], [x1, y1, 0], [x1, y1, 1]].map(String)));
  });
  assert.equal(threes(MESH.triangles).length, sides.length * 2 + ROOFS.length / 3);
});

test('walls look out of the outline, into a courtyard, and roofs up', () => {
  const inside = ([x, y]) => x > 0 && x < 4 && y > 0 && y < 4 && !(x > 1 && x < 3 && y > 1 && y < 3);
  for (const [first] of threes(MESH.triangles).slice(0, 16)) {
    const [dx, dy, up, top] = face(first);
    const next = point(first + 2);
    const middle = point(first).map((value, axis) => (value + next[axis]) / 2);
    const step = 0.01 / Math.hypot(dx, dy);
    assert.deepEqual([up, top], [0, 0]);
    assert.ok(!inside([middle[0] + dx * step, middle[1] + dy * step]), `${middle}`);
    assert.ok(inside([middle[0] - dx * step, middle[1] - dy * step]), `${middle}`);
  }
  for (const roof of threes(MESH.triangles).slice(-3).flat()) assert.deepEqual(face(roof), [0, 0, 1, 1]);
});

test('roofs stand on the points that the tile says, and every point knows its feature', () => {
  assert.deepEqual(threes(MESH.triangles).slice(-3).flat().map((index) => point(index).slice(0, 2)),
    ROOFS.map((at) => RINGS.flat()[at]));
  assert.deepEqual([...MESH.starts], [0, 10 * POINTS_EACH, 14 * POINTS_EACH]);
  assert.deepEqual(new Set(MESH.rows.slice(0, 50)), new Set([41]));
  assert.deepEqual(new Set(MESH.rows.slice(50)), new Set([7]));
});

test('edges run up where a wall begins and along its top', () => {
  const pairs = Array.from({ length: MESH.edges.length / 2 }, (_, at) => [...MESH.edges.slice(at * 2, at * 2 + 2)]);
  const [up, along] = pairs.slice(0, 2).map((pair) => pair.map((index) => [...point(index).slice(0, 2), face(index)[3]]));
  assert.deepEqual(up, [[0, 0, 0], [0, 0, 1]]);
  assert.deepEqual(along, [[0, 0, 1], [0, 4, 1]]);
  assert.equal(pairs.length, 2 * (4 + 4 + 3));
});

test('heights of the ground are kept, and a tile without polygons is an empty mesh', () => {
  const ground = blockMesh({
    positions: { value: new Float32Array([0, 0, 5, 1, 0, 6, 0, 0, 5]), size: 3 }, valid: [1, 1, 0], triangles: [], rows: [1, 1, 1], starts: [0, 3],
  });
  assert.deepEqual([2, 5, 8, 11].map((at) => ground.positions[at]), [5, 5, 6, 6]);
  const empty = blockMesh({ positions: { value: new Float32Array(), size: 2 }, valid: [], triangles: [], rows: [], starts: [0] });
  assert.equal(empty.triangles.length + empty.edges.length + empty.rows.length, 0);
});
