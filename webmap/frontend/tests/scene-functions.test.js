import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoryColor, classRange, stepColor, stepIndex } from '../src/map/scene-functions.js';

const feature = (properties) => ({ properties });
const colors = [[0, 0, 0], [1, 1, 1], [2, 2, 2]];
const noData = [9, 9, 9];
const classes = { breaks: [1, 10], colors, noData };

test('a class holds its lower break', () => {
  assert.deepEqual([0, 1, 4, 5, 999].map((value) => stepIndex(value, [1, 5])), [0, 1, 1, 2, 2]);
});

test('a number takes the colour of its class, nothing takes the colour of no data', () => {
  const color = stepColor({ property: 'residents', ...classes });
  assert.deepEqual(color(feature({ residents: 0 })), colors[0]);
  assert.deepEqual(color(feature({ residents: 9 })), colors[1]);
  assert.deepEqual(color(feature({ residents: 10 })), colors[2]);
  for (const residents of [undefined, null, 'many']) assert.deepEqual(color(feature({ residents })), noData);
});

test('where classes are densities, a number is divided by the hectares of its feature', () => {
  const color = stepColor({ property: 'residents', ...classes, perHectare: true });
  assert.deepEqual(color(feature({ residents: 40 }), {}, 8), colors[1]);
  assert.deepEqual(color(feature({ residents: 40 }), {}, 4), colors[2]);
  assert.deepEqual(color(feature({ residents: 40 }), {}, 80), colors[0]);
  assert.deepEqual(color(feature({}), {}, 8), noData);
  assert.deepEqual(stepColor({ property: 'floors', ...classes })(feature({ floors: 5 }), {}, 80), colors[1]);
});

test('a code takes the colour of its kind, and names of built-in properties are no kinds', () => {
  const color = categoryColor({ property: 'use', categories: { school: [1, 2, 3] }, other: [9, 9, 9] });
  assert.deepEqual(color(feature({ use: 'school' })), [1, 2, 3]);
  assert.deepEqual(color(feature({ use: 'casino' })), [9, 9, 9]);
  assert.deepEqual(color(feature({ use: 'constructor' })), [9, 9, 9]);
  assert.deepEqual(color(feature({})), [9, 9, 9]);
});

test('a class without words is told by its numbers', () => {
  assert.equal(classRange({ from: 5, to: 9 }, String), '5 – 9');
  assert.equal(classRange({ from: 50, to: null }, String), '≥ 50');
  assert.equal(classRange({ from: null, to: 5 }, String), '< 5');
});
