import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Parts, PLANES } from '../src/parts.js';

test('layers lie in the order of their planes, and in a plane in the order of the parts', () => {
  const parts = new Parts([
    { layers: () => ({ marked: ['mark'], ground: ['fill'] }) },
    { layers: ({ state }) => ({ standing: [state.tower], ground: ['another fill'] }) },
    { linked: () => ({}) },
  ]);
  assert.deepEqual(parts.layers({ state: { tower: 'tower' } }), ['fill', 'another fill', 'tower', 'mark']);
  assert.ok(PLANES.indexOf('ground') < PLANES.indexOf('standing') && PLANES.indexOf('standing') < PLANES.indexOf('over'));
});

test('a click goes to the part that owns the layer it met, and to none when it met nothing', () => {
  const [one, other] = [{ picks: ['a', 'b'] }, { picks: ['c'] }];
  const parts = new Parts([one, {}, other]);
  assert.deepEqual(parts.picks(), ['a', 'b', 'c']);
  assert.equal(parts.ofPick({ layer: { id: 'c' } }), other);
  assert.equal(parts.ofPick({ layer: { id: 'z' } }), undefined);
  assert.equal(parts.ofPick(null), undefined);
});

test('an event of the stream is heard by every part that listens for it, in order', () => {
  const heard = [];
  const listen = (name) => ({ hears: { alarm: (data) => heard.push([name, data]) } });
  const parts = new Parts([listen('first'), {}, { hears: { event: () => heard.push('wrong') } }, listen('second')]);
  parts.receive('alarm', 7);
  parts.receive('toString', 8);
  assert.deepEqual(heard, [['first', 7], ['second', 7]]);
});

test('Escape puts one thing away at a time, and opening one thing closes the others', () => {
  const done = [];
  const part = (name, open) => ({ putAway: () => open && (done.push(`away ${name}`), true), close: () => done.push(`close ${name}`) });
  const [idle, busy, also] = [part('idle', false), part('busy', true), part('also', true)];
  const parts = new Parts([idle, busy, also]);
  assert.equal(parts.putAway(), true);
  assert.deepEqual(done, ['away busy']);
  parts.tellOthers([busy], 'close');
  assert.deepEqual(done.slice(1), ['close idle', 'close also']);
  assert.equal(new Parts([idle]).putAway(), false);
});

test('what a link carries comes from all parts', () => {
  assert.deepEqual(new Parts([{ linked: () => ({ alarm: 3 }) }, {}, { linked: () => ({ metric: 'use' }) }]).linked(), { alarm: 3, metric: 'use' });
});

test('a part that is alone takes all clicks while it says so', () => {
  let open = false;
  const [one, other] = [{ picks: ['a'], alone: () => open }, { picks: ['b'] }];
  const parts = new Parts([other, one]);
  assert.deepEqual([parts.picks(), parts.alone()], [['b', 'a'], undefined]);
  open = true;
  assert.deepEqual([parts.picks(), parts.alone()], [['a'], one]);
});
