import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../src/api.js';
import { beside, decisionOf, joined, reasonOf, rowsOf, takeable } from '../src/data/conflicts/conflicts.js';
import { ConflictsDesk, conflictsState } from '../src/data/conflicts/conflicts-desk.js';

const FORM = ['use', 'tenure', 'area_m2', 'floor', 'number'].map((name) => ({ name, label: { 'zh-CN': name, en: name } }));
const conflict = (id, changes = {}) => ({
  id, reason: 'changed', said: { use: 'residential', tenure: 'rented', area_m2: 88.5 }, theirs: { tenure: 'owner', area_m2: 90 },
  now: { version: 4, use: 'residential', tenure: 'vacant', area_m2: 90 }, unit: '1', floor: 4, number: '401', photos: [], settled_at: null, ...changes });

test('each field says what was found, what stands, and whether that has changed again since', () => {
  assert.deepEqual(rowsOf(conflict('a'), FORM).map(({ name, differs, moved }) => [name, differs, moved]),
    [['use', false, false], ['tenure', true, true], ['area_m2', true, false]]);
  assert.deepEqual(rowsOf(conflict('a', { said: { area_m2: '90', tenure: 'unknown' }, now: { version: 1, tenure: null, area_m2: 90 }, theirs: null }), FORM)
    .map(({ differs, moved }) => [differs, moved]), [[false, false], [false, false]]);
  const fresh = conflict('b', { now: null, theirs: null, reason: 'redrawn' });
  assert.deepEqual(rowsOf(fresh, FORM).map(({ name, said, differs }) => [name, said, differs]),
    [['use', 'residential', false], ['tenure', 'rented', false], ['area_m2', 88.5, false], ['floor', 4, false], ['number', '401', false]]);
  assert.deepEqual([reasonOf(conflict('a')), reasonOf(fresh), reasonOf(conflict('c', { now: null }))], ['changed', 'redrawn.new', 'gone']);
  assert.deepEqual([takeable(conflict('a', { unit: null })), takeable(fresh), takeable({ ...fresh, unit: null }), takeable({ ...fresh, floor: 0 })], [true, true, false, true]);
  assert.deepEqual([decisionOf(conflict('a'), 'form', ' x '), decisionOf(fresh, 'record', '')],
    [{ take: 'form', version: 4, remark: 'x' }, { take: 'record', version: null, remark: '' }]);
});

test('the storey of a room that was found elsewhere is shown against the record’s, and no other one', () => {
  const floors = (changes) => rowsOf(conflict('a', { reason: 'taken', now: { version: 4, floor: 4 }, ...changes }), FORM).filter(({ name }) => name === 'floor');
  assert.deepEqual(floors({ place: { room: null, floor: 3 } }).map(({ said, now, differs }) => [said, now, differs]), [[3, 4, true]]);
  for (const place of [{ room: null, floor: '4' }, { room: 9, floor: 3 }, { room: null, floor: null }, undefined]) assert.deepEqual(floors({ place }), []);
});

test('after one comes the next, and pages meet without a conflict shown twice', () => {
  const list = ['a', 'b', 'c'].map((id) => ({ id }));
  assert.deepEqual(['a', 'b', 'c'].map((id) => beside(list, id)), ['b', 'c', 'b']);
  assert.equal(beside([{ id: 'a' }], 'a'), null);
  assert.deepEqual(joined(list, [{ id: 'c' }, { id: 'd' }]).map(({ id }) => id), ['a', 'b', 'c', 'd']);
});

/** A desk over a server that answers by `answers`: by path until the `?`, a function of the whole path and the options. */
function opened(answers, { bytes = async () => new ArrayBuffer(3) } = {}) {
  const store = { state: conflictsState(), set(_, changes) { Object.assign(this.state, changes); } };
  const revoked = [];
  const page = {
    store, addresses: 0, writeAddress() { this.addresses += 1; },
    config: { urls: { conflicts: '/c', conflictCount: '/c/count', settleConflict: '/c/{id}/settle', surveyPhoto: '/p/{id}' } },
    ask: async (path, options) => answers[path.split('?')[0]](path, options),
  };
  let made = 0;
  const urls = { createObjectURL: () => `blob:${made += 1}`, revokeObjectURL: (url) => revoked.push(url) };
  return { desk: new ConflictsDesk(page, { ask: bytes, objectUrls: urls }), state: () => store.state.conflicts, page, revoked };
}

const lists = (open, settled = []) => (path) => (path.includes('settled=true') ? { edits: settled } : { edits: open, next: null, open: open.length, form: FORM });

test('one is settled after the other, and what was decided is said and listed', async () => {
  const sent = [];
  const { desk, state } = opened({
    '/c': lists([conflict('a'), conflict('b')]),
    '/c/a/settle': (_, { body }) => { sent.push(body); return conflict('a', { settled_at: 'now', settled_how: 'kept' }); },
  });
  await desk.opened();
  assert.deepEqual([state().status, state().chosen, state().open], ['ready', 'a', 2]);
  desk.setRemark('房主来电');
  const first = desk.decide('record');
  await desk.decide('form'); // pressed twice
  await first;
  assert.deepEqual(sent, [{ take: 'record', version: 4, remark: '房主来电' }]);
  assert.equal(state().total, 1);
  assert.deepEqual([state().chosen, state().open, state().remark, state().outcome.id, state().settled.map(({ id }) => id)], ['b', 1, '', 'a', ['a']]);
});

test('somebody who was quicker is shown with what stands now, the remark stays, and what is refused is said', async () => {
  const answers = { '/c': lists([conflict('a'), conflict('b')]), '/c/count': () => ({ open: 1 }) };
  const { desk, state } = opened(answers);
  await desk.opened();
  const stands = (changes) => () => { throw new ApiError({ status: 409, title: 'no', problem: { conflict: conflict('a', changes) } }); };
  answers['/c/a/settle'] = stands({ now: { version: 5, tenure: 'owner' } });
  desk.setRemark('为什么');
  await desk.decide('form');
  assert.deepEqual([state().fault, desk.chosen().now.version, state().remark, state().tab], [{ moved: 'changed' }, 5, '为什么', 'open']);
  answers['/c/a/settle'] = () => { throw new ApiError({ status: 422, title: 'no', faults: [{ place: 'area_m2', message: 'x' }] }); };
  await desk.decide('form');
  assert.deepEqual([state().fault.faults.length, state().list.length, state().sending], [1, 2, false]);
  answers['/c/a/settle'] = stands({ settled_at: 'now', settled_how: 'applied' });
  await desk.decide('form');
  assert.deepEqual([state().fault, state().tab, state().list.map(({ id }) => id), desk.chosen().settled_how], [{ moved: 'settled' }, 'settled', ['b'], 'applied']);
});

test('what others settle goes from the list on the next look, the choice and remark of whoever works stay', async () => {
  const answers = { '/c': lists([conflict('a'), conflict('b')]) };
  const { desk, state } = opened(answers);
  await desk.opened();
  desk.choose('b');
  desk.setRemark('想一想');
  answers['/c'] = lists([conflict('c'), conflict('b')]);
  await desk.refresh();
  assert.deepEqual([state().list.map(({ id }) => id), state().chosen, state().remark], [['c', 'b'], 'b', '想一想']);
  answers['/c'] = lists([conflict('c')], [conflict('b', { settled_at: 'now' })]);
  await desk.refresh();
  assert.deepEqual([state().tab, state().chosen, state().fault], ['settled', 'b', { moved: 'settled' }]);
  answers['/c'] = () => { throw new ApiError({ status: 0, title: 'gone' }); };
  await desk.refresh();
  assert.deepEqual([state().status, state().error.title, state().list.length], ['ready', 'gone', 1]);
  answers['/c'] = lists([]);
  await desk.again();
  assert.deepEqual([state().status, state().error, state().chosen], ['ready', null, null]);
});

test('a list that was asked for before a decision does not bring back what was decided', async () => {
  const answers = { '/c': lists([conflict('a'), conflict('b')]), '/c/a/settle': () => conflict('a', { settled_at: 'now', settled_how: 'applied' }) };
  const { desk, state } = opened(answers);
  await desk.opened();
  const late = [];
  answers['/c'] = (path) => new Promise((resolve) => { late.push(() => resolve(lists([conflict('a'), conflict('b')])(path))); });
  const looking = desk.refresh();
  await desk.decide('form');
  for (const answer of late) answer();
  await looking;
  assert.deepEqual(state().list.map(({ id }) => id), ['b']);
});

test('photographs come when somebody asks, and are forgotten with the next conflict', async () => {
  const looked = [];
  const bytes = async (url) => { looked.push(url); if (looked.length > 2) throw new ApiError({ status: 429, title: 'many', retryS: 90 }); return new ArrayBuffer(3); };
  const { desk, state, revoked } = opened({ '/c': lists([conflict('a', { photos: ['1', '2', '3'] }), conflict('b')]) }, { bytes });
  await desk.opened();
  assert.deepEqual([looked, state().photos.status], [[], 'hidden']);
  await desk.look();
  assert.deepEqual([looked, state().photos.urls, state().photos.error.status, state().photos.status], [['/p/1', '/p/2', '/p/3'], ['blob:1', 'blob:2'], 429, 'hidden']);
  desk.choose('b');
  assert.deepEqual([state().photos.status, state().photos.urls, revoked], ['hidden', [], ['blob:1', 'blob:2']]);
});

test('a link opens the conflict that it names, wherever that stands in the list, and never another one', async () => {
  const id = (n) => `0b8f3f4a-0000-4000-8000-00000000000${n}`;
  const all = { [id(3)]: conflict(id(3)), [id(4)]: conflict(id(4), { settled_at: 'long ago' }) };
  const page = (path) => {
    const asked = new URLSearchParams(path.split('?')[1]).get('id');
    return asked ? { edits: all[asked] ? [all[asked]] : [] } : lists([conflict(id(1))])(path);
  };
  for (const [n, tab] of [[3, 'open'], [4, 'settled'], [1, 'open']]) {
    const { desk, state } = opened({ '/c': page });
    desk.restore(new URLSearchParams(`conflict=${id(n)}`));
    await desk.opened();
    assert.deepEqual([desk.chosen().id, state().tab, state().missing], [id(n), tab, false]);
  }
  const { desk, state } = opened({ '/c': page });
  desk.restore(new URLSearchParams(`conflict=${id(9)}`));
  for (const look of ['opened', 'refresh']) {
    await desk[look]();
    assert.deepEqual([desk.chosen(), state().missing, state().list.length], [null, true, 1]);
  }
  desk.choose(id(1));
  assert.deepEqual([desk.chosen().id, state().missing], [id(1), false]);
});

test('a look that failed can be tried again, and asks for no photograph twice', async () => {
  const looked = [];
  let fails = { status: 0, title: 'gone' };
  const bytes = async (url) => { looked.push(url); if (fails && looked.length > 1) throw new ApiError(fails); return new ArrayBuffer(3); };
  const { desk, state, revoked } = opened({ '/c': lists([conflict('a', { photos: ['1', '2'] })]) }, { bytes });
  await desk.opened();
  await desk.look();
  assert.deepEqual([state().photos.status, state().photos.urls, state().photos.error.status], ['hidden', ['blob:1'], 0]);
  fails = null;
  await desk.look();
  assert.deepEqual([looked, state().photos, revoked], [['/p/1', '/p/2', '/p/2'], { status: 'shown', urls: ['blob:1', 'blob:2'], error: null }, []]);
});

test('a link names place, list and conflict, and nothing else', () => {
  const { desk, state } = opened({});
  const id = '0b8f3f4a-0000-4000-8000-000000000000';
  desk.restore(new URLSearchParams(`within=999001001&settled=1&conflict=${id}`));
  assert.deepEqual(desk.link(), { within: '999001001', settled: '1', conflict: id });
  desk.restore(new URLSearchParams('within=<b>&settled=2&conflict=../../x'));
  assert.deepEqual([state().within, state().tab, state().chosen], ['', 'open', null]);
});
