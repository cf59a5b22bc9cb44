import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaWords, lengthWords } from '../src/format.js';
import { area, lengths } from '../src/tools/geodesic.js';
import { setLanguage } from '../src/i18n/index.js';
import { crossesItself } from '../src/tools/measure.js';
import { chance } from './chance.js';

test('a degree on the ellipsoid is as long as geodesy says', () => {
  const [along, up] = lengths([[117, 0], [118, 0], [118, 1]]);
  assert.ok(Math.abs(along - (6_378_137 * Math.PI) / 180) < 1e-6, 'on the equator: a · π / 180');
  assert.ok(Math.abs(up - 110_574.3886) < 0.001, 'the first degree of a meridian, as PROJ has it');
  assert.deepEqual(lengths([[117, 31]]), []);
});

test('an area is the same whichever way it is drawn and wherever it begins', () => {
  const ring = [[117.2, 31.8], [117.21, 31.8], [117.21, 31.81], [117.2, 31.81]];
  const whole = area(ring);
  const expected = lengths([ring[0], ring[1]])[0] * lengths([ring[1], ring[2]])[0];
  assert.ok(Math.abs(whole / expected - 1) < 1e-3);
  assert.ok(Math.abs(area([...ring].reverse()) - whole) < 1e-6);
  assert.ok(Math.abs(area([...ring.slice(2), ...ring.slice(0, 2)]) - whole) < 1e-6);
});

test('a figure that runs over itself is told, a convex one never is', () => {
  assert.equal(crossesItself([[0, 0], [1, 1], [1, 0], [0, 1]]), true);
  assert.equal(crossesItself([[0, 0], [1, 0], [1, 1], [0, 1]]), false);
  assert.equal(crossesItself([[0, 0], [1, 0], [0, 1]]), false);
  const random = chance(7);
  for (let round = 0; round < 200; round += 1) {
    const angles = Array.from({ length: 3 + random(9) }, () => (random(1e6) / 1e6) * 2 * Math.PI).sort((a, b) => a - b);
    const ring = angles.map((angle) => [Math.cos(angle), Math.sin(angle)]);
    assert.equal(crossesItself(ring), false, JSON.stringify(angles));
  }
});

test('what was measured is said as exactly as it was', () => {
  setLanguage('en');
  assert.deepEqual([12.34, 345.6, 1234.5, 12_345].map(lengthWords), ['12.3 m', '346 m', '1.235 km', '12.35 km']);
  assert.deepEqual([55.55, 812.3, 12_400, 3_456_000].map(areaWords), ['55.6 m²', '812 m²', '1.24 ha', '3.456 km²']);
  setLanguage('zh-CN');
});
