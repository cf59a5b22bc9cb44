import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupAlarms } from '../src/alarms/alarm-groups.js';
import { HeldOrder } from '../src/alarms/held-order.js';
import { chance } from './chance.js';

const alarm = (id, more = {}) => ({ id, state: 'active_unack', severity: 'minor', occurred_at: id, ...more });
const isShelved = ({ shelved_until: until }) => Boolean(until);
const ids = (alarms) => alarms.map(({ id }) => id);

function hold(standing, shelved = [], flood = false) {
  const order = new HeldOrder();
  order.hold({ flood, standing, shelved });
  return order;
}

test('whatever comes, goes, changes or is put aside, no alarm of a held list moves, and none that comes is lost', () => {
  for (let round = 0; round < 50; round += 1) {
    const below = chance(round);
    const before = Array.from({ length: 1 + below(20) }, (_, id) => alarm(id));
    const order = hold(before.filter(({ id }) => id % 4), before.filter(({ id }) => id % 4 === 0)
      .map((one) => ({ ...one, shelved_until: 'later' })));
    const places = [ids(order.held.standing), ids(order.held.shelved)];
    for (let step = 0; step < 5; step += 1) {
      const now = Array.from({ length: 40 }, (_, id) => alarm(id, { repeats: step, shelved_until: below(3) ? null : 'later' }))
        .filter(() => below(4));
      const arrived = order.follow(now, isShelved);
      assert.deepEqual([ids(order.held.standing), ids(order.held.shelved)], places);
      const shown = new Map([...order.held.standing, ...order.held.shelved].map((one) => [one.id, one]));
      for (const one of now) assert.ok(shown.get(one.id) === one || arrived.includes(one), 'each is shown or announced');
      for (const one of shown.values()) assert.equal(Boolean(one.gone), !now.some(({ id }) => id === one.id));
    }
  }
});

test('an alarm that is back from the shelf is announced, one that is put aside keeps its place', () => {
  const order = hold([alarm(1)], [alarm(2, { shelved_until: 'later' })]);
  const arrived = order.follow([alarm(1, { shelved_until: 'later' }), alarm(2)], isShelved);
  assert.deepEqual(ids(arrived), [2]);
  assert.ok(order.held.standing[0].shelved_until);
});

test('an empty list has no order to hold', () => {
  assert.equal(hold([]).held, null);
});

test('a group whose alarms are gone keeps its place and counts those that are open', () => {
  const members = [alarm(1, { group_id: 1 }), alarm(2, { group_id: 2 }), alarm(3, { group_id: 1 })];
  const order = hold(groupAlarms(members).flatMap(({ alarms }) => alarms), [], true);
  order.follow([members[1], alarm(9, { group_id: 1, severity: 'critical' })], isShelved);
  const groups = groupAlarms(order.held.standing, { inOrder: true });
  assert.deepEqual(groups.map(({ id, count, unacknowledged }) => [id, count, unacknowledged]), [[1, 0, []], [2, 1, [2]]]);
  assert.deepEqual(ids(groups[0].alarms), [1, 3]);
});
