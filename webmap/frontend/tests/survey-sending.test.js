import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBox } from '../src/survey/box.js';
import { putPhoto } from '../src/survey/photo.js';
import { LOST, TRIES } from '../src/survey/pieces.js';
import { exchange, failing, item, opened } from './survey-device.js';

const sentIds = (options) => options.body.edits.map(({ id }) => id);
const states = async (box) => Object.fromEntries((await box.all('edits')).map(({ id, state }) => [id, state]));

test('a form that the server cannot take holds up nothing: the others go, the list is read, and it is put aside and tried later or when asked', async () => {
  const box = new MemoryBox();
  for (let n = 0; n < 45; n += 1) await box.put('edits', item(`e${n}`, { order: n, room: n }));
  // One of them follows the bad one and cannot go before it.
  await box.put('edits', item('after', { order: 50, room: 3, follows: 'e3' }));
  await box.put('photos', { id: 'p', edit: 'e7', keeper: 'K1', blob: 'x' });
  let bad = true;
  const requests = [];
  const { sync, told, timers, clock } = exchange(box, (path, options) => {
    if (options) requests.push(sentIds(options));
    if (options && bad && sentIds(options).includes('e3')) failing(500);
    return null;
  });
  await sync.run();
  const waiting = async () => (await box.all('edits')).filter(({ state }) => state === 'waiting').map(({ id }) => id);
  assert.deepEqual(await waiting(), ['e3', 'after']);
  assert.deepEqual(await box.all('photos'), []);
  assert.ok(told.some(({ day }) => day), 'the list was read');
  assert.deepEqual([told.at(-1).link, told.at(-1).busy, timers.at(-1).ms < 10_000], ['trouble', false, true]);
  // A later form is not kept waiting for it.
  await box.put('edits', item('new', { order: 60, room: 60 }));
  for (let turn = 1; turn < TRIES; turn += 1) await sync.run();
  assert.deepEqual(await waiting(), ['e3', 'after']);
  const { page, store } = await opened(box);
  const before = requests.length;
  await sync.run();
  assert.deepEqual([requests.length, told.at(-1).link], [before, 'ok'], 'it is left alone');
  clock.time += 11 * 60_000;
  await sync.run();
  assert.deepEqual(requests.at(-1), ['e3'], 'after a while it is tried again');
  const tried = requests.length;
  page.sync = { run() {} };
  await page.answers.sendAgain({ item: store.state.items.find(({ id }) => id === 'e3') });
  bad = false;
  await sync.run();
  assert.ok(requests.length > tried, 'and when its keeper asks');
  assert.deepEqual(await waiting(), []);
});

test('a server that fails at every form is asked a few times and not once for each', async () => {
  const box = new MemoryBox();
  for (let n = 0; n < 45; n += 1) await box.put('edits', item(`e${n}`, { order: n, room: n }));
  let posts = 0;
  const { sync, told } = exchange(box, (path, options) => { if (options) { posts += 1; failing(500); } return null; });
  await sync.run();
  assert.ok(posts <= 6, `${posts} requests`);
  assert.ok(told.some(({ day }) => day), 'the list was read');
  assert.deepEqual([...new Set(Object.values(await states(box)))], ['waiting']);
});

test('a photograph that fails is in no other’s way; one that the browser cannot read any more is said, and no lack of network', async () => {
  const box = new MemoryBox();
  await box.put('edits', item('a', { state: 'applied', building_name: '1栋' }));
  const lost = { arrayBuffer: async () => { throw new DOMException('gone', 'NotReadableError'); } };
  const sound = { arrayBuffer: async () => new ArrayBuffer(3) };
  const photo = (id, blob) => box.put('photos', { id, edit: 'a', keeper: 'K1', blob });
  await photo('bad', sound);
  await photo('lost', lost);
  await photo('good', sound);
  const sent = [];
  const request = async (path, { data, mediaType }) => {
    sent.push(path.match(/photos\/(\w+)/)[1]);
    assert.deepEqual([data.byteLength, mediaType], [3, 'image/jpeg']);
    if (path.includes('bad')) failing(500);
  };
  const { sync, told } = exchange(box, () => null, (one) => putPhoto(one, request));
  for (let turn = 0; turn < TRIES + 2; turn += 1) await sync.run();
  assert.deepEqual(sent.filter((id) => id === 'good').length, 1);
  assert.deepEqual(sent.filter((id) => id === 'bad').length, TRIES);
  assert.ok(told.every(({ link }) => link !== 'offline'));
  const { page, store } = await opened(box);
  assert.deepEqual(store.state.refused.map(({ id, status, number }) => [id, status, number]), [['lost', LOST, '101']]);
  assert.deepEqual([store.state.asidePhotos.map(({ id }) => id), store.state.photos], [['bad'], 1]);
  await page.answers.sendAgain({ photo: { id: 'bad' } });
  await sync.run();
  assert.equal(sent.filter((id) => id === 'bad').length, TRIES + 1);
});

test('a photograph too large for the network lets the list come, and others go before it the next time', async () => {
  const box = new MemoryBox();
  await box.put('edits', item('a', { state: 'applied' }));
  for (const id of ['large', 'small']) await box.put('photos', { id, edit: 'a', keeper: 'K1', blob: 'x' });
  const sent = [];
  const { sync, told } = exchange(box, () => null, async ({ id }) => { sent.push(id); if (id === 'large') failing(0); });
  await sync.run();
  await sync.run();
  assert.deepEqual(sent, ['large', 'small', 'large']);
  assert.deepEqual([told.filter(({ day }) => day).length, told.at(-1).link], [2, 'ok']);
});

test('told to wait the page waits so long, says until when, loses nothing and reads the list all the same', async () => {
  const box = new MemoryBox();
  await box.put('edits', item('a'), item('b', { state: 'applied', room: 8 }));
  await box.put('photos', { id: 'p', edit: 'b', keeper: 'K1', blob: 'x' });
  let posts = 0;
  const puts = [];
  const { sync, told, timers, clock } = exchange(box, (path, options) => {
    if (options && (posts += 1) === 1) failing(429, { retryS: 120 });
    return null;
  }, async ({ id }) => { puts.push(id); });
  await sync.run();
  assert.deepEqual([told.at(-1).link, told.at(-1).rest, timers.at(-1).ms, puts], ['ok', clock.time + 120_000, 120_000, ['p']]);
  assert.ok(told.some(({ day }) => day));
  await sync.run();
  assert.equal(posts, 1, 'nothing before its time, whoever asks');
  assert.equal((await states(box)).a, 'waiting');
  clock.time += 121_000;
  await sync.run();
  assert.deepEqual([(await states(box)).a, told.at(-1).rest], ['applied', null]);
  // Of all requests it may be said as well, and a clock that was set back holds nothing for ever.
  let asked = 0;
  const whole = exchange(box, () => { asked += 1; return asked === 1 ? failing(429, { retryS: 60 }) : null; });
  await whole.sync.run();
  await whole.sync.run();
  assert.deepEqual([asked, whole.told.at(-1).link], [1, 'ok']);
  whole.clock.time -= 86_400_000;
  await whole.sync.run();
  assert.ok(asked > 1);
});

test('forms that are over are forgotten with each list, and photographs of one that the server has not are kept here', async () => {
  const box = new MemoryBox();
  const old = 1_000_000 - 3 * 86_400_000;
  await box.put('edits', item('old', { state: 'applied', settled_at: old }), item('now', { state: 'applied', settled_at: 1_000_000, room: 8 }),
    item('unread', { state: 'refused', reason: 'unread', faults: [], settled_at: old, room: 9 }));
  await box.put('photos', { id: 'p', edit: 'unread', keeper: 'K1', blob: 'x' });
  const { sync, told } = exchange(box, () => null, async () => assert.fail('its form is on no record'));
  await sync.run();
  assert.deepEqual(Object.keys(await states(box)), ['now', 'unread']);
  assert.deepEqual(told.findLast(({ items }) => items).items.map(({ id }) => id), ['now', 'unread']);
  assert.equal((await box.all('photos')).length, 1);
});
