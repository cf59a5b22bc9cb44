import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlarmRefill, BELOW, PAUSE } from '../src/alarms/alarm-refill.js';
import { Store } from '../src/store.js';

const alarm = (id) => ({
  id, severity: 'minor', type: 'smoke', state: 'active_unack', occurred_at: new Date(id * 1000).toISOString(),
});
const range = (from, to) => Array.from({ length: to - from }, (_, index) => alarm(from + index));

/** A page that holds `kept` of `open` alarms, a server that answers with `later`, and a clock moved by hand. */
function build(kept, open, later) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    return later ? Response.json(later) : Response.json({ title: 'Overloaded' }, { status: 503 });
  };
  const clock = { now: 0 };
  const store = new Store({ nextFrame: (callback) => setImmediate(callback) });
  const refill = new AlarmRefill({ store, url: '/snapshot', now: () => clock.now });
  store.applySnapshot({ alarms: range(0, kept), kpi: [{ code: 'g', counts: { alarms_minor: open } }], counts: { alarms: open } });
  return { store, refill, asked, clock };
}

/** As many turns of the event loop as an answer needs, and more: no clock, which means nothing on a busy machine. */
async function settled() {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
}

test('alarms that were left out come when those of the page are handled', async () => {
  const { store, asked } = build(BELOW - 1, BELOW + 9, { alarms: range(0, BELOW + 9), counts: { alarms: BELOW + 9 } });
  await settled();
  assert.deepEqual(asked, ['/snapshot']);
  assert.equal(store.alarms.size, BELOW + 9);
  assert.equal(store.alarmsDropped, 0);
});

test('nothing is asked while the page has enough, or all', async () => {
  for (const [kept, open] of [[BELOW, BELOW + 5], [3, 3]]) {
    const { asked } = build(kept, open);
    await settled();
    assert.deepEqual(asked, []);
  }
});

test('a server that is away is asked again, and not at every change', async () => {
  const { store, refill, asked, clock } = build(1, 9);
  await settled();
  for (let round = 0; round < 5; round += 1) store.touch('alarms');
  await settled();
  assert.equal(asked.length, 1);
  clock.now = PAUSE;
  await refill.look();
  assert.equal(asked.length, 2);
});
