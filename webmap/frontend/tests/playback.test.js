import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, freshness, HOUR, Playback, shownAt, trailOf } from '../src/events/playback.js';
import { Store } from '../src/store.js';

const WINDOW = { from: 0, to: 14 * HOUR };

function made({ stepwise = false } = {}) {
  const store = new Store({ nextFrame: (callback) => callback() });
  const asked = [];
  const playback = new Playback({ store, nextFrame: (callback) => asked.push(callback), stepwise: () => stepwise });
  playback.reset(WINDOW);
  let now = 1000;
  const frame = (ms) => {
    now += ms;
    asked.splice(0).forEach((callback) => callback(now));
  };
  return { playback, frame, asked, state: () => store.state.playback };
}

test('at 1× an hour passes in a second, at 16× sixteen', () => {
  assert.equal(advance(0, 1000, 1, WINDOW.to), HOUR);
  assert.equal(advance(HOUR, 500, 4, WINDOW.to), 3 * HOUR);
  assert.equal(advance(0, 1000, 16, WINDOW.to), WINDOW.to);
});

test('the head follows the frames, asks for one at a time, and stops at the end', () => {
  const { playback, frame, asked, state } = made();
  playback.play();
  playback.play();
  frame(0);
  assert.equal(asked.length, 1);
  for (let round = 0; round < 20; round += 1) frame(100);
  assert.ok(Math.abs(state().head - 2 * HOUR) < 1, state().head);
  playback.setSpeed(16);
  for (let round = 0; round < 10; round += 1) frame(100);
  assert.equal(state().head, WINDOW.to);
  assert.equal(state().playing, false);
  assert.equal(asked.length, 0);
  assert.equal(state().on, true);
  playback.play();
  assert.equal(state().head, 0);
});

test('a page that was hidden goes on where it was', () => {
  const { playback, frame, state } = made();
  playback.play();
  frame(0);
  frame(3_600_000);
  assert.equal(state().head, HOUR);
});

test('a pause stands still, and the head can be put anywhere inside the window', () => {
  const { playback, frame, asked, state } = made();
  playback.toggle();
  frame(0);
  frame(500);
  playback.toggle();
  frame(500);
  assert.equal(state().head, HOUR / 2);
  assert.equal(asked.length, 0);
  playback.seek(1e12);
  assert.equal(state().head, WINDOW.to);
  playback.seek(-5);
  assert.equal(state().head, 0);
  assert.equal(state().playing, false);
  playback.stop();
  assert.equal(state().on, false);
});

test('who dislikes motion sees steps of a second', () => {
  const { playback, frame, state } = made({ stepwise: true });
  const heads = new Set();
  playback.play();
  for (let round = 0; round <= 30; round += 1) {
    frame(100);
    heads.add(state().head);
  }
  assert.deepEqual([...heads], [0, HOUR, 2 * HOUR, 3 * HOUR]);
});

test('a window without length is not played', () => {
  const { playback, asked } = made();
  playback.reset({ from: 5, to: 5 });
  playback.play();
  assert.equal(asked.length, 0);
});

test('what is shown ends at the head, is a trail long, and fades to its end', () => {
  assert.equal(trailOf(WINDOW), HOUR);
  assert.equal(trailOf({ from: 0, to: 7 * 24 * HOUR }), 6 * HOUR);
  assert.equal(trailOf({ from: 0, to: 90 * 24 * HOUR }), 24 * HOUR);
  assert.deepEqual(shownAt(HOUR / 2, { from: 0, trail: HOUR }), { from: 0, to: HOUR / 2 });
  assert.deepEqual(shownAt(3 * HOUR, { from: 0, trail: HOUR }), { from: 2 * HOUR, to: 3 * HOUR });
  assert.deepEqual([0, 0.5, 1, 2].map((back) => freshness(10 * HOUR - back * HOUR, 10 * HOUR, HOUR)), [1, 0.5, 0, 0]);
});
