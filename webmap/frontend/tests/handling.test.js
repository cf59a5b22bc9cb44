import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floodGoesOn, groupAlarms, mostUrgent } from '../src/alarms/alarm-groups.js';
import { allowedSteps, allows, batches, missing } from '../src/alarms/alarm-steps.js';
import { isPending, rank } from '../src/alarms/alarm-terms.js';
import { alarmKey, Handling } from '../src/alarms/handling.js';
import { Store } from '../src/store.js';
import { chance } from './chance.js';

const STATES = ['active_unack', 'active_ack', 'cleared_unack', 'cleared_ack'];

const alarm = (id, more = {}) => ({
  id, group_id: 1, severity: 'major', type: 'gas', state: 'active_unack', floor: id,
  occurred_at: new Date(id * 1000).toISOString(), received_at: new Date(id * 1000).toISOString(), ...more,
});

test('an alarm offers the steps that its state allows, the one that brings it on first', () => {
  const next = Object.fromEntries(STATES.map((state) => [state, allowedSteps({ state }).next]));
  assert.deepEqual(next, {
    active_unack: 'acknowledge', active_ack: 'clear', cleared_unack: 'acknowledge', cleared_ack: 'close' });
  assert.deepEqual(allowedSteps({ state: 'active_unack' }).others, ['clear', 'assign', 'comment', 'shelve']);
  assert.deepEqual(allowedSteps({ state: 'closed' }), { next: null, others: ['comment'] });
  assert.ok(allows({ state: 'active_ack', shelved_until: '2026-11-01T00:00:00Z' }, 'unshelve'));
  assert.ok(!allows({ state: 'active_ack', shelved_until: '2026-11-01T00:00:00Z' }, 'shelve'));
});

test('nothing is closed that is active or that nobody has seen', () => {
  for (const state of STATES) assert.equal(allows({ state }, 'close'), state === 'cleared_ack', state);
});

test('shelving and comments need words, clearing does not, and none takes more than the server', () => {
  assert.equal(missing('shelve', { note: '  ' }), 'handling.missing.shelve');
  assert.equal(missing('comment', {}), 'handling.missing.comment');
  assert.equal(missing('clear', { note: '' }), null);
  assert.equal(missing('clear', { note: 'x'.repeat(1001) }), 'handling.missing.shorter');
});

test('many ids go in calls that the server takes, each id once', () => {
  const ids = Array.from({ length: 401 }, (_, index) => index);
  assert.deepEqual(batches(ids).map(({ length }) => length), [200, 200, 1]);
  assert.deepEqual(batches(ids).flat(), ids);
  assert.deepEqual(batches([]), []);
});

test('every alarm stands in exactly one group, whose numbers are those of its alarms', () => {
  for (let round = 0; round < 50; round += 1) {
    const below = chance(round);
    const pick = (items) => items[below(items.length)];
    const alarms = Array.from({ length: 1 + below(40) }, (_, index) => alarm(index + 1, {
      group_id: 1 + below(5), state: pick(STATES),
      severity: pick(['critical', 'major', 'minor', 'info']),
    }));
    const groups = groupAlarms(alarms);
    assert.deepEqual(groups.flatMap((group) => group.alarms.map(({ id }) => id)).sort((a, b) => a - b),
      alarms.map(({ id }) => id));
    for (const group of groups) {
      const members = alarms.filter(({ group_id: id }) => id === group.id);
      assert.equal(group.count, members.length);
      assert.deepEqual(group.unacknowledged, members.filter(({ state }) => state.endsWith('unack')).map(({ id }) => id));
      assert.deepEqual(group.closable, members.filter(({ state }) => state === 'cleared_ack').map(({ id }) => id));
      assert.ok(group.firstAt <= group.lastAt);
    }
    const urgency = groups.map(({ alarms: members }) => Math.max(...members.map(rank)));
    assert.deepEqual(urgency, [...urgency].sort((a, b) => b - a));
  }
});

test('the first-out is the alarm that gave the group its number, or the first that is left', () => {
  const alarms = [alarm(3, { severity: 'critical' }), alarm(1), alarm(2)];
  const [group] = groupAlarms(alarms);
  assert.deepEqual([group.firstOut.id, group.worst, group.floors], [1, 'critical', [1, 3]]);
  assert.deepEqual(group.alarms.map(({ id }) => id), [1, 3, 2]);
  assert.equal(groupAlarms(alarms.filter(({ id }) => id !== 1))[0].firstOut.id, 2);
});

test('a flood begins when the server says so and ends when it is calm', () => {
  assert.equal(floodGoesOn(false, { flood: false, new: 9 }), false);
  assert.equal(floodGoesOn(false, { flood: true, new: 10 }), true);
  assert.equal(floodGoesOn(true, { flood: false, new: 5 }), true);
  assert.equal(floodGoesOn(true, { flood: false, new: 4 }), false);
});

test('what is put aside neither pulses nor comes next', () => {
  const shelved = alarm(1, { severity: 'critical', shelved_until: '2026-11-01T00:00:00Z' });
  assert.equal(isPending(shelved), false);
  assert.equal(mostUrgent([shelved, alarm(2, { severity: 'info' })]).id, 2);
  assert.equal(mostUrgent([shelved]), null);
  assert.equal(mostUrgent([alarm(1), alarm(2, { state: 'active_ack', severity: 'critical' })]).id, 1);
  assert.equal(mostUrgent([alarm(1)], [1]), null);
});

/** A desk whose server answers by hand: `answer(path, body)` returns status and JSON, or waits. */
function build(answer) {
  const store = new Store({ nextFrame: () => {} });
  store.applySnapshot({ alarms: [alarm(1), alarm(2)] });
  const asked = [];
  globalThis.fetch = async (url, { body }) => {
    asked.push([url, body && JSON.parse(body)]);
    const { status = 200, json } = await answer(url, body);
    return new Response(JSON.stringify(json), { status });
  };
  return { store, asked, handling: new Handling({ store, url: '/api/alarms', onAlarm: (one) => store.applyAlarm(one) }) };
}

test('a step is shown as done only when the server has said so, and is asked for once', async () => {
  let release;
  const { store, asked, handling } = build(() => new Promise((resolve) => {
    release = () => resolve({ json: alarm(1, { state: 'active_ack' }) });
  }));
  const taken = handling.take(1, 'acknowledge');
  assert.equal(await handling.take(1, 'acknowledge'), false);
  assert.equal(store.alarms.get(1).state, 'active_unack');
  assert.equal(store.state.busy.get(alarmKey(1)), 'acknowledge');
  release();
  assert.equal(await taken, true);
  assert.equal(store.alarms.get(1).state, 'active_ack');
  assert.equal(store.state.busy.size, 0);
  assert.deepEqual(asked, [['/api/alarms/1/acknowledge', { expected_state: 'active_unack' }]]);
});

test('an answer that the stream has overtaken does not bring a closed alarm back', async () => {
  const { store, handling } = build(() => {
    store.applyAlarm(alarm(1, { state: 'closed' }));
    return { json: alarm(1, { state: 'active_ack' }) };
  });
  await handling.take(1, 'acknowledge');
  assert.equal(store.alarms.has(1), false);
  store.applyAlarm(alarm(1, { state: 'cleared_ack' }));
  assert.equal(store.alarms.has(1), false, 'closed is closed');
});

test('who was quicker is asked for when a step comes too late, and the alarm is shown as it is', async () => {
  const { store, handling } = build((url) => {
    if (url.endsWith('/steps')) {
      return { json: { steps: [{ step: 'acknowledged', account: 'li', at: 'now' }, { step: 'repeated', account: 'gw' }] } };
    }
    return url.endsWith('/acknowledge') ? { status: 409, json: { title: 'Not possible', detail: 'no longer' } }
      : { json: alarm(1, { state: 'active_ack' }) };
  });
  assert.equal(await handling.take(1, 'acknowledge'), false);
  const { last } = store.state.refusals.get(alarmKey(1));
  assert.deepEqual([last.account, last.step, last.state], ['li', 'acknowledged', 'active_ack']);
  assert.equal(store.alarms.get(1).state, 'active_ack');
});

test('who was quicker is whoever changed the state, not who wrote a comment afterwards', async () => {
  const { store, handling } = build((url) => {
    if (url.endsWith('/acknowledge')) return { status: 409, json: { title: 'Not possible', detail: 'no longer' } };
    return { json: url.endsWith('/steps')
      ? { steps: [{ step: 'acknowledged', account: 'li' }, { step: 'commented', account: 'wang' }] }
      : alarm(1, { state: 'active_ack' }) };
  });
  await handling.take(1, 'acknowledge');
  assert.equal(store.state.refusals.get(alarmKey(1)).last.account, 'li');
});

test('a step that came too late is told as such when nobody can say who was quicker', async () => {
  const { store, handling } = build((url) => (url.endsWith('/acknowledge')
    ? { status: 409, json: { title: 'Not possible', detail: 'no longer' } } : { status: 503, json: { title: 'Overloaded' } }));
  await handling.take(1, 'acknowledge');
  const { error, last } = store.state.refusals.get(alarmKey(1));
  assert.deepEqual([error.status, last], [409, null]);
});

test('why a step was not done is forgotten when the alarm changes', async () => {
  const { store, handling } = build(() => ({ status: 503, json: { title: 'Overloaded' } }));
  await handling.take(1, 'acknowledge');
  handling.hear(alarm(1, { repeats: 2 }));
  assert.ok(store.state.refusals.has(alarmKey(1)));
  handling.hear(alarm(1, { state: 'active_ack' }));
  assert.ok(!store.state.refusals.has(alarmKey(1)));
});

test('giving back is not called taking', async () => {
  const { store, handling } = build(() => ({ status: 503, json: { title: 'Overloaded' } }));
  const taken = handling.take(1, 'assign', { assignee: null });
  assert.equal(store.state.busy.get(alarmKey(1)), 'give-back');
  await taken;
  assert.equal(store.state.refusals.get(alarmKey(1)).step, 'give-back');
});

test('one alarm that is not possible keeps none of many hundred others from being done', async () => {
  const { store, asked, handling } = build((url, body) => {
    const outcomes = JSON.parse(body).ids.map((id) => (id === 7 ? { id, status: 409, detail: 'The alarm is active.' }
      : { id, status: 200, alarm: alarm(id, { state: 'closed' }) }));
    return { json: { outcomes } };
  });
  const many = Array.from({ length: 401 }, (_, index) => index + 1);
  assert.equal(await handling.takeMany(1, many, 'close'), false);
  assert.deepEqual(asked.flatMap(([, { ids }]) => ids), many);
  assert.equal(store.state.refusals.get('group-1').error.left, 1);
});

test('a group that somebody else has acknowledged meanwhile is no failure', async () => {
  const { store, handling } = build(() => ({ status: 404, json: { title: 'Not found' } }));
  assert.equal(await handling.acknowledgeGroup(1), true);
  assert.equal(store.state.refusals.size, 0);
});

test('of many alarms those that were done are shown so, and the others are counted', async () => {
  const { store, asked, handling } = build(() => ({ json: { done: 1, outcomes: [
    { id: 1, status: 200, alarm: alarm(1, { state: 'closed' }) }, { id: 2, status: 409, detail: 'The alarm is active.' }] } }));
  assert.equal(await handling.takeMany(1, [1, 2], 'close', { expected_state: 'cleared_ack' }), false);
  assert.deepEqual([...store.alarms.keys()], [2]);
  assert.equal(store.openAlarms(), 1);
  assert.equal(store.state.refusals.get('group-1').error.left, 1);
  assert.deepEqual(asked, [['/api/alarms/steps', { expected_state: 'cleared_ack', ids: [1, 2], step: 'close' }]]);
});

test('an alarm whose closing is told twice is taken from the count once', () => {
  const store = new Store({ nextFrame: () => {} });
  store.applySnapshot({ alarms: [alarm(9)], kpi: [{ code: 'g', counts: { alarms_minor: 3 } }], counts: { alarms: 3 } });
  store.applyFigures({ code: 'g', counts: { alarms_minor: 2 } });
  for (let time = 0; time < 2; time += 1) store.applyAlarm(alarm(9, { state: 'closed' }));
  assert.equal(store.openAlarms(), 2);
});
