import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebMercatorViewport } from '@deck.gl/core';
import { fitCamera, cameraWithin } from '../src/map/camera.js';

const bounds = [117.259, 31.848, 117.301, 31.873];
const padding = { left: 320, right: 400, top: 60, bottom: 20 };
const screen = { width: 1920, height: 1080, padding, pitch: 55, bearing: -18 };

test('the city fills the free part of the window and stands in its middle', () => {
  const camera = fitCamera(bounds, screen);
  const free = { width: 1920 - 720, height: 1000 };
  const viewport = new WebMercatorViewport({ ...free, ...camera });
  const [west, south, east, north] = bounds;
  const sides = [[west, (south + north) / 2], [east, (south + north) / 2], [(west + east) / 2, south], [(west + east) / 2, north]];
  const xy = sides.map((point) => viewport.project(point));
  for (const [x, y] of xy) {
    assert.ok(x >= 0 && x <= free.width, `${x}`);
    assert.ok(y >= 0 && y <= free.height, `${y}`);
  }
  const spread = Math.max(...xy.map(([x]) => x)) - Math.min(...xy.map(([x]) => x));
  assert.ok(spread > 0.85 * free.width, 'it would fit larger');
});

test('a larger window shows the same city larger', () => {
  const twice = Object.fromEntries(Object.entries(padding).map(([side, size]) => [side, size * 2]));
  const large = fitCamera(bounds, { ...screen, width: 3840, height: 2160, padding: twice });
  assert.ok(Math.abs(large.zoom - fitCamera(bounds, screen).zoom - 1) < 0.02);
});

test('a window that panels cover wholly still has a camera', () => {
  const camera = fitCamera(bounds, { ...screen, width: 300, height: 60 });
  assert.ok(Object.values(camera).every(Number.isFinite));
});

test('one point is seen from near, not from infinitely near', () => {
  assert.ok(fitCamera([117, 31, 117, 31], screen).zoom <= 17);
});

test('a link whose camera looks far beside the city opens the whole of it', () => {
  const city = [117, 31, 117.1, 31.1];
  const at = (longitude, latitude) => ({ longitude, latitude, zoom: 15, pitch: 0, bearing: 0 });
  for (const camera of [at(117.05, 31.05), at(116.75, 31.35)]) assert.equal(cameraWithin(camera, city), camera);
  for (const camera of [at(0, 0), at(117.5, 31.05), at(117.05, 30.6)]) assert.equal(cameraWithin(camera, city), null);
  assert.deepEqual(cameraWithin(at(0, 0), null), at(0, 0), 'nothing is on record');
  assert.equal(cameraWithin(null, city), null);
});
