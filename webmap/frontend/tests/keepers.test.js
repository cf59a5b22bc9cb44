import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keeperState, Keepers, MAX_KEEPERS, stateCounts } from '../src/keepers/keeper-states.js';
import { trackDays, trackLines } from '../src/keepers/keeper-track.js';

const NOW = Date.parse('2026-11-01T12:00:00+08:00');
const RULES = { fresh_s: 600, off_duty_s: 1800 };
const seen = (seconds, more = {}) => ({ code: 'K1', lon: 117, lat: 31, at: new Date(NOW - seconds * 1000).toISOString(), outside: false, still: false, ...more });

test('what a keeper does is told by how long ago, then where, then whether they move', () => {
  const states = [seen(10), seen(10, { still: true }), seen(10, { still: true, outside: true }), seen(601, { outside: true }), seen(1801),
    seen(1, { at: null })].map((one) => keeperState(one, NOW, RULES));
  assert.deepEqual(states, ['moving', 'still', 'outside', 'silent', 'off', 'off']);
});

test('a keeper without a grid is nowhere outside', () => {
  assert.equal(keeperState(seen(1, { outside: null }), NOW, RULES), 'moving');
});

test('the keepers kept are bounded, and those heard of last stay', () => {
  const keepers = new Keepers();
  keepers.takeSnapshot(Array.from({ length: MAX_KEEPERS }, (_, index) => seen(index, { code: `K${index}` })));
  keepers.take(seen(0, { code: 'new' }));
  assert.equal(keepers.marks(NOW, RULES).length, MAX_KEEPERS);
  assert.equal(keepers.get(`K${MAX_KEEPERS - 1}`), null);
  assert.notEqual(keepers.get('new'), null);
});

test('a keeper who moves is one mark, at the last place', () => {
  const keepers = new Keepers();
  keepers.takeSnapshot([seen(20)]);
  keepers.take(seen(1, { lon: 118 }));
  const marks = keepers.marks(NOW, RULES);
  assert.deepEqual(marks, [{ code: 'K1', lon: 118, lat: 31, state: 'moving' }]);
  assert.deepEqual(stateCounts(marks), { outside: 0, silent: 0, moving: 1, still: 0, off: 0 });
});

const at = (minutes) => new Date(NOW + minutes * 60_000).toISOString();
const FEATURE = {
  geometry: { coordinates: [[1, 1], [2, 1], [3, 2], [4, 2], [5, 3]] },
  properties: { times: [0, 5, 30, 35, 40].map(at), gaps: [{ from: at(5), to: at(30) }], stops: [] },
};

test('a track is drawn in the order of time, and joined over a gap by a line of its own', () => {
  const { walks, gaps } = trackLines(FEATURE);
  assert.deepEqual(walks.map(({ path }) => path), [[[1, 1], [2, 1]], [[3, 2], [4, 2], [5, 3]]]);
  assert.deepEqual(gaps, [{ path: [[2, 1], [3, 2]] }]);
  const ages = walks.flatMap((walk) => walk.ages);
  assert.ok(ages.every((age, index) => index === 0 || age > ages[index - 1]));
  assert.deepEqual([ages[0], ages.at(-1)], [0.22, 1]);
});

test('a day without positions, and one with a single place, draw nothing and break nothing', () => {
  const nothing = { geometry: null, properties: { times: [], gaps: [], stops: [] } };
  assert.deepEqual(trackLines(nothing), { walks: [], gaps: [], stops: [] });
});

test('days are those of the command centre', () => {
  assert.deepEqual(trackDays(Date.parse('2026-11-01T17:00:00Z'), 31, 'Asia/Shanghai'), ['2026-10-02', '2026-11-02']);
});
