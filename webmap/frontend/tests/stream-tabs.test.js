import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedStream } from '../src/shared-stream.js';
import { REOPEN_AFTER, STALE_AFTER } from '../src/stream.js';
import { FORGOTTEN_AFTER, PING_EVERY, Tabs } from '../src/stream-tabs.js';

/** A clock that stands still until `pass` moves it in steps of half a second; timers of all who share it. */
function makeClock() {
  const clock = {
    time: 0,
    timers: new Map(),
    now: () => clock.time,
    setInterval: (callback, ms) => {
      const timer = { callback, ms, due: clock.time + ms };
      clock.timers.set(timer, timer);
      return timer;
    },
    clearInterval: (timer) => clock.timers.delete(timer),
    pass: async (ms) => {
      for (let end = clock.time + ms; clock.time < end;) {
        clock.time += 500;
        for (const timer of [...clock.timers.values()]) {
          while (timer.due <= clock.time && clock.timers.has(timer)) {
            timer.due += timer.ms;
            timer.callback();
          }
        }
        await settled();
      }
    },
  };
  return clock;
}

const settled = async () => { for (let turn = 0; turn < 10; turn += 1) await null; };

/** Two ends of a MessageChannel whose messages arrive in order, unless an end is `deaf`. */
function makeChannel() {
  const ends = [{}, {}];
  for (const [index, end] of ends.entries()) {
    const other = ends[1 - index];
    Object.assign(end, {
      closed: false,
      deaf: false,
      waiting: [],
      close: () => { end.closed = true; },
      postMessage: (data) => {
        const message = structuredClone(data);
        if (!end.closed) queueMicrotask(() => (other.deaf ? other.waiting.push(message) : other.take(message)));
      },
      take: (data) => !end.closed && end.onmessage?.({ data }),
      thaw: () => {
        end.deaf = false;
        for (const data of end.waiting.splice(0)) end.take(data);
      },
    });
  }
  return ends;
}

/** A worker with a stream that the test speaks through, and tabs. */
function build() {
  const clock = makeClock();
  const streams = [];
  const asked = [];
  const makeStream = (callbacks) => {
    const stream = {
      ...callbacks,
      open: false,
      calls: [],
      start: () => { stream.open = true; callbacks.onStatus({ state: 'connecting', since: null }); },
      stop: () => { stream.open = false; },
      live: () => callbacks.onStatus({ state: 'live', since: clock.time }),
      begin: (seq, alarms = []) => {
        callbacks.onGap();
        callbacks.onMessage('snapshot', { seq, alarms }, seq);
        stream.live();
      },
      check: () => stream.calls.push('check'),
      hurry: () => stream.calls.push('hurry'),
      restart: () => stream.calls.push('restart'),
    };
    streams.push(stream);
    return stream;
  };
  const tabs = new Tabs({
    makeStream, clock, fetchSnapshot: () => new Promise((resolve, reject) => { asked.push({ resolve, reject }); }),
  });
  const worker = { dead: false, deaf: false };
  const makeTab = () => {
    const tab = { messages: [], gaps: 0, states: [], unusable: 0, ends: [] };
    tab.stream = new SharedStream({
      clock,
      connect: () => {
        const [mine, theirs] = makeChannel();
        tab.ends.push(mine);
        if (!worker.dead) tabs.join(theirs);
        return mine;
      },
      onMessage: (name, data) => tab.messages.push([name, data]),
      onGap: () => { tab.gaps += 1; },
      onStatus: ({ state, since }) => tab.states.push([state, since]),
      onServerTime: (time) => { tab.serverTime = time; },
      onUnusable: () => { tab.unusable += 1; },
    });
    tab.state = () => tab.states.at(-1)[0];
    tab.stream.start();
    return tab;
  };
  return { clock, tabs, streams, asked, makeTab, worker };
}

test('two tabs hear one stream, and the last one ends it', async () => {
  const { clock, tabs, streams, makeTab } = build();
  const [first, second] = [makeTab(), makeTab()];
  await settled();
  streams[0].begin(4);
  streams[0].onMessage('alarm', { id: 1 }, 5);
  streams[0].onServerTime('2026-05-09T00:00:00Z');
  await settled();
  assert.equal(streams.length, 1);
  for (const tab of [first, second]) {
    assert.deepEqual(tab.messages, [['snapshot', { seq: 4, alarms: [] }], ['alarm', { id: 1 }]]);
    assert.equal(tab.state(), 'live');
    assert.equal(tab.gaps, 1);
    assert.equal(tab.serverTime, '2026-05-09T00:00:00Z');
  }
  first.stream.stop();
  await settled();
  assert.ok(streams[0].open);
  second.stream.stop();
  await settled();
  assert.equal(streams[0].open, false);
  assert.equal(tabs.size, 0);
  assert.equal(clock.timers.size, 0);
});

test('a tab that comes later is given a snapshot of now, then what the stream told since, and then is live', async () => {
  const { streams, asked, makeTab } = build();
  makeTab();
  await settled();
  streams[0].begin(4);
  const late = makeTab();
  await settled();
  assert.equal(late.gaps, 1, 'tiles that it asks for from now on are told about');
  streams[0].onMessage('alarm', { id: 1 }, 5);
  streams[0].onMessage('tiles-changed', { changes: [] }, 6);
  streams[0].onMessage('alarm', { id: 2 }, 7);
  await settled();
  assert.deepEqual(late.messages, [], 'a change before the snapshot would be overwritten by it');
  assert.equal(late.state(), 'connecting');
  asked[0].resolve({ seq: 6, alarms: [{ id: 1 }] });
  await settled();
  assert.deepEqual(late.messages, [
    ['snapshot', { seq: 6, alarms: [{ id: 1 }] }], ['tiles-changed', { changes: [] }], ['alarm', { id: 2 }],
  ]);
  assert.equal(late.state(), 'live');
  streams[0].onMessage('alarm', { id: 3 }, 8);
  await settled();
  assert.equal(late.messages.length, 4);
});

test('a stream that begins anew is quicker than the snapshot that was asked for', async () => {
  const { streams, asked, makeTab } = build();
  makeTab();
  await settled();
  streams[0].begin(4);
  const late = makeTab();
  await settled();
  streams[0].begin(9, [{ id: 9 }]);
  asked[0].resolve({ seq: 5, alarms: [] });
  await settled();
  assert.deepEqual(late.messages, [['snapshot', { seq: 9, alarms: [{ id: 9 }] }]]);
  assert.equal(late.state(), 'live');
});

test('a snapshot that does not come has the stream begin anew', async () => {
  const { streams, asked, makeTab } = build();
  makeTab();
  await settled();
  streams[0].begin(4);
  const late = makeTab();
  await settled();
  asked[0].reject(new Error('502'));
  await settled();
  assert.deepEqual(streams[0].calls, ['restart']);
  streams[0].begin(5);
  await settled();
  assert.equal(late.messages.length, 1);
  assert.equal(late.state(), 'live');
});

test('a tab that comes while the stream is silent is not said to be live without a snapshot', async () => {
  const { streams, asked, makeTab } = build();
  makeTab();
  await settled();
  streams[0].begin(4);
  streams[0].onStatus({ state: 'stale', since: 0 });
  const late = makeTab();
  await settled();
  assert.equal(asked.length, 0);
  streams[0].live(); // a heartbeat
  await settled();
  assert.equal(late.state(), 'connecting');
  asked[0].resolve({ seq: 4, alarms: [] });
  await settled();
  assert.equal(late.state(), 'live');
});

test('trouble of the stream is told to every tab, with its age by the tab\'s own clock', async () => {
  const { clock, streams, makeTab } = build();
  const tab = makeTab();
  await settled();
  await clock.pass(3000);
  streams[0].begin(4);
  await clock.pass(9000);
  streams[0].onStatus({ state: 'stale', since: 3000 });
  await settled();
  assert.deepEqual(tab.states.at(-1), ['stale', 3000]);
});

test('a tab that died is forgotten, and the stream with the last one', async () => {
  const { clock, tabs, streams, makeTab } = build();
  const tab = makeTab();
  await settled();
  streams[0].begin(1);
  await settled();
  tab.stream.clearInterval = () => {};
  clock.timers.delete([...clock.timers.values()].find((timer) => timer.ms === 500)); // its own watch died with it
  tab.ends[0].deaf = true;
  await clock.pass(FORGOTTEN_AFTER - PING_EVERY);
  assert.equal(tabs.size, 1);
  await clock.pass(2 * PING_EVERY);
  assert.equal(tabs.size, 0);
  assert.equal(streams[0].open, false);
});

test('a tab that thaws after it was forgotten is stale at once and begins anew', async () => {
  const { clock, tabs, streams, asked, makeTab } = build();
  const [frozen, other] = [makeTab(), makeTab()];
  await settled();
  streams[0].begin(1);
  await settled();
  const watch = [...clock.timers.values()].find((timer) => timer.ms === 500);
  clock.timers.delete(watch);
  frozen.ends[0].deaf = true;
  await clock.pass(FORGOTTEN_AFTER + PING_EVERY);
  assert.equal(tabs.size, 1);
  frozen.ends[0].thaw();
  assert.equal(frozen.state(), 'stale');
  await settled();
  asked[0].resolve({ seq: 7, alarms: [] });
  await settled();
  assert.equal(frozen.state(), 'live');
  assert.equal(frozen.messages.at(-1)[1].seq, 7);
  assert.equal(other.state(), 'live');
});

test('a worker that ends without a word is noticed like a silent network, and another one is asked for', async () => {
  const { clock, streams, makeTab, worker } = build();
  const tab = makeTab();
  await settled();
  streams[0].begin(1);
  await settled();
  tab.ends[0].deaf = true;
  worker.dead = true;
  await clock.pass(STALE_AFTER - PING_EVERY);
  assert.equal(tab.state(), 'live');
  await clock.pass(PING_EVERY + 500);
  assert.equal(tab.state(), 'stale');
  await clock.pass(REOPEN_AFTER - STALE_AFTER);
  assert.equal(tab.ends.length, 2);
  assert.equal(tab.unusable, 0);
});

test('a worker that never speaks, or cannot be loaded, leaves the tab to itself', async () => {
  for (const trouble of ['silent', 'error']) {
    const { clock, makeTab, worker } = build();
    worker.dead = true;
    const tab = makeTab();
    if (trouble === 'error') tab.stream.fail();
    else await clock.pass(REOPEN_AFTER);
    assert.equal(tab.unusable, 1);
    assert.equal(clock.timers.size, 0);
  }
});

test('the return of the network and of the person are passed on', async () => {
  const { streams, makeTab } = build();
  const tab = makeTab();
  await settled();
  tab.stream.hurry();
  tab.stream.check();
  await settled();
  assert.deepEqual(streams[0].calls, ['hurry', 'check']);
});
