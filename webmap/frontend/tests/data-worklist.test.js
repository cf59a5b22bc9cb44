import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataPage, INITIAL } from '../src/data/page.js';
import {
  choosable, chosenOf, filtered, lacking, lines, outcomeOf, progress, requestsFor, storeysOf, toggled, toVisit, withPage,
} from '../src/data/rooms/worklist.js';
import { Store } from '../src/store.js';

const BUILDING = { building_id: 5, building_code: 'B5', building_name: '<b>5幢</b>' };
const room = (id, floor, changes = {}) => ({ ...BUILDING, id, unit: '1', floor, number: `${floor}0${id}`, missing: ['area_m2'], task_id: null, ...changes });
const gap = (floor, changes = {}) => ({ ...BUILDING, floor, expected: 4, recorded: 2, missing: 2, task_id: null, ...changes });
const groupsOf = (rooms, gaps = []) => withPage([], { rooms, gaps });

test('rooms stand by unit and storey, units as people count them', () => {
  const [group] = groupsOf([room(1, 2), room(2, 1), room(3, 1, { unit: '10' }), room(4, -1, { unit: '2' })]);
  assert.deepEqual(storeysOf(group).map(({ unit, storeys }) => [unit, storeys.map(({ floor, rooms }) => [floor, rooms.length])]),
    [['1', [[1, 1], [2, 1]]], ['2', [[-1, 1]]], ['10', [[1, 1]]]]);
});

test('what has a survey already cannot be chosen again, and a building is chosen once for all its gaps', () => {
  const [group] = groupsOf([room(1, 1), room(2, 1, { task_id: 9 })], [gap(2), gap(3)]);
  assert.deepEqual(choosable(group), ['r1', 'b5']);
  const [assigned] = groupsOf([room(2, 1, { task_id: 9 })], [gap(2, { task_id: 8 })]);
  assert.deepEqual(choosable(assigned), []);
});

test('a box over several is ticked, empty, or a dash for a part, and ticks all before it unticks them', () => {
  const keys = ['r1', 'r2'];
  assert.deepEqual([chosenOf(keys, new Set()), chosenOf(keys, new Set(['r1'])), chosenOf(keys, new Set(keys)), chosenOf([], new Set(keys))], [false, null, true, false]);
  assert.deepEqual([...toggled(new Set(['r1', 'r9']), keys)].sort(), ['r1', 'r2', 'r9']);
  assert.deepEqual([...toggled(new Set(['r1', 'r2', 'r9']), keys)], ['r9']);
});

test('a filter leaves one building, one missing field, or what nobody has', () => {
  const groups = withPage(groupsOf([room(1, 1, { missing: ['use'] }), room(2, 1, { task_id: 3 })], [gap(2)]), {
    rooms: [{ ...room(3, 1), building_id: 6, building_code: 'B6' }], gaps: [] });
  const ids = (filter) => filtered(groups, filter).map((group) => [group.code, group.rooms.map(({ id }) => id), group.missing]);
  assert.deepEqual(ids({}), [['B5', [1, 2], 2], ['B6', [3], 0]]);
  assert.deepEqual(ids({ building: 'B6' }), [['B6', [3], 0]]);
  assert.deepEqual(ids({ field: 'use' }), [['B5', [1], 0]]);
  assert.deepEqual(ids({ open: true }), [['B5', [1], 2], ['B6', [3], 0]]);
  assert.deepEqual(lacking(groups), [['area_m2', 2], ['use', 1]]);
});

test('thousands are asked for in parts that the server takes, and refusals name what was refused', () => {
  const chosen = new Set([...Array.from({ length: 2500 }, (_, id) => `r${id + 1}`), 'b7']);
  const requests = requestsFor(chosen);
  assert.deepEqual(requests.map(({ rooms, buildings }) => [rooms.length, buildings.length]), [[1000, 1], [1000, 0], [500, 0]]);
  assert.deepEqual(requestsFor(new Set()), []);
  const refused = [{ index: 1000, reason: 'gone', cure: 'leave it' }];
  const outcome = outcomeOf(requests, [{ taken: 999, already_known: 1, refused }, { taken: 1000, already_known: 0, refused: [] }]);
  assert.deepEqual(outcome, { taken: 1999, known: 1, refused: [{ key: 'b7', reason: 'gone', cure: 'leave it' }] });
});

test('the progress of a place counts what is declared and not on record, and is unknown where nobody knows', () => {
  assert.equal(progress({ rooms: 60, incomplete: 10, missing: 40 }), 0.5);
  assert.equal(progress({ rooms: 60, incomplete: null, missing: 40 }), null);
  assert.equal(progress({ rooms: 0, incomplete: 0, missing: 0 }), null);
  assert.deepEqual([toVisit({ incomplete: 10, missing: 40 }), toVisit({ incomplete: null, missing: 4 })], [50, null]);
});

test('a paper has a line for each room and each storey with rooms missing', () => {
  const found = lines(groupsOf([room(1, 2), room(2, 1, { task_id: 4 })], [gap(null)]));
  assert.deepEqual(found.map(({ floor, room: number, lacks, assigned }) => [floor, number, lacks, assigned]),
    [[1, '102', 0, true], [2, '201', 0, false], [null, null, 2, false]]);
});

function pageWith(answers) {
  const store = new Store({ nextFrame: () => {}, initial: structuredClone(INITIAL) });
  const asked = [];
  const page = Object.assign(new EventTarget(), { hidden: false, documentElement: {}, location: { pathname: '/data', search: '' } });
  const ask = async (url, options) => {
    asked.push([url, options?.body]);
    const answer = answers(url, options);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const config = { urls: { survey: '/survey', surveyPlaces: '/places', rates: '/r' }, timeZone: 'Asia/Shanghai', mayAssign: true };
  return { store, asked, data: new DataPage({ config, store, page, history: { replaceState() {}, pushState() {} }, ask }) };
}

test('what is chosen is assigned until the end of the day, and what was refused stays chosen', async () => {
  const { store, asked, data } = pageWith((url, options) => {
    if (options?.method === 'POST') return { taken: 1, already_known: 0, refused: [{ index: 1, reason: 'gone', cure: '' }] };
    return url.startsWith('/places') ? { places: [] } : { rooms: [room(1, 1), room(2, 1)], gaps: [], next: null, required: ['area_m2'] };
  });
  await data.rooms.go('999001001002001');
  data.rooms.choose(['r1', 'r2']);
  data.rooms.setDue('2026-12-01');
  await data.rooms.assign();
  const [, body] = asked.find(([, sent]) => sent);
  assert.deepEqual(body, { rooms: [1, 2], buildings: [], due_at: '2026-12-01T15:59:59.000Z' });
  const { outcome, chosen, sending, list } = store.state.rooms;
  assert.deepEqual([outcome.taken, outcome.refused[0].key, [...chosen], sending, list.status], [1, 'r2', ['r2'], false, 'ready']);
});

test('when the server goes away in the middle, what it took is said and the rest stays chosen', async () => {
  let posts = 0;
  const { store, data } = pageWith((url, options) => {
    if (options?.method === 'POST') {
      posts += 1;
      return posts === 1 ? { taken: 1000, already_known: 0, refused: [] } : Object.assign(new Error('x'), { title: 'gone', detail: '', cure: '' });
    }
    return url.startsWith('/places') ? { places: [] } : { rooms: [], gaps: [], next: null, required: [] };
  });
  await data.rooms.go('999001001002001');
  data.rooms.choose(Array.from({ length: 1500 }, (_, id) => `r${id}`));
  await data.rooms.assign();
  const { outcome, fault, chosen } = store.state.rooms;
  assert.deepEqual([outcome.taken, fault.title, chosen.size, chosen.has('r1000'), chosen.has('r999')], [1000, 'gone', 500, true, false]);
});

test('a big place is read page by page until there is enough to look at, and to its end for a paper', async () => {
  const pages = 30;
  const { store, data } = pageWith((url) => {
    const after = Number(new URLSearchParams(url.split('?')[1]).get('after') || 0);
    const rooms = Array.from({ length: 500 }, (_, at) => ({ ...room(after * 500 + at, 1), building_id: after, building_code: `B${String(after).padStart(3, '0')}` }));
    return { rooms, gaps: [], next: after + 1 < pages ? String(after + 1) : null, required: [] };
  });
  await data.rooms.go('999001001002');
  assert.equal(store.state.rooms.list.groups.length, 4);
  assert.equal(store.state.rooms.list.next, '4');
  await data.rooms.more({ all: true });
  assert.deepEqual([store.state.rooms.list.groups.length, store.state.rooms.list.next], [pages, null]);
});

test('counts are read again while a section is looked at, and the list under somebody\u2019s hands stays', async () => {
  const { store, asked, data } = pageWith((url) => (url.startsWith('/places') ? { places: [] } : { rooms: [room(1, 1)], gaps: [], next: null, required: [] }));
  data.show('rooms');
  await new Promise((resolve) => { setTimeout(resolve, 0); });
  await data.rooms.go('999001001002001');
  data.rooms.choose(['r1']);
  const before = asked.length;
  data.refresh();
  await new Promise((resolve) => { setTimeout(resolve, 0); });
  assert.deepEqual(asked.slice(before).map(([url]) => url), ['/places?level=grid']);
  assert.deepEqual([[...store.state.rooms.chosen], store.state.rooms.list.groups.length], [['r1'], 1]);
  data.page.hidden = true;
  data.refresh();
  assert.equal(asked.length, before + 1);
});

test('the day that is set at first is the command centre\u2019s, also before eight in the morning', async () => {
  const { store, data } = pageWith(() => ({ places: [] }));
  store.now = () => Date.parse('2026-11-22T23:30:00Z'); // 07:30 on the 23rd in Shanghai
  await data.rooms.opened();
  assert.equal(store.state.rooms.due, '2026-12-23');
});
