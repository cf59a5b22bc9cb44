import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_ALARMS, MAX_RECENT_EVENTS, Store } from '../src/store.js';

/** A store whose frames are drawn by hand. */
function build() {
  const frames = [];
  const store = new Store({ nextFrame: (callback) => frames.push(callback) });
  return { store, draw: () => frames.splice(0).forEach((callback) => callback()), frames };
}

const alarm = (id, more = {}) => ({
  id, severity: 'minor', type: 'smoke', state: 'active_unack', occurred_at: new Date(id * 1000).toISOString(), ...more,
});

test('a thousand messages within one frame are one update', () => {
  const { store, draw, frames } = build();
  let updates = 0;
  store.subscribe(['alarms'], () => { updates += 1; });
  for (let id = 1; id <= 1000; id += 1) store.applyAlarm(alarm(id));
  assert.equal(frames.length, 1);
  draw();
  assert.equal(updates, 1);
  assert.equal(store.alarms.size, 1000);
});

test('a subscriber hears only of its topics, and of none after it has left', () => {
  const { store, draw } = build();
  const heard = [];
  const leave = store.subscribe(['counts'], () => heard.push('counts'));
  store.applyAlarm(alarm(1));
  draw();
  assert.deepEqual(heard, []);
  store.applyCounts({ buildings: 5 });
  draw();
  assert.deepEqual(heard, ['counts']);
  leave();
  store.applyCounts({ buildings: 6 });
  draw();
  assert.deepEqual(heard, ['counts']);
});

test('a change during an announcement is announced in the next frame', () => {
  const { store, draw } = build();
  let rounds = 0;
  store.subscribe(['alarms'], () => {
    rounds += 1;
    if (rounds === 1) store.touch('alarms');
  });
  store.touch('alarms');
  draw();
  assert.equal(rounds, 1);
  draw();
  assert.equal(rounds, 2);
});

test('a closed alarm leaves, every other state stays', () => {
  const { store } = build();
  for (const state of ['active_unack', 'active_ack', 'cleared_unack', 'cleared_ack']) {
    store.applyAlarm(alarm(1, { state }));
    assert.equal(store.alarms.get(1).state, state);
  }
  store.applyAlarm(alarm(1, { state: 'closed' }));
  assert.equal(store.alarms.size, 0);
});

test('a snapshot replaces what was missed while away', () => {
  const { store } = build();
  store.applyAlarm(alarm(1));
  store.applySnapshot({ alarms: [alarm(2)], counts: { alarms: 1, buildings: 7 } });
  assert.deepEqual([...store.alarms.keys()], [2]);
  assert.equal(store.openAlarms(), 1);
  assert.equal(store.state.counts.buildings, 7);
});

test('a snapshot that was made before a step does not bring back what the step closed', () => {
  const { store } = build();
  store.applySnapshot({ alarms: [alarm(1), alarm(2)], counts: { alarms: 2 } });
  store.applyAlarm(alarm(1, { state: 'closed' })); // the answer to the step
  store.applySnapshot({ alarms: [alarm(1), alarm(2)], counts: { alarms: 2 } });
  assert.deepEqual([...store.alarms.keys()], [2]);
  assert.equal(store.openAlarms(), 1);
});

const figures = (code, counts) => ({ code, counts });

test('alarms that the snapshot leaves out are counted by the server, to the last', () => {
  const { store } = build();
  const kpi = [figures('g1', { alarms_minor: 2, events_open: 9 }), figures('g2', { alarms_shelved: 1 })];
  store.applySnapshot({ alarms: [alarm(9)], kpi, counts: { alarms: 3 } });
  assert.equal(store.openAlarms(), 3);
  assert.equal(store.alarmsDropped, 2);
  store.applyAlarm(alarm(10)); // new or left out before: its figures will tell
  assert.equal(store.openAlarms(), 3);
  store.applyFigures(figures('g1', { alarms_minor: 3 }));
  assert.equal(store.openAlarms(), 4);
  for (const id of [9, 10, 4]) store.applyAlarm(alarm(id, { state: 'closed' }));
  store.applyFigures(figures('g1', {}));
  assert.equal(store.openAlarms(), 1);
  store.applyFigures(figures('g2', {}));
  assert.equal(store.openAlarms(), 0);
});

test('of thousands of open alarms the figures tell how many are of which severity and wait, of a few the alarms do', () => {
  const { store } = build();
  store.applySnapshot({ alarms: [alarm(9, { severity: 'critical' })], counts: { alarms: 1 } });
  assert.deepEqual([store.pendingAlarms(), store.alarmsBySeverity().critical, store.alarmsBySeverity().minor], [1, 1, 0]);
  const kpi = [
    figures('g1', { alarms_critical: 1000, unacknowledged_critical: 998, alarms_minor: 2 }), figures('g2', { alarms_minor: 5, unacknowledged_minor: 4 }),
  ];
  store.applySnapshot({ alarms: [alarm(9, { severity: 'critical' })], kpi, counts: { alarms: 1007 } });
  assert.equal(store.pendingAlarms(), 1002);
  assert.deepEqual(store.alarmsBySeverity(), { critical: 1000, major: 0, minor: 7, warning: 0, info: 0 });
});

test('where all open alarms are kept, figures that come late do not change the count', () => {
  const { store } = build();
  store.applySnapshot({ alarms: [alarm(1)], kpi: [figures('g1', { alarms_minor: 7 })], counts: { alarms: 1 } });
  assert.equal(store.openAlarms(), 1);
});

test('of a later snapshot comes in what was left out, and nothing that the stream knows better', () => {
  const { store } = build();
  store.applySnapshot({ alarms: [alarm(1), alarm(2)], kpi: [figures('g1', { alarms_minor: 3 })], counts: { alarms: 3 } });
  store.applyAlarm(alarm(1, { state: 'closed' }));
  store.applyAlarm(alarm(2, { state: 'active_ack' }));
  store.addLeftOut({ alarms: [alarm(1), alarm(2), alarm(3)], counts: { alarms: 3 } });
  assert.deepEqual([...store.alarms.values()].map(({ id, state }) => [id, state]), [[2, 'active_ack'], [3, 'active_unack']]);
  assert.equal(store.openAlarms(), 2);
});

test('the number of alarms kept is bounded, the most urgent stay, and none is lost from the count', () => {
  const { store } = build();
  store.applySnapshot({ alarms: [] });
  store.applyAlarm(alarm(1, { severity: 'critical' }));
  for (let id = 2; id <= MAX_ALARMS + 500; id += 1) store.applyAlarm(alarm(id, { state: 'active_ack', severity: 'info' }));
  assert.ok(store.alarms.size <= MAX_ALARMS);
  assert.ok(store.alarms.has(1));
  assert.ok(store.alarms.has(MAX_ALARMS + 500), 'the newest of equals stays');
  store.applyFigures({ code: 'g1', counts: { alarms_critical: 1, alarms_info: MAX_ALARMS + 499 } });
  assert.equal(store.openAlarms(), MAX_ALARMS + 500);
});

test('an event stands once, however many steps of its life the stream tells', () => {
  const { store } = build();
  for (const state of ['open', 'dispatched', 'done']) store.applyEvent({ id: 7, state });
  assert.deepEqual(store.events.map(({ state }) => state), ['done']);
});

test('the number of recent events kept is bounded', () => {
  const { store } = build();
  for (let id = 1; id <= MAX_RECENT_EVENTS + 10; id += 1) store.applyEvent({ id });
  assert.equal(store.events.length, MAX_RECENT_EVENTS);
  assert.equal(store.events.at(-1).id, MAX_RECENT_EVENTS + 10);
});

test('alarms that the answer about a building tells are kept, but for those that are closed or known here', () => {
  const store = new Store({ nextFrame: () => {} });
  const one = (id, changes = {}) => ({ id, severity: 'minor', state: 'active_unack', building_id: 5, ...changes });
  store.applySnapshot({ alarms: [one(1), one(2)], counts: { alarms: 4000 } });
  store.applyAlarm(one(1, { state: 'active_ack' }));
  store.applyAlarm(one(2, { state: 'closed' }));
  store.addTold([one(1), one(2), one(3), one(4, { state: 'closed' })]);
  assert.deepEqual([...store.alarms.values()].map(({ id, state }) => [id, state]), [[1, 'active_ack'], [3, 'active_unack']]);
  store.addTold(null);
  assert.equal(store.alarms.size, 2);
});
