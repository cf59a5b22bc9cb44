import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Household } from '../src/buildings/household.js';
import { alarmsOf, missing, refusal, stacked, stepped, withAlarms } from '../src/buildings/household-terms.js';
import { countStates } from '../src/buildings/room-states.js';
import { chooseRole, followRole } from '../src/role-switch.js';
import { Store } from '../src/store.js';
import { formatUrlState, parseUrlState } from '../src/url-state.js';

const URLS = { rooms: '/api/buildings/{id}/rooms', room: '/api/rooms/{id}', reveal: '/api/residents/{id}/reveal', surveyPhoto: '/api/survey/photos/{id}' };

const card = (id, building = 7) => ({ room: { id, unit: '1', number: '101' }, building: { id: building } });

const person = { resident_id: 5, name: '张三丰', phone: '13812348000', shown_s: 60, left: 19 };

/** Desk, store, and a clock that a test moves. */
function build(answer = (url) => (url.includes('reveal') ? person : url.includes('rooms/') ? card(1) : { rooms: [] }), photos = {}) {
  const store = new Store({ nextFrame: () => {} });
  const clock = { at: 0, timers: new Map(), asked: [], opened: [] };
  const household = new Household({
    store, urls: URLS, photos, mayReveal: true, onBuilding: (id) => clock.opened.push(id),
    request: async (url, options) => {
      clock.asked.push([url, options?.body]);
      return answer(url);
    },
    clock: {
      now: () => clock.at,
      setInterval: (callback) => clock.timers.set(callback, true) && callback,
      clearInterval: (timer) => clock.timers.delete(timer),
    },
  });
  clock.pass = (ms) => {
    clock.at += ms;
    for (const callback of [...clock.timers.keys()]) callback();
  };
  return { store, household, clock, state: () => store.state.household };
}

const everything = (store) => JSON.stringify(store.state, (_, value) => (value instanceof Map ? [...value] : value));

test('what was revealed is shown for its time, and then is nowhere in the page', async () => {
  const { store, household, clock, state } = build();
  await household.open(1);
  household.ask(5);
  await household.reveal(5, { reason: 'visit', fields: ['name', 'phone'] });
  assert.deepEqual([state().form, state().left, state().revealed.get(5).values], [null, 19, {
    name: '张三丰', phone: '13812348000' }]);
  clock.pass(59_000);
  assert.equal(household.remaining(5), 1000);
  clock.pass(1000);
  assert.ok(!everything(store).includes('张三丰') && !everything(store).includes('13812348000'));
  assert.equal(clock.timers.size, 0);
});

test('another room, the list, the way back, closing and hiding all forget who was revealed', async () => {
  const ways = {
    another: (household) => household.open(2), list: (household) => household.list(7), back: (household) => household.back(),
    close: (household) => household.close(), hide: (household) => household.hide(5), forget: (household) => household.forget(),
    escape: (household) => household.putAway(),
  };
  for (const [name, way] of Object.entries(ways)) {
    const { store, household, clock } = build();
    await household.open(1);
    await household.reveal(5, { reason: 'visit' });
    await way(household);
    assert.ok(!everything(store).includes('张三丰'), name);
    assert.equal(clock.timers.size, 0, name);
  }
});

test('an answer that comes when another card is open is dropped', async () => {
  let tell;
  const { store, household } = build((url) => (url.includes('reveal') ? new Promise((resolve) => { tell = resolve; }) : card(1)));
  await household.open(1);
  const asked = household.reveal(5, { reason: 'visit' });
  await household.open(2);
  tell(person);
  await asked;
  assert.ok(!everything(store).includes('张三丰'));
});

test('a sleeping page masks whose time is over as soon as it is shown again', async () => {
  const { store, household, clock } = build();
  await household.open(1);
  await household.reveal(5, { reason: 'visit' });
  clock.at += 600_000; // timers slept
  household.check();
  assert.ok(!everything(store).includes('张三丰'));
});

test('a refusal is shown where it was asked, and leaves the form', async () => {
  const refused = Object.assign(new Error('no'), { title: 'Too many', status: 429, retryS: 125 });
  const { household, state } = build((url) => { if (url.includes('reveal')) throw refused; return card(1); });
  await household.open(1);
  household.ask(5);
  await household.reveal(5, { reason: 'visit' });
  assert.deepEqual([state().form, state().busy, state().fault], [5, false, refused]);
  assert.deepEqual(refusal(refused), ['reveal.refused.rate', { minutes: 3 }]);
  assert.deepEqual(refusal({ status: 422, faults: [{ place: 'words' }] }), ['reveal.refused.words', {}]);
  assert.equal(refusal({ status: 503 }), null);
});

test('the way back leads from a room to its list or its building, and Escape goes the same way', async () => {
  const { store, household, clock, state } = build();
  await household.list(7);
  await household.open(1);
  household.back();
  assert.deepEqual([state().status, store.state.rooms.status], ['closed', 'open']);
  assert.equal(household.putAway(), true);
  assert.deepEqual([store.state.rooms.status, clock.opened], ['closed', [7]]);
  assert.equal(household.putAway(), false);
  await household.open(1);
  household.ask(5);
  household.putAway();
  assert.deepEqual([state().form, state().status], [null, 'open']);
});

test('a list of another building does not stay behind a room', async () => {
  const { store, household } = build((url) => (url.includes('/rooms/') ? card(1, 8) : { rooms: [] }));
  await household.list(7);
  await household.open(1);
  assert.equal(store.state.rooms.status, 'closed');
});

test('what is not there, not allowed, or not read are three things', async () => {
  for (const [status, word] of [[404, 'missing'], [403, 'forbidden'], [503, 'failed']]) {
    const { household, state } = build(() => { throw Object.assign(new Error('no'), { title: 'no', status }); });
    await household.open(1);
    assert.equal(state().status, word);
  }
});

test('a link carries the room and nothing of who lives there', () => {
  assert.equal(formatUrlState({ room: 12 }), '?room=12');
  assert.deepEqual(parseUrlState('?room=12'), { room: 12 });
  assert.deepEqual(parseUrlState('?room=-1'), {});
});

test('rooms stand by unit and storey, and are counted by state with the urgent first', () => {
  const rooms = [['1', 2, '201', 'care'], ['1', 1, '101', 'vacant'], ['1', 1, '102', 'care'], ['2', 1, '101', 'occupied']]
    .map(([unit, floor, number, state]) => ({ unit, floor, number, state }));
  assert.deepEqual(stacked(rooms).map(({ unit, floors }) => [unit, floors.map(({ floor, rooms: list }) => [floor, list.length])]),
    [['1', [[2, 1], [1, 2]]], ['2', [[1, 1]]]]);
  assert.deepEqual(countStates(rooms), { alarm: 0, care: 2, unsurveyed: 0, vacant: 1, rented: 0, occupied: 1, business: 0 });
  const alarms = [{ building_id: 7, unit: '1', room: '101' }, { building_id: 8, unit: '2', room: '101' }, { building_id: 7 }];
  assert.deepEqual(withAlarms(rooms, 7, alarms).map(({ state }) => state), ['care', 'alarm', 'care', 'occupied']);
  assert.equal(alarmsOf(alarms, card(1)).length, 1);
});

test('arrow keys go from room to room and stop at the edge', () => {
  const columns = [4, 2, 4];
  assert.deepEqual(stepped([0, 3], 'ArrowDown', columns), [1, 1]);
  assert.deepEqual(stepped([0, 0], 'ArrowUp', columns), [0, 0]);
  assert.deepEqual(stepped([2, 3], 'ArrowRight', columns), [2, 3]);
  assert.deepEqual(stepped([1, 1], 'ArrowLeft', columns), [1, 0]);
  assert.deepEqual(stepped([1, 1], 'Enter', columns), [1, 1]);
});

test('a form says what it lacks', () => {
  const form = { reason: 'visit', words: '', alarm_id: null };
  assert.equal(missing(form), null);
  assert.equal(missing({ ...form, reason: null }), 'reveal.missing.reason');
  assert.equal(missing({ ...form, reason: 'alarm' }), 'reveal.missing.alarm');
  assert.equal(missing({ ...form, reason: 'other', words: '看 看 ' }), 'reveal.missing.words');
  assert.equal(missing({ ...form, reason: 'other', words: '核对户口信息' }), null);
});

test('whoever chooses a role tells the other pages, and a refusal reloads nothing', async () => {
  const said = [];
  const channel = () => ({ postMessage: (role) => said.push(role), close: () => said.push('closed') });
  let loads = 0;
  const reload = () => { loads += 1; };
  await chooseRole('viewer', { request: async (url, { body }) => said.push(url, body.role), channel: channel(), reload });
  assert.deepEqual([said, loads], [['/api/me/role', 'viewer', 'viewer', 'closed'], 1]);
  await assert.rejects(chooseRole('viewer', {
    request: async () => { throw new Error('refused'); }, channel: channel(), reload }), /refused/);
  assert.equal(loads, 1);
  const other = {};
  followRole(reload, other);
  other.onmessage({ data: 'viewer' });
  assert.equal(loads, 2);
});

test('photographs of a room are read when somebody asks, those that failed once more, and none stays behind its card', async () => {
  const kept = new Set();
  const asked = [];
  let failing = true;
  const { household, state } = build(() => ({ ...card(1), photos: [{ id: 'a', day: '2026-11-01' }, { id: 'b', day: '2026-11-02' }] }), {
    ask: async (url, type, read) => {
      asked.push(url);
      if (failing && url.endsWith('/b')) throw Object.assign(new Error('away'), { title: 'The server is away.', status: 0 });
      return read(new ArrayBuffer(3));
    },
    objectUrls: {
      createObjectURL: () => { kept.add(`blob:${asked.length}`); return `blob:${asked.length}`; },
      revokeObjectURL: (url) => kept.delete(url),
    },
  });
  await household.open(1);
  assert.deepEqual([asked, state().photos.status], [[], 'hidden']);
  await household.lookAtPhotos();
  assert.deepEqual([state().photos.status, state().photos.urls.length, state().photos.error.title], ['hidden', 1, 'The server is away.']);
  failing = false;
  await household.lookAtPhotos();
  assert.deepEqual(asked, ['a', 'b', 'b'].map((id) => `/api/survey/photos/${id}`));
  assert.deepEqual([state().photos.status, state().photos.urls.length, kept.size], ['shown', 2, 2]);
  await household.open(2);
  assert.deepEqual([state().photos.status, state().photos.urls, kept.size], ['hidden', [], 0]);
});

test('a photograph that comes after its card was closed is shown by no other', async () => {
  let come;
  const { household, state } = build(() => ({ ...card(1), photos: [{ id: 'a', day: '2026-11-01' }] }), {
    ask: (url, type, read) => new Promise((resolve) => { come = () => resolve(read(new ArrayBuffer(3))); }),
    objectUrls: { createObjectURL: () => assert.fail('nobody looks at it any more'), revokeObjectURL: () => {} },
  });
  await household.open(1);
  const looking = household.lookAtPhotos();
  household.close();
  come();
  await looking;
  assert.deepEqual(state().photos.urls, []);
});
