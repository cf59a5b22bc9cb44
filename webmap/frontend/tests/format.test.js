import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ago, dateTime, duration, instant, number, placeInBuilding, timeOfDay } from '../src/format.js';
import { setLanguage } from '../src/i18n/index.js';

beforeEach(() => setLanguage('zh-CN'));

test('numbers carry thousands separators, and nothing readable is a dash', () => {
  assert.equal(number(50231), '50,231');
  assert.equal(number(17.449, 1), '17.4');
  assert.equal(number(0), '0');
  for (const value of [null, undefined, NaN, 'x']) assert.equal(number(value), '—');
});

test('times are shown in the time zone of the service, not of the computer', () => {
  assert.equal(dateTime('2026-05-09T16:00:05Z', 'Asia/Shanghai'), '2026-05-10 00:00:05');
  assert.equal(timeOfDay('2026-05-09T16:00:05Z', 'UTC'), '16:00:05');
  assert.equal(dateTime('nonsense', 'UTC'), '—');
});

test('an instant may come as text, seconds or milliseconds', () => {
  const at = Date.parse('2026-05-09T00:00:00Z');
  assert.equal(instant('2026-05-09T00:00:00Z'), at);
  assert.equal(instant(at / 1000), at);
  assert.equal(instant(at), at);
});

test('ages are told in the largest unit, and a clock that runs ahead tells just now', () => {
  const now = Date.parse('2026-05-09T12:00:00Z');
  const before = (seconds) => new Date(now - seconds * 1000).toISOString();
  assert.equal(ago(before(2), now), '刚刚');
  assert.equal(ago(before(-90), now), '刚刚');
  assert.equal(ago(before(59), now), '59 秒前');
  assert.equal(ago(before(3599), now), '59 分钟前');
  assert.equal(ago(before(7200), now), '2 小时前');
  assert.equal(ago(before(3 * 86400), now), '3 天前');
  assert.equal(duration(12_400), '12 秒');
});

test('a place in a building names what is known and leaves out the rest', () => {
  assert.equal(placeInBuilding({ unit: '2', floor: 12, room: '1203' }), '2单元 12层 1203室');
  assert.equal(placeInBuilding({ unit: null, floor: -1, room: null }), '地下1层');
  assert.equal(placeInBuilding({ floor: null }), '');
});
