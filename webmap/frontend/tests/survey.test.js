import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBox, openBox } from '../src/survey/box.js';
import { current, differences, forgettable, keyOf, missing, progress, roomsOf, settled, standing, toSend, troubled, wire, wrong } from '../src/survey/forms.js';
import { fitted, LARGEST_FILE, MOST_BYTES, shrunk } from '../src/survey/photo.js';
import { Sync } from '../src/survey/sync.js';
import { share } from './chance.js';

const FORM = [
  { name: 'tenure', kind: 'text', required: true }, { name: 'area_m2', kind: 'number', required: true, low: null, high: 100_000, above: 0 },
  { name: 'floor', kind: 'whole', required: false, low: -20, high: 200, above: null }];
const ROOM = { id: 7, unit: '1', floor: 1, number: '101', version: 3, values: { tenure: 'unknown', area_m2: null }, missing: ['tenure', 'area_m2'], due_at: null, done: false };
const BUILDING = { id: 1, name: '1栋', units: ['1'], rooms: [ROOM, { ...ROOM, id: 8, number: '102', done: true, values: { tenure: 'owner', area_m2: 80 } }], gaps: [{ floor: null, expected: 5, recorded: 2 }] };

const item = (id, more = {}) => ({
  id, order: 1, keeper: 'K1', building: 1, room: 7, unit: '1', floor: 1, number: '101', values: { tenure: 'rented', area_m2: 90 }, state: 'waiting', base: 3,
  follows: null, resolves: null, done_at: '2026-11-23T00:00:00Z', version: null, theirs: null, faults: [], ...more,
});

test('the last form of a room says what the next one saw', () => {
  assert.deepEqual([standing(ROOM, 'room:7', []).base, standing(null, 'new:1:1:9', []).base], [3, null]);
  const waiting = standing(ROOM, 'room:7', [item('a'), item('b', { order: 2, follows: 'a' })]);
  assert.deepEqual([waiting.base, waiting.follows, waiting.values.tenure], [3, 'b', 'rented']);
  const applied = standing(ROOM, 'room:7', [item('a', { state: 'applied', version: 4 })]);
  assert.deepEqual([applied.base, applied.follows, applied.values.tenure], [4, null, 'rented']);
  const moved = standing({ ...ROOM, version: 6 }, 'room:7', [item('a', { state: 'applied', version: 4 })]);
  assert.deepEqual([moved.base, moved.values.tenure], [6, 'unknown']);
  const conflict = standing(ROOM, 'room:7', [item('a', { state: 'conflict', version: 5, theirs: { tenure: 'owner' } })]);
  assert.deepEqual([conflict.base, conflict.resolves, conflict.follows], [5, 'a', null]);
  assert.equal(standing(ROOM, 'room:7', [item('a', { state: 'refused', reason: 'faulty' })]).follows, 'a');
  assert.equal(standing(ROOM, 'room:7', [item('a', { state: 'refused', reason: 'not_found' })]).follows, null);
});

test('not known is not filled, and progress counts what is whole, here or on record, and what was never found', () => {
  assert.deepEqual(missing(FORM, { tenure: 'unknown', area_m2: ' ' }), ['tenure', 'area_m2']);
  assert.deepEqual(progress(BUILDING, FORM, []), { done: 1, total: 5, gap: 3 });
  const found = item('n', { room: null, floor: 2, number: '201' });
  assert.deepEqual(progress(BUILDING, FORM, [item('a'), found]), { done: 3, total: 5, gap: 2 });
  assert.deepEqual(progress(BUILDING, FORM, [item('a', { values: { tenure: 'rented', area_m2: null } })]).done, 1);
  assert.deepEqual(roomsOf(BUILDING, FORM, [found]).map(({ number }) => number), ['101', '102', '201']);
});

test('a form goes out under its own keeper, the first made first', () => {
  const items = [item('b', { order: 2 }), item('a'), item('x', { keeper: 'K2' }), item('s', { state: 'applied' })];
  assert.deepEqual(toSend(items, 'K1', 9).map(({ id }) => id), ['a', 'b']);
  assert.deepEqual(Object.keys(wire(items[0])).includes('keeper'), false);
});

test('answers settle forms; a room that was found has its key from then on; a conflict ends with the form that resolves it', () => {
  const [found, later] = [item('n', { room: null, number: '9' }), item('m', { room: null, number: '9', order: 2, follows: 'n' })];
  const answer = { edits: [{ id: 'n', outcome: 'applied', reason: null, room: 44, version: 0, theirs: null, faults: [] }], unread: [] };
  const after = new Map(settled([found, later], answer, [found], 5).map((one) => [one.id, one]));
  assert.deepEqual([after.get('n').state, after.get('n').room, after.get('m').room, after.get('m').state], ['applied', 44, 44, 'waiting']);
  const conflict = item('c', { state: 'conflict', reason: 'changed', version: 5, theirs: { tenure: 'owner', area_m2: 90, floor: 1 } });
  assert.deepEqual(differences(conflict, FORM), [{ name: 'tenure', mine: 'rented', theirs: 'owner' }]);
  const answering = item('d', { order: 2, resolves: 'c', base: 5 });
  assert.deepEqual(troubled([conflict]).map(({ id }) => id), ['c']);
  assert.deepEqual(troubled([conflict, answering]), []);
  const done = settled([conflict, answering], { edits: [{ id: 'd', outcome: 'applied', room: 7, version: 6 }] }, [answering], 5);
  assert.deepEqual(done.map(({ id, state, closed }) => [id, state, !!closed]), [['d', 'applied', false], ['c', 'conflict', true]]);
  assert.deepEqual(forgettable(done, 5 + 3 * 86_400_000), ['d']);
  const unread = settled([answering], { edits: [], unread: [{ index: 0, field: 'floor', reason: 'x' }] }, [answering], 5);
  assert.deepEqual([unread[0].state, unread[0].faults.length], ['refused', 1]);
});

test('a conflict follows the record, and is over when somebody has settled it', () => {
  const conflict = item('c', { state: 'conflict', reason: 'changed', version: 5, theirs: { tenure: 'owner' } });
  const open = (now) => ({ edits: [{ id: 'c', now }], next: null });
  assert.deepEqual(current([conflict], open({ version: 5 })), []);
  const [moved] = current([conflict], open({ version: 6, tenure: 'vacant', surveyed_at: null }));
  assert.deepEqual([moved.version, moved.theirs], [6, { tenure: 'vacant' }]);
  assert.equal(current([conflict], { edits: [], next: null })[0].closed, true);
  assert.deepEqual(current([conflict], { edits: [], next: 'more' }), []);
  assert.deepEqual(current([{ ...conflict, reason: 'redrawn' }], { edits: [], next: null }), []);
});

test('what no room can have is marked before it is sent', () => {
  const [, area, floor] = FORM;
  assert.deepEqual(['', '90', '0', 'x', '1e9'].map((value) => wrong(area, value)), [null, null, 'range', 'number', 'range']);
  assert.deepEqual(['3', '3.5', '-21'].map((value) => wrong(floor, value)), [null, 'whole', 'range']);
});

/** A server that keeps rooms and forms as the real one does, behind a network that loses requests and answers. */
class Server {
  constructor(random) {
    this.random = random;
    this.rooms = new Map();
    this.edits = new Map();
    this.down = 0;
  }

  ask = async (path, options = {}) => {
    if (this.random() < this.down) throw Object.assign(new Error('lost'), { title: 'lost', status: 0 });
    const answer = this.answer(path, options.body);
    if (this.random() < this.down) throw Object.assign(new Error('lost'), { title: 'lost', status: 0 });
    return structuredClone(answer);
  };

  answer(path, body) {
    if (path.startsWith('/api/survey/worklist')) return { keeper: 'K1', server_time: new Date(1_000_000).toISOString(), form: FORM, buildings: [], next: null, cut: false };
    if (path.startsWith('/api/survey/edits?')) return { edits: [], next: null };
    return { edits: body.edits.map((edit) => this.take(edit)), unread: [] };
  }

  take(edit) {
    if (!this.edits.has(edit.id)) {
      const version = this.rooms.get(edit.room) ?? 0;
      const before = this.edits.get(edit.follows);
      if (edit.follows && !before) return { id: edit.id, outcome: 'waiting' };
      const base = before?.outcome === 'applied' ? before.version : edit.base;
      if (base === version) this.rooms.set(edit.room, version + 1);
      this.edits.set(edit.id, { id: edit.id, outcome: base === version ? 'applied' : 'conflict', reason: null, room: edit.room, version: base === version ? version + 1 : version, theirs: {}, faults: [] });
    }
    return this.edits.get(edit.id);
  }
}

function device(server, box, random) {
  const timers = [];
  const told = [];
  let time = 1_000_000;
  const clock = { now: () => time, later: (work, ms) => { const timer = () => { time += ms; return work(); }; timers.push(timer); return timer; }, forget: (timer) => { const at = timers.indexOf(timer); if (at >= 0) timers.splice(at, 1); } };
  const photos = [];
  const sync = new Sync({ box, ask: server.ask, putPhoto: async (photo) => { if (random() < server.down) throw Object.assign(new Error('lost'), { title: 'lost', status: 0 }); photos.push(photo.id); },
    alone: (_, work) => work(), clock, tell: (what) => told.push(what), chance: random });
  return { sync, told, timers, photos };
}

test('through a network that loses half of everything, fifty forms arrive, each once, and none is lost', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const random = share(seed);
    const server = new Server(random);
    server.down = 0.5;
    const box = new MemoryBox();
    const { sync, timers, told, photos } = device(server, box, random);
    for (let n = 0; n < 50; n += 1) {
      await box.put('edits', item(`e${n}`, { order: n, room: n % 40, base: 0, follows: n >= 40 ? `e${n - 40}` : null }));
      if (n % 5 === 0) await box.put('photos', { id: `p${n}`, edit: `e${n}`, keeper: 'K1', blob: null });
    }
    await sync.run();
    for (let turn = 0; turn < 400 && (await box.all('edits')).some(({ state }) => state === 'waiting') + (await box.all('photos')).length; turn += 1) {
      if (turn > 100) server.down = 0;
      assert.equal(timers.length, 1, 'it tries again by itself, once');
      await timers.shift()();
      await sync.run();
    }
    server.down = 0;
    await sync.run();
    assert.equal(server.edits.size, 50);
    assert.deepEqual([...new Set((await box.all('edits')).map(({ state }) => state))], ['applied']);
    assert.equal(new Set(photos).size, 10);
    assert.ok(told.some(({ link }) => link === 'offline') && told.at(-1).link === 'ok');
  }
});

test('a link that is over keeps everything here, and another keeper sends nothing of it', async () => {
  const random = share(1);
  const server = new Server(random);
  const box = new MemoryBox();
  await box.put('edits', item('a', { keeper: 'K9' }), item('b', { base: 0 }));
  const { sync, told } = device(server, box, random);
  const { ask } = sync;
  sync.ask = async () => { throw Object.assign(new Error('over'), { title: 'over', status: 401 }); };
  await sync.run();
  assert.equal(told.at(-1).link, 'closed');
  sync.ask = ask;
  await sync.run();
  assert.deepEqual((await box.all('edits')).map(({ id, state }) => [id, state]), [['a', 'waiting'], ['b', 'applied']]);
});

test('without IndexedDB the page keeps forms in its memory and knows it', async () => {
  for (const broken of [undefined, { open() { throw new DOMException('no', 'SecurityError'); } }]) assert.equal((await openBox(broken)).lasting, false);
});

test('a photograph is made smaller until it goes, and one that does not is refused with a reason', async () => {
  assert.deepEqual([fitted(8000, 6000, 1600), fitted(300, 200, 1600), fitted(50_000, 1, 1600)], [[1600, 1200], [300, 200], [1600, 1]]);
  const sizes = [];
  const by = (first) => ({ read: async () => ({ width: 8000, height: 6000 }), draw: async (_, size) => { sizes.push(size[0]); return { size: sizes.length < first ? MOST_BYTES + 1 : 5 }; } });
  assert.equal((await shrunk({ size: 40 * 2 ** 20 }, by(2))).size, 5);
  assert.deepEqual(sizes, [1600, 1280]);
  await assert.rejects(shrunk({ size: 1 }, by(99)), { reason: 'large' });
  await assert.rejects(shrunk({ size: LARGEST_FILE + 1 }, by(1)), { reason: 'large' });
  await assert.rejects(shrunk({ size: 1 }, { read: async () => { throw new Error('no picture'); } }), { reason: 'unreadable' });
});

test('rooms on record and rooms that were found have keys that never meet', () => {
  assert.notEqual(keyOf({ room: 1 }), keyOf({ room: null, building: 1, unit: '1', number: '101' }));
});
