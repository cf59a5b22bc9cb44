import assert from 'node:assert/strict';
import test from 'node:test';
import {
  afterOperation, balanceOf, boxOf, differenceOf, draftOperation, etag, grouped, isNewer, leaseState, loadOf, nearestCorner, nearestEdge, nearestLine, offers, rangeOf, sorted,
  tally, totals, triedOf,
} from '../src/planner/plan-terms.js';

const square = (west, south, side = 0.01) => ({
  type: 'Polygon', coordinates: [[[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]],
});
const face = (id, households, west = 117, more = {}) => ({
  type: 'Feature', id, geometry: square(west, 31), properties: { face: id, code: `c${id}`, name: `第${id}网格`, kind: 'basic', numbers: { households, buildings: 2, residents: 5 }, ...more },
});
const plan = {
  id: 7, revision: 3, outline: square(117, 31, 0.02), faces: { type: 'FeatureCollection', features: [face(1, 400), face(2, 120, 117.01)] },
  violations: [], can: { edit: true }, lease: { mine: true, until: '2026-01-01T00:20:00Z' }, profile: 'standard',
};

test('an answer changes the faces that it names, takes away those that are gone, and brings all numbers', () => {
  const answer = {
    revision: 4, faces: { features: [face(3, 0, 117.02), face(1, 0)] }, removed: [2], numbers: { 1: { households: 250 }, 3: { households: 9 } },
    violations: [{ id: 'a' }], can: { edit: true, undo: true },
  };
  const after = afterOperation(plan, answer);
  assert.deepEqual(after.faces.features.map(({ id, properties }) => [id, properties.numbers.households]), [[1, 250], [3, 9]]);
  assert.deepEqual([after.revision, after.can.undo, after.outline], [4, true, plan.outline]);
  assert.equal(plan.faces.features.length, 2, 'the plan before stays');
  assert.equal(etag(after), '"7-4"');
});

test('a stale page shows what others changed and what is gone', () => {
  const told = differenceOf(plan, { present: [1, 5], difference: { features: [face(5, 1)] }, by: 'a', at: 'x', revision: 9 });
  assert.deepEqual([told.changed.map(({ id }) => id), told.gone.map(({ id }) => id), told.by, told.revision], [[5], [2], 'a', 9]);
  assert.ok(isNewer(plan, { id: 7, revision: 4 }));
  assert.ok(!isNewer(plan, { id: 7, revision: 3 }));
  assert.ok(!isNewer(plan, { id: 8, revision: 4 }));
  assert.ok(!isNewer(null, { id: 8, revision: 4 }));
});

test('loads are told against the range of the plan\'s own rules; special grids have none', () => {
  const profiles = [{ name: 'standard', rules: { households: { limits: { least: 300, most: 500 } } } }, { name: 'bare', rules: {} }];
  const range = rangeOf(profiles, plan);
  assert.deepEqual(range, { least: 300, most: 500 });
  assert.deepEqual(rangeOf(profiles, { profile: 'bare' }), { least: 300, most: 500 });
  const load = (households, kind = 'basic') => loadOf({ kind, numbers: { households } }, range);
  assert.deepEqual([load(299), load(300), load(500), load(501), load(9, 'special'), loadOf({ kind: 'basic' }, range)], ['low', 'right', 'right', 'high', 'none', 'none']);
});

test('tables are sorted by any column, what is unknown last', () => {
  const rows = [face(1, 5), face(2, 9), { ...face(3, 0), properties: { ...face(3, 0).properties, code: null, numbers: undefined } }];
  assert.deepEqual(sorted(rows, { column: 'households', down: true }).map(({ id }) => id), [2, 1, 3]);
  assert.deepEqual(sorted(rows, { column: 'code', down: false }).map(({ id }) => id), [1, 2, 3]);
  assert.deepEqual(totals(rows), { grids: 3, buildings: 4, households: 14, residents: 10, least: 0, most: 9 });
  assert.equal(totals([]).most, 0);
});

test('violations are counted and grouped, exceptions apart', () => {
  const list = [
    { rule: 'order', severity: 'warning' }, { rule: 'gap', severity: 'error' }, { rule: 'gap', severity: 'error' },
    { rule: 'parts', severity: 'error', excepted: { reason: 'x' } }, { rule: 'imbalance', severity: 'information' },
  ];
  assert.deepEqual(tally(list), { error: 2, warning: 1, information: 1, excepted: 1 });
  assert.deepEqual(grouped(list).map(({ rule, list: { length } }) => [rule, length]), [['gap', 2], ['order', 1], ['imbalance', 1], ['parts', 1]]);
});

test('corners, edges and roads are those that the server knows, not those of the screen', () => {
  const { features } = plan.faces;
  assert.deepEqual(nearestCorner(features, [117.0099, 31.0001], 0.001), [117.01, 31]);
  assert.equal(nearestCorner(features, [117.005, 31.005], 0.001), null);
  assert.deepEqual(nearestEdge(features, [117.005, 31.0002], 0.001), [[117, 31], [117.01, 31]]);
  const road = { type: 'MultiLineString', coordinates: [[[117, 31.005], [117.02, 31.005]], [[118, 31], [118, 32]]] };
  assert.deepEqual(nearestLine([road], [117.01, 31.0051], 0.001), { type: 'LineString', coordinates: road.coordinates[0] });
  assert.equal(nearestLine([road], [116, 30], 0.001), null);
  assert.deepEqual(boxOf({ type: 'GeometryCollection', geometries: [features[0].geometry, features[1].geometry] }), [117, 31, 117.01 + 0.01, 31.01]);
  assert.equal(boxOf(null), null);
});

test('who may draw is who holds the lease, and a lease that ran out is nobody\'s', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.deepEqual([leaseState(plan.lease, now), leaseState({ ...plan.lease, mine: false }, now), leaseState(null, now), leaseState(plan.lease, now + 1.3e6)], ['mine', 'other', 'free', 'free']);
  assert.deepEqual(offers(plan, [1, 2]), { merge: true, rename: false, keeper: false, draw: true });
  assert.equal(offers({ ...plan, lease: null }, [1, 2]).draw, false);
  assert.equal(offers(null, []).draw, false);
});

test('a draft is asked for by households or by number, of all grids or of those chosen', () => {
  const asked = { method: 'metis', by: 'target', target: '400', count: '', chosen: false, seed: 3 };
  assert.deepEqual(draftOperation(asked, [1]), { kind: 'auto_draft', method: 'metis', seed: 3, target: 400 });
  assert.deepEqual(draftOperation({ ...asked, by: 'count', count: '7', chosen: true }, [1, 2]), { kind: 'auto_draft', method: 'metis', seed: 3, count: 7, faces: [1, 2] });
  assert.deepEqual(draftOperation({ ...asked, target: '', chosen: true }, []), { kind: 'auto_draft', method: 'metis', seed: 3 });
});

test('drafts that were tried count while the plan is what it was', () => {
  const tried = [{ revision: 4, answer: 'a' }, { revision: 5, answer: 'b' }, { revision: 5, answer: 'c' }];
  assert.deepEqual(triedOf(null, { revision: 5 }), { list: [], shown: null });
  assert.equal(triedOf({ tried, at: 0 }, { revision: 5 }).shown.answer, 'b');
  assert.equal(triedOf({ tried, at: 9 }, { revision: 5 }).shown.answer, 'c');
  assert.equal(triedOf({ tried, at: 1 }, { revision: 6 }).shown, null);
  assert.equal(triedOf({ tried, at: -1 }, { revision: 5 }).shown, null);
});

test('the balance of a draft leaves special grids out', () => {
  const answer = { faces: { features: [face(1, 310), face(2, 520), face(3, 0, 117, { kind: 'special' })] } };
  assert.deepEqual(balanceOf(answer, { least: 300, most: 500 }), { households: [310, 520], grids: 2, fewest: 310, most: 520, outside: 1 });
});
