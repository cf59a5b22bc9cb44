import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClassCounts, PAUSE } from '../src/buildings/class-counts.js';
import { Store } from '../src/store.js';

function page() {
  const frames = [];
  const timers = [];
  const asked = [];
  const store = new Store({ nextFrame: (callback) => frames.push(callback) });
  const clock = { setTimeout: (callback, delay) => timers.push({ callback, delay }) };
  const request = (url, { signal }) => new Promise((resolve, reject) => { asked.push({ url, signal, resolve, reject }); });
  const counts = new ClassCounts({ store, url: '/classes', request, clock });
  const settle = async () => {
    for (let round = 0; round < 4; round += 1) {
      frames.splice(0).forEach((callback) => callback());
      await Promise.resolve();
    }
  };
  const legend = (metric, live = false) => store.set('scene', {
    scene: { ...store.state.scene, legend: [{ layer: 'buildings', metric, live }] },
  });
  return { store, counts, timers, asked, settle, legend };
}

const answer = (metric, age_s = 0) => ({ metric, classes: [1], none: 0, age_s, kept_s: 5 });
const changed = (layer, maxzoom = 22) => ({ changes: [{ layer, maxzoom, minzoom: 0, z: 14, cells: [] }] });

test('the counts of a metric are asked once, and an answer for the one before is dropped', async () => {
  const { store, asked, settle, legend } = page();
  legend('use');
  await settle();
  legend('floors');
  await settle();
  store.touch('view');
  await settle();
  assert.deepEqual(asked.map(({ url }) => url), ['/classes?metric=use', '/classes?metric=floors']);
  assert.ok(asked[0].signal.aborted);
  asked[1].resolve(answer('floors'));
  asked[0].resolve(answer('use'));
  await settle();
  assert.equal(store.state.classCounts.metric, 'floors');
});

test('a burst of changes of buildings is one question after a pause; other changes are none', async () => {
  const { counts, timers, asked, settle, legend } = page();
  legend('use');
  await settle();
  for (const other of [changed('events'), changed('buildings', 12)]) counts.hears['tiles-changed'](other);
  assert.equal(timers.length, 0);
  for (let number = 0; number < 50; number += 1) counts.hears['tiles-changed'](changed('buildings'));
  assert.deepEqual(timers.map(({ delay }) => delay), [PAUSE]);
  timers[0].callback();
  await settle();
  assert.equal(asked.length, 2);
});

test('an answer that the server had kept is asked for once more when it is made anew', async () => {
  const { timers, asked, settle, legend } = page();
  legend('use');
  await settle();
  asked[0].resolve(answer('use', 2));
  await settle();
  assert.deepEqual(timers.map(({ delay }) => delay), [3000]);
  timers[0].callback();
  await settle();
  asked[1].resolve(answer('use'));
  await settle();
  assert.equal(timers.length, 1);
});

test('nothing is asked while no counts are to be seen, and what was missed is asked for afterwards', async () => {
  const { store, counts, timers, asked, settle, legend } = page();
  store.state.folded.add('metric');
  legend('use');
  await settle();
  store.state.folded.clear();
  store.set('view', { cellSides: [260, 260] });
  await settle();
  legend('alarms', true);
  store.set('view', { cellSides: null });
  await settle();
  assert.equal(asked.length, 0);
  counts.streamBegan();
  timers[0].callback();
  legend('use');
  await settle();
  assert.equal(asked.length, 1);
});

test('without an answer there are no counts, and the next change asks again', async () => {
  const { store, counts, timers, asked, settle, legend } = page();
  legend('use');
  await settle();
  asked[0].resolve(answer('use'));
  await settle();
  counts.hears['tiles-changed'](changed('buildings'));
  timers[0].callback();
  await settle();
  asked[1].reject(new Error('gone'));
  await settle();
  assert.equal(store.state.classCounts, null);
  counts.hears['tiles-changed'](changed('buildings'));
  timers[1].callback();
  await settle();
  assert.equal(asked.length, 3);
});
