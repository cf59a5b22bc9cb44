import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff, BACKOFF_MOST, LiveStream, REOPEN_AFTER, STALE_AFTER } from '../src/live/stream.js';

/** An EventSource that the test speaks through. */
class Source {
  constructor() {
    this.listeners = {};
    this.closed = false;
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  close() {
    this.closed = true;
  }

  send(name, data) {
    this.listeners[name]({ data: typeof data === 'string' ? data : JSON.stringify(data) });
  }

  fail() {
    this.listeners.error({});
  }
}

/** A stream with a clock that stands still until `pass` moves it in steps of half a second. */
function build() {
  const sources = [];
  const states = [];
  const messages = [];
  const gaps = [];
  const clock = { time: 0, tick: null };
  const stream = new LiveStream({
    url: '/api/live',
    connect: () => sources[sources.push(new Source()) - 1],
    onMessage: (name, data) => messages.push([name, data]),
    onGap: () => gaps.push(clock.time),
    onStatus: ({ state }) => states.push([state, clock.time]),
    onServerTime: (time) => { clock.server = time; },
    clock: {
      now: () => clock.time, random: () => 1, clearInterval: () => { clock.tick = null; },
      setInterval: (callback) => { clock.tick = callback; return 1; },
    },
  });
  const pass = (ms) => {
    for (let end = clock.time + ms; clock.time < end;) {
      clock.time += 500;
      clock.tick?.();
    }
  };
  stream.start();
  return { stream, sources, states, messages, gaps, clock, pass };
}

const states = (list) => list.map(([state]) => state);

test('live begins with the first message, not with the connection', () => {
  const { sources, states: seen, messages, clock } = build();
  assert.deepEqual(states(seen), ['connecting']);
  sources[0].send('snapshot', { alarms: [], now: '2026-05-09T00:00:00Z' });
  assert.deepEqual(states(seen), ['connecting', 'live']);
  assert.equal(messages[0][0], 'snapshot');
  assert.equal(clock.server, '2026-05-09T00:00:00Z');
});

test('a closed socket is stale at once, and a new one is opened within a second', () => {
  const { sources, states: seen, pass } = build();
  sources[0].send('snapshot', {});
  sources[0].fail();
  assert.deepEqual(states(seen), ['connecting', 'live', 'stale']);
  assert.ok(sources[0].closed, 'the browser must not go on by itself');
  pass(1000);
  assert.equal(sources.length, 2);
  sources[1].send('snapshot', {});
  assert.equal(states(seen).at(-1), 'live');
});

test('a silent network is stale 8 s and opened anew 12 s after the last heartbeat', () => {
  const { sources, states: seen, pass, clock } = build();
  sources[0].send('heartbeat', { seq: 1 });
  pass(STALE_AFTER - 500);
  assert.equal(states(seen).at(-1), 'live');
  pass(500);
  assert.deepEqual(seen.at(-1), ['stale', STALE_AFTER]);
  pass(REOPEN_AFTER - STALE_AFTER);
  assert.ok(sources[0].closed);
  pass(1000);
  assert.equal(sources.length, 2);
  assert.ok(clock.time <= REOPEN_AFTER + 1000);
});

test('heartbeats keep it live for ever and reach nobody else', () => {
  const { sources, states: seen, messages, pass } = build();
  sources[0].send('snapshot', {});
  for (let beat = 0; beat < 100; beat += 1) {
    pass(5000);
    sources[0].send('heartbeat', { seq: beat });
  }
  assert.deepEqual(states(seen), ['connecting', 'live']);
  assert.equal(messages.length, 1);
  assert.equal(sources.length, 1);
});

test('a connection that never says anything is given up like a silent one', () => {
  const { sources, states: seen, pass } = build();
  pass(STALE_AFTER);
  assert.equal(states(seen).at(-1), 'stale');
  pass(REOPEN_AFTER - STALE_AFTER + 1000);
  assert.equal(sources.length, 2);
});

test('a proxy that answers with its own page is asked again and again, ever more slowly', () => {
  const { sources, pass } = build();
  const gaps = [];
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const before = sources.length;
    sources.at(-1).fail();
    let waited = 0;
    while (sources.length === before) {
      pass(500);
      waited += 500;
      assert.ok(waited <= BACKOFF_MOST + 500);
    }
    gaps.push(waited);
  }
  assert.ok(gaps.at(-1) > gaps[0]);
  sources.at(-1).send('snapshot', {});
  sources.at(-1).fail();
  pass(500);
  assert.equal(sources.length, 14, 'a message sets the back-off to its beginning');
});

test('back-off doubles up to its most, and jitter takes up to half of it away', () => {
  assert.equal(backoff(0, () => 1), 500);
  assert.equal(backoff(3, () => 1), 4000);
  assert.equal(backoff(50, () => 1), BACKOFF_MOST);
  assert.equal(backoff(3, () => 0), 2000);
});

test('resync waits for the new snapshot on the same stream', () => {
  const { sources, messages, pass } = build();
  sources[0].send('snapshot', { seq: 1 });
  sources[0].send('resync', {});
  sources[0].send('snapshot', { seq: 2 });
  pass(5000);
  assert.equal(sources.length, 1);
  assert.equal(messages.at(-1)[1].seq, 2);
});

test('a gap is told when a stream begins and when the server had to drop messages, and at no other time', () => {
  const { sources, gaps, pass } = build();
  sources[0].send('open');
  sources[0].send('snapshot', { seq: 1 });
  sources[0].send('heartbeat', {});
  assert.deepEqual(gaps, [0]);
  pass(500);
  sources[0].send('resync', {});
  sources[0].send('snapshot', { seq: 9 });
  assert.deepEqual(gaps, [0, 500]);
  sources[0].fail();
  sources[0].send('open');
  pass(1000);
  sources[1].send('open');
  assert.deepEqual(gaps, [0, 500, 1500]);
});

test('resync without a snapshot opens a new stream', () => {
  const { sources, pass } = build();
  sources[0].send('snapshot', { seq: 1 });
  sources[0].send('resync', {});
  pass(4000);
  assert.equal(sources.length, 2);
});

test('half a message ends the stream instead of the page', () => {
  const { sources, states: seen } = build();
  sources[0].send('snapshot', {});
  sources[0].send('alarm', '{"id": 1, "sev');
  assert.equal(states(seen).at(-1), 'stale');
});

test('what a closed stream still says is not heard', () => {
  const { sources, messages, pass } = build();
  sources[0].fail();
  pass(1000);
  sources[0].send('alarm', { id: 1 });
  sources[0].fail();
  assert.deepEqual(messages, []);
  assert.equal(sources.length, 2);
});

test('the return of the network ends the wait', () => {
  const { stream, sources, pass } = build();
  for (let attempt = 0; attempt < 8; attempt += 1) {
    sources.at(-1).fail();
    pass(BACKOFF_MOST);
  }
  const before = sources.length;
  sources.at(-1).fail();
  stream.hurry();
  assert.equal(sources.length, before + 1);
});

test('a stopped stream stays stopped', () => {
  const { stream, sources, clock, pass } = build();
  stream.stop();
  pass(60_000);
  assert.equal(clock.tick, null);
  assert.ok(sources[0].closed);
  assert.equal(sources.length, 1);
});
