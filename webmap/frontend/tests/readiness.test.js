import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Readiness } from '../src/map/readiness.js';

/** A map whose tiles, frames and graphics card the test moves by hand. */
class City {
  constructor() {
    this.listeners = {};
    this.loaded = true;
    this.fences = [];
    this.map = {
      on: (name, listener) => { this.listeners[name] = listener; },
      loaded: () => this.loaded,
      isMoving: () => false,
      triggerRepaint: () => { this.repaintWanted = true; },
    };
  }

  mapLoaded() {
    return this.map.loaded();
  }

  layersLoaded() {
    return this.loaded;
  }

  fence() {
    const fence = { done: false, passed: () => fence.done };
    this.fences.push(fence);
    return fence;
  }

  frame() {
    this.repaintWanted = false;
    this.listeners.render();
  }

  cardIsThrough() {
    for (const fence of this.fences) fence.done = true;
  }
}

let city;
let root;
let failures;
let readiness;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  city = new City();
  root = { dataset: {} };
  failures = 0;
  readiness = new Readiness({ cityMap: city, failures: () => failures, root });
});
afterEach(() => mock.timers.reset());

const wait = (milliseconds = 1000) => mock.timers.tick(milliseconds);

test('the picture is ready when the card is through with a frame that had everything', () => {
  readiness.pending();
  city.frame();
  wait();
  assert.equal(root.dataset.scene, 'loading');
  city.cardIsThrough();
  wait();
  assert.equal(root.dataset.scene, 'ready');
});

test('a frame drawn before the last tile came does not count, and another one is asked for', () => {
  city.loaded = false;
  readiness.pending();
  city.frame();
  city.cardIsThrough();
  city.loaded = true;
  wait();
  assert.equal(root.dataset.scene, 'loading');
  assert.ok(city.repaintWanted);
  city.frame();
  city.cardIsThrough();
  wait();
  assert.equal(root.dataset.scene, 'ready');
});

test('something new to draw makes an older frame worthless', () => {
  readiness.pending();
  city.frame();
  readiness.pending();
  city.cardIsThrough();
  wait();
  assert.equal(root.dataset.scene, 'loading');
});

test('frames that follow one another do not put the answer off', () => {
  readiness.pending();
  city.frame();
  city.frame();
  assert.equal(city.fences.length, 1);
});

test('missing tiles keep the picture from being called ready', () => {
  failures = 1;
  readiness.pending();
  city.frame();
  city.cardIsThrough();
  wait();
  assert.equal(root.dataset.scene, 'loading');
});
