import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageStream } from '../src/live/page-stream.js';
import { REOPEN_AFTER } from '../src/live/stream.js';

const CONFIG = {
  urls: { live: '/api/live', snapshot: '/api/snapshot', streamWorker: '/static/worker.js' }, account: 'demo', me: { roles: ['wall', 'viewer'] },
};

/** A browser whose worker says nothing until the test speaks for it, and a page that a test puts aside. */
function build({ workers = true } = {}) {
  const made = { workers: [], sources: [], states: [], listeners: new Map(), time: 0, ticks: new Set() };
  const port = () => ({ said: [], postMessage(message) { this.said.push(message.type); }, close() { this.closed = true; } });
  class SharedWorker {
    constructor(url, { name }) {
      Object.assign(this, { url, name, port: port(), addEventListener: (_, listener) => { this.broken = listener; } });
      made.workers.push(this);
    }
  }
  class EventSource {
    constructor(url) {
      Object.assign(this, { url, addEventListener() {}, close: () => { this.closed = true; } });
      made.sources.push(this);
    }
  }
  const target = { addEventListener: (name, listener) => made.listeners.set(name, listener) };
  const stream = new PageStream({
    config: CONFIG, browser: { EventSource, SharedWorker: workers ? SharedWorker : undefined },
    heard: { onMessage() {}, onGap() {}, onServerTime() {}, onStatus: ({ state }) => made.states.push(state) },
    clock: {
      now: () => made.time,
      setInterval: (callback) => { made.ticks.add(callback); return callback; }, clearInterval: (callback) => made.ticks.delete(callback),
    },
  });
  stream.start();
  stream.follow({ page: target, document: target });
  const pass = (ms) => {
    made.time += ms;
    for (const tick of [...made.ticks]) tick();
  };
  return { ...made, pass, tell: (name, event = {}) => made.listeners.get(name)(event) };
}

test('pages of one account and role share a worker, which is told where the stream is', () => {
  const { workers: [worker], sources } = build();
  assert.equal(worker.name, 'stream of demo as wall viewer');
  assert.equal(worker.url, '/static/worker.js?live=%2Fapi%2Flive&snapshot=%2Fapi%2Fsnapshot');
  assert.equal(sources.length, 0);
});

test('a page has a stream of its own where there is no shared worker, where it cannot be loaded, and where it never says anything', () => {
  const without = build({ workers: false });
  assert.deepEqual(without.sources.map(({ url }) => url), ['/api/live']);
  const broken = build();
  broken.workers[0].broken();
  assert.equal(broken.sources.length, 1);
  const mute = build();
  mute.pass(REOPEN_AFTER);
  assert.equal(mute.sources.length, 1);
  assert.equal(mute.workers[0].port.closed, true);
});

test('a page that is put aside lets go of its stream, and takes it up on the way back', () => {
  const { sources, tell, workers } = build();
  tell('visibilitychange');
  tell('online');
  assert.deepEqual(workers[0].port.said, ['hello', 'check', 'hurry']);
  tell('pagehide');
  assert.equal(workers[0].port.closed, true);
  tell('pageshow', { persisted: false });
  assert.equal(workers.length, 1);
  tell('pageshow', { persisted: true });
  assert.equal(workers.length, 2);
  assert.equal(sources.length, 0);
});
