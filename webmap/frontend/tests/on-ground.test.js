import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutPolygonByGrid } from '@math.gl/polygon';
import { meshStrip } from '../src/layers/heatmap.js';
import { groundSteps } from '../src/layers/on-ground.js';
import { share } from './chance.js';

const areaOf = (flat) => {
  let twice = 0;
  for (let index = 0; index < flat.length; index += 2) {
    const [x, y] = [flat[index], flat[index + 1]];
    const [nextX, nextY] = [flat[(index + 2) % flat.length], flat[(index + 3) % flat.length]];
    twice += (x - flat[0]) * (nextY - flat[1]) - (nextX - flat[0]) * (y - flat[1]);
  }
  return Math.abs(twice) / 2;
};

test('a figure follows the ground as finely as heights are known, and a large one in so many pieces at most', () => {
  assert.deepEqual(groundSteps([[117, 31], [117.001, 31.001]]), { fill: 2 ** -13, line: 2 ** -13 });
  const { fill, line } = groundSteps([[[[116, 31], [118, 31.5]]]]);
  assert.ok(2 / fill <= 64 && 2 / fill > 32 && 2 / line <= 1000 && 2 / line > 500);
  assert.deepEqual(groundSteps([]), { fill: 2 ** -13, line: 2 ** -13 });
});

test('a figure that is cut by the steps covers what it covered, wherever its corners lie', () => {
  const random = share(7);
  for (let round = 0; round < 300; round += 1) {
    // Corners on round numbers are those on which lines of the grid may come to lie.
    const round3 = (value) => Math.round(value * 1000) / 1000;
    const [west, south] = [round3(60 + 80 * random()), round3(10 + 40 * random())];
    const [wide, high] = [round3(0.002 + 0.03 * random()), round3(0.002 + 0.03 * random())];
    const ring = [[west, south], [west + wide, south], [west + wide * random(), south + high], [west, south + high]];
    const { fill } = groundSteps([ring]);
    const flat = ring.flat();
    const pieces = cutPolygonByGrid(flat, null, { size: 2, gridResolution: fill, edgeTypes: true });
    const sum = pieces.reduce((total, { positions }) => total + areaOf(positions), 0);
    assert.ok(Math.abs(sum - areaOf(flat)) < areaOf(flat) * 1e-9, JSON.stringify(ring));
    for (const { positions } of pieces) {
      for (const axis of [0, 1]) {
        const along = positions.filter((_, index) => index % 2 === axis);
        assert.ok(Math.max(...along) - Math.min(...along) <= fill);
      }
    }
  }
});

test('the mesh of the heat covers its square once', () => {
  const strip = meshStrip(3);
  let [area, triangles] = [0, 0];
  for (let corner = 0; corner + 2 < strip.length / 2; corner += 1) {
    const triangle = [...strip.slice(2 * corner, 2 * corner + 6)];
    area += areaOf(triangle);
    triangles += areaOf(triangle) > 1e-6 ? 1 : 0;
  }
  assert.ok(Math.abs(area - 1) < 1e-6);
  assert.equal(triangles, 18);
});
