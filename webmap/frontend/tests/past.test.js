import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Past } from '../src/past/past.js';
import { Store } from '../src/store.js';

const NOW = Date.parse('2026-11-22T13:40:30Z');
const alarm = (id, more = {}) => ({ id, severity: 'critical', state: 'active_unack', occurred_at: '2026-11-22T13:40:00Z', ...more });
const picture = (at, alarms) => ({ at, alarms, alarms_total: alarms.length, events: [], events_total: 0, keepers: null, counts: {}, today: [] });

let asked;
let answers;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: NOW });
  asked = [];
  answers = () => picture('', [alarm(1)]);
  mock.method(globalThis, 'fetch', async (address, { signal }) => {
    asked.push(address);
    const body = address.startsWith('/marks') ? { alarms: [], events: [], boundaries: [], part_s: 900 } : await answers(address);
    signal.throwIfAborted();
    return { ok: true, json: async () => body };
  });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

function made() {
  const store = new Store({ nextFrame: (callback) => callback() });
  const root = { dataset: {}, ownerDocument: { hidden: false } };
  const past = new Past({ store, urls: { picture: '/picture', marks: '/marks' }, timeZone: 'Asia/Shanghai', root, onOpen: () => {} });
  return { past, store, root, state: () => store.state.past };
}

const settle = async () => { for (let turn = 0; turn < 20; turn += 1) await Promise.resolve(); };
const pictures = () => asked.filter((address) => address.startsWith('/picture'));

test('the live store goes on beside the past, and is there again when it is now', async () => {
  const { past, store, root } = made();
  store.applySnapshot({ alarms: [alarm(7), alarm(8)] });
  past.open();
  await settle();
  assert.deepEqual(store.shownAlarms().map(({ id }) => id), [1]);
  assert.equal(root.dataset.past, '');
  store.applyAlarm(alarm(9));
  assert.deepEqual(store.shownAlarms().map(({ id }) => id), [1]);
  assert.equal(past.putAway(), true);
  assert.deepEqual(store.shownAlarms().map(({ id }) => id), [7, 8, 9]);
  assert.ok(!('past' in root.dataset));
  assert.equal(past.putAway(), false);
});

test('critical alarms that come meanwhile are counted once, those that stood here before and lesser ones are not', () => {
  const { past, store, state } = made();
  store.applySnapshot({ alarms: [alarm(7)] });
  past.hears.alarm(alarm(6));
  past.open();
  for (const one of [alarm(7), alarm(8), alarm(8), alarm(9, { severity: 'major' }), alarm(10, { state: 'active_ack' })]) past.hears.alarm(one);
  past.hears.snapshot({ alarms: [alarm(7), alarm(8), alarm(11)] });
  assert.equal(state().missed, 2);
});

test('a page that opens in the past counts nothing of its first snapshot', () => {
  const { past, state } = made();
  past.restore({ at: NOW - 3_600_000 });
  past.hears.snapshot({ alarms: [alarm(7)] });
  past.hears.alarm(alarm(7));
  assert.equal(state().missed, 0);
  past.hears.alarm(alarm(8));
  assert.equal(state().missed, 1);
});

test('a link of a frozen alarm opens its second and that alarm; the slider goes by minutes', () => {
  const { past, state } = made();
  past.restore({ at: NOW - 3_600_000 + 53_250, alarmThen: 7 });
  assert.deepEqual([state().at, state().selected], [NOW - 3_600_000 + 53_250, 7]);
  assert.deepEqual(past.linked(), { at: NOW - 3_600_000 + 53_250, alarm: 7 });
  past.go(NOW - 1_800_000 + 53_250);
  assert.equal(state().at % 60_000, 0);
  past.leave();
  assert.deepEqual(past.linked(), {});
});

test('a slider that is dragged asks once, for where it rests', async () => {
  const { past, state } = made();
  past.open();
  await settle();
  for (let step = 1; step <= 20; step += 1) {
    past.go(NOW - step * 60_000);
    mock.timers.tick(20);
  }
  mock.timers.tick(500);
  await settle();
  assert.equal(pictures().length, 2);
  assert.match(pictures().at(-1), /at=2026-11-22T13%3A20%3A00/);
  assert.equal(state().status, 'ready');
});

test('an answer that is overtaken is not shown', async () => {
  const { past, store } = made();
  let release;
  answers = () => new Promise((resolve) => { release = resolve; });
  past.open();
  await settle();
  const first = release;
  answers = () => picture('', [alarm(2)]);
  past.go(NOW - 7_200_000);
  mock.timers.tick(500);
  await settle();
  first(picture('', [alarm(1)]));
  await settle();
  assert.deepEqual(store.shownAlarms().map(({ id }) => id), [2]);
});

test('playing goes on by a quarter of an hour once the picture is there, waits while nobody sees it, and stops at now', async () => {
  const { past, root, state } = made();
  past.open(NOW - 40 * 60_000);
  await settle();
  past.toggle();
  mock.timers.tick(1);
  await settle();
  assert.equal(state().at, Date.parse('2026-11-22T13:15:00Z'));
  root.ownerDocument.hidden = true;
  mock.timers.tick(5000);
  await settle();
  assert.equal(state().at, Date.parse('2026-11-22T13:15:00Z'));
  root.ownerDocument.hidden = false;
  for (let second = 0; second < 6; second += 1) {
    mock.timers.tick(1100);
    await settle();
    mock.timers.tick(1);
    await settle();
  }
  assert.ok(state().at <= NOW + 60_000 && state().at >= Date.parse('2026-11-22T13:40:00Z'));
  assert.equal(state().playing, false);
});
