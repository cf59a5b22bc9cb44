import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SceneWish } from '../src/map/scene-wish.js';

/** A server that answers when the test says so, with what it was asked. */
function build() {
  const asked = [];
  const wish = new SceneWish((edition, signal) => new Promise((resolve, reject) => {
    asked.push({ edition, signal, answer: () => resolve({ ...edition }), fail: () => reject(new Error('503')) });
    signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
  }));
  return { wish, asked };
}

const OPENING = { metric: 'residents', style: 'night' };

test('two actions in quick succession are both granted, by the newest request alone', async () => {
  const { wish, asked } = build();
  const found = [wish.ask(OPENING), wish.ask({ metric: 'floors' }), wish.ask({ style: 'day' })];
  asked[2].answer();
  const both = { metric: 'floors', style: 'day' };
  assert.deepEqual(await Promise.all(found), [null, null, { wish: both, answer: both }]);
  assert.deepEqual(asked.map(({ signal }) => signal.aborted), [true, true, false]);
});

test('an answer that comes in spite of being given up is not shown', async () => {
  const asked = [];
  const wish = new SceneWish((edition) => new Promise((resolve) => { asked.push(() => resolve(edition)); }));
  const first = wish.ask(OPENING);
  const second = wish.ask({ metric: 'use' });
  for (const answer of asked.reverse()) answer();
  assert.equal(await first, null);
  assert.equal((await second).wish.metric, 'use');
});

test('after a failure the whole wish is asked for again', async () => {
  const { wish, asked } = build();
  wish.ask(OPENING);
  const failed = wish.ask({ style: 'day' });
  asked[1].fail();
  await assert.rejects(failed, /503/);
  assert.ok(wish.holds({ style: 'day' }));
  const again = wish.ask({});
  asked[2].answer();
  assert.deepEqual((await again).answer, { metric: 'residents', style: 'day' });
});

test('a wish holds what was asked last, answered or not', () => {
  const { wish } = build();
  assert.ok(!wish.holds({ metric: 'residents' }));
  wish.ask(OPENING);
  assert.ok(wish.holds(OPENING) && wish.holds({ style: 'night' }) && !wish.holds({ style: 'day' }));
});
