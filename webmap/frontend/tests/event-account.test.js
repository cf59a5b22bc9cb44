import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { isUrgent } from '../src/alarms/alarm-terms.js';
import { accountOf, momentOf, overdueAmong, rowsOf, windowName } from '../src/events/event-account.js';
import { ALL, columnsOf, countsOf, filtered } from '../src/events/event-columns.js';
import { EventDetails } from '../src/events/event-details.js';
import { HOUR, looksBack, shownAt } from '../src/events/playback.js';
import { Store } from '../src/store.js';

const LISTS = { classes: [], origins: ['patrol', '12345'], states: ['open', 'dispatched', 'done', 'closed'] };
const START = Date.parse('2026-11-22T10:00:00Z');
const event = (id, class_code, state = 'done', at = START + id * 60_000) => ({
  id, class_code, state, origin: 'patrol', lon: 117, lat: 31, occurred_at: new Date(at).toISOString(),
});

/** So many of each class, the ids from 1 on; every third is open. */
function night(numbers) {
  const codes = Object.entries(numbers).flatMap(([code, count]) => Array(count).fill(code));
  return columnsOf(codes.map((code, index) => event(index + 1, code, index % 3 === 0 ? 'open' : 'done')), LISTS);
}

const NUMBERS = { '0102': 3, '0505': 9, '0602': 7, '0603': 7, '0301': 1, '0401': 2, '0504': 1, '0101': 1 };

test('the account names the most frequent classes first, the rest in one number, and all of it is the whole window', () => {
  const counts = countsOf(night(NUMBERS));
  const { classes, rest, done, open } = accountOf(counts, ALL);
  assert.deepEqual(classes.map(({ code, count }) => [code, count]), [['0505', 9], ['0602', 7], ['0603', 7], ['0102', 3], ['0401', 2]]);
  assert.equal(rest, 3);
  assert.equal(done + open, 31);
  assert.equal(open, 11);
});

test('one class that would be the rest alone is named', () => {
  const { classes, rest } = accountOf(countsOf(night({ '0101': 6, '0102': 5, '0201': 4, '0301': 3, '0401': 2, '0501': 1 })), ALL);
  assert.deepEqual([classes.length, rest], [6, 0]);
});

test('a chosen class leaves the others with their numbers, is among the named, and only its events are done or open', () => {
  const events = night(NUMBERS);
  const filter = { ...ALL, classes: ['0301'] };
  const { classes, rest, done, open } = accountOf(countsOf(events), filter);
  assert.deepEqual(classes.map(({ code, on }) => [code, on]), [
    ['0505', false], ['0602', false], ['0603', false], ['0102', false], ['0401', false], ['0301', true]]);
  assert.equal(rest, 2);
  assert.equal(done + open, 1);
  assert.deepEqual(accountOf(countsOf(events), { ...ALL, classes: ['06'] }).classes.filter(({ on }) => on).map(({ code }) => code), ['0602', '0603']);
});

test('events without a class are counted, and an empty window is no class at all', () => {
  assert.deepEqual(accountOf([['0101', 'patrol', 'open', 2], [undefined, 'patrol', 'done', 1]], ALL), {
    classes: [{ code: '0101', count: 2, on: false }, { code: '', count: 1, on: false }], rest: 0, done: 1, open: 2,
  });
  assert.deepEqual(accountOf([], ALL), { classes: [], rest: 0, done: 0, open: 0 });
});

test('overdue is what was late and is not done since, of what the filter leaves', () => {
  const events = columnsOf([event(1, '0101', 'open'), event(2, '0101', 'done'), event(3, '0602', 'dispatched'), event(4, '0602', 'open')], LISTS);
  const late = new Set([1, 2, 3, 99]);
  assert.equal(overdueAmong(events, late), 2);
  assert.equal(overdueAmong(filtered(events, { ...ALL, classes: ['06'] }), late), 1);
});

test('the list of a window is all of it, the newest first, with how many more there are', () => {
  const moment = momentOf(night({ '0101': 60 }), { on: false }, {});
  const { rows, more } = rowsOf(moment);
  assert.equal(rows.length, 50);
  assert.equal(more, 10);
  assert.deepEqual(rows.slice(0, 2).map(({ id }) => id), [60, 59]);
  assert.ok(rows.every(({ now }) => !now));
  assert.deepEqual(rows[0], { id: 60, at: START + HOUR, lon: 117, lat: 31, code: '0101', state: 'done', done: true, now: false });
});

test('while it is played, the list holds what the map shows, and the newest half of it is of now', () => {
  const playback = { on: true, from: START, to: START + 14 * HOUR, head: START + HOUR, trail: HOUR };
  const { rows, more } = rowsOf(momentOf(night({ '0101': 120 }), playback, shownAt(playback.head, playback)));
  // Minutes 1 to 59: the head's own minute is to come.
  assert.deepEqual([rows.length, rows[0].id, more], [50, 59, 9]);
  assert.deepEqual(rows.filter(({ now }) => now).map(({ id }) => id), Array.from({ length: 29 }, (_, index) => 59 - index));
  assert.deepEqual(rowsOf(momentOf(night({ '0101': 3 }), { ...playback, head: START }, { from: START, to: START })), { rows: [], more: 0 });
});

test('a window has a name, and a night that is not over ends now', () => {
  assert.equal(windowName({ preset: 'night' }, true), 'night.now');
  assert.equal(windowName({ preset: 'night' }, false), 'night');
  assert.equal(windowName({ preset: '7d' }, true), '7d');
  assert.equal(windowName({ from: 1, to: 2 }, false), 'own');
});

test('alarms step back while events are played or a window is over, and not from a picture of the past or an empty window', () => {
  const state = { layers: { events: true }, past: { on: false }, playback: { on: false }, eventView: { total: 3, following: false } };
  const live = { ...state, eventView: { total: 3, following: true } };
  assert.equal(looksBack(state), true);
  assert.equal(looksBack(live), false);
  assert.equal(looksBack({ ...live, playback: { on: true } }), true);
  assert.equal(looksBack({ ...state, layers: { events: false } }), false);
  assert.equal(looksBack({ ...state, past: { on: true } }), false);
  assert.equal(looksBack({ ...state, eventView: { total: 0, following: false } }), false);
});

test('a critical alarm that nobody acknowledged is urgent, shelved or not', () => {
  assert.equal(isUrgent({ severity: 'critical', state: 'active_unack' }), true);
  assert.equal(isUrgent({ severity: 'critical', state: 'active_unack', shelved_until: '2026-11-22T13:40:00Z' }), true);
  assert.equal(isUrgent({ severity: 'critical', state: 'active_ack' }), false);
  assert.equal(isUrgent({ severity: 'major', state: 'active_unack' }), false);
});

// --- what is asked for beside the columns ---------------------------------------------------------------------

let asked;
let answer;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  asked = [];
  answer = () => ({ events: [], next: null });
  mock.method(globalThis, 'fetch', async (address) => {
    const query = Object.fromEntries(new URL(address, 'http://here').searchParams);
    asked.push(query);
    const body = answer(query);
    return body === null ? Promise.reject(new TypeError('away')) : { ok: true, json: async () => body };
  });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

function details({ total = 35, playing = false } = {}) {
  const store = new Store({ nextFrame: (callback) => callback() });
  store.state.layers.events = true;
  Object.assign(store.state.eventView, { from: START, to: START + 14 * HOUR, total, status: 'ready', following: false });
  store.state.playback.playing = playing;
  let now = 0;
  return { one: new EventDetails({ store, url: '/api/events', clock: () => now }), store, pass: (ms) => { now += ms; } };
}

const rows = [{ id: 7, at: START + 5000 }, { id: 6, at: START + 1000 }];

test('a short window is asked for once and whole; who is not in the answer is not asked for again', async () => {
  const { one } = details({ playing: true });
  answer = () => ({ events: [{ id: 7, place: '机修二村', grid_code: '999', keeper_name: 'x', title: 'y' }] });
  await one.want(rows);
  await one.want(rows);
  assert.deepEqual(asked, [{ from: '2026-11-22T10:00:00.000Z', to: '2026-11-23T00:00:00.000Z', limit: '500' }]);
  assert.deepEqual([one.placeOf(7), one.placeOf(6), one.placeOf(5)], [{ place: '机修二村', grid: '999' }, {}, undefined]);
});

test('of a long window the span of the rows is asked for, and nothing while it is played', async () => {
  await details({ total: 80_000, playing: true }).one.want(rows);
  assert.equal(asked.length, 0);
  await details({ total: 80_000 }).one.want(rows);
  assert.deepEqual(asked.map(({ from, to }) => [from, to]), [['2026-11-22T10:00:01.000Z', '2026-11-22T10:00:05.001Z']]);
});

test('a server without an answer is left alone for a while, and rows stand without their places', async () => {
  const { one, pass } = details();
  answer = () => null;
  await one.want(rows);
  await one.want(rows);
  assert.equal(asked.length, 1);
  pass(30_000);
  await one.want(rows);
  assert.equal(asked.length, 2);
  assert.equal(one.placeOf(7), undefined);
});

test('what is overdue is asked for with the window, and then no more than twice a minute', async () => {
  const { one, store, pass } = details();
  answer = ({ overdue }) => ({ events: overdue ? [{ id: 6 }] : [], next: 'more' });
  assert.equal(one.overdue(), null);
  await one.readOverdue();
  assert.deepEqual([[...one.overdue().ids], one.overdue().complete], [[6], false]);
  await one.readOverdue();
  await one.readOverdue();
  assert.equal(asked.length, 1);
  pass(30_000);
  mock.timers.tick(30_000);
  assert.equal(asked.length, 2);
  store.state.eventView.from = START - HOUR;
  await one.readOverdue();
  assert.equal(asked.length, 3);
});
