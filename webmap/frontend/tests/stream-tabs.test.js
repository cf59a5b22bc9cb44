import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REOPEN_AFTER, STALE_AFTER } from '../src/live/stream.js';
import { FORGOTTEN_AFTER, PING_EVERY } from '../src/live/stream-tabs.js';
import { begun, build, settled } from './tabs.js';

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
  const { stream, asked, makeTab } = await begun();
  const late = makeTab();
  await settled();
  assert.equal(late.gaps, 1, 'tiles that it asks for from now on are told about');
  stream.onMessage('alarm', { id: 1 }, 5);
  stream.onMessage('tiles-changed', { changes: [] }, 6);
  stream.onMessage('alarm', { id: 2 }, 7);
  await settled();
  assert.deepEqual(late.messages, [], 'a change before the snapshot would be overwritten by it');
  assert.equal(late.state(), 'connecting');
  asked[0].resolve({ seq: 6, alarms: [{ id: 1 }] });
  await settled();
  assert.deepEqual(late.messages, [
    ['snapshot', { seq: 6, alarms: [{ id: 1 }] }], ['tiles-changed', { changes: [] }], ['alarm', { id: 2 }],
  ]);
  assert.equal(late.state(), 'live');
  stream.onMessage('alarm', { id: 3 }, 8);
  await settled();
  assert.equal(late.messages.length, 4);
});

test('a stream that begins anew is quicker than the snapshot that was asked for', async () => {
  const { stream, asked, makeTab } = await begun();
  const late = makeTab();
  await settled();
  stream.begin(9, [{ id: 9 }]);
  asked[0].resolve({ seq: 5, alarms: [] });
  await settled();
  assert.deepEqual(late.messages, [['snapshot', { seq: 9, alarms: [{ id: 9 }] }]]);
  assert.equal(late.state(), 'live');
});

test('a snapshot that does not come has the stream begin anew', async () => {
  const { stream, asked, makeTab } = await begun();
  const late = makeTab();
  await settled();
  asked[0].reject(new Error('502'));
  await settled();
  assert.deepEqual(stream.calls, ['restart']);
  stream.begin(5);
  await settled();
  assert.equal(late.messages.length, 1);
  assert.equal(late.state(), 'live');
});

test('a tab that comes while the stream is silent is not said to be live without a snapshot', async () => {
  const { stream, asked, makeTab } = await begun();
  stream.onStatus({ state: 'stale', since: 0 });
  const late = makeTab();
  await settled();
  assert.equal(asked.length, 0);
  stream.live(); // a heartbeat
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
  const { clock, tabs, stream, first } = await begun();
  first.freeze();
  await clock.pass(FORGOTTEN_AFTER - PING_EVERY);
  assert.equal(tabs.size, 1);
  await clock.pass(2 * PING_EVERY);
  assert.equal(tabs.size, 0);
  assert.equal(stream.open, false);
});

test('a tab that thaws after it was forgotten is stale at once and begins anew', async () => {
  const { clock, tabs, asked, makeTab, first: frozen } = await begun();
  const other = makeTab();
  await settled();
  asked[0].resolve({ seq: 4, alarms: [] });
  frozen.freeze();
  await clock.pass(FORGOTTEN_AFTER + PING_EVERY);
  assert.equal(tabs.size, 1);
  frozen.ends[0].thaw();
  assert.equal(frozen.state(), 'stale');
  await settled();
  asked[1].resolve({ seq: 7, alarms: [] });
  await settled();
  assert.equal(frozen.state(), 'live');
  assert.equal(frozen.messages.at(-1)[1].seq, 7);
  assert.equal(other.state(), 'live');
});

test('a worker that ends without a word is noticed like a silent network, and another one is asked for', async () => {
  const { clock, first, worker } = await begun();
  first.ends[0].deaf = true;
  worker.dead = true;
  await clock.pass(STALE_AFTER - PING_EVERY);
  assert.equal(first.state(), 'live');
  await clock.pass(PING_EVERY + 500);
  assert.equal(first.state(), 'stale');
  await clock.pass(REOPEN_AFTER - STALE_AFTER);
  assert.equal(first.ends.length, 2);
  assert.equal(first.unusable, 0);
});

test('a tab whose worker ended and cannot be had again has a stream of its own', async () => {
  const { clock, first, worker } = await begun();
  first.ends[0].deaf = true;
  worker.dead = true;
  await clock.pass(2 * REOPEN_AFTER + 1000);
  assert.equal(first.unusable, 1);
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
  const { stream, first } = await begun();
  first.stream.hurry();
  first.stream.check();
  await settled();
  assert.deepEqual(stream.calls, ['hurry', 'check']);
});
