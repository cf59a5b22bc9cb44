import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparedWindow, histogram, resolveWindow } from '../src/events/time-window.js';
import { dayOf, hourOf, hourOn, midnightOf, sameTime } from '../src/past/zoned-time.js';

const SHANGHAI = 'Asia/Shanghai';
const at = Date.parse;
const words = ({ from, to }) => [from, to].map((end) => new Date(end).toISOString());

test('a preset of days ends now and follows the clock, a fixed window ends where it was set', () => {
  assert.deepEqual(resolveWindow({ preset: '24h' }, 1e12, SHANGHAI), { from: 1e12 - 86_400_000, to: 1e12, following: true });
  assert.deepEqual(resolveWindow({ from: 1, to: 2 }, 1e12, SHANGHAI), { from: 1, to: 2, following: false });
});

test('last night is the one that began yesterday evening, and is going on before its morning', () => {
  const noon = resolveWindow({ preset: 'night' }, at('2026-11-22T12:00:00+08:00'), SHANGHAI);
  assert.deepEqual(words(noon), ['2026-11-21T10:00:00.000Z', '2026-11-22T00:00:00.000Z']);
  assert.equal(noon.following, false);
  const three = resolveWindow({ preset: 'night' }, at('2026-11-22T03:00:00+08:00'), SHANGHAI);
  assert.deepEqual(words(three), ['2026-11-21T10:00:00.000Z', '2026-11-21T19:00:00.000Z']);
  assert.equal(three.following, true);
  const evening = resolveWindow({ preset: 'night' }, at('2026-11-22T20:00:00+08:00'), SHANGHAI);
  assert.deepEqual(words(evening), words(noon));
});

test('the last shift is the one before the shift of now, by the times of the command centre', () => {
  const shift = (now, shifts) => words(resolveWindow({ preset: 'shift' }, at(now), SHANGHAI, shifts));
  const three = ['00:00', '08:00', '16:00'];
  assert.deepEqual(shift('2026-11-22T09:30:00+08:00', three), ['2026-11-21T16:00:00.000Z', '2026-11-22T00:00:00.000Z']);
  assert.deepEqual(shift('2026-11-22T00:00:00+08:00', three), ['2026-11-21T08:00:00.000Z', '2026-11-21T16:00:00.000Z']);
  const two = ['08:30', '20:30'];
  assert.deepEqual(shift('2026-11-22T09:30:00+08:00', two), ['2026-11-21T12:30:00.000Z', '2026-11-22T00:30:00.000Z']);
  assert.deepEqual(shift('2026-11-22T08:29:00+08:00', two), ['2026-11-21T00:30:00.000Z', '2026-11-21T12:30:00.000Z']);
  assert.deepEqual(shift('2026-11-22T08:29:00+08:00', ['07:00']), ['2026-11-20T23:00:00.000Z', '2026-11-21T23:00:00.000Z']);
});

test('the hours of a zone are found whatever its offset is on that day', () => {
  for (const zone of [SHANGHAI, 'Europe/Berlin', 'Asia/Kathmandu', 'America/New_York', 'UTC']) {
    for (let day = at('2026-01-01T05:17:11Z'); day < at('2027-01-01T00:00:00Z'); day += 86_400_000 * 3.37) {
      const midnight = hourOn(day, 0, zone);
      assert.equal(hourOf(midnight, zone), 0, zone);
      assert.equal(dayOf(midnight, zone), dayOf(day, zone));
      assert.equal(midnightOf(dayOf(day, zone), zone), midnight);
      assert.ok(midnight <= day && day < hourOn(day, 24, zone));
      assert.equal(hourOn(day, 24, zone), hourOn(day, 0, zone, 1));
      assert.ok(Math.abs(hourOf(sameTime(day, zone, { days: -7 }), zone) - hourOf(day, zone)) < 1e-9);
    }
  }
  assert.ok(Number.isNaN(midnightOf('soon', SHANGHAI)));
});

test('a window is compared with the one before, and with the same days a week and a year ago', () => {
  const window = { from: at('2026-11-21T18:00:00+08:00'), to: at('2026-11-22T08:00:00+08:00') };
  const compared = (kind) => words(comparedWindow(kind, window, SHANGHAI));
  assert.deepEqual(compared('before'), ['2026-11-20T20:00:00.000Z', '2026-11-21T10:00:00.000Z']);
  assert.deepEqual(compared('week'), ['2026-11-14T10:00:00.000Z', '2026-11-15T00:00:00.000Z']);
  assert.deepEqual(compared('year'), ['2025-11-21T10:00:00.000Z', '2025-11-22T00:00:00.000Z']);
  // Clocks were changed in the week between: eight in the morning stays eight in the morning.
  const berlin = comparedWindow('week', { from: at('2026-10-26T07:00:00Z'), to: at('2026-10-26T08:00:00Z') }, 'Europe/Berlin');
  assert.deepEqual(words(berlin), ['2026-10-19T06:00:00.000Z', '2026-10-19T07:00:00.000Z']);
});

test('a histogram counts what is inside the window, its start included and its end not', () => {
  assert.deepEqual(histogram([0, 1000, 1500, 3900, 4000, -1], 0, 4000, 4), [1, 2, 0, 1]);
  assert.equal(histogram([3999.9999999], 0, 4000, 7).reduce((sum, count) => sum + count), 1);
});
